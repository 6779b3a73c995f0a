//! Results for notebooks: each table as CSV and as Parquet, and what reproduces them.

use std::path::Path;
use std::sync::Arc;

use chrono::NaiveDate;
use datafusion::arrow::array::{
    ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray,
};
use datafusion::parquet::arrow::ArrowWriter;
use lake::error::{At, Result};
use lake::files::replace;
use lake::{Derived, Lake};

/// What stands in a cell. A column holds cells of one sort.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Text(String),
    Whole(i64),
    /// NaN where there is none.
    Number(f64),
    Flag(bool),
}

/// A row of cells.
pub type Row = Vec<Cell>;

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }
}

impl From<&String> for Cell {
    fn from(text: &String) -> Cell {
        Cell::Text(text.clone())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Cell {
        Cell::Text(text)
    }
}

impl From<NaiveDate> for Cell {
    fn from(day: NaiveDate) -> Cell {
        Cell::Text(day.to_string())
    }
}

impl From<usize> for Cell {
    fn from(count: usize) -> Cell {
        Cell::Whole(count as i64)
    }
}

impl From<f64> for Cell {
    fn from(value: f64) -> Cell {
        Cell::Number(value)
    }
}

impl From<bool> for Cell {
    fn from(flag: bool) -> Cell {
        Cell::Flag(flag)
    }
}

impl Cell {
    /// As CSV has it: nothing where there is no number.
    fn written(&self) -> String {
        match self {
            Cell::Text(text) => text.clone(),
            Cell::Whole(number) => number.to_string(),
            Cell::Number(value) if value.is_finite() => value.to_string(),
            Cell::Number(_) => String::new(),
            Cell::Flag(flag) => flag.to_string(),
        }
    }
}

/// Rows that are held at a time: a province's predictions are millions.
const ROWS_AT_ONCE: usize = 1 << 16;

/// Writes a table of a folder as `NAME.csv` and `NAME.parquet`; the header's names stand between
/// blanks.
///
/// # Errors
/// [`lake::Error::Io`].
pub fn put(
    folder: &Path,
    name: &str,
    header: &str,
    rows: impl IntoIterator<Item = Row>,
) -> Result<()> {
    let header: Vec<&str> = header.split_whitespace().collect();
    let [as_csv, as_parquet] = ["csv", "parquet"].map(|kind| folder.join(format!("{name}.{kind}")));
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(&header).map_err(std::io::Error::from).at(&as_csv)?;
    let mut rows = rows.into_iter();
    let mut chunk: Vec<Row> = rows.by_ref().take(ROWS_AT_ONCE).collect();
    let mut parquet = ArrowWriter::try_new(Vec::new(), batch(&header, &chunk)?.schema(), None)
        .map_err(std::io::Error::other)
        .at(&as_parquet)?;
    while !chunk.is_empty() {
        for row in &chunk {
            let row = row.iter().map(Cell::written);
            csv.write_record(row).map_err(std::io::Error::from).at(&as_csv)?;
        }
        let batch = batch(&header, &chunk)?;
        parquet.write(&batch).map_err(std::io::Error::other).at(&as_parquet)?;
        chunk = rows.by_ref().take(ROWS_AT_ONCE).collect();
    }
    replace(&as_csv, &csv.into_inner().map_err(|e| e.into_error()).at(&as_csv)?)?;
    let bytes = parquet.into_inner().map_err(std::io::Error::other).at(&as_parquet)?;
    replace(&as_parquet, &bytes)
}

fn batch(header: &[&str], rows: &[Row]) -> Result<RecordBatch> {
    let columns = header.iter().enumerate().map(|(at, name)| (*name, column(rows, at), true));
    Ok(RecordBatch::try_from_iter_with_nullable(columns)?)
}

/// A column, of the sort of its first cell.
fn column(rows: &[Row], at: usize) -> ArrayRef {
    let cells = || rows.iter().map(|row| &row[at]);
    match cells().next() {
        Some(Cell::Whole(_)) => Arc::new(Int64Array::from_iter(cells().map(|cell| match cell {
            Cell::Whole(number) => Some(*number),
            _ => None,
        }))),
        Some(Cell::Number(_)) => {
            Arc::new(Float64Array::from_iter(cells().map(|cell| match cell {
                Cell::Number(value) if !value.is_nan() => Some(*value),
                _ => None,
            })))
        }
        Some(Cell::Flag(_)) => Arc::new(BooleanArray::from_iter(cells().map(|cell| match cell {
            Cell::Flag(flag) => Some(*flag),
            _ => None,
        }))),
        _ => Arc::new(StringArray::from_iter_values(cells().map(Cell::written))),
    }
}

/// What reproduces a result: written beside its tables as `provenance.csv`.
#[derive(Clone, Debug)]
pub struct Provenance {
    /// The command line.
    pub command: String,
    /// The files of settings that were in force, with their hashes.
    pub settings: Vec<(String, String)>,
    /// The as-of time of the outcome.
    pub as_of: String,
}

impl Provenance {
    /// Writes one row an origin: its name, the last day known at it, and what all have in common.
    ///
    /// # Errors
    /// [`lake::Error::Delta`], [`lake::Error::Io`].
    pub fn write(&self, folder: &Path, lake: &Lake, origins: &[(String, NaiveDate)]) -> Result<()> {
        let version = lake.derived(Derived::Panel)?.version();
        let hashes = self.settings.iter().map(|(file, hash)| format!("{file} {hash}"));
        let hashes = hashes.collect::<Vec<_>>().join(", ");
        let row = |(origin, known): &(String, NaiveDate)| -> Row {
            vec![
                origin.into(),
                (*known).into(),
                Cell::Whole(version),
                hashes.as_str().into(),
                self.as_of.as_str().into(),
                self.command.as_str().into(),
                env!("CARGO_PKG_VERSION").into(),
            ]
        };
        let header = "origin known_until panel_version settings outcome_as_of command pingan";
        put(folder, "provenance", header, origins.iter().map(row))
    }
}
