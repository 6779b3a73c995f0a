//! Alarms held against what happened.

use chrono::{Days, NaiveDate};
use methods::backtest::{Comparison, compare};
use methods::verification::holm;

use super::episodes::{Alarm, Episode, KINDS, episodes};
use super::incidents::Incident;
use crate::detect::Kind;

/// An incident that begins later before the last night could not have been found in time.
const ROOM: u64 = 28;
/// False discovery rates of the operating curve.
const RATES: [f64; 8] = [0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5];
/// The widest of them: what lies beyond is not kept.
pub const WIDEST: f64 = RATES[RATES.len() - 1];

/// The nights that were replayed, oldest first.
#[derive(Clone, Debug)]
pub struct Nights {
    pub days: Vec<NaiveDate>,
    /// Days from one to the next.
    pub every: u64,
    /// Code of the whole.
    pub whole: String,
    /// Areas of the watched level.
    pub townships: Vec<String>,
}

/// The alarms of one file of settings.
#[derive(Clone, Debug)]
pub struct Replayed {
    pub name: String,
    /// Its own false discovery rate.
    pub rate: f64,
    /// Up to [`WIDEST`], in order of nights.
    pub alarms: Vec<Alarm>,
}

/// How well it did, in all or by one kind of finding.
#[derive(Clone, Debug)]
pub struct Judged {
    pub settings: String,
    /// `None`: all kinds.
    pub kind: Option<Kind>,
    /// Incidents that could be found, and those that were.
    pub incidents: usize,
    pub found: usize,
    /// Distinct findings, and those that an incident explains; of areas of the watched level, and of
    /// the whole.
    pub episodes: [usize; 2],
    pub explained: [usize; 2],
    /// Distinct findings that nothing explains, a township and year.
    pub false_a_township_year: f64,
    /// Days from an incident's beginning to the first alarm for it, median of those found.
    pub days: f64,
    /// Share of those found that had an alarm before they ended.
    pub before_end: f64,
}

/// A place on the operating curve.
#[derive(Clone, Debug)]
pub struct Point {
    pub settings: String,
    pub rate: f64,
    pub recall: f64,
    pub precision: f64,
    pub false_a_township_year: f64,
}

/// Settings against the first ones.
#[derive(Clone, Debug)]
pub struct Against {
    pub settings: String,
    /// Share of incidents found.
    pub recall: Comparison,
    /// False findings a night, with the sign turned: more is better.
    pub false_findings: Comparison,
    /// p of the two, adjusted for all comparisons (Holm).
    pub p_adjusted: [f64; 2],
}

/// The result of a backtest of detectors.
pub struct Outcome {
    /// By settings: all kinds, then each.
    pub judged: Vec<Judged>,
    pub curve: Vec<Point>,
    pub against: Vec<Against>,
}

impl Judged {
    /// Share of incidents found.
    pub fn recall(&self) -> f64 {
        self.found as f64 / self.incidents as f64
    }

    /// Share of distinct findings that an incident explains.
    pub fn precision(&self) -> f64 {
        self.explained.iter().sum::<usize>() as f64 / self.episodes.iter().sum::<usize>() as f64
    }
}

impl Replayed {
    /// The alarms within a false discovery rate.
    pub fn within(&self, rate: f64) -> Vec<&Alarm> {
        self.alarms.iter().filter(|alarm| alarm.is_within(rate)).collect()
    }
}

impl Nights {
    /// Incidents that could have been found on these nights, in order of their beginning.
    pub fn sought<'a>(&self, incidents: &'a [Incident]) -> Vec<&'a Incident> {
        let (Some(first), Some(last)) = (self.days.first(), self.days.last()) else {
            return Vec::new();
        };
        let in_time = |i: &&Incident| {
            i.from > *first - Days::new(self.every) && i.from + Days::new(ROOM) <= *last
        };
        incidents.iter().filter(in_time).collect()
    }

    fn township_years(&self) -> f64 {
        let days = self.days.len() as f64 * self.every as f64;
        self.townships.len() as f64 * days / 365.25
    }
}

