//! Panel → scores: shrink, normalise, weigh, aggregate (METHOD.md §2).
//!
//! Pure: frames in, frames out. The reading of the panel and the writing of `scores` are the conductor's.

mod freeze;
mod intervals;
mod model;
mod ranking;
mod run;
mod score;
mod shrink;
mod values;

pub use freeze::{Frozen, FrozenIndicator, freeze, reference_window};
pub use intervals::add_intervals;
pub use model::{Band, DomainModel, Indicator, Kind, Model};
pub use ranking::{Place, ranking};
pub use run::{Job, Scored, Which, check_level, read_model, run};
pub use score::{INSUFFICIENT, scores};
pub use shrink::{Prior, beta_binomial, marshall};
pub use values::{exposure_column, values};
