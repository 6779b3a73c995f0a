//! Goalposts and priors estimated on the reference months.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::goalposts::{Frozen, FrozenIndicator};
use super::grid::{Grid, ScoredAreas};
use super::model::{GOALPOSTS, Indicator, Model, Shrink};
use super::rare::{AreaMonth, rare};
use crate::feeds::Coverage;
use crate::panel::{Period, Unit};
use methods::index::posterior::{IndicatorKind, Posterior, Prior};
use methods::index::shrink::{beta_binomial, marshall};

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
) -> Vec<Period> {
    let Some(feed) = coverage.feeds.get(domain) else { return Vec::new() };
    let full = months.iter().filter(|m| {
        m.start >= feed.first && Unit::Month.period(m.start, NaiveDate::MAX).end == m.end
    });
    full.take(model.reference.months).cloned().collect()
}

/// Every month from the first event known to the as-of day.
pub fn known_months(coverage: &Coverage, as_of: NaiveDate) -> Vec<Period> {
    coverage.first_day().map_or(Vec::new(), |first| Unit::Month.periods(first.min(as_of), as_of))
}

/// An indicator that has no goalposts and whose domain delivers.
pub struct Open {
    pub node: String,
    /// Its reference months so far.
    pub months: Vec<Period>,
    /// Whether they are as many as the model says: no later month changes what they give.
    pub complete: bool,
}

/// The indicators that have no goalposts and whose domain delivers.
pub fn without_goalposts(model: &Model, coverage: &Coverage, as_of: NaiveDate) -> Vec<Open> {
    let has = |node: &String| model.frozen.as_ref().is_some_and(|f| f.indicator.contains_key(node));
    let delivers = |domain: &str| coverage.feeds.contains_key(domain);
    let known = known_months(coverage, as_of);
    model
        .indicators()
        .filter(|(d, _, node)| delivers(&d.id) && !has(node))
        .map(|(d, _, node)| {
            let months = reference_window(model, coverage, &d.id, &known);
            let complete = months.len() == model.reference.months;
            Open { node, months, complete }
        })
        .collect()
}

/// A model with goalposts of every indicator whose domain delivers and that has figures.
pub struct Completed {
    pub model: Model,
    /// Nodes whose goalposts were estimated now and are final.
    pub frozen_now: Vec<String>,
    /// Nodes whose reference months are not complete: their goalposts still move.
    pub provisional: Vec<String>,
    /// Nodes whose reference months are complete and give no goalposts, and why: they are not
    /// scored, and nothing is frozen of them.
    pub unfrozen: Vec<(String, String)>,
}

impl Completed {
    /// A model that is taken as it is.
    pub fn unchanged(model: &Model) -> Completed {
        Completed {
            model: model.clone(),
            frozen_now: Vec::new(),
            provisional: Vec::new(),
            unfrozen: Vec::new(),
        }
    }

    /// The goalposts that are final.
    pub fn final_goalposts(&self) -> Frozen {
        let mut frozen = self.model.frozen.clone().unwrap_or_default();
        let unfrozen = |node: &String| self.unfrozen.iter().any(|(of, _)| of == node);
        frozen.indicator.retain(|node, _| !self.provisional.contains(node) && !unfrozen(node));
        frozen
    }
}

/// Gives a model the goalposts it lacks. `grids` are those of all known months, and `columns` what
/// each indicator is held against ([`super::grid::exposure_columns`]); where the model lacks none,
/// they are not looked at.
pub fn complete_goalposts(
    model: &Model,
    units: &ScoredAreas,
    columns: &[Option<String>],
    grids: &[&Grid],
    coverage: &Coverage,
    as_of: NaiveDate,
) -> Completed {
    let mut completed = Completed::unchanged(model);
    let open = without_goalposts(model, coverage, as_of);
    if open.is_empty() {
        return completed;
    }
    let mut frozen = model.frozen.clone().unwrap_or_default();
    frozen.as_of = as_of.to_string();
    for (leaf, (_, indicator, node)) in model.indicators().enumerate() {
        let Some(open) = open.iter().find(|open| open.node == node) else { continue };
        let (estimate, lacks) = estimate(model, units, columns, grids, leaf, open);
        match (open.complete, lacks) {
            (false, _) => completed.provisional.push(node.clone()),
            (true, None) => completed.frozen_now.push(node.clone()),
            (true, Some(why)) => {
                completed
                    .unfrozen
                    .push((node.clone(), reason(why, indicator, columns[leaf].as_deref())));
            }
        }
        frozen.indicator.extend(estimate.map(|estimate| (node, estimate)));
    }
    completed.provisional.retain(|node| frozen.indicator.contains_key(node));
    completed.model.frozen = Some(frozen);
    completed
}

