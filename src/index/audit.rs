//! Audit of a model on what it scored: nominal and effective weights, correlations, Cronbach's
//! alpha, and the change of the ranking without each element.

use ndarray::{Array1, Array2, ArrayView2, Axis, concatenate, s};

use super::grid::ScoredAreas;
use super::inputs::with_grids;
use super::model::Model;
use super::score::{Recipe, Scores, score, shares};
use crate::error::from_flaw;
use crate::job::Job;
use crate::panel::Period;
use methods::Flaw;
use methods::index::audit::{
    correlation, cronbach_of_nodes, effective_weights, remove_elements, with_ancestors, within,
};

/// Correlations below the first, below the second and above the third are flagged, as in COINr's
/// `plot_corr` (its `flagthresh`).
const NEGATIVE: f64 = -0.4;
const WEAK: f64 = 0.3;
const HIGH: f64 = 0.9;

/// What an audit found about an indicator, a domain or the index. NaN: cannot be said.
#[derive(Clone, Debug)]
pub struct Element {
    /// `domain.indicator`, a domain, or `index`.
    pub node: String,
    pub kind: &'static str,
    /// Its weight among its siblings, as the model has it; they sum to one.
    pub weight: f64,
    /// Its weight in the index, as the model has it ([`effective_weights`]).
    pub nominal: f64,
    /// Its mean weight in the index as it came to bear, where what has no score passes its weight
    /// on.
    pub effective: f64,
    /// Share of the areas and periods in which it has a score.
    pub scored: f64,
    /// Pearson's correlation with the node above it, and with the index.
    pub with_parent: f64,
    pub with_index: f64,
    /// Cronbach's alpha of what it is made of; NaN for an indicator.
    pub alpha: f64,
    /// Mean absolute change of the areas' indices, and of their ranks, where it is left out
    /// ([`remove_elements`]).
    pub score_change: f64,
    pub rank_change: f64,
    pub flags: Vec<Flag>,
}

/// What an analyst should look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flag {
    /// Correlation with the node above it below −0.4.
    Negative,
    /// Correlation with the node above it below 0.3.
    Weak,
    /// Correlation with a sibling, which is named, above 0.9.
    Colinear(String),
}

/// Audits a model on periods ([`audit`]).
///
/// # Errors
/// As [`super::run`]; [`lake::Error::Usage`] where no area has an index.
pub fn audit_periods(job: &Job, model: &Model, periods: &[Period]) -> lake::Result<Vec<Element>> {
    with_grids(job, model, periods, |recipe, units, grids| {
        let scores: Vec<_> = grids
            .iter()
            .map(|(grid, caps)| score(recipe, &recipe.measure(grid, units), caps))
            .collect();
        audit(recipe, units, &scores).map_err(from_flaw)
    })
}

/// Audits a model on `periods` that it has scored, all ranked areas of all periods together; the
/// last two figures are means over the periods, in each of which the areas are ranked. Scores are
/// those before any veto. Elements come domain by domain, the index first.
///
/// # Errors
/// A [`Flaw`] where no area has an index in any of the periods.
pub fn audit(
    recipe: &Recipe,
    units: &ScoredAreas,
    periods: &[Scores],
) -> Result<Vec<Element>, Flaw> {
    let tree = Tree::new(recipe);
    let ranked: Vec<usize> = (0..units.areas.len()).filter(|area| units.ranked[*area]).collect();
    let tables: Vec<Array2<f64>> =
        periods.iter().map(|scores| table(scores).select(Axis(0), &ranked)).collect();
    let views: Vec<ArrayView2<f64>> = tables.iter().map(Array2::view).collect();
    let all =
        concatenate(Axis(0), &views).unwrap_or_else(|_| Array2::zeros((0, tree.parents.len())));
    if all.column(tree.top()).iter().all(|index| index.is_nan()) {
        return Err(Flaw::new(
            "no area has an index in the periods asked for",
            "choose others with --from and --to",
        ));
    }
    let nominal = effective_weights(&tree.parents, &tree.weights)?.value;
    let (effective, flagged) = (tree.effective(recipe, &all), tree.flagged(&all)?);
    let alphas = cronbach_of_nodes(all.view(), &tree.parents)?;
    let (score_change, rank_change) = tree.removed(recipe, &tables)?;
    let element = |node: usize| Element {
        node: tree.ids[node].clone(),
        kind: tree.kind(node),
        weight: tree.weights[node],
        nominal: nominal[node],
        effective: effective[node],
        scored: all.column(node).iter().filter(|s| !s.is_nan()).count() as f64 / all.nrows() as f64,
        with_parent: flagged.with_parent[node],
        with_index: flagged.with_index[node],
        alpha: alphas.iter().find(|(of, _)| *of == node).map_or(f64::NAN, |(_, alpha)| alpha.value),
        score_change: score_change.get(node).copied().unwrap_or(f64::NAN),
        rank_change: rank_change.get(node).copied().unwrap_or(f64::NAN),
        flags: flagged.flags[node].clone(),
    };
    let below = recipe
        .ranges
        .iter()
        .enumerate()
        .flat_map(|(d, range)| std::iter::once(recipe.leaves.len() + d).chain(range.clone()));
    Ok(std::iter::once(tree.top()).chain(below).map(element).collect())
}

/// Indicators, domains and the index as columns, before any veto.
fn table(scores: &Scores) -> Array2<f64> {
    let (leaves, nodes) = (scores.leaf.ncols(), scores.uncapped.ncols());
    let mut table = Array2::zeros((scores.leaf.nrows(), leaves + nodes));
    table.slice_mut(s![.., ..leaves]).assign(&scores.leaf);
    table.slice_mut(s![.., leaves..]).assign(&scores.uncapped);
    table
}

