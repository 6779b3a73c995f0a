//! One event's file (一案一档): its versions, its times against their limits, what it counts in, where
//! its parties appear, and the letters that rest on it.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use datafusion::arrow::array::{Array, RecordBatch};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use lake::error::Result;
use lake::ingest::kept_id;
use lake::schema::{Column, DOMAINS, Domain, Kind};
use lake::{Columns, Derived, Session, quoted};

use super::open::{Opened, Options};
use crate::panel::{EventCount, Pipeline, event_counts};
use crate::warn::Ledger;
use crate::warn::ledger::LetterState;
use crate::workspace::Workspace;

/// An event's file.
pub struct EventFile {
    pub domain: &'static Domain,
    pub event_id: String,
    /// Rows of departments' files that it comes from, where the lake has a hash for its id.
    pub origins: Vec<EventOrigin>,
    /// Every version known then, the first one first.
    pub versions: Vec<EventVersion>,
    /// Whether it counts: its last version does not take it back.
    pub live: bool,
    pub limits: Vec<Limit>,
    /// What it adds to the panel.
    pub counts: Vec<EventCount>,
    /// Other events of the same parties, in order of their days.
    pub related: Vec<Related>,
    /// Letters about a rise of its series in its days, in its area or the one above.
    pub letters: Vec<LetterState>,
}

/// The row of a department's file that brought a version.
pub struct EventOrigin {
    pub delivered_at: DateTime<Utc>,
    pub source: String,
    /// The file's label, and what `b3sum` says of its bytes.
    pub file: String,
    pub digest: Option<String>,
    pub sheet: Option<i64>,
    pub row: i64,
}

/// One version: when it was known, and what it says that the version before did not.
pub struct EventVersion {
    pub recorded_at: DateTime<Utc>,
    pub delivered_at: Option<DateTime<Utc>>,
    /// Column, and its value as written; none where it says nothing any more.
    pub changes: Vec<(&'static str, Option<String>)>,
}

/// Hours that a step took, and what it may take.
pub struct Limit {
    pub step: &'static str,
    pub hours: f64,
    /// Until `due_at`, where that is the limit.
    pub allowed: Option<f64>,
}

/// Another event of the same parties.
pub struct Related {
    pub domain: &'static Domain,
    pub event_id: String,
    pub day: NaiveDate,
}

/// The files of the events of that id, as the department writes it or as the lake has it, one a
/// domain that has it; none where no domain does.
///
/// # Errors
/// [`lake::Error::Delta`], [`lake::Error::Query`], [`lake::Error::Usage`] where the ledger does not
/// hold.
pub fn event(workspace: &Workspace, options: &Options, id: &str) -> Result<Vec<EventFile>> {
    let opened = Opened::for_reading(workspace, options)?;
    let session = Session::new(&opened.lake, &options.limits)?;
    session.register_lake(&opened.lake, &options.as_of)?;
    let mut files = Vec::new();
    let letters = letters(&opened)?;
    let hasher = workspace.party_hasher_if_any()?;
    for domain in &DOMAINS {
        let kept = hasher.as_ref().map(|hasher| kept_id(id, domain.id, hasher));
        for id in std::iter::once(id).chain(kept.as_deref().filter(|kept| *kept != id)) {
            let (versions, last) = versions(&session, domain, id, workspace.time_zone())?;
            if let Some(last) = last {
                files.push(file(&opened, &session, &letters, domain, id, versions, &last)?);
            }
        }
    }
    Ok(files)
}

/// Where the lake has no clear id, the rows that an event comes from.
fn origins(
    opened: &Opened,
    session: &Session,
    domain: &Domain,
    id: &str,
) -> Result<Vec<EventOrigin>> {
    if !opened.lake.has(Derived::Origins) {
        return Ok(Vec::new());
    }
    let batches = session.collect(&format!(
        "select d.delivered_at, d.source, d.file, d.digest, o.sheet, o.row from origins o \
         join deliveries d on d.batch_id = o.batch_id and d.domain = o.domain \
         where o.domain = '{}' and o.event_id = '{}' order by d.delivered_at, o.sheet, o.row",
        domain.id,
        quoted(id)
    ))?;
    let mut origins = Vec::new();
    for batch in &batches {
        let columns = Columns::new(batch);
        let (at, digest) = (columns.instant("delivered_at")?, columns.text("digest")?);
        let (source, file) = (columns.required_text("source")?, columns.required_text("file")?);
        let (sheet, row) = (columns.whole("sheet")?, columns.whole("row")?);
        for i in 0..batch.num_rows() {
            origins.push(EventOrigin {
                delivered_at: at[i].unwrap_or_default(),
                source: source[i].clone(),
                file: file[i].clone(),
                digest: digest[i].clone(),
                sheet: sheet[i],
                row: row[i].unwrap_or_default(),
            });
        }
    }
    Ok(origins)
}

fn file(
    opened: &Opened,
    session: &Session,
    letters: &[LetterState],
    domain: &'static Domain,
    id: &str,
    versions: Vec<EventVersion>,
    last: &RecordBatch,
) -> Result<EventFile> {
    let row = Columns::new(last);
    let instant = |name: &str| -> Result<Option<DateTime<Utc>>> { Ok(row.instant(name)?[0]) };
    let live = row.boolean("withdrawn")?[0] != Some(true);
    let due = if domain.column("due_at").is_some() { instant("due_at")? } else { None };
    let times = [
        ("accepted", instant("occurred_at")?, instant("accepted_at")?, None),
        ("triaged", instant("accepted_at")?, instant("triaged_at")?, None),
        ("resolved", instant("occurred_at")?, instant("resolved_at")?, due),
    ];
    let hours = |from: DateTime<Utc>, to: DateTime<Utc>| (to - from).num_minutes() as f64 / 60.0;
    let limits = times.into_iter().filter_map(|(step, from, to, due)| {
        let from = from?;
        Some(Limit { step, hours: hours(from, to?), allowed: due.map(|due| hours(from, due)) })
    });
    let pipeline = Pipeline::read(opened.workspace, domain)?;
    let counts = if live { event_counts(session, &pipeline, id)? } else { Vec::new() };
    let party = row.text("party_hash")?.remove(0);
    let related = party.map_or(Ok(Vec::new()), |party| related(session, domain, id, &party))?;
    let place = Place {
        domain: domain.id,
        category: row.required_text("category")?.remove(0),
        area: row.required_text("area_code")?.remove(0),
        day: row.required_day("day")?[0],
    };
    let letters = letters.iter().filter(|l| place.is_of(l, opened)).cloned().collect();
    Ok(EventFile {
        domain,
        event_id: id.to_owned(),
        origins: origins(opened, session, domain, id)?,
        versions,
        live,
        limits: limits.collect(),
        counts,
        related,
        letters,
    })
}

/// The letters as of then; unlike `letters list`, no document that is missing is written again.
fn letters(opened: &Opened) -> Result<Vec<LetterState>> {
    let options = opened.options;
    Ok(Ledger::open(opened.workspace, &opened.lake, &options.limits)?.drafted_as_of(&options.as_of))
}

/// Where and when an event counts.
struct Place<'a> {
    domain: &'a str,
    category: String,
    area: String,
    day: NaiveDate,
}

