use std::path::Path;

use super::*;
use crate::circumstances::Effect;
use crate::detect::rises::rises;
use crate::detect::watch::Watched;
use lake::areas::Area;

const LAST: &str = "2026-01-25";
const STORM: &str = "台风“海葵”";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn settings() -> Settings {
    let text = include_str!("../../../models/detectors.toml");
    Settings::parse(Path::new("detectors.toml"), text).unwrap()
}

fn register() -> Register {
    let area = |code: &str, level: &str, parent: Option<&str>| Area {
        code: code.into(),
        name: format!("乡{code}"),
        level: level.into(),
        parent: parent.map(Into::into),
        ..Area::default()
    };
    let town = |code| area(code, "township", Some("1"));
    Register::new(vec![area("1", "county", None), town("11"), town("12")]).unwrap()
}

fn key(area: &str) -> Key {
    Key { area: area.into(), domain: "disputes".into(), category: String::new() }
}

/// About ten cases a week, thirty in a campaign of 43 weeks that ended before those judged, and
/// `last` in the last week.
fn counts(weeks: Weeks, last: f64) -> Counts {
    let level = |week: usize| {
        let (start, usual) = (weeks.start(week), [9.0, 11.0, 10.0, 8.0, 12.0][week % 5]);
        let campaign = |from: &str, to: &str| day(from) <= start && start <= day(to);
        if campaign("2025-03-01", "2025-12-27") { usual + 20.0 } else { usual }
    };
    let mut series: Vec<f64> = (0..weeks.count).map(level).collect();
    series[weeks.count - 1] = last;
    let weekly = ["11", "12"].map(|area| (key(area), series.clone())).into();
    Counts { weekly, ..Counts::default() }
}

/// What the house detector says of the last week, once campaigns are left out or not.
fn spike(circumstances: &Circumstances, last: f64) -> Option<Finding> {
    let (settings, register) = (settings(), register());
    let weeks = Weeks { last: day(LAST), count: settings.weeks };
    let mut counts = counts(weeks, last);
    let left_out =
        LeftOut { circumstances, register: &register, settings: &settings, last: weeks.last };
    left_out.leave_out(&mut counts).unwrap();
    let whole = BTreeMap::from([("disputes", vec![1.0; weeks.count])]);
    let watched = Watched {
        weeks,
        root: "1".into(),
        series: counts.weekly,
        covered: whole.clone(),
        settled: whole,
    };
    let found = rises(&watched, &settings, &BTreeMap::new()).unwrap();
    found.into_iter().find(|f| f.kind() == Kind::Spike && f.area_code == "11")
}

fn campaign(effect: Effect) -> Circumstances {
    Circumstances::of_days("2025-03-01", "2025-12-27", "百日攻坚", effect)
}

#[test]
fn a_level_is_not_learned_from_weeks_that_are_set_aside() {
    let (noted, aside) = (campaign(Effect::Note), campaign(Effect::SetAside));
    // Twenty-four cases are many where ten are usual, and few after a year of thirty.
    let (with, without) = (spike(&noted, 24.0), spike(&aside, 24.0));
    assert!(with.is_none(), "{with:#?}");
    let without = without.unwrap();
    assert!(without.expected / f64::from(weeks_of(&without)) < 12.0, "{without:#?}");
    let (with, without) = (spike(&noted, 90.0).unwrap(), spike(&aside, 90.0).unwrap());
    let a_week = |f: &Finding| f.expected / f64::from(weeks_of(f));
    assert!(a_week(&with) > 2.0 * a_week(&without), "{} {}", a_week(&with), a_week(&without));
}

fn weeks_of(finding: &Finding) -> i32 {
    ((finding.period.1 - finding.period.0).num_days() / 7 + 1) as i32
}