/// Judges settings, all on the same nights.
pub fn judge(nights: &Nights, incidents: &[Incident], all: &[Replayed], seed: u64) -> Outcome {
    let sought = nights.sought(incidents);
    let rows = |replayed: &Replayed| {
        let alarms = replayed.within(replayed.rate);
        let kinds = std::iter::once(None).chain(KINDS.map(Some));
        let row = |kind: Option<Kind>| {
            let alarms: Vec<&Alarm> =
                alarms.iter().copied().filter(|t| kind.is_none_or(|k| t.kind == k)).collect();
            judge_alarms(nights, incidents, &sought, &alarms, &replayed.name, kind)
        };
        kinds.map(row).collect::<Vec<Judged>>()
    };
    let point = |replayed: &Replayed, rate: f64| {
        let of = judge_alarms(nights, incidents, &sought, &replayed.within(rate), "", None);
        Point {
            settings: replayed.name.clone(),
            rate,
            recall: of.recall(),
            precision: of.precision(),
            false_a_township_year: of.false_a_township_year,
        }
    };
    let curve = |replayed| RATES.map(|rate| point(replayed, rate));
    Outcome {
        judged: all.iter().flat_map(rows).collect(),
        curve: all.iter().flat_map(curve).collect(),
        against: against(nights, incidents, &sought, all, seed),
    }
}

fn judge_alarms(
    nights: &Nights,
    incidents: &[Incident],
    sought: &[&Incident],
    alarms: &[&Alarm],
    settings: &str,
    kind: Option<Kind>,
) -> Judged {
    let whole = &nights.whole;
    let (mut found, mut days, mut before_end) = (0, Vec::new(), 0);
    for incident in sought {
        if let Some(first) = first_night(incident, alarms, whole) {
            found += 1;
            days.push((first - incident.from).num_days() as f64);
            before_end += usize::from(first <= incident.to);
        }
    }
    let (mut all, mut explained) = ([0; 2], [0; 2]);
    for episode in episodes(alarms.iter().copied()) {
        let of = usize::from(episode.first.is_of_whole(whole));
        all[of] += 1;
        explained[of] += usize::from(is_explained(&episode, incidents, whole));
    }
    let wrong = all.iter().sum::<usize>() - explained.iter().sum::<usize>();
    days.sort_by(f64::total_cmp);
    Judged {
        settings: settings.to_owned(),
        kind,
        incidents: sought.len(),
        found,
        episodes: all,
        explained,
        false_a_township_year: wrong as f64 / nights.township_years(),
        days: days.get(days.len() / 2).copied().unwrap_or(f64::NAN),
        before_end: before_end as f64 / found as f64,
    }
}

/// The first of some nights on which something pointed at an incident.
pub fn first_night(incident: &Incident, alarms: &[&Alarm], whole: &str) -> Option<NaiveDate> {
    alarms.iter().find(|alarm| alarm.points_at(incident, whole)).map(|alarm| alarm.night)
}

fn is_explained(episode: &Episode, incidents: &[Incident], whole: &str) -> bool {
    incidents.iter().any(|incident| episode.first.is_explained_by(incident, whole))
}

/// Every file of settings against the first.
fn against(
    nights: &Nights,
    incidents: &[Incident],
    sought: &[&Incident],
    all: &[Replayed],
    seed: u64,
) -> Vec<Against> {
    let whole = &nights.whole;
    let figures = |replayed: &Replayed| {
        let alarms = replayed.within(replayed.rate);
        let found = sought.iter().map(|i| first_night(i, &alarms, whole).is_some());
        let recall: Vec<f64> = found.map(|found| f64::from(u8::from(found))).collect();
        let mut wrong = vec![0.0; nights.days.len()];
        for episode in episodes(alarms.iter().copied()) {
            if let Ok(night) = nights.days.binary_search(&episode.first.night)
                && !is_explained(&episode, incidents, whole)
            {
                wrong[night] -= 1.0;
            }
        }
        (recall, wrong)
    };
    let Some((first, others)) = all.split_first() else { return Vec::new() };
    let reference = figures(first);
    // A finding that lasts raises alarms for weeks: nights of four weeks hang together.
    let nights_together = (ROOM / nights.every.max(1)).max(1) as usize;
    let mut against: Vec<Against> = others
        .iter()
        .map(|replayed| {
            let (recall, wrong) = figures(replayed);
            Against {
                settings: replayed.name.clone(),
                recall: compare(&recall, &reference.0, 1, seed),
                false_findings: compare(&wrong, &reference.1, nights_together, seed),
                p_adjusted: [f64::NAN; 2],
            }
        })
        .collect();
    let p: Vec<f64> = against.iter().flat_map(|a| [a.recall.p, a.false_findings.p]).collect();
    for (against, p) in against.iter_mut().zip(holm(&p).chunks(2)) {
        against.p_adjusted = [p[0], p[1]];
    }
    against
}
