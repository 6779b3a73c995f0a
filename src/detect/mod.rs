//! Series → findings: spikes, trends, change points, clusters, associations, forecasts
//! (docs/method.md).
//!
//! [`run()`] is the stage: `counts` reads the panel, each kind of finding has a file that applies
//! its method to the counts, and [`run()`] writes the table `findings`.

mod aside;
pub mod clusters;
mod counts;
pub mod detail;
mod finding;
mod lasting;
pub mod learned;
mod links;
pub mod outlook;
mod parties;
mod rise_detail;
pub mod rises;
mod run;
mod settings;
pub mod slow;
pub mod watch;

pub use aside::{days_judged, days_told};
pub use detail::{Detail, Kind};
pub use finding::Finding;
pub use run::{Detected, Found, check_level, find, run, weekly_counts};
pub use settings::{DETECTORS, FalseDiscoveryRate, Settings};
pub use watch::{Key, Watched, Weeks};
