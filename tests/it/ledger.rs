//! Whoever has the files in hand tampers with ledger and issued letters: `verify` names it, nothing
//! is mended over it, and a head that left the workspace finds what is made to fit within it.

use std::fs;
use std::path::{Path, PathBuf};

use datafusion::arrow::array::RecordBatch;
use render::docx_replace;

use crate::letters::{
    CENTRE, NIGHT, demo, document, done, hashed_anew, letters, list, refused, rewrite,
    rewrite_noting, texts, with_texts,
};
use crate::support::{copy, pingan, query, run, stdout};

/// A workspace with an answered letter, one that a person edited and that was issued, and drafts;
/// and copies of it from before.
struct County {
    folder: tempfile::TempDir,
    answered: String,
    edited: String,
    draft: String,
}

/// A tampering, how it is done, and what `verify` says of it.
type Case<'a, Says> = (&'static str, Box<dyn Fn(&Path) + 'a>, Says);

impl County {
    fn new() -> County {
        let folder = tempfile::tempdir().unwrap();
        let county = demo(folder.path());
        let ids: Vec<String> =
            list(&county).iter().map(|l| l["letter_id"].as_str().unwrap().to_owned()).collect();
        let [answered, edited, draft] = [0, 1, 2].map(|i| ids[i].clone());
        copy(&county, &folder.path().join("drafted"));
        for id in [&answered, &edited] {
            let file = document(&county, id);
            if *id == edited {
                let text = fs::read(&file).unwrap();
                fs::write(&file, docx_replace(&text, "情况", "状况").unwrap().0).unwrap();
            }
            done(&county, &["approve", id, "--by", CENTRE, "--on", "2026-02-02"]);
            done(&county, &["issue", id, "--by", CENTRE, "--on", "2026-02-02"]);
        }
        copy(&county, &folder.path().join("issued"));
        done(&county, &["receive", &answered, "--on", "2026-02-03"]);
        done(&county, &["feedback", &answered, "--note", "未排查", "--on", "2026-02-10"]);
        County { folder, answered, edited, draft }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("county")
    }

    /// A fresh copy to tamper with.
    fn copied(&self) -> PathBuf {
        let copied = self.folder.path().join("tampered");
        let _ = fs::remove_dir_all(&copied);
        copy(&self.path(), &copied);
        copied
    }

    /// Puts parts of the workspace back to where they were at a copy.
    fn put_back(&self, county: &Path, then: &str, parts: &[&str]) {
        for part in parts {
            let (from, to) = (self.folder.path().join(then).join(part), county.join(part));
            if to.is_dir() {
                fs::remove_dir_all(&to).unwrap();
                copy(&from, &to);
            } else {
                fs::copy(&from, &to).unwrap();
            }
        }
    }
}

/// What `verify` says of a workspace in which something is wrong.
fn wrong(county: &Path, args: &[&str]) -> String {
    let output = letters(county, &[&["verify", "--format", "csv"], args].concat());
    let said = String::from_utf8(output.stdout).unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{args:?}: {said}{error}");
    assert!(!said.contains("holds,"), "{said}");
    said
}

/// Removes the newest commits of the ledger's log.
fn cut_log(county: &Path, commits: usize) {
    let log = county.join("lake/ledger/_delta_log");
    let mut files: Vec<PathBuf> =
        fs::read_dir(log).unwrap().map(|f| f.unwrap().path()).filter(|f| f.is_file()).collect();
    files.sort();
    files.iter().rev().take(commits).for_each(|f| fs::remove_file(f).unwrap());
}

/// Rewrites the answer, with every hash computed anew, as `append` would have written it.
fn rewrite_answer(county: &Path) {
    rewrite(county, |batch: &RecordBatch| {
        let notes = texts(batch, "note").iter().map(|n| n.replace("未排查", "已排查")).collect();
        hashed_anew(&with_texts(batch, &[("note", notes)]))
    });
}

fn remove(county: &Path, parts: &[&str]) {
    for part in parts {
        let path = county.join(part);
        if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
    }
}

