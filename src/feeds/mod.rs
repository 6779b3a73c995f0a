//! Panel and deliveries → which days of a domain's feed can be counted, and how much of the last ones has come.
//!
//! [`assess`] compares each day's deliveries with the expected ones; [`Coverage`] is what it finds
//! of all domains, and the table `coverage`; [`lateness`] is the share of the last weeks that has
//! been reported so far.

mod arrivals;
mod coverage;
mod deliveries;
mod history;
pub mod lateness;
mod schedule;

pub use coverage::{Coverage, CoverageChange, DomainFeed, SourceFeed};
pub use deliveries::{Feed, Gap, State, assess, usual_shares};
pub use schedule::Schedule;
