//! Methods that look at series of counts, and at places: one file or folder a method.
//!
//! [`METHODS`] is the list that `pingan lab series` chooses from.

pub mod association;
pub mod calendar_regressors;
pub mod cusum;
pub mod delay;
pub mod detector;
pub mod ears;
pub mod farrington;
pub mod fdr;
pub mod forecast;
pub mod glm;
pub mod glrnb;
pub mod house;
pub mod in_control_mean;
pub mod mann_kendall;
pub mod negative_binomial_regression;
pub mod neighbours;
pub mod pelt;
pub mod rates;
pub mod reason;
pub mod scan;
pub mod series;
pub mod stl;

pub use detector::Detector;

use crate::method::{Flaw, Params};
use crate::params::choose;

/// Makes a method from its parameters.
pub type Make = fn(&Params) -> Result<Box<dyn Detector>, Flaw>;

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
pub fn method(name: &str, params: &Params) -> Result<Box<dyn Detector>, Flaw> {
    choose("method", name, METHODS)?(params)
}
