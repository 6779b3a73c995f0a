//! Circular letters: how many a quiet county gets in five years, and from which size of county and
//! rise on a rise of all townships is one.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{Datelike, Days, NaiveDate};
use pingan::detect::rises::rises;
use pingan::detect::{Finding, Settings, Weeks};
use pingan::feeds::lateness;
use pingan::synth::{CountyRise, Params, Simulated, simulated};
use pingan::warn::spread::is_spread;
use pingan::warn::warning::{Evidence, Found, Warning};
use pingan::warn::{self, Planned, Waits, parts_of, plan, qualifies, update};

use super::known::Known;
use super::params;

/// The rules the binary carries.
const RULES: &str = include_str!("../../models/warnings.toml");
/// What rises in all townships: as in the one case that a centre has told of.
const RISEN: [&str; 2] = ["disputes/wage_arrears", "disputes/neighbour"];
const YEARS: i32 = 5;
/// Sizes of a county, in events a year, and of a rise.
const SIZES: [usize; 5] = [6_000, 12_000, 25_000, 50_000, 100_000];
const RATIOS: [f64; 3] = [1.3, 1.5, 2.0];

/// A night's warnings and letters, kept from night to night.
struct Centre {
    detection: Settings,
    rules: warn::Settings,
    warnings: Vec<Warning>,
}

/// What a night would have drafted. Nothing is ever issued here, so that a warning counts once.
#[derive(Default)]
struct Drafted {
    /// Topic of each circular, and what it rests on.
    circulars: Vec<(String, Vec<Evidence>)>,
    /// Letters to single townships, and those that a circular made needless.
    single: usize,
    covered: usize,
}

impl Centre {
    fn new(detection: &Settings) -> Centre {
        let rules =
            warn::Settings::parse(Path::new(warn::WARNINGS), RULES).expect("the bundled rules");
        Centre { detection: detection.clone(), rules, warnings: Vec::new() }
    }

    fn night(&mut self, known: &Known) -> Drafted {
        let (day, settings) = (known.night, &self.detection);
        let coverage = known.coverage();
        let watched =
            known.watched(Weeks { last: day, count: settings.weeks }, &coverage, settings);
        let reported = lateness::shares(known.ledgers(settings), &coverage, &settings.delay, day);
        let found = rises(&watched, settings, &reported).expect("settings that make a model");
        let (register, rules) = (&known.county.register, &self.rules);
        let root = &register.root().code;
        let mut found: Vec<Found> = found
            .into_iter()
            .filter(|f| rules.findings.kinds.contains(&f.kind()))
            .map(|f| evidence(f, day))
            .filter(|f| qualifies(&f.evidence, &rules.findings))
            .collect();
        for f in found.iter_mut().filter(|f| f.area_code == *root) {
            f.evidence.parts = parts_of(&watched, register, &settings.level, &f.evidence);
        }
        found.retain(|f| {
            f.area_code != *root
                || is_spread(
                    &f.evidence.parts,
                    f.evidence.detail.dispersion().unwrap_or(1.0),
                    &rules.county,
                    &rules.findings,
                )
        });
        let (letters, before) = (BTreeMap::new(), std::mem::take(&mut self.warnings));
        self.warnings = update(rules, day, before, &found, &letters).warnings;
        let plan = plan(rules, root, day, &self.warnings, &letters);
        let new = |p: &&Planned| p.warning.opened == day;
        let whole = |p: &&Planned| p.warning.area_code == *root;
        let circular =
            |p: &Planned| (p.warning.topic.clone(), p.warning.latest().cloned().collect());
        let covered =
            |(p, why): &&(Planned, Waits)| *why == Waits::Circular && p.warning.opened == day;
        Drafted {
            circulars: plan.drafts.iter().filter(new).filter(whole).map(circular).collect(),
            single: plan.drafts.iter().filter(new).filter(|p| !whole(p)).count(),
            covered: plan.waiting.iter().filter(covered).count(),
        }
    }
}

fn evidence(finding: Finding, night: NaiveDate) -> Found {
    let known = |x: f64| Some(x).filter(|x| x.is_finite());
    Found {
        area_code: finding.area_code.clone(),
        evidence: Evidence {
            night,
            domain: finding.domain.clone(),
            category: finding.category.clone(),
            method: finding.method.to_owned(),
            period_start: finding.period.0,
            period_end: finding.period.1,
            observed: known(finding.observed),
            expected: known(finding.expected),
            lower: known(finding.lower),
            upper: known(finding.upper),
            p: known(finding.p),
            q: known(finding.q),
            detail: finding.detail,
            parts: Vec::new(),
        },
    }
}

