//! The versions that a night brings into force and those it takes back, as one table for the
//! domain's SQL.
//!
//! The SQL groups by `recorded_day` and otherwise does not look at it. So a row that is taken back
//! carries its recorded day moved by [`TAKEN_BACK`] days: one run of the SQL yields both kinds of
//! sums, told apart by their day. The table is a file, because it grows with the events.

use std::fs::File;
use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, AsArray, BooleanArray, Date32Array, RecordBatch, new_null_array,
};
use datafusion::arrow::compute::kernels::cmp::distinct;
use datafusion::arrow::compute::{
    and, cast, concat, filter_record_batch, is_not_null, not, nullif,
};
use datafusion::arrow::datatypes::{DataType, Date32Type, Field, Schema, SchemaRef};
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::file::properties::{EnabledStatistics, WriterProperties};
use tempfile::NamedTempFile;

use lake::error::{At, Result};
use lake::schema::Domain;

/// Days by which the recorded day of a row that is taken back is moved; far beyond any date an
/// event can have.
pub const TAKEN_BACK: i32 = 1_000_000;

/// The columns after those of the event, in which each version says where it stands; by the last
/// they are ordered.
pub const FOLLOWING: [&str; 5] = ["is_withdrawn", "was_there", "id", "recorded_day", "place"];

/// A chain of versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    /// As it is after tonight: versions count from their day on, and are taken back when the next
    /// becomes known.
    After,
    /// As it was before: all of that is undone.
    Before,
}

/// Writes the table.
pub struct Versions {
    schema: SchemaRef,
    writer: ArrowWriter<File>,
    /// Of the chain after tonight and of the one before, a batch that waits for the row after it.
    held: [Option<RecordBatch>; 2],
}

/// The file of a table that is still to be written; it goes when it is dropped.
///
/// # Errors
/// [`lake::Error::Io`].
pub fn file() -> Result<NamedTempFile> {
    let folder = std::env::temp_dir();
    tempfile::Builder::new()
        .prefix("pingan-versions-")
        .suffix(".parquet")
        .tempfile_in(&folder)
        .at(&folder)
}

/// What the domain's SQL sees: the event columns and `recorded_day`.
pub fn schema(domain: &Domain) -> SchemaRef {
    let mut fields = domain.schema().fields().to_vec();
    fields.push(Arc::new(Field::new("recorded_day", DataType::Date32, false)));
    Arc::new(Schema::new(fields))
}

impl Versions {
    /// An empty table of these event columns and `recorded_day`, in such a file.
    ///
    /// # Errors
    /// [`lake::Error::Io`], [`lake::Error::Parquet`].
    pub fn new(file: &NamedTempFile, domain: &Domain, columns: &[&str]) -> Result<Versions> {
        let fields = schema(domain)
            .fields()
            .iter()
            .filter(|f| columns.contains(&f.name().as_str()) || f.name() == "recorded_day")
            .cloned()
            .collect::<Vec<_>>();
        let schema = Arc::new(Schema::new(fields));
        // Read once and whole: nothing is pruned by statistics.
        let properties =
            WriterProperties::builder().set_statistics_enabled(EnabledStatistics::None).build();
        let writer =
            ArrowWriter::try_new(file.reopen().at(file.path())?, schema.clone(), Some(properties))?;
        Ok(Versions { schema, writer, held: [None, None] })
    }

    /// Takes a batch of both chains: the event columns, then [`FOLLOWING`], versions of one event
    /// one after the other. Those that were there are the chain before tonight, all of them the one
    /// after.
    ///
    /// # Errors
    /// [`lake::Error::Parquet`], [`lake::Error::Arrow`].
    pub fn write(&mut self, batch: RecordBatch) -> Result<()> {
        let [_, was_there, ..] = following(&batch);
        let was_there = was_there.as_boolean();
        if was_there.true_count() > 0 {
            self.follow(Sign::Before, filter_record_batch(&batch, was_there)?)?;
        }
        self.follow(Sign::After, batch)
    }

    fn follow(&mut self, sign: Sign, batch: RecordBatch) -> Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let next = batch.slice(0, 1);
        match self.held[sign as usize].replace(batch) {
            Some(held) => self.write_held(&held, Some(&next), sign),
            None => Ok(()),
        }
    }

    /// Writes a batch, knowing the row that follows it.
    fn write_held(
        &mut self,
        batch: &RecordBatch,
        next: Option<&RecordBatch>,
        sign: Sign,
    ) -> Result<()> {
        let [withdrawn, _, _, begins, _] = following(batch);
        let ends = &superseded_days(batch, next)?;
        // A version superseded on the day it became known never shows: the panel's grain is the
        // day.
        let counts = and(&not(withdrawn.as_boolean())?, &distinct(begins, ends)?)?;
        self.write_rows(batch, begins, &counts, sign == Sign::Before)?;
        let superseded = and(&counts, &is_not_null(ends)?)?;
        self.write_rows(batch, ends, &superseded, sign == Sign::After)
    }

    fn write_rows(
        &mut self,
        batch: &RecordBatch,
        day: &ArrayRef,
        which: &BooleanArray,
        taken_back: bool,
    ) -> Result<()> {
        let mut columns = Vec::with_capacity(self.schema.fields().len());
        for (column, field) in
            batch.columns().iter().zip(&self.schema.fields()[..self.schema.fields().len() - 1])
        {
            columns.push(cast(column, field.data_type())?);
        }
        let moved = if taken_back { TAKEN_BACK } else { 0 };
        let days = day.as_primitive::<Date32Type>();
        // Days that are null are of rows that are left out; they need a value only until the
        // filter.
        let days = Date32Array::from_iter_values(days.iter().map(|d| d.unwrap_or(0) + moved));
        columns.push(Arc::new(days));
        let rows =
            filter_record_batch(&RecordBatch::try_new(self.schema.clone(), columns)?, which)?;
        if rows.num_rows() > 0 {
            self.writer.write(&rows)?;
        }
        Ok(())
    }

    /// Ends both chains and the file.
    ///
    /// # Errors
    /// As [`Versions::write`].
    pub fn finish(mut self) -> Result<()> {
        for sign in [Sign::After, Sign::Before] {
            if let Some(held) = self.held[sign as usize].take() {
                self.write_held(&held, None, sign)?;
            }
        }
        self.writer.close()?;
        Ok(())
    }
}

/// The columns that [`FOLLOWING`] names.
fn following(batch: &RecordBatch) -> [&ArrayRef; FOLLOWING.len()] {
    let first = batch.num_columns() - FOLLOWING.len();
    std::array::from_fn(|place| batch.column(first + place))
}

/// Of each row the recorded day of the next version of the same event; null for the last.
fn superseded_days(batch: &RecordBatch, next: Option<&RecordBatch>) -> Result<ArrayRef> {
    let [_, _, id, day, _] = following(batch);
    let [_, _, next_id, next_day, _] =
        next.map_or([None; FOLLOWING.len()], |next| following(next).map(Some));
    let shifted = |column: &ArrayRef, after: Option<&ArrayRef>| -> Result<ArrayRef> {
        let own = column.slice(1, column.len() - 1);
        let after = after.map_or_else(|| new_null_array(own.data_type(), 1), ArrayRef::clone);
        Ok(concat(&[&own, &after])?)
    };
    // Where ids differ, or nothing follows, there is no next version.
    let other = distinct(id, &shifted(id, next_id)?)?;
    Ok(nullif(&shifted(day, next_day)?, &other)?)
}
