//! The time column of a series: dates where they are dates, how many of them make a year, and
//! whether any is left out.

use chrono::{Datelike, NaiveDate};

use methods::Flaw;

/// What the labels of a series' time points say.
#[derive(Clone, Debug, PartialEq)]
pub struct Times {
    /// One a label, where every label is a date (`2015-01-31`, `2015/1/31`, `20150131`), a month
    /// (`2015-01`) or an ISO week (`2015-W05`).
    pub dates: Option<Vec<NaiveDate>>,
    /// Time points a year; none where the labels are no dates, or too few to tell.
    pub freq: Option<usize>,
}

impl Times {
    /// Reads the labels of one series, in order, and the lines of the table that they stand in.
    ///
    /// # Errors
    /// A [`Flaw`] where some labels are dates and one is none, where dates run backwards, repeat,
    /// or leave a time point out: a count that is not known is an empty cell, not a missing line.
    pub fn read(series: &str, labels: &[String], lines: &[usize]) -> Result<Times, Flaw> {
        let read: Vec<Option<NaiveDate>> = labels.iter().map(|l| date(l)).collect();
        if read.iter().all(Option::is_none) {
            return Ok(Times { dates: None, freq: None });
        }
        let of = if series.is_empty() { String::new() } else { format!("series \"{series}\": ") };
        let line = |at: usize| lines.get(at).copied().unwrap_or_default();
        if let Some(at) = read.iter().position(Option::is_none) {
            return Err(Flaw::new(
                format!("{of}line {}: \"{}\" is no date, as others are", line(at), labels[at]),
                "correct it; not every year has a week 53, nor every February 29 days",
            ));
        }
        let dates: Vec<NaiveDate> = read.into_iter().flatten().collect();
        if let Some(at) = dates.windows(2).position(|p| p[1] <= p[0]) {
            let what =
                format!("{of}line {}: {} comes after {}", line(at + 1), dates[at + 1], dates[at]);
            return Err(Flaw::new(what, "sort the lines by time, one line a time point"));
        }
        let freq = match STEPS
            .iter()
            .find(|step| dates.len() > 1 && dates.windows(2).any(|p| step.is_next(p[0], p[1])))
        {
            None => None,
            Some(step) => {
                if let Some(at) = dates.windows(2).position(|p| !step.is_next(p[0], p[1])) {
                    let what = format!(
                        "{of}line {}: {} follows {}, which is not the next {}",
                        line(at + 1),
                        dates[at + 1],
                        dates[at],
                        step.name
                    );
                    return Err(Flaw::new(
                        what,
                        "give every time point a line, with an empty cell where the figure is missing",
                    ));
                }
                Some(step.a_year)
            }
        };
        Ok(Times { dates: Some(dates), freq })
    }
}

/// A distance between time points.
struct Step {
    name: &'static str,
    a_year: usize,
    days: i64,
    months: i32,
}

/// The shorter first: a series of days also has pairs a week apart, but not the other way round.
const STEPS: [Step; 5] = [
    Step { name: "day", a_year: 365, days: 1, months: 0 },
    Step { name: "week", a_year: 52, days: 7, months: 0 },
    Step { name: "month", a_year: 12, days: 0, months: 1 },
    Step { name: "quarter", a_year: 4, days: 0, months: 3 },
    Step { name: "year", a_year: 1, days: 0, months: 12 },
];

impl Step {
    /// Days count; months do by their number, so that ends of months of any length follow each
    /// other.
    fn is_next(&self, a: NaiveDate, b: NaiveDate) -> bool {
        if self.days > 0 {
            return (b - a).num_days() == self.days;
        }
        let months = (b.year() - a.year()) * 12 + b.month0() as i32 - a.month0() as i32;
        let last = |d: NaiveDate| d.succ_opt().is_some_and(|next| next.month() != d.month());
        months == self.months && (a.day() == b.day() || last(a) && last(b))
    }
}

fn date(label: &str) -> Option<NaiveDate> {
    let whole = |format: &str| NaiveDate::parse_from_str(label, format).ok();
    let month = || NaiveDate::parse_from_str(&format!("{label}-01"), "%Y-%m-%d").ok();
    let week = || NaiveDate::parse_from_str(&format!("{label}-1"), "%G-W%V-%u").ok();
    let compact = || if label.len() == 8 { whole("%Y%m%d") } else { None };
    whole("%Y-%m-%d").or_else(|| whole("%Y/%m/%d")).or_else(compact).or_else(month).or_else(week)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(labels: &[&str]) -> Result<Times, Flaw> {
        let labels: Vec<String> = labels.iter().map(|l| (*l).to_owned()).collect();
        Times::read("s", &labels, &(2..2 + labels.len()).collect::<Vec<_>>())
    }

    #[test]
    fn days_weeks_months_and_their_ends_are_known() {
        let freq = |labels: &[&str]| read(labels).unwrap().freq;
        assert_eq!(freq(&["2015-01-31", "2015-02-01", "2015/2/2"]), Some(365));
        assert_eq!(freq(&["2015-W52", "2015-W53", "2016-W01"]), Some(52));
        assert_eq!(freq(&["2015-11", "2015-12", "2016-01"]), Some(12));
        assert_eq!(freq(&["2016-01-31", "2016-02-29", "2016-03-31", "2016-04-30"]), Some(12));
        assert_eq!(freq(&["20150331", "20150630", "20150930"]), Some(4));
        assert_eq!(freq(&["2015-01-01"]), None);
        assert_eq!(read(&["1", "2"]).unwrap(), Times { dates: None, freq: None });
    }

    #[test]
    fn a_time_point_left_out_or_out_of_order_is_told() {
        assert!(
            read(&["2015-01-05", "2015-01-12", "2015-01-26"])
                .unwrap_err()
                .what
                .contains("not the next week")
        );
        assert!(
            read(&["2015-01", "2015-03", "2015-04"])
                .unwrap_err()
                .what
                .contains("2015-03-01 follows 2015-01-01")
        );
        assert!(read(&["2015-01-05", "2015-01-05"]).unwrap_err().what.contains("comes after"));
    }

    #[test]
    fn one_label_that_is_no_date_among_dates_is_told_with_its_line() {
        // 2020 had a week 53, 2021 had not.
        assert_eq!(read(&["2020-W52", "2020-W53", "2021-W01"]).unwrap().freq, Some(52));
        for (labels, line, label) in [
            (&["2021-W51", "2021-W52", "2021-W53", "2022-W01"][..], 4, "2021-W53"),
            (&["2023-02-29", "2023-03-01", "2023-03-02"][..], 2, "2023-02-29"),
            (&["2023-01", "", "2023-03"][..], 3, ""),
            (&["2023-12", "2023-13"][..], 3, "2023-13"),
            (&["20230430", "20230431", "20230501"][..], 3, "20230431"),
        ] {
            let what = read(labels).unwrap_err().what;
            assert!(what.contains(&format!("series \"s\": line {line}: \"{label}\"")), "{what}");
        }
        let left_out = read(&["2020-W52", "2021-W01", "2021-W02"]).unwrap_err().what;
        assert!(
            left_out.contains("line 3") && left_out.contains("not the next week"),
            "{left_out}"
        );
        assert!(read(&["2020-01-02", "2020-01-01"]).unwrap_err().what.contains("line 3"));
    }
}
