//! Winsorising at quantiles: whatever lies beyond them is set to them.

use ndarray::ArrayView1;
use serde::Deserialize;

use super::{PointTreatment, Treat, Treated};
use crate::method::{Flaw, Noted, Params};
use crate::params::parse;
use crate::stats::descriptive::quantile;

/// Shares in 0–1 below and above which values are drawn in; quantiles of type 7.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Quantiles {
    low: f64,
    high: f64,
}

impl Default for Quantiles {
    fn default() -> Quantiles {
        Quantiles { low: 0.05, high: 0.95 }
    }
}

/// From a model's parameters.
pub fn make(params: &Params) -> Result<Box<dyn Treat>, Flaw> {
    let method: Quantiles = parse("quantiles", params)?;
    if !(0.0 <= method.low && method.low < method.high && method.high <= 1.0) {
        return Err(Flaw::new(
            "method \"quantiles\": low and high are not 0 ≤ low < high ≤ 1",
            "the usual ones are 0.05 and 0.95",
        ));
    }
    Ok(Box::new(method))
}

impl Treat for Quantiles {
    fn treat(&self, x: ArrayView1<f64>) -> Noted<Treated> {
        let (low, high) = (quantile(x, self.low), quantile(x, self.high));
        let touch = |v: &f64| match v {
            v if *v > high => PointTreatment::High,
            v if *v < low => PointTreatment::Low,
            _ => PointTreatment::Untreated,
        };
        let points: Vec<PointTreatment> = x.iter().map(touch).collect();
        let count = points.iter().filter(|t| **t != PointTreatment::Untreated).count();
        // `max` and `min` would turn a missing value into a limit.
        let values = x.mapv(|v| if v.is_nan() { v } else { v.max(low).min(high) });
        Noted::plain(Treated { values, points, checks: Vec::new(), winsorised: Some(count) })
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn what_lies_beyond_is_set_to_the_quantile() {
        let x = array![0.0, 1.0, 2.0, 3.0, 100.0, f64::NAN];
        let done = make(&toml::from_str("low = 0.25\nhigh = 0.75").unwrap())
            .unwrap()
            .treat(x.view())
            .value;
        assert_eq!(done.values.as_slice().unwrap()[..5], [1.0, 1.0, 2.0, 3.0, 3.0]);
        assert!(done.values[5].is_nan());
        assert_eq!(
            (done.points[0], done.points[4], done.winsorised),
            (PointTreatment::Low, PointTreatment::High, Some(2))
        );
        assert!(make(&toml::from_str("low = 0.9\nhigh = 0.1").unwrap()).is_err());
    }
}
