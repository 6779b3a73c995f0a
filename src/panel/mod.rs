//! Events → daily panel, through DataFusion; window sums, folded from the panel's files.
//!
//! The panel holds signed increments: what is known as of T is the sum of the rows that have
//! `recorded_day <= T`.

mod event;
mod increments;
mod keys;
mod period;
mod pipeline;
mod places;
mod rows;
mod versions;
mod window;

pub use event::{EventCount, event_counts};
pub use increments::{Increments, Standing, Update, check_sql, pending};
pub use period::{Period, Unit};
pub use pipeline::{EVENTS, Pipeline, UNKNOWN};
pub use places::Places;
pub use rows::{Rows, Texts, Wanted, read};
pub use window::{CountedDays, Sums, touched_months, window_sums};
