//! Tables of the report that are SQL files: each with its title and definition in its header, over
//! the events of the domains as of the report's time.
//!
//! `header` reads the files, `events` puts what they read of the domains into memory, `frames` makes
//! the small tables that they may join. What a column is, its name says: `…率`, `占比` are shares,
//! `环比`, `同比` changes, other fractions have one decimal.

mod events;
mod frames;
mod header;

use std::collections::{BTreeMap, BTreeSet};

use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type, Int64Type};
use lake::error::{Error, Result};
use lake::schema::DOMAINS;
use lake::{Columns, Session, explain_sql};
use render::report::{Cell, Format, Table};

pub use header::{Needed, Part, QUERIES, Query, read_queries};

use super::comparison::NONE;
use super::inputs::Inputs;

/// What stands where a source does not say what a figure rests on.
pub const NOT_COLLECTED: &str = "未采集";

/// The table of what the register says of areas.
const EXPOSURES: &str = "exposures";

/// A query with the table it gave.
#[derive(Clone, Debug)]
pub struct Queried {
    pub query: Query,
    pub table: Table,
}

/// What the queries gave.
#[derive(Debug, Default)]
pub struct Answers {
    pub tables: Vec<Queried>,
    /// Queries that say nothing because sources leave out all the columns they require.
    pub not_collected: Vec<Query>,
}

/// What a query of the report sees: all tables of the lake, of a domain no rows of totals, and the
/// small tables of the month.
///
/// # Errors
/// [`Error::Delta`], [`Error::Query`].
pub fn session(inputs: &Inputs) -> Result<Session> {
    let session = Session::new(inputs.job.lake, inputs.job.limits)?;
    session.register_lake(inputs.job.lake, &inputs.job.as_of)?;
    for domain in &DOMAINS {
        let events = format!("select * from {} where count is null", domain.id);
        session.register_view(domain.id, &events)?;
    }
    frames::register(&session, inputs)?;
    Ok(session)
}

/// The tables of the queries, none where no domain of theirs delivered in the month.
///
/// # Errors
/// [`Error::Usage`] where a query cannot be run or lacks a column that its header names.
pub fn run(inputs: &Inputs, queries: &[Query]) -> Result<Answers> {
    let session = session(inputs)?;
    // A month's total says nothing of hours or channels.
    let totals = |id: &str| inputs.job.coverage.feeds.get(id).is_some_and(|f| f.has_totals());
    let delivered: Vec<&str> = inputs.domains().map(|d| d.id).filter(|id| !totals(id)).collect();
    let has = |query: &&Query| query.domains.iter().any(|d| delivered.contains(&d.id));
    let queries: Vec<&Query> = queries.iter().filter(has).collect();
    events::hold(&session, inputs, &queries)?;
    let there = |n: &&Needed| delivered.contains(&n.table) || n.table == EXPOSURES;
    let collected = collected(&session, queries.iter().flat_map(|q| q.needed()).filter(there))?;
    let mut answers = Answers::default();
    for query in queries {
        if !query.requires.is_empty() && !query.requires.iter().any(|n| collected.contains(n)) {
            answers.not_collected.push(query.clone());
            continue;
        }
        let batches = session.collect(&query.sql).map_err(|e| explain_sql(e, &query.id))?;
        let mut table = table(query, &batches)?;
        for (name, needed) in &query.columns {
            if !needed.iter().any(|n| collected.contains(n)) {
                mark_not_collected(&mut table, query, name)?;
            }
        }
        if let Some((names, values)) = &query.pivot {
            table = pivot(table, query, names, values)?;
        }
        answers.tables.push(Queried { table, query: query.clone() });
    }
    Ok(answers)
}

/// Of columns that sources may leave out, those that some event of the year up to the month has,
/// or some area of the register.
fn collected<'a>(
    session: &Session,
    needed: impl Iterator<Item = &'a Needed>,
) -> Result<BTreeSet<Needed>> {
    let mut by_table: BTreeMap<&str, BTreeSet<&Needed>> = BTreeMap::new();
    for needed in needed {
        by_table.entry(needed.table).or_default().insert(needed);
    }
    let mut collected = BTreeSet::new();
    for (table, needed) in by_table {
        let counts: Vec<String> =
            needed.iter().map(|n| format!("count({0}) as {0}", n.column)).collect();
        let within = match table {
            EXPOSURES => "",
            _ => ", period where day > year_ago_end and day <= month_end",
        };
        let batches =
            session.collect(&format!("select {} from {table}{within}", counts.join(", ")))?;
        for batch in &batches {
            let columns = Columns::new(batch);
            for needed in &needed {
                if columns.whole(needed.column)?.iter().flatten().any(|n| *n > 0) {
                    collected.insert((*needed).clone());
                }
            }
        }
    }
    Ok(collected)
}

fn column_of(table: &Table, query: &Query, name: &str) -> Result<usize> {
    table.header.iter().position(|h| h == name).ok_or_else(|| {
        Error::usage(
            format!("{}: the query has no column {name}, which its header names", query.id),
            "correct the header, or the column's name",
        )
    })
}

fn mark_not_collected(table: &mut Table, query: &Query, name: &str) -> Result<()> {
    // A query that gives no row has no columns either.
    if table.rows.is_empty() {
        return Ok(());
    }
    let at = column_of(table, query, name)?;
    table.rows.iter_mut().for_each(|row| row[at] = Cell::Absent(NOT_COLLECTED));
    Ok(())
}

/// Rows that are the same but for two columns become one row: what the first of the two holds
/// become columns, in the order in which they come, with what the second holds.
fn pivot(table: Table, query: &Query, names: &str, values: &str) -> Result<Table> {
    if table.rows.is_empty() {
        return Ok(table);
    }
    let (name_at, value_at) = (column_of(&table, query, names)?, column_of(&table, query, values)?);
    let apart = |at: usize| at != name_at && at != value_at;
    let kept: Vec<usize> = (0..table.header.len()).filter(|at| apart(*at)).collect();
    let mut columns: Vec<String> = Vec::new();
    let mut rows: Vec<(Vec<Cell>, BTreeMap<usize, Cell>)> = Vec::new();
    for row in table.rows {
        let name = row[name_at].text();
        let column = columns.iter().position(|c| *c == name).unwrap_or_else(|| {
            columns.push(name);
            columns.len() - 1
        });
        let key: Vec<Cell> = kept.iter().map(|at| row[*at].clone()).collect();
        let at = rows.iter().position(|(known, _)| *known == key).unwrap_or_else(|| {
            rows.push((key, BTreeMap::new()));
            rows.len() - 1
        });
        rows[at].1.insert(column, row[value_at].clone());
    }
    let cell =
        |cells: &BTreeMap<usize, Cell>, at| cells.get(&at).cloned().unwrap_or(Cell::Absent(NONE));
    let header = kept.iter().map(|at| table.header[*at].clone()).chain(columns.clone()).collect();
    let rows = rows.into_iter().map(|(key, cells)| {
        key.into_iter().chain((0..columns.len()).map(|at| cell(&cells, at))).collect()
    });
    Ok(Table { header, rows: rows.collect(), ..table })
}

fn table(query: &Query, batches: &[RecordBatch]) -> Result<Table> {
    let mut table = Table {
        id: query.title.clone(),
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
