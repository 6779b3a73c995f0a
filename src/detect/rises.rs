//! What rose in any series watched: one test a series, under one false discovery rate a night.
//!
//! A rise is told on as long as it lasts: what stands for it is the least p of the weeks in a row,
//! up to the last one, of which each tells of a rise. One that hangs about the rate does not come
//! and go with it, and one that is over ends.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::finding::Finding;
use super::lasting::{Outcome, lasting};
use super::learned::{Learned, Model};
use super::rise_detail::{Context, METHOD};
use super::settings::Settings;
use super::watch::{Key, Watched};
use methods::Flaw;
use methods::detect::fdr::benjamini_hochberg;
use methods::detect::house::Reported;

/// A series and what its last weeks say.
pub struct Judged<'a> {
    pub(super) model: &'a Model<'a>,
    pub(super) answer: Outcome,
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

#[cfg(test)]
mod tests;
