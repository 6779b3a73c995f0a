//! TOPSIS: how near a unit is to the ideal one (the best score of each child), relative to its
//! distances from the ideal and the anti-ideal (the worst score of each).
//!
//! Hwang, C. L. and Yoon, K. (1981) Multiple attribute decision making: methods and applications.
//! Springer; as pymcdm's `TOPSIS`.
//!
//! Scores are taken as the normalisation left them: with `min_max` this is pymcdm's default. The
//! authors divide each column by its length, which is a normalisation and not done here.

use ndarray::{Array1, ArrayView1, ArrayView2, Zip};

use super::Aggregate;
use super::ideal::{alike, distances, ends};
use crate::method::{Flaw, Params};
use crate::params::none;

struct Topsis;

/// From a model's parameters: it has none.
pub fn make(params: &Params) -> Result<Box<dyn Aggregate>, Flaw> {
    none("topsis", params)?;
    Ok(Box::new(Topsis))
}

impl Aggregate for Topsis {
    /// D⁻ / (D⁺ + D⁻), 0–1, with Euclidean distances of the scores times their weights: 1 at the
    /// ideal. A unit that differs from no other, and so is as near to both, gets ½.
    fn aggregate(&self, scores: ArrayView2<f64>, weights: ArrayView1<f64>) -> Array1<f64> {
        let (worst, best) = ends(scores);
        let from_worst = distances(scores, weights, &worst);
        let from_best = distances(scores, weights, &best);
        Zip::from(&from_worst).and(&from_best).map_collect(|minus, plus| closeness(*minus, *plus))
    }

    fn compares_units(&self) -> bool {
        true
    }

    fn notices(&self, scores: ArrayView2<f64>) -> Vec<String> {
        match alike(scores) {
            0 => Vec::new(),
            n => vec![format!("{n} units differ from no other: they get the middle of the scale")],
        }
    }
}

fn closeness(minus: f64, plus: f64) -> f64 {
    if minus == 0.0 && plus == 0.0 { 0.5 } else { minus / (minus + plus) }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};

    use super::super::{aggregation, tests::parents};

    #[test]
    fn the_fighter_aircraft_of_the_authors() {
        // Hwang and Yoon (1981): speed, range, payload, cost (less is better), reliability,
        // manoeuvrability; columns divided by their length; A1 and A3 before A4 and A2.
        let mut x = array![
            [2.0, 1500.0, 20000.0, -5.5, 5.0, 9.0],
            [2.5, 2700.0, 18000.0, -6.5, 3.0, 5.0],
            [1.8, 2000.0, 21000.0, -4.5, 7.0, 7.0],
            [2.2, 1800.0, 20000.0, -5.0, 5.0, 5.0]
        ];
        for mut column in x.columns_mut() {
            let length = f64::sqrt(column.dot(&column));
            column.mapv_inplace(|v| v / length);
        }
        let done = parents("topsis", "", x.view(), &[0.2, 0.1, 0.1, 0.1, 0.2, 0.3]);
        for (got, published) in done.iter().zip([0.643, 0.268, 0.613, 0.312]) {
            assert!((got - published).abs() < 1e-3, "{done}");
        }
    }

    #[test]
    fn by_hand() {
        // Ideal (10, 8), anti-ideal (4, 0); D⁺ = 5 and D⁻ = 5 of the third; weights of 1 and 1.
        let scores = array![[10.0, 0.0], [4.0, 8.0], [7.0, 4.0], [10.0, 8.0], [4.0, 0.0]];
        let done = parents("topsis", "", scores.view(), &[1.0, 1.0]).to_vec();
        for (got, wanted) in done.iter().zip([6.0 / 14.0, 8.0 / 14.0, 0.5, 1.0, 0.0]) {
            assert!((got - wanted).abs() < 1e-15, "{done:?}");
        }
        // Weights multiply scores: of the first D⁺ = 8, D⁻ = 3 · 6.
        let done = parents("topsis", "", scores.view(), &[3.0, 1.0]);
        assert!((done[0] - 18.0 / 26.0).abs() < 1e-15, "{done}");
    }

    #[test]
    fn where_scores_begin_and_their_common_unit_do_not_count() {
        let scores = array![[3.0, 1.0, 7.0], [2.0, 8.0, 2.0], [9.0, 5.0, 4.0], [4.0, 4.0, 4.0]];
        let moved = scores.mapv(|s: f64| s * 2.5) + array![100.0, -30.0, 0.0];
        let weights = [1.0, 2.0, 0.5];
        let done = parents("topsis", "", scores.view(), &weights);
        let same = parents("topsis", "", moved.view(), &weights.map(|w| w * 7.0));
        assert!(done.iter().zip(&same).all(|(a, b)| (a - b).abs() < 1e-12), "{done} {same}");
        let stretched = &scores * &array![1.0, 10.0, 1.0];
        let other = parents("topsis", "", stretched.view(), &weights);
        assert!(done.iter().zip(&other).any(|(a, b)| (a - b).abs() > 0.05), "{done} {other}");
    }

    #[test]
    fn a_child_that_is_missing_or_has_no_weight_is_left_out() {
        let nan = f64::NAN;
        let scores = array![[1.0, 50.0, 4.0], [5.0, 10.0, nan], [3.0, nan, 2.0], [nan, 70.0, nan]];
        let without = scores.select(ndarray::Axis(1), &[0, 2]);
        let done = parents("topsis", "", scores.view(), &[2.0, 0.0, 1.0]);
        let wanted = parents("topsis", "", without.view(), &[2.0, 1.0]);
        assert_eq!(done.to_vec()[..3], wanted.to_vec()[..3]);
        assert!(done[3].is_nan() && wanted[3].is_nan());
        // The best of all that it has, and half way between the best and the worst of one child
        // with the worst of the other.
        assert_eq!(done[1], 1.0);
        assert!((done[2] - 4.0 / (4.0 + 20.0_f64.sqrt())).abs() < 1e-15, "{done}");
    }

    #[test]
    fn units_without_a_difference_get_the_middle_with_a_notice() {
        let method = aggregation("topsis", &toml::Table::new()).unwrap();
        for scores in [array![[3.0, 4.0], [3.0, 4.0]], array![[3.0, 4.0]], Array2::zeros((1, 2))] {
            let done = method.aggregate(scores.view(), array![1.0, 1.0].view());
            assert!(done.iter().all(|s| *s == 0.5), "{done}");
            assert_eq!(method.notices(scores.view()).len(), 1);
        }
        assert!(method.notices(array![[3.0], [4.0]].view()).is_empty());
    }
}
