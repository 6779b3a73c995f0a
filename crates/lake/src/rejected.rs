//! The table `rejected`: what was refused of a batch.

use std::fs::File;

use datafusion::arrow::array::{AsArray, BooleanArray, RecordBatch};
use datafusion::arrow::compute::filter_record_batch;
use datafusion::arrow::datatypes::Int64Type;
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::ingest::RefusedBefore;
use super::{DataFile, Table};
use crate::error::{At, Result};

/// Refusals of a batch, and what stands beside them.
pub(crate) struct BatchRefusals {
    pub refused: RefusedBefore,
    /// The files they stand in, and the rows of these files that are of other batches.
    pub files: Vec<DataFile>,
    pub others: Vec<RecordBatch>,
}

/// Reads the refusals of a batch.
///
/// # Errors
/// [`crate::Error::Io`], [`crate::Error::Parquet`] where a file cannot be read.
pub(crate) fn read_batch(table: &Table, batch_id: &str) -> Result<BatchRefusals> {
    let mut found =
        BatchRefusals { refused: RefusedBefore::default(), files: Vec::new(), others: Vec::new() };
    for file in table.files()? {
        let within = file.bounds("batch_id").is_none_or(|(low, high)| {
            low.as_str().is_none_or(|low| low <= batch_id)
                && high.as_str().is_none_or(|high| batch_id <= high)
        });
        if within {
            found.read(file, batch_id)?;
        }
    }
    Ok(found)
}

impl BatchRefusals {
    fn read(&mut self, file: DataFile, batch_id: &str) -> Result<()> {
        let input = File::open(&file.path).at(&file.path)?;
        let (mut others, mut any) = (Vec::new(), false);
        for batch in ParquetRecordBatchReaderBuilder::try_new(input)?.build()? {
            let batch = batch?;
            let own: BooleanArray = batch
                .column(0)
                .as_string::<i32>()
                .iter()
                .map(|id| Some(id == Some(batch_id)))
                .collect();
            any |= own.true_count() > 0;
            self.add(&filter_record_batch(&batch, &own)?);
            let not: BooleanArray = own.iter().map(|own| own.map(|own| !own)).collect();
            others.push(filter_record_batch(&batch, &not)?);
        }
        if any {
            self.files.push(file);
            self.others.extend(others.into_iter().filter(|batch| batch.num_rows() > 0));
        }
        Ok(())
    }

    fn add(&mut self, batch: &RecordBatch) {
        let rows = batch.column(2).as_primitive::<Int64Type>();
        let columns = batch.column(3).as_string::<i32>();
        for (row, column) in rows.values().iter().zip(columns.iter()) {
            self.refused.add(column.unwrap_or_default(), *row as u64);
        }
    }
}
