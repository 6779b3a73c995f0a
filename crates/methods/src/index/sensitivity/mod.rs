//! Which choice of method the result depends on: variance-based sensitivity (METHOD.md §2.11).
//!
//! A [`Design`] says which models to run, [`Outputs`] holds what came out, and an [`Estimator`]
//! makes first-order and total-order indices of it: how much of the output's variance a choice
//! explains alone, and how much with all it interacts with.

mod bootstrap;
mod estimators;
mod outputs;
mod sample;
mod sobol;

pub use bootstrap::bootstrap;
pub use estimators::{Blocks, ESTIMATORS, Estimator, Share, estimator};
pub use outputs::Outputs;
pub use sample::{Design, alternative};
pub use sobol::{Indices, sobol};
