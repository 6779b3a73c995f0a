//! `truth/`: what was injected, and what must be refused.

use std::path::Path;

use crate::error::{At, Result};

use super::Span;
use super::county::County;
use super::incidents::{Plan, id};
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

/// Writes the folder.
///
/// # Errors
/// Where it cannot be written.
pub fn write(folder: &Path, span: &Span, county: &County, plan: &Plan, outcome: &Outcome) -> Result<()> {
    std::fs::create_dir_all(folder).at(folder)?;
    let readme = folder.join("README.md");
    std::fs::write(&readme, README).at(&readme)?;
    let incidents = plan.incidents.iter().zip(&plan.counts).enumerate().map(|(n, (i, count))| {
        let rhythm = &RHYTHMS[i.domain];
        let codes: Vec<&str> = i.townships.iter().map(|&t| county.townships[t].code.as_str()).collect();
        let areas = if codes.is_empty() { county.register.root().code.clone() } else { codes.join("|") };
        [
            id(n),
            i.kind.name().to_owned(),
            rhythm.id.to_owned(),
            i.category.map_or(String::new(), |c| rhythm.categories[c].code.to_owned()),
            areas,
            span.date_at(i.first).to_string(),
            span.date_at(i.last).to_string(),
            format!("{:.2}", i.size),
            count.to_string(),
            i.note.clone(),
        ]
    });
    let head = ["incident_id", "kind", "domain", "category", "area_code", "start", "end", "factor_or_size", "injected_events", "note"];
    table(&folder.join("incidents.csv"), &head, incidents)?;
    let mut events: Vec<_> = outcome.injected.iter().map(|(n, event)| [id(*n), event.clone()]).collect();
    events.sort();
    table(&folder.join("events.csv"), &["incident_id", "event_id"], events)?;
    let bad = outcome.bad_rows.iter().map(|b| [b.file.clone(), b.event_id.clone(), b.column.to_owned(), b.what.to_owned()]);
    table(&folder.join("bad_rows.csv"), &["file", "event_id", "column", "what"], bad)
}

fn table<const N: usize>(file: &Path, head: &[&str; N], rows: impl IntoIterator<Item = [String; N]>) -> Result<()> {
    let io = |e: csv::Error| std::io::Error::other(e);
    let mut writer = csv::Writer::from_path(file).map_err(io).at(file)?;
    writer.write_record(head).map_err(io).at(file)?;
    for row in rows {
        writer.write_record(&row).map_err(io).at(file)?;
    }
    writer.flush().at(file)
}