/// What reference months lack that would make goalposts of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lack {
    /// Too few months have a figure.
    Figures,
    /// The goalposts coincide.
    Difference,
}

fn reason(lack: Lack, indicator: &Indicator, column: Option<&str>) -> String {
    match lack {
        Lack::Figures
            if !indicator.by_cases()
                && column.is_none()
                && indicator.kind != IndicatorKind::Count =>
        {
            format!("{} of no area is known", indicator.exposure.join(" or "))
        }
        Lack::Figures => {
            format!("fewer than {LEAST_MONTHS} of the reference months have a figure")
        }
        Lack::Difference => "its goalposts coincide: areas and months hardly differ".to_owned(),
    }
}

/// Goalposts and prior of an indicator by its reference months, and what they lack to be final;
/// `None` where there is no figure.
fn estimate(
    model: &Model,
    units: &ScoredAreas,
    columns: &[Option<String>],
    grids: &[&Grid],
    leaf: usize,
    open: &Open,
) -> (Option<FrozenIndicator>, Option<Lack>) {
    let (Some(from), Some(to)) = (open.months.first(), open.months.last()) else {
        return (None, Some(Lack::Figures));
    };
    let Reference { figures, months, areas } = reference(units, grids, leaf, &open.months);
    if months < LEAST_MONTHS {
        return (None, Some(Lack::Figures));
    }
    let Some((_, indicator, _)) = model.indicators().nth(leaf) else { return (None, None) };
    // What was never counted, in any month, may be what nobody hands in.
    let ever = grids.iter().any(|grid| grid.num.column(leaf).iter().any(|n| *n > 0.0));
    let (low, high, prior) = estimated(model, indicator, &figures, ever);
    let estimate = FrozenIndicator {
        from: from.name.clone(),
        to: to.name.clone(),
        low,
        high,
        prior,
        exposure: columns[leaf].clone(),
        areas: Some(areas),
    };
    // A normalisation without goalposts takes the prior alone.
    let by_goalposts = indicator.normalise.as_ref().unwrap_or(&model.normalise).method == GOALPOSTS;
    let lacks = (by_goalposts && !estimate.is_scale()).then_some(Lack::Difference);
    (Some(estimate), lacks)
}

/// Figures of an indicator in its reference months.
struct Reference {
    /// What the ranked areas had.
    figures: Vec<AreaMonth>,
    /// Months and areas that have a figure.
    months: usize,
    areas: usize,
}

/// The figures of the ranked areas in the reference months.
fn reference(units: &ScoredAreas, grids: &[&Grid], leaf: usize, window: &[Period]) -> Reference {
    let mut reference = Reference { figures: Vec::new(), months: 0, areas: 0 };
    let mut areas = BTreeSet::new();
    for grid in grids.iter().filter(|g| window.iter().any(|m| m.name == g.period.name)) {
        let before = reference.figures.len();
        for area in (0..units.areas.len())
            .filter(|area| units.ranked[*area] && !grid.n[[*area, leaf]].is_nan())
        {
            let (y, n) = (grid.num[[area, leaf]], grid.n[[area, leaf]]);
            reference.figures.push(AreaMonth { area, y, n });
            areas.insert(area);
        }
        reference.months += usize::from(reference.figures.len() > before);
    }
    Reference { areas: areas.len(), ..reference }
}

/// Goalposts and prior of an indicator, from its figures in the reference months. One of which
/// nothing was `ever` counted is not taken for rare: its goalposts coincide.
fn estimated(
    model: &Model,
    indicator: &Indicator,
    figures: &[AreaMonth],
    ever: bool,
) -> (f64, f64, Option<Prior>) {
    let raw = |m: &AreaMonth| (Posterior::new(indicator.kind, None, m.y, m.n).mean, m.n);
    let (low, high) = goalposts(figures.iter().map(raw).collect(), model);
    match rare(model, indicator, figures, high).filter(|_| ever) {
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
