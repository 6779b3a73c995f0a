//! Keys to sort by: one column of bytes whose order is that of several columns. DataFusion sorts
//! one such column several times as fast as the columns by themselves, and the panel step is mostly
//! sorting.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BinaryBuilder};
use datafusion::arrow::datatypes::{DataType, Date32Type, TimeUnit, TimestampMicrosecondType};
use datafusion::common::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf};

/// `version_key(event_id, recorded_at, delivered_at, batch_id)`: the versions of an event lie
/// together, ordered by both times; of two files delivered at once, by the batch.
pub fn version_key() -> ScalarUDF {
    let instant = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    let text = DataType::Utf8View;
    key("version_key", vec![text.clone(), instant.clone(), instant, text])
}

/// `panel_key(indicator, day, area_code, category, recorded_day)`: the panel's order,
/// [`lake::PANEL_ORDER`].
pub fn panel_key() -> ScalarUDF {
    use DataType::{Date32, Utf8View};
    key("panel_key", vec![Utf8View, Date32, Utf8View, Utf8View, Date32])
}

/// A function of columns of texts, days and instants, without nulls.
fn key(name: &str, columns: Vec<DataType>) -> ScalarUDF {
    let keys = |arguments: &[ColumnarValue]| -> Result<ColumnarValue> {
        let columns = ColumnarValue::values_to_arrays(arguments)?;
        let rows = columns.first().map_or(0, |column| column.len());
        let (mut keys, mut key) = (BinaryBuilder::with_capacity(rows, 64 * rows), Vec::new());
        for row in 0..rows {
            key.clear();
            columns.iter().for_each(|column| append(&mut key, column, row));
            keys.append_value(&key);
        }
        Ok(ColumnarValue::Array(Arc::new(keys.finish())))
    };
    create_udf(name, columns, DataType::Binary, Volatility::Immutable, Arc::new(keys))
}

/// Appends a value so that the bytes are ordered as the values are.
fn append(key: &mut Vec<u8>, column: &ArrayRef, row: usize) {
    match column.data_type() {
        DataType::Date32 => {
            key.extend(ordered(column.as_primitive::<Date32Type>().value(row).into()))
        }
        DataType::Timestamp(..) => {
            key.extend(ordered(column.as_primitive::<TimestampMicrosecondType>().value(row)))
        }
        // A zero after each text, so that one which begins another comes before it.
        _ => {
            key.extend(column.as_string_view().value(row).as_bytes());
            key.push(0);
        }
    }
}

/// A whole number's bytes, the highest first, the sign turned.
fn ordered(number: i64) -> [u8; 8] {
    ((number as u64) ^ (1 << 63)).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use datafusion::prelude::SessionContext;

    use super::*;

    /// The rows of a query in the order it asks for, as text.
    fn rows(sql: &str) -> Vec<String> {
        let context = SessionContext::new();
        context.register_udf(version_key());
        context.register_udf(panel_key());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let batches = runtime.block_on(async { context.sql(sql).await?.collect().await }).unwrap();
        let texts = batches.iter().map(|batch| {
            datafusion::arrow::compute::cast(batch.column(0), &DataType::Utf8).unwrap()
        });
        texts
            .flat_map(|text| {
                text.as_string::<i32>().iter().flatten().map(str::to_owned).collect::<Vec<_>>()
            })
            .collect()
    }

    #[test]
    fn keys_order_as_their_columns_do() {
        let panel = "(values ('a', '2024-01-02', '1', 'x', '2024-01-02'), ('a', '1969-12-31', '1', 'x', '2024-01-02'),
            ('ab', '1969-12-31', '1', 'x', '2024-01-02'), ('a', '2024-01-02', '10', '', '2024-01-02'), ('a', '2024-01-02', '1', '', '2024-01-02'),
            ('a', '2024-01-02', '1', 'x', '2024-01-01'), ('a', '2024-01-02', '1', 'x', '1969-01-01')) as t (i, d, a, c, r)";
        let by = |order: &str| {
            rows(&format!(
                "select i || '|' || d || '|' || a || '|' || c || '|' || r as row from {panel} order by {order}"
            ))
        };
        let key = by("panel_key(i, cast(d as date), a, c, cast(r as date))");
        assert_eq!((key.len(), key), (7, by("i, cast(d as date), a, c, cast(r as date)")));

        let versions =
            "(values ('e1', '2024-01-03T00:00:00Z', '2024-01-04T00:00:00Z', 'b'), ('e10', '2024-01-01T00:00:00Z', '2024-01-01T00:00:00Z', 'a'),
            ('e1', '1969-01-03T00:00:00Z', '2024-01-01T00:00:00Z', 'z'), ('e10', '2023-01-01T00:00:00Z', '2024-01-01T00:00:00Z', 'a'),
            ('e1', '2024-01-03T00:00:00Z', '2024-01-05T00:00:00Z', 'a')) as t (e, r, d, b)";
        let by = |order: &str| {
            rows(&format!("select e || r || d || b as row from {versions} order by {order}"))
        };
        let instant =
            |column: &str| format!("arrow_cast({column}, 'Timestamp(Microsecond, Some(\"UTC\"))')");
        let key = by(&format!("version_key(e, {}, {}, b)", instant("r"), instant("d")));
        assert_eq!((key.len(), key), (5, by("e, r, d, b")));
    }
}
