//! Which column is the number of a case, and what its values say against it.

use std::collections::HashSet;

use super::columns::ColumnSummary;
use super::sample::Sample;
use super::values::{counts_rows, is_damaged};
use super::words::HeaderWords;
use crate::ingest::Cell;

/// What the values of a column that is named as a case's number are.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum IdKind {
    /// Numbers that tell cases apart.
    Good,
    /// 1, 2, 3 …: rows are counted, anew in each file.
    Running,
    /// Digits are lost.
    Damaged,
    /// Rows that stand together have the same.
    Together,
    /// Something else.
    Other,
}

/// A column that may hold the ids.
pub(super) struct Id {
    pub at: usize,
    pub kind: IdKind,
    /// What speaks for it.
    pub why: String,
}

/// The column of the ids; among those that are named so the first whose values are good.
pub(super) fn find(sample: &Sample, seen: &[ColumnSummary], words: &HeaderWords) -> Option<Id> {
    let mut named: Vec<(usize, f64)> = (0..seen.len())
        .filter(|&i| seen[i].is_open())
        .map(|i| (i, words.names("event_id", &seen[i].header)))
        .filter(|(_, named)| *named > 0.0)
        .collect();
    let place = |i: usize| words.place("event_id", &seen[i].header);
    named.sort_by(|a, b| b.1.total_cmp(&a.1).then(place(a.0).cmp(&place(b.0))));
    let ids: Vec<Id> = named
        .into_iter()
        .map(|(at, _)| Id { at, kind: kind(sample, &seen[at], at), why: "by its header".into() })
        .collect();
    let good = ids.iter().position(|id| matches!(id.kind, IdKind::Good | IdKind::Together));
    let telling = ids.iter().position(|id| id.kind != IdKind::Other);
    match good.or(telling) {
        Some(at) => ids.into_iter().nth(at),
        None => serials(sample, seen),
    }
}

fn kind(sample: &Sample, seen: &ColumnSummary, at: usize) -> IdKind {
    let cells: Vec<&Cell> = sample.column(at).collect();
    if cells.is_empty() {
        return IdKind::Good;
    }
    if cells.iter().filter(|cell| is_damaged(cell)).count() * 2 > cells.len() {
        return IdKind::Damaged;
    }
    if counts_rows(&cells) {
        return IdKind::Running;
    }
    if seen.identities > 0.0 || seen.id_like < 0.9 {
        return IdKind::Other;
    }
    match seen.unique {
        share if share >= 0.95 => IdKind::Good,
        _ if stands_together(sample, at) => IdKind::Together,
        // Versions of a case repeat its number.
        share if share >= 0.5 => IdKind::Good,
        _ => IdKind::Other,
    }
}

/// Whether rows with the same value stand together, blanks with the value above them.
fn stands_together(sample: &Sample, at: usize) -> bool {
    let mut seen = HashSet::new();
    let mut last = String::new();
    for cell in sample.column(at) {
        let text = cell.to_text();
        if *text != *last && !seen.insert(text.clone().into_owned()) {
            return false;
        }
        last = text.into_owned();
    }
    true
}

/// Where headers say nothing (c1, 列2), the column whose values are serials beyond doubt.
fn serials(sample: &Sample, seen: &[ColumnSummary]) -> Option<Id> {
    let fits = |i: &usize| {
        let column = &seen[*i];
        column.is_open()
            && says_nothing(&column.header)
            && column.filled > 1
            && column.unique >= 0.99
            && column.identities == 0.0
            && are_serials(sample.column(*i).map(|c| c.to_text().into_owned()).collect())
    };
    let at = (0..seen.len()).find(fits)?;
    Some(Id {
        at,
        kind: IdKind::Good,
        why: "its values are serials, and no header says more".into(),
    })
}

/// c1, 列2, Column3, F4.
fn says_nothing(header: &str) -> bool {
    let stem = header.trim_end_matches(|c: char| c.is_ascii_digit());
    let stem = stem.trim_end_matches(['_', ' ', '-']).to_lowercase();
    stem.len() < header.len()
        && ["c", "f", "v", "x", "col", "column", "field", "列", "字段"].contains(&&*stem)
}

/// Whether values are capital letters that all share, and numbers that run on or begin with a month.
fn are_serials(values: Vec<String>) -> bool {
    let prefix: String = values
        .first()
        .map(|v| v.chars().take_while(|c| !c.is_ascii_digit()).collect())
        .unwrap_or_default();
    let numbers: Option<Vec<u128>> = values
        .iter()
        .map(|v| v.strip_prefix(prefix.as_str())?.replace('-', "").parse().ok())
        .collect();
    let Some(numbers) = numbers else { return false };
    let is_prefix = prefix.chars().all(|c| c.is_ascii_uppercase() || "-（）()第字".contains(c));
    let runs = numbers.windows(2).filter(|w| w[1] > w[0] && w[1] - w[0] <= 3).count();
    let run_on = runs * 10 >= (numbers.len() - 1) * 8;
    let month = |n: &u128| {
        let text = n.to_string();
        let part = |a: usize, b: usize| text.get(a..b).and_then(|t| t.parse::<u32>().ok());
        text.len() > 8
            && part(0, 4).is_some_and(|year| (1990..2100).contains(&year))
            && part(4, 6).is_some_and(|month| (1..=12).contains(&month))
    };
    is_prefix && (numbers.iter().all(month) || (!prefix.is_empty() && run_on))
}

/// Columns that together are different in every row, as few as needed; the date is the first of
/// them. Says also whether they are.
pub(super) fn composite(sample: &Sample, candidates: &[usize]) -> (Vec<usize>, bool) {
    let mut columns: Vec<usize> = Vec::new();
    for &at in candidates {
        columns.push(at);
        if columns.len() >= 3.min(candidates.len()) && are_unique(sample, &columns) {
            return (columns, true);
        }
    }
    let unique = are_unique(sample, &columns);
    (columns, unique)
}

fn are_unique(sample: &Sample, columns: &[usize]) -> bool {
    let mut seen = HashSet::new();
    let text =
        |row: &[Cell], i: usize| row.get(i).map_or(String::new(), |c| c.to_text().into_owned());
    let key = |row: &[Cell]| columns.iter().map(|&i| text(row, i) + "\u{1f}").collect::<String>();
    sample.rows.iter().all(|row| seen.insert(key(row)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serials_where_headers_say_nothing() {
        let run = |f: &dyn Fn(usize) -> String| are_serials((0..20).map(f).collect());
        assert!(run(&|i| format!("K{i:04}")) && run(&|i| format!("JF202503{i:04}")));
        assert!(run(&|i| format!("20250301{i:04}")));
        assert!(
            !run(&|i| format!("wxid_te{i:04}")) && !run(&|i| format!("E{}", 10_000_000 + 61 * i))
        );
        assert!(!run(&|i| format!("{}", 6217000000001000003_u64 + i as u64 * 7)));
        assert!(!run(&|i| format!("铁人路{i}号")) && !run(&|i| format!("tester{i}@example.com")));
        assert!(
            says_nothing("c1")
                && says_nothing("列 2")
                && !says_nothing("微信号")
                && !says_nothing("id")
        );
    }
}
