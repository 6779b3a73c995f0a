//! What is known of a simulated county on a night: the part of its ledger that has been recorded by
//! then, never more.

use std::collections::{BTreeMap, VecDeque};

use chrono::{Days, NaiveDate};
use methods::detect::delay::Increment;
use methods::detect::neighbours::Neighbours;
use ndarray::Array2;
use pingan::detect::watch::{Watched, Weeks};
use pingan::detect::{Settings, clusters};
use pingan::feeds::{Coverage, DomainFeed, Feed, assess, lateness, usual_shares};
use pingan::synth::{Entry, Simulated};

/// Longest delay looked at where a feed's usual one is sought, and days of occurrence it is sought
/// in: as the panel does.
const LONGEST_DELAY: usize = 60;
const A_YEAR: i64 = 365;

/// The ledger up to a night.
pub struct Known<'a> {
    pub county: &'a Simulated,
    /// The first day of the calendar, and the last one known.
    first: NaiveDate,
    pub night: NaiveDate,
    taken: usize,
    /// Events of each domain and category, townships × days of the calendar.
    counts: BTreeMap<(&'static str, &'static str), Array2<f64>>,
}

impl<'a> Known<'a> {
    /// Nothing is known yet; the calendar runs from the first day of an event to `last`.
    pub fn new(county: &'a Simulated, last: NaiveDate) -> Known<'a> {
        let first = county.entries.iter().map(|e| e.day).min().unwrap_or(last);
        let shape = (county.townships.len(), (last - first).num_days() as usize + 1);
        let mut counts = BTreeMap::new();
        for entry in &county.entries {
            counts.entry((entry.domain, entry.category)).or_insert_with(|| Array2::zeros(shape));
        }
        Known { county, first, night: first, taken: 0, counts }
    }

    /// Takes in what is recorded up to a night.
    pub fn up_to(&mut self, night: NaiveDate) {
        self.night = night;
        while let Some(entry) = self.county.entries.get(self.taken).filter(|e| e.recorded <= night)
        {
            let at = [entry.township, self.position(entry.day)];
            if let Some(cell) = self
                .counts
                .get_mut(&(entry.domain, entry.category))
                .and_then(|counts| counts.get_mut(at))
            {
                *cell += entry.num;
            }
            self.taken += 1;
        }
    }

    /// Which days of each feed count, judged as `detect` has them judged.
    pub fn coverage(&self) -> Coverage {
        let days = self.position(self.night) + 1;
        let mut by_area: BTreeMap<&'static str, Vec<Vec<f64>>> = BTreeMap::new();
        for ((domain, _), counts) in &self.counts {
            let areas = by_area
                .entry(domain)
                .or_insert_with(|| vec![vec![0.0; days]; self.county.townships.len()]);
            for (sums, row) in areas.iter_mut().zip(counts.rows()) {
                sums.iter_mut().zip(row).for_each(|(sum, n)| *sum += n);
            }
        }
        let mut shares = self.usual_shares();
        let feed = |(domain, mut by_area): (&'static str, Vec<Vec<f64>>)| {
            let mut total: Vec<f64> =
                (0..days).map(|day| by_area.iter().map(|counts| counts[day]).sum()).collect();
            let empty = total.iter().position(|n| *n > 0.0)?;
            total.drain(..empty);
            by_area.iter_mut().for_each(|counts| drop(counts.drain(..empty)));
            let first = self.first + Days::new(empty as u64);
            let feed =
                Feed { first, total, by_area, reported: shares.remove(domain).unwrap_or_default() };
            Some((domain, DomainFeed::daily(domain, first, assess(&feed))))
        };
        Coverage { feeds: by_area.into_iter().filter_map(feed).collect() }
    }

    /// Weekly counts of every series.
    pub fn watched(&self, weeks: Weeks, coverage: &Coverage, settings: &Settings) -> Watched {
        let root = &self.county.register.root().code;
        let mut watched =
            Watched::new(weeks, root, coverage, &coverage.feeds.keys().copied().collect());
        for ((domain, category), counts) in
            self.counts.iter().filter(|((domain, _), _)| settings.watch.contains_key(*domain))
        {
            let delivered: Vec<usize> = coverage
                .delivered(domain, weeks.start(0).max(self.first), weeks.last)
                .into_iter()
                .map(|d| self.position(d))
                .collect();
            let zero = self.position(weeks.last) as i64 + 1 - 7 * weeks.count as i64;
            let weight = counted(settings, domain, category);
            for (township, row) in self.county.townships.iter().zip(counts.rows()) {
                let mut sums = vec![0.0; weeks.count];
                for day in &delivered {
                    sums[((*day as i64 - zero) / 7) as usize] += row[*day] * weight;
                }
                let sums: Vec<(usize, f64)> = sums.into_iter().enumerate().collect();
                watched.count(township, domain, category, &sums);
                watched.count(root, domain, category, &sums);
            }
        }
        watched
    }

    /// Each domain's ledger of the days that delays are learned from.
    pub fn ledgers(&self, settings: &Settings) -> BTreeMap<String, Vec<Increment>> {
        let first = lateness::first(self.night);
        let mut ledgers: BTreeMap<String, Vec<Increment>> = BTreeMap::new();
        for entry in
            self.recent(first).filter(|e| e.day >= first && settings.watch.contains_key(e.domain))
        {
            let place = |day: NaiveDate| (day - first).num_days().max(0) as usize;
            let num = entry.num * counted(settings, entry.domain, entry.category);
            ledgers.entry(entry.domain.to_owned()).or_default().push(Increment {
                day: place(entry.day),
                recorded: place(entry.recorded),
                num,
            });
        }
        ledgers
    }

    /// Events of each domain and category, and of all categories together, in the days that are
    /// scanned for clusters.
    pub fn daily(&self, near: &Neighbours, settings: &Settings) -> Daily {
        let from = self.position(clusters::first(settings, self.night));
        let mut found = Daily::new();
        for ((domain, category), counts) in
            self.counts.iter().filter(|((domain, _), _)| settings.watch.contains_key(*domain))
        {
            let weight = counted(settings, domain, category);
            for category in [*category, ""] {
                let sums = found
                    .entry(((*domain).to_owned(), category.to_owned()))
                    .or_insert_with(|| Array2::zeros((near.codes.len(), settings.clusters.days)));
                for (township, row) in self.county.townships.iter().zip(counts.rows()) {
                    let Some(area) = near.codes.iter().position(|code| code == township) else {
                        continue;
                    };
                    for (day, sum) in sums.row_mut(area).iter_mut().enumerate() {
                        *sum += (row[from + day] * weight) as u32;
                    }
                }
            }
        }
        found
    }

    /// Share of a day's events that is usually recorded by its end, by the end of the next day, and
    /// so on, by domain.
    fn usual_shares(&self) -> BTreeMap<&'static str, Vec<f64>> {
        let last = self.night - Days::new(LONGEST_DELAY as u64);
        let mut arrivals: BTreeMap<&'static str, (f64, VecDeque<f64>)> = BTreeMap::new();
        for entry in self.recent(last - Days::new(A_YEAR as u64)) {
            if (0..=A_YEAR).contains(&(last - entry.day).num_days()) {
                let (all, by_delay) = arrivals
                    .entry(entry.domain)
                    .or_insert_with(|| (0.0, VecDeque::from(vec![0.0; LONGEST_DELAY + 1])));
                *all += entry.num;
                if let Some(n) =
                    by_delay.get_mut((entry.recorded - entry.day).num_days().max(0) as usize)
                {
                    *n += entry.num;
                }
            }
        }
        arrivals
            .into_iter()
            .map(|(domain, (all, by_delay))| (domain, usual_shares(&by_delay, all)))
            .collect()
    }

    /// What was recorded since a day, the latest first.
    fn recent(&self, since: NaiveDate) -> impl Iterator<Item = &Entry> {
        self.county.entries[..self.taken].iter().rev().take_while(move |e| e.recorded >= since)
    }

    fn position(&self, day: NaiveDate) -> usize {
        (day - self.first).num_days().max(0) as usize
    }
}

/// Events by domain and category: areas × days.
pub type Daily = BTreeMap<(String, String), Array2<u32>>;

/// What an event adds to the indicator that is watched: key_groups' incidents are its events but
/// for visits.
pub fn counted(settings: &Settings, domain: &str, category: &str) -> f64 {
    f64::from(
        !(settings.watch.get(domain).is_some_and(|i| i == "incidents") && category == "visit"),
    )
}
