//! How many units are worse: the rank less one (COINr `n_borda`).

use ndarray::{Array1, ArrayView1};

use super::{Context, Normalise};
use crate::method::{Flaw, Noted, Params};
use crate::params::none;
use crate::stats::descriptive::ranks;

struct Borda;

/// From a model's parameters: it has none.
pub fn make(params: &Params) -> Result<Box<dyn Normalise>, Flaw> {
    none("borda", params)?;
    Ok(Box::new(Borda))
}

impl Normalise for Borda {
    fn normalise(
        &self,
        x: ArrayView1<f64>,
        direction: f64,
        _: &Context,
    ) -> Result<Noted<Array1<f64>>, Flaw> {
        let ranks = ranks(x.mapv(|v| v * direction).view());
        Ok(Noted::plain(ranks.into_iter().map(|r| r - 1.0).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Context, tests::scores};

    #[test]
    fn the_number_of_worse_units() {
        assert_eq!(
            scores("borda", "", &[4.0, 1.0, 4.0, 9.0], 1.0, &Context::default()).value.to_vec(),
            [1.0, 0.0, 1.0, 3.0]
        );
    }
}
