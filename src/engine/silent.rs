//! Areas and categories of which events came regularly, and come no more: what is missing of them
//! is no zero.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use datafusion::arrow::array::Array;
use datafusion::arrow::datatypes::Date32Type;

use super::open::Opened;
use super::remark::Remark;
use crate::feeds::{Coverage, RULED_OUT, surprise_of_none};
use crate::panel::{EVENTS, Places, Wanted, read};
use lake::Error;
use lake::areas::{Area, Register};

const YEAR: usize = 365;
/// Days that are looked at.
const LOOKED_AT: usize = 3 * YEAR;
/// Whole weeks of a category that say how its counts scatter.
const LEAST_WEEKS: usize = 8;

/// Names them, of the areas at a level.
///
/// # Errors
/// [`Error::Delta`], [`Error::Query`].
pub fn silences(opened: &Opened, level: &str, coverage: &Coverage) -> Result<Vec<Remark>, Error> {
    let today = opened.options.as_of.day;
    let areas: Vec<&Area> = opened.register.at_level(level).filter(|a| a.lives_on(today)).collect();
    let events = Events::read(opened, &opened.register, &areas)?;
    let mut remarks = events.silent_areas(&areas);
    remarks
        .extend(events.ended_categories(coverage, &|domain, code| category(opened, domain, code)));
    Ok(remarks)
}

/// A category as people know it, with its code.
fn category(opened: &Opened, domain: &str, code: &str) -> String {
    let taxonomy = opened.taxonomy().ok();
    let label = taxonomy.and_then(|taxonomy| taxonomy.category(domain, code));
    label.map_or_else(|| code.to_owned(), |label| format!("{label} ({code})"))
}

/// Events of each day up to the as-of day.
struct Events {
    /// The first day.
    first: NaiveDate,
    by_area: Vec<Vec<i64>>,
    /// By domain and category, of all areas.
    by_category: BTreeMap<(String, String), Vec<i64>>,
}

impl Events {
    fn read(opened: &Opened, register: &Register, areas: &[&Area]) -> Result<Events, Error> {
        let as_of = opened.options.as_of;
        let first = as_of.day - Days::new(LOOKED_AT as u64);
        let mut events = Events {
            first,
            by_area: vec![vec![0; LOOKED_AT + 1]; areas.len()],
            by_category: BTreeMap::new(),
        };
        let places = Places::new(register, areas);
        let wanted = Wanted {
            indicators: Some(vec![EVENTS.to_owned()]),
            days: Some(vec![(first, as_of.day)]),
        };
        let columns = ["area_code", "category", "day", "num"];
        let begin = Date32Type::from_naive_date(first);
        read(&opened.lake, &wanted, &columns, &as_of, &opened.options.limits, |rows| {
            let (above, categories) =
                (places.above(rows.texts("area_code")?), rows.texts("category")?);
            let mut of_categories = vec![Vec::new(); categories.values.len()];
            for (row, (day, n)) in rows.days("day")?.iter().zip(rows.counts("num")?).enumerate() {
                let day = (day - begin) as usize;
                for place in above(row) {
                    events.by_area[*place][day] += n;
                }
                let of_category = &mut of_categories[categories.keys[row] as usize];
                of_category.resize(LOOKED_AT + 1, 0);
                of_category[day] += n;
            }
            for (n, counts) in of_categories.iter().enumerate().filter(|(_, c)| !c.is_empty()) {
                let key = (rows.domain.clone(), categories.values.value(n).to_owned());
                let known = events.by_category.entry(key).or_insert_with(|| vec![0; LOOKED_AT + 1]);
                known.iter_mut().zip(counts).for_each(|(known, n)| *known += n);
            }
            Ok(())
        })?;
        Ok(events)
    }

    fn day(&self, number: usize) -> NaiveDate {
        self.first + Days::new(number as u64)
    }

    /// Areas of which no event of any domain has come for so long that chance is ruled out, by
    /// their events of the year before: they may have been merged or abolished.
    fn silent_areas(&self, areas: &[&Area]) -> Vec<Remark> {
        let remark = |(area, counts): (&&Area, &Vec<i64>)| {
            let end = counts.iter().rposition(|n| *n > 0)?;
            let a_year: i64 = counts[..=end].iter().rev().take(YEAR).sum();
            let expected = a_year as f64 / YEAR as f64 * (counts.len() - 1 - end) as f64;
            (surprise_of_none(expected, 1.0) >= RULED_OUT).then(|| {
                let (name, since) = (&area.name, self.day(end));
                Remark::note(
                    "areas.csv",
                    format!(
                        "no event of any domain has come of {name} since {since}, {expected:.0} \
                         were to be expected"
                    ),
                    "if it was merged or abolished, give valid_to and successor: what is missing \
                     is no zero",
                )
            })
        };
        // Where the feeds as a whole stopped, no area did.
        let remarks: Vec<Remark> = areas.iter().zip(&self.by_area).filter_map(remark).collect();
        if remarks.len() < areas.len() { remarks } else { Vec::new() }
    }