#[test]
fn a_ledger_cut_off_put_back_or_written_anew_is_found_and_not_mended_over() {
    let county = County::new();
    let drafts = list(&county.path()).len();
    // Per commit: approval and issue of two letters, receipt, answer.
    let cut = |n: usize| move |at: &Path| cut_log(at, n);
    let back = |then: &'static str, parts: &'static [&'static str]| {
        let county = &county;
        move |at: &Path| county.put_back(at, then, parts)
    };
    let gone = |parts: &'static [&'static str]| move |at: &Path| remove(at, parts);
    let cases: Vec<Case<&str>> = vec![
        ("newest log file", Box::new(cut(1)), "the table letters noted"),
        ("two log files", Box::new(cut(2)), "the table letters noted"),
        ("all since the drafts", Box::new(cut(6)), "the table letters noted"),
        ("all log files but the first", Box::new(cut(7)), "has 0 rows"),
        ("the whole log", Box::new(cut(99)), "out/ledger-head.txt noted"),
        ("older ledger", Box::new(back("issued", &["lake/ledger"])), "older ledger"),
        ("much older ledger", Box::new(back("drafted", &["lake/ledger"])), "older ledger"),
        (
            "older ledger and letters",
            Box::new(back("issued", &["lake/ledger", "lake/letters"])),
            "out/ledger-head.txt noted",
        ),
        (
            "older ledger and head",
            Box::new(back("drafted", &["lake/ledger", "out/ledger-head.txt"])),
            "the table letters noted",
        ),
        ("older lake", Box::new(back("issued", &["lake"])), "out/ledger-head.txt noted"),
        ("folder removed", Box::new(gone(&["lake/ledger"])), "has 0 rows"),
        (
            "folder and letters removed",
            Box::new(gone(&["lake/ledger", "lake/letters"])),
            "has 0 rows, out/ledger-head.txt noted",
        ),
        (
            "folder and head removed",
            Box::new(gone(&["lake/ledger", "out/ledger-head.txt"])),
            "has 0 rows, the table letters noted",
        ),
        ("log removed", Box::new(gone(&["lake/ledger/_delta_log"])), "has 0 rows"),
        (
            "files of the rows removed",
            Box::new(|at: &Path| {
                for file in fs::read_dir(at.join("lake/ledger")).unwrap() {
                    let file = file.unwrap().path();
                    let _ = file.is_file().then(|| fs::remove_file(file).unwrap());
                }
            }),
            "is gone",
        ),
        ("answer rewritten", Box::new(rewrite_answer), "is not the one that"),
        (
            "answer rewritten, head removed",
            Box::new(|at: &Path| {
                rewrite_answer(at);
                remove(at, &["out/ledger-head.txt"]);
            }),
            "is not the one that the table letters noted",
        ),
        (
            "answer rewritten, letters removed",
            Box::new(|at: &Path| {
                rewrite_answer(at);
                remove(at, &["lake/letters"]);
            }),
            "is not the one that out/ledger-head.txt noted",
        ),
        (
            "last row cut off, also in the log",
            Box::new(|at: &Path| {
                let cut = |batch: &RecordBatch| batch.slice(0, batch.num_rows() - 1);
                rewrite_noting(at, cut, |batch| Some(batch.num_rows()));
            }),
            "the table letters noted",
        ),
        (
            "head of nothing",
            Box::new(|at: &Path| fs::write(at.join("out/ledger-head.txt"), "99 rows").unwrap()),
            "does not tell rows and head",
        ),
    ];
    for (name, tamper, says) in cases {
        let copied = county.copied();
        tamper(&copied);
        let before = copied
            .join("lake/letters")
            .is_dir()
            .then(|| query(&copied, "select letter_id, status from letters order by letter_id"));
        for time in ["first", "second"] {
            let said = wrong(&copied, &[]);
            assert!(said.contains(says), "{name}, {time}: {said}");
        }
        for args in [
            vec!["list"],
            vec!["show", &county.answered],
            vec!["approve", &county.draft, "--by", CENTRE, "--on", "2026-02-20"],
            vec!["close", &county.answered, "--note", "已办结"],
        ] {
            let refusal = refused(&copied, &args);
            assert!(
                refusal.contains("backup") || refusal.contains("last night"),
                "{name}: {refusal}"
            );
        }
        if let Some(before) = before {
            assert!(before.len() >= drafts, "{name}");
            let after = query(&copied, "select letter_id, status from letters order by letter_id");
            assert_eq!(before, after, "{name}: the table was mended over it");
        }
        assert_eq!(run(&["-w", &copied.to_string_lossy(), "check"]).status.code(), Some(1));
    }
    // Neither does a night go on over it.
    let copied = county.copied();
    county.put_back(&copied, "issued", &["lake/ledger"]);
    let night = run(&["-w", &copied.to_string_lossy(), "nightly", "--date", NIGHT]);
    let error = String::from_utf8_lossy(&night.stderr);
    assert!(night.status.code() == Some(2) && error.contains("older ledger"), "{error}");
}

