//! Series → findings: spikes, trends, change points, clusters, associations, forecasts (docs/method.md).
//!
//! The methods are pure: arrays in, arrays out. One file or folder a method; [`METHODS`] is the
//! list that `lab series` chooses from. [`run`] is the stage's edge: it reads the panel, asks the
//! methods and writes `findings`.

mod changes;
pub mod detail;
mod finding;
mod learned;
mod ledger;
mod links;
mod outlook;
mod parties;
pub mod places;
pub mod rises;
mod run;
mod settings;
pub mod slow;
mod spikes;
mod tested;
pub mod watch;

pub use detail::{Detail, Kind};
pub use finding::Finding;
pub use run::{Night, check_level, run};
pub use settings::{DETECTORS, FalseDiscoveryRate, Settings};
