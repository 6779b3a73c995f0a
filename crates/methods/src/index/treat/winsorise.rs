//! COINr's default treatment: winsorise a few points, and where that does not suffice take a
//! logarithm of the untreated column.
//!
//! Becker, W. et al. (2022) COINr: an R package for developing composite indicators. JOSS 7(78),
//! 4567; `Treat`, `winsorise`, `log_CT`.

use ndarray::{Array1, ArrayView1};
use serde::Deserialize;

use super::{PointTreatment, SkewKurtosisCheck, Treat, Treated};
use crate::method::{Flaw, Noted, Params};
use crate::params::parse;
use crate::stats::descriptive::{extremes, skewness};

/// At most `winmax` points are set to the next highest value (the next lowest where skewness is
/// negative), one value at a time, until |skew| < `skew_thresh` or kurtosis < `kurt_thresh`. Equal
/// values move together, which may exceed `winmax`: it counts the points that hold the extreme.
/// Where the column still fails and `log` is set, the original becomes ln(x − min + (max −
/// min)/100).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Winsorise {
    pub winmax: usize,
    pub skew_thresh: f64,
    pub kurt_thresh: f64,
    pub log: bool,
}

impl Default for Winsorise {
    fn default() -> Winsorise {
        Winsorise { winmax: 5, skew_thresh: 2.0, kurt_thresh: 3.5, log: true }
    }
}

/// From a model's parameters.
pub fn make(params: &Params) -> Result<Box<dyn Treat>, Flaw> {
    let method: Winsorise = parse("winsorise", params)?;
    if !(method.skew_thresh > 0.0 && method.kurt_thresh.is_finite()) {
        return Err(Flaw::new(
            "method \"winsorise\": skew_thresh is not positive, or kurt_thresh is not a number",
            "the usual ones are 2 and 3.5",
        ));
    }
    Ok(Box::new(method))
}

impl Treat for Winsorise {
    fn treat(&self, x: ArrayView1<f64>) -> Noted<Treated> {
        let first = self.check(x);
        if first.pass {
            let untreated = vec![PointTreatment::Untreated; x.len()];
            return Noted::plain(Treated {
                values: x.to_owned(),
                points: untreated,
                checks: vec![first],
                winsorised: None,
            });
        }
        let (values, points) = self.winsorised(x);
        let count = points.iter().filter(|t| **t != PointTreatment::Untreated).count();
        let second = self.check(values.view());
        if second.pass || !self.log {
            let checks = vec![first, second];
            return self.noted(Treated { values, points, checks, winsorised: Some(count) });
        }
        let values = logged(x);
        let third = self.check(values.view());
        let points = x
            .iter()
            .map(|v| if v.is_nan() { PointTreatment::Untreated } else { PointTreatment::Logged })
            .collect();
        self.noted(Treated {
            values,
            points,
            checks: vec![first, second, third],
            winsorised: Some(count),
        })
    }
}

impl Winsorise {
    fn check(&self, x: ArrayView1<f64>) -> SkewKurtosisCheck {
        SkewKurtosisCheck::new(x, self.skew_thresh, self.kurt_thresh)
    }

    fn noted(&self, treated: Treated) -> Noted<Treated> {
        let failed = treated.checks.last().filter(|c| !c.pass);
        let notices = failed.map(|c| {
            format!(
                "still skewed after treatment (skewness {:.2}, kurtosis {:.2})",
                c.skew, c.kurtosis
            )
        });
        Noted { value: treated, notices: notices.into_iter().collect() }
    }

    fn winsorised(&self, x: ArrayView1<f64>) -> (Array1<f64>, Vec<PointTreatment>) {
        let mut x = x.to_owned();
        let (mut high, mut low) = (Vec::new(), Vec::new());
        while high.len() + low.len() < self.winmax && !self.check(x.view()).pass {
            if skewness(x.view()) >= 0.0 {
                high = winsorise_extreme(&mut x, 1.0)
            } else {
                low = winsorise_extreme(&mut x, -1.0)
            }
        }
        let mut points = vec![PointTreatment::Untreated; x.len()];
        high.iter().for_each(|i| points[*i] = PointTreatment::High);
        low.iter().for_each(|i| points[*i] = PointTreatment::Low);
        (x, points)
    }
}

/// Sets the extreme value (the highest for `side` 1, the lowest for −1) to the next one, and
/// returns the units that had it.
fn winsorise_extreme(x: &mut Array1<f64>, side: f64) -> Vec<usize> {
    let directed: Array1<f64> = x.mapv(|v| v * side);
    let (_, extreme) = extremes(directed.view());
    let next = directed.iter().copied().filter(|v| *v < extreme).fold(f64::NAN, f64::max);
    let units: Vec<usize> =
        directed.iter().enumerate().filter(|(_, v)| **v == extreme).map(|(i, _)| i).collect();
    for i in &units {
        x[*i] = next * side;
    }
    units
}

/// COINr's `log_CT`, a logarithm that needs no positive values.
fn logged(x: ArrayView1<f64>) -> Array1<f64> {
    let (low, high) = extremes(x);
    x.mapv(|v| (v - low + 0.01 * (high - low)).ln())
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    fn ten_and(more: &[f64]) -> Array1<f64> {
        (1..=10).map(f64::from).chain(more.iter().copied()).collect()
    }

    #[test]
    fn outliers_are_set_to_the_next_value() {
        // COINr's example for Treat: 1…10, 30, 100.
        let done = Winsorise { winmax: 2, ..Winsorise::default() }
            .treat(ten_and(&[30.0, 100.0]).view())
            .value;
        assert_eq!(done.values[11], 30.0);
        assert_eq!(done.winsorised, Some(1));
        assert_eq!(done.points[11], PointTreatment::High);
        assert!(!done.checks[0].pass && done.checks[1].pass);
    }

    #[test]
    fn low_outliers_and_equal_ones_move_together() {
        let done = Winsorise::default()
            .treat(ten_and(&[-100.0, 6.0, 6.0, 5.0, 7.0, f64::NAN]).view())
            .value;
        assert_eq!((done.values[10], done.points[10]), (1.0, PointTreatment::Low));
        assert!(done.values[15].is_nan());
    }

    #[test]
    fn a_logarithm_where_winsorising_may_not_suffice() {
        let x: Array1<f64> =
            (1..=60).map(f64::from).chain([1000.0, 10000.0, 100000.0, f64::NAN]).collect();
        let done = Winsorise { winmax: 1, ..Winsorise::default() }.treat(x.view()).value;
        assert_eq!(done.checks.len(), 3);
        assert!((done.values[0] - 999.99_f64.ln()).abs() < 1e-12);
        assert_eq!(
            (done.points[62].name(), done.points[63]),
            ("log_CT", PointTreatment::Untreated)
        );
        let treated = Winsorise { winmax: 1, log: false, ..Winsorise::default() }.treat(x.view());
        assert_eq!(treated.value.values[62], 10000.0);
        assert_eq!(treated.notices.len(), 1);
    }

    #[test]
    fn a_constant_or_nearly_empty_column_is_left_alone() {
        for x in [array![3.0, 3.0, 3.0, 3.0, 3.0], array![f64::NAN, 1.0, 900.0], array![f64::NAN]] {
            let done = Winsorise::default().treat(x.view());
            assert_eq!(done.value.winsorised, None);
            assert!(done.value.values.iter().zip(&x).all(|(a, b)| a == b || b.is_nan()));
        }
    }
}
