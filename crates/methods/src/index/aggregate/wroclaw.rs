//! Wroclaw taxonomic method (Hellwig's measure of development): how near a unit is to the ideal
//! one, the best score of each child, relative to what is far among all units.
//!
//! Hellwig, Z. (1968) On the optimal choice of predictors, in Toward a system of quantitative
//! indicators of components of human resources development, study VI. UNESCO, Paris: 1 − D / D₀,
//! D₀ the mean of all distances D plus twice their standard deviation. He standardises first:
//! normalise with `z_score`.
//!
//! Compind's `ci_wroclaw` is D / D₀, where less is better, of scores as they are and without
//! weights. The deviation is the sample's, of divisor n − 1, as there; another divisor changes no
//! rank.

use ndarray::{Array1, ArrayView1, ArrayView2};

use super::Aggregate;
use super::ideal::{alike, distances, ends};
use crate::method::{Flaw, Params};
use crate::params::none;
use crate::stats::descriptive::{mean, standard_deviation};

struct Wroclaw;

/// From a model's parameters: it has none.
pub fn make(params: &Params) -> Result<Box<dyn Aggregate>, Flaw> {
    none("wroclaw", params)?;
    Ok(Box::new(Wroclaw))
}

impl Aggregate for Wroclaw {
    /// 1 at the ideal, and below 0 where a unit is farther than D₀. Distances are Euclidean, of the
    /// scores times their weights. Where no unit has any distance each is the ideal.
    fn aggregate(&self, scores: ArrayView2<f64>, weights: ArrayView1<f64>) -> Array1<f64> {
        let (_, best) = ends(scores);
        let distance = distances(scores, weights, &best);
        let far = mean(distance.view()) + 2.0 * standard_deviation(distance.view());
        distance.mapv(|d| if d == 0.0 { 1.0 } else { 1.0 - d / far })
    }

    fn compares_units(&self) -> bool {
        true
    }

    fn notices(&self, scores: ArrayView2<f64>) -> Vec<String> {
        match alike(scores) {
            0 => Vec::new(),
            n => vec![format!("{n} units differ from no other: each is its own ideal, and gets 1")],
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::super::{aggregation, tests::parents};

    #[test]
    fn by_hand() {
        // Distances from the ideal (10, 8) are 0, 5, 5, 10: mean 5, sample deviation √(50/3).
        let scores = array![[10.0, 8.0], [7.0, 4.0], [6.0, 5.0], [4.0, 0.0]];
        let far = 5.0 + 2.0 * (50.0_f64 / 3.0).sqrt();
        let done = parents("wroclaw", "", scores.view(), &[1.0, 1.0]);
        for (got, distance) in done.iter().zip([0.0, 5.0, 5.0, 10.0]) {
            assert!((got - (1.0 - distance / far)).abs() < 1e-15, "{done}");
        }
        // Compind's `ci_wroclaw` of these, run in R, is the distance and not the nearness.
        for (got, theirs) in
            done.iter().zip([0.0, 0.379795897113271, 0.379795897113271, 0.759591794226542])
        {
            assert!((1.0 - got - theirs).abs() < 1e-14, "{done}");
        }
    }

    #[test]
    fn weights_multiply_scores() {
        // Weights of 4 and 3: distances 0, 4 · 3 and 3 · 4 together, 4 · 6 alone.
        let scores = array![[10.0, 8.0], [7.0, 4.0], [4.0, 8.0]];
        let (near, farther) = (288.0_f64.sqrt(), 24.0);
        let mean = (near + farther) / 3.0;
        let squares = mean.powi(2) + (near - mean).powi(2) + (farther - mean).powi(2);
        let far = mean + 2.0 * (squares / 2.0).sqrt();
        let done = parents("wroclaw", "", scores.view(), &[4.0, 3.0]);
        for (got, distance) in done.iter().zip([0.0, near, farther]) {
            assert!((got - (1.0 - distance / far)).abs() < 1e-15, "{done}");
        }
    }

    #[test]
    fn a_unit_far_from_all_others_is_below_zero() {
        let mut scores = ndarray::Array2::from_elem((10, 1), 9.0);
        scores[[9, 0]] = 0.0;
        scores[[0, 0]] = 10.0;
        let done = parents("wroclaw", "", scores.view(), &[1.0]);
        assert!(done[0] == 1.0 && done[9] < 0.0 && done[5] > 0.5, "{done}");
    }

    #[test]
    fn where_scores_begin_and_their_common_unit_do_not_count() {
        let scores = array![[3.0, 1.0, 7.0], [2.0, 8.0, 2.0], [9.0, 5.0, 4.0], [4.0, 4.0, 4.0]];
        let moved = scores.mapv(|s: f64| s * 2.5) + array![100.0, -30.0, 0.0];
        let weights = [1.0, 2.0, 0.5];
        let done = parents("wroclaw", "", scores.view(), &weights);
        let same = parents("wroclaw", "", moved.view(), &weights.map(|w| w * 7.0));
        assert!(done.iter().zip(&same).all(|(a, b)| (a - b).abs() < 1e-12), "{done} {same}");
        // Nearer to the ideal is higher.
        assert!(done[2] > done[0] && done[2] > done[3], "{done}");
    }

    #[test]
    fn a_child_that_is_missing_or_has_no_weight_is_left_out() {
        let nan = f64::NAN;
        let scores = array![[1.0, 50.0, 4.0], [5.0, 10.0, nan], [3.0, nan, 2.0], [nan, 70.0, nan]];
        let without = scores.select(ndarray::Axis(1), &[0, 2]);
        let done = parents("wroclaw", "", scores.view(), &[2.0, 0.0, 1.0]);
        let wanted = parents("wroclaw", "", without.view(), &[2.0, 1.0]);
        assert_eq!(done.to_vec()[..3], wanted.to_vec()[..3]);
        assert!(done[3].is_nan() && wanted[3].is_nan());
        assert_eq!(done[1], 1.0);
    }

    #[test]
    fn units_without_a_difference_are_the_ideal_with_a_notice() {
        let method = aggregation("wroclaw", &toml::Table::new()).unwrap();
        for scores in [array![[3.0, 4.0], [3.0, 4.0]], array![[3.0, 4.0]]] {
            let done = method.aggregate(scores.view(), array![1.0, 1.0].view());
            assert!(done.iter().all(|s| *s == 1.0), "{done}");
            assert_eq!(method.notices(scores.view()).len(), 1);
        }
        assert!(method.notices(array![[3.0], [4.0]].view()).is_empty());
    }
}
