//! A file's accepted rows and refusals into the lake, once.

use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, Date32Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use datafusion::arrow::datatypes::Date32Type;

use chrono::NaiveDate;

use super::ingest::{
    BatchId, Intake, Origin, Refusal, Refusals, RefusedBefore, Sink, Tally, batch_id, read_file,
};
use super::label::label;
use super::mapping::Mapping;
use super::schema::Domain;
use super::{Appender, Derived, Lake, rejected, restarted::IdSample, table};
use crate::error::Result;

/// What became of one file under one mapping.
#[derive(Debug)]
pub struct Landed {
    /// The file's name, without what could name a person ([`label`]).
    pub file: String,
    pub domain: &'static Domain,
    pub batch_id: String,
    /// What was read; `None` where the same file had landed before, and nothing was done.
    pub tally: Option<Tally>,
    /// What was refused, by column and reason; each is in `rejected`.
    pub refusals: Refusals,
}

/// What totals are of, in `deliveries`.
const MONTH: &str = "month";

/// Reads a file by a mapping and commits its rows: first the refusals, then where events with a
/// hashed id come from, then that it was delivered, last the events, each under the batch's
/// application transaction, so that a kill between two of them is mended by running again. Of a
/// file that had landed, what was refused then is looked at again: the register, a list of words or
/// the clock may have been mended.
///
/// # Errors
/// Those of [`read_file`], after which nothing of the file is in the lake by this mapping;
/// [`crate::Error::Delta`].
pub fn land(lake: &Lake, intake: &Intake, file: &Path, mapping: &Mapping) -> Result<Landed> {
    let BatchId { id, digest } = batch_id(file, mapping, mapping.domain, intake.history)?;
    let name = label(&super::files::name(file), &mapping.files);
    let delivery = Delivery { lake, intake, file, mapping, name, digest };
    match lake.events(mapping.domain)?.transaction(&transaction(&id))? {
        Some(times) => delivery.land_again(id, times),
        None => delivery.land_first(id),
    }
}

/// The application transaction of a batch.
fn transaction(batch_id: &str) -> String {
    format!("ingest:{batch_id}")
}

/// A file that is delivered under a mapping.
struct Delivery<'a> {
    lake: &'a Lake,
    intake: &'a Intake<'a>,
    file: &'a Path,
    mapping: &'a Mapping,
    name: String,
    digest: String,
}

/// What a file became: written, and not yet committed.
struct Written {
    accepted: table::Written,
    refused: table::Written,
    traced: table::Written,
    refusals: Refusals,
    ids: IdSample,
    tally: Tally,
}

