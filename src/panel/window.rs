//! Window sums: numerators and denominators of every indicator over a period, areas rolled up (METHOD.md §2.1).

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use chrono::{Datelike, Days, NaiveDate};
use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::datatypes::{Date32Type, Int64Type};
use datafusion::common::HashMap;
use ndarray::Array2;

use super::feeds::Coverage;
use super::fold::{Places, runs, text};
use super::period::Period;
use crate::areas::{Area, Register};
use crate::error::Result;
use crate::lake::{AsOf, Lake, Limits, Session};

/// Numerators and denominators, each periods × areas, by domain, indicator and category.
pub type Sums = BTreeMap<[String; 3], [Array2<f64>; 2]>;

/// Sums the panel over periods and areas with all below them, leaving out the days a feed did not cover.
///
/// # Errors
/// [`crate::Error::Delta`], [`crate::Error::Query`].
pub fn window_sums(
    lake: &Lake,
    register: &Register,
    areas: &[&Area],
    periods: &[Period],
    coverage: &Coverage,
    as_of: &AsOf,
    limits: &Limits,
) -> Result<Sums> {
    let session = Session::new(lake, limits)?;
    register_panel(&session, lake, as_of)?;
    let within: Vec<String> = spans(periods).iter().map(|(a, b)| format!("day between date '{a}' and date '{b}'")).collect();
    let within = if within.is_empty() { "false".to_owned() } else { within.join(" or ") };
    let rows = session.sql(&format!("select domain, indicator, category, area_code, day, num, den from panel where {within}"))?;
    let (calendar, places) = (Calendar::of(periods, coverage), Places::of(register, areas));
    let mut sums = Sums::new();
    session.stream(rows, |batch| add(&mut sums, &batch, &calendar, &places))?;
    Ok(sums)
}

/// Adds rows of the panel to the sums of the periods and places they count towards.
fn add(sums: &mut Sums, batch: &RecordBatch, calendar: &Calendar, places: &Places) -> Result<()> {
    let [domains, indicators, categories, areas] = [text(batch, 0)?, text(batch, 1)?, text(batch, 2)?, text(batch, 3)?];
    let [domains, indicators] = [domains.as_string_view(), indicators.as_string_view()];
    let [categories, areas] = [categories.as_string_view(), areas.as_string_view()];
    let days = batch.column(4).as_primitive::<Date32Type>();
    let (nums, dens) = (batch.column(5).as_primitive::<Int64Type>(), batch.column(6).as_primitive::<Int64Type>());
    for ([domain, indicator], run) in runs([domains, indicators]) {
        let counting = calendar.days(domain);
        let mut of_category: HashMap<&str, [Array2<f64>; 2]> = HashMap::new();
        for (row, above) in places.above(areas, run) {
            let day = usize::try_from(days.value(row) - calendar.first).ok();
            let periods = day.and_then(|day| counting.get(day)).map_or(&[][..], Vec::as_slice);
            if periods.is_empty() || above.is_empty() {
                continue;
            }
            let zero = || Array2::zeros((calendar.count, places.count));
            let [num, den] = of_category.entry(categories.value(row)).or_insert_with(|| {
                let measure = [domain, indicator, categories.value(row)].map(str::to_owned);
                sums.remove(&measure).unwrap_or_else(|| [zero(), zero()])
            });
            for at in periods.iter().flat_map(|period| above.iter().map(|place| [*period, *place])) {
                num[at] += nums.value(row) as f64;
                den[at] += dens.value(row) as f64;
            }
        }
        sums.extend(of_category.into_iter().map(|(category, sum)| ([domain, indicator, category].map(str::to_owned), sum)));
    }
    Ok(())
}

/// The days that count.
struct Calendar {
    /// The first day of all periods, since 1970.
    first: i32,
    /// Of each domain and day from the first on, the positions of the periods in which it counts.
    periods: HashMap<&'static str, Vec<Vec<usize>>>,
    count: usize,
}

