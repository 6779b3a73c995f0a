//! Tables of the report that are SQL files: each with its title and definition in its header, over
//! the events of the domains as of the report's time.
//!
//! Beside the tables of the lake, a query sees `period` (one row: first and last days of the month,
//! the month before and a year before, the as-of day, the offset of local time), `spans` (these
//! three months, a row each), `labels` (code lists), `days` (each of the month, with its weekday, 1
//! for Monday) and `townships` (of every area, the name of the area of the model's level that it
//! lies in). What a column is, its name says: `…率`, `占比` are shares, `环比`, `同比` changes, other
//! fractions have one decimal.

use std::path::Path;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate, Offset, TimeZone};
use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, Date32Array, Int64Array, RecordBatch, StringArray,
};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Date32Type, Field, Float64Type, Int64Type, Schema};
use include_dir::{Dir, include_dir};
use lake::error::{At, Error, Result};
use lake::schema::{DOMAINS, Domain};
use lake::{Session, explain_sql};
use render::report::{Cell, Format, Table};

use super::comparison::NONE;
use super::inputs::Inputs;
use crate::panel::Period;

static BUNDLED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/reports/month/tables");

/// Folder of the queries, within a workspace or bundled.
pub const QUERIES: &str = "reports/month/tables";

/// The part of the report that a table stands in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Part {
    Domains,
    Risks,
    Annex,
}

/// One query.
#[derive(Clone, Debug)]
pub struct Query {
    /// The file's name without its ending.
    pub id: String,
    pub title: String,
    pub definition: String,
    /// Domains without which it says nothing: one of them must have delivered.
    pub domains: Vec<&'static Domain>,
    pub part: Part,
    pub sql: String,
}

/// A query with the table it gave.
#[derive(Clone, Debug)]
pub struct Queried {
    pub query: Query,
    pub table: Table,
}

/// The queries of a workspace: its own folder wins, file by file.
///
/// # Errors
/// [`Error::Config`] where a header lacks something or names what there is not.
pub fn read_queries(root: &Path) -> Result<Vec<Query>> {
    let mut files: Vec<(String, String)> = BUNDLED
        .files()
        .filter_map(|f| {
            let name = f.path().file_name()?.to_string_lossy().into_owned();
            Some((name, f.contents_utf8()?.to_owned()))
        })
        .collect();
    let own = root.join(QUERIES);
    if own.is_dir() {
        for entry in std::fs::read_dir(&own).at(&own)? {
            let path = entry.at(&own)?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if !name.ends_with(".sql") {
                continue;
            }
            let text = std::fs::read_to_string(&path).at(&path)?;
            files.retain(|(known, _)| *known != name);
            files.push((name, text));
        }
    }
    files.sort();
    files.iter().map(|(name, text)| parse(name, text)).collect()
}

fn parse(name: &str, text: &str) -> Result<Query> {
    let file = Path::new(QUERIES).join(name);
    let value = |key: &str| {
        let found = text.lines().find_map(|l| l.strip_prefix(&format!("-- {key}:")));
        found.map(str::trim).filter(|v| !v.is_empty()).ok_or_else(|| {
            Error::config(
                &file,
                format!("its header lacks {key}"),
                format!("write `-- {key}: …` above the SQL"),
            )
        })
    };
    let domain = |id: &str| {
        let known: Vec<&str> = DOMAINS.iter().map(|d| d.id).collect();
        Domain::find(id).ok_or_else(|| {
            Error::config(
                &file,
                format!("there is no domain {id}"),
                format!("there are {}", known.join(", ")),
            )
        })
    };
    let part = match value("part")? {
        "domains" => Part::Domains,
        "risks" => Part::Risks,
        "annex" => Part::Annex,
        other => {
            return Err(Error::config(
                &file,
                format!("part: {other} is none"),
                "write domains, risks or annex",
            ));
        }
    };
    Ok(Query {
        id: name.trim_end_matches(".sql").to_owned(),
        title: value("title")?.to_owned(),
        definition: value("definition")?.to_owned(),
        domains: value("domain")?.split_whitespace().map(domain).collect::<Result<_>>()?,
        part,
        sql: text.to_owned(),
    })
}

