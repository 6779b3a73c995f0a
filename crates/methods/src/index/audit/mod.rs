//! Audit of a model: effective weights, correlations of its elements, and how the ranking changes
//! without each.
//!
//! Trees are lists of parents ([`super::parents`]). Data are units × nodes.

mod correlation;
mod cronbach;
mod effective_weights;
mod removal;

pub use correlation::{METHODS, Measure, Pair, across, correlation, with_ancestors, within};
pub use cronbach::{cronbach, cronbach_of_nodes};
pub use effective_weights::effective_weights;
pub use removal::{Removal, remove_elements};
