//! Workbooks that are held whole: `.xls` (also of WPS), `.xlsb` and `.ods`.

use std::fmt::Display;
use std::io::Cursor;
use std::path::Path;

use calamine::{Data, Ods, Range, Reader, Sheet, Xls, XlsError, Xlsb};

use super::archive;
use super::biff;
use super::cell::Cell;
use super::compound::Compound;
use super::visit::Visit;
use super::workbook::{Book, Formulas, Rows, UNCALCULATED, WIDEST, filled, moment, show};
use crate::error::{Error, Result};

/// Cells that are held at most.
const MOST_CELLS: u64 = 8_000_000;

/// Shows a workbook of old Office to the visitor.
pub(super) fn read_xls(file: &Path, only: Option<&str>, visit: &mut dyn Visit) -> Result<()> {
    let bytes = archive::small(file)?;
    let stream = Compound::read(&bytes)
        .and_then(|read| read.stream("Workbook").or_else(|| read.stream("Book")));
    let Some(count) = stream.and_then(|stream| biff::cells(&stream)) else {
        return Err(damaged(file, &"its sheets are larger than Excel 97 has any"));
    };
    few_cells(file, count)?;
    let book = Xls::new(Cursor::new(bytes)).map_err(|e| match e {
        XlsError::Password => {
            let fix = "open it with its password and save it without";
            Error::input(file, "is a workbook with a password", fix)
        }
        e => damaged(file, &e),
    })?;
    let is_1904 = book.has_1904_epoch();
    show(file, &mut Whole { file, book, is_1904 }, only, visit)
}

/// Shows an OpenDocument workbook to the visitor.
pub(super) fn read_ods(file: &Path, only: Option<&str>, visit: &mut dyn Visit) -> Result<()> {
    archive::check(file, |_| false)?;
    few_cells(file, cells(&archive::part(file, "content.xml")?))?;
    let book = Ods::new(Cursor::new(archive::small(file)?)).map_err(|e| damaged(file, &e))?;
    show(file, &mut Whole { file, book, is_1904: false }, only, visit)
}

/// Shows a workbook in binary Open XML to the visitor.
pub(super) fn read_xlsb(file: &Path, only: Option<&str>, visit: &mut dyn Visit) -> Result<()> {
    archive::check(file, |_| false)?;
    let book = Xlsb::new(Cursor::new(archive::small(file)?)).map_err(|e| damaged(file, &e))?;
    let is_1904 = book.has_1904_epoch();
    show(file, &mut Whole { file, book, is_1904 }, only, visit)
}

/// Refuses a workbook with more cells than can be held.
fn few_cells(file: &Path, count: u64) -> Result<()> {
    if count <= MOST_CELLS {
        return Ok(());
    }
    let what =
        format!("has {count} cells from the first to the last: at most {MOST_CELLS} are read");
    Err(Error::input(file, what, "save it as .xlsx, or as CSV"))
}

/// The cells of the smallest rectangles that hold what stands in the tables of an OpenDocument
/// workbook, with its repetitions written out.
fn cells(content: &str) -> u64 {
    let table = |table: &str| {
        let (mut rows, mut height, mut width) = (0_u64, 0, 0);
        for row in table.split("<table:table-row").skip(1) {
            rows = rows.saturating_add(repeated(row, "table:number-rows-repeated=\""));
            if let Some(columns) = columns(row) {
                (height, width) = (rows, columns.max(width));
            }
        }
        height.saturating_mul(width)
    };
    content.split("<table:table ").skip(1).map(table).fold(0, u64::saturating_add)
}

/// Columns of a row up to its last cell with a value; none where no cell has one.
fn columns(row: &str) -> Option<u64> {
    let (mut columns, mut filled) = (0_u64, None);
    let is_cell = |tag: &&str| {
        tag.starts_with("table:table-cell") || tag.starts_with("table:covered-table-cell")
    };
    for cell in row.split('<').filter(is_cell) {
        columns = columns.saturating_add(repeated(cell, "table:number-columns-repeated=\""));
        if cell.contains("office:value-type") {
            filled = Some(columns);
        }
    }
    filled
}

/// How often a tag stands for itself, by an attribute.
fn repeated(tag: &str, attribute: &str) -> u64 {
    let tag = tag.split('>').next().unwrap_or_default();
    let value = tag.split_once(attribute).and_then(|(_, rest)| rest.split('"').next());
    value.and_then(|value| value.parse().ok()).unwrap_or(1)
}

fn damaged(file: &Path, e: &dyn Display) -> Error {
    Error::input(
        file,
        format!("cannot be read as a workbook ({e})"),
        "open it in Excel or WPS and save it as .xlsx, or ask for it again",
    )
}

struct Whole<'f, B> {
    file: &'f Path,
    book: B,
    is_1904: bool,
}

