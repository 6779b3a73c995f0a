//! From the predicted mean to the bound, the probability of the present count, and whether it is
//! abnormal.

use statrs::distribution::{ContinuousCDF, Normal};

use super::fit::{Prediction, mean};
use super::params::{FarringtonParams, PowerTransformation, ThresholdMethod};
use crate::stats::NegativeBinomial;

/// Mean beyond which there are too many terms to a tail.
const LARGEST_MEAN: f64 = 1e12;

/// What is said of the present count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bound {
    pub expected: f64,
    /// The mean that the bound is made of: the expected count, or for `muan` its upper limit.
    pub mu0: f64,
    pub upper: f64,
    /// Probability of the count or a larger one.
    pub p: f64,
    /// Excess over the expected count, in units of the bound's; above 1 is abnormal.
    pub score: f64,
    pub abnormal: bool,
}

/// The bound of a prediction for the present count `y`, NaN where that is missing. Figures that
/// overflow are NaN.
pub fn bound(prediction: &Prediction, y: f64, params: &FarringtonParams) -> Bound {
    let expected = mean(prediction.eta);
    let z = Normal::standard().inverse_cdf(1.0 - params.alpha);
    let (mu0, upper, p) = match params.threshold_method {
        ThresholdMethod::Delta => {
            let (upper, p) = delta(prediction, y, z, params.powertrans);
            (expected, upper, p)
        }
        ThresholdMethod::NbPlugin => plug_in(prediction.eta.exp(), prediction.phi, y, params.alpha),
        ThresholdMethod::Muan => {
            plug_in((prediction.eta + z * prediction.se).exp(), prediction.phi, y, params.alpha)
        }
    };
    // The package measures the score of its later methods from the logarithm of the expected count.
    let from = if params.compat && params.threshold_method != ThresholdMethod::Delta {
        prediction.eta
    } else {
        expected
    };
    let score = (y - from) / (upper - from);
    let beyond = if params.compat { score > 1.0 } else { y > upper };
    let expected = if upper.is_finite() { expected } else { f64::NAN };
    Bound { expected, mu0, upper, p, score, abnormal: beyond && y != 0.0 }
}

/// Bound and tail on the scale of the power transformation, where the prediction's variance is τ =
/// φ + se²/μ times the Poisson's.
fn delta(
    prediction: &Prediction,
    y: f64,
    z: f64,
    transformation: PowerTransformation,
) -> (f64, f64) {
    let mu = mean(prediction.eta);
    let se = prediction.se * mu;
    let tau = prediction.phi + se * se / mu;
    let (exponent, sd) = match transformation {
        PowerTransformation::None => (1.0, (mu * tau).sqrt()),
        PowerTransformation::Half => (0.5, (tau / 4.0).sqrt()),
        PowerTransformation::TwoThirds => (2.0 / 3.0, (4.0 / 9.0 * mu.cbrt() * tau).sqrt()),
    };
    let centre = mu.powf(exponent);
    // Either may be the larger where alpha is above one half; a negative figure has no power, and
    // is no bound.
    let upper = (centre + z * sd).powf(1.0 / exponent).max((centre - z * sd).powf(1.0 / exponent));
    let p = Normal::new(centre, sd).map_or(f64::NAN, |n| n.sf(y.powf(exponent)));
    if upper.is_finite() { (upper, p) } else { (f64::NAN, f64::NAN) }
}

