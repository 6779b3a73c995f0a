//! What was told anew while a feed failed, and when it had come back.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use pingan::feeds::{Coverage, State};

use crate::told::{NEWS, Names, Told};

/// Days after a failure within which its traces would be seen, and before it within which a finding
/// is not new.
const AFTER: u64 = 14;

/// Nights that were looked at within these days before a night say what it tells anew; with fewer
/// than three of them, all would be.
const BEFORE: u64 = 28;
const LEAST: usize = 3;

/// Days of one state after one another.
struct Stretch {
    state: State,
    from: NaiveDate,
    to: NaiveDate,
}

/// Prints a line for each stretch on which requests were missing or thinned.
pub fn print(coverage: &Coverage, nights: &BTreeSet<NaiveDate>, found: &[Told], names: &Names) {
    println!("## Feeds that failed\n");
    let stretches = stretches(coverage, "requests");
    let days = |state: State| {
        stretches
            .iter()
            .filter(|s| s.state == state)
            .map(|s| (s.to - s.from).num_days() + 1)
            .sum::<i64>()
    };
    println!(
        "Requests: {} days missing, {} days thinned.\n",
        days(State::Missing),
        days(State::Partial)
    );
    println!(
        "| days | state | nights looked at until {AFTER} days after | told anew |\n|---|---|---:|---|"
    );
    for stretch in &stretches {
        println!("{}", row(stretch, nights, found, names));
    }
    println!();
    rates(&stretches, nights, found);
}

/// Prints how many findings of requests a night tells that none of the four weeks before told: on
/// days that do not count, and on others. Only nights that follow one that was looked at are held
/// against each other.
fn rates(stretches: &[Stretch], nights: &BTreeSet<NaiveDate>, found: &[Told]) {
    println!("| nights | | {} |\n|---|---:{}|", NEWS.join(" | "), "|---:".repeat(NEWS.len()));
    for (name, within) in [("on which the feed failed or was thinned", true), ("others", false)] {
        let failed = |night: &NaiveDate| stretches.iter().any(|s| (s.from..=s.to).contains(night));
        let before = |night: NaiveDate| nights.range(night - Days::new(BEFORE)..night);
        let fair = |night: NaiveDate| {
            nights.contains(&(night - Days::new(1))) && before(night).count() >= LEAST
        };
        let of: Vec<NaiveDate> =
            nights.iter().copied().filter(|n| failed(n) == within && fair(*n)).collect();
        let anew = |kind: &str| -> usize {
            let told = |night: NaiveDate| -> BTreeSet<(&str, &str)> {
                let of_night = found
                    .iter()
                    .filter(|t| t.night == night && t.domain == "requests" && t.kind == kind);
                of_night.map(|t| (t.area.as_str(), t.category.as_str())).collect()
            };
            let known =
                |night: NaiveDate| before(night).flat_map(|n| told(*n)).collect::<BTreeSet<_>>();
            of.iter().map(|night| told(*night).difference(&known(*night)).count()).sum()
        };
        let counts: Vec<String> = NEWS.iter().map(|kind| anew(kind).to_string()).collect();
        println!("| {name} | {} | {} |", of.len(), counts.join(" | "));
    }
    println!();
}

fn row(stretch: &Stretch, nights: &BTreeSet<NaiveDate>, found: &[Told], names: &Names) -> String {
    let until = stretch.to + Days::new(AFTER);
    let key = |t: &Told| (t.kind.clone(), t.category.clone(), t.area.clone());
    let of = |from: NaiveDate, to: NaiveDate| {
        found.iter().filter(move |t| t.domain == "requests" && (from..=to).contains(&t.night))
    };
    let before: Vec<_> =
        of(stretch.from - Days::new(AFTER), stretch.from - Days::new(1)).map(key).collect();
    let mut anew: BTreeMap<_, &Told> = BTreeMap::new();
    for told in of(stretch.from, until).filter(|t| !before.contains(&key(t))) {
        anew.entry(key(told)).or_insert(told);
    }
    let mut told: Vec<&Told> = anew.into_values().collect();
    told.sort_by_key(|t| t.night);
    let name = |t: &&Told| {
        let (area, series) = (names.area(&t.area), names.series(&t.domain, &t.category));
        format!("{} {} {area} {series} {:.0}/{:.1}", t.night, t.kind, t.observed, t.expected)
    };
    let told: Vec<String> = told.iter().map(name).collect();
    let days = if stretch.from == stretch.to {
        stretch.from.to_string()
    } else {
        format!("{} – {}", stretch.from, stretch.to)
    };
    format!(
        "| {days} | {} | {} | {} |",
        stretch.state.name(),
        nights.range(stretch.from..=until).count(),
        told.join("; ")
    )
}

fn stretches(coverage: &Coverage, domain: &str) -> Vec<Stretch> {
    let mut stretches: Vec<Stretch> = Vec::new();
    for gap in coverage.feeds.get(domain).map_or(&[][..], |feed| feed.gaps.as_slice()) {
        match stretches.last_mut() {
            Some(last) if last.state == gap.state && gap.day == last.to + Days::new(1) => {
                last.to = gap.day
            }
            _ => stretches.push(Stretch { state: gap.state, from: gap.day, to: gap.day }),
        }
    }
    stretches
}