impl<B: Reader<Cursor<Vec<u8>>>> Book for Whole<'_, B>
where
    B::Error: Display,
{
    fn sheets(&self) -> &[Sheet] {
        self.book.sheets_metadata()
    }

    fn is_1904(&self) -> bool {
        self.is_1904
    }

    fn rows<'b>(&'b mut self, sheet: &str) -> Result<Box<dyn Rows<'b> + 'b>> {
        let file = self.file;
        let cells = self.book.worksheet_range(sheet).map_err(|e| damaged(file, &e))?;
        // Not every format keeps its formulas where they can be read.
        let written = self.book.worksheet_formula(sheet).unwrap_or_default();
        Ok(Box::new(RangeRows {
            next: cells.start().map_or(0, |start| start.0),
            cells,
            written,
            width: WIDEST,
            formulas: Formulas::default(),
        }))
    }
}

/// The rows of a sheet that is held.
struct RangeRows {
    cells: Range<Data>,
    written: Range<String>,
    next: u32,
    width: usize,
    formulas: Formulas,
}

impl RangeRows {
    fn cell(&mut self, at: (u32, u32)) -> Cell<'static> {
        let value = self.cells.get_value(at).unwrap_or(&Data::Empty);
        let formula = self.written.get_value(at).is_some_and(|formula| !formula.is_empty());
        if formula {
            self.formulas.all += 1;
            self.formulas.zero += u64::from(*value == Data::Float(0.0));
            if *value == Data::Empty {
                self.formulas.uncalculated += 1;
                return Cell::Error(UNCALCULATED.into());
            }
        }
        cell_of(value)
    }
}

impl Rows<'_> for RangeRows {
    fn next(&mut self) -> Result<Option<(u64, Vec<Cell<'static>>)>> {
        let Some(end) = self.cells.end() else { return Ok(None) };
        let columns = (end.1 + 1).min(u32::try_from(self.width).unwrap_or(u32::MAX));
        while self.next <= end.0 {
            let row = self.next;
            self.next += 1;
            let cells = (0..columns).map(|column| self.cell((row, column))).collect();
            if let Some(filled) = filled(row, cells) {
                return Ok(Some(filled));
            }
        }
        Ok(None)
    }

    fn narrow(&mut self, width: usize) {
        self.width = width;
    }

    fn formulas(&self) -> Formulas {
        self.formulas
    }
}

fn cell_of(value: &Data) -> Cell<'static> {
    match value {
        Data::Empty => Cell::Empty,
        Data::Int(n) => Cell::Int(*n),
        Data::Float(x) => Cell::Float(*x),
        Data::Bool(b) => Cell::Bool(*b),
        Data::String(t) | Data::DateTimeIso(t) => Cell::from_text(t).into_owned(),
        Data::DurationIso(t) => {
            time_of_day(t).map_or_else(|| Cell::from_text(t).into_owned(), Cell::Float)
        }
        Data::Error(e) => Cell::Error(format!("the Excel error {e}")),
        Data::DateTime(t) => moment(t.as_f64(), t.as_datetime()),
    }
}

/// The share of a day that has passed at a time such as `PT08H05M00S`.
fn time_of_day(text: &str) -> Option<f64> {
    let (hours, rest) = text.strip_prefix("PT")?.split_once('H')?;
    let (minutes, rest) = rest.split_once('M')?;
    let number = |text: &str| text.replace(',', ".").parse::<f64>().ok();
    let seconds = number(rest.strip_suffix('S')?)?;
    Some((number(hours)? * 3_600.0 + number(minutes)? * 60.0 + seconds) / 86_400.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_open_document_are_shares_of_a_day() {
        assert_eq!(time_of_day("PT06H00M00S"), Some(0.25));
        assert_eq!(time_of_day("PT12H00M00.000000S"), Some(0.5));
        assert_eq!(time_of_day("PT00H01M30S"), Some(90.0 / 86_400.0));
        assert_eq!(time_of_day("P1DT1H"), None);
        assert_eq!(time_of_day("08:05"), None);
    }

    #[test]
    fn repetitions_count_as_cells_where_something_stands() {
        let cell = |columns: &str, value: &str| {
            let repeated = format!("table:number-columns-repeated=\"{columns}\"");
            format!("<table:table-cell {repeated} {value}><text:p>x</text:p></table:table-cell>")
        };
        let row = |rows: &str, cells: &str| {
            let repeated = format!("table:number-rows-repeated=\"{rows}\"");
            format!("<table:table-row {repeated}>{cells}</table:table-row>")
        };
        let value = "office:value-type=\"float\"";
        let (empty, one) = (cell("16384", ""), cell("1", value));
        for (rows, count) in [
            (row("1", &one), 1),
            (row("1", &one.repeat(3)) + &row("1048575", &empty), 3),
            (row("60000", &cell("1000", value)), 60_000_000),
            (row("1000", &empty) + &row("1", &one), 1_001),
            (row("1", &(empty.clone() + &one)), 16_385),
            (row("1", &(one.clone() + &empty)), 1),
            (row("99999999999999999999", &empty), 0),
        ] {
            let content = format!("<table:table table:name=\"s\">{rows}</table:table>");
            assert_eq!(cells(&content), count, "{rows}");
            assert_eq!(cells(&content.repeat(2)), 2 * count);
        }
    }
}
