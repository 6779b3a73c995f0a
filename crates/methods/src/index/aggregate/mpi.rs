//! Mazziotta–Pareto index: the mean, less (or more) what the children differ.
//!
//! Mazziotta, M. and Pareto, A. (2016) On a generalized non-compensatory composite index for
//! measuring socio-economic phenomena. Social Indicators Research 127, 983–1003. MPI∓ = M ∓ S·cv
//! with cv = S/M and S of divisor n, over scores of mean 100 and deviation 10.

use ndarray::{Array1, ArrayView1, ArrayView2};
use serde::Deserialize;

use super::{Aggregate, Children, by_unit};
use crate::method::{Flaw, Params};
use crate::params::parse;

/// Whether unevenness lowers or raises the score.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq)]
pub(super) enum Penalty {
    /// For what is better the higher.
    #[default]
    #[serde(rename = "-")]
    Minus,
    /// For what is worse the higher.
    #[serde(rename = "+")]
    Plus,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
pub(super) struct Mpi {
    pub(super) penalty: Penalty,
}

/// From a model's parameter `penalty`, "-" where not given, or "+".
pub fn make(params: &Params) -> Result<Box<dyn Aggregate>, Flaw> {
    Ok(Box::new(parse::<Mpi>("mpi", params)?))
}

impl Aggregate for Mpi {
    /// Mean and deviation are weighted, which with equal weights are the authors'. Without a
    /// difference there is no penalty, even where the mean is zero; a mean of zero or less with one
    /// is undefined, NaN.
    fn aggregate(&self, scores: ArrayView2<f64>, weights: ArrayView1<f64>) -> Array1<f64> {
        by_unit(scores, weights, |children| self.index(children))
    }

    fn notices(&self, scores: ArrayView2<f64>) -> Vec<String> {
        let negative = scores.rows().into_iter().filter(|row| row.iter().any(|s| *s < 0.0)).count();
        let notice = format!(
            "{negative} units have a negative score, for which the Mazziotta–Pareto penalty is not made"
        );
        if negative > 0 { vec![notice] } else { Vec::new() }
    }
}

impl Mpi {
    pub(super) fn index(&self, children: &Children) -> f64 {
        let mean: f64 = children.iter().map(|(s, w)| s * w).sum();
        let variance: f64 = children.iter().map(|(s, w)| w * (s - mean).powi(2)).sum();
        let sign = if self.penalty == Penalty::Minus { -1.0 } else { 1.0 };
        match mean {
            _ if variance == 0.0 => mean,
            _ if mean > 0.0 => mean + sign * variance / mean,
            _ => f64::NAN,
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::super::{aggregation, tests::parents};

    #[test]
    fn the_penalty_is_the_variance_over_the_mean() {
        let scores = array![[90.0, 110.0], [100.0, 100.0], [-5.0, 2.0], [0.0, 0.0]];
        let done = parents("mpi", "", scores.view(), &[1.0, 1.0]);
        assert_eq!((done[0], done[1], done[3]), (99.0, 100.0, 0.0));
        assert!(done[2].is_nan());
        assert_eq!(parents("mpi", "penalty = '+'", scores.view(), &[1.0, 1.0])[0], 101.0);
        assert_eq!(
            aggregation("mpi", &toml::Table::new()).unwrap().notices(scores.view()).len(),
            1
        );
        assert!(aggregation("mpi", &toml::from_str("penalty = 'x'").unwrap()).is_err());
    }
}
