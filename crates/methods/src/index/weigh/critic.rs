//! CRITIC: a column weighs by its spread and by how little it repeats the others.
//!
//! On figures scaled from 0 (worst) to 1 (best), the standard deviation of a column times Σ (1 − r)
//! over the columns, r their correlation: `correlation = "pearson"` (the paper) or `"spearman"`.
//! Directions count, as in the paper: pymcdm takes every column as better when high. Constant
//! columns, whose correlation is undefined, take no part (pymcdm gives NaN).
//!
//! Diakoulaki, D., Mavrotas, G., Papayannakis, L. (1995) Determining objective weights in multiple
//! criteria problems: the CRITIC method. Computers & Operations Research 22, 763–770.

use ndarray::{Array1, ArrayView1, ArrayView2, Axis};
use serde::Deserialize;

use super::columns::{deviations, min_max, pearson, ranks};
use super::sample::{Sample, weigh_with};
use super::{Weigh, parameters};
use crate::method::{Flaw, Noted, Params};

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Critic {
    correlation: Correlation,
}

#[derive(Clone, Copy, Default, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Correlation {
    #[default]
    Pearson,
    Spearman,
}

pub(super) fn make(params: &Params) -> Result<Box<dyn Weigh>, Flaw> {
    Ok(Box::new(parameters::<Critic>("critic", params)?))
}

impl Weigh for Critic {
    fn weigh(
        &self,
        x: ArrayView2<f64>,
        directions: ArrayView1<f64>,
    ) -> Result<Noted<Array1<f64>>, Flaw> {
        weigh_with(x, directions, |sample| Ok(self.information(sample)))
    }
}

impl Critic {
    fn information(&self, sample: &Sample) -> Array1<f64> {
        let x = min_max(sample);
        let correlations = if self.correlation == Correlation::Spearman {
            pearson(&ranks(&x))
        } else {
            pearson(&x)
        };
        // Rounding leaves 1 − r of the same column about 1e-16, on either side of zero.
        let conflict =
            correlations.mapv(|r| if 1.0 - r > 1e-12 { 1.0 - r } else { 0.0 }).sum_axis(Axis(0));
        deviations(&x) * conflict
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn a_direction_turns_agreement_into_conflict() {
        let x = array![[1.0, 1.0, 3.0], [2.0, 2.5, 1.0], [3.0, 3.0, 2.0], [4.0, 3.9, 2.5]];
        let critic = Critic::default();
        let agreeing = critic.weigh(x.view(), array![1.0, 1.0, 1.0].view()).unwrap().value;
        let turned = critic.weigh(x.view(), array![1.0, -1.0, 1.0].view()).unwrap().value;
        assert!(turned[0] > agreeing[0], "{turned} {agreeing}");
    }

    #[test]
    fn columns_that_repeat_one_another_weigh_the_same() {
        let weighed = Critic::default()
            .weigh(array![[1.0, 10.0], [2.0, 20.0], [4.0, 40.0]].view(), array![1.0, 1.0].view())
            .unwrap();
        assert_eq!(weighed.value, array![0.5, 0.5]);
        assert_eq!(weighed.notices.len(), 1);
    }
}
