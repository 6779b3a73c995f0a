//! Who looks at a file's rows: formats push headers and rows to a [`Visit`]. At ingest that is the
//! `RowChecker` of `checker.rs`.

use super::cell::{BadCell, Cell};
use crate::error::Result;

/// How many rows are looked at for the header; departments put titles and dates above it.
pub(crate) const HEAD: usize = 20;

/// Looks at a file's tables, row by row.
pub(crate) trait Visit {
    /// How well a row fits as header; the first row that fits completely ([`FITS`]) is it, else the
    /// best.
    fn fit(&self, row: &[String]) -> u32;
    /// A table begins. Says whether its rows are wanted.
    fn table(&mut self, sheet: Option<&str>, header: &[String]) -> Result<bool>;
    /// A row, at its number as a person counts. Says whether more are wanted.
    fn row(&mut self, number: u64, cells: &[Cell<'_>]) -> Result<bool>;
    /// A row that could not be read.
    fn broken(&mut self, number: u64, bad: BadCell) -> Result<()>;
    /// Something to tell about the file as a whole.
    fn notice(&mut self, text: String);
    /// The workbook counts days from 1904: so do its dates that are written as plain numbers.
    fn days_from_1904(&mut self) {}
}

/// A row that is certainly the header.
pub(crate) const FITS: u32 = u32::MAX;

/// Position of the header among the first rows: the first that fits completely, else the one that
/// fits best.
pub(crate) fn header_of<'r>(
    rows: impl Iterator<Item = &'r [String]>,
    visit: &dyn Visit,
) -> Option<(usize, u32)> {
    let mut best: Option<(usize, u32)> = None;
    for (i, row) in rows.enumerate() {
        let fit = visit.fit(row);
        if best.is_none_or(|(_, b)| fit > b) {
            best = Some((i, fit));
        }
        if fit == FITS {
            break;
        }
    }
    best
}

/// Whether a row is the header once more.
pub(crate) fn repeats(header: &[String], cells: &[Cell]) -> bool {
    let same = |(name, cell): (&String, &Cell)| match cell {
        Cell::Text(text) => text == name,
        cell => name.is_empty() && cell.is_empty(),
    };
    cells.len() == header.len() && header.iter().zip(cells).all(same)
}
