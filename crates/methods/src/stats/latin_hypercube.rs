//! Latin hypercube sampling of gamma and beta distributions (McKay, Beckman & Conover,
//! Technometrics 21, 1979).
//!
//! Of n draws of a figure, each is the midpoint quantile of one of n equally likely strata; each
//! figure's draws are shuffled on their own. Means vary less than those of n independent draws, and
//! since the quantiles come from a table, drawing is many times as quick.

use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom;
use rand::{Rng, RngExt, SeedableRng};

use super::gamma_quantiles::GammaQuantiles;

/// Shuffled orders that are prepared. A figure takes one of them at random and starts at a random
/// place in it, which makes `ORDERS` × draws different orders.
const ORDERS: usize = 256;

/// Stratum quantiles and shuffled orders for a given number of draws.
pub struct LatinHypercube {
    gamma: GammaQuantiles,
    /// Each order is stored twice in a row, so that from any start it is one slice.
    orders: Vec<Vec<u32>>,
    draws: usize,
}

/// Memory for the quantiles of one figure, used again for the next.
pub struct QuantileBuffers {
    first: Vec<f64>,
    second: Vec<f64>,
}

impl LatinHypercube {
    /// A design of `draws` draws a figure; the same seed gives the same orders.
    pub fn new(draws: usize, seed: u64) -> LatinHypercube {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let order = |_| {
            let mut order: Vec<u32> = (0..draws as u32).collect();
            order.shuffle(&mut rng);
            order.repeat(2)
        };
        LatinHypercube {
            gamma: GammaQuantiles::new(draws),
            orders: (0..ORDERS).map(order).collect(),
            draws,
        }
    }

    /// Number of draws of each figure.
    pub fn draws(&self) -> usize {
        self.draws
    }

    /// Memory for the draws of one figure.
    pub fn buffers(&self) -> QuantileBuffers {
        QuantileBuffers { first: vec![0.0; self.draws], second: vec![0.0; self.draws] }
    }

    /// Fills `into`, which holds one place a draw, with draws of a gamma distribution of positive,
    /// finite shape and scale.
    pub fn gamma<R: Rng + ?Sized>(
        &self,
        shape: f64,
        scale: f64,
        rng: &mut R,
        buffers: &mut QuantileBuffers,
        into: &mut [f64],
    ) {
        self.gamma.quantiles(shape, scale, &mut buffers.first);
        permute(&buffers.first, self.order(rng), into);
    }

    /// Fills `into` with draws of a beta distribution of positive, finite `a` and `b`: x / (x + y)
    /// of two gamma draws.
    pub fn beta<R: Rng + ?Sized>(
        &self,
        a: f64,
        b: f64,
        rng: &mut R,
        buffers: &mut QuantileBuffers,
        into: &mut [f64],
    ) {
        self.gamma.quantiles(a, 1.0, &mut buffers.first);
        permute(&buffers.first, self.order(rng), into);
        self.gamma.quantiles(b, 1.0, &mut buffers.first);
        permute(&buffers.first, self.order(rng), &mut buffers.second);
        for (x, y) in into.iter_mut().zip(&buffers.second) {
            // Where both underflow to 0, x / (x + y) is not defined, and 0 is taken.
            *x = if *x == 0.0 { 0.0 } else { *x / (*x + y) };
        }
    }

    fn order<R: Rng + ?Sized>(&self, rng: &mut R) -> &[u32] {
        let (order, first) =
            (&self.orders[rng.random_range(0..ORDERS)], rng.random_range(0..self.draws.max(1)));
        &order[first..first + self.draws]
    }
}

/// Writes `values` to `into` in the order given.
#[inline]
fn permute(values: &[f64], order: &[u32], into: &mut [f64]) {
    for (to, at) in into.iter_mut().zip(order) {
        *to = values[*at as usize];
    }
}

#[cfg(test)]
mod tests {
    use statrs::distribution::{Beta, ContinuousCDF};

    use super::*;

    fn drawn(
        draws: usize,
        fill: impl Fn(&LatinHypercube, &mut ChaCha8Rng, &mut QuantileBuffers, &mut [f64]),
    ) -> Vec<f64> {
        let design = LatinHypercube::new(draws, 1);
        let mut found = vec![f64::NAN; draws];
        fill(&design, &mut ChaCha8Rng::seed_from_u64(2), &mut design.buffers(), &mut found);
        found
    }

    fn mean_and_variance(x: &[f64]) -> (f64, f64) {
        let mean = x.iter().sum::<f64>() / x.len() as f64;
        (mean, x.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / x.len() as f64)
    }

    #[test]
    fn gamma_draws_have_its_moments_and_fill_every_place() {
        for (shape, scale) in [(0.2, 3.0), (0.5, 2.0), (7.0, 0.1), (5000.0, 1.0)] {
            let x = drawn(1000, |d, rng, buffers, to| d.gamma(shape, scale, rng, buffers, to));
            let (mean, variance) = mean_and_variance(&x);
            assert!((mean / (shape * scale) - 1.0).abs() < 0.01, "{shape}: {mean}");
            assert!((variance / (shape * scale * scale) - 1.0).abs() < 0.1, "{shape}: {variance}");
        }
    }

    #[test]
    fn beta_draws_are_distributed_as_they_should() {
        for (a, b) in [(0.5, 3.0), (2.0, 2.0), (300.0, 7.5)] {
            let mut x = drawn(2000, |d, rng, buffers, to| d.beta(a, b, rng, buffers, to));
            x.sort_by(f64::total_cmp);
            let beta = Beta::new(a, b).unwrap();
            let furthest = x
                .iter()
                .enumerate()
                .map(|(i, v)| (beta.cdf(*v) - (i as f64 + 0.5) / 2000.0).abs())
                .fold(0.0, f64::max);
            assert!(furthest < 0.03, "Kolmogorov–Smirnov distance {furthest} for {a}, {b}");
        }
    }

    #[test]
    fn figures_are_drawn_independently_of_each_other() {
        let design = LatinHypercube::new(400, 1);
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let figures: Vec<Vec<f64>> = (0..60)
            .map(|_| {
                let mut x = vec![0.0; 400];
                design.gamma(50.0, 1.0, &mut rng, &mut design.buffers(), &mut x);
                x
            })
            .collect();
        let sum: Vec<f64> = (0..400).map(|i| figures.iter().map(|f| f[i]).sum()).collect();
        let (_, variance) = mean_and_variance(&sum);
        // The variance of a sum of independent figures is the sum of theirs.
        assert!((variance / (60.0 * 50.0) - 1.0).abs() < 0.25, "{variance}");
    }
}
