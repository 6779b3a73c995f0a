//! The panel's rows as they were known at a time, read from its files as they lie.
//!
//! Coverage, index and detection each fold a good part of the panel every night. A query would
//! spell out for every row the few texts that a file holds once, and would filter rows of which
//! most row groups hold all or none. Here a text stays a position in the dictionary of its row
//! group, and columns that are not wanted are not decoded.

use lake::Derived;
use std::fs::File;
use std::ops::Range;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::NaiveDate;
use datafusion::arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, DictionaryArray, Int32Array,
    RecordBatch, StringArray,
};
use datafusion::arrow::buffer::BooleanBuffer;
use datafusion::arrow::datatypes::{DataType, Date32Type, Field, Int32Type, Int64Type, Schema};
use datafusion::arrow::error::ArrowError;
use datafusion::parquet::arrow::ProjectionMask;
use datafusion::parquet::arrow::arrow_reader::{
    ArrowPredicateFn, ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
    RowFilter,
};
use datafusion::parquet::file::metadata::RowGroupMetaData;
use datafusion::parquet::file::statistics::Statistics;

use lake::error::{At, Result};
use lake::schema::Basis;
use lake::{AsOf, DataFile, Lake, Limits};

/// Row groups that are read ahead of the fold.
const AHEAD: usize = 8;

/// Which rows of the panel are wanted; in each respect, all of them where nothing is said.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub indicators: Option<Vec<String>>,
    /// Days of the events, first and last of each span.
    pub days: Option<Vec<(NaiveDate, NaiveDate)>>,
}

/// Wanted rows of one domain and one row group, in the panel's order.
#[derive(Debug)]
pub struct Rows {
    /// Its id.
    pub domain: String,
    batch: RecordBatch,
}

/// A column of text.
#[derive(Clone, Copy, Debug)]
pub struct Texts<'a> {
    /// Of each row, the place of its text among the values.
    pub keys: &'a [i32],
    /// The texts of the whole row group.
    pub values: &'a StringArray,
}

impl Rows {
    /// A column of text.
    ///
    /// # Errors
    /// [`lake::Error::Arrow`] where it was not read, or is of another type.
    pub fn texts(&self, column: &str) -> Result<Texts<'_>> {
        Ok(texts(&self.batch, column)?)
    }

    /// A column of days since 1970.
    ///
    /// # Errors
    /// As [`Rows::texts`].
    pub fn days(&self, column: &str) -> Result<&[i32]> {
        Ok(plain::<Date32Type>(&self.batch, column)?)
    }

    /// A column of counts.
    ///
    /// # Errors
    /// As [`Rows::texts`].
    pub fn counts(&self, column: &str) -> Result<&[i64]> {
        Ok(plain::<Int64Type>(&self.batch, column)?)
    }
}

fn texts<'a>(batch: &'a RecordBatch, column: &str) -> std::result::Result<Texts<'a>, ArrowError> {
    let texts = batch.column_by_name(column).and_then(|c| c.as_dictionary_opt::<Int32Type>());
    let texts = texts.and_then(|texts| Some((texts.keys(), texts.values().as_string_opt()?)));
    texts.map(|(keys, values)| Texts { keys: keys.values(), values }).ok_or_else(|| no_such(column))
}

fn plain<'a, T: ArrowPrimitiveType>(
    batch: &'a RecordBatch,
    column: &str,
) -> std::result::Result<&'a [T::Native], ArrowError> {
    let values = batch.column_by_name(column).and_then(|c| c.as_primitive_opt::<T>());
    values.map(|values| &**values.values()).ok_or_else(|| no_such(column))
}

fn no_such(column: &str) -> ArrowError {
    ArrowError::SchemaError(format!("the panel's column {column} was not read as that"))
}

