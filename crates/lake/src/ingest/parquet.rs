//! Parquet: typed columns, never by way of text.

use std::fs::File;
use std::path::Path;

use chrono::{DateTime, NaiveDate};
use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array,
    StringArray, TimestampMicrosecondArray,
};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Float64Type, Int64Type, TimeUnit,
    TimestampMicrosecondType,
};
use datafusion::parquet::arrow::ProjectionMask;
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::cell::Cell;
use super::visit::Visit;
use crate::error::{At, Error, Result};

const OUT: &str = "a value out of range";

/// Shows a Parquet file to the visitor.
pub(crate) fn read(file: &Path, visit: &mut dyn Visit) -> Result<()> {
    let damaged = |e: String| {
        Error::input(
            file,
            format!("cannot be read as Parquet ({e})"),
            "it was probably cut off on its way: ask for it again",
        )
    };
    let input = File::open(file).at(file)?;
    let builder =
        unpanicked(|| ParquetRecordBatchReaderBuilder::try_new(input)).map_err(damaged)?;
    let schema = builder.schema().clone();
    let header: Vec<String> = schema.fields().iter().map(|f| f.name().clone()).collect();
    if !visit.table(None, &header)? {
        return Ok(());
    }
    // Columns of lists and structs are nothing a table of events has: they read as unusable cells,
    // unread.
    let flat: Vec<usize> =
        (0..header.len()).filter(|&i| common_type(schema.field(i).data_type()).is_some()).collect();
    let mask = ProjectionMask::roots(builder.parquet_schema(), flat.iter().copied());
    let mut reader = unpanicked(|| builder.with_projection(mask).with_batch_size(8_192).build())
        .map_err(damaged)?;
    let mut number = 0;
    while let Some(batch) = unpanicked(|| reader.next().transpose()).map_err(damaged)? {
        let columns = batch.columns().iter().map(Values::new).collect::<Result<Vec<_>>>()?;
        let mut cells =
            vec![Cell::Error("a list or structure instead of a value".into()); header.len()];
        for i in 0..batch.num_rows() {
            number += 1;
            for (&at, column) in flat.iter().zip(&columns) {
                cells[at] = column.cell(i);
            }
            if !visit.row(number, &cells)? {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// What the reader answers, or why it cannot. Some damaged files make the library panic (an unknown
/// type in the embedded Arrow schema): one file must not end the night.
fn unpanicked<T, E: std::fmt::Display>(
    read: impl FnOnce() -> std::result::Result<T, E>,
) -> std::result::Result<T, String> {
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(read)) {
        Ok(answer) => answer.map_err(|e| e.to_string()),
        Err(_) => Err("it is damaged".into()),
    }
}

/// The one type a column is brought to; none for types a cell cannot hold.
fn common_type(given: &DataType) -> Option<DataType> {
    use DataType::*;
    Some(match given {
        Null | Utf8 | LargeUtf8 | Utf8View | Time32(_) | Time64(_) => Utf8,
        Dictionary(_, inner) => common_type(inner)?,
        Boolean => Boolean,
        Int8 | Int16 | Int32 | Int64 | UInt8 | UInt16 | UInt32 => Int64,
        UInt64 => Decimal128(20, 0),
        Float16 | Float32 | Float64 => Float64,
        Decimal32(_, s) | Decimal64(_, s) | Decimal128(_, s) | Decimal256(_, s) if *s >= 0 => {
            Decimal128(38, *s)
        }
        Date32 => Date32,
        Date64 => Timestamp(TimeUnit::Microsecond, None),
        Timestamp(_, None) => Timestamp(TimeUnit::Microsecond, None),
        Timestamp(_, Some(_)) => Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        _ => return None,
    })
}

struct Values {
    given: ArrayRef,
    values: Typed,
}

enum Typed {
    Text(StringArray),
    Bool(BooleanArray),
    Int(Int64Array),
    Float(Float64Array),
    Decimal(Decimal128Array, i8),
    Date(Date32Array),
    Instant(TimestampMicrosecondArray),
    Local(TimestampMicrosecondArray),
}

impl Values {
    fn new(given: &ArrayRef) -> Result<Values> {
        let to = common_type(given.data_type()).unwrap_or(DataType::Utf8);
        let array = if *given.data_type() == to { given.clone() } else { cast(given, &to)? };
        let values = match &to {
            DataType::Boolean => Typed::Bool(array.as_boolean().clone()),
            DataType::Int64 => Typed::Int(array.as_primitive::<Int64Type>().clone()),
            DataType::Float64 => Typed::Float(array.as_primitive::<Float64Type>().clone()),
            DataType::Decimal128(_, scale) => {
                Typed::Decimal(array.as_primitive::<Decimal128Type>().clone(), *scale)
            }
            DataType::Date32 => Typed::Date(array.as_primitive::<Date32Type>().clone()),
            DataType::Timestamp(_, None) => {
                Typed::Local(array.as_primitive::<TimestampMicrosecondType>().clone())
            }
            DataType::Timestamp(_, Some(_)) => {
                Typed::Instant(array.as_primitive::<TimestampMicrosecondType>().clone())
            }
            _ => Typed::Text(array.as_string::<i32>().clone()),
        };
        Ok(Values { given: given.clone(), values })
    }

    fn cell(&self, i: usize) -> Cell<'_> {
        if self.array().is_null(i) {
            // Null before bringing it to the common type, or only after: then it did not fit.
            return if self.given.is_null(i) || self.is_null_key(i) {
                Cell::Empty
            } else {
                Cell::Error(OUT.into())
            };
        }
        match &self.values {
            Typed::Text(a) => Cell::from_text(a.value(i)),
            Typed::Bool(a) => Cell::Bool(a.value(i)),
            Typed::Int(a) => Cell::Int(a.value(i)),
            Typed::Float(a) => Cell::Float(a.value(i)),
            Typed::Decimal(a, scale) => Cell::Decimal(a.value(i), *scale),
            Typed::Date(a) => NaiveDate::from_epoch_days(a.value(i))
                .map_or_else(|| Cell::Error(OUT.into()), Cell::Date),
            Typed::Instant(a) => Cell::Instant(a.value(i)),
            Typed::Local(a) => match DateTime::from_timestamp_micros(a.value(i)) {
                Some(t) => Cell::Local(t.naive_utc()),
                None => Cell::Error(OUT.into()),
            },
        }
    }

    /// A dictionary's key may lead to a null, and a column of nulls holds nothing else.
    fn is_null_key(&self, i: usize) -> bool {
        self.given.logical_nulls().is_some_and(|n| n.is_null(i))
    }

    fn array(&self) -> &dyn Array {
        match &self.values {
            Typed::Text(a) => a,
            Typed::Bool(a) => a,
            Typed::Int(a) => a,
            Typed::Float(a) => a,
            Typed::Decimal(a, _) => a,
            Typed::Date(a) => a,
            Typed::Instant(a) | Typed::Local(a) => a,
        }
    }
}
