//! The versions that a night brings into force and those it takes back, as one table for the domain's SQL.
//!
//! The SQL groups by `recorded_day` and otherwise does not look at it. So a row that is taken back carries its recorded day moved by
//! [`TAKEN_BACK`] days: one run of the SQL yields both kinds of sums, told apart by their day. The table is a file, because it grows with the events.

use std::fs::File;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, BooleanArray, Date32Array, RecordBatch};
use datafusion::arrow::compute::{and, cast, filter_record_batch, is_not_null, kernels::cmp::distinct, not};
use datafusion::arrow::datatypes::{DataType, Date32Type, Field, Schema, SchemaRef};
use datafusion::parquet::arrow::ArrowWriter;
use tempfile::NamedTempFile;

use crate::error::{At, Result};
use crate::lake::schema::Domain;

/// Days by which the recorded day of a row that is taken back is moved; far beyond any date an event can have.
pub const TAKEN_BACK: i32 = 1_000_000;

/// Which chain of versions a batch is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// As it is after tonight: versions count from their day on, and are taken back when the next becomes known.
    After,
    /// As it was before: all of that is undone.
    Before,
}

/// Writes the table.
pub struct Versions {
    file: NamedTempFile,
    schema: SchemaRef,
    writer: ArrowWriter<File>,
}

impl Versions {
    /// An empty table of these event columns and `recorded_day`, in a temporary file.
    ///
    /// # Errors
    /// [`crate::Error::Io`], [`crate::Error::Parquet`].
    pub fn new(domain: &Domain, columns: &[&str]) -> Result<Versions> {
        let mut fields: Vec<Field> =
            columns.iter().filter_map(|c| domain.column(c)).map(|c| Field::new(c.name, c.kind.arrow(), !c.required)).collect();
        fields.push(Field::new("recorded_day", DataType::Date32, false));
        let schema = Arc::new(Schema::new(fields));
        let folder = std::env::temp_dir();
        let file = tempfile::Builder::new().prefix("pingan-versions-").suffix(".parquet").tempfile_in(&folder).at(&folder)?;
        let writer = ArrowWriter::try_new(file.reopen().at(file.path())?, schema.clone(), None)?;
        Ok(Versions { file, schema, writer })
    }

    /// Takes a batch of a chain: the event columns, then `is_withdrawn, recorded_day, superseded_day`.
    ///
    /// # Errors
    /// [`crate::Error::Parquet`], [`crate::Error::Arrow`].
    pub fn write(&mut self, batch: &RecordBatch, sign: Sign) -> Result<()> {
        let last = batch.num_columns();
        let (withdrawn, begins, ends) = (batch.column(last - 3).as_boolean(), batch.column(last - 2), batch.column(last - 1));
        // A version superseded on the day it became known never shows: the panel's grain is the day.
        let counts = and(&not(withdrawn)?, &distinct(begins, ends)?)?;
        self.write_rows(batch, begins, &counts, sign == Sign::Before)?;
        let superseded = and(&counts, &is_not_null(ends)?)?;
        self.write_rows(batch, ends, &superseded, sign == Sign::After)
    }

    fn write_rows(&mut self, batch: &RecordBatch, day: &ArrayRef, which: &BooleanArray, taken_back: bool) -> Result<()> {
        let mut columns = Vec::with_capacity(self.schema.fields().len());
        for (column, field) in batch.columns().iter().zip(&self.schema.fields()[..self.schema.fields().len() - 1]) {
            columns.push(cast(column, field.data_type())?);
        }
        let moved = if taken_back { TAKEN_BACK } else { 0 };
        let days = day.as_primitive::<Date32Type>();
        // Days that are null are of rows that are left out; they need a value only until the filter.
        let days = Date32Array::from_iter_values(days.iter().map(|d| d.unwrap_or(0) + moved));
        columns.push(Arc::new(days));
        let rows = filter_record_batch(&RecordBatch::try_new(self.schema.clone(), columns)?, which)?;
        if rows.num_rows() > 0 {
            self.writer.write(&rows)?;
        }
        Ok(())
    }

    /// The file, which goes when it is dropped, and its columns.
    ///
    /// # Errors
    /// [`crate::Error::Parquet`].
    pub fn finish(self) -> Result<(NamedTempFile, SchemaRef)> {
        self.writer.close()?;
        Ok((self.file, self.schema))
    }
}
