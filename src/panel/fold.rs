//! What it takes to fold the panel's rows in the order in which its files hold them.
//!
//! Next to every row is a group of its own by day and area: to let the query group them costs more than to add them up here.

use std::collections::BTreeSet;
use std::ops::Range;

use datafusion::arrow::array::{Array, ArrayRef, RecordBatch, StringViewArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::HashMap;

use crate::areas::{Area, Register};
use crate::error::Result;

/// Towards which of some areas each area of the register counts: itself and those above it.
pub struct Places<'a> {
    of: HashMap<&'a str, Vec<usize>>,
    /// How many areas are counted.
    pub count: usize,
}

impl<'a> Places<'a> {
    /// Places are the areas' positions in `areas`.
    pub fn of(register: &'a Register, areas: &[&Area]) -> Places<'a> {
        let place: HashMap<&str, usize> = areas.iter().enumerate().map(|(n, a)| (a.code.as_str(), n)).collect();
        let levels: BTreeSet<&str> = areas.iter().map(|a| a.level.as_str()).collect();
        let at_level = |code: &str, level: &str| place.get(register.ancestor_at(code, level)?.code.as_str()).copied();
        let above = |code: &str| levels.iter().filter_map(|level| at_level(code, level)).collect();
        Places { of: register.areas().iter().map(|a| (a.code.as_str(), above(&a.code))).collect(), count: areas.len() }
    }

    /// Of each of these rows, the places that its area counts towards; none for an unknown one. Neighbouring rows mostly share their area.
    pub fn above<'b>(&'b self, areas: &'b StringViewArray, rows: Range<usize>) -> impl Iterator<Item = (usize, &'b [usize])> {
        let (begin, mut above) = (rows.start, &[][..]);
        rows.map(move |row| {
            if row == begin || !repeats(areas, row) {
                above = self.of.get(areas.value(row)).map_or(&[], Vec::as_slice);
            }
            (row, above)
        })
    }
}

/// A column of text, as the files of a table or an empty table have it.
///
/// # Errors
/// [`crate::Error::Arrow`] where it is none.
pub fn text(batch: &RecordBatch, column: usize) -> Result<ArrayRef> {
    Ok(cast(batch.column(column), &DataType::Utf8View)?)
}

/// The stretches of rows that agree in these columns. A file holds one domain, sorted by indicator, so a batch has hardly more than one.
pub fn runs<const N: usize>(columns: [&StringViewArray; N]) -> Vec<([&str; N], Range<usize>)> {
    let mut runs: Vec<([&str; N], Range<usize>)> = Vec::new();
    for row in 0..columns[0].len() {
        match runs.last_mut() {
            Some((_, rows)) if columns.iter().all(|column| repeats(column, row)) => rows.end = row + 1,
            _ => runs.push((columns.map(|column| column.value(row)), row..row + 1)),
        }
    }
    runs
}

/// Whether a text is that of the row before it, which is there. Views of one text are mostly alike, so that the text itself is seldom looked at.
fn repeats(column: &StringViewArray, row: usize) -> bool {
    column.views()[row] == column.views()[row - 1] || column.value(row) == column.value(row - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_agree_in_all_columns_are_one_run() {
        let (domains, indicators) = (StringViewArray::from(vec!["a", "a", "a", "b"]), StringViewArray::from(vec!["x", "x", "y", "y"]));
        assert_eq!(runs([&domains, &indicators]), [(["a", "x"], 0..2), (["a", "y"], 2..3), (["b", "y"], 3..4)]);
    }
}
