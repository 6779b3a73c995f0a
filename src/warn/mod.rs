//! Findings become warnings, warnings become drafts of letters, and every letter is followed to its
//! end (METHOD.md §4).
//!
//! The ledger alone is the truth about letters: a step is appended, nothing is edited, and the
//! table `letters` is what the steps add up to. The text of a letter is in its first step, so that
//! a document can be written again at any time, and none exists without its step.

mod book;
mod checks;
mod columns;
mod desk;
mod draft;
mod evaluate;
pub mod facts;
mod gather;
pub mod ledger;
mod papers;
mod plan;
mod rising;
mod rules;
mod run;
pub mod settings;
mod tables;
#[cfg(test)]
mod tests;
mod told;
mod verify;
pub mod warning;

pub use book::Book;
pub use desk::{Act, Desk, Stamp};
pub use draft::{WORDS, Words, draft};
pub use evaluate::{Effect, Foretold, Verdict};
pub use facts::Facts;
pub use papers::{Papers, folder};
pub use run::{Late, Tonight, night};
pub use settings::{Settings, WARNINGS};
pub use verify::{Verification, check as verify};
pub use warning::{Evidence, Level, Warning};
