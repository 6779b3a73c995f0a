//! Which of a workspace's own model's choices the ranking of a period depends on, and how far it
//! could have come out otherwise.

use ndarray::{Array1, Array2, ArrayView1, Axis, s};
use rayon::prelude::*;

use super::grid::{Grid, ScoredAreas};
use super::inputs::with_grids;
use super::model::{Method, Model};
use super::normalisation::Normalisation;
use super::score::{Recipe, score};
use crate::error::from_flaw;
use crate::job::Job;
use crate::panel::Period;
use methods::index::aggregate::{Aggregate, aggregation};
use methods::index::random_weights::noisy_weights;
use methods::index::ranks::{RankStats, mean_abs_change, rank_statistics, ranks};
use methods::index::sensitivity::{
    Design, Indices, Outputs, alternative, bootstrap, estimator, sobol,
};
use methods::index::veto::Caps;
use methods::{Flaw, Params};

/// Every weight may be so much larger or smaller, as in COINr's `get_noisy_weights` by default.
const NOISE: f64 = 0.25;
/// Sets of such weights.
const SETS: usize = 100;
/// Normalisations tried beside the model's own, and what brings their scores to 0–100.
const NORMALISATIONS: [(&str, f64); 2] = [("min_max", 1.0), ("percentile_rank", 100.0)];
/// Aggregations of domains tried beside the model's own.
const AGGREGATIONS: [&str; 3] = ["arithmetic", "geometric", "harmonic"];
/// Bootstrap samples behind the indices' intervals, and what they cut off on either side.
const BOOTSTRAP: (usize, f64) = (200, 0.05);

/// An uncertain choice, and how much of the ranking's movement it explains.
#[derive(Clone, Debug)]
pub struct Choice {
    pub name: &'static str,
    /// The model's own first; equally likely, every set of weights by itself.
    pub alternatives: Vec<String>,
    /// Sobol' index of first order, and its 90 % bootstrap interval.
    pub first: f64,
    pub first_interval: (f64, f64),
    /// Of total order.
    pub total: f64,
    pub total_interval: (f64, f64),
}

/// An area's ranks over the first 2 n runs, which are a plain sample of models.
#[derive(Clone, Debug)]
pub struct Standing {
    pub code: String,
    pub name: String,
    pub ranks: RankStats,
}

/// What the runs of a design came to.
#[derive(Clone, Debug)]
pub struct Sensitivity {
    /// Rows of the sample, n; models run are n (k + 2) for k choices.
    pub rows: usize,
    pub runs: usize,
    pub seed: u64,
    /// Mean over the runs of how far the areas moved, on average, from the ranks that the model
    /// itself gives: the output that the indices explain.
    pub moved: f64,
    pub choices: Vec<Choice>,
    /// The ranked areas, the first first.
    pub areas: Vec<Standing>,
    /// What could not be judged as it should.
    pub notices: Vec<String>,
}

/// Scores a period under other choices than the model's ([`sensitivity`]), drawn for `rows`
/// rows of a sample.
///
/// # Errors
/// As [`super::audit_periods`], and for fewer than two rows.
pub fn vary_choices(
    job: &Job,
    model: &Model,
    period: &Period,
    rows: usize,
) -> lake::Result<Sensitivity> {
    with_grids(job, model, std::slice::from_ref(period), |recipe, units, grids| match grids {
        [(grid, caps), ..] => {
            sensitivity(recipe, units, grid, caps, rows, job.seed).map_err(from_flaw)
        }
        [] => Err(from_flaw(Flaw::new("there is no period to score", "give one"))),
    })
}

