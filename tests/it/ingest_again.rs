//! Files that come again: what was refused may land then, nothing lands twice, and ids that begin
//! anew are seen.

use std::path::Path;

use crate::support::{query, run, stdout};

const AREAS: &str = "code,name,level,parent,population\n620981,玉门市,county,,\n620981101,赤金镇,township,620981,20000\n";
const MAPPING: &str = "domain = \"disputes\"\nfiles = [\"台账*\"]\n[columns]\nevent_id = \"编号\"\noccurred_at = \"日期\"\n\
    area_code = \"乡镇\"\ncategory = \"类型\"\npersons = \"人数\"\n";

fn workspace(root: &Path) -> String {
    for (file, text) in [
        ("pingan.toml", "name = \"玉门市\"\ncounty = \"620981\"\n"),
        ("areas.csv", AREAS),
        ("mappings/disputes.toml", MAPPING),
    ] {
        let file = root.join(file);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
    root.to_str().unwrap().to_owned()
}

fn ingest(w: &str, clock: &str, file: &Path) -> String {
    let output = run(&["-w", w, "--as-of", clock, "ingest", file.to_str().unwrap()]);
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

/// What the lake holds: events, versions, refusals.
fn counts(root: &Path) -> Vec<String> {
    ["disputes", "disputes__all", "rejected"]
        .map(|table| query(root, &format!("select count(*) from {table}")).remove(0))
        .to_vec()
}

#[test]
fn what_was_refused_lands_when_the_fault_is_mended_and_nothing_lands_twice() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let w = workspace(root);
    let file = root.join("台账.csv");
    let rows = [
        "A1,2026-01-05,赤金镇,邻里,2",
        // The register lacks the township, the list the word, the clock the day.
        "A2,2026-01-05,花海镇,邻里,2",
        "A3,2026-01-05,赤金镇,水事,2",
        "A4,2026-02-20,赤金镇,邻里,2",
        // Twice, and never right.
        "A1,2026-01-05,赤金镇,邻里,2",
        "A5,2026-01-32,赤金镇,邻里,2",
        // Lands, with an empty cell.
        "A6,2026-01-06,赤金镇,邻里,两人",
    ];
    std::fs::write(&file, format!("编号,日期,乡镇,类型,人数\n{}\n", rows.join("\n"))).unwrap();
    let said = ingest(&w, "2026-01-31", &file);
    assert!(said.contains("2 of 7 rows accepted"), "{said}");
    assert_eq!(counts(root), ["2", "2", "6"]);
    // Nothing is mended: nothing is done.
    let said = ingest(&w, "2026-01-31", &file);
    assert!(said.contains("had landed in disputes before, nothing done"), "{said}");
    assert_eq!(counts(root), ["2", "2", "6"]);

    std::fs::write(
        root.join("areas.csv"),
        format!("{AREAS}620981103,花海镇,township,620981,9000\n"),
    )
    .unwrap();
    let said = ingest(&w, "2026-01-31", &file);
    assert!(said.contains("1 of 6 rows accepted") && said.contains("had landed before"), "{said}");
    assert_eq!(counts(root), ["3", "3", "5"]);

    std::fs::create_dir_all(root.join("models")).unwrap();
    std::fs::write(
        root.join("models/taxonomy.toml"),
        "[category.disputes]\nneighbour = [\"水事\"]\n",
    )
    .unwrap();
    let said = ingest(&w, "2026-02-28", &file);
    assert!(said.contains("2 of 5 rows accepted"), "{said}");
    assert_eq!(counts(root), ["5", "5", "3"]);
    assert_eq!(
        query(root, "select event_id from disputes order by event_id"),
        ["A1", "A2", "A3", "A4", "A6"]
    );
    let said = ingest(&w, "2026-02-28", &file);
    assert!(said.contains("nothing done"), "{said}");
    assert_eq!(counts(root), ["5", "5", "3"]);
    let reasons = query(root, "select row from rejected order by row");
    assert_eq!(
        reasons,
        ["6", "7", "8"],
        "the duplicate, the day that is none, the number in words"
    );
}

#[test]
fn a_mended_mapping_brings_what_it_refused_and_counts_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let w = workspace(root);
    let file = root.join("台账.csv");
    let text =
        "编号,日期,乡镇,类型,人数\nA1,2026-01-05,赤金镇,邻里,2\nA2,2026-01-05,赤金镇,水事,2\n";
    std::fs::write(&file, text).unwrap();
    ingest(&w, "2026-01-31", &file);
    let mended = format!("{MAPPING}[words.category]\n\"水事\" = \"neighbour\"\n");
    std::fs::write(root.join("mappings/disputes.toml"), mended).unwrap();
    ingest(&w, "2026-01-31", &file);
    assert_eq!(query(root, "select event_id from disputes order by event_id"), ["A1", "A2"]);
    stdout(&["-q", "-w", &w, "nightly", "--date", "2026-01-31"]);
    let events = "select sum(num) from panel where domain = 'disputes' and indicator = 'events'";
    assert_eq!(query(root, events), ["2"]);
}

