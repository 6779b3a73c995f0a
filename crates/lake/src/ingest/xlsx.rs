//! Workbooks in Open XML (`.xlsx`), streamed cell by cell.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use calamine::{DataRef, Reader, Sheet, Xlsx, XlsxCellReader, XlsxError};

use super::archive;
use super::cell::Cell;
use super::merged::Merged;
use super::visit::Visit;
use super::workbook::{Book, Formulas, Rows, UNCALCULATED, WIDEST, filled, moment, show};
use crate::error::{At, Error, Result};

/// Parts of a workbook that the library holds in memory.
const HELD: [&str; 5] = ["sharedstrings.xml", "styles.xml", "workbook.xml", "theme1.xml", ".rels"];

/// Shows a workbook to the visitor.
pub(super) fn read(file: &Path, only: Option<&str>, visit: &mut dyn Visit) -> Result<()> {
    let has_merged = archive::check(file, |part| !HELD.iter().any(|held| part.ends_with(held)))?;
    let input = BufReader::new(File::open(file).at(file)?);
    let book = Xlsx::new(input).map_err(|e| damaged(file, &e))?;
    show(file, &mut Streamed { file, book, has_merged }, only, visit)
}

fn damaged(file: &Path, e: &XlsxError) -> Error {
    if matches!(e, XlsxError::Password) {
        let fix = "open it with its password and save it without";
        return Error::input(file, "is a workbook with a password", fix);
    }
    Error::input(
        file,
        format!("cannot be read as a workbook ({e})"),
        "open it in Excel and save it as .xlsx again, or ask for it again",
    )
}

struct Streamed<'f> {
    file: &'f Path,
    book: Xlsx<BufReader<File>>,
    has_merged: bool,
}

impl Book for Streamed<'_> {
    fn sheets(&self) -> &[Sheet] {
        self.book.sheets_metadata()
    }

    fn is_1904(&self) -> bool {
        self.book.has_1904_epoch()
    }

    fn merged(&mut self, sheet: &str) -> Result<Merged> {
        if !self.has_merged {
            return Ok(Merged::default());
        }
        let regions = self.book.merge_cells_by_sheet_name(sheet);
        Ok(Merged::new(regions.map_err(|e| damaged(self.file, &e))?))
    }

    fn rows<'b>(&'b mut self, sheet: &str) -> Result<Box<dyn Rows<'b> + 'b>> {
        let file = self.file;
        let cells = self.book.worksheet_cells_reader(sheet).map_err(|e| damaged(file, &e))?;
        Ok(Box::new(CellRows {
            file,
            cells,
            ahead: None,
            width: WIDEST,
            ended: false,
            formulas: Formulas::default(),
        }))
    }
}

/// A sheet's cells, gathered into rows.
struct CellRows<'b> {
    file: &'b Path,
    cells: XlsxCellReader<'b, BufReader<File>>,
    ahead: Option<((u32, u32), Cell<'b>)>,
    width: usize,
    ended: bool,
    formulas: Formulas,
}

impl<'b> CellRows<'b> {
    fn next_cell(&mut self) -> Result<Option<((u32, u32), Cell<'b>)>> {
        if let Some(ahead) = self.ahead.take() {
            return Ok(Some(ahead));
        }
        if self.ended {
            return Ok(None);
        }
        let file = self.file;
        let cell = self.cells.next_cell_with_formula_metadata().map_err(|e| damaged(file, &e))?;
        let Some(cell) = cell else {
            self.ended = true;
            return Ok(None);
        };
        if cell.formula.is_some() {
            self.formulas.all += 1;
            self.formulas.zero += u64::from(cell.value == DataRef::Float(0.0));
            if cell.value == DataRef::Empty {
                self.formulas.uncalculated += 1;
                return Ok(Some((cell.pos, Cell::Error(UNCALCULATED.into()))));
            }
        }
        Ok(Some((cell.pos, cell_of(&cell.value))))
    }
}

impl<'b> Rows<'b> for CellRows<'b> {
    fn next(&mut self) -> Result<Option<(u64, Vec<Cell<'b>>)>> {
        let mut row: Option<u32> = None;
        let mut cells = Vec::new();
        while let Some(((r, c), cell)) = self.next_cell()? {
            if let Some(current) = row.filter(|current| *current != r) {
                self.ahead = Some(((r, c), cell));
                if let Some(filled) = filled(current, std::mem::take(&mut cells)) {
                    return Ok(Some(filled));
                }
                row = None;
                continue;
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
        Ok(row.and_then(|row| filled(row, cells)))
    }

    fn narrow(&mut self, width: usize) {
        self.width = width;
    }

    fn formulas(&self) -> Formulas {
        self.formulas
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
        DataRef::DateTime(t) => moment(t.as_f64(), t.as_datetime()),
    }
}
