//! 1 − distance to the target over the distance from the worst unit to the target (COINr
//! `n_dist2targ`).

use ndarray::{Array1, ArrayView1};
use serde::Deserialize;

use super::{Context, Normalise, same_score};
use crate::method::{Flaw, Noted, Params};
use crate::params::parse;
use crate::stats::descriptive::extremes;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct DistanceToTarget {
    cap: bool,
}

/// From a model's parameters: with `cap`, nobody gets more than 1.
pub fn make(params: &Params) -> Result<Box<dyn Normalise>, Flaw> {
    Ok(Box::new(parse::<DistanceToTarget>("distance_to_target", params)?))
}

impl Normalise for DistanceToTarget {
    /// Where even the worst unit reaches the target there is no distance to measure by, and
    /// everybody gets 1 with a notice; COINr gives infinite or negative scores.
    fn normalise(
        &self,
        x: ArrayView1<f64>,
        direction: f64,
        context: &Context,
    ) -> Result<Noted<Array1<f64>>, Flaw> {
        let Some(target) = context.target.filter(|t| t.is_finite()) else {
            return Err(Flaw::new(
                "distance_to_target has no target",
                "give the indicator a target, or another normalisation",
            ));
        };
        Ok(score_by_distance(x.mapv(|v| v * direction), target * direction, self.cap))
    }
}

/// Scores of values that are better the higher, with 1 at `goal`.
pub(super) fn score_by_distance(x: Array1<f64>, goal: f64, cap: bool) -> Noted<Array1<f64>> {
    let (worst, _) = extremes(x.view());
    if goal <= worst {
        return same_score(x.view(), 1.0, "even the worst unit reaches the goal: every one gets 1");
    }
    let most = if cap { 1.0 } else { f64::INFINITY };
    Noted::plain(
        x.mapv(|v| if v.is_nan() { v } else { (1.0 - (goal - v) / (goal - worst)).min(most) }),
    )
}

#[cfg(test)]
mod tests {
    use super::super::{Context, normalisation, tests::scores};

    #[test]
    fn one_at_the_target() {
        let context = Context { target: Some(2.0), ..Context::default() };
        assert_eq!(
            scores("distance_to_target", "", &[4.0, 1.0, 2.0], -1.0, &context).value.to_vec(),
            [0.0, 1.5, 1.0]
        );
        assert_eq!(
            scores("distance_to_target", "cap = true", &[4.0, 1.0, 2.0], -1.0, &context)
                .value
                .to_vec(),
            [0.0, 1.0, 1.0]
        );
        let reached = scores("distance_to_target", "", &[4.0, 3.0], 1.0, &context);
        assert_eq!((reached.value.to_vec(), reached.notices.len()), (vec![1.0, 1.0], 1));
    }

    #[test]
    fn without_a_target_it_is_a_flaw() {
        let method = normalisation("distance_to_target", &toml::Table::new()).unwrap();
        assert!(
            method
                .normalise(ndarray::aview1(&[1.0]), 1.0, &Context::default())
                .unwrap_err()
                .fix
                .contains("target")
        );
    }
}
