//! Jansen, M. J. W. (1999) Analysis of variance designs for model output. Computer Physics
//! Communications 117, 35–43.

use super::{Blocks, Estimator, mean_over};

/// Jansen's, first order and total order: squared differences, so that a shift of the output does
/// not matter. The default.
pub const JANSEN: Estimator = Estimator { first, total, centred: false, ddof: 1 };

/// V − ½ E(b − a_b)²: B and A_B^(i) share the choice and nothing else.
fn first(blocks: Blocks, variance: f64) -> f64 {
    variance - mean_over(blocks, |_, b, mixed| (b - mixed).powi(2)) / 2.0
}

/// ½ E(a − a_b)²: A and A_B^(i) share everything but the choice.
pub(super) fn total(blocks: Blocks, _variance: f64) -> f64 {
    mean_over(blocks, |a, _, mixed| (a - mixed).powi(2)) / 2.0
}
