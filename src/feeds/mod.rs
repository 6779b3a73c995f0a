//! Panel and deliveries → which days of a domain's feed can be counted, and how much of the last
//! ones has come.
//!
//! [`assess`] compares each day's events of a source with the expected ones, [`Schedule`] says when
//! a source delivers, [`DomainFeed`] is what a domain's sources are together; [`Coverage`] is all
//! domains, and the table `coverage`; [`lateness`] is the share of the last weeks that has been
//! reported so far.

mod arrivals;
mod coverage;
mod deliveries;
mod history;
pub mod lateness;
mod schedule;
mod sources;

pub use coverage::{Coverage, CoverageChange};
pub use deliveries::{Feed, Gap, RULED_OUT, State, assess, surprise_of_none, usual_shares};
pub use schedule::{Deliveries, Schedule};
pub use sources::{DomainFeed, SourceFeed};
