//! Random numbers: one independent stream for each thing simulated, so that the order of simulation
//! does not matter.

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, LogNormal, Poisson};

/// The generator of what `path` names under `seed`.
pub fn stream(seed: u64, path: &[&str]) -> ChaCha8Rng {
    let mut hash = blake3::Hasher::new();
    hash.update(&seed.to_le_bytes());
    for part in path {
        hash.update(&(part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    ChaCha8Rng::from_seed(*hash.finalize().as_bytes())
}

/// A lognormal draw by its median and the standard deviation of its logarithm.
pub fn lognormal(rng: &mut ChaCha8Rng, median: f64, sd: f64) -> f64 {
    LogNormal::new(median.ln(), sd).map_or(median, |d| d.sample(rng))
}

/// A Poisson draw; 0 where the mean is not positive.
pub fn poisson(rng: &mut ChaCha8Rng, mean: f64) -> u64 {
    Poisson::new(mean).map_or(0, |d| d.sample(rng) as u64)
}

/// A position drawn in proportion to `weights`; the last where they are all zero.
pub fn pick(
    rng: &mut ChaCha8Rng,
    weights: impl IntoIterator<Item = f64, IntoIter: Clone>,
) -> usize {
    let weights = weights.into_iter();
    let mut left = rng.random::<f64>() * weights.clone().sum::<f64>();
    let mut last = 0;
    for (i, w) in weights.enumerate() {
        last = i;
        left -= w;
        if left < 0.0 {
            break;
        }
    }
    last
}

/// One of the codes of a table of shares.
pub fn choose(rng: &mut ChaCha8Rng, table: &[(&'static str, f64)]) -> Option<&'static str> {
    (!table.is_empty()).then(|| table[pick(rng, table.iter().map(|t| t.1))].0)
}
