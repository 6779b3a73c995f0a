//! Signs of a table that is laid out for people: blanks under a value, rows of one event, totals,
//! dates that do not begin with the year.

use super::choice::Choice;
use super::columns::ColumnSummary;
use super::ids::{Id, IdKind};
use super::sample::Sample;
use super::values::short_date;
use crate::ingest::Cell;
use crate::ingest::visit::JOINT;

/// What the sample shows of the layout; columns by position.
pub(super) struct Signs {
    pub two_header_rows: bool,
    /// Columns of merged cells, with their blank cells.
    pub fill_down: Vec<(usize, usize)>,
    /// Whether a total ends the table.
    pub stop_at: Option<&'static str>,
    /// The column of the ids, where rows of one event stand together, and the number of events.
    pub group_by: Option<(usize, usize)>,
    /// Columns of dates that begin with day or month, with the sign between.
    pub dates: Vec<(usize, DateOrder, char)>,
}

/// How dates that do not begin with the year are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DateOrder {
    DayFirst,
    MonthFirst,
    /// No value is above twelve.
    Undecided,
}

impl Signs {
    pub fn read(
        sample: &Sample,
        seen: &[ColumnSummary],
        id: Option<&Id>,
        chosen: &[Choice],
    ) -> Signs {
        let group_by =
            id.filter(|id| id.kind == IdKind::Together).and_then(|id| group(sample, seen, id.at));
        let needed =
            chosen.iter().filter(|c| matches!(c.column, "occurred_at" | "area_code" | "category"));
        let fill_down = match group_by {
            Some(_) => Vec::new(),
            None => needed
                .flat_map(|c| c.at.iter().copied())
                .filter_map(|at| merged(sample, at).map(|blanks| (at, blanks)))
                .collect(),
        };
        let dates = chosen.iter().flat_map(|c| c.at.iter().copied());
        Signs {
            two_header_rows: sample.header.iter().any(|name| name.contains(JOINT)),
            fill_down,
            stop_at: sample.stop,
            group_by,
            dates: dates
                .filter_map(|at| date_order(sample, at).map(|(order, sign)| (at, order, sign)))
                .collect(),
        }
    }
}

/// Whether a column is one of merged cells: filled in its first row, blank in a third of them, and
/// never the same in two filled cells that follow each other. Gives the blank cells.
fn merged(sample: &Sample, at: usize) -> Option<usize> {
    let is_blank = |row: &Vec<Cell>| row.get(at).is_none_or(Cell::is_empty);
    let blanks = sample.rows.iter().filter(|row| is_blank(row)).count();
    let values: Vec<String> = sample.column(at).map(|c| c.to_text().into_owned()).collect();
    let differ = values.windows(2).all(|pair| pair[0] != pair[1]);
    let first = sample.rows.first().is_some_and(|row| !is_blank(row));
    (first && differ && blanks * 3 >= sample.rows.len() && blanks > 0).then_some(blanks)
}

/// The number of events, where rows with the same id differ in columns of persons alone.
fn group(sample: &Sample, seen: &[ColumnSummary], at: usize) -> Option<(usize, usize)> {
    if !seen.iter().any(|column| column.person) {
        return None;
    }
    let mut events = 0;
    let mut first: Option<&Vec<Cell>> = None;
    for row in &sample.rows {
        let key = row.get(at).filter(|cell| !cell.is_empty());
        match (first, key) {
            (Some(begin), key) if key.is_none() || begin.get(at) == key => {
                let same = |i: usize| {
                    seen[i].person
                        || seen[i].left
                        || row.get(i).is_none_or(Cell::is_empty)
                        || begin.get(i).is_none_or(|c| c.is_empty() || Some(c) == row.get(i))
                        || seen[i].counts_rows
                };
                if !(0..seen.len()).all(same) {
                    return None;
                }
            }
            _ => {
                events += 1;
                first = Some(row);
            }
        }
    }
    Some((at, events))
}

/// The order of a column's dates where they begin with day or month, and the sign between.
fn date_order(sample: &Sample, at: usize) -> Option<(DateOrder, char)> {
    let dates: Option<Vec<(u32, u32, char)>> =
        sample.column(at).map(|cell| short_date(&cell.to_text())).collect();
    let dates = dates.filter(|dates| dates.iter().all(|date| date.2 == dates[0].2))?;
    let sign = dates.first()?.2;
    match (dates.iter().any(|d| d.0 > 12), dates.iter().any(|d| d.1 > 12)) {
        (true, false) => Some((DateOrder::DayFirst, sign)),
        (false, true) => Some((DateOrder::MonthFirst, sign)),
        (false, false) => Some((DateOrder::Undecided, sign)),
        (true, true) => None,
    }
}
