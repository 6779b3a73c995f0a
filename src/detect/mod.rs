//! Series → findings: spikes, trends, change points, clusters, associations, forecasts (METHOD.md
//! §3).
//!
//! The methods are pure: arrays in, arrays out. One file or folder a method; [`METHODS`] is the
//! list that `lab series` chooses from. [`run`] is the stage's edge: it reads the panel, asks the
//! methods and writes `findings`.

pub mod association;
mod changes;
pub mod counts;
pub mod crps;
pub mod cusum;
pub mod delay;
pub mod ears;
pub mod farrington;
pub mod fdr;
mod finding;
pub mod forecast;
pub mod glm;
pub mod glrnb;
pub mod house;
pub mod lateness;
mod learned;
mod ledger;
mod links;
pub mod lunar;
pub mod mann_kendall;
mod negbin;
pub mod neighbours;
mod outlook;
mod parties;
pub mod pelt;
pub mod places;
pub mod rates;
mod reason;
pub mod rises;
mod run;
pub mod scan;
pub mod series;
mod settings;
pub mod slow;
mod spikes;
pub mod stl;
pub mod watch;

pub use finding::{Finding, Kind};
pub use run::{Night, check_level, run};
pub use settings::{DETECTORS, Settings};

use crate::method::{Flaw, Noted, Params};
use crate::params::choose;
use series::{Row, Series};

/// One way of looking at a series, its parameters checked.
pub trait Detect: Send + Sync {
    /// Names of the method's own columns, one a value of [`Row::own`].
    fn columns(&self) -> &'static [&'static str];

    /// One row a time point of `from..to` (0-based, the end excluded), in order.
    ///
    /// # Errors
    /// A [`Flaw`] where the method cannot be applied to this series at all. A single time point
    /// that cannot be judged is a row that says so.
    fn detect(&self, series: &Series, from: usize, to: usize) -> Result<Noted<Vec<Row>>, Flaw>;
}

/// Makes a method from its parameters.
pub type Make = fn(&Params) -> Result<Box<dyn Detect>, Flaw>;

/// Every method by its name.
pub const METHODS: &[(&str, Make)] = &[
    ("farrington", farrington::make),
    ("ears_c1", ears::make_c1),
    ("ears_c2", ears::make_c2),
    ("ears_c3", ears::make_c3),
    ("cusum", cusum::make),
    ("glrnb", glrnb::make),
    ("glrpois", glrnb::make_poisson),
    ("house", house::make),
    ("mann_kendall", mann_kendall::make),
    ("pelt", pelt::make),
    ("stl", stl::make),
];

/// The method of that name.
///
/// # Errors
/// A [`Flaw`] where there is none of that name, or a parameter is wrong.
pub fn method(name: &str, params: &Params) -> Result<Box<dyn Detect>, Flaw> {
    choose("method", name, METHODS)?(params)
}
