//! What was told anew while a feed failed, and when it had come back.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use pingan::panel::{Coverage, State};

use crate::told::{Names, Told};

/// Days after a failure within which its traces would be seen, and before it within which a finding is not new.
const AFTER: u64 = 14;

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
    let days = |state: State| stretches.iter().filter(|s| s.state == state).map(|s| (s.to - s.from).num_days() + 1).sum::<i64>();
    println!("Requests: {} days missing, {} days thinned.\n", days(State::Missing), days(State::Partial));
    println!("| days | state | nights looked at until {AFTER} days after | told anew |\n|---|---|---:|---|");
    for stretch in &stretches {
        println!("{}", row(stretch, nights, found, names));
    }
    println!();
}

fn row(stretch: &Stretch, nights: &BTreeSet<NaiveDate>, found: &[Told], names: &Names) -> String {
    let until = stretch.to + Days::new(AFTER);
    let key = |t: &Told| (t.kind.clone(), t.category.clone(), t.area.clone());
    let of = |from: NaiveDate, to: NaiveDate| found.iter().filter(move |t| t.domain == "requests" && (from..=to).contains(&t.night));
    let before: Vec<_> = of(stretch.from - Days::new(AFTER), stretch.from - Days::new(1)).map(key).collect();
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
    let days = if stretch.from == stretch.to { stretch.from.to_string() } else { format!("{} – {}", stretch.from, stretch.to) };
    format!("| {days} | {} | {} | {} |", stretch.state.name(), nights.range(stretch.from..=until).count(), told.join("; "))
}

fn stretches(coverage: &Coverage, domain: &str) -> Vec<Stretch> {
    let mut stretches: Vec<Stretch> = Vec::new();
    for gap in coverage.feeds.get(domain).map_or(&[][..], |(_, gaps)| gaps.as_slice()) {
        match stretches.last_mut() {
            Some(last) if last.state == gap.state && gap.day == last.to + Days::new(1) => last.to = gap.day,
            _ => stretches.push(Stretch { state: gap.state, from: gap.day, to: gap.day }),
        }
    }
    stretches
}
