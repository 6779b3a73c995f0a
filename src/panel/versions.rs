//! The versions that a night brings into force and those it takes back, as one table for the
//! domain's SQL.
//!
//! The SQL groups by `recorded_day` and otherwise does not look at it. So that day is moved by
//! blocks of [`BLOCK`] days, one for what counts of each source and one for what is taken back of
//! it: one run of the SQL yields all sums, told apart by their day. The table is a file, because it
//! grows with the events.

use std::fs::File;
use std::sync::Arc;

use datafusion::arrow::array::{
    Array, AsArray, BooleanArray, Date32Array, Int64Array, RecordBatch, StringViewArray,
    TimestampMicrosecondArray, UInt32Array,
};
use datafusion::arrow::compute::kernels::cmp::distinct;
use datafusion::arrow::compute::{
    cast, concat_batches, filter_record_batch, or, take_record_batch,
};
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Field, Int64Type, Schema, SchemaRef, TimestampMicrosecondType,
};
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::file::properties::{EnabledStatistics, WriterProperties};
use tempfile::NamedTempFile;

use lake::error::{At, Error, Result};
use lake::schema::Domain;

/// Days of one block of recorded days: block 2n holds what is counted of the n-th [`Origin`], block
/// 2n + 1 what is taken back of it. Far more than any recorded day.
pub const BLOCK: i32 = 100_000;

/// Most origins of a domain's versions: blocks beyond have no days.
const MOST_ORIGINS: usize = (i32::MAX / BLOCK / 2 - 1) as usize;

/// The columns after those of the event, in which each version says where it stands; by the last
/// they are ordered.
pub const FOLLOWING: [&str; 9] = [
    "is_withdrawn",
    "was_there",
    "id",
    "recorded",
    "recorded_day",
    "delivered_day",
    "origin",
    "events",
    "place",
];

/// Stands between source and basis in the column `origin`.
const BETWEEN: char = '\n';

/// Whose a version is, and what its time of recording rests on (`recorded_basis`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    pub source: String,
    pub basis: String,
}

/// The SQL expression of the column `origin`. A version of pingan that did not keep the delivery
/// named the file as the source: these are the domain's together.
pub fn origin_sql(domain: &Domain) -> String {
    let source = format!("case when delivered_at is null then '{}' else source end", domain.id);
    format!("concat({source}, '{BETWEEN}', coalesce(recorded_basis, 'given'))")
}

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
    /// Versions of the last event, of which more may follow.
    open: Option<RecordBatch>,
    origins: Vec<String>,
    /// Versions that came tonight and differ from an earlier one of the same `recorded_at`.
    changed: u64,
}

