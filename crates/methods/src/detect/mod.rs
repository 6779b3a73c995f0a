//! Methods that look at series of counts, and at places: one file or folder a method.
//!
//! [`METHODS`] is the list that `pingan lab series` chooses from.

pub mod association;
pub mod cusum;
pub mod delay;
pub mod ears;
pub mod farrington;
pub mod fdr;
pub mod forecast;
pub mod glm;
pub mod glrnb;
pub mod house;
pub mod lunar;
pub mod mann_kendall;
pub mod negbin;
pub mod neighbours;
pub mod pelt;
pub mod rates;
pub mod reason;
pub mod scan;
pub mod series;
pub mod stl;

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
