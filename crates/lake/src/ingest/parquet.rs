//! Parquet: typed columns, never by way of text.

use std::fs::File;
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate};
use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BinaryViewArray, BooleanArray, Date32Array, Decimal128Array,
    Float64Array, Int64Array, StringViewArray, TimestampMicrosecondArray,
};
use datafusion::arrow::buffer::NullBuffer;
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Decimal128Type, Field, Float64Type, Int64Type, Schema, TimeUnit,
    TimestampMicrosecondType,
};
use datafusion::arrow::error::ArrowError;
use datafusion::parquet::arrow::ProjectionMask;
use datafusion::parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use datafusion::parquet::file::metadata::ParquetMetaData;

use super::cell::{Cell, plain};
use super::visit::Visit;
use crate::error::{At, Error, Result};

const OUT: &str = "a value out of range";

/// What a column of one row group may take when it is unpacked: its largest page is held.
const MOST_CHUNK: i64 = 512 << 20;

/// Decimals kept of a column that has more.
const MOST_DECIMALS: i8 = 18;

/// What stands for a missing value in the name of a partition.
const NO_VALUE: &str = "__HIVE_DEFAULT_PARTITION__";

/// Shows a Parquet file to the visitor.
pub(super) fn read(file: &Path, visit: &mut dyn Visit) -> Result<()> {
    part(file, None, &[], visit)
}

/// Shows the files of a partitioned folder to the visitor, each as a table of its own number that
/// has the partition's columns behind its own.
pub(super) fn read_partitioned(
    folder: &Path,
    parts: &[PathBuf],
    visit: &mut dyn Visit,
) -> Result<()> {
    for (number, file) in (1..).zip(parts) {
        let place = file.strip_prefix(folder).unwrap_or(file).to_string_lossy().into_owned();
        let keys: Vec<(String, String)> = place
            .split(['/', '\\'])
            .filter_map(|step| step.split_once('='))
            .map(|(key, value)| (unescaped(key), unescaped(value)))
            .collect();
        part(file, Some(number), &keys, visit)?;
    }
    Ok(())
}

