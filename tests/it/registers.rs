//! Registers that change: populations that come later or never, townships that are merged, created
//! and abolished; and goalposts that are frozen anew.

use std::path::{Path, PathBuf};

use chrono::{Days, NaiveDate};

use crate::support::{query, run, stdout};

const FIRST: NaiveDate = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
const LAST: NaiveDate = NaiveDate::from_ymd_opt(2026, 1, 31).unwrap();
const HEAD: &str = "code,name,level,parent,population,aliases,valid_from,valid_to,successor\n\
                    620981,静县,county,,,,,,\n";
const ALL: &str = "620981101,甲镇,township,620981,20000,,,,\n\
                   620981102,乙镇,township,620981,15000,,,,\n\
                   620981103,丙镇,township,620981,10000,,,,\n";

/// A county of public order alone, with the register's rows of its townships.
fn county(root: PathBuf, townships: &str) -> PathBuf {
    let model = include_str!("../../models/index.toml").replace("\nindex = 0.6", "\nindex = 0.1");
    for folder in ["inbox", "models"] {
        std::fs::create_dir_all(root.join(folder)).unwrap();
    }
    let files = [
        ("pingan.toml", "name = \"静县\"\ncounty = \"620981\"\ntime_zone = \"Asia/Shanghai\"\n"),
        ("areas.csv", &format!("{HEAD}{townships}")),
        ("models/index.toml", &model),
        ("inbox/public_order_all.csv", &events(|_, _| true)),
    ];
    for (file, text) in files {
        std::fs::write(root.join(file), text).unwrap();
    }
    root
}

/// Thefts of three townships, one a day each and now and then a second, solved every other day.
fn events(delivers: impl Fn(&str, NaiveDate) -> bool) -> String {
    let mut text = "event_id,occurred_at,area_code,category,outcome,recorded_at\n".to_owned();
    for (day, date) in FIRST.iter_days().take_while(|d| *d <= LAST).enumerate() {
        for (town, code) in ["620981101", "620981102", "620981103"].into_iter().enumerate() {
            for event in 0..1 + usize::from((day / 30 + 3 * day + town) % (5 + town) == 0) {
                let outcome = ["solved", "unsolved"][(day + town + event) % 2];
                if delivers(code, date) {
                    text += &format!(
                        "{code}-{day}-{event},{date} 09:00,{code},theft,{outcome},{date} 10:00\n"
                    );
                }
            }
        }
    }
    text
}

fn path(workspace: &Path) -> &str {
    workspace.to_str().unwrap()
}

fn night(workspace: &Path, date: &str) -> String {
    stdout(&["-q", "-w", path(workspace), "nightly", "--date", date])
}

fn scores(workspace: &Path, of: &str) -> Vec<String> {
    let columns = "period, area_code, node, raw, exposure, score, score_lo, rank, band, coverage";
    query(
        workspace,
        &format!("select {columns} from scores where {of} order by period, area_code, node"),
    )
}

/// Of one area and month the rate of incidents, per the model's unit.
fn rate(workspace: &Path, area: &str, month: &str) -> f64 {
    let rows = query(
        workspace,
        &format!(
            "select raw from scores where area_code = '{area}' and period = '{month}' and node = 'public_order.incidents'"
        ),
    );
    rows.first().and_then(|raw| raw.parse().ok()).unwrap_or(f64::NAN)
}

#[test]
fn a_population_that_is_filled_in_later_gives_the_scores_of_one_that_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let control = county(folder.path().join("control"), ALL);
    let later = county(
        folder.path().join("later"),
        &ALL.replace(",20000,", ",,").replace(",15000,", ",,").replace(",10000,", ",,"),
    );
    night(&control, "2026-01-31");
    let printed = night(&later, "2026-01-30");
    assert!(
        printed.contains("Not scored, population of no area is known: public_order.incidents"),
        "{printed}"
    );
    let model = || std::fs::read_to_string(later.join("models/index.toml")).unwrap();
    assert!(
        !model().contains("\"public_order.incidents\" ="),
        "nothing is frozen of what is not known"
    );
    assert!(model().contains("\"public_order.detection_rate\" ="), "other goalposts are");

    std::fs::copy(control.join("areas.csv"), later.join("areas.csv")).unwrap();
    night(&later, "2026-01-31");
    let months = "period <= '2026-01' and period not like '%/%'";
    assert!(rate(&later, "620981103", "2024-02") > 0.0, "old months are scored anew");
    assert_eq!(scores(&later, months), scores(&control, months));
    assert!(model().contains("exposure = \"population\", areas = 3"), "{}", model());
}

