//! The versions that a night brings into force and those it takes back, as one table for the domain's SQL.
//!
//! The SQL groups by `recorded_day` and otherwise does not look at it. So a row that is taken back carries its recorded day moved by
//! [`TAKEN_BACK`] days: one run of the SQL yields both kinds of sums, told apart by their day. The table is a file, because it grows with the events.

use std::fs::File;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, BooleanArray, Date32Array, RecordBatch, new_null_array};
use datafusion::arrow::compute::kernels::cmp::distinct;
use datafusion::arrow::compute::{and, cast, concat, filter_record_batch, is_not_null, not, nullif};
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
    /// A batch that waits for the row after it.
    held: Option<RecordBatch>,
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
        Ok(Versions { file, schema, writer, held: None })
    }

    /// Takes a batch of a chain: the event columns, then `is_withdrawn, id, recorded_day`, versions of one event one after the other.
    ///
    /// # Errors
    /// [`crate::Error::Parquet`], [`crate::Error::Arrow`].
    pub fn write(&mut self, batch: RecordBatch, sign: Sign) -> Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let next = batch.slice(0, 1);
        match self.held.replace(batch) {
            Some(held) => self.write_held(&held, Some(&next), sign),
            None => Ok(()),
        }
    }

    /// Ends a chain.
    ///
    /// # Errors
    /// As [`Versions::write`].
    pub fn end(&mut self, sign: Sign) -> Result<()> {
        self.held.take().map_or(Ok(()), |held| self.write_held(&held, None, sign))
    }

    /// Writes a batch, knowing the row that follows it.
    fn write_held(&mut self, batch: &RecordBatch, next: Option<&RecordBatch>, sign: Sign) -> Result<()> {
        let last = batch.num_columns();
        let (withdrawn, begins) = (batch.column(last - 3).as_boolean(), batch.column(last - 1));
        let ends = &superseded_days(batch, next)?;
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

/// Of each row the recorded day of the next version of the same event; null for the last.
fn superseded_days(batch: &RecordBatch, next: Option<&RecordBatch>) -> Result<ArrayRef> {
    let last = batch.num_columns();
    let shifted = |column: usize| -> Result<ArrayRef> {
        let own = batch.column(column).slice(1, batch.num_rows() - 1);
        let after = next.map_or_else(|| new_null_array(own.data_type(), 1), |next| next.column(column).clone());
        Ok(concat(&[&own, &after])?)
    };
    // Where ids differ, or nothing follows, there is no next version.
    let other = distinct(batch.column(last - 2), &shifted(last - 2)?)?;
    Ok(nullif(&shifted(last - 1)?, &other)?)
}
