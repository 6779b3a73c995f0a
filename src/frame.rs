//! The one bridge from Polars to Arrow (DataFusion's).
//!
//! What crosses is of the panel's size at most, and plain: text, integers, floats; a day is its
//! number since 1970-01-01. It is copied, so neither side borrows from the other.

use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray,
};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use polars::prelude as pl;

use crate::error::from_frame;
use lake::{Error, Result};

/// A Polars frame as one Arrow batch of `schema`, columns matched by name; a column the frame lacks
/// is null.
///
/// # Errors
/// [`Error::Frame`] where a column has another type than the schema says, [`Error::Arrow`] where a
/// required one is missing.
pub fn to_arrow(frame: &pl::DataFrame, schema: &SchemaRef) -> Result<RecordBatch> {
    let columns: Result<Vec<ArrayRef>> = schema
        .fields()
        .iter()
        .map(|field| match frame.column(field.name()) {
            Ok(column) => array(column.as_materialized_series(), field.data_type()),
            Err(_) => {
                Ok(datafusion::arrow::array::new_null_array(field.data_type(), frame.height()))
            }
        })
        .collect();
    RecordBatch::try_new(schema.clone(), columns?).map_err(Error::from)
}

fn array(series: &pl::Series, to: &DataType) -> Result<ArrayRef> {
    Ok(cast(&plain(series).map_err(from_frame)?, to)?)
}

/// A series as text, floats, or whole numbers.
fn plain(series: &pl::Series) -> pl::PolarsResult<ArrayRef> {
    Ok(match series.dtype() {
        pl::DataType::String => Arc::new(StringArray::from_iter(series.str()?.iter())),
        pl::DataType::Float64 => Arc::new(Float64Array::from_iter(series.f64()?.iter())),
        pl::DataType::Int32 => Arc::new(Int32Array::from_iter(series.i32()?.iter())),
        _ => Arc::new(Int64Array::from_iter(series.cast(&pl::DataType::Int64)?.i64()?.iter())),
    })
}