#[test]
fn ids_that_begin_anew_are_seen() {
    let monthly = |number: &dyn Fn(usize, usize) -> String, month: usize| -> String {
        let row = |n: usize| {
            format!("{},2026-{month:02}-{:02},赤金镇,邻里,2\n", number(month, n), 1 + n % 28)
        };
        format!("编号,日期,乡镇,类型,人数\n{}", (1..=30).map(row).collect::<String>())
    };
    let plain = |_: usize, n: usize| n.to_string();
    let padded = |_: usize, n: usize| format!("{n:04}");
    let lettered = |_: usize, n: usize| format!("JF{n:03}");
    let yearly = |_: usize, n: usize| format!("2026-{n:03}");
    let named = |_: usize, n: usize| format!("第{n}号");
    let ordinal = |_: usize, n: usize| format!("WO-01-{n:02}");
    let restarting: [&dyn Fn(usize, usize) -> String; 6] =
        [&plain, &padded, &lettered, &yearly, &named, &ordinal];
    for (kind, number) in restarting.iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let w = workspace(root);
        for month in [1, 2] {
            let file = root.join(format!("台账{month}.csv"));
            std::fs::write(&file, monthly(number, month)).unwrap();
            let said = ingest(&w, "2026-03-31", &file);
            let seen = said.contains("30 of 30 ids were in the lake already, with other days");
            assert_eq!(seen, month == 2, "kind {kind}, month {month}: {said}");
        }
        assert_eq!(query(root, "select count(*) from disputes__all"), ["30"], "kind {kind}");
    }
    // A ledger that grows, one whose numbers go on, and one of which some days are corrected.
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let w = workspace(root);
    let all = monthly(&plain, 1);
    let going_on = monthly(&|_, n| (n + 30).to_string(), 2);
    let corrected = all.replace("2026-01-05", "2026-01-06").replace("2026-01-09", "2026-01-10");
    for (n, text) in [&all, &format!("{all}31,2026-01-31,赤金镇,邻里,2\n"), &going_on, &corrected]
        .iter()
        .enumerate()
    {
        let file = root.join(format!("台账{n}.csv"));
        std::fs::write(&file, text).unwrap();
        let said = ingest(&w, "2026-03-31", &file);
        assert!(said.contains("accepted"), "{n}: {said}");
    }
}

#[test]
fn a_lake_of_an_earlier_version_takes_no_files() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let w = workspace(root);
    let file = root.join("台账.csv");
    std::fs::write(&file, "编号,日期,乡镇,类型,人数\nA1,2026-01-05,赤金镇,邻里,2\n").unwrap();
    ingest(&w, "2026-01-31", &file);
    std::fs::remove_dir_all(root.join("lake/origins")).unwrap();
    std::fs::write(&file, "编号,日期,乡镇,类型,人数\nA2,2026-01-05,赤金镇,邻里,2\n").unwrap();
    let said = ingest(&w, "2026-01-31", &file);
    assert!(said.contains("earlier version") && said.contains("new workspace"), "{said}");
    assert_eq!(query(root, "select event_id from disputes"), ["A1"]);
}
