//! The one bridge between Arrow (DataFusion's) and Polars.
//!
//! What crosses is of the panel's size at most, and plain: text, integers, floats, days. It is copied, so neither side borrows from the other.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Date32Type, Float64Type, Int64Type, SchemaRef};
use polars::prelude as pl;
use polars::prelude::{IntoColumn, NamedFrom};

use crate::error::{Error, Result};

/// Arrow batches of one schema as a Polars frame.
///
/// # Errors
/// [`Error::Arrow`] for a column that is neither text, integer, float nor day.
pub fn to_polars(schema: &SchemaRef, batches: &[RecordBatch]) -> Result<pl::DataFrame> {
    let mut columns = Vec::with_capacity(schema.fields().len());
    for (i, field) in schema.fields().iter().enumerate() {
        let parts: Result<Vec<pl::Series>> = batches.iter().map(|b| series(field.name(), b.column(i))).collect();
        let mut parts = parts?.into_iter();
        let mut whole = match parts.next() {
            Some(first) => first,
            None => series(field.name(), &datafusion::arrow::array::new_empty_array(field.data_type()))?,
        };
        for part in parts {
            whole.append(&part)?;
        }
        columns.push(whole.into_column());
    }
    let height = batches.iter().map(RecordBatch::num_rows).sum();
    Ok(pl::DataFrame::new(height, columns)?)
}

fn series(name: &str, array: &ArrayRef) -> Result<pl::Series> {
    Ok(match array.data_type() {
        DataType::Float64 => pl::Series::new(name.into(), array.as_primitive::<Float64Type>().iter().collect::<Vec<Option<f64>>>()),
        DataType::Int64 => pl::Series::new(name.into(), array.as_primitive::<Int64Type>().iter().collect::<Vec<Option<i64>>>()),
        DataType::Date32 => {
            let days = pl::Series::new(name.into(), array.as_primitive::<Date32Type>().iter().collect::<Vec<Option<i32>>>());
            days.cast(&pl::DataType::Date)?
        }
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
            let text = cast(array, &DataType::Utf8)?;
            pl::Series::new(name.into(), text.as_string::<i32>().iter().collect::<Vec<Option<&str>>>())
        }
        _ => {
            let whole = cast(array, &DataType::Int64)?;
            pl::Series::new(name.into(), whole.as_primitive::<Int64Type>().iter().collect::<Vec<Option<i64>>>())
        }
    })
}

/// A Polars frame as one Arrow batch of `schema`, columns matched by name; a column the frame lacks is null.
///
/// # Errors
/// [`Error::Polars`] where a column has another type than the schema says, [`Error::Arrow`] where a required one is missing.
pub fn to_arrow(frame: &pl::DataFrame, schema: &SchemaRef) -> Result<RecordBatch> {
    let columns: Result<Vec<ArrayRef>> = schema
        .fields()
        .iter()
        .map(|field| match frame.column(field.name()) {
            Ok(column) => array(column.as_materialized_series(), field.data_type()),
            Err(_) => Ok(datafusion::arrow::array::new_null_array(field.data_type(), frame.height())),
        })
        .collect();
    RecordBatch::try_new(schema.clone(), columns?).map_err(Error::from)
}

fn array(series: &pl::Series, to: &DataType) -> Result<ArrayRef> {
    let plain: ArrayRef = match series.dtype() {
        pl::DataType::String => Arc::new(StringArray::from_iter(series.str()?.iter())),
        pl::DataType::Float64 => Arc::new(Float64Array::from_iter(series.f64()?.iter())),
        pl::DataType::Date => Arc::new(Date32Array::from_iter(series.cast(&pl::DataType::Int32)?.i32()?.iter())),
        _ => Arc::new(Int64Array::from_iter(series.cast(&pl::DataType::Int64)?.i64()?.iter())),
    };
    Ok(cast(&plain, to)?)
}
