//! What a shared folder holds besides data: it is left alone or named, and costs nothing.

use std::path::Path;

use crate::bad_input_cases::{AREAS, HEADER, MAPPING, good};
use crate::support::{query, stdout};

fn csv(id: &str) -> String {
    format!("{HEADER}\n{}\n", good(id).join(","))
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn what_is_no_delivery_is_left_lying_and_named_once() {
    let folder = tempfile::tempdir().unwrap();
    let inbox = folder.path().join("inbox");
    std::fs::create_dir_all(folder.path().join("mappings")).unwrap();
    std::fs::create_dir_all(inbox.join("1月/附件")).unwrap();
    std::fs::write(folder.path().join("areas.csv"), AREAS).unwrap();
    std::fs::write(folder.path().join("mappings/disputes.toml"), MAPPING).unwrap();
    let settings = "name = \"玉门市\"\ncounty = \"620981\"\n";
    std::fs::write(folder.path().join("pingan.toml"), settings).unwrap();
    let kept = ["~$台账.xlsx", ".~台账.xlsx", "Thumbs.db", "desktop.ini", "~WRL0003.tmp"];
    let unfinished = ["台账2.csv.crdownload", "台账3.csv.part", "台账4.xlsx.download"];
    for name in kept.iter().chain(&unfinished) {
        std::fs::write(inbox.join(name), "台账").unwrap();
    }
    std::fs::write(inbox.join("台账.csv"), csv("A1")).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        let name = encoding_rs::GB18030.encode("台账1月.csv").0;
        std::fs::write(inbox.join(std::ffi::OsStr::from_bytes(&name)), csv("A2")).unwrap();
    }
    let workspace = folder.path().to_string_lossy();
    let said = stdout(&["-w", &workspace, "--as-of", "2026-01-01T00:00:00Z", "ingest"]);
    for name in unfinished.iter().chain(&["1月"]) {
        let lines = said.lines().filter(|line| line.starts_with(&format!("{name}: left lying")));
        assert_eq!(lines.count(), 1, "{name}: {said}");
    }
    assert!(kept.iter().all(|name| !said.contains(name)), "{said}");
    let mut lying: Vec<&str> = [&kept[..], &unfinished, &["done", "1月"]].concat();
    lying.sort_unstable();
    assert_eq!(names(&inbox), lying);
    #[cfg(unix)]
    assert_eq!(names(&inbox.join("done")), ["台账.csv", "台账1月.csv"]);
    let landed = query(folder.path(), "select event_id from disputes__all order by event_id");
    assert_eq!(landed[0], "A1");
}
