//! Letters against what was injected.

use std::collections::BTreeSet;
use std::path::Path;

use chrono::{Datelike, NaiveDate};
use pingan::detect::Detail;
use pingan::warn::Level;
use pingan::warn::ledger::LetterState;
use pingan::warn::warning::Evidence;

use crate::Done;

/// Days after an incident's end within which a letter about it is still about it: a four-week
/// window reaches that far back.
const AFTER: i64 = 28;
/// China's CIDARS, as published: signals per county and week, and the share of them that led to a
/// suspicion.
const CIDARS: (f64, f64) = (1.65, 0.0124);

/// One thing that was injected.
#[derive(Clone, Debug)]
pub struct Incident {
    pub id: String,
    pub kind: String,
    pub domain: String,
    pub category: String,
    pub areas: Vec<String>,
    pub start: NaiveDate,
    pub end: NaiveDate,
    pub events: usize,
}

/// All of it, and the days the county has.
pub struct Truth {
    pub incidents: Vec<Incident>,
    pub first: NaiveDate,
    pub last: NaiveDate,
}

impl Truth {
    /// Reads `truth/incidents.csv`; the county's first day is taken to be that of the first
    /// incident's year.
    pub fn read(file: &Path) -> Done<Truth> {
        let mut reader = csv::Reader::from_path(file)?;
        let mut incidents = Vec::new();
        for row in reader.records() {
            let row = row?;
            incidents.push(Incident {
                id: row[0].to_owned(),
                kind: row[1].to_owned(),
                domain: row[2].to_owned(),
                category: row[3].to_owned(),
                areas: row[4].split('|').map(str::to_owned).collect(),
                start: row[5].parse()?,
                end: row[6].parse()?,
                events: row[8].parse()?,
            });
        }
        let last = incidents.iter().map(|i| i.end).max().ok_or("nothing was injected")?;
        let earliest = incidents.iter().map(|i| i.start).min().unwrap_or(last);
        let first = NaiveDate::from_ymd_opt(earliest.year(), 1, 1).unwrap_or(earliest);
        Ok(Truth { incidents, first, last })
    }
}

impl Incident {
    /// Whether a finding in an area is about this: its series, while the incident lasts or just
    /// after.
    fn explains(&self, area: &str, found: &Evidence) -> bool {
        let place = self.areas.iter().any(|a| a == area);
        let series = self.domain == found.domain
            && (found.category.is_empty() || found.category == self.category);
        let overlaps = found.period_end >= self.start && found.period_start <= self.end;
        place && series && overlaps && (found.night - self.end).num_days() <= AFTER
    }
}

/// A letter as it was drafted.
#[derive(Clone, Debug)]
pub struct Sent {
    pub area: String,
    pub topic: String,
    pub kind: String,
    pub level: Level,
    pub night: NaiveDate,
    pub first: bool,
    pub found: Vec<Evidence>,
}

impl Sent {
    pub fn new(letter: &LetterState, night: NaiveDate) -> Sent {
        let facts = &letter.facts;
        Sent {
            area: facts.area_code.clone(),
            topic: facts.topic.clone(),
            kind: facts.kind.clone(),
            level: facts.level,
            night,
            first: facts.earlier.is_none(),
            found: facts.risen.iter().map(|r| r.evidence.clone()).collect(),
        }
    }

    fn explained<'a>(&'a self, truth: &'a Truth) -> impl Iterator<Item = &'a Incident> {
        truth
            .incidents
            .iter()
            .filter(|i| i.kind != "outage" && self.found.iter().any(|f| i.explains(&self.area, f)))
    }

    /// In one line: which series rose, and what was injected.
    pub fn describe(&self, truth: &Truth) -> String {
        let series: Vec<String> = self
            .found
            .iter()
            .map(|f| {
                let figure = |x: Option<f64>| x.map_or("?".to_owned(), |x| format!("{x:.1}"));
                let weeks = match &f.detail {
                    Detail::Spike(spike) => format!(" week {}", spike.weeks_in_a_row),
                    _ => String::new(),
                };
                format!(
                    "{} {} {} of {} q {:.4}{weeks}",
                    f.kind().name(),
                    f.category,
                    figure(f.observed),
                    figure(f.expected),
                    f.q.unwrap_or(f64::NAN)
                )
            })
            .collect();
        let ids: Vec<&str> = self.explained(truth).map(|i| i.id.as_str()).collect();
        let of = if ids.is_empty() { "-".to_owned() } else { ids.join(" ") };
        format!(
            "{of:12} {} {} {} {}: {}",
            self.area,
            self.topic,
            self.kind,
            self.level.name(),
            series.join("; ")
        )
    }
}

/// Prints how many letters there were and how right they were.
pub fn print(sent: &[Sent], truth: &Truth, begin: NaiveDate, townships: usize, nights: usize) {
    let months = nights as f64;
    let (first, further): (Vec<&Sent>, Vec<&Sent>) = sent.iter().partition(|s| s.first);
    let right =
        |letters: &[&Sent]| letters.iter().filter(|s| s.explained(truth).next().is_some()).count();
    let share = |n: usize, of: usize| n as f64 / of.max(1) as f64;
    println!(
        "letters: {} first ones ({:.3} a township and month), {} further ones; a county and week: {:.2} (CIDARS {:.2})",
        first.len(),
        first.len() as f64 / (townships as f64 * months),
        further.len(),
        sent.len() as f64 / (months * 52.0 / 12.0),
        CIDARS.0
    );
    println!(
        "precision: {:.3} of first letters ({} of {}), {:.3} of further ones; CIDARS: {:.4} of signals led to a suspicion",
        share(right(&first), first.len()),
        right(&first),
        first.len(),
        share(right(&further), further.len()),
        CIDARS.1
    );
    let seen: Vec<&Incident> =
        truth.incidents.iter().filter(|i| i.kind != "outage" && i.end >= begin).collect();
    let mut leads = Vec::new();
    let mut caught = BTreeSet::new();
    for incident in &seen {
        let letter = sent
            .iter()
            .filter(|s| s.found.iter().any(|f| incident.explains(&s.area, f)))
            .map(|s| s.night)
            .min();
        if let Some(night) = letter {
            caught.insert(incident.id.as_str());
            leads.push(((night - incident.start).num_days(), (incident.end - night).num_days()));
        }
    }
    leads.sort();
    println!(
        "recall: {:.3} ({} of {} injected incidents)",
        share(caught.len(), seen.len()),
        caught.len(),
        seen.len()
    );
    for kind in ["rise", "burst", "cluster", "follow", "step"] {
        let of: Vec<&&Incident> = seen.iter().filter(|i| i.kind == kind).collect();
        let n = of.iter().filter(|i| caught.contains(i.id.as_str())).count();
        println!(
            "  {kind}: {n} of {} ({} events on average)",
            of.len(),
            of.iter().map(|i| i.events).sum::<usize>() / of.len().max(1)
        );
    }
    if let Some((days, _)) = leads.get(leads.len() / 2) {
        let before_end = leads.iter().filter(|(_, left)| *left >= 0).count();
        println!(
            "lead: a letter {days} days after the beginning at the median, {before_end} of {} before the end",
            leads.len()
        );
    }
}