#[test]
fn a_township_without_population_has_no_rates_and_takes_nobody_else_s() {
    let folder = tempfile::tempdir().unwrap();
    let control = county(folder.path().join("control"), ALL);
    night(&control, "2026-01-31");
    for (name, blank) in [("blank", ",,,,,\n"), ("zero", ",0,,,,\n")] {
        let park = county(folder.path().join(name), &ALL.replace(",10000,,,,\n", blank));
        night(&park, "2026-01-31");
        for area in ["620981101", "620981102"] {
            let (with, without) = (rate(&control, area, "2025-12"), rate(&park, area, "2025-12"));
            assert!(with > 0.0 && with == without, "{area}: {with} {without}");
        }
        assert!(rate(&park, "620981103", "2025-12").is_nan());
        // Above and below the line the same townships.
        let [a, b] = ["620981101", "620981102"].map(|area| rate(&park, area, "2025-12"));
        let whole = (a * 20_000.0 + b * 15_000.0) / 35_000.0;
        assert!((rate(&park, "620981", "2025-12") - whole).abs() < 1e-9 * whole);
        // Its proportions are there, and the reason of the rest.
        let explained = stdout(&[
            "-w",
            path(&park),
            "--as-of",
            "2026-01-31",
            "explain",
            "丙镇",
            "--period",
            "2025-12",
        ]);
        assert!(
            explained.contains("Not scored, population of 丙镇 is not known, or zero: "),
            "{explained}"
        );
        assert!(explained.contains("查处率"), "{explained}");
        let checked = stdout(&["-w", path(&park), "--as-of", "2026-01-31", "check"]);
        assert!(checked.contains("population of 丙镇 is not known or zero"), "{checked}");
    }
}

#[test]
fn a_merged_township_s_past_counts_for_its_heir() {
    let folder = tempfile::tempdir().unwrap();
    let merged = ALL.replace("10000,,,,", "10000,,,2025-06-30,620981102");
    let merged = county(folder.path().join("merged"), &merged);
    // As if it always had been one; the old code is an alias, as a refusal advises.
    let one = "620981101,甲镇,township,620981,20000,,,,\n\
               620981102,乙镇,township,620981,25000,620981103|丙镇,,,\n";
    let one = county(folder.path().join("one"), one);
    for workspace in [&merged, &one] {
        let printed = night(workspace, "2026-01-31");
        assert!(printed.contains("0 refused") || !printed.contains("refused"), "{printed}");
    }
    assert_eq!(scores(&merged, "true"), scores(&one, "true"));
    let findings = "select area_code, domain, category, kind, observed, expected, p from findings order by 1, 2, 3, 4, 5";
    assert_eq!(query(&merged, findings), query(&one, findings));
    assert!(scores(&merged, "area_code = '620981103'").is_empty());

    // While it lives it is ranked, also in hindsight.
    let ranked = |as_of: &str| {
        stdout(&["-w", path(&merged), "--as-of", as_of, "index"]).matches('镇').count()
    };
    assert_eq!((ranked("2025-06-30"), ranked("2025-07-31")), (3, 2));
    let explain = ["-w", path(&merged), "--as-of", "2026-01-31", "explain", "620981103"];
    let explained = stdout(&explain);
    assert!(
        explained.starts_with("乙镇 平安指数") && explained.contains("'620981103'"),
        "{explained}"
    );
}