#[test]
fn issued_documents_are_those_that_went_out() {
    let county = County::new();
    let (answered, edited, draft) = (&county.answered, &county.edited, &county.draft);
    let page = |at: &Path, id: &str| document(at, id).with_extension("html");
    let change = |file: &Path| {
        let text = fs::read(file).unwrap();
        let changed = match file.extension().is_some_and(|e| e == "docx") {
            true => docx_replace(&text, "纠纷", "警情").unwrap().0,
            false => String::from_utf8(text).unwrap().replace("纠纷", "警情").into_bytes(),
        };
        fs::write(file, changed).unwrap();
    };
    let cases: Vec<Case<String>> = vec![
        (
            "text of the DOCX",
            Box::new(|at| change(&document(at, answered))),
            format!("{answered}.docx is not as it was issued"),
        ),
        (
            "text of the page",
            Box::new(|at| change(&page(at, answered))),
            format!("{answered}.html is not as it was issued"),
        ),
        (
            "text of the DOCX of a letter edited by hand",
            Box::new(|at| change(&document(at, edited))),
            format!("{edited}.docx is not as it was issued"),
        ),
        (
            "a byte of the DOCX",
            Box::new(|at| {
                let mut bytes = fs::read(document(at, answered)).unwrap();
                let last = bytes.len() - 1;
                bytes[last] ^= 1;
                fs::write(document(at, answered), bytes).unwrap();
            }),
            format!("{answered}.docx is not as it was issued"),
        ),
        (
            "another letter's DOCX",
            Box::new(|at| {
                fs::copy(document(at, edited), document(at, answered)).unwrap();
            }),
            format!("{answered}.docx is not as it was issued"),
        ),
        (
            "a page beside a letter edited by hand",
            Box::new(|at| {
                fs::copy(page(at, answered), page(at, edited)).unwrap();
            }),
            format!("{edited}.html is not among the documents issued"),
        ),
        (
            "the DOCX of a letter edited by hand gone",
            Box::new(|at| fs::remove_file(document(at, edited)).unwrap()),
            format!("{edited}.docx is gone"),
        ),
        (
            "a page of no letter",
            Box::new(|at| {
                fs::copy(page(at, answered), page(at, "620981000-made-up")).unwrap();
            }),
            "620981000-made-up.html is of no letter".to_owned(),
        ),
        (
            "a draft that bears a code",
            Box::new(|at| {
                fs::copy(page(at, answered), page(at, draft)).unwrap();
            }),
            format!("{draft}.html bears a verification code"),
        ),
        (
            "another draft that bears a code",
            Box::new(|at| {
                fs::copy(document(at, answered), document(at, draft)).unwrap();
            }),
            format!("{draft}.docx bears a verification code"),
        ),
        (
            "gone, and words changed since",
            Box::new(|at| {
                fs::remove_file(document(at, answered)).unwrap();
                let rules = include_str!("../../models/warnings.toml");
                let rules = rules.replace("contact = \"\"", "contact = \"值班室\"");
                fs::write(at.join("models/warnings.toml"), rules).unwrap();
            }),
            format!("{answered}.docx is not there as it was issued"),
        ),
    ];
    for (name, tamper, says) in cases {
        let copied = county.copied();
        tamper(&copied);
        for time in ["first", "second"] {
            let said = wrong(&copied, &[]);
            assert!(said.contains(&says), "{name}, {time}: {said}");
        }
    }
    // One that is gone is written again as it was; a draft may be edited.
    let copied = county.copied();
    let issued = [document(&copied, answered), page(&copied, answered)].map(|f| {
        let bytes = fs::read(&f).unwrap();
        fs::remove_file(&f).unwrap();
        (f, bytes)
    });
    change(&document(&copied, draft));
    done(&copied, &["verify"]);
    assert!(issued.into_iter().all(|(file, bytes)| fs::read(file).unwrap() == bytes));
}

#[test]
fn letters_that_an_earlier_version_issued_are_followed_by_number_and_code() {
    let county = County::new();
    let copied = county.folder.path().join("earlier");
    copy(&county.folder.path().join("issued"), &copied);
    // It noted neither heads nor hashes. The codes of letters are those of the chain, so that only
    // the first letter's stays.
    let without = |batch: &RecordBatch| {
        let rows = texts(batch, "step").iter().position(|step| step == "issue").unwrap() + 1;
        batch.slice(0, rows)
    };
    rewrite_noting(&copied, without, |batch| Some(batch.num_rows()));
    remove(&copied, &["lake/letters", "out/ledger-head.txt"]);
    let (file, edited) = (document(&copied, &county.answered), document(&copied, &county.edited));
    let issued = fs::read(&file).unwrap();
    for format in ["docx", "html"] {
        let draft = format!("out/letters/{}.{format}", county.edited);
        county.put_back(&copied, "drafted", &[&draft]);
    }
    done(&copied, &["verify"]);
    assert!(edited.exists() && copied.join("out/ledger-head.txt").exists());
    for state in ["gone", "still the draft"] {
        fs::remove_file(&file).unwrap();
        if state == "still the draft" {
            let draft = format!("out/letters/{}.docx", county.answered);
            fs::copy(county.folder.path().join("drafted").join(draft), &file).unwrap();
        }
        done(&copied, &["list"]);
        assert!(fs::read(&file).unwrap() == issued, "{state}");
    }
    fs::copy(&edited, &file).unwrap();
    assert!(wrong(&copied, &[]).contains("does not bear"));
    fs::write(&file, issued).unwrap();
    done(&copied, &["receive", &county.answered, "--on", "2026-02-03"]);
    done(&copied, &["verify"]);
}

