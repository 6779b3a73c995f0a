//! What rose in any series watched: one test a series, under one false discovery rate a night.
//!
//! A rise is told on as long as it lasts: what stands for it is the least p of the weeks in a row,
//! up to the last one, of which each tells of a rise. One that hangs about the rate does not come
//! and go with it, and one that is over ends.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::finding::Finding;
use super::learned::{Learned, Model};
use super::rise_detail::{Context, METHOD};
use super::settings::Settings;
use super::watch::{Key, Watched};
use methods::Flaw;
use methods::detect::fdr::benjamini_hochberg;
use methods::detect::house::{Judgement, LONGEST, Reported, Rise, Window};
use methods::detect::series::Answer;
use methods::stats::NegativeBinomial;

/// Standard deviations that a week must have above what is expected to be one of those in a row.
const HIGH: f64 = 1.0;

/// A series and what its last weeks say.
pub struct Judged<'a> {
    pub(super) model: &'a Model<'a>,
    pub(super) answer: Outcome,
}

/// What can be said.
pub(super) enum Outcome {
    /// Nothing, and why; the last week's count, where it is known.
    Silent {
        observed: f64,
        reason: String,
    },
    /// No rise.
    Quiet,
    Rise(Lasting),
}

/// A rise up to the last week.
pub(super) struct Lasting {
    /// Of the last week.
    pub rise: Rise,
    /// Least p of the weeks in a row that tell of a rise.
    pub p: f64,
    pub p_at_least: f64,
    /// The last week by itself.
    pub last_week: Window,
    /// The last weeks, where few of them tell of a rise by themselves.
    pub recent: Option<Window>,
    /// Weeks in a row that were high, the last one included.
    pub weeks_in_a_row: usize,
    /// Weeks of history, where they are fewer than is asked for.
    pub short_history: Option<usize>,
}

/// The findings of a night, and the series that cannot be judged. `reported` is what share of each
/// domain's last weeks is known.
///
/// # Errors
/// A [`Flaw`] where the settings make no model.
pub fn rises(
    watched: &Watched,
    settings: &Settings,
    reported: &BTreeMap<String, Vec<Reported>>,
) -> Result<Vec<Finding>, Flaw> {
    let learned = Learned::new(watched, settings)?;
    let judged = judge(&learned, settings, reported);
    Ok(within_rate(&learned, &judged, settings, reported))
}

/// What the last weeks of each series say.
pub fn judge<'a>(
    learned: &'a Learned,
    settings: &Settings,
    reported: &BTreeMap<String, Vec<Reported>>,
) -> Vec<Judged<'a>> {
    let one = |model: &'a Model<'a>| {
        let late = reported.get(&model.key.domain).map_or(&[][..], Vec::as_slice);
        let answer = match &model.recent {
            Some(_) if model.counts.last().is_some_and(|n| !n.is_nan()) => {
                lasting(learned, model, late, settings.rises.keep)
                    .map_or(Outcome::Quiet, Outcome::Rise)
            }
            fitted => {
                let shared = learned.shared(&model.key.domain, late);
                Outcome::new(shared.judge(&model.counts, fitted.as_ref()))
            }
        };
        Judged { model, answer }
    };
    learned.series.par_iter().map(one).collect()
}

/// Findings of the rises whose q, adjusted for every series that was judged, is within the rate;
/// and of what cannot be judged.
pub fn within_rate(
    learned: &Learned,
    judged: &[Judged],
    settings: &Settings,
    reported: &BTreeMap<String, Vec<Reported>>,
) -> Vec<Finding> {
    let ranks = ranks(judged, &learned.watched.root);
    let context = Context { learned, settings, reported };
    let of_tests = q(judged);
    let finding = |(judged, q): (&Judged, f64)| match &judged.answer {
        Outcome::Silent { observed, reason } => Some(Finding {
            observed: *observed,
            ..Finding::not_assessable(judged.model.key, METHOD, context.period(1), reason)
        }),
        Outcome::Rise(lasting) if q <= settings.q => {
            let rank = ranks.get(judged.model.key).copied().unwrap_or((0, 0));
            Some(Finding { q, ..context.finding(judged.model, lasting, rank) })
        }
        _ => None,
    };
    judged.iter().zip(of_tests).filter_map(finding).collect()
}