#[test]
fn no_township_is_scored_or_watched_outside_its_life() {
    let folder = tempfile::tempdir().unwrap();
    let lives =
        ALL.replace("15000,,,,", "15000,,,2025-10-31,").replace("10000,,,,", "10000,,2025-07-11,,");
    let created = county(folder.path().join("created"), &lives);
    // Its events of before are those of another area's life.
    night(&created, "2026-01-31");
    let months = |area: &str| {
        query(
            &created,
            &format!(
                "select min(period), max(period) from scores where area_code = '{area}' and period not like '%/%'"
            ),
        )
    };
    assert_eq!(months("620981103"), ["2025-07,2026-01"]);
    assert_eq!(months("620981102"), ["2024-01,2025-10"]);
    // A part of a month counts as a part: the rate is a year's, from its own days and events.
    let events = query(
        &created,
        "select count(*) from public_order where area_code = '620981103' and day between date '2025-07-11' and date '2025-07-31'",
    );
    let exposed = 10_000.0 * 21.0 / 365.25;
    let per = rate(&created, "620981103", "2025-07") * exposed / events[0].parse::<f64>().unwrap();
    assert!((per - 10_000.0).abs() < 1e-6, "{per}");
    let watched = query(
        &created,
        "select distinct area_code from findings where kind <> 'not_assessable' order by 1",
    );
    assert!(!watched.contains(&"620981102".to_owned()), "{watched:?}");
    let news = query(
        &created,
        "select count(*) from findings where kind in ('spike', 'trend', 'change', 'cluster')",
    );
    assert_eq!(news, ["0"], "a township that begins is no new level");
    let explain =
        ["-w", path(&created), "--as-of", "2026-01-31", "explain", "丙镇", "--period", "2025-03"];
    let output = run(&explain);
    let explained = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{explained}");
    assert!(explained.contains("丙镇 lives from 2025-07-11 to …"), "{explained}");
}

#[test]
fn the_warning_of_a_township_ends_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let county = county(folder.path().join("county"), ALL);
    let mut text = events(|_, _| true);
    for event in 0..200 {
        let day = 25 + event % 7;
        text += &format!(
            "burst-{event},2026-01-{day} 12:00,620981103,theft,solved,2026-01-{day} 13:00\n"
        );
    }
    std::fs::write(county.join("inbox/public_order_all.csv"), text).unwrap();
    night(&county, "2026-01-30");
    night(&county, "2026-01-31");
    let open = || query(&county, "select area_code from warnings where closed_at is null");
    assert!(open().contains(&"620981103".to_owned()), "{:?}", open());
    let abolished = ALL.replace("10000,,,,", "10000,,,2026-01-31,");
    std::fs::write(county.join("areas.csv"), format!("{HEAD}{abolished}")).unwrap();
    for _ in 0..2 {
        night(&county, "2026-02-01");
        assert!(open().iter().all(|w| !w.starts_with("620981103")), "{:?}", open());
    }
    let closed = query(
        &county,
        "select distinct cast(closed_at as date) from warnings where area_code = '620981103'",
    );
    assert_eq!(closed, ["2026-02-01"]);
}

#[test]
fn check_names_a_township_of_which_nothing_comes_any_more() {
    let folder = tempfile::tempdir().unwrap();
    let county = county(folder.path().join("county"), ALL);
    let ends: NaiveDate = "2025-09-30".parse().unwrap();
    let text = events(|code, day| code != "620981103" || day <= ends);
    std::fs::write(county.join("inbox/public_order_all.csv"), text).unwrap();
    night(&county, "2026-01-31");
    let check = || stdout(&["-w", path(&county), "--as-of", "2026-01-31", "check"]);
    let printed = check();
    assert!(
        printed.contains("no event of any domain has come of 丙镇 since 2025-09-30"),
        "{printed}"
    );
    assert!(!printed.contains("of 甲镇 since"), "{printed}");
    let dated = ALL.replace("10000,,,,", "10000,,,2025-09-30,");
    std::fs::write(county.join("areas.csv"), format!("{HEAD}{dated}")).unwrap();
    assert!(!check().contains("no event of any domain"), "{}", check());
}

