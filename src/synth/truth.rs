//! `truth/`: what was injected, and what must be refused.

use std::path::Path;

use chrono::NaiveDate;

use lake::error::{At, Result};

use super::Span;
use super::county::County;
use super::incidents::{Incident, Plan, id};
use super::rates::RHYTHMS;
use super::simulate::Outcome;

const README: &str = "# Truth of a simulation

Everything in this workspace is SIMULATED by `pingan synth`: no event happened, no person exists, and the figures of areas.csv
(population, households, vehicles, enterprises, positions) are drawn at random. Only the names and codes of the areas are real.

- `incidents.csv`: what was injected on top of the ordinary. `kind`: burst (one or two weeks), rise (steadily over weeks), step (from a day on, for good),
  cluster (two or three neighbouring townships), follow (after a burst in another domain; see `note`), outage (the feed delivered nothing in
  the whole county). `category` is empty where it means all. `area_code`: several are joined by `|`. `start`, `end`: first and last day.
  `factor_or_size`: times the usual at the height (outage: days). `injected_events`: how many.
- `events.csv`: the injected events. The category is the one injected: a later version may have corrected it.
- `bad_rows.csv`: rows of the untidy files that no ingest may accept, beyond the events asked for.
";

/// One incident, as a line of `incidents.csv`.
#[derive(Clone, Debug, PartialEq)]
pub struct Truth {
    pub id: String,
    /// burst, rise, step, cluster, follow or outage.
    pub kind: &'static str,
    pub domain: &'static str,
    /// Empty where it means all.
    pub category: &'static str,
    /// Codes of the townships, or the county's alone.
    pub areas: Vec<String>,
    /// First and last day.
    pub start: NaiveDate,
    pub end: NaiveDate,
    /// Times the usual at the height (outage: days).
    pub size: f64,
    /// Events injected.
    pub events: usize,
    pub note: String,
}

/// The incidents of a plan.
pub fn incidents(span: &Span, county: &County, plan: &Plan) -> Vec<Truth> {
    let one = |(n, (incident, events)): (usize, (&Incident, &usize))| {
        let rhythm = &RHYTHMS[incident.domain];
        let codes: Vec<String> =
            incident.townships.iter().map(|&t| county.townships[t].code.clone()).collect();
        Truth {
            id: id(n),
            kind: incident.kind.name(),
            domain: rhythm.id,
            category: incident.category.map_or("", |c| rhythm.categories[c].code),
            areas: if codes.is_empty() { vec![county.register.root().code.clone()] } else { codes },
            start: span.date_at(incident.first),
            end: span.date_at(incident.last),
            size: incident.size,
            events: *events,
            note: incident.note.clone(),
        }
    };
    plan.incidents.iter().zip(&plan.counts).enumerate().map(one).collect()
}

/// Writes the folder.
///
/// # Errors
/// Where it cannot be written.
pub fn write(folder: &Path, incidents: &[Truth], outcome: &Outcome) -> Result<()> {
    std::fs::create_dir_all(folder).at(folder)?;
    let readme = folder.join("README.md");
    std::fs::write(&readme, README).at(&readme)?;
    let incidents = incidents.iter().map(|i| {
        [
            i.id.clone(),
            i.kind.to_owned(),
            i.domain.to_owned(),
            i.category.to_owned(),
            i.areas.join("|"),
            i.start.to_string(),
            i.end.to_string(),
            format!("{:.2}", i.size),
            i.events.to_string(),
            i.note.clone(),
        ]
    });
    let head = [
        "incident_id",
        "kind",
        "domain",
        "category",
        "area_code",
        "start",
        "end",
        "factor_or_size",
        "injected_events",
        "note",
    ];
    table(&folder.join("incidents.csv"), &head, incidents)?;
    let mut events: Vec<_> =
        outcome.injected.iter().map(|(n, event)| [id(*n), event.clone()]).collect();
    events.sort();
    table(&folder.join("events.csv"), &["incident_id", "event_id"], events)?;
    let bad = outcome
        .bad_rows
        .iter()
        .map(|b| [b.file.clone(), b.event_id.clone(), b.column.to_owned(), b.what.to_owned()]);
    table(&folder.join("bad_rows.csv"), &["file", "event_id", "column", "what"], bad)
}

fn table<const N: usize>(
    file: &Path,
    head: &[&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> Result<()> {
    let io = |e: csv::Error| std::io::Error::other(e);
    let mut writer = csv::Writer::from_path(file).map_err(io).at(file)?;
    writer.write_record(head).map_err(io).at(file)?;
    for row in rows {
        writer.write_record(&row).map_err(io).at(file)?;
    }
    writer.flush().at(file)
}