#[test]
fn weeks_before_those_judged_are_missing_and_no_zeros() {
    let (settings, register) = (settings(), register());
    let weeks = Weeks { last: day(LAST), count: settings.weeks };
    let left_out = |circumstances: &Circumstances| {
        let mut counts = counts(weeks, 10.0);
        let last = weeks.last;
        let all = LeftOut { circumstances, register: &register, settings: &settings, last };
        all.leave_out(&mut counts).unwrap();
        counts.weekly[&key("12")].clone()
    };
    let missing = |from: &str, to: &str| -> Vec<usize> {
        let counts = left_out(&Circumstances::of_days(from, to, STORM, Effect::SetAside));
        (0..weeks.count).filter(|w| counts[*w].is_nan()).map(|w| weeks.count - 1 - w).collect()
    };
    // Weeks end on Sundays; the last four are judged and stay.
    assert_eq!(missing("2025-12-28", "2025-12-28"), [4]);
    assert_eq!(missing("2025-12-28", "2026-01-25"), [4]);
    assert_eq!(missing("2025-12-21", "2025-12-22"), [5, 4]);
    assert_eq!(missing("2025-12-29", "2026-01-25"), [0; 0]);
    assert_eq!(missing("2026-03-01", "2026-03-09"), [0; 0]);
    assert_eq!(missing("2001-01-01", "2001-12-31"), [0; 0]);
    let none = left_out(&Circumstances::default());
    assert_eq!(
        left_out(&Circumstances::of_days("2025-12-01", "2025-12-09", STORM, Effect::Note)),
        none
    );
}

#[test]
fn days_of_the_scan_become_usual() {
    let (settings, register) = (settings(), register());
    let circumstances = Circumstances::of_days("2025-12-01", "2025-12-10", STORM, Effect::SetAside);
    let last = day(LAST);
    let mut daily = Array2::from_elem((2, 365), 0u32);
    let place = |d: &str| 364 - (last - day(d)).num_days() as usize;
    for n in (0..365).step_by(2) {
        daily[[0, n]] = 1;
    }
    (place("2025-12-01")..=place("2025-12-10")).for_each(|n| daily[[0, n]] = 50);
    daily[[1, 364]] = 7;
    let mut counts =
        Counts { daily: [(("disputes".into(), String::new()), daily)].into(), ..Counts::default() };
    let left_out =
        LeftOut { circumstances: &circumstances, register: &register, settings: &settings, last };
    left_out.leave_out(&mut counts).unwrap();
    let daily = &counts.daily[&("disputes".to_owned(), String::new())];
    let storm: u32 = (place("2025-12-01")..=place("2025-12-10")).map(|n| daily[[0, n]]).sum();
    assert!(storm == 5 || storm == 4, "{storm}");
    assert_eq!((daily[[0, 0]], daily[[1, 364]], daily.row(1).sum()), (1, 7, 7));
}

#[test]
fn findings_are_counted_by_what_sets_them_aside() {
    let register = register();
    let found = |kind: Detail, from: &str, to: &str| {
        Finding::new(&key("11"), kind, "house", (day(from), day(to)))
    };
    let spike =
        |from: &str, to: &str| found(Detail::Spike(crate::detect::detail::spike(1)), from, to);
    let change = |from: &str| found(Detail::Change(crate::detect::detail::change()), from, LAST);
    let findings = [
        spike("2026-01-12", LAST),
        spike("2026-01-19", LAST),
        change("2025-10-06"),
        Finding::not_assessable(&key("11"), "house", (day(LAST), day(LAST)), "too short"),
    ];
    let by = |from, to, effect| {
        let all = Circumstances::of_days(from, to, STORM, effect);
        tally(&findings, &all, &register).remove(STORM).unwrap_or(0)
    };
    assert_eq!(by("2026-01-10", "2026-01-12", Effect::SetAside), 2);
    assert_eq!(by("2026-01-24", "2026-03-01", Effect::SetAside), 3);
    assert_eq!(by("2026-01-24", "2026-03-01", Effect::Note), 0);
    // What is slow is judged without the weeks that were left out, and stands.
    assert_eq!(by("2025-12-01", "2025-12-25", Effect::SetAside), 0);
    assert_eq!(by("2026-02-01", "2026-03-01", Effect::SetAside), 0);
}
