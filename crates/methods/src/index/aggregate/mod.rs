//! Aggregation: the scores of a node's children → the node's. One file a method; [`METHODS`] is the
//! list a model chooses from.

mod ampi;
mod arithmetic;
mod benefit_of_the_doubt;
mod copeland;
mod geometric;
mod harmonic;
mod ideal;
mod mean_min;
mod minimum;
mod mpi;
mod owa;
mod power;
mod topsis;
mod wroclaw;

use ndarray::{Array1, ArrayView1, ArrayView2, Axis};

use crate::method::{Flaw, Params};
use crate::params::choose;

pub use copeland::outranking;

/// One way of making a parent's score.
pub trait Aggregate: Send + Sync {
    /// Scores of the parent, one a unit, from `scores` (units × children) and the children's
    /// `weights` (any non-negative numbers; only their proportions count). A missing child (NaN) is
    /// left out and the other weights are scaled up; a unit without any child, or for which the
    /// method is undefined, is NaN.
    fn aggregate(&self, scores: ArrayView2<f64>, weights: ArrayView1<f64>) -> Array1<f64>;

    /// The same with weights of its own for every unit (units × children).
    fn aggregate_each(&self, scores: ArrayView2<f64>, weights: ArrayView2<f64>) -> Array1<f64> {
        let unit = |(row, own): (ArrayView1<f64>, ArrayView1<f64>)| {
            self.aggregate(row.insert_axis(Axis(0)), own).first().copied().unwrap_or(f64::NAN)
        };
        scores.rows().into_iter().zip(weights.rows()).map(unit).collect()
    }

    /// Whether the score is linear in the children's, so that a child's part in a change is its
    /// weight times its change, where weights stay and nothing is missing.
    fn is_linear(&self) -> bool {
        false
    }

    /// Whether a score depends on the units beside it, so that a unit cannot be scored, or its
    /// score taken apart, by itself.
    fn compares_units(&self) -> bool {
        false
    }

    /// A notice for each way in which `scores` (units × children) are outside the method's domain,
    /// where its result is NaN or a limit.
    fn notices(&self, _scores: ArrayView2<f64>) -> Vec<String> {
        Vec::new()
    }
}

/// Makes a method from its parameters.
pub type Make = fn(&Params) -> Result<Box<dyn Aggregate>, Flaw>;

/// Every aggregation by its name in a model file.
pub const METHODS: &[(&str, Make)] = &[
    ("arithmetic", arithmetic::make),
    ("geometric", geometric::make),
    ("harmonic", harmonic::make),
    ("power", power::make),
    ("minimum", minimum::make),
    ("owa", owa::make),
    ("mpi", mpi::make),
    ("ampi", ampi::make),
    ("mean_min", mean_min::make),
    ("copeland", copeland::make),
    ("benefit_of_the_doubt", benefit_of_the_doubt::make),
    ("topsis", topsis::make),
    ("wroclaw", wroclaw::make),
];

/// The aggregation of that name.
///
/// # Errors
/// A [`Flaw`] where there is none of that name, or a parameter is wrong.
pub fn aggregation(name: &str, params: &Params) -> Result<Box<dyn Aggregate>, Flaw> {
    choose("aggregation", name, METHODS)?(params)
}

/// A unit's children that have a score and a weight above zero, as (score, weight with sum 1).
type Children = [(f64, f64)];

/// Applies `parent` unit by unit; NaN for a unit without children.
fn by_unit(
    scores: ArrayView2<f64>,
    weights: ArrayView1<f64>,
    parent: impl Fn(&Children) -> f64,
) -> Array1<f64> {
    let unit = |row: ArrayView1<f64>| {
        let scored = || row.into_iter().zip(weights).filter(|(s, w)| !s.is_nan() && **w > 0.0);
        let total: f64 = scored().map(|(_, w)| w).sum();
        let children: Vec<(f64, f64)> = scored().map(|(s, w)| (*s, w / total)).collect();
        if children.is_empty() { f64::NAN } else { parent(&children) }
    };
    scores.rows().into_iter().map(unit).collect()
}

