//! Excel workbooks: every sheet that has the header, cell by cell.

use std::borrow::Cow;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use calamine::{DataRef, Reader, SheetType, Xlsx, XlsxCellReader, XlsxError};
use chrono::NaiveTime;

use super::cell::Cell;
use super::visit::{HEAD, Visit, header_of};
use crate::error::{At, Error, Result};

/// A table wider than this has no header we know; what stands farther right is not held.
const WIDEST: usize = 2_048;

/// Shows the sheets of a workbook, or the one named, to the visitor.
pub(crate) fn read(file: &Path, only: Option<&str>, visit: &mut dyn Visit) -> Result<()> {
    let bad = |e: XlsxError| {
        Error::input(
            file,
            format!("cannot be read as a workbook ({e})"),
            "open it in Excel and save it as .xlsx again, or ask for it again",
        )
    };
    let mut book: Xlsx<_> = Xlsx::new(BufReader::new(File::open(file).at(file)?)).map_err(bad)?;
    let names: Vec<String> = book
        .sheets_metadata()
        .iter()
        .filter(|s| s.typ == SheetType::WorkSheet)
        .map(|s| s.name.clone())
        .collect();
    if let Some(only) = only
        && !names.iter().any(|n| n == only)
    {
        return Err(Error::input(
            file,
            format!("has no sheet {only}, but {}", names.join(", ")),
            "correct `sheet` in the mapping",
        ));
    }
    for name in names.iter().filter(|n| only.is_none_or(|o| o == n.as_str())) {
        let reader = book.worksheet_cells_reader(name).map_err(bad)?;
        if !sheet(Rows { reader, ahead: None, width: WIDEST, ended: false }, name, visit, &bad)? {
            break;
        }
    }
    Ok(())
}

/// Shows one sheet; false where the visitor has seen enough.
fn sheet(
    mut rows: Rows,
    name: &str,
    visit: &mut dyn Visit,
    bad: &dyn Fn(XlsxError) -> Error,
) -> Result<bool> {
    let mut head = Vec::new();
    while head.len() < HEAD
        && let Some((number, cells)) = rows.next().map_err(bad)?
    {
        head.push((number, cells.into_iter().map(Cell::into_owned).collect::<Vec<_>>()));
    }
    let texts: Vec<Vec<String>> = head
        .iter()
        .map(|(_, cells)| cells.iter().map(|c| c.to_text().trim().to_owned()).collect())
        .collect();
    let Some((at, _)) = header_of(texts.iter().map(Vec::as_slice), visit) else { return Ok(true) };
    if !visit.table(Some(name), &texts[at])? {
        return Ok(true);
    }
    rows.width = texts[at].len();
    for (number, mut cells) in head.into_iter().skip(at + 1) {
        cells.resize(rows.width, Cell::Empty);
        if !cells.iter().all(Cell::is_empty) && !visit.row(number, &cells)? {
            return Ok(false);
        }
    }
    while let Some((number, mut cells)) = rows.next().map_err(bad)? {
        cells.resize(rows.width, Cell::Empty);
        if !visit.row(number, &cells)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A sheet's cells, gathered into rows that are not blank.
struct Rows<'b> {
    reader: XlsxCellReader<'b, BufReader<File>>,
    ahead: Option<((u32, u32), Cell<'b>)>,
    width: usize,
    ended: bool,
}

impl<'b> Rows<'b> {
    /// The next row that is not blank: its number as Excel shows it, and its cells.
    fn next(&mut self) -> Result<Option<(u64, Vec<Cell<'b>>)>, XlsxError> {
        let mut row: Option<u32> = None;
        let mut cells = Vec::new();
        loop {
            let ((r, c), cell) = match self.ahead.take() {
                Some(ahead) => ahead,
                None if self.ended => break,
                None => match self.reader.next_cell()? {
                    Some(cell) => (cell.get_position(), cell_of(cell.get_value())),
                    None => {
                        self.ended = true;
                        break;
                    }
                },
            };
            if row.is_some_and(|current| current != r) {
                self.ahead = Some(((r, c), cell));
                break;
            }
            if cell.is_empty() || c as usize >= self.width {
                continue;
            }
            row = Some(r);
            if cells.len() <= c as usize {
                cells.resize(c as usize + 1, Cell::Empty);
            }
            cells[c as usize] = cell;
        }
        Ok(row.map(|r| (u64::from(r) + 1, cells)))
    }
}

fn cell_of<'b>(value: &DataRef<'b>) -> Cell<'b> {
    match value {
        DataRef::Empty => Cell::Empty,
        DataRef::Int(n) => Cell::Int(*n),
        DataRef::Float(x) => Cell::Float(*x),
        DataRef::Bool(b) => Cell::Bool(*b),
        DataRef::SharedString(t) => Cell::from_text(t),
        DataRef::String(t) | DataRef::DateTimeIso(t) | DataRef::DurationIso(t) => {
            Cell::from_text(t).into_owned()
        }
        DataRef::Error(e) => Cell::Error(format!("the Excel error {e}")),
        // A number formatted as time: below one day it is a time of day.
        DataRef::DateTime(t) if (0.0..1.0).contains(&t.as_f64()) => Cell::Float(t.as_f64()),
        DataRef::DateTime(t) => match t.as_datetime() {
            // Excel's fractions of a day are not exact: to the nearest second.
            Some(exact) => {
                let time = exact + chrono::Duration::milliseconds(500);
                let time = time
                    - chrono::Duration::nanoseconds(i64::from(
                        time.and_utc().timestamp_subsec_nanos(),
                    ));
                if time.time() == NaiveTime::MIN {
                    Cell::Date(time.date())
                } else {
                    Cell::Local(time)
                }
            }
            None => Cell::Text(Cow::Owned(t.as_f64().to_string())),
        },
    }
}
