//! More than expected in the last weeks: the house detector on every series, strength borrowed within a domain, one false discovery rate.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::fdr::benjamini_hochberg;
use super::finding::{Finding, Kind};
use super::house::{Design, Judgement, Law, Reported, Rule, Table, Together};
use super::series::Answer;
use super::settings::Settings;
use super::watch::{Key, Watched};
use crate::method::Flaw;

const METHOD: &str = "house";
/// Weeks a year.
const A_YEAR: usize = 52;

/// A series and what was said of its last week.
struct Judged<'a> {
    key: &'a Key,
    /// Weeks that are missing are NaN.
    counts: Vec<f64>,
    judgement: Judgement,
}

/// What findings of one night have in common.
struct Night<'a> {
    rule: Rule,
    watched: &'a Watched,
    settings: &'a Settings,
    reported: &'a BTreeMap<String, Vec<Reported>>,
    /// Place of each series among those of its kind, and how many these are.
    ranks: BTreeMap<&'a Key, (usize, usize)>,
}

/// What the last weeks say: a finding for every series that rose, and one for every series that cannot be judged.
///
/// # Errors
/// A [`Flaw`] where the settings make no model.
pub fn spikes(watched: &Watched, settings: &Settings, reported: &BTreeMap<String, Vec<Reported>>) -> Result<Vec<Finding>, Flaw> {
    let rule = settings.spikes.rule(A_YEAR)?;
    let design = Design::new(watched.weeks.count, A_YEAR, settings.spikes.harmonics, &settings.spikes.columns(&watched.weeks.starts()))?;
    let mut judged = Vec::new();
    for (domain, covered) in &watched.covered {
        let (keys, series): (Vec<&Key>, Vec<Vec<f64>>) =
            watched.series.iter().filter(|(key, _)| key.domain == *domain).map(|(key, counts)| (key, masked(counts, covered))).unzip();
        let together = Together {
            rule: &rule,
            design: &design,
            exposure: &covered.iter().map(|share| share.max(1e-9)).collect::<Vec<f64>>(),
            reported: reported.get(*domain).map_or(&[], Vec::as_slice),
            at: watched.weeks.count.saturating_sub(1),
            a_year: A_YEAR,
        };
        let prior = together.prior(series.len(), |i| &series[i]);
        let judgements = together.judge(&series, &prior);
        let of_domain = keys.into_iter().zip(series).zip(judgements);
        judged.extend(of_domain.map(|((key, counts), judgement)| Judged { key, counts, judgement }));
    }
    let q = benjamini_hochberg(&judged.iter().map(|j| j.judgement.p).collect::<Vec<f64>>());
    let ranks = ranks(&judged, &watched.root);
    let night = Night { rule, watched, settings, reported, ranks };
    Ok(judged.iter().zip(q).filter_map(|(j, q)| night.finding(j, q)).collect())
}

/// A week of which fewer than four days count is missing.
fn masked(counts: &[f64], covered: &[f64]) -> Vec<f64> {
    counts.iter().zip(covered).map(|(n, share)| if *share > 0.5 { *n } else { f64::NAN }).collect()
}

/// Place of each series among those of the same domain and category in areas of its level, by p; 1 is the most abnormal.
fn ranks<'a>(judged: &[Judged<'a>], root: &str) -> BTreeMap<&'a Key, (usize, usize)> {
    let mut groups: BTreeMap<(bool, &str, &str), Vec<&Judged<'a>>> = BTreeMap::new();
    for j in judged.iter().filter(|j| !j.judgement.p.is_nan()) {
        groups.entry((j.key.area == root, &j.key.domain, &j.key.category)).or_default().push(j);
    }
    let mut ranks = BTreeMap::new();
    for mut group in groups.into_values() {
        group.sort_by(|a, b| a.judgement.p.total_cmp(&b.judgement.p));
        let of = group.len();
        ranks.extend(group.into_iter().enumerate().map(|(i, j)| (j.key, (i + 1, of))));
    }
    ranks
}

impl Night<'_> {
    fn finding(&self, judged: &Judged, q: f64) -> Option<Finding> {
        match &judged.judgement.answer {
            Answer::NotAssessable(reason) => {
                let blank = Finding::not_assessable(judged.key, METHOD, self.period(1), reason);
                Some(Finding { observed: judged.judgement.observed, ..blank })
            }
            Answer::Alarm if q <= self.settings.q => Some(self.spike(judged, q)),
            _ => None,
        }
    }

    fn spike(&self, judged: &Judged, q: f64) -> Finding {
        let Judged { key, judgement, .. } = judged;
        // The weeks of the window together vary about what is expected as one does.
        let outside = 0.5 * (1.0 - self.settings.spikes.interval);
        let table = Table::new(Law::new(judgement.window_expected, judgement.dispersion));
        let window = judgement.window.max(1);
        Finding {
            observed: judgement.window_observed,
            expected: judgement.window_expected,
            lower: table.upper(1.0 - outside),
            upper: table.upper(outside),
            p: judgement.p,
            q,
            detail: self.detail(judged, window),
            ..Finding::of(key, Kind::Spike, METHOD, self.period(window))
        }
    }

    /// The last weeks, so many of them.
    fn period(&self, window: usize) -> (chrono::NaiveDate, chrono::NaiveDate) {
        let weeks = self.watched.weeks;
        (weeks.start(weeks.count - window), weeks.last)
    }

    fn detail(&self, judged: &Judged, window: usize) -> Map<String, Value> {
        let Judged { key, counts, judgement } = judged;
        let weeks = self.watched.weeks;
        let last = weeks.count - 1;
        let span = self.rule.span(last);
        let (rank, of) = self.ranks.get(key).copied().unwrap_or((0, 0));
        let shares: Vec<f64> = self.reported.get(&key.domain).map_or(Vec::new(), |r| r.iter().take(window).map(|r| r.share).collect());
        let recent: Vec<f64> = counts.iter().rev().take(8).rev().copied().collect();
        let year_before = |n: usize| counts.get((last + 1).checked_sub(52 + n)?..=last - 52).map(|c| c.iter().sum::<f64>());
        let before = (last + 1).checked_sub(2 * window).and_then(|from| counts.get(from..from + window)).map(|c| c.iter().sum::<f64>());
        Map::from_iter([
            ("weeks".to_owned(), json!(window)),
            ("weeks_in_a_row".to_owned(), json!(judgement.in_a_row)),
            ("rank".to_owned(), json!(rank)),
            ("of".to_owned(), json!(of)),
            ("reference_from".to_owned(), json!(weeks.start(span.start).to_string())),
            ("reference_to".to_owned(), json!(weeks.end(span.end.saturating_sub(1)).to_string())),
            ("share_reported".to_owned(), json!(shares)),
            ("last_eight_weeks".to_owned(), json!(recent)),
            ("weeks_before".to_owned(), json!(before)),
            ("same_weeks_last_year".to_owned(), json!(year_before(window))),
            ("dispersion".to_owned(), json!(judgement.dispersion)),
            ("p_at_least".to_owned(), json!(judgement.p_at_least)),
            ("last_week".to_owned(), json!([judgement.observed, judgement.expected, judgement.lower, judgement.upper])),
        ])
    }
}
