//! One night's increments to the panel: sums that new versions of events add, and sums that the
//! versions they supersede take back.
//!
//! A version of an event counts from its own recorded day to that of the next version. For the
//! events that a night touches, the difference between the chain of versions before and after is
//! the night's increment; so files may arrive in any order.

use lake::Derived;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use chrono_tz::Tz;
use datafusion::arrow::array::{ArrayRef, AsArray, RecordBatch, StringArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Int64Type, SchemaRef};
use datafusion::prelude::DataFrame;

use super::keys;
use super::pipeline::{COLUMNS, Pipeline};
use super::versions::{self, BLOCK, FOLLOWING, Origin, Versions, origin_sql};
use lake::schema::Domain;
use lake::{
    DataFile, Lake, Limits, PANEL_ORDER, Session, Table, Written, columns_read, event_ids,
    find_versions,
};
use lake::{Error, Result};

/// What one domain's update did.
#[derive(Debug)]
pub struct Update {
    pub domain: &'static Domain,
    /// Rows appended to the panel.
    pub rows: u64,
    /// The SQL had changed, so the domain was built anew.
    pub rebuilt: bool,
    /// Versions that changed under an unchanged `recorded_at`: they are known from their delivery.
    pub changed: u64,
}

/// Whether a domain's panel is up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Everything in the event table is in the panel.
    Current,
    /// Versions came after this version of the event table (-1: none yet counted).
    Behind(i64),
    /// The panel was built with another SQL.
    OtherSql,
}

/// Whether the panel lacks something of this domain.
///
/// # Errors
/// [`Error::Delta`].
pub fn pending(panel: &Table, events: &Table, pipeline: &Pipeline) -> Result<Standing> {
    Ok(match panel.transaction(&pipeline.transaction())? {
        Some(version) if version == events.version() => Standing::Current,
        Some(version) => Standing::Behind(version),
        None if files_of(panel, pipeline.domain)?.is_empty() => Standing::Behind(-1),
        None => Standing::OtherSql,
    })
}

/// Rows from which increments are committed, and not kept for a commit together with those of the
/// next domain.
const MANY: u64 = 1 << 18;
/// Versions up to which it is not worth sharing out the work.
const FEW: u64 = 1 << 16;

/// Increments that are written and wait to be committed together: after an ordinary night, those of
/// all domains.
#[derive(Default)]
pub struct Increments {
    written: Written,
    replaced: Vec<DataFile>,
    transactions: Vec<(String, i64)>,
}

impl Increments {
    /// Writes what one domain's panel lacks of its events; commits where enough is waiting.
    ///
    /// # Errors
    /// [`Error::Config`] where the SQL is wrong, [`Error::Delta`], [`Error::Query`].
    pub fn add(
        &mut self,
        lake: &Lake,
        pipeline: &Pipeline,
        zone: Tz,
        limits: &Limits,
    ) -> Result<Option<Update>> {
        let events = lake.events(pipeline.domain)?;
        let panel = lake.derived(Derived::Panel)?;
        let (from, rebuilt) = match pending(&panel, &events, pipeline)? {
            Standing::Current => return Ok(None),
            Standing::Behind(version) => (version, false),
            Standing::OtherSql => (-1, true),
        };
        let incoming = events.added_since(from)?;
        let known: HashSet<&PathBuf> = incoming.iter().map(|f| &f.path).collect();
        let earlier: Vec<DataFile> =
            events.files()?.into_iter().filter(|f| !known.contains(&f.path)).collect();
        let replaced = if rebuilt { files_of(&panel, pipeline.domain)? } else { Vec::new() };
        let (written, changed) = match incoming.is_empty() {
            true => (Written::default(), 0),
            false => {
                let few = incoming
                    .iter()
                    .map(|f| f.rows().unwrap_or(u64::MAX))
                    .fold(0, u64::saturating_add)
                    <= FEW;
                let limits =
                    Limits { threads: if few { 1 } else { limits.threads }, ..limits.clone() };
                DomainUpdate { pipeline, zone, session: Session::new(lake, &limits)? }
                    .increments(&panel, &incoming, &earlier)?
            }
        };
        let rows = written.rows;
        self.written = std::mem::take(&mut self.written).join(written);
        self.replaced.extend(replaced);
        self.transactions.push((pipeline.transaction(), events.version()));
        if self.written.rows >= MANY {
            self.commit(lake)?;
        }
        Ok(Some(Update { domain: pipeline.domain, rows, rebuilt, changed }))
    }

