//! How indices are estimated from the outputs. One file a paper; [`ESTIMATORS`] is the list.

mod jansen;
mod saltelli;

use crate::method::Flaw;
use crate::params::choose;

/// Outputs of the runs that all succeeded for one choice: of A, of B and of A_B^(i), equally long.
#[derive(Clone, Copy, Debug)]
pub struct Blocks<'a> {
    pub a: &'a [f64],
    pub b: &'a [f64],
    pub mixed: &'a [f64],
}

/// The variance that is due to the choice, of an output whose whole variance is given.
pub type Share = fn(Blocks, variance: f64) -> f64;

/// A way of estimating the indices.
#[derive(Clone, Copy, Debug)]
pub struct Estimator {
    /// Variance due to the choice alone, and due to the choice with all it interacts with.
    pub first: Share,
    pub total: Share,
    /// Whether the mean of all outputs is taken off first: Saltelli's first order depends on it,
    /// Jansen's does not.
    pub centred: bool,
    /// What the whole variance, that of A's and B's outputs together, is divided by: 2 n less this.
    pub ddof: usize,
}

/// Every estimator by its name. The default is `jansen`.
pub const ESTIMATORS: &[(&str, Estimator)] = &[
    ("jansen", jansen::JANSEN),
    ("saltelli", saltelli::SALTELLI),
    ("saltelli_centred", saltelli::SALTELLI_CENTRED),
];

/// The estimator of that name.
///
/// # Errors
/// A [`Flaw`] where there is none of that name.
pub fn estimator(name: &str) -> Result<Estimator, Flaw> {
    choose("estimator", name, ESTIMATORS)
}

/// Mean of a figure of each row.
fn mean_over(blocks: Blocks, of: impl Fn(f64, f64, f64) -> f64) -> f64 {
    let rows = blocks.a.iter().zip(blocks.b).zip(blocks.mixed);
    rows.map(|((a, b), mixed)| of(*a, *b, *mixed)).sum::<f64>() / blocks.a.len() as f64
}
