//! Variance-based sensitivity analysis: on which choices of method the result depends.
//!
//! A [`Design`] lists the models to run, [`Outputs`] holds their outputs, and an [`Estimator`]
//! makes first-order and total-order indices of it: the share of the output's variance that a
//! choice explains alone, and the share with all its interactions.

mod bootstrap;
mod design;
mod estimators;
mod outputs;
mod sobol;

pub use bootstrap::bootstrap;
pub use design::{Design, alternative};
pub use estimators::{Blocks, ESTIMATORS, Estimator, Share, estimator};
pub use outputs::Outputs;
pub use sobol::{Indices, sobol};
