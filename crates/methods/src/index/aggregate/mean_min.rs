//! Mean–min function: the mean less a penalty for how far the worst child lies below it; between
//! the mean (full compensation) and the minimum (none).
//!
//! Casadio Tarabusi, E. and Guarini, G. (2013) An unbalance adjustment method for development
//! indicators. Social Indicators Research 112, 19–45:
//! M − α (√((M − min)² + β²) − β), over scores on a common scale, such as
//! `z_score { mean = 100, sd = 10 }`. Compind's `ci_mean_min` means to put its columns on that
//! scale first, but takes means and deviations of columns for those of rows; that is not followed.

use ndarray::{Array1, ArrayView1, ArrayView2};
use serde::Deserialize;

use super::{Aggregate, Children, by_unit};
use crate::method::{Flaw, Params};
use crate::params::parse;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MeanMin {
    /// How much unevenness is punished: 0 not at all, 1 fully.
    alpha: f64,
    /// How far the worst child may lie below the mean at little cost, in points of the scores.
    beta: f64,
}

/// From a model's parameters `alpha` and `beta`: `alpha = 0` is the mean, `alpha = 1` with
/// `beta = 0` the minimum.
pub fn make(params: &Params) -> Result<Box<dyn Aggregate>, Flaw> {
    let method: MeanMin = parse("mean_min", params)?;
    if !(0.0..=1.0).contains(&method.alpha) {
        return Err(Flaw::new(
            format!("method \"mean_min\": alpha is {}", method.alpha),
            "give an alpha from 0 (the mean) to 1",
        ));
    }
    if !(method.beta >= 0.0 && method.beta.is_finite()) {
        return Err(Flaw::new(
            format!("method \"mean_min\": beta is {}", method.beta),
            "give a beta of 0 or more, in points of the scores",
        ));
    }
    Ok(Box::new(method))
}

impl Aggregate for MeanMin {
    /// The mean is weighted, which with equal weights is the authors'; the minimum is over the
    /// children that have a weight.
    fn aggregate(&self, scores: ArrayView2<f64>, weights: ArrayView1<f64>) -> Array1<f64> {
        by_unit(scores, weights, |children| self.index(children))
    }
}

impl MeanMin {
    fn index(&self, children: &Children) -> f64 {
        let mean: f64 = children.iter().map(|(s, w)| s * w).sum();
        let min = children.iter().map(|(s, _)| *s).fold(f64::NAN, f64::min);
        mean - self.alpha * ((mean - min).hypot(self.beta) - self.beta)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::super::{aggregation, tests::parents};

    fn mean_min(alpha: f64, beta: f64, scores: &[f64], weights: &[f64]) -> f64 {
        let params = format!("alpha = {alpha:?}\nbeta = {beta:?}");
        parents("mean_min", &params, ndarray::aview1(scores).insert_axis(ndarray::Axis(0)), weights)
            [0]
    }

    #[test]
    fn by_hand() {
        // Mean 50, minimum 20: √(30² + 40²) = 50, a penalty of 50 − 40 = 10 at α = 1.
        let scores = [20.0, 50.0, 80.0];
        for (alpha, beta, wanted) in
            [(1.0, 40.0, 40.0), (0.5, 40.0, 45.0), (0.5, 0.0, 35.0), (1.0, 16.0, 32.0)]
        {
            let done = mean_min(alpha, beta, &scores, &[1.0; 3]);
            assert!((done - wanted).abs() < 1e-12, "{alpha} {beta}: {done}");
        }
        // Weights 3 and 1 of 20 and 60: mean 30, 10 above the minimum; √(10² + 24²) − 24 = 2.
        assert!((mean_min(0.5, 24.0, &[20.0, 60.0], &[3.0, 1.0]) - 29.0).abs() < 1e-12);
    }

    #[test]
    fn the_last_step_of_compind() {
        // R, `ci_mean_min(data.frame(a = c(10, 7, 6, 4), b = c(8, 4, 5, 0)), 1:2, 0.5, 1)`: scores
        // as it had scaled them, and its result.
        let theirs = [
            ([113.0, 105.0], 107.438_447_187_191_17),
            ([108.323_148_993_037_75, 99.243_350_091_542_03], 101.958_884_735_353_34),
            ([97.0, 93.0], 94.381_966_011_250_1),
            ([99.243_350_091_542_03, 87.136_951_556_214_38], 90.622_528_724_676_37),
        ];
        for (scores, wanted) in theirs {
            assert!((mean_min(0.5, 1.0, &scores, &[1.0; 2]) - wanted).abs() < 1e-12, "{wanted}");
        }
    }

    #[test]
    fn between_the_mean_and_the_minimum() {
        let (scores, weights) = ([35.0, 80.0, 61.5, 44.0], [1.0, 2.0, 3.0, 2.0]);
        let view = ndarray::aview1(&scores).insert_axis(ndarray::Axis(0));
        let mean = parents("arithmetic", "", view, &weights)[0];
        assert!((mean_min(0.0, 7.0, &scores, &weights) - mean).abs() < 1e-12);
        assert!((mean_min(1.0, 0.0, &scores, &weights) - 35.0).abs() < 1e-12);
        let mut last = mean;
        for alpha in [0.2, 0.5, 1.0] {
            let done = mean_min(alpha, 7.0, &scores, &weights);
            assert!(35.0 < done && done < last, "{alpha}: {done}");
            last = done;
        }
        assert!(mean_min(1.0, 70.0, &scores, &weights) > last, "a larger beta punishes less");
    }

    #[test]
    fn a_better_child_never_makes_a_worse_parent() {
        let weights = [1.0, 2.0, 3.0];
        for (alpha, beta) in [(1.0, 0.0), (1.0, 5.0), (0.4, 0.0), (0.7, 30.0)] {
            for child in 0..3 {
                let mut scores = [30.0, 55.0, 90.0];
                let mut last = f64::NEG_INFINITY;
                for step in 0..=100 {
                    scores[child] = f64::from(step);
                    let done = mean_min(alpha, beta, &scores, &weights);
                    assert!(done >= last - 1e-12, "{alpha} {beta} {child} {step}");
                    last = done;
                }
            }
        }
    }

    #[test]
    fn a_child_that_is_missing_or_has_no_weight_is_left_out() {
        let whole = mean_min(1.0, 3.0, &[40.0, 70.0], &[1.0, 2.0]);
        assert_eq!(mean_min(1.0, 3.0, &[40.0, f64::NAN, 70.0], &[1.0, 5.0, 2.0]), whole);
        assert_eq!(mean_min(1.0, 3.0, &[40.0, 0.0, 70.0], &[1.0, 0.0, 2.0]), whole);
    }

    #[test]
    fn parameters_out_of_range_are_refused() {
        let refused = |text: &str| {
            let made = aggregation("mean_min", &toml::from_str(text).unwrap());
            made.err().map(|flaw| flaw.what).unwrap_or_default()
        };
        assert!(refused("alpha = 1.5\nbeta = 1").contains("alpha is 1.5"));
        assert!(refused("alpha = nan\nbeta = 1").contains("alpha is NaN"));
        assert!(refused("alpha = 0.5\nbeta = -1").contains("beta is -1"));
        assert!(refused("alpha = 0.5\nbeta = inf").contains("beta is inf"));
        assert!(refused("alpha = 0.5").contains("beta"));
        assert_eq!(refused("alpha = 1\nbeta = 0"), "");
        assert_eq!(
            parents("mean_min", "alpha = 1\nbeta = 0", array![[3.0]].view(), &[1.0])[0],
            3.0
        );
    }
}
