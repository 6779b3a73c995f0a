//! A night killed at any moment and run again ends in the same tables.

use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng};

use crate::support::{contents, copy, pingan, stdout};

/// Moments at which the night is killed.
const MOMENTS: usize = 50;

#[test]
fn a_killed_night_is_finished_by_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let fresh = folder.path().join("fresh");
    stdout(&[
        "synth",
        &fresh.to_string_lossy(),
        "--county",
        "620981",
        "--from",
        "2024-07-01",
        "--to",
        "2025-06-30",
        "--events",
        "1500",
    ]);
    let whole = folder.path().join("whole");
    copy(&fresh, &whole);
    // Persons are hashed with a key of the workspace, so all copies must have the same one.
    std::fs::write(fresh.join("party.key"), [7; 32]).unwrap();
    set_private(&fresh.join("party.key"));
    std::fs::copy(fresh.join("party.key"), whole.join("party.key")).unwrap();
    let begun = Instant::now();
    assert!(night(&whole).wait().unwrap().success());
    let takes = begun.elapsed();
    let expected = contents(&whole);
    assert!(expected.len() > 1500, "{}", expected.len());

    let mut rng = rand::rngs::ChaCha8Rng::seed_from_u64(4);
    let mut killed = 0;
    for moment in 0..MOMENTS {
        let copied = folder.path().join(format!("killed-{moment}"));
        copy(&fresh, &copied);
        let mut child = night(&copied);
        std::thread::sleep(Duration::from_secs_f64(
            takes.as_secs_f64() * rng.random_range(0.0..1.0),
        ));
        let _ = child.kill();
        killed += usize::from(!child.wait().unwrap().success());
        assert!(
            night(&copied).wait().unwrap().success(),
            "the night after the kill at moment {moment}"
        );
        let found = contents(&copied);
        assert!(found == expected, "moment {moment}: {}", first_difference(&found, &expected));
        std::fs::remove_dir_all(&copied).unwrap();
    }
    assert!(killed > MOMENTS / 2, "only {killed} nights were killed in time");
}

/// Not the night that ends a month: it looks for associations, which takes most of it.
fn night(workspace: &Path) -> Child {
    let mut command = pingan();
    command.args(["-q", "-w", &workspace.to_string_lossy(), "nightly", "--date", "2025-07-01"]);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn set_private(file: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).unwrap();
}

fn first_difference(found: &[String], expected: &[String]) -> String {
    let extra: Vec<&String> = found.iter().filter(|l| !expected.contains(l)).take(3).collect();
    let missing: Vec<&String> = expected.iter().filter(|l| !found.contains(l)).take(3).collect();
    format!(
        "{} rows, {} expected; not expected: {extra:#?}; missing: {missing:#?}",
        found.len(),
        expected.len()
    )
}
