//! One night: the detection of `detect`, and Farrington's method on the same series.

use chrono::NaiveDate;
use methods::detect::neighbours::{Neighbours, Place, neighbours};
use methods::detect::series::{Answer, Series};
use methods::detect::{Detector, method};
use pingan::detect::learned::Learned;
use pingan::detect::rises::{judge, within_rate};
use pingan::detect::watch::{Key, Watched, Weeks};
use pingan::detect::{Finding, Kind, Settings, clusters};
use pingan::feeds::{Coverage, lateness};
use pingan::synth::Simulated;
use rayon::prelude::*;

use super::known::Known;
use super::oracle::{Oracle, Seen};

/// Farrington's method as docs/method.md sets it.
const FARRINGTON: &str = "b = 5\nw = 3\nnoPeriods = 10\nweightsThreshold = 2.58\npastWeeksNotIncluded = 26\npThresholdTrend = 1.0\n\
                          thresholdMethod = 'nbPlugin'\nalpha = 0.005";
/// Weeks it needs beyond the years it looks back on: its half-window, and the present one.
const BEYOND: usize = 4;
/// Noise of digitising, km, as `detect` allows.
const TOLERANCE: f64 = 0.05;

/// What looks at a county night after night.
pub struct Watch {
    settings: Settings,
    near: Neighbours,
    farrington: Box<dyn Detector>,
    seed: u64,
}

/// What a night brought.
pub struct Night {
    pub day: NaiveDate,
    pub coverage: Coverage,
    /// What `detect` tells.
    pub told: Vec<Finding>,
    /// Rises whose p is small enough to last, before the false discovery rate.
    pub alarms: Vec<Finding>,
    /// Series that Farrington's method raises an alarm on.
    pub farrington: Vec<Key>,
    /// Series that could be judged, and those of them that rise towards the festival.
    pub judged: [usize; 2],
    /// What the oracle sees.
    pub seen: Vec<Seen>,
}

impl Watch {
    pub fn new(county: &Simulated, settings: Settings, seed: u64) -> Watch {
        let place = |a: &lake::areas::Area| Place {
            code: a.code.clone(),
            parent: a.parent.clone(),
            lon_lat: a.lon.zip(a.lat),
        };
        let places: Vec<Place> = county.register.at_level(&settings.level).map(place).collect();
        let near =
            neighbours(&places, None, TOLERANCE).expect("places of a simulated county").value;
        let farrington =
            method("farrington", &FARRINGTON.parse().expect("TOML")).expect("Farrington's method");
        Watch { settings, near, farrington, seed }
    }

    /// All that is found on the night up to which is known, and what the oracle sees on it.
    pub fn night(&self, known: &Known, oracle: &Oracle) -> Night {
        let (day, settings) = (known.night, &self.settings);
        let coverage = known.coverage();
        let watched =
            known.watched(Weeks { last: day, count: settings.weeks }, &coverage, settings);
        let reported = lateness::shares(known.ledgers(settings), &coverage, &settings.delay, day);
        let seen = oracle.night(known, &watched, &coverage, settings);
        let learned = Learned::new(&watched, settings).expect("valid settings");
        let judged = judge(&learned, settings, &reported);
        // With every q allowed, what the false discovery rate keeps back is there to be counted
        // too.
        let every = Settings { q: 1.0, ..settings.clone() };
        let all = within_rate(&learned, &judged, &every, &reported);
        let silent: Vec<&Finding> =
            all.iter().filter(|f| f.kind() == Kind::NotAssessable).collect();
        let wages =
            watched.series.keys().filter(|key| of_wages(&key.domain, &key.category)).count();
        let silent_wages = silent.iter().filter(|f| of_wages(&f.domain, &f.category)).count();
        let judged = [watched.series.len() - silent.len(), wages - silent_wages];
        let rises =
            all.iter().filter(|f| f.kind() != Kind::NotAssessable && f.p <= settings.rises.keep);
        let alarms = rises.cloned().collect();
        let mut told: Vec<Finding> = all
            .into_iter()
            .filter(|f| f.kind() != Kind::NotAssessable && is_reported(f, settings))
            .collect();
        let root = &known.county.register.root().code;
        let clusters = clusters::scanned(
            &known.daily(&self.near, settings),
            &self.near,
            &coverage,
            root,
            day,
            settings,
            self.seed,
        );
        told.extend(
            clusters.expect("valid settings").into_iter().filter(|f| f.kind() == Kind::Cluster),
        );
        let longer =
            known.watched(Weeks { last: day, count: 5 * 52 + BEYOND }, &coverage, settings);
        Night { day, told, alarms, farrington: self.farrington(&longer), judged, coverage, seen }
    }

    fn farrington(&self, watched: &Watched) -> Vec<Key> {
        let last = watched.weeks.count - 1;
        let alarm = |(key, counts): &(&Key, &Vec<f64>)| {
            let covered = watched.covered.get(key.domain.as_str()).map_or(&[][..], Vec::as_slice);
            let observed: Vec<f64> = counts
                .iter()
                .zip(covered)
                .map(|(n, share)| if *share > 0.5 { *n } else { f64::NAN })
                .collect();
            let series = Series {
                times: vec![String::new(); observed.len()],
                observed,
                freq: 52,
                ..Series::default()
            };
            let rows =
                self.farrington.detect(&series, last, last + 1).expect("a weekly series").value;
            rows.first().is_some_and(|row| row.answer == Answer::Alarm)
        };
        let series: Vec<(&Key, &Vec<f64>)> = watched.series.iter().collect();
        series.par_iter().filter(|s| alarm(s)).map(|(key, _)| (*key).clone()).collect()
    }
}

/// Whether a series is one of those that rise towards the festival in the simulation.
pub fn of_wages(domain: &str, category: &str) -> bool {
    matches!(
        (domain, category),
        ("disputes", "wage_arrears" | "other_labour") | ("petitions", "wages")
    )
}

/// Whether the false discovery rate lets a finding through; what has no q is not under it.
fn is_reported(finding: &Finding, settings: &Settings) -> bool {
    finding.q.is_nan() || finding.q <= settings.q
}
