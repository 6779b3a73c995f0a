//! Saltelli, A. et al. (2010) Variance based sensitivity analysis of model output. Computer Physics
//! Communications 181, 259–270.

use super::{Blocks, Estimator, jansen, mean_over};

/// Their first order (table 2, b), on the output as it is, with Jansen's total order; as COINr's
/// `SA_estimate`.
pub const SALTELLI: Estimator = Estimator { first, total: jansen::total, centred: false, ddof: 1 };

/// The same on the output less its mean, which varies less; as SALib's `sobol.analyze`.
pub const SALTELLI_CENTRED: Estimator =
    Estimator { first, total: jansen::total, centred: true, ddof: 0 };

/// E b (a_b − a).
fn first(blocks: Blocks, _variance: f64) -> f64 {
    mean_over(blocks, |a, b, mixed| b * (mixed - a))
}