/// The tables of the queries, none where no domain of theirs delivered in the month.
///
/// # Errors
/// [`Error::Usage`] where a query cannot be run.
pub fn run(inputs: &Inputs, queries: &[Query]) -> Result<Vec<Queried>> {
    let session = Session::new(inputs.job.lake, inputs.job.limits)?;
    session.register_lake(inputs.job.lake, &inputs.job.as_of)?;
    register(&session, inputs)?;
    // A month's total says nothing of hours or channels.
    let totals = |id: &str| inputs.job.coverage.feeds.get(id).is_some_and(|f| f.has_totals());
    let delivered: Vec<&str> = inputs.domains().map(|d| d.id).filter(|id| !totals(id)).collect();
    for domain in &delivered {
        session.register_view(domain, &format!("select * from {domain} where count is null"))?;
    }
    let has = |query: &&Query| query.domains.iter().any(|d| delivered.contains(&d.id));
    let one = |query: &Query| {
        let batches = session.collect(&query.sql).map_err(|e| explain_sql(e, &query.id))?;
        Ok(Queried { table: table(query, &batches)?, query: query.clone() })
    };
    queries.iter().filter(has).map(one).collect()
}

fn register(session: &Session, inputs: &Inputs) -> Result<()> {
    let month = inputs.month();
    let (before, year_ago) = (month.before(), month.years_before(1));
    let zone = inputs.job.workspace.time_zone();
    let noon = month.start.and_hms_opt(12, 0, 0).unwrap_or_default();
    let offset = zone.offset_from_utc_datetime(&noon).fix().local_minus_utc();
    let day = |d| Arc::new(Date32Array::from(vec![Date32Type::from_naive_date(d)])) as ArrayRef;
    let whole = |n: i64| Arc::new(Int64Array::from(vec![n])) as ArrayRef;
    let epoch = |d| whole(i64::from(Date32Type::from_naive_date(d)));
    let as_of = inputs.job.as_of.day;
    batch(
        session,
        "period",
        vec![
            ("month_start", day(month.start)),
            ("month_end", day(month.end)),
            ("before_start", day(before.start)),
            ("before_end", day(before.end)),
            ("year_ago_start", day(year_ago.start)),
            ("year_ago_end", day(year_ago.end)),
            ("as_of_day", day(as_of)),
            ("month_start_epoch_day", epoch(month.start)),
            ("month_end_epoch_day", epoch(month.end)),
            ("as_of_epoch_day", epoch(as_of)),
            ("offset_seconds", whole(i64::from(offset))),
        ],
    )?;
    let spans = [("本月", month), ("上月", &before), ("上年同月", &year_ago)];
    let day_of = |of: fn(&Period) -> NaiveDate| {
        let days = spans.iter().map(|(_, span)| Date32Type::from_naive_date(of(span)));
        Arc::new(Date32Array::from_iter_values(days)) as ArrayRef
    };
    let labels: Vec<&str> = spans.iter().map(|(label, _)| *label).collect();
    batch(
        session,
        "spans",
        vec![
            ("n", Arc::new(Int64Array::from_iter_values(1..=3)) as ArrayRef),
            ("label", Arc::new(StringArray::from(labels)) as ArrayRef),
            ("first_day", day_of(|span| span.start)),
            ("last_day", day_of(|span| span.end)),
        ],
    )?;
    let days: Vec<NaiveDate> = month.start.iter_days().take_while(|d| *d <= month.end).collect();
    let weekdays = days.iter().map(|d| i64::from(d.weekday().number_from_monday()));
    let weekday = Arc::new(Int64Array::from_iter_values(weekdays)) as ArrayRef;
    let dates = days.iter().map(|d| Date32Type::from_naive_date(*d));
    let dates = Arc::new(Date32Array::from_iter_values(dates)) as ArrayRef;
    batch(session, "days", vec![("day", dates), ("weekday", weekday)])?;
    let mut labels: [Vec<String>; 4] = Default::default();
    let mut add = |list: &str, domain: &str, code: &str, label: &str| {
        for (column, text) in labels.iter_mut().zip([list, domain, code, label]) {
            column.push(text.to_owned());
        }
    };
    for domain in &DOMAINS {
        for (code, label) in
            inputs.sources.taxonomy.list("category", domain).into_iter().flat_map(|l| l.codes())
        {
            add("category", domain.id, code, label);
        }
    }
    for list in ["severity", "risk_sector", "channel", "grade", "resolved_level", "outcome"] {
        let codes =
            inputs.sources.taxonomy.list(list, &DOMAINS[0]).into_iter().flat_map(|l| l.codes());
        codes.for_each(|(code, label)| add(list, "", code, label));
    }
    let text = |values: Vec<String>| Arc::new(StringArray::from(values)) as ArrayRef;
    let [list, domain, code, label] = labels.map(text);
    batch(
        session,
        "labels",
        vec![("list", list), ("domain", domain), ("code", code), ("label", label)],
    )?;
    let (codes, names): (Vec<String>, Vec<String>) = townships(inputs).into_iter().unzip();
    batch(session, "townships", vec![("code", text(codes)), ("township", text(names))])
}

