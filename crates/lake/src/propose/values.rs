//! Kinds of values that a proposal must know.

use std::collections::HashSet;

use crate::ingest::Cell;

/// Whether a spreadsheet has taken digits from a number: 2.02601E+14, more than fifteen digits of
/// which the last are zeros, or .0 behind a whole number.
pub(super) fn is_damaged(cell: &Cell) -> bool {
    if matches!(cell, Cell::Float(x) if x.fract() != 0.0 || x.abs() >= 1e15) {
        return true;
    }
    let text = cell.to_text();
    let folded = text.to_ascii_lowercase();
    let scientific = folded.split_once("e+").is_some_and(|(mantissa, exponent)| {
        mantissa.parse::<f64>().is_ok() && exponent.bytes().all(|b| b.is_ascii_digit())
    });
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    let zeros = digits && text.len() > 15 && text[15..].bytes().all(|b| b == b'0');
    let point = text.strip_suffix(".0").is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()));
    scientific || zeros || point
}

/// Whether whole numbers count rows: from 1 on, nearly without a gap.
pub(super) fn counts_rows(cells: &[&Cell]) -> bool {
    let numbers: Option<Vec<u64>> = cells.iter().map(|cell| cell.to_text().parse().ok()).collect();
    let Some(numbers) = numbers else { return false };
    let distinct: HashSet<u64> = numbers.iter().copied().collect();
    let many = distinct.len() as u64;
    let from_one = numbers.iter().min().is_some_and(|least| *least <= 1);
    let without_gaps = numbers.iter().max().is_some_and(|most| *most <= many * 5 / 4 + 1);
    from_one && without_gaps && distinct.len() * 4 >= numbers.len()
}

/// The first two numbers of 05/01/2026 and the sign between them.
pub(super) fn short_date(text: &str) -> Option<(u32, u32, char)> {
    let day = text.split_whitespace().next()?;
    let sign = day.chars().find(|c| ['/', '-', '.'].contains(c))?;
    let parts: Vec<&str> = day.split(sign).collect();
    let [a, b, year] = parts.as_slice() else { return None };
    let number = |t: &str| t.parse::<u32>().ok().filter(|n| t.len() <= 2 && (1..=31).contains(n));
    (year.len() == 4 && year.bytes().all(|b| b.is_ascii_digit())).then_some((
        number(a)?,
        number(b)?,
        sign,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_numbers() {
        for text in [
            "2.02601E+14",
            "9.99999e+17",
            "202601000.0",
            "2026010000000120000".get(..15).map(|h| format!("{h}000")).unwrap().as_str(),
        ] {
            assert!(is_damaged(&Cell::from_text(text)), "{text}");
        }
        for text in ["JF2026010001", "202601000123", "20260101000000012", "3.5", "E+5"] {
            assert!(!is_damaged(&Cell::from_text(text)), "{text}");
        }
        assert!(is_damaged(&Cell::Float(2.026e15)) && !is_damaged(&Cell::Float(30.0)));
    }

    #[test]
    fn numbers_that_count_rows() {
        let is = |numbers: &[&'static str]| {
            let cells: Vec<Cell> = numbers.iter().map(|n| Cell::from_text(n)).collect();
            counts_rows(&cells.iter().collect::<Vec<_>>())
        };
        assert!(is(&["1", "2", "3"]) && is(&["3", "2", "1"]) && is(&["1", "1", "2", "2"]));
        assert!(is(&["001", "002", "004"]));
        assert!(!is(&["1", "1", "1", "1", "1"]));
        assert!(!is(&["20260001", "20260002"]) && !is(&["1", "50", "99"]) && !is(&["A1", "A2"]));
    }

    #[test]
    fn dates_that_do_not_begin_with_the_year() {
        assert_eq!(short_date("05/01/2026"), Some((5, 1, '/')));
        assert_eq!(short_date("5-1-2026 8:05"), Some((5, 1, '-')));
        assert_eq!(short_date("31.12.2025"), Some((31, 12, '.')));
        for text in ["2026-01-05", "05/01/26", "1.2", "32/1/2026", "0937-330-0000", "05/01"] {
            assert_eq!(short_date(text), None, "{text}");
        }
    }
}
