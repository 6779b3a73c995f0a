//! One night's increments: what the versions that came add, and what those they superseded take back.
//!
//! A version of an event counts from its own recorded day to that of the next version. For the events that a night touches, the difference
//! between the chain of versions before and after is the night's increment; so files may arrive in any order.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use chrono_tz::Tz;
use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::compute::{cast, concat_batches};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::prelude::DataFrame;

use super::pipeline::{COLUMNS, Pipeline};
use crate::error::{Error, Result};
use crate::lake::schema::Domain;
use crate::lake::{DataFile, Lake, Limits, Session, Table, Written, derived_schema, find_versions};

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
        let touched = self.register_touched(&before)?;
        self.session.register_batches("earlier", schema, before)?;
        let (plus, minus) = if touched { self.chains()? } else { (self.untouched("true"), None) };
        let frame = self.sum(&plus, minus.as_deref())?;
        let mut appender = panel.appender()?;
        let target = derived_schema("panel").unwrap_or_else(|| Arc::new(Schema::empty()));
        self.session.stream(frame, |batch| {
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

    /// Registers `touched`: the ids with more than one version after tonight. False where there are none.
    fn register_touched(&self, before: &[RecordBatch]) -> Result<bool> {
        let repeated = self.session.sql("select event_id from incoming group by event_id having count(*) > 1")?;
        let schema = Arc::new(Schema::new(vec![Field::new("event_id", DataType::Utf8, false)]));
        let mut ids = Vec::new();
        for batch in self.session.run(repeated)? {
            ids.push(RecordBatch::try_new(schema.clone(), vec![cast(batch.column(0), &DataType::Utf8)?])?);
        }
        for batch in before {
            ids.push(RecordBatch::try_new(schema.clone(), vec![batch.column(0).clone()])?);
        }
        let any = ids.iter().any(|b| b.num_rows() > 0);
        let ids = if any { vec![concat_batches(&schema, &ids)?] } else { Vec::new() };
        self.session.register_batches("touched_ids", schema, ids)?;
        self.session.register_view("touched", "select distinct event_id from touched_ids")?;
        Ok(any)
    }

    /// Local day on which a version became known.
    fn recorded_day(&self) -> String {
        format!("cast(arrow_cast(recorded_at, 'Timestamp(Microsecond, Some(\"{}\"))') as date)", self.zone.name())
    }

    fn columns(&self) -> String {
        self.pipeline.domain.columns().map(|c| c.name).collect::<Vec<_>>().join(", ")
    }

    /// Versions that stand alone: each counts from its recorded day on.
    fn untouched(&self, condition: &str) -> String {
        format!("select {}, {} as recorded_day from incoming where not withdrawn and {condition}", self.columns(), self.recorded_day())
    }

    /// Registers the chains of versions and says which rows count with plus and which with minus.
    fn chains(&self) -> Result<(String, Option<String>)> {
        let (columns, day) = (self.columns(), self.recorded_day());
        let chain = |versions: &str| {
            format!(
                "select {columns}, {day} as recorded_day, \
                 lead({day}) over (partition by event_id order by recorded_at, batch_id) as superseded_day from {versions}"
            )
        };
        self.session.register_view("before", &chain("earlier"))?;
        let both = format!(
            "(select {columns} from earlier union all select {columns} from incoming where event_id in (select event_id from touched))"
        );
        self.session.register_view("after", &chain(&both))?;
        let begins = |chain: &str| format!("select {columns}, recorded_day from {chain} where not withdrawn");
        let ends = |chain: &str| {
            format!("select {columns}, superseded_day as recorded_day from {chain} where not withdrawn and superseded_day is not null")
        };
        let alone = self.untouched("event_id not in (select event_id from touched)");
        let plus = format!("{alone} union all {} union all {}", begins("after"), ends("before"));
        let minus = format!("{} union all {}", ends("after"), begins("before"));
        Ok((plus, Some(minus)))
    }

    /// The domain's SQL over the rows with plus, less the same over the rows with minus.
    fn sum(&self, plus: &str, minus: Option<&str>) -> Result<DataFrame> {
        self.register_increments("plus_rows", plus)?;
        let keys = "day, recorded_day, area_code, indicator, category";
        let mut rows = format!("select {keys}, cast(num as bigint) as n, cast(den as bigint) as d from plus_rows");
        if let Some(minus) = minus {
            self.register_increments("minus_rows", minus)?;
            rows.push_str(&format!(" union all select {keys}, -cast(num as bigint), -cast(den as bigint) from minus_rows"));
        }
        self.session.sql(&format!(
            "select day, recorded_day, area_code, '{}' as domain, indicator, category, sum(n) as num, sum(d) as den \
             from ({rows}) group by {keys} having sum(n) <> 0 or sum(d) <> 0",
            self.pipeline.domain.id
        ))
    }

    /// Registers the domain's SQL over `versions` under `name`.
    fn register_increments(&self, name: &str, versions: &str) -> Result<()> {
        self.session.register_view(self.pipeline.domain.id, versions)?;
        check_columns(&self.session, self.pipeline)?;
        self.session.register_view(name, &self.pipeline.sql)
    }
}

/// Whether a domain's SQL can be planned and yields what it must.
///
/// # Errors
/// [`Error::Config`] saying what is wrong with it.
pub fn check_sql(lake: &Lake, pipeline: &Pipeline, limits: &Limits) -> Result<()> {
    let session = Session::new(lake, limits)?;
    let mut fields = pipeline.domain.schema().fields().to_vec();
    fields.push(Arc::new(Field::new("recorded_day", DataType::Date32, false)));
    session.register_batches(pipeline.domain.id, Arc::new(Schema::new(fields)), Vec::new())?;
    check_columns(&session, pipeline)
}

fn check_columns(session: &Session, pipeline: &Pipeline) -> Result<()> {
    let wrong = |what: String| Error::Config {
        file: pipeline.file.clone(),
        line: None,
        what,
        fix: format!("it must yield {} from the columns of {}", COLUMNS.join(", "), pipeline.domain.id),
    };
    let frame = session.sql(&pipeline.sql).map_err(|e| wrong(e.to_string()))?;
    let names: Vec<&str> = frame.schema().fields().iter().map(|f| f.name().as_str()).collect();
    if names == COLUMNS { Ok(()) } else { Err(wrong(format!("it yields {}", names.join(", ")))) }
}
