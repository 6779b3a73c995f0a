//! Mappings and words of a workspace that cannot be used: what they spoil, and what `check` says.

use std::path::Path;

use crate::bad_input_cases::{AREAS, HEADER, MAPPING, good};
use crate::support::{query, run, stdout};

/// A workspace with one department's mapping, which is for files named `台账…`.
fn workspace() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let settings = "name = \"玉门市\"\ncounty = \"620981\"\n";
    put(folder.path(), "pingan.toml", settings);
    put(folder.path(), "areas.csv", AREAS);
    put(folder.path(), "mappings/disputes.toml", MAPPING);
    folder
}

fn put(folder: &Path, name: &str, text: &str) {
    let file = folder.join(name);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, text).unwrap();
}

/// The mapping of another department, which is for these files.
fn petitions(files: &str) -> String {
    let text = MAPPING.replace("disputes", "petitions").replace("turned_criminal = \"刑转\"\n", "");
    text.replacen("\"台账*\"", files, 1)
}

/// What `check` prints, one remark a line.
fn check(folder: &Path) -> String {
    let output = run(&["-w", &folder.to_string_lossy(), "--format", "csv", "check"]);
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_broken_mapping_leaves_the_files_of_other_departments_alone() {
    let folder = workspace();
    let row = |id: &str| format!("{HEADER}\n{}\n", good(id).join(","));
    let mended = MAPPING.replacen("台账*", "信访*", 1);
    let broken = mended.replace("\"编号\"", "编号");
    put(folder.path(), "mappings/a_petitions.toml", &broken);
    put(folder.path(), "inbox/台账.csv", &row("A1"));
    put(folder.path(), "inbox/信访.csv", &row("A2"));
    let w = folder.path().to_string_lossy();
    let command = ["-w", &w, "--as-of", "2026-01-01T00:00:00Z", "ingest"];
    assert_eq!(run(&command).status.code(), Some(1));
    assert_eq!(query(folder.path(), "select event_id from disputes__all"), ["A1"]);
    let inbox = folder.path().join("inbox");
    assert!(inbox.join("done/台账.csv").is_file() && inbox.join("failed/信访.csv").is_file());
    let report = std::fs::read_to_string(inbox.join("failed/信访.csv.report.txt")).unwrap();
    assert!(report.contains("a_petitions.toml:4"), "{report}");
    // Mended, the file that failed lands.
    put(folder.path(), "mappings/a_petitions.toml", &mended);
    std::fs::rename(inbox.join("failed/信访.csv"), inbox.join("信访.csv")).unwrap();
    stdout(&command);
    assert_eq!(query(folder.path(), "select event_id from disputes__all order by 1"), ["A1", "A2"]);
}

/// Each pair of mappings for the same file is named once, whatever their domains.
#[test]
fn check_names_mappings_that_claim_the_same_file() {
    for (files, also, such) in [
        ("\"台账*\"", false, Some("台账")),
        ("\"*.csv\"", false, Some("台账.csv")),
        ("\"信访*\", \"*1月*\"", false, Some("台账1月")),
        ("\"?账.xlsx\"", false, Some("台账.xlsx")),
        ("\"*\"", false, Some("台账")),
        ("\"信访*\"", false, None),
        ("\"*\"", true, None),
    ] {
        let folder = workspace();
        let also = if also { "also = true\n" } else { "" };
        put(folder.path(), "mappings/petitions.toml", &format!("{also}{}", petitions(files)));
        let checked = check(folder.path());
        let named: Vec<&str> = checked.lines().filter(|l| l.contains("are both for")).collect();
        assert_eq!(named.len(), usize::from(such.is_some()), "{files}: {checked}");
        for (line, such) in named.iter().zip(such) {
            assert!(line.contains(&format!("files such as {such}")), "{line}");
            assert!(line.contains("disputes.toml") && line.contains("petitions.toml"), "{line}");
        }
    }
}

/// Files of words and headers that cannot be used are found before a night needs them.
#[test]
fn check_finds_broken_words_and_headers() {
    let letter = include_str!("../../reports/letter/words.toml");
    let month = include_str!("../../reports/month/words.toml");
    for (name, text) in [
        ("reports/letter/words.toml", letter.replace("{{ area }}", "{{ aera }}")),
        ("reports/letter/words.toml", letter.replacen("[words]", "[word]", 1)),
        ("reports/letter/words.toml", "[words\n".into()),
        ("reports/month/words.toml", month.replace("{{ county }}", "{{ conty }}")),
        ("reports/month/words.toml", "[words\n".into()),
        ("models/headers.toml", "[headers\n".into()),
        ("models/headers.toml", "no_such_key = 1\n".into()),
        ("models/notes.toml", "words = [\n".into()),
        ("models/notes.toml", "no_such_key = 1\n".into()),
        ("mappings/disputes.toml", "[columns\n".into()),
    ] {
        let folder = workspace();
        assert!(!check(folder.path()).contains(name), "{name}");
        put(folder.path(), name, &text);
        let checked = check(folder.path());
        assert!(checked.lines().any(|line| line.contains(name)), "{name}: {checked}");
    }
}
