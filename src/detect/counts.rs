//! The panel's counts of the watched indicators, read once for all methods.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use datafusion::arrow::datatypes::Date32Type;
use ndarray::Array2;

use super::settings::Settings;
use super::watch::{Key, Weeks};
use crate::job::Job;
use crate::panel::{self, Places, Rows, Wanted};
use lake::Result;
use lake::areas::{Area, Register};
use methods::detect::delay::Increment;

/// How many days, up to the as-of day, are counted day by day.
#[derive(Clone, Copy, Debug)]
pub struct Days {
    /// By day of event and day of recording.
    pub recorded: usize,
    /// By area and day of event.
    pub of_area: usize,
}

/// Counts of each domain's watched indicator, as they were known at the as-of time.
#[derive(Debug, Default)]
pub struct Counts {
    /// Events of each series on the days delivered, one figure a week; series of all categories
    /// together and of each. A series without a row in the panel is left out.
    pub weekly: BTreeMap<Key, Vec<f64>>,
    /// Net reports of the whole county by day of event and day of recording, from the first of the
    /// last days on.
    pub recorded: BTreeMap<String, Vec<Increment>>,
    /// Events of the last days, areas of the watched level in the register's order × days, by
    /// domain and category, and of all categories together; only those with any.
    pub daily: BTreeMap<(String, String), Array2<u32>>,
}

/// Reads the counts of some domains.
///
/// # Errors
/// [`lake::Error::Delta`], [`lake::Error::Query`].
pub fn read(
    job: &Job,
    settings: &Settings,
    of: &BTreeSet<&'static str>,
    weeks: Weeks,
    days: Days,
) -> Result<Counts> {
    let mut areas: Vec<&Area> = watched_areas(job.register, settings, weeks.last).collect();
    let of_level = areas.len();
    let root = job.register.root();
    if root.level != settings.level {
        areas.push(root);
    }
    let places = Places::new(job.register, &areas);
    let mut domains: BTreeMap<&'static str, Domain> =
        of.iter().map(|d| (*d, Domain::new(d, job, weeks, days, of_level))).collect();
    let Some(first) = domains.values().map(|d| d.first).min() else { return Ok(Counts::default()) };
    let wanted = Wanted {
        indicators: Some(
            settings.watch.values().cloned().collect::<BTreeSet<String>>().into_iter().collect(),
        ),
        days: Some(vec![(Date32Type::to_naive_date_opt(first).unwrap_or_default(), weeks.last)]),
    };
    let columns = ["indicator", "category", "area_code", "day", "recorded_day", "num", "source"];
    let totals = |domain: &str, source: &str| {
        job.coverage.feeds.get(domain).is_some_and(|feed| feed.totals().any(|name| name == source))
    };
    panel::read(job.lake, &wanted, &columns, &job.as_of, job.limits, |rows| {
        add(&mut domains, &rows, settings, &places, &totals)
    })?;
    let mut counts = Counts::default();
    for (id, domain) in domains {
        let feed = job.coverage.feeds.get(id);
        let begins = |category: &str| feed.and_then(|feed| feed.begins(category));
        domain.finish(id, &areas, weeks, &begins, &mut counts);
    }
    Ok(counts)
}

/// The areas of the watched level that live on a day, in the register's order.
pub fn watched_areas<'a>(
    register: &'a Register,
    settings: &'a Settings,
    day: NaiveDate,
) -> impl Iterator<Item = &'a Area> {
    register.at_level(&settings.level).filter(move |a| a.lives_on(day))
}

/// Adds rows of the panel to the counts of their domain.
fn add(
    domains: &mut BTreeMap<&'static str, Domain>,
    rows: &Rows,
    settings: &Settings,
    places: &Places,
    totals: &dyn Fn(&str, &str) -> bool,
) -> Result<()> {
    let (Some(domain), Some(watched)) =
        (domains.get_mut(rows.domain.as_str()), settings.watch.get(&rows.domain))
    else {
        return Ok(());
    };
    let (categories, above) = (rows.texts("category")?, places.above(rows.texts("area_code")?));
    let (days, recorded, counts) =
        (rows.days("day")?, rows.days("recorded_day")?, rows.counts("num")?);
    let mut living: Vec<usize> = Vec::new();
    // A total is known of its month alone: it is of no day and no week.
    let sources = rows.texts("source")?;
    let of_events: Vec<bool> = sources
        .values
        .iter()
        .map(|source| source.is_none_or(|source| !totals(&rows.domain, source)))
        .collect();
    for (_, run) in rows.texts("indicator")?.runs().filter(|(indicator, _)| indicator == watched) {
        for row in run.filter(|row| of_events[sources.keys[*row] as usize]) {
            living.clear();
            living.extend(above(row).iter().filter(|place| places.lives(**place, days[row])));
            domain.add(categories.value(row), &living, days[row], recorded[row], counts[row]);
        }
    }
    Ok(())
}

/// One domain's counts while they are read.
struct Domain {
    /// The first day read, since 1970.
    first: i32,
    /// The week in which each day from the first on counts.
    week: Vec<Option<u32>>,
    weeks: usize,
    /// Of each category and place one figure a week; empty where there is no row.
    weekly: Vec<(String, Vec<Vec<f64>>)>,
    /// Place of the first of the last days among the days read, and net reports by day of event and
    /// of recording from it on.
    recorded: (i32, Array2<i64>),
    /// The same, and of each category events by area and day.
    daily: (i32, Vec<(String, Array2<i64>)>),
    areas: usize,
    days: usize,
}

