//! The house detector (METHOD.md §3.2): counts of few cases, with season, Spring Festival and late
//! reports, judged against their own past.
//!
//! **Model.** Counts have mean μ and variance φμ (negative binomial); log μ is exposure, level,
//! trend, harmonics of the year and further columns ([`Design`]). [`Rule::learn`] fits it by
//! reweighted least squares, the last points left out, past rises down-weighted, under a prior
//! ([`Prior`]): a weak one, or what [`pool`] finds in many series ([`Together`]).
//!
//! **Judgement.** [`Rule::judge`] asks how likely a rise in the last one to four points is against
//! none ([`Scan`]), and answers with one p for all of them, under a law that includes the
//! uncertainty of what was learned and what is not reported yet ([`Reported`]).

mod delay;
mod design;
mod fit;
mod judge;
mod method;
mod outbreaks;
mod pool;
mod prior;
mod scan;
#[cfg(test)]
mod tests;
mod together;

pub use delay::Reported;
pub use design::Design;
pub use fit::{Counts, Fitted, Settings, fit};
pub use judge::{Judgement, Rule};
pub use method::{House, HouseParams, make};
pub use outbreaks::PROFILE;
pub use pool::{pool, pool_groups};
pub use prior::Prior;
pub use scan::{SIZE, Scan, Scanned};
pub use together::Together;