fn summary(evidence: &Evidence) -> String {
    let known = |x: Option<f64>| x.map_or("-".to_owned(), |x| format!("{x:.4}"));
    format!(
        "{} {} in {} days: {} of {} expected, q {}",
        if evidence.category.is_empty() { "all" } else { &evidence.category },
        evidence.kind().name(),
        evidence.days(),
        known(evidence.observed),
        known(evidence.expected),
        known(evidence.q)
    )
}

/// Circulars of quiet counties, and of counties whose townships have incidents of their own.
pub fn print(seeds: std::ops::Range<u64>, events_a_year: usize, detection: &Settings) {
    println!("month-ends of {YEARS} years                    counties  nights  circulars");
    for (name, incidents) in [("quiet", false), ("with incidents of townships", true)] {
        let (mut nights, mut circulars) = (0, Vec::new());
        for seed in seeds.clone() {
            for (day, drafted) in month_ends(seed, events_a_year, incidents, detection) {
                nights += 1;
                circulars.extend(drafted.circulars.into_iter().map(|c| (seed, day, c)));
            }
        }
        let counties = seeds.end - seeds.start;
        println!("  {name:36} {counties:9} {nights:7} {:10}", circulars.len());
        for (seed, day, (topic, evidence)) in circulars {
            println!("    seed {seed} {day} {topic}");
            evidence.iter().for_each(|e| println!("      {}", summary(e)));
        }
    }
    println!(
        "\nrise of {} from 1 January 2026, four weekly nights of January",
        RISEN.join(" and ")
    );
    println!(
        "  events a year  times  counties  a circular  with both  single letters  made needless"
    );
    for size in SIZES {
        for ratio in RATIOS {
            risen(seeds.clone(), size, ratio, detection);
        }
    }
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("a day")
}

/// Five years of month-ends, after three that are learned from.
fn month_ends(
    seed: u64,
    events_a_year: usize,
    incidents: bool,
    detection: &Settings,
) -> Vec<(NaiveDate, Drafted)> {
    let (from, to) = (day(2018, 1, 1), day(2025, 12, 31));
    let params =
        Params { incidents, ..params(from, to, events_a_year * (3 + YEARS as usize), seed) };
    let county = simulated(&params).expect("a county");
    let (mut known, mut centre) = (Known::new(&county, to), Centre::new(detection));
    let months = (2021..=2025).flat_map(|year| (1..=12).map(move |month| (year, month)));
    let ends = months.map(|(year, month)| {
        let next = day(year + month as i32 / 12, month % 12 + 1, 1);
        next - Days::new(1)
    });
    ends.map(|night| {
        known.up_to(night);
        (night, centre.night(&known))
    })
    .collect()
}

/// Counties in which two categories rise in all townships, on the last four weekly nights of the
/// January in which they begin to.
fn risen(seeds: std::ops::Range<u64>, events_a_year: usize, ratio: f64, detection: &Settings) {
    let begins = day(2026, 1, 1);
    let (mut counties, mut found, mut both, mut single, mut covered) = (0, 0, 0, 0, 0);
    for seed in seeds {
        let (from, to) = (day(2022, 1, 1), day(2026, 1, 31));
        let rise = |series: &str| -> CountyRise {
            format!("{series}@{begins}={ratio}").parse().expect("a rise")
        };
        let params = Params {
            rises: RISEN.map(rise).to_vec(),
            incidents: false,
            ..params(from, to, events_a_year * 49 / 12, seed)
        };
        let drafted = january(&simulated(&params).expect("a county"), to, detection);
        let of_disputes: Vec<&Vec<Evidence>> = drafted
            .iter()
            .flat_map(|d| &d.circulars)
            .filter(|(topic, _)| topic == "disputes")
            .map(|(_, evidence)| evidence)
            .collect();
        let names = |category: &str| {
            of_disputes.iter().any(|risen| risen.iter().any(|e| e.category == category))
        };
        counties += 1;
        found += usize::from(!of_disputes.is_empty());
        both += usize::from(names("wage_arrears") && names("neighbour"));
        single += drafted.iter().map(|d| d.single).sum::<usize>();
        covered += drafted.iter().map(|d| d.covered).sum::<usize>();
    }
    println!(
        "  {events_a_year:13} {ratio:6} {counties:9} {found:11} {both:10} {single:15} {covered:14}"
    );
}

fn january(county: &Simulated, last: NaiveDate, detection: &Settings) -> Vec<Drafted> {
    let (mut known, mut centre) = (Known::new(county, last), Centre::new(detection));
    // Warnings of the time before are there, as they would be.
    (0..5)
        .rev()
        .map(|weeks| {
            known.up_to(last - Days::new(7 * weeks));
            (known.night, centre.night(&known))
        })
        .filter(|(night, _)| night.month() == 1 && night.day() > 6)
        .map(|(_, drafted)| drafted)
        .collect()
}
