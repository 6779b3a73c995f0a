//! A rise as a finding, with what an official needs to believe it. Which kind it is, is its shape: a
//! window of a few weeks is a spike; a longer one in which cases still grow is a trend, and else a
//! new level.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::detail::{Change, Detail, Spike, Trend, each_known, known};
use super::finding::Finding;
use super::lasting::Lasting;
use super::learned::{Learned, Model};
use super::settings::Settings;
use super::slow::{MONTH, months};
use methods::detect::house::{Reported, Window, grows};
use methods::detect::mann_kendall::test::{Alternative, Modification, Settings as Test, test};
use methods::stats::{CountTable, NegativeBinomial};

pub(super) const METHOD: &str = "house";
/// Weeks of a year.
const A_YEAR: usize = 52;
/// Four-week sums that are shown of a trend: three years.
const SHOWN: usize = 39;

/// What findings are made of besides the rise.
pub(super) struct Context<'a> {
    pub learned: &'a Learned<'a>,
    pub settings: &'a Settings,
    pub reported: &'a BTreeMap<String, Vec<Reported>>,
}

impl Context<'_> {
    /// The finding of a rise; `rank` is its place among its like, and how many they are.
    pub fn finding(&self, model: &Model, lasting: &Lasting, rank: (usize, usize)) -> Finding {
        let window = lasting.rise.window;
        let detail = if window.points <= self.learned.rule.windows {
            Detail::Spike(self.spike(model, lasting, rank))
        } else {
            self.slow(model, lasting)
        };
        let [lower, upper] = self.interval(window.law);
        Finding {
            observed: window.observed,
            expected: window.law.mean(),
            lower,
            upper,
            p: lasting.p,
            ..Finding::new(model.key, detail, METHOD, self.period(window.points))
        }
    }

    /// First and last day of the last `window` weeks.
    pub fn period(&self, window: usize) -> (NaiveDate, NaiveDate) {
        let weeks = self.learned.watched.weeks;
        (weeks.start(weeks.count - window), weeks.last)
    }

    /// The interval of what was to be expected.
    fn interval(&self, law: NegativeBinomial) -> [f64; 2] {
        let outside = 0.5 * (1.0 - self.settings.spikes.interval);
        let table = CountTable::new(law);
        [table.upper(1.0 - outside), table.upper(outside)]
    }

    fn spike(&self, model: &Model, lasting: &Lasting, (rank, of): (usize, usize)) -> Spike {
        let (counts, window) = (&model.counts, lasting.rise.window.points);
        let weeks = self.learned.watched.weeks;
        let last = weeks.count - 1;
        let span = self.learned.rule.span(last);
        let shares: Vec<f64> = self
            .reported
            .get(&model.key.domain)
            .map_or(Vec::new(), |r| r.iter().take(window).map(|r| r.share).collect());
        let before = (last + 1)
            .checked_sub(2 * window)
            .and_then(|from| counts.get(from..from + window))
            .map(|c| c.iter().sum::<f64>());
        let Window { observed, law, .. } = lasting.last_week;
        let [lower, upper] = self.interval(law);
        Spike {
            weeks: window,
            weeks_in_a_row: lasting.weeks_in_a_row,
            rank,
            of,
            reference_from: weeks.start(span.start),
            reference_to: weeks.end(span.end.saturating_sub(1)),
            share_reported: each_known(&shares),
            last_eight_weeks: each_known(&counts[counts.len().saturating_sub(8)..]),
            weeks_before: before.and_then(known),
            same_weeks_last_year: same_weeks_last_year(counts, window),
            dispersion: known(law.dispersion()),
            p_at_least: known(lasting.p_at_least),
            last_week: [observed, law.mean(), lower, upper].map(known),
            short_history: lasting.short_history,
        }
    }

    /// The detail of a window of more weeks than a spike has.
    fn slow(&self, model: &Model, lasting: &Lasting) -> Detail {
        let (observed, expected) = self.weeks(model, lasting.rise.window.points);
        let recent_weeks = lasting.recent.map(|window| window.points);
        let dispersion = model.earlier.as_ref().map_or(1.0, |earlier| earlier.fitted.dispersion);
        if grows(&observed, &expected, dispersion) {
            let trend = self.trend(model, &observed, &expected);
            Detail::Trend(Trend { recent_weeks, ..trend })
        } else {
            let change = self.change(model, &observed, &expected);
            Detail::Change(Change { recent_weeks, ..change })
        }
    }

    /// The last weeks and what is expected of each, of what should have been reported by now.
    fn weeks(&self, model: &Model, count: usize) -> (Vec<f64>, Vec<f64>) {
        let late = self.reported.get(&model.key.domain).map_or(&[][..], Vec::as_slice);
        let shared = self.learned.shared(&model.key.domain, late);
        let fitted = model.earlier.as_ref().map(|earlier| &earlier.fitted);
        let week = |back: usize| {
            let law = fitted.and_then(|fitted| {
                shared.windows(&model.counts, fitted, back, 1..=1).first().map(|w| w.law.mean())
            });
            (model.counts[model.counts.len() - 1 - back], law.unwrap_or(f64::NAN))
        };
        (0..count).rev().map(week).unzip()
    }

    /// Of weeks that grow: Kendall's test and Sen's slope of what they have beyond what is expected
    /// of them.
    fn trend(&self, model: &Model, observed: &[f64], expected: &[f64]) -> Trend {
        let beyond: Vec<f64> = observed.iter().zip(expected).map(|(y, m)| y - m).collect();
        let with = Test {
            modification: Modification::None,
            alternative: Alternative::Increasing,
            alpha: 0.05,
            lag: None,
            period: 1,
        };
        let tested = test(&beyond, &with);
        Trend {
            tau: known(tested.tau),
            z: known(tested.z),
            slope_a_year: known(tested.slope.slope * (MONTH * A_YEAR) as f64),
            four_weeks: each_known(&months(&model.counts, SHOWN)),
            expected_is: "the level and the season before".to_owned(),
            weeks: Some(observed.len()),
            same_weeks_last_year: same_weeks_last_year(&model.counts, observed.len()),
            dispersion: model.earlier.as_ref().and_then(|earlier| known(earlier.fitted.dispersion)),
            recent_weeks: None,
        }
    }

    /// Of weeks that hold another level.
    fn change(&self, model: &Model, observed: &[f64], expected: &[f64]) -> Change {
        let known_weeks = observed.iter().filter(|y| !y.is_nan()).count() as f64;
        let a_week =
            |counts: &mut dyn Iterator<Item = f64>| known(counts.sum::<f64>() / known_weeks);
        let both = || observed.iter().zip(expected).filter(|(y, _)| !y.is_nan());
        let weeks = self.learned.watched.weeks;
        Change {
            level_before: a_week(&mut both().map(|(_, m)| *m)),
            level_after: a_week(&mut both().map(|(y, _)| *y)),
            level_before_from: weeks.start(self.learned.rule.span(weeks.count - 1).start),
            weeks: observed.len(),
            dispersion: model.earlier.as_ref().and_then(|earlier| known(earlier.fitted.dispersion)),
            recent_weeks: None,
        }
    }
}

/// The count of the last weeks a year before.
fn same_weeks_last_year(counts: &[f64], window: usize) -> Option<f64> {
    let from = counts.len().checked_sub(A_YEAR + window)?;
    known(counts[from..from + window].iter().sum())
}
