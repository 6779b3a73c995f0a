//! `detect` and `lab series` from outside.

use std::path::Path;

use crate::support::{query, run, stdout};

/// A county of which it is known what was injected.
fn county(folder: &Path) -> String {
    let dir = folder.join("county").to_string_lossy().into_owned();
    stdout(&["demo", &dir]);
    dir
}

#[test]
fn the_rises_of_january_are_found_and_what_comes_later_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let dir = county(folder.path());
    // A night with nothing to tell is exit 1.
    let detect = |day: &str| {
        let output = run(&["-w", &dir, "--format", "csv", "--as-of", day, "detect", "--all"]);
        assert!(
            matches!(output.status.code(), Some(0 | 1)),
            "{day}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let found = detect("2026-01-31");
    // Injected by the simulation from 14 December on: wage arrears and neighbours' disputes in these
    // two townships. They are told with since when.
    for (area, category) in [
        ("花海镇", "拖欠农民工工资"),
        ("花海镇", "邻里"),
        ("黄闸湾镇", "拖欠农民工工资"),
        ("黄闸湾镇", "邻里"),
    ] {
        let risen = |line: &&str| {
            let cells: Vec<&str> = line.split(',').collect();
            ["spike", "trend", "change"].contains(&cells[0])
                && cells[1..4] == [area, "disputes", category]
        };
        let since = found.lines().find(risen).and_then(|line| line.split(',').nth(4));
        assert!(
            since.is_some_and(|since| ("2025-12-07".."2026-01-05").contains(&since)),
            "{area} {category}\n{found}"
        );
    }
    let quiet = |line: &str| !line.contains(",玉门镇,") || line.starts_with("forecast,");
    assert!(found.lines().all(quiet), "{found}");

    let early = detect("2025-11-30");
    let rows = query(
        Path::new(&dir),
        "select kind, count(*) from findings where as_of < '2025-12-02' group by kind order by kind",
    );
    assert!(rows.iter().any(|r| r.starts_with("forecast,")), "{rows:?}");
    assert_eq!(detect("2025-11-30"), early);
    assert_eq!(query(Path::new(&dir), "select distinct as_of from findings").len(), 2);
}

#[test]
fn a_csv_of_series_goes_through_every_method() {
    let folder = tempfile::tempdir().unwrap();
    let (data, out) = (folder.path().join("series.csv"), folder.path().join("out.csv"));
    let mut text = "week,place,cases,people\n".to_owned();
    for place in ["a", "b"] {
        for week in 0..300u32 {
            let cases = 3 + week * 7919 % 5 + if week > 295 { 12 } else { 0 };
            text.push_str(&format!("{},{place},{cases},1000\n", 1 + week));
        }
    }
    std::fs::write(&data, text).unwrap();
    let files = [data.to_string_lossy().into_owned(), out.to_string_lossy().into_owned()];
    for (method, _) in methods::detect::METHODS {
        let mut args = vec![
            "lab", "series", &files[0], "--method", method, "--series", "place", "--value",
            "cases", "--out", &files[1], "-q",
        ];
        if *method != "stl" {
            args.extend(["--from", "290", "--to", "300"]);
        }
        let done = run(&args);
        assert!(done.status.success(), "{method}: {}", String::from_utf8_lossy(&done.stderr));
        let table = std::fs::read_to_string(&out).unwrap();
        let header = table.lines().next().unwrap();
        assert!(
            header.starts_with("series,time,observed,expected,upper,p,alarm,assessable")
                && header.ends_with(",reason"),
            "{header}"
        );
        assert!(
            table.lines().any(|l| l.starts_with("a,"))
                && table.lines().any(|l| l.starts_with("b,")),
            "{method}"
        );
    }
    let spoilt = run(&[
        "lab",
        "series",
        &files[0],
        "--method",
        "farrington",
        "--series",
        "place",
        "--value",
        "case",
        "--out",
        &files[1],
    ]);
    assert_eq!(spoilt.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&spoilt.stderr).contains("no column \"case\""));
}
