//! The worst unit gets 1, and so on; equal ones share the lowest of their ranks (COINr `n_rank`).

use ndarray::{Array1, ArrayView1};

use super::{Context, Normalise};
use crate::method::{Flaw, Noted, Params};
use crate::params::none;
use crate::stats::descriptive::ranks;

struct Rank;

/// From a model's parameters: it has none.
pub fn make(params: &Params) -> Result<Box<dyn Normalise>, Flaw> {
    none("rank", params)?;
    Ok(Box::new(Rank))
}

impl Normalise for Rank {
    fn normalise(
        &self,
        x: ArrayView1<f64>,
        direction: f64,
        _: &Context,
    ) -> Result<Noted<Array1<f64>>, Flaw> {
        Ok(Noted::plain(ranks(x.mapv(|v| v * direction).view()).into()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Context, tests::scores};

    #[test]
    fn ties_share_the_lowest() {
        assert_eq!(
            scores("rank", "", &[4.0, 1.0, 4.0, 9.0], 1.0, &Context::default()).value.to_vec(),
            [2.0, 1.0, 2.0, 4.0]
        );
        assert_eq!(
            scores("rank", "", &[4.0, 1.0, 4.0, 9.0], -1.0, &Context::default()).value.to_vec(),
            [2.0, 4.0, 2.0, 1.0]
        );
    }
}
