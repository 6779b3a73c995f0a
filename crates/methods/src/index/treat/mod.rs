//! Treatment: outliers of a column are drawn in before it is normalised. One file a method;
//! [`METHODS`] is the list a model chooses from.

mod log1p;
mod quantiles;
mod winsorise;

use ndarray::{Array1, ArrayView1};

use crate::method::{Flaw, Noted, Params};
use crate::params::choose;
use crate::stats::descriptive::{kurtosis, skewness};

pub use winsorise::Winsorise;

/// What a treatment did to one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PointTreatment {
    Untreated,
    /// Winsorised from above.
    High,
    /// Winsorised from below.
    Low,
    /// Replaced by its logarithm, as the whole column is.
    Logged,
}

impl PointTreatment {
    /// COINr's code in its table of treated points.
    pub fn name(self) -> &'static str {
        match self {
            PointTreatment::Untreated => "",
            PointTreatment::High => "winhi",
            PointTreatment::Low => "winlo",
            PointTreatment::Logged => "log_CT",
        }
    }
}

/// COINr's `check_SkewKurt`: a column passes with |skew| below its limit or kurtosis below its
/// limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SkewKurtosisCheck {
    pub pass: bool,
    pub skew: f64,
    pub kurtosis: f64,
}

impl SkewKurtosisCheck {
    /// The check of one column. Where skewness or kurtosis is undefined (fewer than four values, or
    /// all equal) there is no outlier to be found and it passes; COINr stops or answers NA.
    pub fn new(x: ArrayView1<f64>, skew_limit: f64, kurtosis_limit: f64) -> SkewKurtosisCheck {
        let (skew, kurtosis) = (skewness(x), kurtosis(x));
        let undefined = skew.is_nan() || kurtosis.is_nan();
        SkewKurtosisCheck {
            pass: undefined || skew.abs() < skew_limit || kurtosis < kurtosis_limit,
            skew,
            kurtosis,
        }
    }
}

/// A treated column and what was done to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Treated {
    pub values: Array1<f64>,
    /// One a unit.
    pub points: Vec<PointTreatment>,
    /// Before treatment, after winsorising, after the logarithm: as many as were made.
    pub checks: Vec<SkewKurtosisCheck>,
    /// Number of points winsorised; None where the method did not get to it.
    pub winsorised: Option<usize>,
}

/// One way of treating a column.
pub trait Treat: Send + Sync {
    /// The column `x` treated; missing values stay missing.
    fn treat(&self, x: ArrayView1<f64>) -> Noted<Treated>;
}

/// Makes a method from its parameters.
pub type Make = fn(&Params) -> Result<Box<dyn Treat>, Flaw>;

/// Every treatment by its name in a model file.
pub const METHODS: &[(&str, Make)] =
    &[("winsorise", winsorise::make), ("quantiles", quantiles::make), ("log1p", log1p::make)];

/// The treatment of that name.
///
/// # Errors
/// A [`Flaw`] where there is none of that name, or a parameter is wrong.
pub fn treatment(name: &str, params: &Params) -> Result<Box<dyn Treat>, Flaw> {
    choose("treatment", name, METHODS)?(params)
}
