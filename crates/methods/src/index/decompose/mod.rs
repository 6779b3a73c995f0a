//! A change of a score, taken apart exactly.
//!
//! A change is between two periods, two areas or two models: whatever has a *before* and an
//! *after*. At one node it is shared out by Shapley values ([`shapley`], [`Parent`]), along the
//! tree in proportion ([`decompose_tree`]), and an indicator's own change over its figures
//! ([`indicator_parts`]). The parts always sum to the change, whatever the aggregation.
//!
//! Shapley, L. S. (1953) A value for n-person games, Contributions to the Theory of Games II,
//! 307–317; for decompositions Shorrocks, A. F. (2013) Decomposition procedures for distributional
//! analysis: a unified framework based on the Shapley value, Journal of Economic Inequality 11,
//! 99–126.

mod change;
mod node;
#[cfg(test)]
mod properties;
mod shapley;
mod tree;

pub use change::Change;
pub use node::{Parent, Parts};
pub use shapley::{MAX_PLAYERS, shapley};
pub use tree::{
    MISSING, Node, NodeContent, NodeDecomposition, Part, SCORE, VETO, WEIGHTS, decompose_tree,
    indicator_parts,
};
