//! What letters the warnings' rules would have drafted, and which of them were about something.
//!
//! `drafted` are the letters, `judged` holds them against what happened, `write` puts the results down.

mod drafted;
mod judged;
mod write;

pub use drafted::{DraftedLetter, within_budget};
pub use judged::{Judged, Outcome, judge};
pub use write::{SUMMARY, charts, summaries, write};