impl Calendar {
    fn of(periods: &[Period], coverage: &Coverage) -> Calendar {
        let first = periods.iter().map(|p| p.start).min().unwrap_or_default();
        let mut calendar = Calendar { first: Date32Type::from_naive_date(first), periods: HashMap::new(), count: periods.len() };
        for domain in coverage.feeds.keys().copied() {
            let days = calendar.periods.entry(domain).or_default();
            for (position, period) in periods.iter().enumerate() {
                for day in coverage.days(domain, period.start, period.end) {
                    let day = (day - first).num_days() as usize;
                    days.resize(days.len().max(day + 1), Vec::new());
                    days[day].push(position);
                }
            }
        }
        calendar
    }

    /// Of each day from the first on, the periods in which it counts for a domain.
    fn days(&self, domain: &str) -> &[Vec<usize>] {
        self.periods.get(domain).map_or(&[], Vec::as_slice)
    }
}

/// The days of the periods as few spans, in order: statistics prune by them what a night need not read.
fn spans(periods: &[Period]) -> Vec<(NaiveDate, NaiveDate)> {
    let mut days: Vec<(NaiveDate, NaiveDate)> = periods.iter().map(|p| (p.start, p.end)).collect();
    days.sort();
    let mut spans: Vec<(NaiveDate, NaiveDate)> = Vec::new();
    for (start, end) in days {
        match spans.last_mut() {
            Some(span) if start <= span.1 + Days::new(1) => span.1 = span.1.max(end),
            _ => spans.push((start, end)),
        }
    }
    spans
}

/// First days of the months in which the panel gained rows after one of its versions.
///
/// # Errors
/// [`crate::Error::Delta`], [`crate::Error::Query`].
pub fn touched_months(lake: &Lake, version: i64, limits: &Limits) -> Result<BTreeSet<NaiveDate>> {
    let panel = lake.derived("panel")?;
    let files: Vec<PathBuf> = panel.added_since(version)?.into_iter().map(|f| f.path).collect();
    let session = Session::new(lake, limits)?;
    session.register_files("added", panel.schema(), &files)?;
    let mut months = BTreeSet::new();
    session.stream(session.sql("select day from added")?, |batch| {
        let days = batch.column(0).as_primitive::<Date32Type>();
        months.extend(days.iter().flatten().filter_map(|day| Date32Type::to_naive_date_opt(day)?.with_day(1)));
        Ok(())
    })?;
    Ok(months)
}

/// First days of the months whose covered days are others than the `coverage` table still says.
///
/// # Errors
/// [`crate::Error::Delta`], [`crate::Error::Query`].
pub fn changed_months(lake: &Lake, coverage: &Coverage, limits: &Limits) -> Result<BTreeSet<NaiveDate>> {
    let session = Session::new(lake, limits)?;
    session.register_table("old", &lake.derived("coverage")?)?;
    let mut old = BTreeSet::new();
    session.stream(session.sql("select domain, day from old")?, |batch| {
        let (domains, days) = (text(&batch, 0)?, batch.column(1).as_primitive::<Date32Type>());
        let of_row = domains.as_string_view().iter().zip(days.iter());
        old.extend(of_row.filter_map(|(domain, day)| Some((domain?.to_owned(), Date32Type::to_naive_date_opt(day?)?))));
        Ok(())
    })?;
    let new = coverage.feeds.iter().flat_map(|(domain, (_, gaps))| gaps.iter().map(|gap| (domain.to_string(), gap.day))).collect();
    Ok(old.symmetric_difference(&new).filter_map(|(_, day)| day.with_day(1)).collect())
}

/// Registers `panel` as of then.
///
/// # Errors
/// [`crate::Error::Delta`], [`crate::Error::Query`].
pub fn register_panel(session: &Session, lake: &Lake, as_of: &AsOf) -> Result<()> {
    session.register_table("panel_files", &lake.derived("panel")?)?;
    session.register_view("panel", &format!("select * from panel_files where recorded_day <= date '{}'", as_of.day))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panel::Unit;

    fn day(s: &str) -> NaiveDate {
        s.parse().unwrap()
    }

    #[test]
    fn periods_that_touch_are_one_span() {
        let months = Unit::Month.periods(day("2025-01-01"), day("2025-06-30"));
        let trailing = Unit::Trailing.period(day("2025-06-10"), day("2025-06-10"));
        let some = [months[4].clone(), months[0].clone(), months[1].clone(), trailing];
        assert_eq!(spans(&some), [(day("2025-01-01"), day("2025-02-28")), (day("2025-05-01"), day("2025-06-10"))]);
    }
}
