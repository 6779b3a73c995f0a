//! Figures → scores: normalise, aggregate up the tree, cap (docs/method.md).

use std::ops::Range;

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};

use super::grid::{Grid, ScoredAreas};
use super::model::{Indicator, Method, Model};
use super::normalisation::{Normalisation, Scales};
use methods::Flaw;
use methods::index::aggregate::{Aggregate, aggregation};
use methods::index::posterior::{Posterior, Prior};
use methods::index::veto::Caps;
use methods::index::weigh::weighting;

/// A model made ready to score: methods chosen, scales and priors at hand.
pub struct Recipe<'a> {
    pub model: &'a Model,
    /// The indicators, domain after domain.
    pub leaves: Vec<&'a Indicator>,
    /// Where each domain's indicators stand among them.
    pub ranges: Vec<Range<usize>>,
    pub normalisations: Vec<Normalisation>,
    pub priors: Vec<Option<Prior>>,
    /// Weights of the indicators, summing to one in each domain, and of the domains.
    pub leaf_weights: Array1<f64>,
    pub domain_weights: Array1<f64>,
    in_domain: Box<dyn Aggregate>,
    in_index: Box<dyn Aggregate>,
}

impl<'a> Recipe<'a> {
    /// # Errors
    /// A [`Flaw`] where the model names a method that does not exist or scores areas against one
    /// another, or gives it a wrong parameter.
    pub fn new(model: &'a Model) -> Result<Recipe<'a>, Flaw> {
        let leaves: Vec<&Indicator> =
            model.indicators().map(|(_, indicator, _)| indicator).collect();
        let mut ranges = Vec::with_capacity(model.domain.len());
        let mut start = 0;
        for domain in &model.domain {
            ranges.push(start..start + domain.indicator.len());
            start += domain.indicator.len();
        }
        let frozen = |node: &str| model.frozen.as_ref().and_then(|f| f.indicator.get(node));
        let nodes: Vec<String> = model.indicators().map(|(_, _, node)| node).collect();
        let normalisation = |(indicator, node): (&&Indicator, &String)| {
            Normalisation::new(
                indicator.normalise.as_ref().unwrap_or(&model.normalise),
                indicator,
                frozen(node),
            )
        };
        let normalisations = leaves
            .iter()
            .zip(&nodes)
            .map(normalisation)
            .collect::<Result<Vec<Normalisation>, Flaw>>()?;
        let mut leaf_weights = Array1::from_iter(leaves.iter().map(|i| i.weight));
        for range in &ranges {
            proportions(leaf_weights.slice_mut(ndarray::s![range.clone()]));
        }
        let domain_weights = domain_weights(model)?;
        Ok(Recipe {
            model,
            priors: nodes.iter().map(|node| frozen(node).and_then(|f| f.prior)).collect(),
            normalisations,
            leaves,
            ranges,
            leaf_weights,
            domain_weights,
            in_domain: area_by_area(&model.aggregate.indicators)?,
            in_index: area_by_area(&model.aggregate.domains)?,
        })
    }

    /// Posteriors of all figures of a grid, areas × indicators.
    pub fn posteriors(&self, grid: &Grid) -> Array2<Posterior> {
        Array2::from_shape_fn(grid.num.dim(), |(area, leaf)| {
            self.posterior(leaf, grid.num[[area, leaf]], grid.n[[area, leaf]])
        })
    }

    /// Posterior of one indicator's figure.
    pub fn posterior(&self, leaf: usize, num: f64, n: f64) -> Posterior {
        Posterior::new(self.leaves[leaf].kind, self.priors[leaf].as_ref(), num, n)
    }

    /// The figures of a grid, and the scales of its period.
    pub fn measure(&self, grid: &Grid, units: &ScoredAreas) -> Measured {
        let posteriors = self.posteriors(grid);
        let scales =
            Scales::fit(&self.normalisations, grid, units, posteriors.mapv(|p| p.mean).view());
        Measured { posteriors, scales }
    }

    /// Domains' scores, units × domains, from indicators' scores, units × indicators.
    pub fn domains(&self, leaf: ArrayView2<f64>) -> Array2<f64> {
        let mut domains = Array2::from_elem((leaf.nrows(), self.ranges.len()), f64::NAN);
        for (domain, range) in self.ranges.iter().enumerate() {
            let children = leaf.slice(ndarray::s![.., range.clone()]);
            domains.column_mut(domain).assign(
                &self.in_domain(children, self.leaf_weights.slice(ndarray::s![range.clone()])),
            );
        }
        domains
    }

    /// One domain's scores from those of its indicators.
    pub fn in_domain(&self, children: ArrayView2<f64>, weights: ArrayView1<f64>) -> Array1<f64> {
        self.in_domain.aggregate(children, weights)
    }

    /// The index from the domains' scores; NaN where too small a share of the weights is scored.
    pub fn index(&self, domains: ArrayView2<f64>, weights: ArrayView1<f64>) -> Array1<f64> {
        let mut index = self.in_index.aggregate(domains, weights);
        for (unit, children) in domains.axis_iter(Axis(0)).enumerate() {
            let scored: f64 = children
                .iter()
                .zip(&self.domain_weights)
                .filter(|(s, _)| !s.is_nan())
                .map(|(_, w)| w)
                .sum();
            // Weights that sum to one do so to the last digit or two only.
            if scored + 1e-12 < self.model.thresholds.index {
                index[unit] = f64::NAN;
            }
        }
        index
    }

    /// The aggregations of indicators in a domain and of domains in the index.
    pub fn aggregations(&self) -> (&dyn Aggregate, &dyn Aggregate) {
        (self.in_domain.as_ref(), self.in_index.as_ref())
    }
}

/// Posteriors of a period's figures, areas × indicators, and the scales they are scored on.
pub struct Measured {
    pub posteriors: Array2<Posterior>,
    pub scales: Scales,
}

/// Scores of one period. NaN: no score.
#[derive(Clone, Debug)]
pub struct Scores {
    /// Areas × indicators.
    pub leaf: Array2<f64>,
    /// Areas × nodes: the domains, and last the index.
    pub node: Array2<f64>,
    /// The same before any veto.
    pub uncapped: Array2<f64>,
}

/// Scores a period.
pub fn score(recipe: &Recipe, measured: &Measured, caps: &Caps) -> Scores {
    let Measured { posteriors, scales } = measured;
    let leaf = Array2::from_shape_fn(posteriors.dim(), |(area, leaf)| {
        scales.scale(area, leaf).score(posteriors[[area, leaf]].mean)
    });
    let domains = recipe.domains(leaf.view());
    let index = recipe.domain_weights.len();
    let mut node = Array2::from_elem((leaf.nrows(), index + 1), f64::NAN);
    node.slice_mut(ndarray::s![.., ..index]).assign(&domains);
    let mut uncapped = node.clone();
    caps.apply(&mut node);
    let capped = recipe.index(node.slice(ndarray::s![.., ..index]), recipe.domain_weights.view());
    node.column_mut(index).assign(&capped);
    uncapped.column_mut(index).assign(&recipe.index(domains.view(), recipe.domain_weights.view()));
    caps.apply(&mut node);
    Scores { leaf, node, uncapped }
}

/// An aggregation that scores each area by itself, so that its interval can be drawn and its change
/// taken apart.
fn area_by_area(chosen: &Method) -> Result<Box<dyn Aggregate>, Flaw> {
    let method = aggregation(&chosen.method, &chosen.params)?;
    if method.compares_units() {
        return Err(Flaw::new(
            format!("{} scores areas against one another", chosen.method),
            "take another for a night's model; `pingan lab index` has it",
        ));
    }
    Ok(method)
}

/// The domains' weights, as the model gives them or as it has them judged; they sum to one.
fn domain_weights(model: &Model) -> Result<Array1<f64>, Flaw> {
    let mut weights = Array1::from_iter(model.domain.iter().map(|d| d.weight));
    if model.weigh.method != "given" {
        let method = weighting(&model.weigh.method, &model.weigh.params)?;
        if method.data_driven() {
            let what =
                format!("weights by \"{}\" would change with every month", model.weigh.method);
            return Err(Flaw::new(
                what,
                "take their figures from `pingan lab weights` and write them at the domains",
            ));
        }
        // These methods look at how many domains there are and at nothing else.
        weights = method
            .weigh(Array2::zeros((1, weights.len())).view(), Array1::ones(weights.len()).view())?
            .value;
    }
    proportions(weights.view_mut());
    Ok(weights)
}

/// Weights as they came to bear: renormalised over the siblings that have a score, NaN where the
/// node itself has none.
pub fn shares(scores: ArrayView1<f64>, weights: &Array1<f64>) -> Vec<f64> {
    let scored: f64 = scores.iter().zip(weights).filter(|(s, _)| !s.is_nan()).map(|(_, w)| w).sum();
    weights
        .iter()
        .zip(scores)
        .map(|(w, s)| if s.is_nan() { f64::NAN } else { w / scored })
        .collect()
}

/// Scales weights to sum to one; all zero stay zero.
pub fn proportions(mut weights: ndarray::ArrayViewMut1<f64>) {
    let sum = weights.sum();
    if sum > 0.0 {
        weights /= sum;
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_model_that_compares_areas_is_refused() {
        let bundled = include_str!("../../models/index.toml");
        for method in ["copeland", "topsis", "wroclaw", "benefit_of_the_doubt"] {
            let chosen =
                format!("aggregate = {{ domains = {{ method = '{method}' }} }}\n{bundled}");
            let flaw = Model::parse(Path::new("m"), &chosen).unwrap_err().to_string();
            assert!(flaw.contains("scores areas against one another"), "{flaw}");
        }
    }
}
