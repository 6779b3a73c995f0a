//! Missing values within a series, which a decomposition cannot leave out.

use std::ops::Range;

/// From the first value to the last one that is there; empty where none is.
pub fn span(x: &[f64]) -> Range<usize> {
    let first = x.iter().position(|v| !v.is_nan());
    let last = x.iter().rposition(|v| !v.is_nan());
    first.zip(last).map_or(0..0, |(first, last)| first..last + 1)
}

/// The series with every missing value replaced from its own season: in line between the nearest
/// cycles that have it, at the ends the nearest one. `None` where a season was never seen.
pub fn filled(x: &[f64], period: usize) -> Option<Vec<f64>> {
    let value = |i: usize| {
        if !x[i].is_nan() {
            return Some(x[i]);
        }
        let there = |j: &usize| !x[*j].is_nan();
        let before = (i % period..i).step_by(period).rev().find(there);
        let after = (i..x.len()).step_by(period).find(there);
        match (before, after) {
            (Some(a), Some(b)) => Some(x[a] + (x[b] - x[a]) * (i - a) as f64 / (b - a) as f64),
            (Some(one), None) | (None, Some(one)) => Some(x[one]),
            (None, None) => None,
        }
    };
    (0..x.len()).map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_is_filled_from_its_own_season() {
        let nan = f64::NAN;
        let x = [1.0, 10.0, nan, 20.0, 5.0, nan, nan, 40.0];
        assert_eq!(filled(&x, 2).unwrap(), [1.0, 10.0, 3.0, 20.0, 5.0, 30.0, 5.0, 40.0]);
        assert_eq!(filled(&[nan, 10.0, nan, 20.0], 2), None);
        assert_eq!(span(&[nan, 1.0, nan, 2.0, nan]), 1..4);
        assert_eq!((span(&[nan, nan]), span(&[])), (0..0, 0..0));
    }
}