/// Scores a period again and again under other weights (± 25 %, [`noisy_weights`]), other
/// normalisations, other aggregations of the domains, and, where the model shrinks small numbers,
/// without that; each choice drawn anew for each run of a seeded Saltelli design of `rows` rows.
/// Sobol' indices are Jansen's, of the mean absolute change of rank, as in COINr's
/// `get_sensitivity`. Vetoes hold in every run. An indicator or index that has no score under the
/// model has none in any run.
///
/// # Errors
/// A [`Flaw`] for fewer than two rows, and where no area has an index.
pub fn sensitivity(
    recipe: &Recipe,
    units: &ScoredAreas,
    grid: &Grid,
    caps: &Caps,
    rows: usize,
    seed: u64,
) -> Result<Sensitivity, Flaw> {
    let trial = Trial::new(recipe, units, grid, caps, seed)?;
    if trial.nominal.iter().all(|rank| rank.is_nan()) {
        return Err(Flaw::new(
            format!("no area has an index in {}", grid.period.name),
            "choose another period with --to",
        ));
    }
    let alternatives = trial.alternatives();
    let k = alternatives.len();
    let runs = Design::seeded(rows, k, seed)?.runs();
    let found: Vec<Array1<f64>> =
        (0..runs.nrows()).into_par_iter().map(|run| trial.ranks(runs.row(run))).collect();
    let ranked =
        Array2::from_shape_fn((trial.ranked.len(), found.len()), |(area, run)| found[run][area]);
    let moved = mean_abs_change(trial.nominal.view(), ranked.view())?;
    let outputs = Outputs::stacked(&moved.to_vec(), k)?;
    let jansen = estimator("jansen")?;
    let indices = sobol(&outputs, &jansen)?;
    let (low, high) = bootstrap(&outputs, &jansen, BOOTSTRAP.0, BOOTSTRAP.1, seed)?;
    let stats = rank_statistics(trial.nominal.view(), ranked.slice(s![.., ..2 * rows]))?;
    let standing = |(area, ranks): (&usize, RankStats)| Standing {
        code: units.areas[*area].code.clone(),
        name: units.areas[*area].name.clone(),
        ranks,
    };
    let mut areas: Vec<Standing> = trial.ranked.iter().zip(stats).map(standing).collect();
    // NaN, an area without a rank, comes last.
    areas.sort_by(|a, b| a.ranks.nominal.total_cmp(&b.ranks.nominal).then(a.code.cmp(&b.code)));
    Ok(Sensitivity {
        rows,
        runs: runs.nrows(),
        seed,
        moved: methods::stats::descriptive::mean(moved.view()),
        choices: choices(alternatives, &indices.value, &low, &high),
        areas,
        notices: indices.notices,
    })
}

fn choices(
    alternatives: Vec<(&'static str, Vec<String>)>,
    found: &Indices,
    low: &Indices,
    high: &Indices,
) -> Vec<Choice> {
    let choice = |(i, (name, alternatives)): (usize, (&'static str, Vec<String>))| Choice {
        name,
        alternatives,
        first: found.first[i],
        first_interval: (low.first[i], high.first[i]),
        total: found.total[i],
        total_interval: (low.total[i], high.total[i]),
    };
    alternatives.into_iter().enumerate().map(choice).collect()
}

/// A period, ready to be scored by one model after the other.
struct Trial<'a> {
    recipe: &'a Recipe<'a>,
    /// Places of the ranked areas among the units.
    ranked: Vec<usize>,
    /// Ranked areas × nodes.
    caps: Array2<f64>,
    /// Ranks by the model itself.
    nominal: Array1<f64>,
    /// Indicators' scores with and without shrinkage, by each normalisation.
    leaves: Vec<Vec<Array2<f64>>>,
    normalisations: Vec<String>,
    aggregations: Vec<(String, Box<dyn Aggregate>)>,
    /// Sets × (indicators, domains); the model's own first.
    weights: Array2<f64>,
}

impl<'a> Trial<'a> {
    fn new(
        recipe: &'a Recipe<'a>,
        units: &ScoredAreas,
        grid: &Grid,
        caps: &Caps,
        seed: u64,
    ) -> Result<Trial<'a>, Flaw> {
        let ranked: Vec<usize> =
            (0..units.areas.len()).filter(|area| units.ranked[*area]).collect();
        let own = score(recipe, &recipe.measure(grid, units), caps);
        let scored = own.leaf.select(Axis(0), &ranked);
        let nodes = recipe.ranges.len() + 1;
        let mut leaves = Vec::new();
        for shrunk in
            if recipe.priors.iter().any(Option::is_some) { &[true, false][..] } else { &[true][..] }
        {
            let mut by = vec![leaf_scores(recipe, units, grid, None, *shrunk)?];
            for normalisation in &NORMALISATIONS {
                by.push(leaf_scores(recipe, units, grid, Some(normalisation), *shrunk)?);
            }
            leaves.push(
                by.into_iter()
                    .map(|all| as_scored(all.select(Axis(0), &ranked), &scored))
                    .collect(),
            );
        }
        Ok(Trial {
            recipe,
            caps: Array2::from_shape_fn((ranked.len(), nodes), |(area, node)| {
                caps.cap(ranked[area], node)
            }),
            nominal: ranks(own.node.column(nodes - 1).select(Axis(0), &ranked).view()),
            ranked,
            leaves,
            normalisations: [recipe.model.normalise.method.as_str()]
                .into_iter()
                .chain(NORMALISATIONS.map(|(name, _)| name))
                .map(str::to_owned)
                .collect(),
            aggregations: aggregations(&recipe.model.aggregate.domains)?,
            weights: weights(recipe, seed)?,
        })
    }

    /// The choices and their alternatives, those with one left out.
    fn alternatives(&self) -> Vec<(&'static str, Vec<String>)> {
        let sets = vec![
            "given".to_owned(),
            format!("{} sets ± {:.0} %", self.weights.nrows() - 1, 100.0 * NOISE),
        ];
        let names = self.aggregations.iter().map(|(name, _)| name.clone()).collect();
        let mut choices = vec![
            ("weights", sets),
            ("normalisation", self.normalisations.clone()),
            ("aggregation of domains", names),
        ];
        if self.leaves.len() > 1 {
            choices.push(("shrinkage", vec!["empirical Bayes".to_owned(), "none".to_owned()]));
        }
        choices
    }

    /// Ranks of the areas under what the numbers between 0 and 1 stand for, one a choice.
    fn ranks(&self, choices: ArrayView1<f64>) -> Array1<f64> {
        let set = self.weights.row(alternative(choices[0], self.weights.nrows()));
        let normalisation = alternative(choices[1], self.normalisations.len());
        let (_, in_index) = &self.aggregations[alternative(choices[2], self.aggregations.len())];
        let shrinkage = choices.get(3).map_or(0, |u| alternative(*u, self.leaves.len()));
        let index = self.index(&self.leaves[shrinkage][normalisation], set, in_index.as_ref());
        ranks(index.view())
    }

    fn index(
        &self,
        leaf: &Array2<f64>,
        weights: ArrayView1<f64>,
        in_index: &dyn Aggregate,
    ) -> Array1<f64> {
        let top = self.recipe.ranges.len();
        let mut domains = Array2::from_elem((leaf.nrows(), top), f64::NAN);
        for (domain, range) in self.recipe.ranges.iter().enumerate() {
            let scores = self
                .recipe
                .in_domain(leaf.slice(s![.., range.clone()]), weights.slice(s![range.clone()]));
            domains.column_mut(domain).assign(&capped(scores, self.caps.column(domain)));
        }
        let index = capped(
            in_index.aggregate(domains.view(), weights.slice(s![leaf.ncols()..])),
            self.caps.column(top),
        );
        index
            .iter()
            .zip(&self.nominal)
            .map(|(index, nominal)| if nominal.is_nan() { f64::NAN } else { *index })
            .collect()
    }
}

