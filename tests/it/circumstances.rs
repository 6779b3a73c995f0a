//! `circumstances.csv` from outside: a storm that is noted, set aside, or said wrongly.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{contents, copy, query, run, stdout};

const NIGHT: &str = "2025-07-23";
const HEADER: &str = "from,to,areas,domains,what,effect\n";
const STORM: &str = "2025-07-16,2025-07-18,,,台风“海葵”";

/// A county of 16 townships with a storm from 16 to 18 July in half of them, all of it delivered.
fn county(folder: &Path) -> PathBuf {
    let county = folder.join("county");
    let dir = county.to_string_lossy().into_owned();
    let days = ["--from", "2024-01-01", "--to", NIGHT, "--inbox-from", "2025-06-01"];
    let size = ["--county", "620981", "--events", "6000", "--habit", "storm:disputes"];
    stdout(&[&["-q", "synth"], &days[..], &size, &[&dir]].concat());
    for night in std::fs::read_dir(county.join("deliveries")).unwrap() {
        copy(&night.unwrap().path(), &county.join("inbox"));
    }
    county
}

/// A copy of the county with such rows of circumstances, and what its night says.
fn night(county: &Path, name: &str, file: Option<&str>) -> (PathBuf, String) {
    let root = county.with_file_name(name);
    copy(county, &root);
    if let Some(file) = file {
        std::fs::write(root.join("circumstances.csv"), file).unwrap();
    }
    let said = stdout(&["-w", &root.to_string_lossy(), "nightly", "--date", NIGHT]);
    (root, said)
}

/// Notes of the drafts.
fn drafts(root: &Path) -> Vec<Value> {
    let dir = root.to_string_lossy();
    let sql = "select note from ledger where step = 'draft' order by seq";
    let rows = stdout(&["-w", &dir, "--format", "json", "query", sql]);
    let rows: Vec<Value> = serde_json::from_str(&rows).unwrap();
    rows.iter().map(|row| serde_json::from_str(row["note"].as_str().unwrap()).unwrap()).collect()
}

fn letters(root: &Path) -> Vec<(String, Vec<u8>)> {
    let Ok(entries) = std::fs::read_dir(root.join("out/letters")) else { return Vec::new() };
    let read = |e: std::fs::DirEntry| {
        (e.file_name().to_string_lossy().into_owned(), std::fs::read(e.path()).unwrap())
    };
    let mut read: Vec<(String, Vec<u8>)> = entries.map(|e| read(e.unwrap())).collect();
    read.sort();
    read
}

#[test]
fn a_storm_is_told_by_its_days_and_may_be_noted_or_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let county = county(folder.path());
    let (none, said) = night(&county, "none", None);
    assert!(said.contains("drafted") && !said.contains("set aside"), "{said}");
    let storm = |facts: &Value| {
        let burst = |rise: &Value| {
            let burst = &rise["timing"]["burst"];
            let day = |key: &str| burst[key].as_str().unwrap_or_default().to_owned();
            (day("from"), day("to")) == ("2025-07-16".to_owned(), "2025-07-18".to_owned())
        };
        facts["risen"].as_array().unwrap().iter().any(burst)
    };
    let drafted = drafts(&none);
    let of_storm: Vec<&Value> = drafted.iter().filter(|facts| storm(facts)).collect();
    assert!(2 * of_storm.len() > drafted.len() && of_storm.len() >= 6, "{drafted:#?}");
    let told = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains("集中在7月16日至18日的3天内");
    let pages = letters(&none).into_iter().filter(|(name, _)| name.ends_with(".html"));
    assert_eq!(pages.filter(|(_, bytes)| told(bytes)).count(), of_storm.len());

    // A file without rows is as none.
    let (empty, _) = night(&county, "empty", Some(HEADER));
    assert_eq!(contents(&empty), contents(&none));
    assert_eq!(letters(&empty), letters(&none));

    // A note stands in every letter of its days, and changes no finding; what is set aside is found
    // all the same, and opens nothing.
    let rows = "2025-07-16,2025-07-18,玉门镇,,台风“海葵”,不计\n2025-07-16,2025-07-18,,,暴雨,note\n";
    let (both, said) = night(&county, "both", Some(&format!("{HEADER}{rows}")));
    let findings = |root: &Path| {
        let sql = "select area_code, domain, category, kind, period_start, observed, q \
                   from findings order by 1, 2, 3, 4, 5";
        query(root, sql)
    };
    assert_eq!(findings(&both), findings(&none));
    assert!(said.contains("set aside, so that no warning opens: "), "{said}");
    assert!(said.contains(" by 台风“海葵”"), "{said}");
    let in_town = |facts: &&Value| facts["area_code"] == "620981101";
    assert!(drafted.iter().any(|facts| in_town(&facts)));
    let elsewhere: Vec<&Value> = drafted.iter().filter(|facts| !in_town(facts)).collect();
    let around = drafts(&both);
    // The county's part of a rise is another without the town: a letter that it covers now waits.
    let warned = query(&both, "select distinct area_code from warnings");
    let (mut same, mut waiting) = (Vec::new(), 0);
    for plain in elsewhere {
        match around.iter().find(|facts| facts["area_code"] == plain["area_code"]) {
            Some(facts) => same.push((facts, plain)),
            None => {
                waiting += 1;
                assert!(
                    warned.iter().any(|code| plain["area_code"] == code.as_str()),
                    "{warned:?}"
                );
            }
        }
    }
    assert!(same.len() >= around.len() && waiting <= 1, "{waiting} of {} wait", around.len());
    for (facts, plain) in same {
        assert_eq!(facts["circumstances"][0]["what"], "暴雨");
        assert!(plain["circumstances"].is_null());
    }
}

#[test]
fn check_says_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let county = folder.path().join("county");
    let dir = county.to_string_lossy().into_owned();
    stdout(&["-q", "init", &dir, "--county", "620981"]);
    let check = |rows: &str| {
        std::fs::write(county.join("circumstances.csv"), format!("{HEADER}{rows}")).unwrap();
        let checked = run(&["-w", &dir, "check"]);
        String::from_utf8_lossy(&checked.stdout).into_owned()
    };
    assert!(!check(&format!("{STORM},note\n")).contains("circumstances.csv"));
    let said = check(&format!("{STORM},note\n{STORM},nothing\n"));
    for part in ["circumstances.csv:3", "effect is none", "give note (注明) or set aside (不计)"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
}
