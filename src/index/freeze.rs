//! Goalposts and priors, estimated once on the reference months and written, dated, into the model
//! file (METHOD.md §2.2, §2.4).

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::{Deserialize, Serialize};

use super::grid::{Grid, Units};
use super::model::{Indicator, Model, Shrink};
use crate::feeds::Coverage;
use crate::panel::{Period, Unit};
use methods::index::posterior::{IndicatorKind, Posterior};
use methods::index::shrink::{Prior, beta_binomial, marshall};

/// Reference area-months below which nothing is frozen: a goalpost from a handful of months is no
/// goalpost.
const LEAST_MONTHS: usize = 3;

/// The `[frozen]` part of a model.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Frozen {
    /// As of when they were estimated.
    pub as_of: String,
    /// By node, `domain.indicator`.
    #[serde(default)]
    pub indicator: BTreeMap<String, FrozenIndicator>,
}

/// Goalposts and prior of one indicator.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FrozenIndicator {
    /// First reference month.
    pub from: String,
    /// Last reference month.
    pub to: String,
    /// Lower goalpost, on the scale of the figure that is normalised.
    pub low: f64,
    /// Upper goalpost.
    pub high: f64,
    /// Prior of the shrinkage; none where the indicator is not shrunk.
    #[serde(default)]
    pub prior: Option<Prior>,
}

/// The months on which a domain's goalposts are estimated: the first full ones of its feed, as many
/// as the model says.
pub fn reference_window(
    model: &Model,
    coverage: &Coverage,
    domain: &str,
    months: &[Period],
) -> Vec<String> {
    let Some((first, _)) = coverage.feeds.get(domain) else { return Vec::new() };
    let full = months.iter().filter(|m| {
        m.start >= *first && Unit::Month.period(m.start, chrono::NaiveDate::MAX).end == m.end
    });
    full.take(model.reference.months).map(|m| m.name.clone()).collect()
}

/// Estimates goalposts and priors from the grids of all months known then, of the indicators that
/// have none yet. Also says which of them are final: those whose reference months are complete. The
/// others serve until then.
pub fn freeze(
    model: &Model,
    units: &Units,
    grids: &[Grid],
    coverage: &Coverage,
    months: &[Period],
    as_of: &str,
) -> (Frozen, Vec<String>) {
    let mut frozen = model.frozen.clone().unwrap_or_default();
    frozen.as_of = as_of.to_owned();
    let mut complete = Vec::new();
    for (leaf, (domain, indicator, node)) in model.indicators().enumerate() {
        let window = reference_window(model, coverage, &domain.id, months);
        let (Some(from), Some(to)) = (window.first(), window.last()) else { continue };
        if frozen.indicator.contains_key(&node) {
            continue;
        }
        let (y, n, counted) = reference(units, grids, leaf, &window);
        let estimate = if counted < LEAST_MONTHS {
            // Nothing to compare with: equal goalposts, which score nothing.
            FrozenIndicator { from: from.clone(), to: to.clone(), low: 0.0, high: 0.0, prior: None }
        } else {
            let prior = prior(model, indicator, &y, &n);
            let figures: Vec<(f64, f64)> = y
                .iter()
                .zip(&n)
                .map(|(y, n)| (Posterior::new(indicator.kind, None, *y, *n).mean, *n))
                .collect();
            let (low, high) = goalposts(figures, model);
            FrozenIndicator { from: from.clone(), to: to.clone(), low, high, prior }
        };
        if window.len() == model.reference.months {
            complete.push(node.clone());
        }
        frozen.indicator.insert(node, estimate);
    }
    (frozen, complete)
}

/// Counts and what they are held against, of the ranked areas in the reference months, and how many
/// months there are.
fn reference(
    units: &Units,
    grids: &[Grid],
    leaf: usize,
    window: &[String],
) -> (Vec<f64>, Vec<f64>, usize) {
    let (mut y, mut n, mut counted) = (Vec::new(), Vec::new(), 0);
    for grid in grids.iter().filter(|g| window.contains(&g.period.name)) {
        let before = y.len();
        for area in (0..units.areas.len())
            .filter(|area| units.ranked[*area] && !grid.n[[*area, leaf]].is_nan())
        {
            y.push(grid.num[[area, leaf]]);
            n.push(grid.n[[area, leaf]]);
        }
        counted += usize::from(y.len() > before);
    }
    (y, n, counted)
}

