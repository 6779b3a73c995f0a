//! What letters the warnings' rules would have drafted, and which of them were about something.
//!
//! `sent` are the letters, `judged` holds them against what happened, `write` puts the results down.

mod judged;
mod sent;
mod write;

pub use judged::{Judged, Outcome, judge};
pub use sent::{Sent, within_budget};
pub use write::{SUMMARY, charts, summaries, write};
