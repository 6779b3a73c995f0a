//! Event files in Parquet with the canonical column names.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, BooleanArray, Decimal128Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use datafusion::arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::basic::{Compression, ZstdLevel};
use datafusion::parquet::file::properties::WriterProperties;

use lake::error::{At, Result};
use lake::schema::{Column, Domain, Kind};

use super::county::County;
use super::handling::columns;
use super::version::{Cell, Version};

/// A Parquet file of one domain, being written.
pub struct EventFile {
    columns: Vec<&'static Column>,
    schema: SchemaRef,
    writer: ArrowWriter<File>,
}

impl EventFile {
    /// Creates the file.
    ///
    /// # Errors
    /// Where it cannot be created.
    pub fn create(path: &Path, domain: &'static Domain) -> Result<EventFile> {
        let columns: Vec<&Column> = columns(domain).collect();
        let schema = Arc::new(Schema::new(
            columns
                .iter()
                .map(|c| Field::new(c.name, c.kind.arrow(), !c.required))
                .collect::<Vec<_>>(),
        ));
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(9)?))
            .build();
        let path: PathBuf = path.to_path_buf();
        let writer =
            ArrowWriter::try_new(File::create(&path).at(&path)?, schema.clone(), Some(properties))?;
        Ok(EventFile { columns, schema, writer })
    }

    /// Appends rows.
    ///
    /// # Errors
    /// Where they cannot be written.
    pub fn write(&mut self, rows: &[Version], county: &County) -> Result<()> {
        for part in rows.chunks(32_768) {
            let arrays =
                self.columns.iter().map(|c| array(c, part, county)).collect::<Result<Vec<_>>>()?;
            self.writer.write(&RecordBatch::try_new(self.schema.clone(), arrays)?)?;
        }
        Ok(())
    }

    /// Finishes the file.
    ///
    /// # Errors
    /// Where its end cannot be written.
    pub fn close(self) -> Result<()> {
        self.writer.close()?;
        Ok(())
    }
}

fn array(column: &Column, rows: &[Version], county: &County) -> Result<ArrayRef> {
    let cells = rows.iter().map(|v| v.cell(column.name, county));
    Ok(match column.kind {
        Kind::Text => Arc::new(StringArray::from_iter(cells.map(|c| match c {
            Cell::Text(s) => Some(std::borrow::Cow::Owned(s)),
            Cell::Code(s) => Some(std::borrow::Cow::Borrowed(s)),
            _ => None,
        }))),
        Kind::Int => Arc::new(Int64Array::from_iter(
            cells.map(|c| if let Cell::Int(n) = c { Some(n) } else { None }),
        )),
        Kind::Money => {
            let cents =
                cells.map(|c| if let Cell::Cents(n) = c { Some(i128::from(n)) } else { None });
            Arc::new(Decimal128Array::from_iter(cents).with_precision_and_scale(18, 2)?)
        }
        Kind::Bool => Arc::new(BooleanArray::from_iter(
            cells.map(|c| if let Cell::Bool(b) = c { Some(b) } else { None }),
        )),
        Kind::Instant | Kind::Day => {
            let micros =
                cells.map(|c| if let Cell::Instant(m) = c { Some(m * 60_000_000) } else { None });
            Arc::new(TimestampMicrosecondArray::from_iter(micros).with_timezone("UTC"))
        }
    })
}