/// The name of a partition without its percent signs.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, others @ ..] = rest {
        let hex = others.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &others[2..];
            }
            None => {
                bytes.push(*first);
                rest = others;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

/// Shows one file, with columns that have the same value in each of its rows.
fn part(
    file: &Path,
    place: Option<u32>,
    keys: &[(String, String)],
    visit: &mut dyn Visit,
) -> Result<()> {
    let damaged = |e: &dyn std::fmt::Display| {
        let what = format!("cannot be read as Parquet ({e})");
        Error::input(file, what, "it was probably cut off on its way: ask for it again")
    };
    let input = File::open(file).at(file)?;
    let builder = opened(input).map_err(|e| damaged(&e))?;
    bounded(file, builder.metadata())?;
    let schema = builder.schema().clone();
    let own: Vec<String> = schema.fields().iter().map(|f| plain(f.name()).into_owned()).collect();
    let keys: Vec<&(String, String)> = keys.iter().filter(|(key, _)| !own.contains(key)).collect();
    let header: Vec<String> =
        own.iter().cloned().chain(keys.iter().map(|(key, _)| key.clone())).collect();
    if !visit.table(place, &header)? {
        return Ok(());
    }
    let mut cells = vec![Cell::Error("a list or structure instead of a value".into()); own.len()];
    cells.extend(keys.iter().map(|(_, value)| match value.as_str() {
        NO_VALUE => Cell::Empty,
        value => Cell::from_text(value),
    }));
    // Columns of lists and structs are nothing a table of events has: they read as unusable cells,
    // unread.
    let flat: Vec<usize> =
        (0..own.len()).filter(|&i| common_type(schema.field(i).data_type()).is_some()).collect();
    let mask = ProjectionMask::roots(builder.parquet_schema(), flat.iter().copied());
    let mut reader =
        builder.with_projection(mask).with_batch_size(8_192).build().map_err(|e| damaged(&e))?;
    let mut number = 0;
    while let Some(batch) = reader.next().transpose().map_err(|e| damaged(&e))? {
        let columns = batch.columns().iter().map(Values::new).collect::<Result<Vec<_>, _>>();
        let columns = columns.map_err(|e| damaged(&e))?;
        // Cells that borrow from this batch.
        let mut cells = cells.clone();
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

/// The reader of a file, whose texts stay where the file's pages have them: one long text that
/// stands in many rows is held once.
fn opened(
    input: File,
) -> datafusion::parquet::errors::Result<ParquetRecordBatchReaderBuilder<File>> {
    let metadata = ArrowReaderMetadata::load(&input, ArrowReaderOptions::new())?;
    let field = |field: &std::sync::Arc<Field>| {
        let held = match field.data_type() {
            DataType::Utf8 | DataType::LargeUtf8 => DataType::Utf8View,
            DataType::Binary | DataType::LargeBinary => DataType::BinaryView,
            _ => return field.as_ref().clone(),
        };
        field.as_ref().clone().with_data_type(held)
    };
    let fields: Vec<Field> = metadata.schema().fields().iter().map(field).collect();
    let schema = Schema::new_with_metadata(fields, metadata.schema().metadata().clone());
    let options = ArrowReaderOptions::new().with_schema(schema.into());
    let metadata = ArrowReaderMetadata::try_new(metadata.metadata().clone(), options)?;
    Ok(ParquetRecordBatchReaderBuilder::new_with_metadata(input, metadata))
}

/// Refuses a file whose pages would not fit in memory.
fn bounded(file: &Path, metadata: &ParquetMetaData) -> Result<()> {
    let chunks = metadata.row_groups().iter().flat_map(|group| group.columns());
    match chunks.map(|chunk| chunk.uncompressed_size()).max() {
        Some(size) if size > MOST_CHUNK => {
            let what = format!(
                "holds a column of {} MiB in one row group: at most {} are read",
                size >> 20,
                MOST_CHUNK >> 20
            );
            let fix = "write it in smaller row groups; texts that long are no table";
            Err(Error::input(file, what, fix))
        }
        _ => Ok(()),
    }
}

/// The one type a column is brought to; none for types a cell cannot hold.
fn common_type(given: &DataType) -> Option<DataType> {
    use DataType::*;
    Some(match given {
        Null | Utf8 | LargeUtf8 | Utf8View | Time32(_) | Time64(_) => Utf8View,
        Binary | LargeBinary | BinaryView | FixedSizeBinary(_) => BinaryView,
        Dictionary(_, inner) => common_type(inner)?,
        Boolean => Boolean,
        Int8 | Int16 | Int32 | Int64 | UInt8 | UInt16 | UInt32 => Int64,
        UInt64 => Decimal128(20, 0),
        Float16 | Float32 | Float64 => Float64,
        Decimal32(_, s) | Decimal64(_, s) | Decimal128(_, s) | Decimal256(_, s) => {
            Decimal128(38, (*s).clamp(0, MOST_DECIMALS))
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
    nulls: Option<NullBuffer>,
}

enum Typed {
    Text(StringViewArray),
    /// Text that is not declared as such, and UUIDs.
    Bytes(BinaryViewArray),
    Bool(BooleanArray),
    Int(Int64Array),
    Float(Float64Array),
    Decimal(Decimal128Array, i8),
    Date(Date32Array),
    Instant(TimestampMicrosecondArray),
    Local(TimestampMicrosecondArray),
}

impl Values {
    fn new(given: &ArrayRef) -> Result<Values, ArrowError> {
        let to = common_type(given.data_type()).unwrap_or(DataType::Utf8View);
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
            DataType::BinaryView => Typed::Bytes(array.as_binary_view().clone()),
            _ => Typed::Text(array.as_string_view().clone()),
        };
        Ok(Values { given: given.clone(), values, nulls: array.nulls().cloned() })
    }

    fn cell(&self, i: usize) -> Cell<'_> {
        if self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(i)) {
            // Null before bringing it to the common type, or only after: then it did not fit.
            return if self.given.is_null(i) || self.is_null_key(i) {
                Cell::Empty
            } else {
                Cell::Error(OUT.into())
            };
        }
        match &self.values {
            Typed::Text(a) => Cell::from_text(a.value(i)),
            Typed::Bytes(a) => bytes_cell(a.value(i)),
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
}

/// Bytes that are text; sixteen that are not are a UUID.
fn bytes_cell(bytes: &[u8]) -> Cell<'_> {
    let text = std::str::from_utf8(bytes).ok().map(|text| text.trim_end_matches('\0'));
    if let Some(text) = text.filter(|text| !text.contains(|c: char| c.is_control() && c != '\n')) {
        return Cell::from_text(text);
    }
    if bytes.len() != 16 {
        return Cell::Error("bytes that are no text".into());
    }
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let groups = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
    Cell::Text(groups.join("-").into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_text_or_a_uuid() {
        let uuid = [
            0x12, 0x3e, 0x45, 0x67, 0xe8, 0x9b, 0x12, 0xd3, 0xa4, 0x56, 0x42, 0x66, 0x14, 0x17,
            0x40, 0x00,
        ];
        for (bytes, expected) in [
            ("玉门镇".as_bytes(), "玉门镇"),
            (b"JF2026010001\0\0\0\0", "JF2026010001"),
            (b"JF20260100010001", "JF20260100010001"),
            (&uuid, "123e4567-e89b-12d3-a456-426614174000"),
            (b"\xff\xfe", "bytes that are no text"),
            (&[0; 12], ""),
        ] {
            assert_eq!(bytes_cell(bytes).to_text(), expected);
        }
    }

    #[test]
    fn partitions_are_named_without_escapes() {
        for (written, expected) in [
            ("2026-01", "2026-01"),
            ("%E7%8E%89%E9%97%A8", "玉门"),
            ("a%2Fb", "a/b"),
            ("100%", "100%"),
            ("%zz", "%zz"),
            ("%FF", "%FF"),
        ] {
            assert_eq!(unescaped(written), expected);
        }
    }

    /// A column of three texts as pyarrow writes it, with a checksum of its page.
    const WITH_CHECKSUM: &[u8] = b"PAR1\x15\0\x15T\x15T\x15\xc0\xfa\xe4\x81\x04\x1c\x15\x06\x15\0\
        \x15\x06\x15\x06\x1c\0\0\0\x02\0\0\0\x06\x01\x08\0\0\0JF202601\x08\0\0\0JF202602\x08\0\0\0\
        JF202603\x15\x04\x19,5\0\x18\x06schema\x15\x02\0\x15\x0c%\x02\x18\x02id%\0L\x1c\0\0\0\x16\
        \x06\x19\x1c\x19\x1c&\0\x1c\x15\x0c\x19%\x06\0\x19\x18\x02id\x15\0\x16\x06\x16\x86\x01\x16\
        \x86\x01&\x08I\x1c\x15\0\x15\0\x15\x02\0<\x160\x19\x06\x19&\0\x06\0\0\0\x16\x86\x01\x16\
        \x06&\x08\x16\x86\x01\0( parquet-cpp-arrow version 26.0.1\x19\x1c\x1c\0\0\0\x88\0\0\0PAR1";

    /// Keeps the first column as text.
    struct First(Vec<String>);

    impl Visit for First {
        fn fit(&self, _: &[String]) -> u32 {
            0
        }
        fn table(&mut self, _: Option<u32>, _: &[String]) -> Result<bool> {
            Ok(true)
        }
        fn row(&mut self, _: u64, cells: &[Cell<'_>]) -> Result<bool> {
            self.0.push(cells[0].to_text().into_owned());
            Ok(true)
        }
        fn broken(&mut self, _: u64, _: super::super::cell::BadCell) -> Result<()> {
            Ok(())
        }
        fn notice(&mut self, _: String) {}
    }

    #[test]
    fn a_value_that_its_checksum_does_not_know_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.parquet");
        let seen = |bytes: &[u8]| {
            std::fs::write(&file, bytes).unwrap();
            let mut first = First(Vec::new());
            read(&file, &mut first).map(|()| first.0)
        };
        let ids = ["JF202601", "JF202602", "JF202603"];
        assert_eq!(seen(WITH_CHECKSUM).unwrap(), ids);
        for (n, id) in ids.iter().enumerate() {
            let at = WITH_CHECKSUM.windows(8).position(|w| w == id.as_bytes()).unwrap();
            let mut flipped = WITH_CHECKSUM.to_vec();
            flipped[at + 7] ^= 1 << n;
            let error = seen(&flipped).unwrap_err().to_string();
            assert!(error.contains("cannot be read as Parquet"), "{error}");
        }
    }
}
