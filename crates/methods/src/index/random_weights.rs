//! Random weights about the given ones, under which a model is scored again to see how much of its
//! ranking rests on the weights.

use ndarray::{Array2, Axis};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Gamma};

use super::parents::{check_weights, children};
use crate::method::{Flaw, Noted};

/// `sets` seeded sets of weights about the given ones, one a row: at each node, the children's
/// shares are drawn from a Dirichlet distribution with the given shares as its mean, and sum to
/// one. The top has 1.
///
/// A child of share s varies by √(s(1−s)/(`concentration`+1)): at 100, a share of 0.2 has a
/// standard deviation of 0.04. A weight of zero stays zero. Siblings that all weigh zero stay so,
/// with a notice.
///
/// # Errors
/// A [`Flaw`] where the tree is not ordered from the leaves up, a weight is negative, not finite or
/// lacking, or the concentration is not above zero (at least the float's ε).
pub fn dirichlet_weights(
    parents: &[Option<usize>],
    weights: &[f64],
    concentration: f64,
    sets: usize,
    seed: u64,
) -> Result<Noted<Array2<f64>>, Flaw> {
    let children = children(parents)?;
    check_weights(weights, parents.len())?;
    // Below this, the logarithms that the shares are made of overflow.
    if !(concentration.is_finite() && concentration >= f64::EPSILON) {
        return Err(Flaw::new(
            format!("the concentration is {concentration}"),
            "give a number above zero; the larger, the closer to the given weights",
        ));
    }
    let (mut drawn, mut notices) = (Array2::ones((sets, parents.len())), Vec::new());
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    for (parent, group) in children.iter().enumerate().filter(|(_, group)| !group.is_empty()) {
        let given: Vec<f64> = group.iter().map(|c| weights[*c]).collect();
        if given.iter().all(|w| *w == 0.0) {
            notices.push(format!("all children of node {parent} weigh zero, and keep it"));
        }
        for mut set in drawn.axis_iter_mut(Axis(0)) {
            for (child, share) in group.iter().zip(dirichlet(&given, concentration, &mut rng)) {
                set[*child] = share;
            }
        }
    }
    Ok(Noted { value: drawn, notices })
}

/// One draw of shares about `given` weights: gamma draws over their sum. In logarithms, since gamma
/// draws of a small shape can all underflow to 0.
fn dirichlet(given: &[f64], concentration: f64, rng: &mut ChaCha8Rng) -> Vec<f64> {
    let sum: f64 = given.iter().sum();
    let logs: Vec<f64> =
        given.iter().map(|w| log_gamma_draw(concentration * w / sum, rng)).collect();
    let largest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if largest == f64::NEG_INFINITY {
        return vec![0.0; given.len()];
    }
    let parts: Vec<f64> = logs.iter().map(|l| (l - largest).exp()).collect();
    let whole: f64 = parts.iter().sum();
    parts.iter().map(|p| p / whole).collect()
}

/// Logarithm of a gamma draw of this shape: a draw of shape + 1 times u^(1/shape); −∞ for a shape
/// that is not above zero.
fn log_gamma_draw(shape: f64, rng: &mut ChaCha8Rng) -> f64 {
    match Gamma::new(shape + 1.0, 1.0) {
        Ok(gamma) if shape > 0.0 => {
            gamma.sample(rng).ln() + (1.0 - rng.random::<f64>()).ln() / shape
        }
        _ => f64::NEG_INFINITY,
    }
}

/// `sets` seeded sets of weights about the given ones, one a row: each weight w becomes w (1 + f
/// (2u − 1)) with u uniform and f the node's `noise`, as COINr's `get_noisy_weights` with its
/// `NoiseFactor`. A node of noise 0 keeps its weight. They are not brought to a sum of one.
///
/// # Errors
/// A [`Flaw`] where a weight is negative or not finite, noises and weights are not equally many, or
/// a noise is not within 0 and 1 (beyond 1 a weight could become negative).
pub fn noisy_weights(
    weights: &[f64],
    noise: &[f64],
    sets: usize,
    seed: u64,
) -> Result<Array2<f64>, Flaw> {
    check_weights(weights, noise.len())?;
    if let Some(wrong) = noise.iter().find(|f| !(0.0..=1.0).contains(*f)) {
        return Err(Flaw::new(
            format!("a noise is {wrong}"),
            "give a number between 0 and 1, 0.25 for ± 25 %",
        ));
    }
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    Ok(Array2::from_shape_fn((sets, weights.len()), |(_, node)| {
        weights[node] * (1.0 + noise[node] * (2.0 * rng.random::<f64>() - 1.0))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENTS: [Option<usize>; 4] = [Some(3), Some(3), Some(3), None];

    #[test]
    fn dirichlet_weights_have_the_given_mean_and_spread() {
        let weights = [1.0, 3.0, 0.0, 9.0];
        let got = dirichlet_weights(&PARENTS, &weights, 50.0, 4000, 5).unwrap();
        assert!(got.notices.is_empty());
        assert!(
            got.value
                .outer_iter()
                .all(|set| (set[0] + set[1] - 1.0).abs() < 1e-12 && set[2] == 0.0 && set[3] == 1.0)
        );
        assert!((got.value.column(0).mean().unwrap() - 0.25).abs() < 0.004);
        assert!((got.value.column(0).std(0.0) - (0.25 * 0.75 / 51.0_f64).sqrt()).abs() < 0.002);
        assert_eq!(got.value, dirichlet_weights(&PARENTS, &weights, 50.0, 4000, 5).unwrap().value);
        assert_ne!(got.value, dirichlet_weights(&PARENTS, &weights, 50.0, 4000, 6).unwrap().value);
    }

    #[test]
    fn a_tiny_concentration_still_gives_weights() {
        let got = dirichlet_weights(&PARENTS, &[1.0, 1.0, 1.0, 1.0], 1e-4, 200, 5).unwrap().value;
        assert!(got.outer_iter().all(|set| ((set[0] + set[1] + set[2]) - 1.0).abs() < 1e-12));
        assert!(dirichlet_weights(&PARENTS, &[1.0; 4], 0.0, 1, 5).is_err());
    }

    #[test]
    fn siblings_without_weight_are_noted() {
        let got = dirichlet_weights(&PARENTS, &[0.0, 0.0, 0.0, 1.0], 10.0, 3, 5).unwrap();
        assert!(got.value.column(0).iter().all(|w| *w == 0.0) && got.notices[0].contains("node 3"));
    }

    #[test]
    fn noise_stays_within_its_share() {
        let got = noisy_weights(&[1.0, 4.0], &[0.25, 0.0], 2000, 5).unwrap();
        assert!(got.column(1).iter().all(|w| *w == 4.0));
        let (low, high) =
            got.column(0).iter().fold((9.0_f64, 0.0_f64), |(l, h), w| (l.min(*w), h.max(*w)));
        assert!((0.75..0.751).contains(&low) && (1.249..1.25).contains(&high), "{low} {high}");
        assert!(
            noisy_weights(&[1.0], &[1.5], 1, 5).is_err()
                && noisy_weights(&[1.0], &[0.1, 0.1], 1, 5).is_err()
        );
    }
}
