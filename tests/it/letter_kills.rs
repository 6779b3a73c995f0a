//! Commands on letters killed at any moment: the same command again ends well, nothing is there
//! twice, and ledger and documents are those of a life without kills.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use crate::letters::{CENTRE, demo, document, documents, letters, list};
use crate::support::{contents, copy, pingan};

/// Kills, unless `PINGAN_LETTER_KILLS` says how many.
const KILLS: usize = 60;

/// The steps of two letters, the second edited by hand, in order.
fn steps<'a>(id: &'a str, edited: &'a str) -> Vec<Vec<&'a str>> {
    let mut steps = Vec::new();
    for id in [id, edited] {
        let by = ["--by", CENTRE, "--on", "2026-02-02"];
        steps.extend([
            [&["approve", id][..], &by].concat(),
            [&["approve", id, "--reply-by", "2026-02-27"][..], &by].concat(),
            [&["approve", id, "--reply-by", "2026-02-28"][..], &by].concat(),
            [&["issue", id][..], &by].concat(),
            vec!["verify"],
            vec!["receive", id, "--on", "2026-02-03"],
            vec!["feedback", id, "--measures", "逐村排查", "--on", "2026-02-05"],
            vec![
                "feedback",
                id,
                "--note",
                "已排查",
                "--figures",
                "排查=12",
                "--measures",
                "隐患整治=3",
                "--on",
                "2026-02-10",
            ],
            vec!["close", id, "--note", "已办结", "--on", "2026-02-20"],
            vec!["verify"],
        ]);
    }
    steps
}

#[test]
fn a_killed_step_is_neither_stuck_nor_taken_twice() {
    let kills = std::env::var("PINGAN_LETTER_KILLS").map_or(KILLS, |n| n.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let fresh = demo(folder.path());
    let all = list(&fresh);
    let [id, edited] = [0, 1].map(|i| all[i]["letter_id"].as_str().unwrap());
    edit(&document(&fresh, edited));
    let whole = folder.path().join("whole");
    copy(&fresh, &whole);
    let begun = Instant::now();
    for step in steps(id, edited) {
        well(&whole, &step);
    }
    let takes = begun.elapsed().as_secs_f64() / steps(id, edited).len() as f64;
    let (expected, papers) = (contents(&whole), documents(&whole));

    let mut rng = ChaCha8Rng::seed_from_u64(11);
    let (mut done, mut killed, mut unfinished) = (0, 0, 0);
    while done < kills {
        let county = folder.path().join("killed");
        copy(&fresh, &county);
        for step in steps(id, edited) {
            for _ in 0..rng.random_range(0..3) {
                let before = state(&county);
                let moment = match rng.random_bool(0.5) {
                    true => Moment::After(takes * rng.random_range(0.0..1.2)),
                    false => Moment::Written(takes * rng.random_range(0.0..0.15)),
                };
                let was_killed = kill(&county, &step, &moment);
                killed += usize::from(was_killed);
                unfinished += usize::from(was_killed && state(&county) != before);
                done += 1;
            }
            well(&county, &step);
        }
        assert!(contents(&county) == expected, "other tables after {done} kills");
        assert!(documents(&county) == papers, "other documents after {done} kills");
        std::fs::remove_dir_all(&county).unwrap();
    }
    eprintln!("{done} kills: {killed} in time, {unfinished} of them after something was written");
    assert!(killed > kills / 4, "only {killed} of {done} were killed in time");
    assert!(unfinished > 0, "no kill fell between what a step writes");
}

/// A person changes a word of a draft.
fn edit(file: &Path) {
    let draft = std::fs::read(file).unwrap();
    std::fs::write(file, render::docx_replace(&draft, "情况", "状况").unwrap().0).unwrap();
}

/// Runs a step that must end well, and say so of what was done already.
fn well(county: &Path, step: &[&str]) {
    let output = letters(county, step);
    let said = String::from_utf8_lossy(&output.stdout);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{step:?}: {said}{error}");
    assert!(step[0] != "verify" || said.contains("holds"), "{said}");
}

/// When a step is killed.
enum Moment {
    /// So many seconds after its start.
    After(f64),
    /// So many seconds after it has written the first file.
    Written(f64),
}

/// Starts a step and kills it; whether it was not done by then.
fn kill(county: &Path, step: &[&str], moment: &Moment) -> bool {
    let before = state(county);
    let mut command = pingan();
    command.args(["-q", "-w", &county.to_string_lossy(), "letters"]).args(step);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let after = match moment {
        Moment::After(seconds) => seconds,
        Moment::Written(seconds) => {
            while child.try_wait().unwrap().is_none() && state(county) == before {
                std::thread::sleep(Duration::from_micros(200));
            }
            seconds
        }
    };
    std::thread::sleep(Duration::from_secs_f64(*after));
    let _ = child.kill();
    !child.wait().unwrap().success()
}

/// Names and lengths of what a step writes.
fn state(county: &Path) -> Vec<(String, u64)> {
    let mut files = Vec::new();
    for part in ["lake/ledger/_delta_log", "lake/letters/_delta_log", "out/letters", "out"] {
        for file in std::fs::read_dir(county.join(part)).unwrap().flatten() {
            let name = file.file_name().to_string_lossy().into_owned();
            // A temporary file may be gone again.
            let length = file.metadata().map_or(0, |about| about.len());
            files.push((format!("{part}/{name}"), length));
        }
    }
    files.sort();
    files
}
