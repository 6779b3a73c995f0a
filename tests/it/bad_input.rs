//! The table of bad input through the binary: the message, the exit code, and that the good rows of
//! the same file landed.

use std::path::Path;

use crate::bad_input_cases::{AREAS, Case, MAPPING, Outcome, cases};
use crate::support::{query, run};

#[test]
fn bad_input_through_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let all = cases();
    assert!(all.len() >= 40, "{} cases", all.len());
    let wrong: Vec<String> = all
        .iter()
        .enumerate()
        .filter_map(|(n, case)| {
            judge(&folder.path().join(n.to_string()), case)
                .err()
                .map(|why| format!("{}: {why}", case.name))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn judge(workspace: &Path, case: &Case) -> Result<(), String> {
    std::fs::create_dir_all(workspace.join("mappings")).unwrap();
    std::fs::write(workspace.join("areas.csv"), AREAS).unwrap();
    std::fs::write(workspace.join("mappings/disputes.toml"), MAPPING).unwrap();
    std::fs::write(workspace.join("pingan.toml"), "name = \"玉门市\"\ncounty = \"620981\"\n")
        .unwrap();
    std::fs::create_dir(workspace.join("inbox")).unwrap();
    let file = workspace.join("inbox").join(case.file);
    std::fs::write(&file, &case.bytes).unwrap();
    let ended = run(&[
        "-w",
        &workspace.to_string_lossy(),
        "--as-of",
        "2026-01-01T00:00:00Z",
        "ingest",
        "--strict",
        &file.to_string_lossy(),
    ]);
    let (code, out, error) = (
        ended.status.code(),
        String::from_utf8_lossy(&ended.stdout),
        String::from_utf8_lossy(&ended.stderr),
    );
    match &case.outcome {
        Outcome::Error(part) if code == Some(2) && error.contains(part) => Ok(()),
        Outcome::Error(part) => Err(format!("should exit 2 saying {part:?}: {code:?} {error}")),
        Outcome::Lands { ids, refusals } => {
            let expected = if refusals.is_empty() { 0 } else { 1 };
            let reasons = refusals.iter().all(|(row, reason, _)| {
                let named = [format!("row {row} "), format!("row {row}: ")];
                named.iter().any(|row| out.contains(row)) && out.contains(reason)
            });
            if code != Some(expected) || !reasons {
                return Err(format!(
                    "should exit {expected} naming the refusals: {code:?}\n{out}{error}"
                ));
            }
            let mut landed =
                query(workspace, "select event_id from disputes__all order by event_id");
            landed.retain(|id| !id.is_empty());
            let mut ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
            ids.sort();
            if landed == ids { Ok(()) } else { Err(format!("landed {landed:?}, not {ids:?}")) }
        }
    }
}
