//! Columns of a query's answer, by name and of plain types.

use chrono::{DateTime, NaiveDate, Utc};
use datafusion::arrow::array::{
    Array, AsArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType,
};
use datafusion::arrow::error::ArrowError;

use lake::Result;

/// A batch whose cells are asked for by column and row.
pub(super) struct Cells<'a>(pub &'a RecordBatch);

impl Cells<'_> {
    fn column(&self, name: &str, kind: &DataType) -> Result<datafusion::arrow::array::ArrayRef> {
        let column = self
            .0
            .column_by_name(name)
            .ok_or_else(|| ArrowError::SchemaError(format!("there is no column {name}")))?;
        Ok(cast(column, kind)?)
    }

    /// Text; empty where there is none.
    pub fn text(&self, name: &str) -> Result<StringArray> {
        Ok(self.column(name, &DataType::Utf8)?.as_string::<i32>().clone())
    }

    /// Figures.
    pub fn figure(&self, name: &str) -> Result<Float64Array> {
        Ok(self.column(name, &DataType::Float64)?.as_primitive::<Float64Type>().clone())
    }

    /// Whole numbers.
    pub fn whole(&self, name: &str) -> Result<Int64Array> {
        Ok(self.column(name, &DataType::Int64)?.as_primitive::<Int64Type>().clone())
    }

    /// Days.
    pub fn day(&self, name: &str) -> Result<Date32Array> {
        Ok(self.column(name, &DataType::Date32)?.as_primitive::<Date32Type>().clone())
    }

    /// Instants.
    pub fn instant(&self, name: &str) -> Result<TimestampMicrosecondArray> {
        let kind = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        Ok(self.column(name, &kind)?.as_primitive::<TimestampMicrosecondType>().clone())
    }
}

/// A figure that may be missing.
pub(super) fn figure(column: &Float64Array, row: usize) -> Option<f64> {
    column.is_valid(row).then(|| column.value(row))
}

/// A day that is there.
pub(super) fn day(column: &Date32Array, row: usize) -> NaiveDate {
    Date32Type::to_naive_date_opt(column.value(row)).unwrap_or_default()
}

/// An instant that may be missing.
pub(super) fn instant(column: &TimestampMicrosecondArray, row: usize) -> Option<DateTime<Utc>> {
    column.is_valid(row).then(|| DateTime::from_timestamp_micros(column.value(row))).flatten()
}
