//! More than expected in the last weeks: the house detector on every series, strength borrowed within a domain, one false discovery rate.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde_json::{Map, json};

use super::fdr::benjamini_hochberg;
use super::finding::{Finding, Kind};
use super::house::{Counts, Design, Fitted, Judgement, Law, Prior, Reported, Rule, Table, pool};
use super::series::Answer;
use super::settings::Settings;
use super::watch::{Key, Watched};
use crate::method::Flaw;

const METHOD: &str = "house";
/// Weeks of history from which on a season can be learned.
const A_YEAR: usize = 52;

/// A series and what was said of its last week.
struct Judged<'a> {
    key: &'a Key,
    /// Weeks that are missing are NaN.
    counts: Vec<f64>,
    judgement: Judgement,
}

/// What the last weeks say: a finding for every series that rose, and one for every series that cannot be judged.
///
/// # Errors
/// A [`Flaw`] where the settings make no model.
pub fn spikes(watched: &Watched, settings: &Settings, reported: &BTreeMap<String, Vec<Reported>>) -> Result<Vec<Finding>, Flaw> {
    let rule = settings.spikes.rule(52)?;
    let design = Design::new(watched.weeks.count, 52, settings.spikes.harmonics, &settings.spikes.columns(&watched.weeks.starts()))?;
    let mut judged = Vec::new();
    for (domain, covered) in &watched.covered {
        let of_domain: Vec<(&Key, Vec<f64>)> =
            watched.series.iter().filter(|(key, _)| key.domain == *domain).map(|(key, counts)| (key, masked(counts, covered))).collect();
        let exposure: Vec<f64> = covered.iter().map(|share| share.max(1e-9)).collect();
        let late = reported.get(*domain).map_or(&[][..], Vec::as_slice);
        let judgements = judge(&rule, &design, &of_domain, &exposure, late);
        judged.extend(of_domain.into_iter().zip(judgements).map(|((key, counts), judgement)| Judged { key, counts, judgement }));
    }
    let q = benjamini_hochberg(&judged.iter().map(|j| j.judgement.p).collect::<Vec<f64>>());
    let ranks = ranks(&judged, &watched.root);
    Ok(judged.iter().zip(q).filter_map(|(j, q)| finding(j, q, &rule, watched, settings, reported, &ranks)).collect())
}

/// A week of which fewer than four days count is missing.
fn masked(counts: &[f64], covered: &[f64]) -> Vec<f64> {
    counts.iter().zip(covered).map(|(n, share)| if *share > 0.5 { *n } else { f64::NAN }).collect()
}

/// Every series of a domain is learned with a weak prior, then again with what all of them suggest, and its last week judged.
fn judge(rule: &Rule, design: &Design, series: &[(&Key, Vec<f64>)], exposure: &[f64], late: &[Reported]) -> Vec<Judgement> {
    let at = design.length().saturating_sub(1);
    let weak = Prior::weak(design);
    let of = |counts: &'_ [f64], prior: &Prior| rule.learn(design, &Counts { observed: counts, exposure: Some(exposure) }, at, prior);
    let first: Vec<Fitted> = series.par_iter().filter_map(|(_, counts)| of(counts, &weak).ok()).collect();
    let prior = borrowed(pool(&first.iter().collect::<Vec<&Fitted>>(), &weak), &weak, &first);
    series
        .par_iter()
        .map(|(_, counts)| {
            let counts = &Counts { observed: counts, exposure: Some(exposure) };
            rule.assess(design, counts, at, &prior, late)
        })
        .collect()
}

/// What all series suggest. In less than a year trend and season cannot be told apart, however many series there are: only the dispersion is borrowed then.
fn borrowed(pooled: Prior, weak: &Prior, fits: &[Fitted]) -> Prior {
    if fits.iter().any(|f| f.points >= A_YEAR) {
        pooled
    } else {
        Prior { dispersion: pooled.dispersion, weight: pooled.weight, ..weak.clone() }
    }
}

/// Place of each series among those of the same domain and category in areas of its level, by p; 1 is the most abnormal.
fn ranks<'a>(judged: &'a [Judged], root: &str) -> BTreeMap<&'a Key, (usize, usize)> {
    let mut groups: BTreeMap<(bool, &str, &str), Vec<&'a Judged>> = BTreeMap::new();
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

fn finding(
    judged: &Judged,
    q: f64,
    rule: &Rule,
    watched: &Watched,
    settings: &Settings,
    reported: &BTreeMap<String, Vec<Reported>>,
    ranks: &BTreeMap<&Key, (usize, usize)>,
) -> Option<Finding> {
    let Judged { key, counts, judgement } = judged;
    let weeks = watched.weeks;
    let last = weeks.count - 1;
    let span = rule.span(last);
    let mut detail = Map::new();
    let (kind, window) = match &judgement.answer {
        Answer::NotAssessable(reason) => {
            detail.insert("reason".into(), json!(reason));
            (Kind::NotAssessable, 1)
        }
        Answer::Alarm if q <= settings.q => (Kind::Spike, judgement.window.max(1)),
        _ => return None,
    };
    if kind == Kind::Spike {
        let (rank, of) = ranks.get(key).copied().unwrap_or((0, 0));
        let shares: Vec<f64> = reported.get(&key.domain).map_or(Vec::new(), |r| r.iter().take(window).map(|r| r.share).collect());
        let recent: Vec<f64> = counts.iter().rev().take(8).rev().copied().collect();
        let year_before = |n: usize| counts.get((last + 1).checked_sub(52 + n)?..=last - 52).map(|c| c.iter().sum::<f64>());
        let before = (last + 1).checked_sub(2 * window).and_then(|from| counts.get(from..from + window)).map(|c| c.iter().sum::<f64>());
        detail.extend([
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
        ]);
    }
    // The weeks of the window together vary about what is expected as one does.
    let outside = 0.5 * (1.0 - settings.spikes.interval);
    let table = (kind == Kind::Spike).then(|| Table::new(Law::new(judgement.window_expected, judgement.dispersion)));
    let end = |tail: f64| table.as_ref().map_or(f64::NAN, |t| t.upper(tail));
    Some(Finding {
        area_code: key.area.clone(),
        domain: key.domain.clone(),
        category: key.category.clone(),
        kind,
        method: METHOD,
        period: (weeks.start(last + 1 - window), weeks.last),
        observed: if kind == Kind::Spike { judgement.window_observed } else { judgement.observed },
        expected: judgement.window_expected,
        lower: end(1.0 - outside),
        upper: end(outside),
        p: judgement.p,
        q: if kind == Kind::Spike { q } else { f64::NAN },
        detail,
    })
}
