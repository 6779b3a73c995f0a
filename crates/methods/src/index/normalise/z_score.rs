//! Deviations from the mean in standard deviations, put on a mean and a standard deviation (COINr
//! `n_zscore`).

use ndarray::{Array1, ArrayView1};
use serde::Deserialize;

use super::{CONSTANT, Context, Normalise, same_score};
use crate::method::{Flaw, Noted, Params};
use crate::params::parse;
use crate::stats::descriptive::{extremes, mean, standard_deviation};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ZScore {
    mean: f64,
    sd: f64,
}

impl Default for ZScore {
    fn default() -> ZScore {
        ZScore { mean: 0.0, sd: 1.0 }
    }
}

/// From a model's parameters `mean` and `sd`, 0 and 1 where not given.
pub fn make(params: &Params) -> Result<Box<dyn Normalise>, Flaw> {
    let method: ZScore = parse("z_score", params)?;
    if !(method.sd > 0.0 && method.sd.is_finite() && method.mean.is_finite()) {
        return Err(Flaw::new(
            "method \"z_score\": sd is not positive, or mean is not a number",
            "the plain ones are 0 and 1",
        ));
    }
    Ok(Box::new(method))
}

impl Normalise for ZScore {
    fn normalise(
        &self,
        x: ArrayView1<f64>,
        direction: f64,
        _: &Context,
    ) -> Result<Noted<Array1<f64>>, Flaw> {
        let (low, high) = extremes(x);
        if low == high {
            return Ok(same_score(x, self.mean, CONSTANT));
        }
        let (mean, sd) = (mean(x), standard_deviation(x));
        Ok(Noted::plain(x.mapv(|v| (v - mean) * direction / sd * self.sd + self.mean)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Context, normalisation, tests::scores};

    #[test]
    fn a_given_mean_and_deviation() {
        let done =
            scores("z_score", "mean = 10\nsd = 2", &[1.0, 2.0, 3.0], -1.0, &Context::default());
        assert_eq!(done.value.to_vec(), [12.0, 10.0, 8.0]);
        assert!(normalisation("z_score", &toml::from_str("sd = 0").unwrap()).is_err());
    }
}
