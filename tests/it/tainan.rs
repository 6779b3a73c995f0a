//! Real open data of Tainan through the nights of `data-samples/tainan/run`. Needs the data beside
//! the project.

use std::path::Path;
use std::process::Command;

use crate::support::{query, shared, stdout};

#[test]
fn five_years_of_tainan() {
    let Some(data) = shared("real/tainan") else { return };
    let folder = tempfile::tempdir().unwrap();
    let w = folder.path().join("tainan");
    let run = Path::new(env!("CARGO_MANIFEST_DIR")).join("data-samples/tainan/run");
    let ran = Command::new(run)
        .arg(&w)
        .arg(data)
        .env("PINGAN", env!("CARGO_BIN_EXE_pingan"))
        .output()
        .unwrap();
    assert!(
        ran.status.success(),
        "{}{}",
        String::from_utf8_lossy(&ran.stdout),
        String::from_utf8_lossy(&ran.stderr)
    );

    let one = |sql: &str| query(&w, sql).join(";");
    // Every request is accounted for.
    assert_eq!(one("select count(*) from requests"), "105247");
    assert_eq!(
        one(
            "select count(distinct file || cast(row as varchar)) from rejected where file like 'requests%'"
        ),
        "92"
    );
    assert_eq!(one("select count(*) from rejected where reason = '' or fix = ''"), "0");
    assert_eq!(
        one(
            "select shape, count(*) from rejected where fix like '%佳里區%' or fix like '%白河區%' or fix like '%七股區%' group by shape"
        ),
        "汉3,3"
    );
    assert_eq!(
        one(
            "select count(*) from rejected where file like 'requests%' and reason like 'names several areas%'"
        ),
        "7"
    );
    assert_eq!(one("select count(*) from traffic"), "1174");
    assert_eq!(one("select sum(persons) from public_safety"), "17177");

    // The empty days are missing, not zero; the thinned months are partial, not an improvement.
    let missing = query(
        &w,
        "select day from coverage where domain = 'requests' and state = 'missing' order by day",
    );
    assert_eq!(missing.len(), 34);
    assert!(
        missing.contains(&"2018-09-15".to_owned()) && missing.contains(&"2018-11-19".to_owned())
    );
    let thinned = "select count(distinct day) from coverage where domain = 'requests' and day between '2018-02-01' and '2018-03-31'";
    assert_eq!(one(thinned), "59");
    assert_eq!(
        one(
            "select count(score) from scores where node like 'requests%' and period in ('2018-02', '2018-03')"
        ),
        "0"
    );

    // A ranking of 37 districts, with what their feeds covered.
    assert_eq!(
        one(
            "select count(*), count(rank), max(rank) from scores where kind = 'index' and period = '2018-12' and area_code <> '67000'"
        ),
        "37,37,37"
    );
    assert_eq!(
        one(
            "select count(*) from scores where kind = 'index' and period = '2018-12' and coverage not between 0.5 and 1"
        ),
        "0"
    );

    // The ranking of the year, with the stretches on which feeds did not deliver.
    let year =
        stdout(&["-w", &w.to_string_lossy(), "index", "--period", "year", "--to", "2018-12-31"]);
    assert!(
        year.contains("missing 2018-03-06…2018-03-07") && year.contains("2018-11-06…2018-11-19"),
        "{year}"
    );
    assert_eq!(
        one(
            "select count(*), count(rank), max(rank) from scores where kind = 'index' and period = '2018' and area_code <> '67000'"
        ),
        "37,37,37"
    );

    // The domains without a feed are named.
    let printed = stdout(&["-w", &w.to_string_lossy(), "nightly", "--date", "2019-08-09"]);
    for absent in ["社会治安", "刑事与电诈", "信访", "诉讼", "网络舆情", "重点群体服务"]
    {
        let line = printed.lines().find(|l| l.contains("never delivered")).unwrap();
        assert!(line.contains(absent), "{line}");
    }
}