fn prior(model: &Model, indicator: &Indicator, y: &[f64], n: &[f64]) -> Option<Prior> {
    if indicator.shrink == Shrink::None {
        return None;
    }
    let prior = match indicator.kind {
        IndicatorKind::Rate | IndicatorKind::Ratio => marshall(y, n),
        IndicatorKind::Proportion => beta_binomial(y, n),
        IndicatorKind::Amount | IndicatorKind::Count => None,
    }?;
    let average = n.iter().sum::<f64>() / n.len() as f64;
    Some(prior.with_strength_at_most(average * model.reference.months as f64))
}

/// The model's quantiles of the reference figures as they were, before shrinkage: so a figure that
/// small numbers make uncertain scores near the middle, and chance alone does not span the scale.
/// Each counts by what it is held against, lest the smallest areas set the posts.
fn goalposts(mut figures: Vec<(f64, f64)>, model: &Model) -> (f64, f64) {
    figures.sort_by(|a, b| a.0.total_cmp(&b.0));
    (
        weighted_quantile(&figures, model.reference.low),
        weighted_quantile(&figures, model.reference.high),
    )
}

/// Quantile of sorted `(value, weight)`: where the weights' midpoints, as shares of their sum,
/// reach `p`; linear between them.
fn weighted_quantile(sorted: &[(f64, f64)], p: f64) -> f64 {
    let all: f64 = sorted.iter().map(|(_, w)| w).sum();
    let mut before: Option<(f64, f64)> = None;
    let mut sum = 0.0;
    for (value, weight) in sorted {
        let at = (sum + weight / 2.0) / all;
        sum += weight;
        if at >= p {
            return before.map_or(*value, |(v, a)| v + (value - v) * (p - a) / (at - a));
        }
        before = Some((*value, at));
    }
    before.map_or(f64::NAN, |(v, _)| v)
}

/// Line that opens the part of a model file which the engine writes.
const MARK: &str = "# Estimated by the engine on the reference months named in each line, and kept, so that a new month never changes an old score.";

impl Frozen {
    /// The text of a model file with this as its frozen part, in place of an earlier one.
    pub fn written_into(&self, model: &str) -> String {
        let own = model.find(MARK).map_or(model, |at| &model[..at]);
        format!("{}\n\n{}", own.trim_end(), self.to_toml())
    }

    fn to_toml(&self) -> String {
        let mut text = format!(
            "{MARK}\n# low, high: goalposts (equal: townships did not differ, so it is not scored); \
             prior: mean, and how much exposure (or how many cases) of evidence it is worth.\n",
        );
        let _ = writeln!(text, "[frozen]\nas_of = \"{}\"\n\n[frozen.indicator]", self.as_of);
        for (node, f) in &self.indicator {
            let prior = f.prior.map_or(String::new(), |p| {
                format!(", prior = {{ mean = {:?}, strength = {:?} }}", p.mean, p.strength)
            });
            let _ = writeln!(
                text,
                "\"{node}\" = {{ from = \"{}\", to = \"{}\", low = {:?}, high = {:?}{prior} }}",
                f.from, f.to, f.low, f.high
            );
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_weigh_what_stands_behind_a_value() {
        let even: Vec<(f64, f64)> = (1..=100).map(|i| (f64::from(i), 1.0)).collect();
        assert!((weighted_quantile(&even, 0.05) - 5.5).abs() < 1e-9);
        assert!((weighted_quantile(&even, 0.95) - 95.5).abs() < 1e-9);
        // One enormous value with next to nothing behind it moves no post.
        let mut odd = even.clone();
        odd.push((1e6, 1e-6));
        assert!((weighted_quantile(&odd, 0.95) - 95.5).abs() < 1e-3);
        assert_eq!(weighted_quantile(&[(3.0, 1.0)], 0.95), 3.0);
    }

    #[test]
    fn what_is_frozen_reads_back_as_it_was() {
        let indicator = FrozenIndicator {
            from: "2023-01".into(),
            to: "2024-12".into(),
            low: 0.1 + 0.2,
            high: 1e-12,
            prior: Some(Prior { mean: 1.0 / 3.0, strength: f64::INFINITY }),
        };
        let frozen = Frozen {
            as_of: "2026-01-31".into(),
            indicator: BTreeMap::from([("traffic.crashes".to_owned(), indicator)]),
        };
        #[derive(Deserialize)]
        struct File {
            frozen: Frozen,
        }
        let read: File = toml::from_str(&frozen.to_toml()).unwrap();
        assert_eq!(read.frozen, frozen);
    }
}
