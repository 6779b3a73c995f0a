//! Earlier versions of the events that came, found without rescanning history.
//!
//! Statistics of the log skip files, bloom filters skip row groups, and in what is left `event_id`
//! is decoded first and the other columns only for the rows that match.

use std::collections::HashSet;
use std::fs::File;
use std::sync::Arc;

use datafusion::arrow::array::{AsArray, BooleanArray, RecordBatch, new_null_array};
use datafusion::arrow::datatypes::{Field, SchemaRef};
use datafusion::parquet::arrow::ProjectionMask;
use datafusion::parquet::arrow::arrow_reader::{
    ArrowPredicateFn, ParquetRecordBatchReaderBuilder, RowFilter,
};
use datafusion::parquet::file::properties::ReaderProperties;
use datafusion::parquet::file::reader::FileReader;
use datafusion::parquet::file::serialized_reader::{ReadOptionsBuilder, SerializedFileReader};

use super::table::DataFile;
use crate::error::{At, Result};

/// The `event_id`s of all rows of `files`.
///
/// # Errors
/// [`crate::Error::Io`], [`crate::Error::Parquet`] where a file cannot be read.
pub fn event_ids(files: &[DataFile]) -> Result<HashSet<String>> {
    let mut ids = HashSet::new();
    for file in files {
        let builder =
            ParquetRecordBatchReaderBuilder::try_new(File::open(&file.path).at(&file.path)?)?;
        let mask = ProjectionMask::columns(builder.parquet_schema(), ["event_id"]);
        for batch in builder.with_projection(mask).build()? {
            let batch = batch?;
            ids.extend(batch.column(0).as_string::<i32>().iter().flatten().map(str::to_owned));
        }
    }
    Ok(ids)
}

/// All rows of `files` whose `event_id` is one of `ids`, in the columns of `schema`; what a file of
/// an earlier version lacks is null.
///
/// # Errors
/// [`crate::Error::Io`], [`crate::Error::Parquet`] where a file cannot be read.
pub fn find_versions(
    files: &[DataFile],
    ids: &Arc<HashSet<String>>,
    schema: &SchemaRef,
) -> Result<Vec<RecordBatch>> {
    let mut found = Vec::new();
    for file in files {
        let candidates: Vec<&str> = match file.bounds("event_id") {
            Some((low, high)) => {
                let (low, high) =
                    (low.as_str().unwrap_or("").to_owned(), high.as_str().map(str::to_owned));
                // The log may cut long bounds short; a cut upper bound is padded by the writer, a
                // cut lower one is a prefix, so both hold.
                ids.iter()
                    .map(String::as_str)
                    .filter(|id| *id >= low.as_str() && high.as_deref().is_none_or(|h| *id <= h))
                    .collect()
            }
            None => ids.iter().map(String::as_str).collect(),
        };
        if !candidates.is_empty() {
            let groups = groups_with(file, &candidates)?;
            if !groups.is_empty() {
                read_matching(file, groups, ids, &mut found)?;
            }
        }
    }
    found.iter().map(|batch| conformed(batch, schema)).collect()
}

/// The batch in the columns of a schema.
fn conformed(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let column = |field: &Arc<Field>| match batch.column_by_name(field.name()) {
        Some(column) => column.clone(),
        None => new_null_array(field.data_type(), batch.num_rows()),
    };
    Ok(RecordBatch::try_new(schema.clone(), schema.fields().iter().map(column).collect())?)
}

/// Row groups of a file that may hold one of the ids, by their bloom filters; one without a filter
/// may hold any.
fn groups_with(file: &DataFile, ids: &[&str]) -> Result<Vec<usize>> {
    let options = ReadOptionsBuilder::new()
        .with_reader_properties(ReaderProperties::builder().set_read_bloom_filter(true).build())
        .build();
    let reader =
        SerializedFileReader::new_with_options(File::open(&file.path).at(&file.path)?, options)?;
    let columns = reader.metadata().file_metadata().schema_descr();
    let Some(column) = columns.columns().iter().position(|c| c.name() == "event_id") else {
        return Ok(Vec::new());
    };
    let mut groups = Vec::new();
    for group in 0..reader.num_row_groups() {
        let row_group = reader.get_row_group(group)?;
        let may_hold = row_group
            .get_column_bloom_filter(column)
            .is_none_or(|filter| ids.iter().any(|id| filter.check(*id)));
        if may_hold {
            groups.push(group);
        }
    }
    Ok(groups)
}

fn read_matching(
    file: &DataFile,
    groups: Vec<usize>,
    ids: &Arc<HashSet<String>>,
    found: &mut Vec<RecordBatch>,
) -> Result<()> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(&file.path).at(&file.path)?)?;
    let mask = ProjectionMask::columns(builder.parquet_schema(), ["event_id"]);
    let wanted = ids.clone();
    let matches = ArrowPredicateFn::new(mask, move |batch| {
        let column = batch.column(0).as_string::<i32>();
        Ok(BooleanArray::from_iter(
            column.iter().map(|id| Some(id.is_some_and(|id| wanted.contains(id)))),
        ))
    });
    let reader = builder
        .with_row_groups(groups)
        .with_row_filter(RowFilter::new(vec![Box::new(matches)]))
        .build()?;
    for batch in reader {
        let batch = batch?;
        if batch.num_rows() > 0 {
            found.push(batch);
        }
    }
    Ok(())
}
