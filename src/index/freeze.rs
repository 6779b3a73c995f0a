//! Goalposts and priors estimated on the reference months.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::goalposts::{Frozen, FrozenIndicator};
use super::grid::{Grid, Units};
use super::model::{Indicator, Model, Shrink};
use super::rare::{AreaMonth, rare};
use crate::feeds::Coverage;
use crate::panel::{Period, Unit};
use methods::index::posterior::{IndicatorKind, Posterior};
use methods::index::shrink::{Prior, beta_binomial, marshall};

/// Reference area-months below which nothing is frozen: a goalpost from a handful of months is no
/// goalpost.
const LEAST_MONTHS: usize = 3;

/// The months on which a domain's goalposts are estimated: the first full ones of its feed, as many
/// as the model says.
fn reference_window(
    model: &Model,
    coverage: &Coverage,
    domain: &str,
    months: &[Period],
) -> Vec<String> {
    let Some(feed) = coverage.feeds.get(domain) else { return Vec::new() };
    let full = months.iter().filter(|m| {
        m.start >= feed.first && Unit::Month.period(m.start, NaiveDate::MAX).end == m.end
    });
    full.take(model.reference.months).map(|m| m.name.clone()).collect()
}

/// Every month from the first event known to the as-of day.
pub fn known_months(coverage: &Coverage, as_of: NaiveDate) -> Vec<Period> {
    coverage.first_day().map_or(Vec::new(), |first| Unit::Month.periods(first.min(as_of), as_of))
}

/// Nodes of the indicators that have no goalposts and whose domain delivers.
pub fn without_goalposts(model: &Model, coverage: &Coverage) -> BTreeSet<String> {
    let has = |node: &String| model.frozen.as_ref().is_some_and(|f| f.indicator.contains_key(node));
    let delivers = |domain: &str| coverage.feeds.contains_key(domain);
    model
        .indicators()
        .filter(|(d, _, node)| delivers(&d.id) && !has(node))
        .map(|(_, _, node)| node)
        .collect()
}

/// A model with goalposts of every indicator whose domain delivers.
pub struct Completed {
    pub model: Model,
    /// Nodes whose goalposts were estimated now and are final.
    pub frozen_now: Vec<String>,
    /// Nodes whose reference months are not complete: their goalposts still move.
    pub provisional: Vec<String>,
}

impl Completed {
    /// The goalposts that are final.
    pub fn final_goalposts(&self) -> Frozen {
        let mut frozen = self.model.frozen.clone().unwrap_or_default();
        frozen.indicator.retain(|node, _| !self.provisional.contains(node));
        frozen
    }
}

/// Gives a model the goalposts it lacks. `grids` are those of all known months; where the model
/// lacks none, they are not looked at.
pub fn complete_goalposts(
    model: &Model,
    units: &Units,
    grids: &[&Grid],
    coverage: &Coverage,
    as_of: NaiveDate,
) -> Completed {
    let open = without_goalposts(model, coverage);
    let mut model = model.clone();
    if open.is_empty() {
        return Completed { model, frozen_now: Vec::new(), provisional: Vec::new() };
    }
    let months = known_months(coverage, as_of);
    let (frozen, complete) = freeze(&model, units, grids, coverage, &months, &as_of.to_string());
    let still_moves = |node: &&String| open.contains(*node) && !complete.contains(node);
    let provisional = frozen.indicator.keys().filter(still_moves).cloned().collect();
    model.frozen = Some(frozen);
    Completed { model, frozen_now: complete, provisional }
}

/// Estimates goalposts and priors of the indicators that have none yet, from the grids of all known
/// months. Returns them beside those the model has, and the nodes of the new ones that are final:
/// their reference months are complete. The others are provisional until then.
fn freeze(
    model: &Model,
    units: &Units,
    grids: &[&Grid],
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
        let (figures, counted) = reference(units, grids, leaf, &window);
        let estimate = if counted < LEAST_MONTHS {
            // Nothing to compare with: equal goalposts, which score nothing.
            FrozenIndicator { from: from.clone(), to: to.clone(), low: 0.0, high: 0.0, prior: None }
        } else {
            let (low, high, prior) = estimated(model, indicator, &figures);
            FrozenIndicator { from: from.clone(), to: to.clone(), low, high, prior }
        };
        if window.len() == model.reference.months {
            complete.push(node.clone());
        }
        frozen.indicator.insert(node, estimate);
    }
    (frozen, complete)
}

/// What the ranked areas had in the reference months, and how many months there are.
fn reference(
    units: &Units,
    grids: &[&Grid],
    leaf: usize,
    window: &[String],
) -> (Vec<AreaMonth>, usize) {
    let (mut figures, mut counted) = (Vec::new(), 0);
    for grid in grids.iter().filter(|g| window.contains(&g.period.name)) {
        let before = figures.len();
        for area in (0..units.areas.len())
            .filter(|area| units.ranked[*area] && !grid.n[[*area, leaf]].is_nan())
        {
            let (y, n) = (grid.num[[area, leaf]], grid.n[[area, leaf]]);
            figures.push(AreaMonth { area, y, n });
        }
        counted += usize::from(figures.len() > before);
    }
    (figures, counted)
}

/// Goalposts and prior of an indicator, from its figures in the reference months.
fn estimated(
    model: &Model,
    indicator: &Indicator,
    figures: &[AreaMonth],
) -> (f64, f64, Option<Prior>) {
    let raw = |m: &AreaMonth| (Posterior::new(indicator.kind, None, m.y, m.n).mean, m.n);
    let (low, high) = goalposts(figures.iter().map(raw).collect(), model);
    match rare(model, indicator, figures, high) {
        Some(rare) => (0.0, rare.high, rare.prior),
        None => {
            let (y, n): (Vec<f64>, Vec<f64>) = figures.iter().map(|m| (m.y, m.n)).unzip();
            (low, high, prior(model, indicator, &y, &n))
        }
    }
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
}
