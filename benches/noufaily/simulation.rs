//! The simulation of Noufaily et al. (2013), Statistics in Medicine 32, 1206–1222.

use std::f64::consts::TAU;

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Gamma, LogNormal, Poisson};

/// Weeks of a series.
pub const WEEKS: usize = 624;
/// First (0-based) baseline week that may carry an outbreak, and first current week.
pub const BASELINE: usize = 312;
pub const CURRENT: usize = 575;
/// Scenarios: trend or none × season or none × seven sets.
pub const SCENARIOS: usize = 28;
/// Sizes of the four outbreaks in the baseline, in standard deviations.
const PAST_SIZES: [f64; 4] = [2.0, 3.0, 5.0, 10.0];
/// Sizes of the one outbreak in the current weeks.
pub const SIZES: [f64; 3] = [3.0, 5.0, 10.0];
/// θ, φ, β, γ₁, γ₂.
const SETS: [[f64; 5]; 7] = [
    [0.1, 1.5, 0.0025, 0.6, 0.6],
    [-2.0, 2.0, 0.005, 0.1, 0.3],
    [1.5, 1.0, 0.003, 0.2, -0.4],
    [0.5, 5.0, 0.002, 0.5, 0.5],
    [2.5, 3.0, 0.001, 1.0, 0.1],
    [3.75, 1.1, 0.001, 0.1, -0.1],
    [5.0, 1.2, 0.0001, 0.05, 0.01],
];

/// One series and its truth.
#[derive(Clone, Debug)]
pub struct Simulated {
    pub counts: Vec<f64>,
    pub mean: Vec<f64>,
    pub dispersion: f64,
    /// First and last week with a case of the current outbreak.
    pub outbreak: (usize, usize),
}

/// The same weeks without a current outbreak, and with one of each of [`SIZES`].
pub fn replicate(scenario: usize, seed: u64) -> [Simulated; 3] {
    let mut rng =
        ChaCha8Rng::seed_from_u64(seed.wrapping_mul(1_000_003).wrapping_add(scenario as u64));
    let [theta, dispersion, beta, cos, sin] = SETS[scenario / 4];
    let (trend, season) = ((scenario / 2 % 2) as f64, (scenario % 2) as f64);
    let mean: Vec<f64> = (1..=WEEKS)
        .map(|t| t as f64)
        .map(|t| {
            (theta
                + trend * beta * t
                + season * (cos * (TAU * t / 52.0).cos() + sin * (TAU * t / 52.0).sin()))
            .exp()
        })
        .collect();
    let mut counts: Vec<f64> = mean.iter().map(|mean| count(&mut rng, *mean, dispersion)).collect();
    for k in PAST_SIZES {
        let begin = rng.random_range(BASELINE..CURRENT);
        let cases = outbreak(&mut rng, begin, k * (dispersion * mean[begin]).sqrt());
        cases.into_iter().filter(|week| *week < CURRENT).for_each(|week| counts[week] += 1.0);
    }
    SIZES.map(|k| {
        let begin = rng.random_range(CURRENT..WEEKS);
        let cases = outbreak(&mut rng, begin, k * (dispersion * mean[begin]).sqrt());
        let seen: Vec<usize> = cases.into_iter().filter(|week| *week < WEEKS).collect();
        let mut counts = counts.clone();
        seen.iter().for_each(|week| counts[*week] += 1.0);
        let bound = |week: Option<usize>| week.unwrap_or(begin);
        let outbreak = (bound(seen.iter().min().copied()), bound(seen.iter().max().copied()));
        Simulated { counts, mean: mean.clone(), dispersion, outbreak }
    })
}

/// A negative binomial count as a Poisson one with a gamma mean.
fn count(rng: &mut ChaCha8Rng, mean: f64, dispersion: f64) -> f64 {
    let mean = if dispersion > 1.0 {
        Gamma::new(mean / (dispersion - 1.0), dispersion - 1.0)
            .expect("shape and scale are positive")
            .sample(rng)
    } else {
        mean
    };
    if mean > 0.0 { Poisson::new(mean).expect("the mean is positive").sample(rng) } else { 0.0 }
}

/// Weeks of an outbreak's cases, of which there are two at least.
fn outbreak(rng: &mut ChaCha8Rng, begin: usize, size: f64) -> Vec<usize> {
    let sizes = Poisson::new(size).expect("the size is positive");
    let cases: f64 = std::iter::repeat_with(|| sizes.sample(&mut *rng))
        .find(|cases| *cases >= 2.0)
        .unwrap_or(2.0);
    let delay: LogNormal<f64> = LogNormal::new(0.0, 0.5).expect("the deviation is positive");
    (0..cases as usize).map(|_| begin + delay.sample(rng).floor() as usize).collect()
}
