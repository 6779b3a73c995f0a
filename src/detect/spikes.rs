//! More than expected in the last weeks: the house detector on every series.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rayon::prelude::*;

use super::detail::{Detail, Spike, each_known, known};
use super::finding::Finding;
use super::learned::{Learned, Model};
use super::settings::Settings;
use super::tested::Tested;
use super::watch::Key;
use methods::detect::house::{Judgement, Reported};
use methods::detect::series::Answer;
use methods::stats::{CountTable, NegativeBinomial};

const METHOD: &str = "house";

/// A series and what was said of its last week.
struct Judged<'a> {
    model: &'a Model<'a>,
    judgement: Judgement,
}

/// What findings are made of besides the judgement.
struct Context<'a> {
    learned: &'a Learned<'a>,
    settings: &'a Settings,
    reported: &'a BTreeMap<String, Vec<Reported>>,
    /// Place of each series among its like.
    ranks: BTreeMap<&'a Key, (usize, usize)>,
}

/// What the last weeks say: a test of every series that can be judged, and a finding for every one
/// that cannot.
pub fn spikes(
    learned: &Learned,
    settings: &Settings,
    reported: &BTreeMap<String, Vec<Reported>>,
) -> (Vec<Tested>, Vec<Finding>) {
    let judged: Vec<Judged> =
        learned.series.par_iter().map(|model| judge(learned, model, reported)).collect();
    let context =
        Context { learned, settings, reported, ranks: ranks(&judged, &learned.watched.root) };
    let (mut tested, mut silent) = (Vec::new(), Vec::new());
    for j in &judged {
        match &j.judgement.answer {
            Answer::NotAssessable(reason) => silent.push(context.silent(j, reason)),
            Answer::Alarm => {
                tested.push(Tested { p: j.judgement.p, finding: Some(context.spike(j)) })
            }
            Answer::Quiet => tested.push(Tested { p: j.judgement.p, finding: None }),
        }
    }
    (tested, silent)
}

/// The last week of a series.
fn judge<'a>(
    learned: &Learned,
    model: &'a Model<'a>,
    reported: &BTreeMap<String, Vec<Reported>>,
) -> Judged<'a> {
    let late = reported.get(&model.key.domain).map_or(&[][..], Vec::as_slice);
    let judgement =
        learned.shared(&model.key.domain, late).judge(&model.counts, model.fitted.as_ref());
    Judged { model, judgement }
}

/// Place of each series among those of the same domain and category in areas of its level, by p; 1
/// is the most abnormal.
fn ranks<'a>(judged: &[Judged<'a>], root: &str) -> BTreeMap<&'a Key, (usize, usize)> {
    let mut groups: BTreeMap<_, Vec<(f64, &'a Key)>> = BTreeMap::new();
    for j in judged.iter().filter(|j| !j.judgement.p.is_nan()) {
        let key = j.model.key;
        groups
            .entry((key.area == root, key.domain.as_str(), key.category.as_str()))
            .or_default()
            .push((j.judgement.p, key));
    }
    let mut ranks = BTreeMap::new();
    for mut group in groups.into_values() {
        group.sort_by(|a, b| a.0.total_cmp(&b.0));
        let of = group.len();
        ranks.extend(group.into_iter().enumerate().map(|(i, (_, key))| (key, (i + 1, of))));
    }
    ranks
}

impl Context<'_> {
    /// A series that cannot be judged, and why.
    fn silent(&self, judged: &Judged, reason: &str) -> Finding {
        Finding {
            observed: judged.judgement.observed,
            ..Finding::not_assessable(judged.model.key, METHOD, self.period(1), reason)
        }
    }

    fn spike(&self, judged: &Judged) -> Finding {
        let judgement = &judged.judgement;
        let window = judgement.window.max(1);
        // The weeks of the window together vary about what is expected as one does.
        let outside = 0.5 * (1.0 - self.settings.spikes.interval);
        let counts =
            NegativeBinomial::with_dispersion(judgement.window_expected, judgement.dispersion);
        let table = CountTable::new(counts);
        Finding {
            observed: judgement.window_observed,
            expected: judgement.window_expected,
            lower: table.upper(1.0 - outside),
            upper: table.upper(outside),
            p: judgement.p,
            ..Finding::new(
                judged.model.key,
                Detail::Spike(self.detail(judged, window)),
                METHOD,
                self.period(window),
            )
        }
    }

    /// First and last day of the last `window` weeks.
    fn period(&self, window: usize) -> (NaiveDate, NaiveDate) {
        let weeks = self.learned.watched.weeks;
        (weeks.start(weeks.count - window), weeks.last)
    }

    /// What an official needs to believe it.
    fn detail(&self, judged: &Judged, window: usize) -> Spike {
        let Judged { model: Model { key, counts, .. }, judgement } = judged;
        let weeks = self.learned.watched.weeks;
        let last = weeks.count - 1;
        let span = self.learned.rule.span(last);
        let (rank, of) = self.ranks.get(key).copied().unwrap_or((0, 0));
        let shares: Vec<f64> = self
            .reported
            .get(&key.domain)
            .map_or(Vec::new(), |r| r.iter().take(window).map(|r| r.share).collect());
        let year_before = (last + 1)
            .checked_sub(52 + window)
            .map(|from| counts[from..=last - 52].iter().sum::<f64>());
        let before = (last + 1)
            .checked_sub(2 * window)
            .and_then(|from| counts.get(from..from + window))
            .map(|c| c.iter().sum::<f64>());
        Spike {
            weeks: window,
            weeks_in_a_row: judgement.in_a_row,
            rank,
            of,
            reference_from: weeks.start(span.start),
            reference_to: weeks.end(span.end.saturating_sub(1)),
            share_reported: each_known(&shares),
            last_eight_weeks: each_known(&counts[counts.len().saturating_sub(8)..]),
            weeks_before: before.and_then(known),
            same_weeks_last_year: year_before.and_then(known),
            dispersion: known(judgement.dispersion),
            p_at_least: known(judgement.p_at_least),
            last_week: [judgement.observed, judgement.expected, judgement.lower, judgement.upper]
                .map(known),
            short_history: judgement.short_history,
        }
    }
}
