//! Cells that the tables share.

use render::report::{Cell, Format};

use crate::report::comparison::{
    Counts, NO_BASE, NONE, NOT_DELIVERED, NOT_WHOLE, Proportion, change_cell,
};

/// What stands for a score that is not given.
pub const INSUFFICIENT: &str = "数据不足";

/// A cell of text.
pub fn text(text: impl Into<String>) -> Cell {
    Cell::Text(text.into())
}

/// Headers of a table.
pub fn header(names: &[&str]) -> Vec<String> {
    names.iter().map(|n| (*n).to_owned()).collect()
}

/// Both ends of an interval.
pub fn interval(ends: Option<(f64, f64)>) -> Cell {
    ends.map_or(Cell::Absent(NONE), |(low, high)| text(format!("{low:.1}—{high:.1}")))
}

/// Why a count is compared with nothing.
fn uncompared(counts: &Counts, back: usize) -> &'static str {
    let last = counts.months.len() - 1;
    match (counts.whole[last], last.checked_sub(back).is_some_and(|at| counts.whole[at])) {
        (false, _) if counts.now().is_none() => NONE,
        (false, _) => NOT_WHOLE,
        (true, false) => NONE,
        (true, true) => NO_BASE,
    }
}

/// A change against so many months back, or why there is none.
pub fn compared(counts: &Counts, back: usize) -> Cell {
    match counts.against(back) {
        Some(difference) => change_cell(Some(difference)),
        None => Cell::Absent(uncompared(counts, back)),
    }
}

/// A count, or that nothing was delivered.
pub fn count(value: Option<f64>) -> Cell {
    Cell::number(value, Format::Count, NOT_DELIVERED)
}

/// A proportion as a share.
pub fn share_cell(proportion: Option<Proportion>) -> Cell {
    match proportion {
        None => Cell::Absent(NOT_DELIVERED),
        Some(p) => Cell::number(p.share(), Format::Percent, NONE),
    }
}
