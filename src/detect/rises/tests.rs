use std::collections::BTreeMap;
use std::path::Path;

use chrono::NaiveDate;

use super::super::lasting::Lasting;
use super::*;
use crate::detect::Weeks;
use crate::detect::detail::{Detail, Kind};
use methods::detect::house::{Rise, Window};
use methods::stats::NegativeBinomial;

fn settings() -> Settings {
    let text = include_str!("../../../models/detectors.toml");
    Settings::parse(Path::new("detectors.toml"), text).unwrap()
}

/// Eight townships with about ten cases a week, and the first one's last weeks multiplied.
fn watched(count: usize, times: &dyn Fn(usize) -> f64) -> Watched {
    let last: NaiveDate = "2026-01-25".parse().unwrap();
    let weeks = Weeks { last, count };
    let key = |area: usize| Key {
        area: format!("1{area}"),
        domain: "disputes".into(),
        category: String::new(),
    };
    let usual =
        |area: usize, week: usize| [9.0, 12.0, 10.0, 7.0, 12.0, 8.0, 12.0][(week + area) % 7];
    let series = |area: usize| {
        let back = |week: usize| count - 1 - week;
        let factor = |week| if area == 0 { times(back(week)) } else { 1.0 };
        (key(area), (0..count).map(|week| (usual(area, week) * factor(week)).round()).collect())
    };
    let whole = BTreeMap::from([("disputes", vec![1.0; count])]);
    Watched {
        weeks,
        root: "1".into(),
        series: (0..8).map(series).collect(),
        covered: whole.clone(),
        settled: whole,
    }
}

/// What is found in the first township.
fn found(watched: &Watched) -> Option<Finding> {
    let found = rises(watched, &settings(), &BTreeMap::new()).unwrap();
    assert!(found.iter().all(|f| f.area_code == "10"), "{found:#?}");
    found.into_iter().next()
}

fn weeks_of(finding: &Finding) -> i64 {
    ((finding.period.1 - finding.period.0).num_days() + 1) / 7
}

#[test]
fn a_burst_a_growing_rise_and_a_new_level_are_told_apart_and_since_when() {
    let burst = found(&watched(261, &|back| if back < 2 { 4.0 } else { 1.0 })).unwrap();
    assert!(burst.kind() == Kind::Spike && weeks_of(&burst) == 2, "{burst:#?}");
    let level = found(&watched(261, &|back| if back < 12 { 2.0 } else { 1.0 })).unwrap();
    let Detail::Change(change) = &level.detail else { panic!("{level:#?}") };
    assert!((10..=14).contains(&change.weeks) && weeks_of(&level) == change.weeks as i64);
    assert!((change.level_before.unwrap() - 10.0).abs() < 1.0, "{change:?}");
    assert!((change.level_after.unwrap() - 20.0).abs() < 2.0, "{change:?}");
    let growth = |back: usize| 1.0 + 2.5 * 16_usize.saturating_sub(back) as f64 / 16.0;
    let rise = found(&watched(261, &growth)).unwrap();
    let Detail::Trend(trend) = &rise.detail else { panic!("{rise:#?}") };
    assert!((7..=18).contains(&trend.weeks.unwrap()) && trend.tau.unwrap() > 0.3, "{trend:?}");
    assert!(rise.observed > 1.5 * rise.expected && rise.q <= settings().q);
    assert!(rise.p <= rise.q && rise.lower < rise.expected);
}

#[test]
fn a_rise_ends_when_it_is_over_and_lasts_while_it_goes_on() {
    let ended = |back: usize| if (8..14).contains(&back) { 3.0 } else { 1.0 };
    // The last four weeks are usual ones of 38 cases, of 40 expected.
    let over = watched(261, &|back| if back < 4 { 0.9 } else { ended(back) });
    assert_eq!(found(&over), None);
    // Told clearly four weeks ago, still a little higher now: by itself it would not be told.
    let learned = |times: &dyn Fn(usize) -> f64| found(&watched(261, times));
    let now = learned(&|back| if back < 4 { 1.15 } else { 1.0 });
    assert_eq!(now, None);
    let still = learned(&|back| {
        if back < 4 {
            1.15
        } else if back < 8 {
            2.5
        } else {
            1.0
        }
    });
    assert!(still.is_some());
}

#[test]
fn a_level_that_fell_weeks_ago_does_not_hide_a_burst() {
    let fallen = |back: usize| if back < 15 { 0.4 } else { 1.0 };
    assert_eq!(found(&watched(261, &fallen)), None);
    let burst = found(&watched(261, &|back| if back == 0 { 1.8 } else { fallen(back) })).unwrap();
    assert!(burst.kind() == Kind::Spike && burst.expected < 8.0, "{burst:#?}");
}

#[test]
fn a_young_feed_is_judged_by_shorter_windows() {
    let risen = |back: usize| if back < 6 { 5.0 } else { 1.0 };
    let young = watched(40, &risen);
    let learned = Learned::new(&young, &settings()).unwrap();
    let longest = learned.windows(&learned.series[0], &[], 0).last().unwrap().points;
    assert_eq!(longest, 13);
    assert!(found(&young).is_some());
    assert_eq!(found(&watched(40, &|_| 1.0)), None);
}

#[test]
fn what_is_found_hangs_on_all_series_that_were_judged() {
    let judged = |p: Option<f64>| {
        let law = NegativeBinomial::poisson(1.0);
        let window = Window { points: 1, observed: 1.0, law };
        let rise = |p| Rise { window, p, p_at_least: p };
        match p {
            None => Outcome::Silent { observed: f64::NAN, reason: String::new() },
            Some(1.0) => Outcome::Quiet,
            Some(p) => Outcome::Rise(Lasting {
                rise: rise(p),
                p,
                p_at_least: p,
                last_week: window,
                recent: None,
                weeks_in_a_row: 1,
                short_history: None,
            }),
        }
    };
    let watched = watched(60, &|_| 1.0);
    let learned = Learned::new(&watched, &settings()).unwrap();
    let all = |answers: Vec<Outcome>| {
        let judged: Vec<Judged> = answers
            .into_iter()
            .map(|answer| Judged { model: &learned.series[0], answer })
            .collect();
        q(&judged)
    };
    let with = |quiet: usize| {
        let others = (0..quiet).map(|_| judged(Some(1.0)));
        all([judged(Some(0.001)), judged(None)].into_iter().chain(others).collect())
    };
    assert!((with(99)[0] - 0.1).abs() < 1e-12 && with(99)[1].is_nan());
    assert!((with(199)[0] - 0.2).abs() < 1e-12);
}
