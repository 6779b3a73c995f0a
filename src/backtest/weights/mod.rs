//! Which weights would have ranked the areas better by what was to come.
//!
//! `elements` are what is weighed, `target` reads what is to be foreseen, `origins` puts scores and
//! targets together, `judged` judges, `learned_model` makes a model of
//! what was learned, `write` puts the results down.

mod elements;
mod judged;
mod learned_model;
mod origins;
mod target;
mod target_file;
mod write;

pub use elements::{Element, Weighed, elements};
pub use judged::{Judged, LEARNED, Outcome, WeightSet, read_weights, weights};
pub use learned_model::{Learned, learned_model};
pub use origins::{Failed, KnownTargets, Plan, failed, known_targets, origins, outcomes};
pub use target::{Place, Target, check as check_target};
pub use target_file::{TARGET, TargetFile};
pub use write::{SUMMARY, charts, summaries, write};
