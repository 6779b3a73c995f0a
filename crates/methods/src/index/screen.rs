//! Screening: units with too little data are left out (COINr `Screen`).

use ndarray::{ArrayView1, ArrayView2};

use crate::method::Flaw;
use crate::params::choose;

/// A unit's share of good values, 0–1.
pub type Share = fn(ArrayView1<f64>) -> f64;

/// Every screening by its name in a model file (COINr's `byNA` and `byzeros`).
pub const METHODS: &[(&str, Share)] = &[("by_na", available), ("by_zeros", nonzero)];

/// The screening of that name.
///
/// # Errors
/// A [`Flaw`] where there is none of that name.
pub fn screening(name: &str) -> Result<Share, Flaw> {
    choose("screening", name, METHODS)
}

/// The units (rows of `x`, units × indicators) whose share is at least `threshold`, in order.
pub fn passing_units(x: ArrayView2<f64>, share: Share, threshold: f64) -> Vec<usize> {
    x.rows()
        .into_iter()
        .enumerate()
        .filter(|(_, row)| share(row.view()) >= threshold)
        .map(|(unit, _)| unit)
        .collect()
}

/// Share of the indicators that have a value; 0 without indicators.
fn available(row: ArrayView1<f64>) -> f64 {
    row.iter().filter(|v| !v.is_nan()).count() as f64 / row.len().max(1) as f64
}

/// Share of the values that are not zero; 0 without values.
fn nonzero(row: ArrayView1<f64>) -> f64 {
    let there = row.iter().filter(|v| !v.is_nan()).count();
    row.iter().filter(|v| !v.is_nan() && **v != 0.0).count() as f64 / there.max(1) as f64
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn units_below_the_share_are_left_out() {
        let x = array![
            [1.0, 0.0, 2.0, 0.0],
            [1.0, f64::NAN, f64::NAN, 2.0],
            [f64::NAN, f64::NAN, f64::NAN, f64::NAN]
        ];
        assert_eq!(passing_units(x.view(), screening("by_na").unwrap(), 0.5), [0, 1]);
        assert_eq!(passing_units(x.view(), screening("by_zeros").unwrap(), 0.6), [1]);
        assert!(screening("by_mood").is_err());
    }
}