    /// Commits what is waiting.
    ///
    /// # Errors
    /// [`Error::Delta`].
    pub fn commit(&mut self, lake: &Lake) -> Result<()> {
        let Increments { written, replaced, transactions } = std::mem::take(self);
        if !transactions.is_empty() {
            lake.derived(Derived::Panel)?.commit(written, &replaced, &transactions)?;
        }
        Ok(())
    }
}

/// The panel's files of one domain; a file holds one domain.
fn files_of(panel: &Table, domain: &Domain) -> Result<Vec<DataFile>> {
    Ok(panel
        .files()?
        .into_iter()
        .filter(|f| f.bounds("domain").is_some_and(|(low, _)| low == domain.id))
        .collect())
}

struct DomainUpdate<'a> {
    pipeline: &'a Pipeline,
    zone: Tz,
    session: Session,
}

impl DomainUpdate<'_> {
    fn increments(
        &self,
        panel: &Table,
        incoming: &[DataFile],
        earlier: &[DataFile],
    ) -> Result<(Written, u64)> {
        let domain = self.pipeline.domain;
        self.session.register_function(keys::version_key());
        self.session.register_function(keys::panel_key());
        let paths: Vec<PathBuf> = incoming.iter().map(|f| f.path.clone()).collect();
        self.session.register_files("incoming", domain.schema(), &paths)?;
        let earlier = if earlier.is_empty() {
            Vec::new()
        } else {
            find_versions(earlier, &Arc::new(event_ids(incoming)?), &domain.schema())?
        };
        self.session.register_batches("earlier", domain.schema(), earlier)?;

        // The SQL reads this file under the domain's name, not the lake's table: versions in force,
        // and superseded ones, with their recorded day moved ([`BLOCK`]).
        // It is planned once: over a file that is written only when the plan has told which
        // columns it must have.
        let file = versions::file()?;
        self.session.register_files(
            domain.id,
            versions::schema(domain),
            &[file.path().to_path_buf()],
        )?;
        let plan = planned(&self.session, self.pipeline)?;
        let columns = columns_of(&plan, domain)?;
        self.session.register_plan("increments", plan)?;

        let mut versions = Versions::new(&file, domain, &columns)?;
        self.session.stream(self.chains(&columns)?, |batch| versions.write(batch))?;
        let written = versions.finish()?;
        let mut appender = panel.appender()?.in_order();
        let target = panel.schema();
        self.session.stream(self.sum()?, |batch| {
            appender.write(&panel_rows(&batch, &target, &written.origins)?)
        })?;
        Ok((appender.finish()?, written.changed))
    }

    /// The versions of each event one after the other, those of before among them, with the local
    /// day each became known on.
    ///
    /// The next version's day is read off the order: a window function partitioned by event would
    /// start anew for every second row.
    fn chains(&self, columns: &[&str]) -> Result<DataFrame> {
        let day = |instant: &str| {
            let zone = self.zone.name();
            format!(
                "cast(arrow_cast({instant}, 'Timestamp(Microsecond, Some(\"{zone}\"))') as date)"
            )
        };
        let read = columns.iter().map(|c| format!("{c}, ")).collect::<String>();
        let [
            withdrawn,
            was_there,
            id,
            recorded,
            recorded_day,
            delivered_day,
            origin,
            events,
            place,
        ] = FOLLOWING;
        self.session.sql(&format!(
            "select {read}withdrawn as {withdrawn}, {was_there}, event_id as {id}, recorded_at as {recorded}, \
                    {} as {recorded_day}, {} as {delivered_day}, {} as {origin}, coalesce(count, 1) as {events}, \
                    version_key(event_id, recorded_at, coalesce(delivered_at, recorded_at), batch_id) as {place} \
             from (select *, true as {was_there} from earlier union all select *, false as {was_there} from incoming) order by {place}",
            day("recorded_at"),
            day("delivered_at"),
            origin_sql(self.pipeline.domain)
        ))
    }

    /// The domain's SQL over the versions, those that are taken back with the sign turned, with the
    /// number of their origin.
    fn sum(&self) -> Result<DataFrame> {
        let (block, day) = (
            format!("cast(recorded_day as int) / {BLOCK}"),
            format!("arrow_cast(cast(recorded_day as int) % {BLOCK}, 'Date32')"),
        );
        let signed = |count: &str| {
            format!(
                "case when {block} % 2 = 1 then -cast({count} as bigint) else cast({count} as bigint) end"
            )
        };
        // The key comes last, after the panel's own columns.
        self.session.sql(&format!(
            "select day, recorded_day, area_code, '{}' as domain, indicator, category, sum(n) as num, sum(d) as den, origin, panel_key({}) as place from ( \
                 select day, {day} as recorded_day, area_code, indicator, category, {block} / 2 as origin, \
                        {} as n, {} as d from increments) \
             group by day, recorded_day, area_code, indicator, category, origin having sum(n) <> 0 or sum(d) <> 0 order by place",
            self.pipeline.domain.id,
            PANEL_ORDER.join(", "),
            signed("num"),
            signed("den")
        ))
    }
}

