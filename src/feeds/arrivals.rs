//! What each source of a domain delivered, day by day, read from the panel.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use chrono::NaiveDate;
use datafusion::arrow::array::{Array, StringArray};
use datafusion::arrow::datatypes::Date32Type;

use super::deliveries::{Feed, usual_shares};
use super::history::{Known, first_dense_day};
use crate::panel::{EVENTS, Places, Wanted, read};
use lake::schema::{Basis, Domain};
use lake::{AsOf, Lake, Limits, Result};

/// Longest recording delay that is looked at, in days.
const LONGEST_DELAY: usize = 60;

/// Days, up to the as-of day, in which a source's share of a domain and of a category is measured.
const A_YEAR: i32 = 365;

/// Days by which sources of which one is handed over to the other may overlap.
const OVERLAP: i32 = 7;
/// Days before and after a handing over that are compared, at most.
const COMPARED: i32 = 56;
/// Events before a handing over below which nothing is compared.
const FEW: f64 = 10.0;
/// What comes after a handing over is at least this share of what came before.
const ABOUT_AS_MANY: f64 = 0.5;

/// What arrived of one source of a domain.
pub struct Arrivals {
    /// Of each place its events by day since 1970; a day may come several times.
    by_place: Vec<Vec<(i32, f64)>>,
    /// Of each day its events by the day they became known.
    known: BTreeMap<i32, Vec<Known>>,
    /// Events of the last year of each category.
    categories: HashMap<String, f64>,
    /// Events of the last year.
    pub events: f64,
}

