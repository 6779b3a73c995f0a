//! The share of the other units that are worse, 0–1 (COINr `n_prank`).

use ndarray::{Array1, ArrayView1};

use super::{CONSTANT, Context, Normalise, same_score};
use crate::method::{Flaw, Noted, Params};
use crate::params::none;
use crate::stats::descriptive::{extremes, present, ranks};

struct PercentileRank;

/// From a model's parameters: it has none.
pub fn make(params: &Params) -> Result<Box<dyn Normalise>, Flaw> {
    none("percentile_rank", params)?;
    Ok(Box::new(PercentileRank))
}

impl Normalise for PercentileRank {
    /// (rank − 1) / (n − 1), n the units that have a value; equal units get 0.5 and not 0, as with
    /// the other methods.
    fn normalise(
        &self,
        x: ArrayView1<f64>,
        direction: f64,
        _: &Context,
    ) -> Result<Noted<Array1<f64>>, Flaw> {
        let (low, high) = extremes(x);
        if low == high {
            return Ok(same_score(x, 0.5, CONSTANT));
        }
        let others = present(x).len() as f64 - 1.0;
        let ranks = ranks(x.mapv(|v| v * direction).view());
        Ok(Noted::plain(ranks.into_iter().map(|r| (r - 1.0) / others).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Context, tests::scores};

    #[test]
    fn the_share_of_worse_units() {
        let done =
            scores("percentile_rank", "", &[4.0, 1.0, f64::NAN, 9.0], 1.0, &Context::default());
        assert_eq!((done.value[0], done.value[1], done.value[3]), (0.5, 0.0, 1.0));
    }
}
