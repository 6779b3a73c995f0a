//! Backtests: rolling origins over the lake, each through its own as-of time.
//!
//! `elements` are what is weighed, `target` reads what is to be foreseen, `origins` puts scores and targets together, `weights`
//! judges, `write` puts the results down.

mod elements;
mod origins;
mod target;
mod target_file;
mod weights;
mod write;

pub use elements::{Element, Weighed, elements};
pub use origins::{Failed, KnownTargets, Plan, failed, known_targets, origins, outcomes};
pub use target::{Place, Target, check as check_target};
pub use target_file::{TARGET, TargetFile};
pub use weights::{Control, Judged, Outcome, WeightSet, read_weights, weights};
pub use write::{Files, write};
