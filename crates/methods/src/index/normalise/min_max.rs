//! The worst unit gets `l`, the best `u` (COINr `n_minmax`).

use ndarray::{Array1, ArrayView1};
use serde::Deserialize;

use super::{CONSTANT, Context, Normalise, same_score};
use crate::method::{Flaw, Noted, Params};
use crate::params::parse;
use crate::stats::descriptive::extremes;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct MinMax {
    l: f64,
    u: f64,
}

impl Default for MinMax {
    fn default() -> MinMax {
        MinMax { l: 0.0, u: 100.0 }
    }
}

/// From a model's parameters `l` and `u`, 0 and 100 where not given.
pub fn make(params: &Params) -> Result<Box<dyn Normalise>, Flaw> {
    let method: MinMax = parse("min_max", params)?;
    if !(method.l < method.u && method.l.is_finite() && method.u.is_finite()) {
        return Err(Flaw::new(
            "method \"min_max\": l is not below u",
            "give l and u as the ends of the scale, such as 0 and 100",
        ));
    }
    Ok(Box::new(method))
}

impl Normalise for MinMax {
    fn normalise(
        &self,
        x: ArrayView1<f64>,
        direction: f64,
        _: &Context,
    ) -> Result<Noted<Array1<f64>>, Flaw> {
        let directed = x.mapv(|v| v * direction);
        let (low, high) = extremes(directed.view());
        if low == high {
            return Ok(same_score(x, f64::midpoint(self.l, self.u), CONSTANT));
        }
        Ok(Noted::plain(directed.mapv(|v| (v - low) / (high - low) * (self.u - self.l) + self.l)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Context, normalisation, tests::scores};

    #[test]
    fn from_the_worst_to_the_best() {
        let none = Context::default();
        assert_eq!(
            scores("min_max", "l = 1\nu = 100", &[3.0, 1.0, 2.0], -1.0, &none).value.to_vec(),
            [1.0, 100.0, 50.5]
        );
        let equal = scores("min_max", "", &[3.0, 3.0], 1.0, &none);
        assert_eq!((equal.value.to_vec(), equal.notices.len()), (vec![50.0, 50.0], 1));
        assert!(normalisation("min_max", &toml::from_str("l = 5\nu = 5").unwrap()).is_err());
    }
}