impl<'a> Texts<'a> {
    /// A row's text.
    pub fn value(&self, row: usize) -> &'a str {
        self.values.value(self.keys[row] as usize)
    }

    /// The stretches of rows that have the same text.
    pub fn runs(self) -> impl Iterator<Item = (&'a str, Range<usize>)> {
        let mut begin = 0;
        self.keys.chunk_by(|a, b| a == b).map(move |run| {
            let rows = begin..begin + run.len();
            begin = rows.end;
            (self.value(rows.start), rows)
        })
    }
}

/// Reads these columns of the rows that are wanted, as of then, and hands them over one row group
/// after the other, in no order.
///
/// # Errors
/// [`lake::Error::Delta`], [`lake::Error::Io`], [`lake::Error::Parquet`], and whatever `each`
/// returns.
pub fn read(
    lake: &Lake,
    wanted: &Wanted,
    columns: &[&str],
    as_of: &AsOf,
    limits: &Limits,
    mut each: impl FnMut(Rows) -> Result<()>,
) -> Result<()> {
    let wanted = &Filter::new(wanted, as_of);
    let mut files = lake.derived(Derived::Panel)?.files()?;
    files.retain(|file| wanted.may_be_in(file));
    let files = &Mutex::new(files.into_iter());
    let next = || files.lock().unwrap_or_else(PoisonError::into_inner).next();
    let (send, receive) = sync_channel(AHEAD);
    std::thread::scope(|scope| {
        for _ in 0..limits.threads.max(1) {
            let send = send.clone();
            scope.spawn(move || {
                while let Some(file) = next() {
                    // The receiver is gone only after an error, which is returned there.
                    match read_file(&file, wanted, columns, |rows| send.send(Ok(rows)).is_ok()) {
                        Ok(true) => continue,
                        Ok(false) => break,
                        Err(error) => return drop(send.send(Err(error))),
                    }
                }
            });
        }
        drop(send);
        // An error drops the receiver, and so ends the threads.
        receive.into_iter().try_for_each(|rows: Result<Rows>| each(rows?))
    })
}

/// Reads one file, row group by row group, as long as they are taken; says whether all were.
fn read_file(
    file: &DataFile,
    wanted: &Filter,
    columns: &[&str],
    take: impl Fn(Rows) -> bool,
) -> Result<bool> {
    let input = File::open(&file.path).at(&file.path)?;
    let metadata = ArrowReaderMetadata::load(&input, ArrowReaderOptions::new())?;
    let options =
        ArrowReaderOptions::new().with_schema(Arc::new(with_dictionaries(metadata.schema())));
    let metadata = ArrowReaderMetadata::try_new(metadata.metadata().clone(), options)?;
    for (place, group) in metadata.metadata().row_groups().iter().enumerate() {
        let Some(filter) = wanted.within(group) else { continue };
        let mut builder = ParquetRecordBatchReaderBuilder::new_with_metadata(
            input.try_clone().at(&file.path)?,
            metadata.clone(),
        )
        .with_row_groups(vec![place])
        .with_batch_size(group.num_rows().max(1) as usize);
        let mask = |columns: &[&str]| {
            ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied())
        };
        let (all, asked) = (mask(&[columns, &["domain"]].concat()), mask(&filter.columns()));
        if !filter.columns().is_empty() {
            let predicate = ArrowPredicateFn::new(asked, move |batch| filter.matches(&batch));
            builder = builder.with_row_filter(RowFilter::new(vec![Box::new(predicate)]));
        }
        for batch in builder.with_projection(all).build()? {
            let batch = batch?;
            // A file of ours holds one domain; one that somebody else wrote may hold several.
            for (domain, rows) in texts(&batch, "domain")?.runs() {
                let batch = batch.slice(rows.start, rows.len());
                let batch = with_origin(batch, domain, metadata.schema())?;
                if !take(Rows { domain: domain.to_owned(), batch }) {
                    return Ok(false);
                }
            }
        }
    }
    Ok(true)
}