/// Quantile and tail of the counts of mean `mu0`.
fn plug_in(mu0: f64, phi: f64, y: f64, alpha: f64) -> (f64, f64, f64) {
    if !(phi.is_finite() && mu0 <= LARGEST_MEAN) {
        return (mu0, f64::NAN, f64::NAN);
    }
    let counts = NegativeBinomial::with_dispersion(mu0, phi);
    // R counts what is a ten-millionth short of a whole number as whole.
    let p = counts.at_least((y - 1.0 + 1e-7).floor() + 1.0);
    (mu0, counts.quantile(1.0 - alpha), p)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prediction(mu: f64, phi: f64) -> Prediction {
        Prediction { eta: mu.ln(), se: 0.1, phi, trend: false, p_trend: f64::NAN }
    }

    #[test]
    fn a_count_at_the_bound_is_quiet_and_above_it_is_not() {
        for method in [ThresholdMethod::Delta, ThresholdMethod::NbPlugin, ThresholdMethod::Muan] {
            for compat in [true, false] {
                let params =
                    FarringtonParams { threshold_method: method, compat, ..Default::default() };
                let upper = bound(&prediction(12.0, 1.7), 5.0, &params).upper;
                assert!(upper > 12.0);
                assert!(!bound(&prediction(12.0, 1.7), upper, &params).abnormal);
                let above = bound(&prediction(12.0, 1.7), upper.floor() + 1.0, &params);
                assert!(above.abnormal && above.p < params.alpha, "{method:?} {above:?}");
                assert!(!bound(&prediction(12.0, 1.7), f64::NAN, &params).abnormal);
            }
        }
    }

    #[test]
    fn transformations_order_their_bounds_by_skewness() {
        let upper = |powertrans| {
            bound(
                &prediction(3.0, 1.5),
                0.0,
                &FarringtonParams { powertrans, ..Default::default() },
            )
            .upper
        };
        let (none, half, thirds) = (
            upper(PowerTransformation::None),
            upper(PowerTransformation::Half),
            upper(PowerTransformation::TwoThirds),
        );
        assert!(none < thirds && thirds < half);
    }

    #[test]
    fn overflow_is_no_bound() {
        for method in [ThresholdMethod::Delta, ThresholdMethod::NbPlugin, ThresholdMethod::Muan] {
            let params = FarringtonParams { threshold_method: method, ..Default::default() };
            let huge = bound(&Prediction { eta: 800.0, ..prediction(1.0, 1.0) }, 5.0, &params);
            assert!(huge.upper.is_nan() && huge.expected.is_nan() && !huge.abnormal);
            let tiny = bound(&Prediction { eta: -800.0, ..prediction(1.0, 1.0) }, 1.0, &params);
            assert!(tiny.upper.is_finite() && tiny.abnormal, "{tiny:?}");
        }
    }

    #[test]
    fn the_bound_is_the_quantile_of_its_formula() {
        let z = 1.644_853_626_951_472_7_f64;
        let predicted = Prediction { se: 0.2, ..prediction(8.0, 1.5) };
        let at = |threshold_method, powertrans| {
            let params = FarringtonParams {
                alpha: 0.05,
                threshold_method,
                powertrans,
                ..FarringtonParams::default()
            };
            bound(&predicted, 20.0, &params)
        };
        // τ = φ + se² μ, se being that of the logarithm.
        let tau = 1.5 + 0.04 * 8.0_f64;
        let thirds = at(ThresholdMethod::Delta, PowerTransformation::TwoThirds);
        let upper = (4.0 + z * (4.0 / 9.0 * 2.0 * tau).sqrt()).powf(1.5);
        assert!((thirds.upper - upper).abs() < 1e-9, "{thirds:?} {upper}");
        let half = at(ThresholdMethod::Delta, PowerTransformation::Half).upper;
        assert!((half - (8.0_f64.sqrt() + z * (tau / 4.0).sqrt()).powi(2)).abs() < 1e-9, "{half}");
        let none = at(ThresholdMethod::Delta, PowerTransformation::None).upper;
        assert!((none - (8.0 + z * (8.0 * tau).sqrt())).abs() < 1e-9, "{none}");
        // R: qnbinom(.95, size = 8/.5, mu = 8); pnbinom(19, size = 16, mu = 8, lower = FALSE).
        let plug_in = at(ThresholdMethod::NbPlugin, PowerTransformation::TwoThirds);
        assert!(plug_in.upper == 14.0 && (plug_in.mu0 - 8.0).abs() < 1e-12, "{plug_in:?}");
        assert!((plug_in.p / 0.003_218_699_439_003_28 - 1.0).abs() < 1e-10, "{plug_in:?}");
        let muan = at(ThresholdMethod::Muan, PowerTransformation::TwoThirds);
        assert!((muan.mu0 - 8.0 * (z * 0.2).exp()).abs() < 1e-9, "{muan:?}");
        // The excess over the expected count in units of the bound's.
        assert!((thirds.score - 12.0 / (upper - 8.0)).abs() < 1e-9, "{thirds:?}");
    }
}
