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
    /// Of how many rows the header may be.
    fn header_rows(&self) -> HeaderRows {
        HeaderRows::Exactly(1)
    }
    /// A table begins. Says whether its rows are wanted.
    fn table(&mut self, sheet: Option<u32>, header: &[String]) -> Result<bool>;
    /// A row, at its number as a person counts. Says whether more are wanted.
    fn row(&mut self, number: u64, cells: &[Cell<'_>]) -> Result<bool>;
    /// A row that could not be read.
    fn broken(&mut self, number: u64, bad: BadCell) -> Result<()>;
    /// Whether a row of another width than the header's is a total or a note below the table, and
    /// is done with.
    fn is_note(&mut self, _number: u64, _cells: &[Cell<'_>]) -> bool {
        false
    }
    /// Something to tell about the file as a whole.
    fn notice(&mut self, text: String);
    /// The workbook counts days from 1904: so do its dates that are written as plain numbers.
    fn days_from_1904(&mut self) {}
}

/// A row that is certainly the header.
pub(crate) const FITS: u32 = u32::MAX;

/// Of how many rows a header may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeaderRows {
    Exactly(usize),
    /// One, or two of which the upper names groups and the lower their parts.
    OneOrTwo,
}

/// Stands between the parts of a name from a header of several rows; people read and write `/`.
pub(crate) const JOINT: char = '\u{1f}';

/// A header found among the first rows.
#[derive(Debug)]
pub(crate) struct FoundHeader {
    pub names: Vec<String>,
    pub fit: u32,
    /// Position of its last row.
    pub last: usize,
}

/// The header among the first rows: the first that fits completely, else the one that fits best.
pub(crate) fn header_of(rows: &[&[String]], visit: &dyn Visit) -> Option<FoundHeader> {
    if let HeaderRows::Exactly(height) = visit.header_rows() {
        return best(rows, height, visit);
    }
    let one = best(rows, 1, visit)?;
    if one.fit == FITS {
        return Some(one);
    }
    let pairs = (1..rows.len()).filter(|&i| are_parts(rows[i - 1], rows[i]));
    let two =
        pairs.filter_map(|i| Some(FoundHeader { last: i, ..best(&rows[i - 1..=i], 2, visit)? }));
    // The first of those that fit equally.
    let two = two.max_by_key(|found| (found.fit, std::cmp::Reverse(found.last)));
    Some(two.filter(|found| found.fit > one.fit).unwrap_or(one))
}

/// The header of so many rows that fits best; a title over it, of one cell, is none of them.
fn best(rows: &[&[String]], height: usize, visit: &dyn Visit) -> Option<FoundHeader> {
    let mut best: Option<FoundHeader> = None;
    for (i, window) in rows.windows(height).enumerate() {
        if height > 1 && filled(window[0]) < 2 {
            continue;
        }
        let names = window[1..].iter().fold(window[0].to_vec(), |above, row| joined(&above, row));
        let fit = visit.fit(&names);
        if best.as_ref().is_none_or(|found| fit > found.fit) {
            best = Some(FoundHeader { names, fit, last: i + height - 1 });
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

fn filled(row: &[String]) -> usize {
    row.iter().filter(|cell| !cell.is_empty()).count()
}

fn cell(row: &[String], i: usize) -> &str {
    row.get(i).map_or("", String::as_str)
}

/// Names of columns under a header of two rows: what stands below, after the group above it. Blanks
/// to the right of a group belong to it, as its cell is merged over them.
fn joined(upper: &[String], lower: &[String]) -> Vec<String> {
    let mut group = "";
    (0..upper.len().max(lower.len()))
        .map(|i| {
            let (above, below) = (cell(upper, i), cell(lower, i));
            if !above.is_empty() {
                group = if below.is_empty() { "" } else { above };
            }
            match below {
                "" => above.to_owned(),
                below if group.is_empty() || group == below => below.to_owned(),
                below => format!("{group}{JOINT}{below}"),
            }
        })
        .collect()
}

/// Whether a row holds nothing but the parts of groups in the row above: short words without
/// digits, under a cell that blanks follow.
fn are_parts(upper: &[String], lower: &[String]) -> bool {
    let width = upper.len().max(lower.len());
    let is_blank = |i: usize| i < width && cell(upper, i).is_empty() && !cell(lower, i).is_empty();
    let mut in_group = false;
    let mut groups = 0;
    for i in 0..width {
        let (above, below) = (cell(upper, i), cell(lower, i));
        if !above.is_empty() {
            in_group = !below.is_empty() && is_blank(i + 1);
            groups += usize::from(in_group);
        }
        let short = below.chars().count() <= 12 && !below.chars().any(|c| c.is_ascii_digit());
        let is_part = in_group && short;
        if !below.is_empty() && !is_part {
            return false;
        }
    }
    groups > 0 && filled(upper) > 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str) -> Vec<String> {
        text.split(',').map(str::to_owned).collect()
    }

    #[test]
    fn names_of_two_rows() {
        for (upper, lower, names) in [
            ("编号,时间,,类型", ",登记,发生,", "编号,时间/登记,时间/发生,类型"),
            ("编号,类型,当事人", ",,姓名,电话", "编号,类型,当事人/姓名,当事人/电话"),
            ("编号,,类型", ",乡镇,", "编号,乡镇,类型"),
            ("编号,类型", "编号,类型", "编号,类型"),
        ] {
            let found = joined(&row(upper), &row(lower)).join(",").replace(JOINT, "/");
            assert_eq!(found, names, "{upper} over {lower}");
        }
    }

    #[test]
    fn only_parts_of_groups_are_a_second_row() {
        for (upper, lower, are) in [
            ("编号,时间,,类型", ",登记,发生,", true),
            ("编号,类型,当事人", ",,姓名,电话", true),
            ("编号,时间,,类型", "A1,登记,发生,", false),
            ("编号,时间,,类型", ",2026年1月,2026年2月,", false),
            ("编号,时间,地点,类型,", "某甲,某日,某地,邻里,某事", false),
            ("台账,,", "编号,时间,类型", false),
            ("编号,时间,类型", ",,", false),
        ] {
            assert_eq!(are_parts(&row(upper), &row(lower)), are, "{upper} over {lower}");
        }
    }
}
