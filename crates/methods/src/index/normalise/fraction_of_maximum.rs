//! The value as a fraction of the best one (COINr `n_fracmax`).

use ndarray::{Array1, ArrayView1};
use serde::Deserialize;

use super::{Context, Normalise, no_scores};
use crate::method::{Flaw, Noted, Params};
use crate::params::parse;
use crate::stats::descriptive::extremes;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct FractionOfMaximum {
    compat: bool,
}

/// From a model's parameters: with `compat`, COINr's own quotient.
pub fn make(params: &Params) -> Result<Box<dyn Normalise>, Flaw> {
    Ok(Box::new(parse::<FractionOfMaximum>("fraction_of_maximum", params)?))
}

impl Normalise for FractionOfMaximum {
    /// x / max where more is better, min / x where less is (1 for a zero and 0 for the rest where
    /// the least is zero), 0–1. A column with negative values, or of nothing but zeros where more
    /// is better, has no such fraction and no scores, with a notice.
    ///
    /// COINr divides −x by max(−x) where less is better, which gives the worst unit the highest
    /// score; `compat` does so too.
    fn normalise(
        &self,
        x: ArrayView1<f64>,
        direction: f64,
        _: &Context,
    ) -> Result<Noted<Array1<f64>>, Flaw> {
        let (low, high) = extremes(x);
        if self.compat {
            let best = if direction > 0.0 { high } else { low };
            return Ok(if best == 0.0 {
                no_scores(x, "the best value is zero: nobody gets a score")
            } else {
                Noted::plain(x.mapv(|v| v / best))
            });
        }
        if low < 0.0 || (direction > 0.0 && high == 0.0) {
            return Ok(no_scores(x, "a value is negative, or all are zero: nobody gets a score"));
        }
        let fraction = |v: f64| match v {
            _ if direction > 0.0 => v / high,
            0.0 => 1.0,
            _ => low / v,
        };
        Ok(Noted::plain(x.mapv(fraction)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Context, tests::scores};

    #[test]
    fn one_for_the_best_whatever_the_direction() {
        let none = Context::default();
        assert_eq!(
            scores("fraction_of_maximum", "", &[4.0, 1.0, 2.0], 1.0, &none).value.to_vec(),
            [1.0, 0.25, 0.5]
        );
        assert_eq!(
            scores("fraction_of_maximum", "", &[4.0, 1.0, 2.0], -1.0, &none).value.to_vec(),
            [0.25, 1.0, 0.5]
        );
        assert_eq!(
            scores("fraction_of_maximum", "", &[4.0, 0.0], -1.0, &none).value.to_vec(),
            [0.0, 1.0]
        );
        assert_eq!(
            scores("fraction_of_maximum", "compat = true", &[4.0, 1.0, 2.0], -1.0, &none)
                .value
                .to_vec(),
            [4.0, 1.0, 2.0]
        );
    }

    #[test]
    fn negative_values_have_no_fraction() {
        let none = Context::default();
        for (params, x) in [("", [-1.0, 2.0]), ("", [0.0, 0.0]), ("compat = true", [-1.0, 0.0])] {
            let done = scores("fraction_of_maximum", params, &x, 1.0, &none);
            assert!(done.value.iter().all(|v| v.is_nan()) && done.notices.len() == 1);
        }
    }
}
