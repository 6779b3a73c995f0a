//! Weighted power mean: compensation falls with `p`; 1 is arithmetic, 0 geometric, −1 harmonic, 2
//! quadratic (COINr `a_genmean`).

use ndarray::{Array1, ArrayView1, ArrayView2};
use serde::Deserialize;

use super::{Aggregate, Children, by_unit, geometric, notices_of_nonpositive};
use crate::method::{Flaw, Params};
use crate::params::parse;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Power {
    p: f64,
}

/// From a model's parameter `p`.
pub fn make(params: &Params) -> Result<Box<dyn Aggregate>, Flaw> {
    let method: Power = parse("power", params)?;
    if !method.p.is_finite() {
        return Err(Flaw::new(
            format!("method \"power\": p is {}", method.p),
            "give a finite p, or the method \"minimum\" for minus infinity",
        ));
    }
    Ok(Box::new(method))
}

impl Aggregate for Power {
    /// With p ≤ 0 a score of zero makes the mean zero, its limit; a negative one leaves it
    /// undefined, NaN, whatever p.
    fn aggregate(&self, scores: ArrayView2<f64>, weights: ArrayView1<f64>) -> Array1<f64> {
        by_unit(scores, weights, |children| mean(children, self.p))
    }

    fn notices(&self, scores: ArrayView2<f64>) -> Vec<String> {
        let mut notices = notices_of_nonpositive("power", scores);
        notices.retain(|n| self.p <= 0.0 || n.contains("negative"));
        notices
    }
}

/// Scores are taken relative to the largest, so that no power of them overflows.
pub(super) fn mean(children: &Children, p: f64) -> f64 {
    let largest = children.iter().map(|(s, _)| *s).fold(f64::NAN, f64::max);
    match () {
        () if children.iter().any(|(s, _)| *s < 0.0) => f64::NAN,
        () if p == 0.0 => geometric::mean(children),
        () if largest == 0.0 || (p < 0.0 && children.iter().any(|(s, _)| *s == 0.0)) => 0.0,
        () => {
            largest
                * children.iter().map(|(s, w)| w * (s / largest).powf(p)).sum::<f64>().powf(1.0 / p)
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::super::{aggregation, tests::parents};

    #[test]
    fn the_special_cases() {
        let scores = array![[2.0, 8.0]];
        for (p, mean) in [
            ("1.0", 5.0),
            ("0.0", 4.0),
            ("-1.0", 3.2),
            ("2.0", 34.0_f64.sqrt()),
            ("400.0", 8.0 * 0.5_f64.powf(1.0 / 400.0)),
        ] {
            let done = parents("power", &format!("p = {p}"), scores.view(), &[1.0, 1.0]);
            assert!((done[0] - mean).abs() < 1e-12, "{p}: {done}");
        }
    }

    #[test]
    fn zero_and_negative_scores() {
        let scores = array![[0.0, 8.0], [-1.0, 8.0]];
        let (root, harmonic) = (
            parents("power", "p = 0.5", scores.view(), &[1.0, 1.0]),
            parents("power", "p = -2", scores.view(), &[1.0, 1.0]),
        );
        assert_eq!((root[0], harmonic[0]), (2.0, 0.0));
        assert!(root[1].is_nan() && harmonic[1].is_nan());
        assert_eq!(
            aggregation("power", &toml::from_str("p = 0.5").unwrap())
                .unwrap()
                .notices(scores.view())
                .len(),
            1
        );
        assert!(aggregation("power", &toml::from_str("p = inf").unwrap()).is_err());
    }
}
