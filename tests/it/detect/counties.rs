//! The replay of benches/counties, small: what would break if the festival's columns or the false discovery rate did.

use std::path::Path;

use chrono::{Days, NaiveDate};
use pingan::detect::{DETECTORS, Finding, Settings};
use pingan::synth::{Params, Simulated, simulated};

#[allow(dead_code)]
#[path = "../../../benches/counties/known.rs"]
mod known;
#[allow(dead_code)]
#[path = "../../../benches/counties/night.rs"]
mod night;
#[allow(dead_code)]
#[path = "../../../benches/counties/truth.rs"]
mod truth;

use night::{Night, Watch};
use truth::{Claim, Why};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Disputes and petitions of a county of few townships, among them the wages that are claimed before the festival of 10 February 2024.
fn county() -> Simulated {
    let (from, to) = (day("2019-01-01"), day("2024-03-31"));
    simulated(&Params { county: "620924".into(), from, to, events: 120_000, inbox_from: Some(to), seed: 3 }).unwrap()
}

fn settings() -> Settings {
    let mut settings = Settings::parse(Path::new(DETECTORS), include_str!("../../../models/detectors.toml")).unwrap();
    settings.watch.retain(|domain, _| domain == "disputes" || domain == "petitions");
    settings
}

/// The six weeks around the festival.
fn nights(county: &Simulated, settings: Settings) -> Vec<Night> {
    let watch = Watch::new(county, settings, 1);
    let mut known = known::Known::new(county, day("2024-03-31"));
    let night = |week: u64| {
        known.up_to(day("2024-01-13") + Days::new(7 * week));
        watch.night(&known)
    };
    (0..6).map(night).collect()
}

fn unexplained<'a>(county: &Simulated, findings: impl Iterator<Item = &'a Finding>) -> usize {
    findings.filter(|f| Claim::of(f).why(county) == Why::Nothing).count()
}

#[test]
fn the_festival_is_expected_and_one_false_discovery_rate_holds_the_night() {
    let county = county();
    let seen = nights(&county, settings());
    let mut blind = settings();
    blind.spikes.lunar = false;
    let blind = nights(&county, blind);
    let alarms = |nights: &[Night]| unexplained(&county, nights.iter().flat_map(|n| &n.alarms));
    let told = |nights: &[Night]| unexplained(&county, nights.iter().flat_map(|n| &n.told));
    println!("{} {} {} {}", alarms(&seen), told(&seen), alarms(&blind), told(&blind));
    assert!(2 * alarms(&seen) < alarms(&blind), "{} {}", alarms(&seen), alarms(&blind));
    assert!(told(&seen) <= 1 && alarms(&seen) > 3, "{} of {}", told(&seen), alarms(&seen));
}