/// Notices of a mean that needs positive scores.
fn notices_of_nonpositive(name: &str, scores: ArrayView2<f64>) -> Vec<String> {
    let count = |test: fn(f64) -> bool| {
        scores.rows().into_iter().filter(|row| row.iter().any(|s| test(*s))).count()
    };
    let (negative, zero) = (count(|s| s < 0.0), count(|s| s == 0.0));
    [(negative, "a negative score and no"), (zero, "a score of zero and therefore a zero")]
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, what)| format!("{n} units have {what} {name} mean"))
        .collect()
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    /// Parents' scores of a method written as in a model file.
    pub(super) fn parents(
        name: &str,
        params: &str,
        scores: ArrayView2<f64>,
        weights: &[f64],
    ) -> Array1<f64> {
        aggregation(name, &toml::from_str(params).unwrap())
            .unwrap()
            .aggregate(scores, ArrayView1::from(weights))
    }

    fn params(name: &str) -> &'static str {
        match name {
            "power" => "p = 0.5",
            "mean_min" => "alpha = 0.5\nbeta = 2",
            "owa" => "weights = [1, 2, 3]",
            _ => "",
        }
    }

    #[test]
    fn every_method_answers_whatever_the_scores() {
        let nan = f64::NAN;
        let scores = array![
            [nan, nan, nan],
            [0.0, 0.0, 0.0],
            [-1.0, 2.0, nan],
            [5.0, 5.0, 5.0],
            [1.0, 2.0, 3.0]
        ];
        for (name, _) in METHODS {
            let done = parents(name, params(name), scores.view(), &[1.0, 2.0, 3.0]);
            assert!(done[0].is_nan(), "{name}: nothing in, nothing out");
            assert!([1, 3, 4].iter().all(|u| done[*u].is_finite()), "{name}: {done}");
            assert!(
                parents(name, params(name), array![[1.0, 2.0, 3.0]].view(), &[0.0; 3])[0].is_nan(),
                "{name}: no weight"
            );
            assert_eq!(
                parents(name, params(name), ndarray::Array2::zeros((0, 3)).view(), &[1.0; 3]).len(),
                0
            );
        }
    }

    #[test]
    fn every_mean_of_equal_scores_is_that_score_and_only_proportions_of_weights_count() {
        let scores = array![[7.0, 7.0, f64::NAN], [3.0, 7.0, 9.0]];
        let compares = |name| {
            aggregation(name, &toml::from_str(params(name)).unwrap()).unwrap().compares_units()
        };
        assert!(compares("copeland") && !compares("mean_min"));
        for (name, _) in METHODS.iter().filter(|(name, _)| !compares(name)) {
            let done = parents(name, params(name), scores.view(), &[1.0, 2.0, 4.0]);
            assert!((done[0] - 7.0).abs() < 1e-12, "{name}: {done}");
            let scaled = parents(name, params(name), scores.view(), &[10.0, 20.0, 40.0]);
            assert!((done[1] - scaled[1]).abs() < 1e-12, "{name}: {done}");
        }
    }

    #[test]
    fn units_with_weights_of_their_own_are_aggregated_by_these() {
        let (scores, weights) = (
            array![[4.0, 9.0], [4.0, 9.0], [4.0, 9.0]],
            array![[1.0, 0.0], [0.0, 3.0], [2.0, 2.0]],
        );
        for (name, both) in [("arithmetic", 6.5), ("geometric", 6.0), ("harmonic", 72.0 / 13.0)] {
            let method = aggregation(name, &Params::new()).unwrap();
            let done = method.aggregate_each(scores.view(), weights.view());
            for (got, wanted) in done.iter().zip([4.0, 9.0, both]) {
                assert!((got - wanted).abs() < 1e-12, "{name}: {done}");
            }
        }
    }

    #[test]
    fn an_unknown_method_or_parameter_is_a_flaw() {
        assert!(aggregation("mean", &Params::new()).err().unwrap().fix.contains("arithmetic"));
        assert!(aggregation("harmonic", &toml::from_str("p = 1").unwrap()).is_err());
    }
}