    /// Categories of which no event has come for so long that chance is ruled out, while their
    /// domain's feed goes on: they may have been recoded, or their department has stopped.
    fn ended_categories(
        &self,
        coverage: &Coverage,
        name: &dyn Fn(&str, &str) -> String,
    ) -> Vec<Remark> {
        let mut counted: BTreeMap<&str, Vec<bool>> = BTreeMap::new();
        for domain in coverage.feeds.keys() {
            let mut days = vec![false; LOOKED_AT + 1];
            for day in coverage.days(domain, self.first, self.day(LOOKED_AT)) {
                days[(day - self.first).num_days() as usize] = true;
            }
            counted.insert(domain, days);
        }
        let remark = |((domain, code), counts): (&(String, String), &Vec<i64>)| {
            let (end, expected) = ended(counts, counted.get(domain.as_str())?)?;
            let (name, since) = (name(domain, code), self.day(end));
            Some(Remark::note(
                domain.as_str(),
                format!(
                    "no {name} has come since {since}, {expected:.0} were to be expected, and the \
                     domain's feed goes on"
                ),
                "if departments code it otherwise now, map their new word to it under \
                 [words.category]; if its department has stopped, what is missing is no zero",
            ))
        };
        self.by_category.iter().filter_map(remark).collect()
    }
}

/// The day of the last event, and how many were to be expected since, where chance is ruled out;
/// `counted` are the days on which the domain's feed counts.
///
/// As many are expected as the year before the last event brought a day, but no more than came in
/// the same days of the year before, where those are known: a season that is over is no end. Counts
/// are negative binomial, with the scatter of that year's weeks.
fn ended(counts: &[i64], counted: &[bool]) -> Option<(usize, f64)> {
    let end = counts.iter().rposition(|n| *n > 0)?;
    let begin = counts.iter().position(|n| *n > 0)?;
    let year = (end + 1).saturating_sub(YEAR)..end + 1;
    let events = |days: std::ops::Range<usize>| -> f64 {
        days.filter(|day| counted[*day]).map(|day| counts[day] as f64).sum()
    };
    let days = year.clone().filter(|day| counted[*day]).count().max(1) as f64;
    let since = counted[end + 1..].iter().filter(|counted| **counted).count() as f64;
    let mut expected = events(year.clone()) / days * since;
    if begin + YEAR <= end + 1 {
        expected = expected.min(events(end + 1 - YEAR..(counts.len() - YEAR).min(end + 1)));
    }
    let weeks: Vec<f64> = year
        .rev()
        .collect::<Vec<_>>()
        .chunks_exact(7)
        .filter(|week| week.iter().all(|day| counted[*day]))
        .map(|week| week.iter().map(|day| counts[*day] as f64).sum())
        .collect();
    (weeks.len() >= LEAST_WEEKS && surprise_of_none(expected, dispersion(&weeks)) >= RULED_OUT)
        .then_some((end, expected))
}

/// Variance over mean, at least 1.
fn dispersion(counts: &[f64]) -> f64 {
    let n = counts.len() as f64;
    let mean = counts.iter().sum::<f64>() / n;
    let variance = counts.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
    if mean > 0.0 { (variance / mean).max(1.0) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One event a day on the days that are told.
    fn on(days: impl Fn(usize) -> bool) -> Vec<i64> {
        (0..=LOOKED_AT).map(|day| i64::from(days(day))).collect()
    }

    #[test]
    fn what_came_daily_and_comes_no_more_has_ended() {
        let all = vec![true; LOOKED_AT + 1];
        let ends = |day: usize| ended(&on(|d| d <= day), &all).map(|(end, n)| (end, n.round()));
        assert_eq!(ends(LOOKED_AT), None);
        assert_eq!(ends(LOOKED_AT - 13), None);
        assert_eq!(ends(LOOKED_AT - 14), Some((LOOKED_AT - 14, 14.0)));
        assert_eq!(ends(LOOKED_AT - 400), Some((LOOKED_AT - 400, 365.0)));
        // One in ten days needs longer.
        assert_eq!(ended(&on(|d| d <= 1000 && d % 10 == 0), &all), None);
        assert!(ended(&on(|d| d <= 900 && d % 10 == 0), &all).is_some());
    }

    #[test]
    fn days_that_do_not_count_are_no_silence() {
        let counts = on(|d| d <= LOOKED_AT - 40);
        let feed: Vec<bool> = (0..=LOOKED_AT).map(|d| d <= LOOKED_AT - 30).collect();
        assert_eq!(ended(&counts, &feed), None);
    }

    #[test]
    fn a_season_that_is_over_is_no_end_and_one_that_does_not_come_again_is() {
        let all = vec![true; LOOKED_AT + 1];
        // Half a year of events, half a year without, up to the end of the third season.
        let season = |d: usize| (LOOKED_AT - d) % YEAR >= YEAR / 2;
        assert_eq!(ended(&on(season), &all), None);
        assert!(ended(&on(|d| season(d) && d < 2 * YEAR), &all).is_some());
    }

    #[test]
    fn an_outbreak_is_no_regular_coming() {
        let all = vec![true; LOOKED_AT + 1];
        let mut counts = on(|d| d == 100 || d == 500);
        counts[800] = 300;
        assert_eq!(ended(&counts, &all), None);
    }
}