impl Place<'_> {
    /// Whether a letter rests on events of this series, area and day.
    fn is_of(&self, letter: &LetterState, opened: &Opened) -> bool {
        let within = opened.register.is_within(&self.area, &letter.facts.area_code);
        let rests = |rise: &crate::warn::facts::Rise| {
            let evidence = &rise.evidence;
            evidence.domain == self.domain
                && (evidence.category.is_empty() || evidence.category == self.category)
                && (evidence.period_start..=evidence.period_end).contains(&self.day)
        };
        within && letter.facts.risen.iter().any(rests)
    }
}

/// The versions of an event, and the row of the last one.
fn versions(
    session: &Session,
    domain: &'static Domain,
    id: &str,
    zone: Tz,
) -> Result<(Vec<EventVersion>, Option<RecordBatch>)> {
    let batches = session.collect(&format!(
        "select * from {}__all where event_id = '{}' order by recorded_at, delivered_at nulls first, batch_id",
        domain.id,
        quoted(id)
    ))?;
    let (mut versions, mut last) = (Vec::new(), None);
    let mut before: BTreeMap<&str, Option<String>> = BTreeMap::new();
    for batch in &batches {
        let columns = Columns::new(batch);
        let (recorded, delivered) =
            (columns.instant("recorded_at")?, columns.instant("delivered_at")?);
        for row in 0..batch.num_rows() {
            let mut changes = Vec::new();
            for column in domain.columns().filter(|c| !OF_DELIVERY.contains(&c.name)) {
                let value = written(batch, column, row, zone)?;
                if before.get(column.name).unwrap_or(&None) != &value {
                    changes.push((column.name, value.clone()));
                    before.insert(column.name, value);
                }
            }
            let recorded_at = recorded[row].unwrap_or_default();
            versions.push(EventVersion { recorded_at, delivered_at: delivered[row], changes });
            last = Some(batch.slice(row, 1));
        }
    }
    Ok((versions, last))
}

/// Columns that say how a version came, not what happened.
const OF_DELIVERY: &[&str] = &[
    "event_id",
    "recorded_at",
    "delivered_at",
    "recorded_basis",
    "batch_id",
    "day",
    "due_day",
    "withdrawn",
];

/// A value as text, an instant in local time; none where it is null.
fn written(batch: &RecordBatch, column: &Column, row: usize, zone: Tz) -> Result<Option<String>> {
    let values = batch.column_by_name(column.name).filter(|c| c.is_valid(row));
    let Some(values) = values else { return Ok(None) };
    if column.kind == Kind::Instant {
        let at = Columns::new(batch).instant(column.name)?[row];
        return Ok(at.map(|at| at.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string()));
    }
    let options = FormatOptions::default();
    Ok(Some(ArrayFormatter::try_new(values, &options)?.value(row).to_string()))
}

/// Other events of the same parties. Hashes differ between domains unless parties are linked.
fn related(session: &Session, domain: &Domain, id: &str, party: &str) -> Result<Vec<Related>> {
    let mut related = Vec::new();
    for other in &DOMAINS {
        let batches = session.collect(&format!(
            "select event_id, day from {} where party_hash = '{}'",
            other.id,
            quoted(party)
        ))?;
        for batch in &batches {
            let columns = Columns::new(batch);
            let days = columns.required_day("day")?;
            for (event_id, day) in columns.required_text("event_id")?.into_iter().zip(days) {
                if other.id != domain.id || event_id != id {
                    related.push(Related { domain: other, event_id, day });
                }
            }
        }
    }
    related
        .sort_by(|a, b| (a.day, a.domain.id, &a.event_id).cmp(&(b.day, b.domain.id, &b.event_id)));
    Ok(related)
}
