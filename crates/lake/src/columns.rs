//! Columns of a query's answer, by name, as plain Rust values.

use chrono::{DateTime, NaiveDate, Utc};
use datafusion::arrow::array::{ArrayRef, ArrowPrimitiveType, AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType,
};
use datafusion::arrow::error::ArrowError;

use crate::error::Result;

/// The columns of a batch. Every reader gives one value a row, `None` for null, and fails with
/// [`crate::Error::Arrow`] where there is no column of that name or it is of another kind.
pub struct Columns<'a>(&'a RecordBatch);

impl<'a> Columns<'a> {
    /// The columns of `batch`.
    pub fn new(batch: &'a RecordBatch) -> Columns<'a> {
        Columns(batch)
    }

    /// Text.
    pub fn text(&self, name: &str) -> Result<Vec<Option<String>>> {
        let column = self.column(name, &DataType::Utf8)?;
        Ok(column.as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect())
    }

    /// Text of a column that is never null.
    pub fn required_text(&self, name: &str) -> Result<Vec<String>> {
        Ok(self.text(name)?.into_iter().map(Option::unwrap_or_default).collect())
    }

    /// Figures; one that is not finite is no figure.
    pub fn float(&self, name: &str) -> Result<Vec<Option<f64>>> {
        let figures = self.values::<Float64Type, _>(name, &DataType::Float64, |x| x)?;
        Ok(figures.into_iter().map(|x| x.filter(|x| x.is_finite())).collect())
    }

    /// Whole numbers.
    pub fn whole(&self, name: &str) -> Result<Vec<Option<i64>>> {
        self.values::<Int64Type, _>(name, &DataType::Int64, |x| x)
    }

    /// Yes or no.
    pub fn boolean(&self, name: &str) -> Result<Vec<Option<bool>>> {
        Ok(self.column(name, &DataType::Boolean)?.as_boolean().iter().collect())
    }

    /// Days.
    pub fn day(&self, name: &str) -> Result<Vec<Option<NaiveDate>>> {
        let days =
            self.values::<Date32Type, _>(name, &DataType::Date32, Date32Type::to_naive_date_opt)?;
        Ok(days.into_iter().map(Option::flatten).collect())
    }

    /// Days of a column that is never null.
    pub fn required_day(&self, name: &str) -> Result<Vec<NaiveDate>> {
        Ok(self.day(name)?.into_iter().map(Option::unwrap_or_default).collect())
    }

    /// Instants.
    pub fn instant(&self, name: &str) -> Result<Vec<Option<DateTime<Utc>>>> {
        let kind = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        let instants = self.values::<TimestampMicrosecondType, _>(
            name,
            &kind,
            DateTime::from_timestamp_micros,
        )?;
        Ok(instants.into_iter().map(Option::flatten).collect())
    }

    fn column(&self, name: &str, kind: &DataType) -> Result<ArrayRef> {
        let column = self.0.column_by_name(name);
        let missing = || ArrowError::SchemaError(format!("there is no column {name}"));
        Ok(cast(column.ok_or_else(missing)?, kind)?)
    }

    fn values<T: ArrowPrimitiveType, V>(
        &self,
        name: &str,
        kind: &DataType,
        value: impl Fn(T::Native) -> V,
    ) -> Result<Vec<Option<V>>> {
        let column = self.column(name, kind)?;
        Ok(column.as_primitive::<T>().iter().map(|x| x.map(&value)).collect())
    }
}
