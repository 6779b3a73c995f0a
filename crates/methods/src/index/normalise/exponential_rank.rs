//! The exponential transformation of ranks, 0–100: it draws out the upper end, so that a high score
//! of one indicator is not cancelled by a low one of another; a tenth of the units are above 50.
//!
//! Scottish Indices of Deprivation 2003, appendix 5 (Social Disadvantage Research Centre, Oxford),
//! as in the Scottish and English Indices of Multiple Deprivation since:
//! X = −23 ln(1 − R (1 − exp(−100/23))), R the rank over the number of units.
//!
//! What is drawn out is the end with the higher scores. In an index of deprivation that is the most
//! deprived one: there an indicator's direction is 1 where more of it is more deprived.

use ndarray::{Array1, ArrayView1};

use super::{CONSTANT, Context, Normalise, same_score};
use crate::method::{Flaw, Noted, Params};
use crate::params::none;
use crate::stats::descriptive::{extremes, present, ranks};

/// The constant by which a tenth of the units are above 50.
const SCALE: f64 = 23.0;

struct ExponentialRank;

/// From a model's parameters: it has none.
pub fn make(params: &Params) -> Result<Box<dyn Normalise>, Flaw> {
    none("exponential_rank", params)?;
    Ok(Box::new(ExponentialRank))
}

impl Normalise for ExponentialRank {
    /// The best unit gets 100; equal ones share the lowest of their ranks. Where all are equal each
    /// gets 50, as with the other methods.
    fn normalise(
        &self,
        x: ArrayView1<f64>,
        direction: f64,
        _: &Context,
    ) -> Result<Noted<Array1<f64>>, Flaw> {
        let (low, high) = extremes(x);
        if low == high {
            return Ok(same_score(x, 50.0, CONSTANT));
        }
        let units = present(x).len() as f64;
        let ranks = ranks(x.mapv(|v| v * direction).view());
        Ok(Noted::plain(ranks.into_iter().map(|rank| transform(rank / units)).collect()))
    }
}

/// −23 ln(1 − R (1 − exp(−100/23))) for a share R of 0–1.
fn transform(share: f64) -> f64 {
    -SCALE * (share * (-100.0 / SCALE).exp_m1()).ln_1p()
}

#[cfg(test)]
mod tests {
    use super::super::{Context, tests::scores};
    use super::*;

    #[test]
    fn a_tenth_of_the_units_are_above_fifty() {
        let x: Vec<f64> = (0..1000).map(f64::from).collect();
        let done = scores("exponential_rank", "", &x, 1.0, &Context::default()).value;
        // The constant is rounded: 23 ln(1 / (0.1 + 0.9 e^(−100/23))) = 50.4 and not 50.
        assert_eq!(done.iter().filter(|s| **s > transform(0.9)).count(), 100);
        assert!((transform(0.9) - 50.427).abs() < 1e-3, "{}", transform(0.9));
        assert!((done[999] - 100.0).abs() < 1e-12 && done[0] > 0.0 && done[0] < 0.03);
    }

    #[test]
    fn ties_share_the_lowest_and_missing_values_do_not_count() {
        let x = [4.0, 1.0, 4.0, f64::NAN, 9.0];
        let up = scores("exponential_rank", "", &x, 1.0, &Context::default()).value;
        // −23 ln(1 − R · 0.987064) with R of 2/4 and 1/4.
        let (half, quarter) = (15.646_790_073, 6.517_733_264);
        for (at, wanted) in [(0, half), (1, quarter), (2, half), (4, 100.0)] {
            assert!((up[at] - wanted).abs() < 1e-6, "{up}");
        }
        assert!(up[3].is_nan());
        let down = scores("exponential_rank", "", &x, -1.0, &Context::default()).value;
        for (at, wanted) in [(0, half), (1, 100.0), (2, half), (4, quarter)] {
            assert!((down[at] - wanted).abs() < 1e-6, "{down}");
        }
    }

    #[test]
    fn only_the_order_counts_and_equal_values_get_the_middle() {
        let none = Context::default();
        let x = [3.0, 0.5, 7.0, 2.0];
        let curved = x.map(|v: f64| v.powi(3) - 40.0);
        assert_eq!(
            scores("exponential_rank", "", &x, 1.0, &none),
            scores("exponential_rank", "", &curved, 1.0, &none)
        );
        let equal = scores("exponential_rank", "", &[3.0, 3.0], 1.0, &none);
        assert_eq!((equal.value.to_vec(), equal.notices.len()), (vec![50.0, 50.0], 1));
    }
}
