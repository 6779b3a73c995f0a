//! Simulated counties watched for a year of nights: false alarms around the Spring Festival,
//! incidents found beside those that an oracle finds, false discoveries.
//!
//! `cargo bench --bench counties [-- SEEDS [STEP [EVENTS [FIRST]]]] [list]`: seeds FIRST … of a
//! county of EVENTS events, a night every STEP days; the word `list` names every unexplained
//! finding. Every night is judged by the functions that `detect` calls, on what had been recorded
//! by then; no lake is written. With the word `circulars`: circular letters, of SEEDS counties of
//! EVENTS events a year.

mod circulars;
mod known;
mod night;
mod oracle;
mod score;
mod sighted;
mod truth;

use std::path::Path;
use std::time::Instant;

use chrono::NaiveDate;
use known::Known;
use night::Watch;
use oracle::Oracle;
use pingan::detect::{DETECTORS, Kind, Settings};
use pingan::synth::{Params, simulated};
use score::{Alarms, Score};
use sighted::Sighted;
use truth::Why;

/// 高台县, with ten areas of township level.
const COUNTY: &str = "620724";
/// What is watched, and how: the settings the binary carries.
const SETTINGS: &str = include_str!("../../models/detectors.toml");
/// Years watched by turns, so that the festival falls on different days: 10 February, 29 January,
/// 17 February.
const YEARS: [i32; 3] = [2024, 2025, 2026];

fn main() {
    let numbers: Vec<u64> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    let number = |at: usize, otherwise: u64| numbers.get(at).copied().unwrap_or(otherwise);
    let (seeds, step, events, first) =
        (number(0, 20), number(1, 1).max(1), number(2, 120_000), number(3, 1));
    let settings = Settings::parse(Path::new(DETECTORS), SETTINGS).expect("the bundled settings");
    if std::env::args().any(|a| a == "circulars") {
        return circulars::print(first..first + seeds, events as usize, &settings);
    }
    println!(
        "{seeds} counties of {events} events in 8.75 years, a year of each watched every {step} days; seeds from {first}"
    );
    let start = Instant::now();
    let (mut all, mut oracle, mut nights) = (Score::default(), Sighted::default(), 0);
    for seed in first..first + seeds {
        nights += county(seed, step, events as usize, &settings, &mut all, &mut oracle);
    }
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{nights} nights in {seconds:.0} s, {:.2} s a night with the making of the counties\n",
        seconds / nights as f64
    );
    print(&all, &oracle, settings.q);
    if std::env::args().any(|a| a == "list") {
        list(&all);
    }
}

/// A county of events on these days, with its townships' incidents.
fn params(from: NaiveDate, to: NaiveDate, events: usize, seed: u64) -> Params {
    Params {
        county: COUNTY.to_owned(),
        from,
        to,
        events,
        inbox_from: Some(to),
        seed,
        incidents: true,
        rises: Vec::new(),
    }
}

/// One county: simulated, and watched through its year, which is added to the scores; how many
/// nights it was. The year lies before the last third of the span, because steps begin only in its
/// middle.
fn county(
    seed: u64,
    step: u64,
    events: usize,
    settings: &Settings,
    all: &mut Score,
    oracle: &mut Sighted,
) -> usize {
    let year = YEARS[seed as usize % YEARS.len()];
    let day = |y: i32, m: u32, d: u32| NaiveDate::from_ymd_opt(y, m, d).expect("a day");
    let (from, to) = (day(year - 6, 12, 1), day(year + 3, 8, 31));
    let params = params(from, to, events, seed);
    let county = simulated(&params).expect("a county");
    let (first, last) = (day(year, 1, 1), day(year, 12, 31));
    let (watch, knows) = (Watch::new(&county, settings.clone(), seed), Oracle::new(&county, last));
    let blank = Score::new(&county, first, last);
    let (mut known, mut score, mut sighted) =
        (Known::new(&county, last), blank.clone(), Sighted::new(&blank));
    let nights = first.iter_days().take_while(|night| *night <= last).step_by(step as usize);
    let mut count = 0;
    for night in nights {
        known.up_to(night);
        let night = watch.night(&known, &knows);
        score.night(&county, &night);
        sighted.night(&county, &night);
        count += 1;
    }
    all.join(score);
    oracle.join(sighted);
    count
}

fn print(score: &Score, oracle: &Sighted, q: f64) {
    println!("False alarms per 1,000 series-weeks      other weeks   festival's six   ratio");
    let line = |name: &str, alarms: &Alarms| {
        let (ratio, error) = alarms.ratio();
        let rate = |festive: bool| {
            format!("{:.3} ({})", 1000.0 * alarms.rate(festive), alarms.count[usize::from(festive)])
        };
        println!("  {name:35} {:>14} {:>15}   {ratio:.2} ± {error:.2}", rate(false), rate(true));
    };
    line("rises, p small enough to last", &score.rises);
    line(&format!("rises, told (q {q})"), &score.told);
    line("farringtonFlexible, alpha .005", &score.farrington);
    line("  of wages alone: rises, lasting", &score.wages[0]);
    line("  of wages alone: rises, told", &score.wages[1]);
    line("  of wages alone: farringtonFlexible", &score.wages[2]);

    println!("\nDistinct findings told    incident  nothing   share of nothing");
    let kinds =
        [Some(Kind::Spike), Some(Kind::Trend), Some(Kind::Change), Some(Kind::Cluster), None];
    for kind in kinds {
        let [incident, nothing] = score.distinct(kind);
        let share = nothing as f64 / (incident + nothing) as f64;
        println!("  {:22} {incident:9} {nothing:8}   {share:.3}", kind.map_or("all", Kind::name));
    }
    println!("  in an outage, unexplained: {}", score.in_outage);

    let (rate, seen) = oracle.at(score.share_of_nothing());
    println!(
        "\nThe oracle tells rises of q up to {rate}, {:.3} of them of nothing; rises told: {:.3}",
        seen.share_of_nothing(),
        score.share_of_nothing()
    );
    println!(
        "Incidents                    number  found  recall  median days   oracle  median days"
    );
    let day = |median: Option<f64>| median.map_or("-".to_owned(), |d| format!("{d:.0}"));
    let best = seen.recall();
    for (group, (number, found, median)) in score.recall() {
        let share = |found: usize| found as f64 / number as f64;
        let (kind, size) = group;
        let (_, most, soonest) = best[&group];
        println!(
            "  {kind:8} {size:14} {number:9} {found:6}  {:6.2} {:>10} {:9.2} {:>10}",
            share(found),
            day(median),
            share(most),
            day(soonest)
        );
    }
}

/// Every unexplained finding in a line, for one who wants to know why.
fn list(score: &Score) {
    println!();
    for e in score.episodes.iter().filter(|e| e.why == Why::Nothing) {
        let claim = &e.claim;
        let what = format!("{} {} {}", claim.kind.name(), claim.domain, claim.category);
        println!(
            "{} {what} {} {}..{} {}",
            e.first,
            claim.areas.join("|"),
            claim.period.0,
            claim.period.1,
            if e.festive { "festival" } else { "" }
        );
    }
}