/// What was written.
pub struct WrittenVersions {
    /// By their number, see [`BLOCK`].
    pub origins: Vec<Origin>,
    /// Versions that came tonight and differ from an earlier one of the same `recorded_at`.
    pub changed: u64,
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
        Ok(Versions { schema, writer, open: None, origins: Vec::new(), changed: 0 })
    }

    /// Takes a batch of both chains: the event columns, then [`FOLLOWING`], versions of one event
    /// one after the other. Those that were there are the chain before tonight, all of them the one
    /// after.
    ///
    /// # Errors
    /// [`lake::Error::Parquet`], [`lake::Error::Arrow`]; [`lake::Error::Config`] where the versions
    /// are of more sources than can be told apart.
    pub fn write(&mut self, batch: RecordBatch) -> Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let ids = Following::new(&batch).id;
        let rows = batch.num_rows();
        let last = (0..rows).rev().find(|row| ids.value(*row) != ids.value(rows - 1));
        let Some(open) = self.open.take() else {
            let closed = last.map_or(0, |last| last + 1);
            self.write_events(&batch.slice(0, closed))?;
            self.open = Some(batch.slice(closed, rows - closed));
            return Ok(());
        };
        let event = Following::new(&open).id.value(0);
        let more = (0..rows).find(|row| ids.value(*row) != event).unwrap_or(rows);
        let open = concat_batches(&open.schema(), [&open, &batch.slice(0, more)])?;
        let Some(last) = last.filter(|_| more < rows) else {
            self.open = Some(open);
            return Ok(());
        };
        self.write_events(&open)?;
        let closed = (last + 1).max(more);
        self.write_events(&batch.slice(more, closed - more))?;
        self.open = Some(batch.slice(closed, rows - closed));
        Ok(())
    }

    /// Writes all versions of some events.
    fn write_events(&mut self, batch: &RecordBatch) -> Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let was_there = Following::new(batch).was_there.clone();
        if was_there.true_count() > 0 {
            self.write_chain(Sign::Before, &filter_record_batch(batch, &was_there)?)?;
        }
        self.changed += changed_versions(batch)?;
        self.write_chain(Sign::After, batch)
    }

    fn write_chain(&mut self, sign: Sign, batch: &RecordBatch) -> Result<()> {
        let following = Following::new(batch);
        let (begins, ends) = shown_days(&following);
        let origins = self.numbers(&following)?;
        // A version superseded on the day it became known never shows: the panel's grain is the
        // day.
        let shown = |row: usize| !following.withdrawn.value(row) && begins[row] < ends[row];
        let all = 0..batch.num_rows();
        let counted = BooleanArray::from_iter(all.clone().map(|row| Some(shown(row))));
        let superseded =
            BooleanArray::from_iter(all.map(|row| Some(shown(row) && ends[row] < NEVER)));
        let before = sign == Sign::Before;
        self.write_rows(batch, &blocks(&begins, &origins, before), &counted)?;
        self.write_rows(batch, &blocks(&ends, &origins, !before), &superseded)
    }

    /// The number of each row's origin.
    fn numbers(&mut self, following: &Following) -> Result<Vec<i32>> {
        let mut numbers = Vec::with_capacity(following.origin.len());
        for row in 0..following.origin.len() {
            let origin = following.origin.value(row);
            let number = self.origins.iter().position(|o| o == origin).unwrap_or_else(|| {
                self.origins.push(origin.to_owned());
                self.origins.len() - 1
            });
            numbers.push(number as i32);
        }
        if self.origins.len() > MOST_ORIGINS {
            return Err(Error::usage(
                format!("a domain's files are of more than {MOST_ORIGINS} sources"),
                "name the department, not the file, as `source` of the mappings",
            ));
        }
        Ok(numbers)
    }

    /// Writes rows with their block's day in the place of the recorded day.
    fn write_rows(
        &mut self,
        batch: &RecordBatch,
        days: &[i32],
        which: &BooleanArray,
    ) -> Result<()> {
        let mut columns = Vec::with_capacity(self.schema.fields().len());
        for (column, field) in
            batch.columns().iter().zip(&self.schema.fields()[..self.schema.fields().len() - 1])
        {
            columns.push(cast(column, field.data_type())?);
        }
        columns.push(Arc::new(Date32Array::from_iter_values(days.iter().copied())));
        let rows = RecordBatch::try_new(self.schema.clone(), columns)?;
        let events = Following::new(batch).events;
        let rows = match events.values().iter().all(|n| *n == 1) {
            true => filter_record_batch(&rows, which)?,
            // A total is as many rows as it counts events.
            false => take_record_batch(&rows, &repeated(events, which))?,
        };
        if rows.num_rows() > 0 {
            self.writer.write(&rows)?;
        }
        Ok(())
    }

    /// Ends both chains and the file.
    ///
    /// # Errors
    /// As [`Versions::write`].
    pub fn finish(mut self) -> Result<WrittenVersions> {
        if let Some(open) = self.open.take() {
            self.write_events(&open)?;
        }
        self.writer.close()?;
        let origin = |text: String| {
            let (source, basis) = text.split_once(BETWEEN).unwrap_or((&text, ""));
            Origin { source: source.to_owned(), basis: basis.to_owned() }
        };
        let origins = self.origins.into_iter().map(origin).collect();
        Ok(WrittenVersions { origins, changed: self.changed })
    }
}

/// Later than any day: a version that is not superseded.
const NEVER: i32 = i32::MAX;

