//! Columns for what moves with the lunar calendar, and for swapped working days, on daily, weekly
//! and monthly series alike.
//!
//! As X-13ARIMA-SEATS's `genhol` does (U.S. Census Bureau): the days before, during and after the
//! Spring Festival are one column each, whose value is the share of a time point's days that fall
//! into it. The columns are not centred on the calendar's average, so that harmonics beside them
//! mean the season of an ordinary year.

use chrono::{Datelike, Days, Months, NaiveDate};
use ndarray::Array2;

use crate::calendar::spring_festival;

/// Columns of a design, by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Regressors {
    pub names: Vec<String>,
    /// Time points × columns, as long as the calendar; finite.
    pub values: Array2<f64>,
}

impl Regressors {
    /// No columns, of so many time points.
    pub fn none(points: usize) -> Regressors {
        Regressors { names: Vec::new(), values: Array2::zeros((points, 0)) }
    }

    /// These columns and then the others, of the same time points.
    pub fn join(&self, other: &Regressors) -> Regressors {
        let (rows, left) = self.values.dim();
        let value = |(t, c): (usize, usize)| {
            if c < left {
                self.values[[t, c]]
            } else {
                other.values.get([t, c - left]).copied().unwrap_or(0.0)
            }
        };
        Regressors {
            names: self.names.iter().chain(&other.names).cloned().collect(),
            values: Array2::from_shape_fn((rows, left + other.names.len()), value),
        }
    }
}

/// A column: its name, and its first and last day counted from the first day of the lunar year.
pub type Period = (&'static str, i64, i64);

/// Six weeks in which wages fall due and are fought over, in two halves, in the second of which
/// people travel home; New Year's Eve and the week of rest; the fortnight to the Lantern Festival.
pub const FESTIVAL: [Period; 4] = [
    ("festival_early", -42, -22),
    ("festival_before", -21, -2),
    ("festival", -1, 6),
    ("festival_after", 7, 20),
];

/// The columns of [`FESTIVAL`] for time points that begin on the given days, which are in order.
pub fn spring_festival_regressors(dates: &[NaiveDate]) -> Regressors {
    periods(dates, &FESTIVAL)
}

/// Columns of any periods around the Spring Festival.
pub fn periods(dates: &[NaiveDate], periods: &[Period]) -> Regressors {
    let mut values = Array2::zeros((dates.len(), periods.len()));
    for (i, (first, length)) in spans(dates).into_iter().enumerate() {
        for year in first.year() - 1..=first.year() + 1 {
            let Some(festival) = spring_festival(year) else { continue };
            let from = (first - festival).num_days();
            for (j, (_, begin, end)) in periods.iter().enumerate() {
                let shared = (*end).min(from + length - 1) - (*begin).max(from) + 1;
                values[[i, j]] += shared.max(0) as f64 / length as f64;
            }
        }
    }
    Regressors { names: periods.iter().map(|(name, ..)| (*name).to_owned()).collect(), values }
}

/// The columns `rest` and `worked`: the share of days on which offices rest though it is a working
/// day of the week, or work though it is not (调休), as the State Council announces them each year.
pub fn swapped_days(dates: &[NaiveDate], rest: &[NaiveDate], worked: &[NaiveDate]) -> Regressors {
    let mut values = Array2::zeros((dates.len(), 2));
    for (i, (first, length)) in spans(dates).into_iter().enumerate() {
        for (j, days) in [rest, worked].into_iter().enumerate() {
            let within =
                days.iter().filter(|day| (0..length).contains(&(**day - first).num_days())).count();
            values[[i, j]] = within as f64 / length as f64;
        }
    }
    Regressors { names: vec!["rest".to_owned(), "worked".to_owned()], values }
}

/// First day and number of days of each time point: to the next one; the last is as long as its
/// kind is (a calendar month, or as the one before).
fn spans(dates: &[NaiveDate]) -> Vec<(NaiveDate, i64)> {
    let ends = dates.iter().skip(1).copied().chain(dates.last().map(|last| after(dates, *last)));
    dates.iter().zip(ends).map(|(first, end)| (*first, (end - *first).num_days().max(1))).collect()
}

fn after(dates: &[NaiveDate], last: NaiveDate) -> NaiveDate {
    let before = dates.len().checked_sub(2).map_or(1, |i| (last - dates[i]).num_days().max(1));
    let month = last
        .checked_add_months(Months::new(1))
        .filter(|_| (28..=31).contains(&before) && last.day() == 1);
    month.or_else(|| last.checked_add_days(Days::new(before as u64))).unwrap_or(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn every_year_s_days_are_shared_out_whatever_the_step() {
        let daily: Vec<NaiveDate> = day(2023, 7, 1).iter_days().take(366).collect();
        let weekly: Vec<NaiveDate> = daily.iter().copied().step_by(7).collect();
        let monthly: Vec<NaiveDate> = (0..12).map(|m| day(2023, 7, 1) + Months::new(m)).collect();
        for dates in [daily, weekly, monthly] {
            let extra = spring_festival_regressors(&dates);
            let days = |c: usize| -> f64 {
                spans(&dates)
                    .iter()
                    .enumerate()
                    .map(|(i, (_, n))| extra.values[[i, c]] * *n as f64)
                    .sum()
            };
            for (c, expected) in [21.0, 20.0, 8.0, 14.0].into_iter().enumerate() {
                assert!((days(c) - expected).abs() < 1e-9, "{} {c}: {}", dates.len(), days(c));
            }
        }
    }

    #[test]
    fn the_festival_moves() {
        let at = |d: NaiveDate| {
            spring_festival_regressors(&[d, d + Days::new(1)]).values.row(0).to_vec()
        };
        assert_eq!(at(day(2025, 1, 28)), [0.0, 0.0, 1.0, 0.0]);
        assert_eq!(at(day(2024, 1, 28)), [0.0, 1.0, 0.0, 0.0]);
        assert_eq!(at(day(2023, 1, 29)), [0.0, 0.0, 0.0, 1.0]);
        assert_eq!(at(day(2024, 12, 31)), [1.0, 0.0, 0.0, 0.0]);
        assert_eq!(at(day(2024, 10, 31)), [0.0; 4]);
    }

    #[test]
    fn swapped_days_are_counted_and_stand_beside_the_festival() {
        let dates = [day(2025, 1, 26), day(2025, 1, 27), day(2025, 1, 28)];
        let extra = spring_festival_regressors(&dates).join(&swapped_days(
            &dates,
            &[dates[2]],
            &[dates[0]],
        ));
        assert_eq!(extra.names.len(), 6);
        assert_eq!(extra.values.column(4).to_vec(), [0.0, 0.0, 1.0]);
        assert_eq!(extra.values.column(5).to_vec(), [1.0, 0.0, 0.0]);
        assert_eq!(spring_festival_regressors(&[]).values.dim(), (0, 4));
    }
}