/// Every area within one of the model's level that lives in the month, with the name of that one;
/// of a merged one its heir's.
fn townships(inputs: &Inputs) -> Vec<(String, String)> {
    let (register, month) = (inputs.job.register, inputs.month());
    let above = |code: &str| {
        let mut area = register.get(code);
        while let Some(at) = area {
            if at.level == inputs.sources.model.level {
                let heir = register.heir(&at.code).unwrap_or(at);
                let lives = heir.days_within(month.start, month.end).is_some();
                return lives.then(|| heir.name.clone());
            }
            area = at.parent.as_deref().and_then(|parent| register.get(parent));
        }
        None
    };
    register.areas().iter().filter_map(|a| Some((a.code.clone(), above(&a.code)?))).collect()
}

fn batch(session: &Session, name: &str, columns: Vec<(&str, ArrayRef)>) -> Result<()> {
    let fields: Vec<Field> =
        columns.iter().map(|(n, c)| Field::new(*n, c.data_type().clone(), true)).collect();
    let schema = Arc::new(Schema::new(fields));
    let batch = RecordBatch::try_new(schema.clone(), columns.into_iter().map(|c| c.1).collect())?;
    session.register_batches(name, schema, vec![batch])
}

fn table(query: &Query, batches: &[RecordBatch]) -> Result<Table> {
    let mut table = Table {
        id: query.id.clone(),
        title: query.title.clone(),
        definition: query.definition.clone(),
        ..Table::default()
    };
    for batch in batches {
        let schema = batch.schema();
        table.header = schema.fields().iter().map(|f| f.name().clone()).collect();
        let columns: Vec<Vec<Cell>> = schema
            .fields()
            .iter()
            .zip(batch.columns())
            .map(|(field, column)| cells(field.name(), column))
            .collect::<Result<_>>()?;
        for row in 0..batch.num_rows() {
            table.rows.push(columns.iter().map(|c| c[row].clone()).collect());
        }
    }
    Ok(table)
}

/// Cells of a column: what is null is absent.
fn cells(name: &str, column: &ArrayRef) -> Result<Vec<Cell>> {
    let absent = || Cell::Absent(NONE);
    let kind = column.data_type();
    if kind.is_integer() {
        let whole = cast(column, &DataType::Int64)?;
        let values = whole.as_primitive::<Int64Type>().iter();
        return Ok(values.map(|v| v.map_or_else(absent, |v| Cell::count(v as f64))).collect());
    }
    if kind.is_numeric() {
        let float = cast(column, &DataType::Float64)?;
        let format = format(name);
        let values = float.as_primitive::<Float64Type>().iter();
        return Ok(values.map(|v| Cell::number(v, format, NONE)).collect());
    }
    let text = cast(column, &DataType::Utf8)?;
    let values = text.as_string::<i32>().iter();
    Ok(values.map(|v| v.map_or_else(absent, |v| Cell::Text(v.to_owned()))).collect())
}

/// How the fractions of a column are written, by its name.
fn format(name: &str) -> Format {
    match name {
        _ if name.ends_with('率') || name.ends_with("占比") => Format::Percent,
        _ if name.ends_with("环比") || name.ends_with("同比") => Format::Change,
        _ => Format::Decimal(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bundled_query_has_its_header_and_one_that_lacks_it_is_named() {
        let queries = read_queries(Path::new("nowhere")).unwrap();
        assert!(queries.len() >= 9, "{}", queries.len());
        let error = parse("own.sql", "-- title: x\nselect 1").unwrap_err().to_string();
        assert!(error.contains("own.sql") && error.contains("lacks part"), "{error}");
    }
}
