//! One night's increments: what the versions that came add, and what those they superseded take back.
//!
//! A version of an event counts from its own recorded day to that of the next version. For the events that a night touches, the difference
//! between the chain of versions before and after is the night's increment; so files may arrive in any order.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use chrono_tz::Tz;
use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::LogicalPlan;
use datafusion::optimizer::optimize_projections::OptimizeProjections;
use datafusion::optimizer::{Optimizer, OptimizerContext};
use datafusion::prelude::DataFrame;

use super::pipeline::{COLUMNS, Pipeline};
use super::versions::{Sign, TAKEN_BACK, Versions};
use crate::error::{Error, Result};
use crate::lake::schema::Domain;
use crate::lake::{DataFile, Lake, Limits, PANEL_ORDER, Session, Table, Written, find_versions};

/// What one domain's update did.
#[derive(Debug)]
pub struct Update {
    pub domain: &'static Domain,
    /// Rows appended to the panel.
    pub rows: u64,
    /// The SQL had changed, so the domain was built anew.
    pub rebuilt: bool,
}

/// Where a domain's panel stands.
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

/// Brings one domain's panel up to its events, in one commit.
///
/// # Errors
/// [`Error::Config`] where the SQL is wrong, [`Error::Delta`], [`Error::Query`].
pub fn update(lake: &Lake, pipeline: &Pipeline, zone: Tz, limits: &Limits) -> Result<Option<Update>> {
    let events = lake.events(pipeline.domain)?;
    let mut panel = lake.derived("panel")?;
    let (from, rebuilt) = match pending(&panel, &events, pipeline)? {
        Standing::Current => return Ok(None),
        Standing::Behind(version) => (version, false),
        Standing::OtherSql => (-1, true),
    };
    let incoming = events.added_since(from)?;
    let known: HashSet<&PathBuf> = incoming.iter().map(|f| &f.path).collect();
    let earlier: Vec<DataFile> = events.files()?.into_iter().filter(|f| !known.contains(&f.path)).collect();
    let replaced = if rebuilt { files_of(&panel, pipeline.domain)? } else { Vec::new() };
    let written = match incoming.is_empty() {
        true => Written::nothing(),
        false => Night { pipeline, zone, session: Session::new(lake, limits)? }.increments(&panel, &incoming, &earlier)?,
    };
    let rows = written.rows;
    panel.commit(written, &replaced, &[(pipeline.transaction(), events.version())])?;
    Ok(Some(Update { domain: pipeline.domain, rows, rebuilt }))
}

/// The panel's files of one domain; a file holds one domain.
fn files_of(panel: &Table, domain: &Domain) -> Result<Vec<DataFile>> {
    Ok(panel.files()?.into_iter().filter(|f| f.bounds("domain").is_some_and(|(low, _)| low == domain.id)).collect())
}

struct Night<'a> {
    pipeline: &'a Pipeline,
    zone: Tz,
    session: Session,
}