/// The columns that [`FOLLOWING`] names.
struct Following<'a> {
    withdrawn: &'a BooleanArray,
    was_there: &'a BooleanArray,
    id: &'a StringViewArray,
    recorded: &'a TimestampMicrosecondArray,
    recorded_day: &'a Date32Array,
    /// Null where a version of pingan has ingested it that did not keep it.
    delivered_day: &'a Date32Array,
    origin: &'a StringViewArray,
    /// Events that a row stands for: 1, or a total.
    events: &'a Int64Array,
}

impl<'a> Following<'a> {
    fn new(batch: &'a RecordBatch) -> Following<'a> {
        let first = batch.num_columns() - FOLLOWING.len();
        Following {
            withdrawn: batch.column(first).as_boolean(),
            was_there: batch.column(first + 1).as_boolean(),
            id: batch.column(first + 2).as_string_view(),
            recorded: batch.column(first + 3).as_primitive::<TimestampMicrosecondType>(),
            recorded_day: batch.column(first + 4).as_primitive::<Date32Type>(),
            delivered_day: batch.column(first + 5).as_primitive::<Date32Type>(),
            origin: batch.column(first + 6).as_string_view(),
            events: batch.column(first + 7).as_primitive::<Int64Type>(),
        }
    }

    /// Whether a row is a later version of the same event as the one before it, under the same
    /// time of recording.
    fn came_again(&self, row: usize) -> bool {
        row > 0
            && self.id.value(row) == self.id.value(row - 1)
            && self.recorded.value(row) == self.recorded.value(row - 1)
    }

    /// The day on which a version became known: its recorded day, and where it came again under an
    /// unchanged time of recording, the day of its delivery.
    fn known_day(&self, row: usize) -> i32 {
        let recorded = self.recorded_day.value(row);
        match self.came_again(row) && self.delivered_day.is_valid(row) {
            true => self.delivered_day.value(row).max(recorded),
            false => recorded,
        }
    }
}

/// The rows that count, each as often as the events it stands for.
fn repeated(events: &Int64Array, which: &BooleanArray) -> UInt32Array {
    let counting = (0..events.len()).filter(|row| which.value(*row));
    let times = |row: usize| usize::try_from(events.value(row)).unwrap_or(0);
    UInt32Array::from_iter_values(
        counting.flat_map(|row| std::iter::repeat_n(row as u32, times(row))),
    )
}

/// Of each version of whole events the first day on which it shows, and the first on which a later
/// one is known.
fn shown_days(following: &Following) -> (Vec<i32>, Vec<i32>) {
    let rows = following.id.len();
    let begins: Vec<i32> = (0..rows).map(|row| following.known_day(row)).collect();
    let mut ends = vec![NEVER; rows];
    for row in (0..rows.saturating_sub(1)).rev() {
        if following.id.value(row) == following.id.value(row + 1) {
            ends[row] = ends[row + 1].min(begins[row + 1]);
        }
    }
    (begins, ends)
}

/// Each row's day in the block of its origin.
fn blocks(days: &[i32], origins: &[i32], taken_back: bool) -> Vec<i32> {
    let block = |origin: i32| (2 * origin + i32::from(taken_back)) * BLOCK;
    // Of a version that is not superseded no row is written, whatever its day.
    let day = |day: i32| if day == NEVER { 0 } else { day };
    days.iter().zip(origins).map(|(d, origin)| block(*origin) + day(*d)).collect()
}

/// Versions that were not there before tonight and differ, in what the SQL reads, from the one
/// before them under the same time of recording.
fn changed_versions(batch: &RecordBatch) -> Result<u64> {
    let following = Following::new(batch);
    let again: Vec<usize> = (1..batch.num_rows())
        .filter(|row| following.came_again(*row) && !following.was_there.value(*row))
        .collect();
    if again.is_empty() {
        return Ok(0);
    }
    let rows =
        |shift: usize| UInt32Array::from_iter_values(again.iter().map(|r| (r - shift) as u32));
    let (now, before) = (take_record_batch(batch, &rows(0))?, take_record_batch(batch, &rows(1))?);
    let columns = batch.num_columns() - FOLLOWING.len();
    let mut differs = distinct(now.column(columns), before.column(columns))?;
    for column in 0..columns {
        differs = or(&differs, &distinct(now.column(column), before.column(column))?)?;
    }
    Ok(differs.true_count() as u64)
}
