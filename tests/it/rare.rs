//! Grave events that hardly ever happen, from a file to the index.

use std::fmt::Write;
use std::path::Path;

use crate::support::{copy, query, run, stdout};

const MAPPING: &str = "domain = 'traffic'\nfiles = ['crashes_*.csv']\n[columns]\nevent_id = 'id'\n\
     occurred_at = 'at'\nrecorded_at = 'recorded'\narea_code = 'area'\ncategory = 'category'\n\
     injured = 'injured'\ndeaths = 'deaths'\n";

/// A township of the sample, and one of 5,727 residents.
const TOWNSHIP: &str = "620981102";
const SMALL: &str = "620981206";

/// Hands in five fatal crashes of January in one township, and one of June before in the small one,
/// with so many deaths each; and scores the month and the year.
fn night_with_crashes(county: &Path, deaths: u32) {
    let mut csv = format!(
        "id,at,recorded,area,category,injured,deaths\ncrash6,2025-06-11 12:00,2025-06-11 20:00,{SMALL},fatal_crash,0,{deaths}\n"
    );
    for day in 11..16 {
        let _ = writeln!(
            csv,
            "crash{day},2026-01-{day} 12:00,2026-01-{day} 20:00,{TOWNSHIP},fatal_crash,0,{deaths}"
        );
    }
    std::fs::write(county.join("mappings/crashes.toml"), MAPPING).unwrap();
    std::fs::write(county.join("inbox/crashes_2026-01.csv"), csv).unwrap();
    let output = run(&["-q", "-w", &county.to_string_lossy(), "nightly", "--date", "2026-01-31"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(
        query(
            county,
            "select count(*) from traffic where category = 'fatal_crash' and day >= '2026-01-01'"
        ),
        ["6"]
    );
    let year = ["--from", "2025-01-01", "--to", "2025-12-31", "--period", "year"];
    stdout(&[&["-q", "-w", &county.to_string_lossy(), "index"], &year[..]].concat());
}

fn figure(county: &Path, figure: &str, area: &str, period: &str, node: &str) -> f64 {
    let sql = format!(
        "select {figure} from scores where area_code = '{area}' and period = '{period}' and node = '{node}'"
    );
    query(county, &sql)[0].parse().unwrap()
}

#[test]
fn forty_deaths_score_lower_than_none() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let (none, one, forty) = (at("none"), at("one"), at("forty"));
    stdout(&["-q", "demo", &none.to_string_lossy()]);
    copy(&none, &one);
    copy(&none, &forty);
    for (county, deaths) in [(&none, 0), (&one, 1), (&forty, 8)] {
        night_with_crashes(county, deaths);
    }
    let score = |county: &Path, node: &str| figure(county, "score", TOWNSHIP, "2026-01", node);
    for (node, apart) in [("traffic.deaths", 50.0), ("traffic", 10.0), ("index", 1.0)] {
        let (none, forty) = (score(&none, node), score(&forty, node));
        assert!(none - forty > apart, "{node}: {none} without, {forty} with forty deaths");
    }
    for node in ["traffic.crashes", "public_safety"] {
        assert_eq!(score(&none, node), score(&forty, node), "{node}");
    }
    // A year of a small township: none, one, eight.
    let year = |county: &Path, of: &str, node: &str| figure(county, of, SMALL, "2025", node);
    for node in ["traffic.deaths", "traffic", "index"] {
        let [none, one, eight] = [&none, &one, &forty].map(|county| year(county, "score", node));
        assert!(none > one && one > eight, "{node}: {none} {one} {eight}");
    }
    let moved = year(&none, "score", "index") - year(&one, "score", "index");
    for county in [&none, &one] {
        let width = year(county, "score_hi - score_lo", "index");
        assert!(
            moved < width,
            "one death moves the index by {moved}, its interval is {width} wide"
        );
    }
    // What the deaths did is told, and the parts sum to the change.
    let parts = "select p.area_code, sum(p.delta) - max(n.score - b.score) as off from contributions p \
                 join scores n on n.area_code = p.area_code and n.node = 'index' and n.period = '2026-01' \
                 join scores b on b.area_code = p.area_code and b.node = 'index' and b.period = '2025-12' \
                 where p.period = '2026-01' group by p.area_code";
    let off = format!("select count(*) from ({parts}) where abs(off) > 1e-9");
    assert_eq!(query(&forty, &off), ["0"]);
    let deaths = format!(
        "select delta < -1 from contributions where area_code = '{TOWNSHIP}' and period = '2026-01' and node = 'traffic.deaths' and part = 'counts'"
    );
    assert_eq!(query(&forty, &deaths), ["true"]);
    // The scale was frozen before, and a crash does not move it.
    let frozen = |county: &Path| {
        let model = std::fs::read_to_string(county.join("models/index.toml")).unwrap();
        let line = model.lines().find(|line| line.starts_with("\"traffic.deaths\"")).unwrap();
        line.to_owned()
    };
    assert_eq!(frozen(&none), frozen(&forty));
    assert!(!frozen(&none).contains("high = 0.0,"), "{}", frozen(&none));
}
