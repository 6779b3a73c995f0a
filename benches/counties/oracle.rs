//! The oracle: one who knows the mean and the spread of what is usual, and how late reports come,
//! and looks at the same windows. No detector can find more at as many false findings.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use methods::detect::fdr::benjamini_hochberg;
use methods::detect::house::{LONGEST, Window, rise};
use methods::stats::NegativeBinomial;
use ndarray::Array2;
use pingan::detect::watch::{Key, Watched};
use pingan::detect::{Kind, Settings};
use pingan::feeds::Coverage;
use pingan::synth::{Simulated, Usual};

use super::known::{Known, counted};
use super::truth::Claim;

/// Days after which all reports have come.
const LATE: usize = 120;
/// A week of which a smaller share was delivered is missing.
const HALF: f64 = 0.5;

/// What is usual in a county.
pub struct Oracle {
    first: NaiveDate,
    /// Expected events of each domain and category: townships × days since the first.
    means: BTreeMap<(&'static str, &'static str), Array2<f64>>,
    /// Share of a domain's events that is recorded so many days after them.
    reported: BTreeMap<&'static str, Vec<f64>>,
}

/// A rise that the oracle sees, and its q.
#[derive(Clone, Debug)]
pub struct Seen {
    pub claim: Claim,
    pub q: f64,
}

/// Mean and variance of the weeks of a series, the last first.
#[derive(Clone)]
struct Weeks {
    mean: [f64; LONGEST],
    variance: [f64; LONGEST],
}

impl Oracle {
    /// Of a county that is watched up to a day.
    pub fn new(county: &Simulated, last: NaiveDate) -> Oracle {
        let first = county.entries.iter().map(|e| e.day).min().unwrap_or(last);
        let shape = (county.townships.len(), (last - first).num_days() as usize + 1);
        let (mut means, mut reported) = (BTreeMap::new(), BTreeMap::new());
        for entry in &county.entries {
            let (domain, category) = (entry.domain, entry.category);
            means.entry((domain, category)).or_insert_with(|| {
                let day = |day: usize| first + Days::new(day as u64);
                let mean = |(t, d)| county.usual.expected(domain, category, t, day(d));
                Array2::from_shape_fn(shape, mean)
            });
            let delay = (entry.recorded - entry.day).num_days().max(0) as usize;
            reported.entry(domain).or_insert_with(|| vec![0.0; LATE])[delay.min(LATE - 1)] +=
                entry.num;
        }
        reported.values_mut().for_each(|by_delay| shares(by_delay));
        Oracle { first, means, reported }
    }

    /// Every rise of a night, with its q among all series.
    pub fn night(
        &self,
        known: &Known,
        watched: &Watched,
        coverage: &Coverage,
        settings: &Settings,
    ) -> Vec<Seen> {
        let usual = self.weeks(known, watched, coverage, settings);
        let least = settings.spikes.min_cases;
        let judged: Vec<(&Key, Option<_>)> = usual
            .iter()
            .filter(|(key, _)| watched.covered[key.domain.as_str()].last() > Some(&HALF))
            .map(|(key, weeks)| (key, rise(&weeks.windows(key, watched), least)))
            .collect();
        let p: Vec<f64> = judged.iter().map(|(_, rise)| rise.map_or(1.0, |r| r.p)).collect();
        let seen = |((key, rise), q): ((&Key, Option<_>), f64)| {
            let rise: methods::detect::house::Rise = rise?;
            let period =
                (watched.weeks.start(watched.weeks.count - rise.window.points), known.night);
            Some(Seen { claim: Claim::of_series(key, Kind::Spike, period), q })
        };
        judged.into_iter().zip(benjamini_hochberg(&p)).filter_map(seen).collect()
    }

    /// Mean and variance of what is known of the last weeks of each series.
    fn weeks(
        &self,
        known: &Known,
        watched: &Watched,
        coverage: &Coverage,
        settings: &Settings,
    ) -> BTreeMap<Key, Weeks> {
        let (county, weeks) = (known.county, watched.weeks);
        let root = &county.register.root().code;
        let from = weeks.start(weeks.count - LONGEST);
        let mut found: BTreeMap<Key, Weeks> = BTreeMap::new();
        let mut domains: BTreeMap<&str, Vec<(&str, &Array2<f64>)>> = BTreeMap::new();
        for ((domain, category), means) in &self.means {
            if settings.watch.contains_key(*domain) {
                domains.entry(domain).or_default().push((category, means));
            }
        }
        for (domain, categories) in domains {
            for day in coverage.delivered(domain, from, weeks.last) {
                let late = (weeks.last - day).num_days() as usize;
                let (share, at) = (self.reported[domain][late.min(LATE - 1)], self.position(day));
                for (township, code) in county.townships.iter().enumerate() {
                    let mut all = 0.0;
                    let mut add = |category: &str, mean: f64| {
                        for area in [code, root] {
                            let key = Key {
                                area: area.clone(),
                                domain: domain.to_owned(),
                                category: category.to_owned(),
                            };
                            let of_key = found.entry(key).or_insert_with(Weeks::none);
                            of_key.add(late / 7, mean, Usual::shape(domain));
                        }
                    };
                    for (category, means) in &categories {
                        let mean =
                            means[[township, at]] * share * counted(settings, domain, category);
                        all += mean;
                        add(category, mean);
                    }
                    add("", all);
                }
            }
        }
        found
    }

    fn position(&self, day: NaiveDate) -> usize {
        (day - self.first).num_days().max(0) as usize
    }
}

impl Weeks {
    fn none() -> Weeks {
        Weeks { mean: [0.0; LONGEST], variance: [0.0; LONGEST] }
    }

    /// Adds a day of a township: a gamma effect of this shape lies on its mean.
    fn add(&mut self, back: usize, mean: f64, shape: f64) {
        self.mean[back] += mean;
        self.variance[back] += mean + mean * mean / shape;
    }

    fn windows(&self, key: &Key, watched: &Watched) -> Vec<Window> {
        let covered = &watched.covered[key.domain.as_str()];
        let counts = watched.series.get(key).map_or(&[][..], Vec::as_slice);
        let (mut observed, mut mean, mut variance) = (0.0, 0.0, 0.0);
        let window = |back: usize| {
            let week = watched.weeks.count - 1 - back;
            if covered[week] > HALF {
                observed += counts.get(week).copied().unwrap_or(0.0);
                mean += self.mean[back];
                variance += self.variance[back];
            }
            let law = NegativeBinomial::with_variance(mean, variance);
            Window { points: back + 1, observed, law }
        };
        (0..LONGEST).map(window).collect()
    }
}

/// Numbers by delay, as the share that is there by then.
fn shares(by_delay: &mut [f64]) {
    let all: f64 = by_delay.iter().sum();
    let mut sum = 0.0;
    for n in by_delay {
        sum += *n;
        *n = sum / all;
    }
}