/// The sums as rows of the panel, with source and basis in the place of their number.
fn panel_rows(batch: &RecordBatch, target: &SchemaRef, origins: &[Origin]) -> Result<RecordBatch> {
    let number = cast(batch.column(8), &DataType::Int64)?;
    let number = number.as_primitive::<Int64Type>().values();
    let text = |of: fn(&Origin) -> &str| -> ArrayRef {
        let texts = number.iter().map(|n| origins.get(*n as usize).map(of));
        Arc::new(StringArray::from_iter(texts))
    };
    let sums = batch.columns()[..8].iter().zip(target.fields());
    let mut columns: Vec<ArrayRef> =
        sums.map(|(c, f)| Ok(cast(c, f.data_type())?)).collect::<Result<_>>()?;
    columns.extend([text(|o| &o.source), text(|o| &o.basis)]);
    Ok(RecordBatch::try_new(target.clone(), columns)?)
}

/// Whether a domain's SQL can be planned and yields what it must.
///
/// # Errors
/// [`Error::Config`] saying what is wrong with it.
pub fn check_sql(lake: &Lake, pipeline: &Pipeline, limits: &Limits) -> Result<()> {
    let session = Session::new(lake, limits)?;
    session.register_batches(pipeline.domain.id, versions::schema(pipeline.domain), Vec::new())?;
    planned(&session, pipeline).map(|_| ())
}

/// A domain's SQL, planned over the table of that name; it must yield the panel's columns.
pub(super) fn planned(session: &Session, pipeline: &Pipeline) -> Result<DataFrame> {
    let wrong = |what: String| Error::Config {
        file: pipeline.file.clone(),
        line: None,
        what,
        fix: format!(
            "it must yield {} from the columns of {}",
            COLUMNS.join(", "),
            pipeline.domain.id
        ),
    };
    let frame = session.sql(&pipeline.sql).map_err(|e| wrong(e.to_string()))?;
    let names: Vec<&str> = frame.schema().fields().iter().map(|f| f.name().as_str()).collect();
    if names == COLUMNS { Ok(frame) } else { Err(wrong(format!("it yields {}", names.join(", ")))) }
}

/// The event columns that a domain's SQL reads: only these are carried through the chains.
fn columns_of(plan: &DataFrame, domain: &Domain) -> Result<Vec<&'static str>> {
    let read: HashSet<String> = columns_read(plan)?.into_values().flatten().collect();
    Ok(domain.columns().map(|c| c.name).filter(|c| read.contains(*c)).collect())
}