/// One domain's rows with the columns that say where events come from, where the file has none: an
/// earlier version of pingan did not write them. Until a night makes the panel anew, its events are
/// their domain's, and their times of recording those that were given.
fn with_origin(
    batch: RecordBatch,
    domain: &str,
    file: &Schema,
) -> std::result::Result<RecordBatch, ArrowError> {
    let mut fields: Vec<Arc<Field>> = batch.schema().fields().iter().cloned().collect();
    let mut columns = batch.columns().to_vec();
    for (name, value) in [("source", domain), ("recorded_basis", Basis::Given.name())] {
        if file.column_with_name(name).is_none() {
            let keys = Int32Array::from_value(0, batch.num_rows());
            let values: ArrayRef = Arc::new(StringArray::from(vec![value]));
            let texts = DictionaryArray::try_new(keys, values)?;
            fields.push(Arc::new(Field::new(name, texts.data_type().clone(), true)));
            columns.push(Arc::new(texts));
        }
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
}

/// The schema with text as dictionaries: Parquet keeps it as such.
fn with_dictionaries(schema: &Schema) -> Schema {
    let text = DataType::Dictionary(DataType::Int32.into(), DataType::Utf8.into());
    let field = |field: &Arc<Field>| match field.data_type() {
        DataType::Utf8 => Arc::new(field.as_ref().clone().with_data_type(text.clone())),
        _ => field.clone(),
    };
    Schema::new(schema.fields().iter().map(field).collect::<Vec<_>>())
}

/// Conditions on rows; `None` where there is none, or where a row group fulfils it as a whole.
#[derive(Clone, Debug)]
struct Filter {
    indicators: Option<Vec<String>>,
    /// First and last day of each span, since 1970.
    days: Option<Vec<(i32, i32)>>,
    /// Known on that day.
    known_on: Option<i32>,
}

impl Filter {
    fn new(wanted: &Wanted, as_of: &AsOf) -> Filter {
        let number = Date32Type::from_naive_date;
        Filter {
            indicators: wanted.indicators.clone(),
            days: wanted.days.as_ref().map(|days| {
                days.iter().map(|(first, last)| (number(*first), number(*last))).collect()
            }),
            known_on: Some(number(as_of.day)),
        }
    }

    /// Whether the log leaves it open that a file holds such rows.
    fn may_be_in(&self, file: &DataFile) -> bool {
        let [indicators, days] = file.bounds_of(["indicator", "day"]);
        let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
        let indicators = indicators.and_then(|(low, high)| Some((text(&low)?, text(&high)?)));
        let day = |value: &serde_json::Value| {
            Some(Date32Type::from_naive_date(value.as_str()?.parse().ok()?))
        };
        let days = days.and_then(|(low, high)| Some((day(&low)?, day(&high)?)));
        self.may_have_indicator(
            indicators.as_ref().map(|(low, high)| (low.as_bytes(), high.as_bytes())),
        ) && self.may_have_day(days)
    }

    fn may_have_indicator(&self, bounds: Option<(&[u8], &[u8])>) -> bool {
        let Some((indicators, (low, high))) = self.indicators.as_ref().zip(bounds) else {
            return true;
        };
        indicators.iter().any(|i| (low..=high).contains(&i.as_bytes()))
    }

    fn may_have_day(&self, bounds: Option<(i32, i32)>) -> bool {
        let Some((days, (low, high))) = self.days.as_ref().zip(bounds) else { return true };
        days.iter().any(|(first, last)| *first <= high && low <= *last)
    }

    /// The conditions that remain for the rows of a row group; `None` where no row is wanted.
    fn within(&self, group: &RowGroupMetaData) -> Option<Filter> {
        let column = |name: &str| {
            group.columns().iter().find(|c| c.column_descr().name() == name)?.statistics()
        };
        let days = |name: &str| match column(name) {
            Some(Statistics::Int32(s)) => Some((*s.min_opt()?, *s.max_opt()?)),
            _ => None,
        };
        let indicators = match column("indicator") {
            Some(Statistics::ByteArray(s)) => {
                s.min_opt().zip(s.max_opt()).map(|(low, high)| (low.data(), high.data()))
            }
            _ => None,
        };
        let (day, recorded) = (days("day"), days("recorded_day"));
        let known =
            self.known_on.zip(recorded).is_none_or(|(known_on, (first, _))| first <= known_on);
        if !self.may_have_indicator(indicators) || !self.may_have_day(day) || !known {
            return None;
        }
        let within = |days: &Vec<(i32, i32)>| {
            day.is_some_and(|(low, high)| {
                days.iter().any(|(first, last)| *first <= low && high <= *last)
            })
        };
        Some(Filter {
            indicators: self.indicators.clone(),
            days: self.days.clone().filter(|days| !within(days)),
            known_on: self
                .known_on
                .filter(|known_on| recorded.is_none_or(|(_, last)| last > *known_on)),
        })
    }

    /// The columns of the conditions.
    fn columns(&self) -> Vec<&'static str> {
        let indicator = self.indicators.as_ref().map(|_| "indicator");
        let (day, recorded_day) =
            (self.days.as_ref().map(|_| "day"), self.known_on.map(|_| "recorded_day"));
        [indicator, day, recorded_day].into_iter().flatten().collect()
    }

    /// Which rows fulfil the conditions.
    fn matches(&self, batch: &RecordBatch) -> std::result::Result<BooleanArray, ArrowError> {
        let count = batch.num_rows();
        let mut hold = BooleanBuffer::new_set(count);
        if let Some(indicators) = &self.indicators {
            let texts = texts(batch, "indicator")?;
            let wanted: Vec<bool> = texts
                .values
                .iter()
                .map(|text| text.is_some_and(|text| indicators.iter().any(|i| i == text)))
                .collect();
            hold =
                &hold & &BooleanBuffer::collect_bool(count, |row| wanted[texts.keys[row] as usize]);
        }
        if let Some(spans) = &self.days {
            let days = plain::<Date32Type>(batch, "day")?;
            let within =
                |day: i32| spans.iter().any(|(first, last)| (*first..=*last).contains(&day));
            hold = &hold & &BooleanBuffer::collect_bool(count, |row| within(days[row]));
        }
        if let Some(known_on) = self.known_on {
            let recorded = plain::<Date32Type>(batch, "recorded_day")?;
            hold = &hold & &BooleanBuffer::collect_bool(count, |row| recorded[row] <= known_on);
        }
        Ok(BooleanArray::new(hold, None))
    }
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::{Date32Array, Int64Array};

    use super::*;

    type Row = (String, String, i32, i32, i64);

    /// A panel of two files longer than a row group, the second of two domains, in which all that a
    /// row says is told by its number.
    fn lake(folder: &std::path::Path) -> (Lake, Vec<Row>) {
        let lake = Lake::open(folder, &Limits::default()).unwrap();
        let mut panel = lake.derived(Derived::Panel).unwrap();
        let mut all: Vec<Row> = Vec::new();
        for domains in [["traffic", "traffic"], ["disputes", "petitions"]] {
            let row = |n: i32| {
                (
                    domains[n as usize / 100 % 2].to_owned(),
                    format!("i{}", n % 3),
                    19_000 + n / 60,
                    19_000 + n / 60 + n % 7,
                    i64::from(n),
                )
            };
            let rows: Vec<Row> = (0..70_000).map(row).collect();
            let texts = |f: &dyn Fn(&Row) -> String| {
                Arc::new(StringArray::from_iter_values(rows.iter().map(f))) as ArrayRef
            };
            let days = |f: &dyn Fn(&Row) -> i32| {
                Arc::new(Date32Array::from_iter_values(rows.iter().map(f))) as ArrayRef
            };
            let counts =
                || Arc::new(Int64Array::from_iter_values(rows.iter().map(|r| r.4))) as ArrayRef;
            let area = |r: &Row| format!("62098110{}", r.4 % 16);
            let columns = [
                days(&|r| r.2),
                days(&|r| r.3),
                texts(&area),
                texts(&|r| r.0.clone()),
                texts(&|r| r.1.clone()),
            ];
            let columns = columns
                .into_iter()
                .chain([texts(&|_| "c".to_owned()), counts(), counts()])
                .chain([texts(&|_| "s".to_owned()), texts(&|_| "given".to_owned())])
                .collect();
            let mut appender = panel.appender().unwrap();
            appender.write(&RecordBatch::try_new(panel.schema(), columns).unwrap()).unwrap();
            panel.commit(appender.finish().unwrap(), &[], &[]).unwrap();
            all.extend(rows);
        }
        (lake, all)
    }

    #[test]
    fn what_is_read_is_what_is_wanted() {
        let folder = tempfile::tempdir().unwrap();
        let (lake, all) = lake(folder.path());
        let day = |n: i32| Date32Type::to_naive_date_opt(n).unwrap();
        let few = [(19_100, 19_130), (19_500, 19_501), (19_900, 21_000)];
        let spans: [Option<&[(i32, i32)]>; 5] =
            [None, Some(&few), Some(&[(10_000, 30_000)]), Some(&[(1, 2)]), Some(&[])];
        let indicators: [Option<&[&str]>; 5] =
            [None, Some(&["i1"]), Some(&["i0", "i2", "none"]), Some(&["none"]), Some(&[])];
        for (indicators, spans) in indicators.into_iter().flat_map(|i| spans.map(|s| (i, s))) {
            for known_on in [19_050, 19_700, 30_000] {
                let wanted = Wanted {
                    indicators: indicators.map(|i| i.iter().map(ToString::to_string).collect()),
                    days: spans
                        .map(|s| s.iter().map(|(first, last)| (day(*first), day(*last))).collect()),
                };
                let as_of = AsOf::end_of(day(known_on), chrono_tz::Asia::Shanghai);
                let mut found: Vec<Row> = Vec::new();
                read(
                    &lake,
                    &wanted,
                    &["indicator", "day", "recorded_day", "num"],
                    &as_of,
                    &Limits::default(),
                    |rows| {
                        let (days, recorded, nums) =
                            (rows.days("day")?, rows.days("recorded_day")?, rows.counts("num")?);
                        for (indicator, run) in rows.texts("indicator")?.runs() {
                            found.extend(run.map(|row| {
                                (
                                    rows.domain.clone(),
                                    indicator.to_owned(),
                                    days[row],
                                    recorded[row],
                                    nums[row],
                                )
                            }));
                        }
                        Ok(())
                    },
                )
                .unwrap();
                let holds = |row: &&Row| {
                    indicators.is_none_or(|i| i.contains(&row.1.as_str()))
                        && spans.is_none_or(|s| {
                            s.iter().any(|(first, last)| (first..=last).contains(&&row.2))
                        })
                        && row.3 <= known_on
                };
                let mut expected: Vec<Row> = all.iter().filter(holds).cloned().collect();
                found.sort();
                expected.sort();
                assert!(
                    found == expected,
                    "{wanted:?} {known_on}: {} rows, not {}",
                    found.len(),
                    expected.len()
                );
            }
        }
    }

    #[test]
    fn an_error_ends_the_reading_and_a_column_that_was_not_read_is_one() {
        let folder = tempfile::tempdir().unwrap();
        let (lake, _) = lake(folder.path());
        let as_of =
            AsOf::end_of(Date32Type::to_naive_date_opt(30_000).unwrap(), chrono_tz::Asia::Shanghai);
        let mut taken = 0;
        let error = read(&lake, &Wanted::default(), &["day"], &as_of, &Limits::default(), |rows| {
            taken += 1;
            rows.counts("num").map(|_| ())
        });
        assert_eq!(
            (error.unwrap_err().to_string(), taken),
            ("arrow: Schema error: the panel's column num was not read as that".to_owned(), 1)
        );
        std::fs::remove_file(&lake.derived(Derived::Panel).unwrap().files().unwrap()[0].path)
            .unwrap();
        assert!(
            read(&lake, &Wanted::default(), &["day"], &as_of, &Limits::default(), |_| Ok(()))
                .is_err()
        );
    }
}
