//! The house detector: counts of few cases, with season, Spring Festival and late reports, judged
//! against their own past. Described in docs/method.md.
//!
//! **Model.** Counts have mean μ and variance φμ (negative binomial); log μ is exposure, level,
//! trend, harmonics of the year and further columns ([`Design`]). [`Rule::fit`] fits it by
//! reweighted least squares, the last points left out, past rises down-weighted, under a prior
//! ([`Prior`]): a weak one, or what [`pool`] finds in many series ([`SharedModel`]).
//!
//! **Judgement.** [`Rule::judge`] asks how likely a rise in the last one to four points is against
//! none ([`Scan`]), and answers with one p for all of them, under a law that includes the
//! uncertainty of what was learned and what is not reported yet ([`Reported`]).

mod design;
mod festival;
mod fit;
mod judge;
mod levels;
mod method;
mod outbreaks;
mod pool;
mod prior;
mod reported;
mod rise;
mod scan;
mod shape;
mod shared_model;
#[cfg(test)]
mod tests;

pub use design::Design;
pub use festival::festival_sd;
pub use fit::{CountSeries, Fitted, Settings, fit};
pub use judge::{Judgement, Rule};
pub use method::{House, HouseParams, make};
pub use outbreaks::PROFILE;
pub use pool::{pool, pool_groups};
pub use prior::Prior;
pub use reported::Reported;
pub use rise::{LONGEST, Rise, Window, rise, windows};
pub use scan::{SIZE, Scan, ScanResult};
pub use shape::grows;
pub use shared_model::SharedModel;
