//! Window sums: numerators and denominators of every indicator over a period, areas rolled up
//! (docs/method.md).

use lake::Derived;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;

use chrono::{Datelike, Days, NaiveDate};
use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::datatypes::Date32Type;
use ndarray::Array2;

use super::period::Period;
use super::places::Places;
use super::rows::{Rows, Wanted, read};
use lake::Result;
use lake::areas::{Area, Register};
use lake::{AsOf, Lake, Limits, Session};

/// Numerators and denominators, each periods × areas, by domain, measure (the panel's column
/// `indicator`) and category.
pub type Sums = BTreeMap<[String; 3], [Array2<f64>; 2]>;

/// Of each domain, the days that count in each of some periods, in the periods' order.
pub type CountedDays = BTreeMap<&'static str, Vec<Vec<NaiveDate>>>;

/// Sums the panel over periods and areas with all below them, on the days that count.
///
/// # Errors
/// [`lake::Error::Delta`], [`lake::Error::Query`].
pub fn window_sums(
    lake: &Lake,
    register: &Register,
    areas: &[&Area],
    periods: &[Period],
    counted: &CountedDays,
    as_of: &AsOf,
    limits: &Limits,
) -> Result<Sums> {
    let wanted = Wanted { indicators: None, days: Some(spans(periods)) };
    let (calendar, places) = (Calendar::new(periods, counted), Places::new(register, areas));
    let mut sums = Sums::new();
    let columns = ["indicator", "category", "area_code", "day", "num", "den"];
    read(lake, &wanted, &columns, as_of, limits, |rows| add(&mut sums, &rows, &calendar, &places))?;
    Ok(sums)
}

/// Adds rows of the panel to the sums of the periods and places they count towards.
fn add(sums: &mut Sums, rows: &Rows, calendar: &Calendar, places: &Places) -> Result<()> {
    let (categories, above) = (rows.texts("category")?, places.above(rows.texts("area_code")?));
    let (days, nums, dens) = (rows.days("day")?, rows.counts("num")?, rows.counts("den")?);
    let counting = calendar.days(&rows.domain);
    for (indicator, run) in rows.texts("indicator")?.runs() {
        let measure = |category: usize| {
            [&rows.domain, indicator, categories.values.value(category)].map(str::to_owned)
        };
        let mut of_category: Vec<Option<[Array2<f64>; 2]>> = vec![None; categories.values.len()];
        for row in run {
            let day = usize::try_from(days[row] - calendar.first).ok();
            let periods = day.and_then(|day| counting.get(day)).map_or(&[][..], Vec::as_slice);
            let above = above(row);
            if periods.is_empty() || above.is_empty() {
                continue;
            }
            let category = categories.keys[row] as usize;
            let zero = || Array2::zeros((calendar.count, places.count));
            let [num, den] = of_category[category].get_or_insert_with(|| {
                sums.remove(&measure(category)).unwrap_or_else(|| [zero(), zero()])
            });
            let living = || above.iter().filter(|place| places.lives(**place, days[row]));
            for at in periods.iter().flat_map(|period| living().map(|place| [*period, *place])) {
                num[at] += nums[row] as f64;
                den[at] += dens[row] as f64;
            }
        }
        sums.extend(
            of_category
                .into_iter()
                .enumerate()
                .filter_map(|(category, sum)| Some((measure(category), sum?))),
        );
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
    fn new(periods: &[Period], counted: &CountedDays) -> Calendar {
        let first = periods.iter().map(|p| p.start).min().unwrap_or_default();
        let mut calendar = Calendar {
            first: Date32Type::from_naive_date(first),
            periods: HashMap::new(),
            count: periods.len(),
        };
        for (domain, of_periods) in counted {
            let days = calendar.periods.entry(domain).or_default();
            for (position, counted) in of_periods.iter().enumerate() {
                for day in counted {
                    let day = (*day - first).num_days() as usize;
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

/// The days of the periods as few spans, in order: statistics prune by them what a night need not
/// read.
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
/// [`lake::Error::Delta`], [`lake::Error::Query`].
pub fn touched_months(lake: &Lake, version: i64, limits: &Limits) -> Result<BTreeSet<NaiveDate>> {
    let panel = lake.derived(Derived::Panel)?;
    let files: Vec<PathBuf> = panel.added_since(version)?.into_iter().map(|f| f.path).collect();
    let session = Session::new(lake, limits)?;
    session.register_files("added", panel.schema(), &files)?;
    let mut months = BTreeSet::new();
    session.stream(session.sql("select day from added")?, |batch| {
        let days = batch.column(0).as_primitive::<Date32Type>();
        months.extend(
            days.iter().flatten().filter_map(|day| Date32Type::to_naive_date_opt(day)?.with_day(1)),
        );
        Ok(())
    })?;
    Ok(months)
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
        assert_eq!(
            spans(&some),
            [(day("2025-01-01"), day("2025-02-28")), (day("2025-05-01"), day("2025-06-10"))]
        );
    }
}