fn capped(scores: Array1<f64>, caps: ArrayView1<f64>) -> Array1<f64> {
    scores.iter().zip(caps).map(|(score, cap)| if *score > *cap { *cap } else { *score }).collect()
}

/// Indicators' scores of all units by another normalisation, if one is named, and without
/// shrinkage, unless it is asked for.
fn leaf_scores(
    recipe: &Recipe,
    units: &ScoredAreas,
    grid: &Grid,
    other: Option<&(&str, f64)>,
    shrunk: bool,
) -> Result<Array2<f64>, Flaw> {
    let mut varied = Recipe::new(recipe.model)?;
    if let Some((name, _)) = other {
        let method = Method { method: (*name).to_owned(), params: Params::new() };
        varied.normalisations = varied
            .leaves
            .iter()
            .map(|leaf| Normalisation::new(&method, leaf, None))
            .collect::<Result<_, Flaw>>()?;
    }
    if !shrunk {
        varied.priors.fill(None);
    }
    let none = Caps::new(units.areas.len(), recipe.ranges.len() + 1);
    let scores = score(&varied, &varied.measure(grid, units), &none).leaf;
    Ok(scores * other.map_or(1.0, |(_, to_hundred)| *to_hundred))
}

/// The scores of those that the model itself scores.
fn as_scored(mut scores: Array2<f64>, own: &Array2<f64>) -> Array2<f64> {
    scores.zip_mut_with(own, |score, own| {
        if own.is_nan() {
            *score = f64::NAN;
        }
    });
    scores
}

/// An aggregation with its name.
type NamedAggregate = (String, Box<dyn Aggregate>);

/// The model's own aggregation of domains first, then those of the list that are not it.
fn aggregations(own: &Method) -> Result<Vec<NamedAggregate>, Flaw> {
    let mut all = vec![(own.method.clone(), aggregation(&own.method, &own.params)?)];
    for name in AGGREGATIONS.iter().filter(|name| **name != own.method) {
        all.push(((*name).to_owned(), aggregation(name, &Params::new())?));
    }
    Ok(all)
}

/// Sets of weights of indicators and domains, the model's own and noisy ones.
fn weights(recipe: &Recipe, seed: u64) -> Result<Array2<f64>, Flaw> {
    let own: Vec<f64> = recipe.leaf_weights.iter().chain(&recipe.domain_weights).copied().collect();
    let mut sets = noisy_weights(&own, &vec![NOISE; own.len()], SETS, seed)?;
    sets.row_mut(0).assign(&ArrayView1::from(&own));
    Ok(sets)
}