/// A model as the plain tree that the audits know: indicators, domains, and last the index.
struct Tree {
    ids: Vec<String>,
    parents: Vec<Option<usize>>,
    weights: Vec<f64>,
    leaves: usize,
}

/// Correlations and what they are flagged for, one a node.
struct Flagged {
    with_parent: Vec<f64>,
    with_index: Vec<f64>,
    flags: Vec<Vec<Flag>>,
}

impl Tree {
    fn new(recipe: &Recipe) -> Tree {
        let (leaves, domains) = (recipe.leaves.len(), recipe.ranges.len());
        let ids = recipe
            .model
            .indicators()
            .map(|(_, _, node)| node)
            .chain(recipe.model.domain.iter().map(|d| d.id.clone()));
        let mut parents = vec![Some(leaves + domains); leaves + domains];
        for (domain, range) in recipe.ranges.iter().enumerate() {
            parents[range.clone()].fill(Some(leaves + domain));
        }
        parents.push(None);
        let weights = recipe
            .leaf_weights
            .iter()
            .chain(&recipe.domain_weights)
            .copied()
            .chain([1.0])
            .collect();
        Tree { ids: ids.chain(["index".to_owned()]).collect(), parents, weights, leaves }
    }

    fn top(&self) -> usize {
        self.parents.len() - 1
    }

    fn kind(&self, node: usize) -> &'static str {
        match node {
            n if n < self.leaves => "indicator",
            n if n < self.top() => "domain",
            _ => "index",
        }
    }

    /// Mean weights in the index where it has a score; what has none weighs nothing there.
    fn effective(&self, recipe: &Recipe, all: &Array2<f64>) -> Vec<f64> {
        let (mut sums, mut rows) = (vec![0.0; self.parents.len()], 0.0);
        for row in all.rows().into_iter().filter(|row| !row[self.top()].is_nan()) {
            rows += 1.0;
            let known =
                |shares: Vec<f64>| shares.into_iter().map(|s| if s.is_nan() { 0.0 } else { s });
            let domains: Vec<f64> =
                known(shares(row.slice(s![self.leaves..self.top()]), &recipe.domain_weights))
                    .collect();
            for (domain, range) in recipe.ranges.iter().enumerate() {
                let weights = recipe.leaf_weights.slice(s![range.clone()]).to_owned();
                for (leaf, share) in
                    range.clone().zip(known(shares(row.slice(s![range.clone()]), &weights)))
                {
                    sums[leaf] += share * domains[domain];
                }
                sums[self.leaves + domain] += domains[domain];
            }
            sums[self.top()] += 1.0;
        }
        sums.iter().map(|sum| sum / rows).collect()
    }

    fn flagged(&self, all: &Array2<f64>) -> Result<Flagged, Flaw> {
        let pearson = correlation("pearson")?;
        let nan = vec![f64::NAN; self.parents.len()];
        let mut found = Flagged {
            with_parent: nan.clone(),
            with_index: nan,
            flags: vec![Vec::new(); self.parents.len()],
        };
        for pair in with_ancestors(all.view(), &self.parents, pearson)?.value {
            if self.parents[pair.first] == Some(pair.second) {
                found.with_parent[pair.first] = pair.correlation;
                match pair.correlation {
                    r if r < NEGATIVE => found.flags[pair.first].push(Flag::Negative),
                    r if r < WEAK => found.flags[pair.first].push(Flag::Weak),
                    _ => {}
                }
            }
            if pair.second == self.top() {
                found.with_index[pair.first] = pair.correlation;
            }
        }
        for pair in within(all.view(), &self.parents, pearson)?
            .value
            .into_iter()
            .filter(|pair| pair.correlation > HIGH)
        {
            for (one, other) in [(pair.first, pair.second), (pair.second, pair.first)] {
                found.flags[one].push(Flag::Colinear(self.ids[other].clone()));
            }
        }
        Ok(found)
    }

    /// Mean changes of score and rank without each node but the top, over the periods in which
    /// there are any.
    fn removed(
        &self,
        recipe: &Recipe,
        periods: &[Array2<f64>],
    ) -> Result<(Vec<f64>, Vec<f64>), Flaw> {
        let elements: Vec<usize> = (0..self.top()).collect();
        let (mut scores, mut ranks) =
            (vec![Vec::new(); elements.len()], vec![Vec::new(); elements.len()]);
        for table in periods {
            let removal = remove_elements(&self.parents, &self.weights, &elements, |weights| {
                self.index(recipe, table, weights)
            })?
            .value;
            for element in &elements {
                scores[*element].push(removal.score_change[*element]);
                ranks[*element].push(removal.rank_change[*element]);
            }
        }
        let mean = |found: Vec<f64>| methods::stats::descriptive::mean(Array1::from(found).view());
        Ok((scores.into_iter().map(mean).collect(), ranks.into_iter().map(mean).collect()))
    }

    /// The index by other weights, of the areas that have one by the model's.
    fn index(&self, recipe: &Recipe, table: &Array2<f64>, weights: &[f64]) -> Array1<f64> {
        let weights = Array1::from(weights.to_vec());
        let mut domains = Array2::from_elem((table.nrows(), recipe.ranges.len()), f64::NAN);
        for (domain, range) in recipe.ranges.iter().enumerate() {
            let scores = recipe
                .in_domain(table.slice(s![.., range.clone()]), weights.slice(s![range.clone()]));
            domains.column_mut(domain).assign(&scores);
        }
        let index = recipe
            .aggregations()
            .1
            .aggregate(domains.view(), weights.slice(s![self.leaves..self.top()]));
        index
            .iter()
            .zip(table.column(self.top()))
            .map(|(index, nominal)| if nominal.is_nan() { f64::NAN } else { *index })
            .collect()
    }
}
