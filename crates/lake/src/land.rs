//! A file's accepted rows and refusals into the lake, once.

use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, Date32Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use datafusion::arrow::datatypes::Date32Type;

use chrono::NaiveDate;

use super::ingest::{Intake, Refusal, Sink, Tally, batch_id, read_file};
use super::mapping::Mapping;
use super::schema::Domain;
use super::{Appender, Derived, Lake};
use crate::error::Result;

/// What became of one file under one mapping.
#[derive(Debug)]
pub struct Landed {
    /// File name.
    pub file: String,
    pub domain: &'static Domain,
    pub batch_id: String,
    /// What was read; `None` where the same file had landed before, and nothing was done.
    pub tally: Option<Tally>,
    /// The first refusals, for a person to read; all are in `rejected`.
    pub refusals: Vec<Refusal>,
}

/// What totals are of, in `deliveries`.
const MONTH: &str = "month";

/// Refusals kept for the report beside the file.
const SHOWN: usize = 200;

/// Reads a file by a mapping and commits its rows: first the refusals, then that it was delivered,
/// last the events, each under the batch's application transaction, so that a kill between two of
/// them is mended by running again.
///
/// # Errors
/// Those of [`read_file`], after which nothing of the file is in the lake by this mapping;
/// [`crate::Error::Delta`].
pub fn land(lake: &Lake, intake: &Intake, file: &Path, mapping: &Mapping) -> Result<Landed> {
    let domain = mapping.domain;
    let batch_id = batch_id(file, mapping, domain, intake.history)?;
    let name = super::mask::mask(&super::files::name(file)).into_owned();
    let transaction = format!("ingest:{batch_id}");
    let mut landed = Landed { file: name, domain, batch_id, tally: None, refusals: Vec::new() };
    let mut events = lake.events(domain)?;
    if events.transaction(&transaction)?.is_some() {
        return Ok(landed);
    }
    let mut rejected = lake.derived(Derived::Rejected)?;
    let mut sink = ToLake {
        events: events.appender()?,
        rejected: rejected.appender()?,
        file: landed.file.clone(),
        batch_id: landed.batch_id.clone(),
        shown: Vec::new(),
    };
    let tally = read_file(file, Some(domain), mapping, intake, &landed.batch_id, &mut sink)?;
    let ToLake { events: accepted, rejected: refused, shown, .. } = sink;
    let (accepted, refused) = (accepted.finish()?, refused.finish()?);
    if refused.rows > 0 && rejected.transaction(&transaction)?.is_none() {
        rejected.commit(refused, &[], &[(transaction.clone(), 1)])?;
    }
    let mut deliveries = lake.derived(Derived::Deliveries)?;
    if accepted.rows > 0 && deliveries.transaction(&transaction)?.is_none() {
        let mut appender = deliveries.appender()?;
        appender.write(&delivery(&landed, mapping, intake, &tally)?)?;
        deliveries.commit(appender.finish()?, &[], &[(transaction.clone(), 1)])?;
    }
    events.commit(accepted, &[], &[(transaction, 1)])?;
    landed.tally = Some(tally);
    landed.refusals = shown;
    Ok(landed)
}

/// The row of `deliveries` of a file.
fn delivery(
    landed: &Landed,
    mapping: &Mapping,
    intake: &Intake,
    tally: &Tally,
) -> Result<RecordBatch> {
    let text = |value: &str| Arc::new(StringArray::from(vec![value])) as ArrayRef;
    let day = |day: Option<NaiveDate>| {
        Arc::new(Date32Array::from(vec![day.map(Date32Type::from_naive_date)])) as ArrayRef
    };
    let at = TimestampMicrosecondArray::from(vec![intake.clock.timestamp_micros()]);
    let columns = vec![
        text(landed.domain.id),
        text(&mapping.source),
        text(&landed.batch_id),
        text(&landed.file),
        Arc::new(at.with_timezone("UTC")),
        Arc::new(Int64Array::from(vec![tally.accepted as i64])),
        day(tally.days.map(|(first, _)| first)),
        day(tally.days.map(|(_, last)| last)),
        Arc::new(StringArray::from(vec![mapping.rhythm.map(|rhythm| rhythm.name())])),
        Arc::new(StringArray::from(vec![mapping.totals.as_ref().map(|_| MONTH)])),
    ];
    Ok(RecordBatch::try_new(Derived::Deliveries.schema(), columns)?)
}

struct ToLake {
    events: Appender,
    rejected: Appender,
    file: String,
    batch_id: String,
    shown: Vec<Refusal>,
}

impl Sink for ToLake {
    fn accept(&mut self, batch: RecordBatch) -> Result<()> {
        self.events.write(&batch)
    }

    fn refuse(&mut self, refusals: &[Refusal]) -> Result<()> {
        self.shown.extend(refusals.iter().take(SHOWN.saturating_sub(self.shown.len())).cloned());
        let text = |f: fn(&Refusal) -> &str| {
            Arc::new(StringArray::from_iter_values(refusals.iter().map(f)))
        };
        let own =
            |value: &str| Arc::new(StringArray::from_iter_values(refusals.iter().map(|_| value)));
        let batch = RecordBatch::try_new(
            Derived::Rejected.schema(),
            vec![
                own(&self.batch_id),
                own(&self.file),
                Arc::new(Int64Array::from_iter_values(refusals.iter().map(|r| r.row as i64))),
                text(|r| &r.column),
                text(|r| &r.value),
                text(|r| &r.reason),
                text(|r| &r.fix),
            ],
        )?;
        self.rejected.write(&batch)
    }
}
