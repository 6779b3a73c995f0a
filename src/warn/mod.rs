//! Findings become warnings, warnings become drafts of letters, and every letter is followed to its
//! end.
//!
//! The ledger alone is the truth about letters: a step is appended, nothing is edited, and the
//! table `letters` is what the steps add up to. The facts of a letter are in its first step,
//! so that a document can be written again at any time, in the words then in force, and none exists
//! without its step.
//!
//! A `night` reads at one edge (`inputs`), decides in the middle (`update` → `plan` → `compose`,
//! `evaluate`) and writes at the other; `draft` puts facts into words for `documents`.

mod actions;
mod checks;
mod circular;
mod compose;
mod departments;
mod documents;
mod draft;
mod evaluate;
pub mod facts;
mod genuine;
mod inputs;
pub mod ledger;
mod measures;
mod night;
mod offices;
pub mod part;
mod plan;
mod restore;
pub mod settings;
mod settings_file;
mod severity;
pub mod spread;
#[cfg(test)]
mod tests;
mod timing;
mod update;
mod verify;
pub mod warning;

pub use crate::notes::{NOTES, Vocabulary};
pub use actions::{Act, Actions, Stamp};
pub use documents::{Documents, folder};
pub use draft::{WORDS, Words, in_words};
pub use evaluate::{Effect, Predicted, Verdict};
pub use facts::Facts;
pub use inputs::parts_of;
pub use ledger::Ledger;
pub use measures::{MeasureDone, measures_done};
pub use night::{HeldBack, Late, Rules, Tonight, night};
pub use plan::{Plan, Planned, Waits, plan};
pub use settings::Settings;
pub use settings_file::WARNINGS;
pub use severity::qualifies;
pub use update::update;
pub use verify::{Verification, check as verify};
pub use warning::{Evidence, Level, Warning};