impl Delivery<'_> {
    fn land_first(&self, batch_id: String) -> Result<Landed> {
        let written = self.write(&batch_id, &batch_id, None)?;
        if self.mapping.totals.is_none() {
            let events = self.lake.events(self.mapping.domain)?.files()?;
            written.ids.check(self.file, &events)?;
        }
        let transaction = (transaction(&batch_id), 1);
        let mut rejected = self.lake.derived(Derived::Rejected)?;
        if written.refused.rows > 0 && rejected.transaction(&transaction.0)?.is_none() {
            rejected.commit(written.refused, &[], std::slice::from_ref(&transaction))?;
        }
        self.commit_trace(written.traced, &batch_id, &written.tally, &transaction)?;
        self.lake.events(self.mapping.domain)?.commit(written.accepted, &[], &[transaction])?;
        Ok(self.landed(batch_id, Some(written.tally), written.refusals))
    }

    /// What can be taken now of what was refused lands as a batch of its own, and `rejected` keeps
    /// what is refused still; where nothing can, nothing is done. The events come first: after a
    /// kill they come once more, as the same versions.
    fn land_again(&self, first: String, times: i64) -> Result<Landed> {
        let nothing = |id| Ok(self.landed(id, None, Refusals::default()));
        let mut rejected = self.lake.derived(Derived::Rejected)?;
        let before = rejected::read_batch(&rejected, &first)?;
        if before.refused.is_empty() {
            return nothing(first);
        }
        let transaction = (transaction(&first), times + 1);
        let id = blake3::hash(format!("{first} {}", transaction.1).as_bytes());
        let id = id.to_hex()[..16].to_owned();
        let written = self.write(&id, &first, Some(&before.refused))?;
        if written.tally.accepted == 0 {
            return nothing(first);
        }
        let mut events = self.lake.events(self.mapping.domain)?;
        events.commit(written.accepted, &[], std::slice::from_ref(&transaction))?;
        self.commit_trace(written.traced, &id, &written.tally, &transaction)?;
        let mut others = rejected.appender()?;
        before.others.iter().try_for_each(|batch| others.write(batch))?;
        let refused = others.finish()?.join(written.refused);
        rejected.commit(refused, &before.files, &[transaction])?;
        Ok(self.landed(id, Some(written.tally), written.refusals))
    }

    fn landed(&self, batch_id: String, tally: Option<Tally>, refusals: Refusals) -> Landed {
        Landed { file: self.name.clone(), domain: self.mapping.domain, batch_id, tally, refusals }
    }

    /// Reads the file into new files of the tables. Refusals are kept under the batch of the file's
    /// first landing.
    fn write(&self, batch_id: &str, first: &str, again: Option<&RefusedBefore>) -> Result<Written> {
        let (lake, domain) = (self.lake, self.mapping.domain);
        let mut sink = ToLake {
            events: lake.events(domain)?.appender()?,
            rejected: lake.derived(Derived::Rejected)?.appender()?,
            origins: lake.derived(Derived::Origins)?.appender()?,
            domain,
            file: self.name.clone(),
            batch_id: batch_id.to_owned(),
            first: first.to_owned(),
            refusals: Refusals::default(),
            ids: IdSample::default(),
        };
        let tally = read_file(
            self.file,
            Some(domain),
            self.mapping,
            self.intake,
            batch_id,
            again,
            &mut sink,
        )?;
        Ok(Written {
            accepted: sink.events.finish()?,
            refused: sink.rejected.finish()?,
            traced: sink.origins.finish()?,
            refusals: sink.refusals,
            ids: sink.ids,
            tally,
        })
    }

    /// Commits from which rows events come, and that the file was delivered.
    fn commit_trace(
        &self,
        traced: table::Written,
        batch_id: &str,
        tally: &Tally,
        transaction: &(String, i64),
    ) -> Result<()> {
        let named = std::slice::from_ref(transaction);
        let mut origins = self.lake.derived(Derived::Origins)?;
        if traced.rows > 0 && origins.transaction(&transaction.0)? != Some(transaction.1) {
            origins.commit(traced, &[], named)?;
        }
        let mut deliveries = self.lake.derived(Derived::Deliveries)?;
        if tally.accepted > 0 && deliveries.transaction(&transaction.0)? != Some(transaction.1) {
            let mut appender = deliveries.appender()?;
            appender.write(&self.row(batch_id, tally)?)?;
            deliveries.commit(appender.finish()?, &[], named)?;
        }
        Ok(())
    }

    /// The file's row of `deliveries`.
    fn row(&self, batch_id: &str, tally: &Tally) -> Result<RecordBatch> {
        let text = |value: &str| Arc::new(StringArray::from(vec![value])) as ArrayRef;
        let day = |day: Option<NaiveDate>| {
            Arc::new(Date32Array::from(vec![day.map(Date32Type::from_naive_date)])) as ArrayRef
        };
        let mapping = self.mapping;
        let at = TimestampMicrosecondArray::from(vec![self.intake.clock.timestamp_micros()]);
        let columns = vec![
            text(mapping.domain.id),
            text(&mapping.source),
            text(batch_id),
            text(&self.name),
            Arc::new(at.with_timezone("UTC")),
            Arc::new(Int64Array::from(vec![tally.accepted as i64])),
            day(tally.days.map(|(first, _)| first)),
            day(tally.days.map(|(_, last)| last)),
            Arc::new(StringArray::from(vec![mapping.rhythm.map(|rhythm| rhythm.name())])),
            Arc::new(StringArray::from(vec![mapping.totals.as_ref().map(|_| MONTH)])),
            text(&self.digest),
        ];
        Ok(RecordBatch::try_new(Derived::Deliveries.schema(), columns)?)
    }
}

struct ToLake {
    events: Appender,
    rejected: Appender,
    origins: Appender,
    domain: &'static Domain,
    file: String,
    batch_id: String,
    /// The batch of the file's first landing, under which refusals are kept.
    first: String,
    refusals: Refusals,
    ids: IdSample,
}

impl Sink for ToLake {
    fn accept(&mut self, batch: RecordBatch) -> Result<()> {
        self.ids.add(&batch);
        self.events.write(&batch)
    }

    fn refuse(&mut self, refusals: &[Refusal]) -> Result<()> {
        refusals.iter().for_each(|refusal| self.refusals.add(refusal));
        let text = |f: fn(&Refusal) -> &str| {
            Arc::new(StringArray::from_iter_values(refusals.iter().map(f)))
        };
        let own =
            |value: &str| Arc::new(StringArray::from_iter_values(refusals.iter().map(|_| value)));
        let batch = RecordBatch::try_new(
            Derived::Rejected.schema(),
            vec![
                own(&self.first),
                own(&self.file),
                Arc::new(Int64Array::from_iter_values(refusals.iter().map(|r| r.row as i64))),
                text(|r| &r.column),
                text(|r| &r.shape),
                text(|r| &r.reason),
                text(|r| &r.fix),
            ],
        )?;
        self.rejected.write(&batch)
    }

    fn trace(&mut self, rows: &[Origin]) -> Result<()> {
        let own = |value: &str| Arc::new(StringArray::from_iter_values(rows.iter().map(|_| value)));
        let sheets: Int64Array = rows.iter().map(|r| r.sheet.map(i64::from)).collect();
        let batch = RecordBatch::try_new(
            Derived::Origins.schema(),
            vec![
                own(self.domain.id),
                Arc::new(StringArray::from_iter_values(rows.iter().map(|r| &r.event_id))),
                own(&self.batch_id),
                Arc::new(sheets),
                Arc::new(Int64Array::from_iter_values(rows.iter().map(|r| r.row as i64))),
            ],
        )?;
        self.origins.write(&batch)
    }
}