#[test]
fn a_head_that_left_the_workspace_finds_what_was_made_to_fit() {
    let county = County::new();
    let head = |at: &Path| {
        let line = fs::read_to_string(at.join("out/ledger-head.txt")).unwrap();
        line.trim().rsplit(' ').next().unwrap().to_owned()
    };
    let (path, now) = (county.path(), head(&county.path()));
    let then = ["drafted", "issued"].map(|name| head(&county.folder.path().join(name)));
    for passed in then.iter().chain([&now, &now[..16].to_owned(), &now.to_uppercase()]) {
        assert!(done(&path, &["verify", "--head", passed]).contains("passed"), "{passed}");
    }
    let show = done(&path, &["show", &county.answered, "--format", "json"]);
    let show: serde_json::Value = serde_json::from_str(&show).unwrap();
    let code = show["code"].as_str().unwrap();
    assert!(done(&path, &["verify", code, "--head", code]).contains("genuine"));
    for none in ["", "abc", "0123456789abcde", "g123456789abcdef", &format!("{now}0")] {
        assert!(refused(&path, &["verify", "--head", none]).contains("--head"), "{none}");
    }
    // The night prints it: whoever keeps that, keeps the head.
    let night = stdout(&["-w", &path.to_string_lossy(), "nightly", "--date", "2026-01-15"]);
    assert!(night.contains(&format!("head {now}")), "{night}");

    // The answer rewritten, and all that was noted made to fit: the workspace holds in itself.
    let copied = county.copied();
    rewrite_answer(&copied);
    remove(&copied, &["lake/letters", "out/ledger-head.txt"]);
    mend(&copied);
    assert!(done(&copied, &["verify", "--head", &then[1]]).contains("passed"), "it was before");
    assert!(wrong(&copied, &["--head", &now]).contains("never passed through"));
    // The same with an older ledger, and with the whole workspace put back.
    let copied = county.copied();
    county.put_back(&copied, "issued", &["lake", "out"]);
    done(&copied, &["verify"]);
    assert!(wrong(&copied, &["--head", &now]).contains("never passed through"));
    let copied = county.copied();
    county.put_back(&copied, "drafted", &["lake", "out"]);
    done(&copied, &["verify"]);
    assert!(wrong(&copied, &["--head", code]).contains("never passed through"));
}

/// Lets a command write what is missing of a ledger whose log says how many rows it has.
fn mend(county: &Path) {
    done(county, &["list"]);
    done(county, &["verify"]);
}

#[test]
fn a_verification_beside_other_commands_never_finds_their_work_half_done() {
    let folder = tempfile::tempdir().unwrap();
    let county = demo(folder.path());
    let ids: Vec<String> =
        list(&county).iter().map(|l| l["letter_id"].as_str().unwrap().to_owned()).collect();
    let w = county.to_string_lossy().into_owned();
    let start = |args: &[&str]| {
        let mut command = pingan();
        command.args(["-q", "-w", &w, "letters"]).args(args);
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        command.spawn().unwrap()
    };
    for id in &ids {
        for step in [
            &["approve", id, "--by", CENTRE, "--on", "2026-02-02"][..],
            &["approve", id, "--by", CENTRE, "--on", "2026-02-02", "--reply-by", "2026-03-01"],
            &["issue", id, "--by", CENTRE, "--on", "2026-02-02"],
            &["receive", id, "--on", "2026-02-03"],
            &["feedback", id, "--note", "已排查", "--on", "2026-02-10"],
        ] {
            let beside = [&["verify"][..], step, &["verify"], &["list"]].map(start);
            for mut child in beside {
                assert!(child.wait().unwrap().success(), "{step:?}");
            }
        }
    }
    assert!(list(&county).iter().all(|l| l["status"] == "feedback"));
    done(&county, &["verify"]);
}