/// Adds up the panel's counts of events, by domain and source.
///
/// # Errors
/// [`lake::Error::Delta`], [`lake::Error::Query`].
pub fn read_arrivals(
    lake: &Lake,
    places: &Places,
    as_of: &AsOf,
    limits: &Limits,
) -> Result<BTreeMap<(&'static str, String), Arrivals>> {
    let mut of_source: BTreeMap<(&'static str, String), Arrivals> = BTreeMap::new();
    let year = Date32Type::from_naive_date(as_of.day) - A_YEAR;
    let events = Wanted { indicators: Some(vec![EVENTS.to_owned()]), days: None };
    let columns =
        ["area_code", "day", "recorded_day", "num", "category", "source", "recorded_basis"];
    read(lake, &events, &columns, as_of, limits, |rows| {
        let Some(domain) = Domain::find(&rows.domain) else { return Ok(()) };
        let above = places.above(rows.texts("area_code")?);
        let (categories, sources) = (rows.texts("category")?, rows.texts("source")?);
        let bases = rows.texts("recorded_basis")?;
        let (days, recorded, counts) =
            (rows.days("day")?, rows.days("recorded_day")?, rows.counts("num")?);
        // A row group is of few sources: each one's arrivals are taken out of the map once.
        let mut taken: Vec<Option<Open>> = vec![];
        taken.resize_with(sources.values.len(), || None);
        for row in 0..days.len() {
            let source = sources.keys[row] as usize;
            let open = taken[source].get_or_insert_with(|| {
                let key = (domain.id, sources.value(row).to_owned());
                let arrivals =
                    of_source.remove(&key).unwrap_or_else(|| Arrivals::none(places.count));
                Open::new(arrivals, categories.values.len())
            });
            let (day, n) = (days[row], counts[row] as f64);
            for place in above(row) {
                open.arrivals.count(*place, day, n);
            }
            let basis = Basis::find(bases.value(row));
            open.add(day, Known { recorded: recorded[row], basis, events: n });
            if day > year {
                open.categories[categories.keys[row] as usize] += n;
            }
        }
        for (source, open) in taken.into_iter().enumerate() {
            if let Some(open) = open {
                let key = (domain.id, sources.values.value(source).to_owned());
                of_source.insert(key, open.close(categories.values));
            }
        }
        Ok(())
    })?;
    Ok(of_source)
}

/// Arrivals of a source while the rows of a row group, which lie day by day, are added.
struct Open {
    arrivals: Arrivals,
    /// Events of the last year, by category of the row group.
    categories: Vec<f64>,
    /// The day of the rows that come now, and what became known of it.
    day: i32,
    known: Vec<Known>,
}

impl Open {
    fn new(arrivals: Arrivals, categories: usize) -> Open {
        Open { arrivals, categories: vec![0.0; categories], day: i32::MIN, known: Vec::new() }
    }

    fn add(&mut self, day: i32, known: Known) {
        if day != self.day {
            self.flush();
            self.day = day;
        }
        add_known(&mut self.known, known);
    }

    fn flush(&mut self) {
        if !self.known.is_empty() {
            let of_day = self.arrivals.known.entry(self.day).or_default();
            self.known.drain(..).for_each(|known| add_known(of_day, known));
        }
    }

    fn close(mut self, categories: &StringArray) -> Arrivals {
        self.flush();
        for (category, n) in self.categories.iter().enumerate().filter(|(_, n)| **n != 0.0) {
            let name = categories.value(category).to_owned();
            *self.arrivals.categories.entry(name).or_default() += n;
            self.arrivals.events += n;
        }
        self.arrivals
    }
}

fn add_known(of_day: &mut Vec<Known>, known: Known) {
    let same = |k: &&mut Known| k.recorded == known.recorded && k.basis == known.basis;
    match of_day.iter_mut().find(same) {
        Some(same) => same.events += known.events,
        None => of_day.push(known),
    }
}

impl Arrivals {
    fn none(places: usize) -> Arrivals {
        Arrivals {
            by_place: vec![Vec::new(); places],
            known: BTreeMap::new(),
            categories: HashMap::new(),
            events: 0.0,
        }
    }

    fn count(&mut self, place: usize, day: i32, n: f64) {
        match self.by_place[place].last_mut() {
            Some((last, sum)) if *last == day => *sum += n,
            _ => self.by_place[place].push((day, n)),
        }
    }

    /// First day of the feed, since 1970; `None` where there is no event.
    pub fn first(&self) -> Option<i32> {
        first_dense_day(&self.totals(i32::MAX))
    }

    /// Whether this source's events end where those of another begin, which are about as many.
    pub fn is_handed_over_to(&self, other: &Arrivals) -> bool {
        let (own, others) = (self.totals(i32::MAX), other.totals(i32::MAX));
        let (Some((ended, _)), Some(began), Some((last, _))) =
            (own.last().copied(), other.first(), others.last().copied())
        else {
            return false;
        };
        if began + OVERLAP <= ended {
            return false;
        }
        let days = (last - began + 1).min(COMPARED);
        let sum = |totals: &[(i32, f64)], first: i32| -> f64 {
            let within = totals.iter().filter(|(day, _)| (first..first + days).contains(day));
            within.map(|(_, n)| n).sum()
        };
        let (before, after) = (sum(&own, ended - days + 1), sum(&others, began));
        before < FEW || after >= ABOUT_AS_MANY * before
    }

    /// Adds what arrived of a source that this one was handed over to.
    pub fn extend(&mut self, other: Arrivals) {
        for (own, rows) in self.by_place.iter_mut().zip(other.by_place) {
            own.extend(rows);
        }
        for (day, known) in other.known {
            let of_day = self.known.entry(day).or_default();
            known.into_iter().for_each(|known| add_known(of_day, known));
        }
        for (category, n) in other.categories {
            *self.categories.entry(category).or_default() += n;
        }
        self.events += other.events;
    }

    /// Events of each day up to `last` that has any row.
    fn totals(&self, last: i32) -> Vec<(i32, f64)> {
        let days = self.known.range(..=last);
        let totals = days.map(|(day, known)| (*day, known.iter().map(|k| k.events).sum()));
        totals.filter(|(_, n)| *n > 0.0).collect()
    }

    /// Events of the last year of a category.
    pub fn of_category(&self, category: &str) -> f64 {
        self.categories.get(category).copied().unwrap_or(0.0)
    }

    /// Categories of the last year.
    pub fn categories(&self) -> impl Iterator<Item = &str> {
        self.categories.iter().filter(|(_, n)| **n > 0.0).map(|(category, _)| category.as_str())
    }

    /// Of each day its events by the day they became known.
    pub fn known(&self) -> &BTreeMap<i32, Vec<Known>> {
        &self.known
    }

    /// The counts of every day from the first of the feed to the last; `None` where there is none.
    /// `today` is the as-of day, `teaching` are the days that say how late the source reports.
    pub fn feed(
        &self,
        last: NaiveDate,
        today: NaiveDate,
        teaching: &BTreeSet<i32>,
    ) -> Option<Feed> {
        let last = Date32Type::from_naive_date(last);
        let first = first_dense_day(&self.totals(last))?;
        let mut by_area = vec![vec![0.0; (last - first + 1) as usize]; self.by_place.len()];
        for (counts, rows) in by_area.iter_mut().zip(&self.by_place) {
            for (day, n) in rows.iter().filter(|(day, _)| (first..=last).contains(day)) {
                counts[(day - first) as usize] += n;
            }
        }
        let total: Vec<f64> = (0..by_area[0].len())
            .map(|day| by_area.iter().map(|counts| counts[day]).sum())
            .collect();
        let reported = self.reported(Date32Type::from_naive_date(today), teaching);
        Some(Feed { first: Date32Type::to_naive_date_opt(first)?, total, by_area, reported })
    }

    /// Share of a day's events that is usually recorded by its end, by the end of the next day, and
    /// so on, from the year that ended sixty days ago.
    fn reported(&self, today: i32, teaching: &BTreeSet<i32>) -> Vec<f64> {
        let settled = today - LONGEST_DELAY as i32 - A_YEAR..=today - LONGEST_DELAY as i32;
        let mut events = 0.0;
        let mut by_delay = VecDeque::from(vec![0.0; LONGEST_DELAY + 1]);
        for (day, known) in self.known.range(settled).filter(|(day, _)| teaching.contains(day)) {
            for known in known {
                events += known.events;
                let delay = (known.recorded - day).max(0) as usize;
                if let Some(counted) = by_delay.get_mut(delay) {
                    *counted += known.events;
                }
            }
        }
        usual_shares(&by_delay, events)
    }
}