#[test]
fn goalposts_that_were_frozen_on_nothing_are_named_and_frozen_anew_by_one_command() {
    let folder = tempfile::tempdir().unwrap();
    let county = county(folder.path().join("county"), ALL);
    night(&county, "2026-01-31");
    let file = county.join("models/index.toml");
    let model = || std::fs::read_to_string(&file).unwrap();
    let (good, sound) = (scores(&county, "period not like '%/%'"), model());
    // As an older version froze it while the population was blank.
    let line = sound.lines().find(|l| l.starts_with("\"public_order.incidents\"")).unwrap();
    let nothing = "\"public_order.incidents\" = { from = \"2024-01\", to = \"2025-12\", low = 0.0, high = 0.0 }";
    std::fs::write(&file, sound.replace(line, nothing)).unwrap();

    let as_of = ["-w", path(&county), "--as-of", "2026-01-31"];
    let command = |more: &[&str]| run(&[&as_of[..], more].concat());
    let checked = command(&["check"]);
    let printed = String::from_utf8_lossy(&checked.stdout).into_owned();
    assert_eq!(checked.status.code(), Some(1), "{printed}");
    assert!(printed.contains("goalposts that coincide were frozen, so these are never scored: public_order.incidents; `pingan index --freeze`"), "{printed}");

    let frozen = stdout(&[&as_of[..], &["--format", "csv", "index", "--freeze"]].concat());
    let of = |start: &str| frozen.lines().find(|l| l.starts_with(start)).unwrap().to_owned();
    assert!(of("goalposts,public_order.incidents,").contains(",0.0,0.0,"), "{frozen}");
    let index = of("index,620981103,");
    let [before, now] =
        [7, 8].map(|cell| index.split(',').nth(cell).unwrap().parse::<f64>().unwrap());
    assert!((before - now).abs() > 1e-6, "{frozen}");
    assert!(model().contains(line) && model().contains("[[earlier]]") && model().contains(nothing));

    night(&county, "2026-01-31");
    assert_eq!(scores(&county, "period not like '%/%'"), good);
    assert_eq!(command(&["check"]).status.code(), Some(0));
    // Nothing moves a second time, and nothing is kept of it.
    stdout(&[&as_of[..], &["index", "--freeze"]].concat());
    assert_eq!(model().matches("[[earlier]]").count(), 1);
}

#[test]
fn check_says_what_another_register_would_freeze() {
    let folder = tempfile::tempdir().unwrap();
    let county = county(folder.path().join("county"), &ALL.replace(",10000,", ",,"));
    night(&county, "2026-01-31");
    let check = || stdout(&["-w", path(&county), "--as-of", "2026-01-31", "check"]);
    assert!(!check().contains("rest on"), "{}", check());
    std::fs::write(county.join("areas.csv"), format!("{HEAD}{ALL}")).unwrap();
    let printed = check();
    assert!(
        printed.contains("goalposts of public_order.incidents rest on 2 areas; 3 have figures now"),
        "{printed}"
    );
    assert!(
        printed.contains("have changed since goalposts were frozen: public_order.incidents"),
        "{printed}"
    );
}

#[test]
fn a_night_scores_anew_only_what_changed_though_some_goalposts_are_lacking() {
    let folder = tempfile::tempdir().unwrap();
    let county = county(folder.path().join("county"), ALL);
    night(&county, "2026-01-31");
    night(&county, "2026-02-01");
    let last =
        || query(&county, "select cast(max(as_of) as date) from scores where period = '2024-05'");
    assert_eq!(last(), ["2026-01-31"]);
    let exposures =
        "code,from,population,households,vehicles,enterprises\n620981103,2025-01-01,11000,,,\n";
    std::fs::write(county.join("exposures.csv"), exposures).unwrap();
    night(&county, (LAST + Days::new(2)).to_string().as_str());
    assert_eq!(last(), ["2026-02-02"]);
}
