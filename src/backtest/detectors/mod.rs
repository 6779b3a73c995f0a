//! How well detectors found what is known to have happened.
//!
//! `incidents` are what happened, `episodes` the alarms of single nights put together,
//! `judged` holds one against the other, `write` puts the results down.

mod episodes;
mod incidents;
mod judged;
mod write;

pub use episodes::{Alarm, Episode, KINDS, episodes};
pub use incidents::{Incident, read_incidents};
pub use judged::{Against, Judged, Nights, Outcome, Point, Replayed, WIDEST, first_night, judge};
pub use write::{SUMMARY, charts, summaries, write};