/// The q of each series, adjusted for all that could be judged; NaN of the others.
fn q(judged: &[Judged]) -> Vec<f64> {
    let p: Vec<f64> = judged.iter().filter_map(Judged::p).collect();
    let mut adjusted = benjamini_hochberg(&p).into_iter();
    let of = |judged: &Judged| judged.p().and_then(|_| adjusted.next()).unwrap_or(f64::NAN);
    judged.iter().map(of).collect()
}

/// The rise that the last weeks tell of, if its p is at most `keep`, with what stands for it.
fn lasting(learned: &Learned, model: &Model, late: &[Reported], keep: f64) -> Option<Lasting> {
    let windows = |back: usize| learned.windows(model, late, back);
    let risen = |windows: &[Window]| learned.rise(windows).filter(|rise| rise.p <= keep);
    let week = |back: usize| {
        let windows = windows(back);
        risen(&windows).zip(windows.first().copied())
    };
    let weeks: Vec<(Rise, Window)> = (0..LONGEST).map_while(week).collect();
    let (rise, last_week) = *weeks.first()?;
    let least = |p: fn(&Rise) -> f64| weeks.iter().map(|(rise, _)| p(rise)).fold(1.0, f64::min);
    let high = |(_, week): &&(Rise, Window)| week.excess() >= HIGH * week.law.sd();
    Some(Lasting {
        rise,
        p: least(|rise| rise.p),
        p_at_least: least(|rise| rise.p_at_least),
        last_week,
        recent: risen(learned.short(&windows(0))).map(|rise| rise.window),
        weeks_in_a_row: weeks.iter().take_while(high).count(),
        short_history: None,
    })
}

/// Place of each series among those of the same domain and category in areas of its level, by p; 1
/// is the most abnormal.
fn ranks<'a>(judged: &[Judged<'a>], root: &str) -> BTreeMap<&'a Key, (usize, usize)> {
    let mut groups: BTreeMap<_, Vec<(f64, &'a Key)>> = BTreeMap::new();
    for (j, p) in judged.iter().filter_map(|j| Some((j, j.p()?))) {
        let key = j.model.key;
        groups
            .entry((key.area == root, key.domain.as_str(), key.category.as_str()))
            .or_default()
            .push((p, key));
    }
    let mut ranks = BTreeMap::new();
    for mut group in groups.into_values() {
        group.sort_by(|a, b| a.0.total_cmp(&b.0));
        let of = group.len();
        ranks.extend(group.into_iter().enumerate().map(|(i, (_, key))| (key, (i + 1, of))));
    }
    ranks
}

impl Judged<'_> {
    /// Its p: 1 where nothing rose, `None` where it cannot be judged.
    fn p(&self) -> Option<f64> {
        match &self.answer {
            Outcome::Silent { .. } => None,
            Outcome::Quiet => Some(1.0),
            Outcome::Rise(lasting) => Some(lasting.p),
        }
    }
}

impl Outcome {
    /// Of a series without a model of its own: an explosion, or nothing that can be judged.
    fn new(judgement: Judgement) -> Outcome {
        let law = |mean: f64| NegativeBinomial::with_dispersion(mean, judgement.dispersion);
        let window = |points: usize, observed: f64, expected: f64| Window {
            points,
            observed,
            law: law(expected),
        };
        let Judgement { window: points, window_observed, window_expected, p, p_at_least, .. } =
            judgement;
        match judgement.answer {
            Answer::NotAssessable(reason) => {
                Outcome::Silent { observed: judgement.observed, reason }
            }
            Answer::Quiet => Outcome::Quiet,
            Answer::Alarm => Outcome::Rise(Lasting {
                rise: Rise {
                    window: window(points, window_observed, window_expected),
                    p,
                    p_at_least,
                },
                p,
                p_at_least,
                last_week: window(1, judgement.observed, judgement.expected),
                recent: None,
                weeks_in_a_row: judgement.in_a_row,
                short_history: judgement.short_history,
            }),
        }
    }
}

#[cfg(test)]
mod tests;
