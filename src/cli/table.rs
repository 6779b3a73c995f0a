//! Tables on standard output: for a person, as JSON, as CSV.

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table, TableComponent};
use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Float64Type, Int64Type};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use pingan::Result;
use serde_json::Value;

use super::{Format, print};

/// Rows of values under headers.
pub struct Rows {
    pub headers: Vec<String>,
    pub rows: Vec<Vec<Value>>,
}

impl Rows {
    /// Rows of Arrow batches; numbers stay numbers, everything else is told as text.
    pub fn from_batches(headers: Vec<String>, batches: &[RecordBatch]) -> Result<Rows> {
        let mut rows = Vec::new();
        let options = FormatOptions::default();
        for batch in batches {
            let columns: Vec<_> = batch
                .columns()
                .iter()
                .map(|c| ArrayFormatter::try_new(c, &options))
                .collect::<Result<_, _>>()?;
            for row in 0..batch.num_rows() {
                let values = batch
                    .columns()
                    .iter()
                    .zip(&columns)
                    .map(|(array, text)| value(array, text, row));
                rows.push(values.collect());
            }
        }
        Ok(Rows { headers, rows })
    }

    /// Prints them.
    pub fn print(&self, format: Format) -> Result<()> {
        match format {
            Format::Table => print(&format!("{}\n", self.table())),
            Format::Json => {
                let objects: Vec<Value> = self
                    .rows
                    .iter()
                    .map(|row| {
                        Value::Object(
                            self.headers.iter().cloned().zip(row.iter().cloned()).collect(),
                        )
                    })
                    .collect();
                print(&format!("{}\n", serde_json::to_string_pretty(&objects).unwrap_or_default()))
            }
            Format::Csv => {
                let mut writer = csv::Writer::from_writer(Vec::new());
                let _ = writer.write_record(&self.headers);
                for row in &self.rows {
                    let _ = writer.write_record(row.iter().map(plain));
                }
                print(&String::from_utf8_lossy(&writer.into_inner().unwrap_or_default()))
            }
        }
    }

    fn table(&self) -> Table {
        let mut table = Table::new();
        table
            .load_preset(NOTHING)
            .set_style(TableComponent::HeaderLines, '─')
            .set_header(&self.headers);
        for row in &self.rows {
            table.add_row(row.iter().map(plain));
        }
        for (i, column) in table.column_iter_mut().enumerate() {
            if self.rows.iter().any(|r| r.get(i).is_some_and(Value::is_number)) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn value(array: &dyn Array, text: &ArrayFormatter, row: usize) -> Value {
    if array.is_null(row) {
        return Value::Null;
    }
    match array.data_type() {
        DataType::Int64 => array.as_primitive::<Int64Type>().value(row).into(),
        DataType::Float64 => array.as_primitive::<Float64Type>().value(row).into(),
        DataType::Boolean => array.as_boolean().value(row).into(),
        _ => text.value(row).to_string().into(),
    }
}