impl Domain {
    fn new(id: &str, job: &Job, weeks: Weeks, days: Days, areas: usize) -> Domain {
        let last = Date32Type::from_naive_date(weeks.last);
        let begin = Date32Type::from_naive_date(weeks.start(0));
        let (recorded, daily) = (last + 1 - days.recorded as i32, last + 1 - days.of_area as i32);
        let first = begin.min(recorded).min(daily);
        let mut week = vec![None; (last + 1 - first) as usize];
        for day in job.coverage.delivered(id, weeks.start(0), weeks.last) {
            let day = Date32Type::from_naive_date(day);
            week[(day - first) as usize] = Some(((day - begin) / 7) as u32);
        }
        Domain {
            first,
            week,
            weeks: weeks.count,
            weekly: Vec::new(),
            recorded: (recorded, Array2::zeros((days.recorded, days.recorded))),
            daily: (daily, Vec::new()),
            areas,
            days: days.of_area,
        }
    }

    fn add(&mut self, category: &str, above: &[usize], day: i32, recorded: i32, n: i64) {
        let offset = |from: i32, day: i32| usize::try_from(day - from).ok();
        let net = offset(self.recorded.0, day)
            .map(|day| [day, offset(self.recorded.0, recorded).unwrap_or(0)]);
        if let Some(cell) = net.and_then(|at| self.recorded.1.get_mut(at)) {
            *cell += n;
        }
        if let Some(day) = offset(self.daily.0, day) {
            let blank = || Array2::zeros((self.areas, self.days));
            let daily = of_category(&mut self.daily.1, category, blank);
            for area in above {
                if let Some(cell) = daily.get_mut([*area, day]) {
                    *cell += n;
                }
            }
        }
        let Some(week) =
            offset(self.first, day).and_then(|day| self.week.get(day).copied().flatten())
        else {
            return;
        };
        let of_place = of_category(&mut self.weekly, category, Vec::new);
        for place in above {
            if of_place.len() <= *place {
                of_place.resize(place + 1, Vec::new());
            }
            let counts = &mut of_place[*place];
            if counts.is_empty() {
                counts.resize(self.weeks, 0.0);
            }
            if let Some(count) = counts.get_mut(week as usize) {
                *count += n as f64;
            }
        }
    }

    /// `begins` is the day before which a category is not known.
    fn finish(
        self,
        id: &'static str,
        areas: &[&Area],
        weeks: Weeks,
        begins: &dyn Fn(&str) -> Option<NaiveDate>,
        all: &mut Counts,
    ) {
        for (category, of_place) in self.weekly {
            let unknown = begins(&category).map_or(0, |day| {
                (0..weeks.count).take_while(|week| weeks.start(*week) < day).count()
            });
            for (area, mut counts) in
                areas.iter().zip(of_place).filter(|(_, counts)| !counts.is_empty())
            {
                mask_outside_life(area, weeks, &mut counts);
                let key = |category: &str| Key {
                    area: area.code.clone(),
                    domain: id.to_owned(),
                    category: category.to_owned(),
                };
                let sums = all.weekly.entry(key("")).or_insert_with(|| vec![0.0; weeks.count]);
                sums.iter_mut().zip(&counts).for_each(|(sum, n)| *sum += n);
                if !category.is_empty() {
                    counts[..unknown].fill(f64::NAN);
                    all.weekly.insert(key(&category), counts);
                }
            }
        }
        let net = self.recorded.1.indexed_iter().filter(|(_, n)| **n != 0);
        let increments: Vec<Increment> =
            net.map(|((day, recorded), n)| Increment { day, recorded, num: *n as f64 }).collect();
        if !increments.is_empty() {
            all.recorded.insert(id.to_owned(), increments);
        }
        let mut together = Array2::zeros((self.areas, self.days));
        // The scan holds an area's days against each other: one that has not lived through all of
        // them would be a cluster of its own.
        let first = weeks.last - chrono::Days::new(self.days.saturating_sub(1) as u64);
        for (category, mut daily) in self.daily.1 {
            for (area, mut days) in areas.iter().zip(daily.rows_mut()) {
                if !area.lives_on(first) {
                    days.fill(0);
                }
            }
            together += &daily;
            if !category.is_empty() {
                insert_daily(all, id, category, &daily);
            }
        }
        insert_daily(all, id, String::new(), &together);
    }
}

/// The counts of a category; a domain has few, and a linear search is faster than a hash.
fn of_category<'a, T>(
    counts: &'a mut Vec<(String, T)>,
    category: &str,
    blank: impl FnOnce() -> T,
) -> &'a mut T {
    let known = counts.iter().position(|(of, _)| of == category).unwrap_or(counts.len());
    if known == counts.len() {
        counts.push((category.to_owned(), blank()));
    }
    &mut counts[known].1
}

/// Takes the days of a category over, where it has any event.
fn insert_daily(all: &mut Counts, domain: &str, category: String, daily: &Array2<i64>) {
    if daily.iter().any(|n| *n > 0) {
        let counts = daily.mapv(|n| u32::try_from(n.max(0)).unwrap_or(u32::MAX));
        all.daily.insert((domain.to_owned(), category), counts);
    }
}

/// Weeks that begin outside an area's life become NaN: they are not known, and no zeros.
fn mask_outside_life(area: &Area, weeks: Weeks, counts: &mut [f64]) {
    for (week, count) in counts.iter_mut().enumerate() {
        if !area.lives_on(weeks.start(week)) {
            *count = f64::NAN;
        }
    }
}
