//! How uncertain data-driven weights are: percentile intervals by drawing the units again.
//!
//! Efron, B., Tibshirani, R. J. (1993) An Introduction to the Bootstrap, chapter 13.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::Weigh;
use super::sample::complete_units;
use crate::method::{Flaw, Noted};
use crate::stats::descriptive::quantile;

/// Units a column below which weights from data are advice only (the OECD handbook's 5:1 rule for
/// multivariate analysis).
const UNITS_A_COLUMN: usize = 5;

/// How the units are drawn again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bootstrap {
    /// Samples drawn.
    pub replicates: usize,
    /// Coverage of the interval, between 0 and 1.
    pub level: f64,
    pub seed: u64,
}

impl Default for Bootstrap {
    /// 1000 samples, 90 %.
    fn default() -> Bootstrap {
        Bootstrap { replicates: 1000, level: 0.9, seed: 1 }
    }
}

/// Lower and upper ends, one a column.
#[derive(Clone, Debug, PartialEq)]
pub struct Intervals {
    pub lo: Array1<f64>,
    pub hi: Array1<f64>,
}

impl Bootstrap {
    /// Percentile intervals of the weights of `x` (units × columns). Units with a missing figure
    /// are never drawn. A sample of one unit alone, or one that the method refuses, is left out,
    /// and a notice says how many; another says where the units are few for the columns. The
    /// notices of the method itself belong to [`Weigh::weigh`] and are not repeated.
    ///
    /// # Errors
    /// A [`Flaw`] with fewer than two complete units, without samples, with a level outside (0, 1),
    /// or where every sample is refused.
    pub fn intervals(
        &self,
        method: &dyn Weigh,
        x: ArrayView2<f64>,
        directions: ArrayView1<f64>,
    ) -> Result<Noted<Intervals>, Flaw> {
        let (complete, _) = complete_units(x, directions)?;
        self.check(complete.nrows())?;
        let drawn = self.draw(method, &complete, directions)?;
        let mut notices = Vec::new();
        if method.data_driven() && complete.nrows() < UNITS_A_COLUMN * complete.ncols() {
            notices.push(format!(
                "{} units for {} columns: the weights are advice only",
                complete.nrows(),
                complete.ncols()
            ));
        }
        if drawn.nrows() < self.replicates {
            notices.push(format!(
                "{} of {} samples left out",
                self.replicates - drawn.nrows(),
                self.replicates
            ));
        }
        Ok(Noted { value: self.ends(drawn), notices })
    }

    fn check(&self, units: usize) -> Result<(), Flaw> {
        if units < 2 {
            return Err(Flaw::new(
                "an interval of weights needs two complete units",
                "give more units",
            ));
        }
        if self.replicates == 0 || !(self.level > 0.0 && self.level < 1.0) {
            return Err(Flaw::new(
                "the bootstrap is set wrongly",
                "give at least one sample and a level between 0 and 1",
            ));
        }
        Ok(())
    }

    /// Weights of each sample, samples × columns.
    fn draw(
        &self,
        method: &dyn Weigh,
        x: &Array2<f64>,
        directions: ArrayView1<f64>,
    ) -> Result<Array2<f64>, Flaw> {
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        let (mut weights, mut refused) = (Array2::zeros((0, x.ncols())), None);
        for _ in 0..self.replicates {
            let units: Vec<usize> =
                (0..x.nrows()).map(|_| random.random_range(0..x.nrows())).collect();
            if units.iter().all(|u| units.first() == Some(u)) {
                continue;
            }
            match method.weigh(x.select(Axis(0), &units).view(), directions) {
                Ok(noted) => {
                    // The row has as many columns as the matrix, or the method is at fault and its
                    // weights cannot be kept.
                    if weights.push_row(noted.value.view()).is_err() {
                        return Err(Flaw::new(
                            "the method gives another number of weights than of columns",
                            "take another weighting",
                        ));
                    }
                }
                Err(flaw) => refused = Some(flaw),
            }
        }
        match refused {
            Some(flaw) if weights.nrows() == 0 => Err(flaw),
            _ if weights.nrows() == 0 => Err(Flaw::new(
                "no sample holds two different units",
                "draw more samples, or give more units",
            )),
            _ => Ok(weights),
        }
    }

    fn ends(&self, drawn: Array2<f64>) -> Intervals {
        let tail = (1.0 - self.level) / 2.0;
        let end = |p: f64| drawn.map_axis(Axis(0), |column| quantile(column, p));
        Intervals { lo: end(tail), hi: end(1.0 - tail) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::weigh::weighting;
    use ndarray::array;

    fn matrix(units: usize) -> Array2<f64> {
        Array2::from_shape_fn((units, 3), |(i, j)| {
            ((i * 37 + j * 11 + i * i * (j + 1)) % 29) as f64 + 1.0
        })
    }

    #[test]
    fn the_same_seed_gives_the_same_interval_about_the_weights() {
        let (x, d) = (matrix(60), array![1.0, -1.0, 1.0]);
        let method = weighting("critic", &Default::default()).unwrap();
        let bootstrap = Bootstrap { replicates: 300, ..Bootstrap::default() };
        let first = bootstrap.intervals(method.as_ref(), x.view(), d.view()).unwrap();
        assert_eq!(first, bootstrap.intervals(method.as_ref(), x.view(), d.view()).unwrap());
        let other = Bootstrap { seed: 2, ..bootstrap }
            .intervals(method.as_ref(), x.view(), d.view())
            .unwrap();
        assert_ne!(first.value, other.value);
        let weights = method.weigh(x.view(), d.view()).unwrap().value;
        for j in 0..3 {
            assert!(
                first.value.lo[j] < weights[j] && weights[j] < first.value.hi[j],
                "{first:?} {weights}"
            );
        }
        assert!(first.notices.is_empty());
    }

    #[test]
    fn fewer_units_make_wider_intervals_and_are_told() {
        let d = array![1.0, 1.0, 1.0];
        let method = weighting("entropy", &Default::default()).unwrap();
        let bootstrap = Bootstrap { replicates: 300, ..Bootstrap::default() };
        let few = bootstrap.intervals(method.as_ref(), matrix(8).view(), d.view()).unwrap();
        let many = bootstrap.intervals(method.as_ref(), matrix(80).view(), d.view()).unwrap();
        let width = |i: &Intervals| (&i.hi - &i.lo).sum();
        assert!(width(&few.value) > 2.0 * width(&many.value));
        assert!(few.notices[0].contains("8 units for 3 columns"), "{:?}", few.notices);
    }

    #[test]
    fn one_unit_has_no_interval() {
        let method = weighting("entropy", &Default::default()).unwrap();
        let d = array![1.0, 1.0];
        assert!(
            Bootstrap::default()
                .intervals(method.as_ref(), array![[1.0, 2.0], [f64::NAN, 1.0]].view(), d.view())
                .is_err()
        );
        assert!(
            Bootstrap { level: 1.0, ..Bootstrap::default() }
                .intervals(method.as_ref(), matrix(5).view(), array![1.0, 1.0, 1.0].view())
                .is_err()
        );
    }
}