impl Night<'_> {
    fn increments(&self, panel: &Table, incoming: &[DataFile], earlier: &[DataFile]) -> Result<Written> {
        let schema = self.pipeline.domain.schema();
        let paths: Vec<PathBuf> = incoming.iter().map(|f| f.path.clone()).collect();
        self.session.register_files("incoming", schema.clone(), &paths)?;
        let before = self.versions_before(earlier)?;
        let corrects = !before.is_empty();
        self.session.register_batches("earlier", schema, before)?;

        let columns = self.columns_read()?;
        let mut versions = Versions::new(self.pipeline.domain, &columns)?;
        let together = "(select * from earlier union all select * from incoming)";
        self.session.stream(self.chain(together, &columns)?, |batch| versions.write(batch, Sign::After))?;
        versions.end(Sign::After)?;
        if corrects {
            self.session.stream(self.chain("earlier", &columns)?, |batch| versions.write(batch, Sign::Before))?;
            versions.end(Sign::Before)?;
        }
        let (file, schema) = versions.finish()?;
        self.session.register_files(self.pipeline.domain.id, schema, &[file.path().to_path_buf()])?;
        let mut appender = panel.appender()?;
        let target = panel.schema();
        self.session.stream(self.sum()?, |batch| {
            let columns: std::result::Result<Vec<_>, _> =
                batch.columns().iter().zip(target.fields()).map(|(c, f)| cast(c, f.data_type())).collect();
            appender.write(&RecordBatch::try_new(target.clone(), columns?)?)
        })?;
        appender.finish()
    }

    /// Versions already in the lake of the events that now come.
    fn versions_before(&self, earlier: &[DataFile]) -> Result<Vec<RecordBatch>> {
        if earlier.is_empty() {
            return Ok(Vec::new());
        }
        let mut ids = HashSet::new();
        self.session.stream(self.session.sql("select distinct event_id from incoming")?, |batch| {
            let column = cast(batch.column(0), &DataType::Utf8)?;
            ids.extend(column.as_string::<i32>().iter().flatten().map(str::to_owned));
            Ok(())
        })?;
        find_versions(earlier, &Arc::new(ids))
    }

    /// The event columns that the domain's SQL reads: only these are carried through the chains.
    fn columns_read(&self) -> Result<Vec<&'static str>> {
        let read = read_by(&self.session, self.pipeline)?;
        Ok(self.pipeline.domain.columns().map(|c| c.name).filter(|c| read.contains(*c)).collect())
    }

    /// The versions of each event one after the other, with the local day each became known on.
    ///
    /// The next version's day is read off the order: a window function partitioned by event would start anew for every second row.
    fn chain(&self, versions: &str, columns: &[&str]) -> Result<DataFrame> {
        let day = format!("cast(arrow_cast(recorded_at, 'Timestamp(Microsecond, Some(\"{}\"))') as date)", self.zone.name());
        let read = columns.iter().map(|c| format!("{c}, ")).collect::<String>();
        self.session.sql(&format!(
            "select {read}withdrawn as is_withdrawn, event_id as id, {day} as recorded_day from {versions} order by event_id, recorded_at, batch_id"
        ))
    }

    /// The domain's SQL over the versions, those that are taken back with the sign turned.
    fn sum(&self) -> Result<DataFrame> {
        self.session.register_view("increments", &self.pipeline.sql)?;
        let back = format!("cast(recorded_day as int) >= {TAKEN_BACK}");
        self.session.sql(&format!(
            "select day, recorded_day, area_code, '{}' as domain, indicator, category, sum(n) as num, sum(d) as den from ( \
                 select day, case when {back} then arrow_cast(cast(recorded_day as int) - {TAKEN_BACK}, 'Date32') else recorded_day end as recorded_day, \
                        area_code, indicator, category, \
                        case when {back} then -cast(num as bigint) else cast(num as bigint) end as n, \
                        case when {back} then -cast(den as bigint) else cast(den as bigint) end as d from increments) \
             group by day, recorded_day, area_code, indicator, category having sum(n) <> 0 or sum(d) <> 0 order by {}",
            self.pipeline.domain.id,
            PANEL_ORDER.join(", ")
        ))
    }
}

/// Whether a domain's SQL can be planned and yields what it must.
///
/// # Errors
/// [`Error::Config`] saying what is wrong with it.
pub fn check_sql(lake: &Lake, pipeline: &Pipeline, limits: &Limits) -> Result<()> {
    read_by(&Session::new(lake, limits)?, pipeline).map(|_| ())
}

/// Plans a domain's SQL, checks what it yields, and says which columns of the events it reads.
fn read_by(session: &Session, pipeline: &Pipeline) -> Result<HashSet<String>> {
    let wrong = |what: String| Error::Config {
        file: pipeline.file.clone(),
        line: None,
        what,
        fix: format!("it must yield {} from the columns of {}", COLUMNS.join(", "), pipeline.domain.id),
    };
    let mut fields = pipeline.domain.schema().fields().to_vec();
    fields.push(Arc::new(Field::new("recorded_day", DataType::Date32, false)));
    session.register_batches(pipeline.domain.id, Arc::new(Schema::new(fields)), Vec::new())?;
    let frame = session.sql(&pipeline.sql).map_err(|e| wrong(e.to_string()))?;
    let names: Vec<&str> = frame.schema().fields().iter().map(|f| f.name().as_str()).collect();
    if names != COLUMNS {
        return Err(wrong(format!("it yields {}", names.join(", "))));
    }
    // To know the columns, one of the planner's rules is enough.
    let projections = Optimizer::with_rules(vec![Arc::new(OptimizeProjections::new())]);
    let plan = projections.optimize(frame.into_unoptimized_plan(), &OptimizerContext::new().with_max_passes(1), |_, _| {})?;
    let mut read = HashSet::new();
    plan.apply(|node| {
        if let LogicalPlan::TableScan(scan) = node {
            read.extend(scan.projected_schema.fields().iter().map(|f| f.name().clone()));
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(read)
}
