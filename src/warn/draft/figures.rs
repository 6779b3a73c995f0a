//! How figures are written in letters: counts whole, expected figures, points and percentages with
//! one decimal, never a 0 for what is missing.

use chrono::{Datelike, Months, NaiveDate};

/// A count, whole where it is; what is expected of counts has one decimal where it is not.
pub(super) fn count(x: f64) -> String {
    let whole = x.round();
    if (x - whole).abs() < 1e-9 { format!("{}", whole + 0.0) } else { decimal(x) }
}

/// With one decimal, and no minus before a zero.
pub(super) fn decimal(x: f64) -> String {
    let text = format!("{x:.1}");
    if text == "-0.0" { "0.0".to_owned() } else { text }
}

/// By how much a figure differs from an earlier one that is not zero.
pub(super) fn percent(now: f64, then: f64) -> String {
    format!("{}%", decimal(100.0 * (now / then - 1.0).abs()))
}

/// A probability: three decimals, or that it is smaller.
pub(super) fn probability(p: f64) -> String {
    if p < 0.001 { "小于0.001".to_owned() } else { format!("{p:.3}") }
}

/// A day within the year the letter is written in, or with its own year.
pub(super) fn day(date: NaiveDate, written: NaiveDate) -> String {
    match date.year() == written.year() {
        true => format!("{}月{}日", date.month(), date.day()),
        false => format!("{}年{}月{}日", date.year(), date.month(), date.day()),
    }
}

/// Days in a row, without what the second has in common with the first; each with its year where it
/// is not the one they are `written` in.
pub(super) fn days(from: NaiveDate, to: NaiveDate, written: Option<NaiveDate>) -> String {
    let year = |date: NaiveDate| match written.is_some_and(|w| w.year() == date.year()) {
        true => String::new(),
        false => format!("{}年", date.year()),
    };
    let first = format!("{}{}月{}日", year(from), from.month(), from.day());
    match (from.year() == to.year(), from.month() == to.month()) {
        _ if from == to => first,
        (true, true) => format!("{first}至{}日", to.day()),
        (true, false) => format!("{first}至{}月{}日", to.month(), to.day()),
        (false, _) => format!("{first}至{}{}月{}日", year(to), to.month(), to.day()),
    }
}

/// `2025-12` as 2025年12月; as it is where it is no month.
pub(super) fn month(period: &str) -> String {
    let parts = period
        .split_once('-')
        .and_then(|(year, month)| Some((year.parse::<i32>().ok()?, month.parse::<u32>().ok()?)));
    parts.map_or(period.to_owned(), |(year, month)| format!("{year}年{month}月"))
}

/// First and last day of `2025-12`; `None` where it is no month.
pub(super) fn days_of_month(period: &str) -> Option<(NaiveDate, NaiveDate)> {
    let first: NaiveDate = format!("{period}-01").parse().ok()?;
    let next = first.checked_add_months(Months::new(1))?;
    Some((first, next.pred_opt()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_as_in_letters() {
        assert_eq!(
            [19.0, 0.0, -0.0, 6.25, 118.0, 1e6].map(count),
            ["19", "0", "0", "6.2", "118", "1000000"]
        );
        assert_eq!([-0.04, 2.0, 12.34].map(decimal), ["0.0", "2.0", "12.3"]);
        assert_eq!(
            (percent(19.0, 8.0), percent(4.0, 8.0)),
            ("137.5%".to_owned(), "50.0%".to_owned())
        );
        assert_eq!(
            [0.0, 0.0009, 0.001, 0.0456].map(probability),
            ["小于0.001", "小于0.001", "0.001", "0.046"]
        );
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(day(date("2026-01-05"), date("2026-02-01")), "1月5日");
        assert_eq!(day(date("2025-12-05"), date("2026-02-01")), "2025年12月5日");
        let said = |from, to, written: Option<&str>| days(date(from), date(to), written.map(date));
        let in_26 = Some("2026-02-01");
        assert_eq!(said("2026-01-05", "2026-01-05", in_26), "1月5日");
        assert_eq!(said("2026-01-05", "2026-01-07", in_26), "1月5日至7日");
        assert_eq!(said("2025-11-30", "2025-12-02", in_26), "2025年11月30日至12月2日");
        assert_eq!(said("2025-12-30", "2026-01-02", in_26), "2025年12月30日至1月2日");
        assert_eq!(said("2026-01-05", "2026-01-07", None), "2026年1月5日至7日");
        assert_eq!(said("2025-12-30", "2026-01-02", None), "2025年12月30日至2026年1月2日");
        assert_eq!(
            (month("2025-02"), month("2025-Q1")),
            ("2025年2月".to_owned(), "2025-Q1".to_owned())
        );
    }
}
