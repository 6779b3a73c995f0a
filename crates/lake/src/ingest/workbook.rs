//! Workbooks of any format: which of their sheets are shown, and a sheet's rows as a table.

use std::path::Path;

use calamine::{Sheet, SheetType, SheetVisible};

use super::archive::few_sheets;
use super::cell::{Cell, plain};
use super::merged::Merged;
use super::visit::{HEAD, Visit, header_of, repeats};
use crate::error::{Error, Result};

/// A table wider than this has no header we know; what stands farther right is not held.
pub(super) const WIDEST: usize = 2_048;

/// Why a cell cannot be taken whose formula was never calculated.
pub(super) const UNCALCULATED: &str = "a formula whose value is not stored";

/// A workbook that is open.
pub(super) trait Book {
    fn sheets(&self) -> &[Sheet];
    /// Whether its dates count days from 1904.
    fn is_1904(&self) -> bool;
    /// The merged cells of a sheet.
    ///
    /// # Errors
    /// [`Error::Input`] where the sheet is damaged.
    fn merged(&mut self, _sheet: &str) -> Result<Merged> {
        Ok(Merged::default())
    }
    /// The rows of a sheet.
    fn rows<'b>(&'b mut self, sheet: &str) -> Result<Box<dyn Rows<'b> + 'b>>;
}

/// The rows of a sheet that are not blank.
pub(super) trait Rows<'b> {
    /// The next row: its number as Excel shows it, and its cells.
    fn next(&mut self) -> Result<Option<(u64, Vec<Cell<'b>>)>>;
    /// Leaves out what stands right of a width.
    fn narrow(&mut self, width: usize);
    /// The formulas of the rows so far.
    fn formulas(&self) -> Formulas;
}

/// How many formulas there are, and what is stored of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Formulas {
    pub all: u64,
    /// Without a value.
    pub uncalculated: u64,
    /// Whose value is nought.
    pub zero: u64,
}

impl Formulas {
    fn add(&mut self, others: Formulas) {
        self.all += others.all;
        self.uncalculated += others.uncalculated;
        self.zero += others.zero;
    }

    /// What is to be said of them.
    fn notice(self) -> Option<String> {
        const FIX: &str = "open the file in Excel or WPS and save it there";
        let Formulas { all, uncalculated, zero } = self;
        if uncalculated > 0 {
            return Some(format!("{uncalculated} formulas have no stored value: {FIX}"));
        }
        // What programs write that cannot calculate.
        (all >= 3 && zero == all)
            .then(|| format!("all {all} formulas hold 0, as if never calculated: {FIX}"))
    }
}

/// Shows the sheets that a person sees, or the one named, to the visitor.
pub(super) fn show(
    file: &Path,
    book: &mut dyn Book,
    only: Option<&str>,
    visit: &mut dyn Visit,
) -> Result<()> {
    few_sheets(file, book.sheets().len())?;
    if book.is_1904() {
        visit.days_from_1904();
    }
    let mut formulas = Formulas::default();
    for (number, sheet) in wanted(file, book.sheets(), only)? {
        let merged = book.merged(&sheet.name)?;
        let mut rows = book.rows(&sheet.name)?;
        if only.is_none() && sheet.visible != SheetVisible::Visible {
            let count = count(&mut *rows)?;
            visit.notice(format!("sheet {number} is hidden and was left out, {count} rows"));
            continue;
        }
        let more = table(&mut *rows, merged, number, visit)?;
        formulas.add(rows.formulas());
        if !more {
            break;
        }
    }
    if let Some(notice) = formulas.notice() {
        visit.notice(notice);
    }
    Ok(())
}

/// The sheets of cells with their numbers, or the one of that name.
fn wanted(file: &Path, sheets: &[Sheet], only: Option<&str>) -> Result<Vec<(u32, Sheet)>> {
    let tables = || sheets.iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
    let found: Vec<(u32, Sheet)> = (1..)
        .zip(tables())
        .filter(|(_, sheet)| only.is_none_or(|only| only == sheet.name))
        .map(|(number, sheet)| (number, sheet.clone()))
        .collect();
    match only {
        Some(only) if found.is_empty() => {
            let what = format!("has no sheet {only} among its {}", tables().count());
            Err(Error::input(file, what, "correct `sheet` in the mapping"))
        }
        _ => Ok(found),
    }
}

fn count(rows: &mut dyn Rows) -> Result<u64> {
    let mut count = 0;
    while rows.next()?.is_some() {
        count += 1;
    }
    Ok(count)
}

/// Shows one sheet; false where the visitor has seen enough.
fn table(
    rows: &mut dyn Rows,
    mut merged: Merged,
    number: u32,
    visit: &mut dyn Visit,
) -> Result<bool> {
    let mut head = Vec::new();
    while head.len() < HEAD
        && let Some((number, cells)) = rows.next()?
    {
        head.push((number, cells.into_iter().map(Cell::into_owned).collect::<Vec<_>>()));
    }
    let texts: Vec<Vec<String>> = head
        .iter()
        .map(|(_, cells)| cells.iter().map(|c| plain(&c.to_text()).into_owned()).collect())
        .collect();
    let names: Vec<&[String]> = texts.iter().map(Vec::as_slice).collect();
    let Some(header) = header_of(&names, visit) else { return Ok(true) };
    if !visit.table(Some(number), &header.names)? {
        return Ok(true);
    }
    let width = header.names.len();
    rows.narrow(width);
    for (number, mut cells) in head.into_iter().skip(header.last + 1) {
        cells.resize(width, Cell::Empty);
        merged.fill(number, &mut cells);
        let wanted = !cells.iter().all(Cell::is_empty) && !repeats(&header.names, &cells);
        if wanted && !visit.row(number, &cells)? {
            return Ok(false);
        }
    }
    while let Some((number, mut cells)) = rows.next()? {
        cells.resize(width, Cell::Empty);
        merged.fill(number, &mut cells);
        if !repeats(&header.names, &cells) && !visit.row(number, &cells)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The row of these cells, as a row of a table: none where nothing stands in it but formulas that
/// were never calculated, as they are prepared for rows to come.
pub(super) fn filled<'b>(number: u32, cells: Vec<Cell<'b>>) -> Option<(u64, Vec<Cell<'b>>)> {
    let nothing = |cell: &Cell| match cell {
        Cell::Empty => true,
        Cell::Error(why) => why == UNCALCULATED,
        _ => false,
    };
    (!cells.iter().all(nothing)).then(|| (u64::from(number) + 1, cells))
}

/// A number that its cell's format shows as a date, a time, or both.
pub(super) fn moment(days: f64, date: Option<chrono::NaiveDateTime>) -> Cell<'static> {
    // Below one day it is a time of day.
    if (0.0..1.0).contains(&days) {
        return Cell::Float(days);
    }
    let Some(exact) = date else { return Cell::Text(days.to_string().into()) };
    // Excel's fractions of a day are not exact: to the nearest second.
    let time = exact + chrono::Duration::milliseconds(500);
    let nanos = i64::from(time.and_utc().timestamp_subsec_nanos());
    let time = time - chrono::Duration::nanoseconds(nanos);
    match time.time() == chrono::NaiveTime::MIN {
        true => Cell::Date(time.date()),
        false => Cell::Local(time),
    }
}
