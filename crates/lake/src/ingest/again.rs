//! Rows of a file that were refused when it came before: they may come again.

use std::collections::HashMap;

/// How much of each row was refused when the file came before, by sheet and row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RefusedBefore {
    rows: HashMap<(Option<u32>, u64), usize>,
}

impl RefusedBefore {
    /// Takes a refusal as `rejected` has it: the sheet's number stands before the column.
    pub fn add(&mut self, column: &str, row: u64) {
        let sheet = column.split_once('!').and_then(|(sheet, _)| sheet.parse().ok());
        *self.rows.entry((sheet, row)).or_default() += 1;
    }

    /// Whether nothing was refused.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// What was refused of the row; none where it had landed whole.
    pub(super) fn count(&self, sheet: Option<u32>, row: u64) -> Option<usize> {
        self.rows.get(&(sheet, row)).copied()
    }

    /// Rows of which something was refused.
    pub(super) fn len(&self) -> u64 {
        self.rows.len() as u64
    }
}
