//! What a backtest knows at one origin.

use ndarray::{Array1, Array2};

/// One origin: all but `outcome` was known then.
#[derive(Clone, Debug, PartialEq)]
pub struct Origin {
    /// The period whose end it is, such as `2025-03`.
    pub name: String,
    /// Scores of the elements that are weighed, units × elements; higher is safer, NaN is not
    /// known.
    pub scores: Array2<f64>,
    /// Scores of the indicators below them, units × indicators.
    pub indicators: Array2<f64>,
    /// Targets of earlier origins as they were known at this one, by the origin's place among all:
    /// those whose horizon was over.
    pub known: Vec<(usize, Array1<f64>)>,
    /// The target over the last periods that were over, as many as the horizon has.
    pub last: Array1<f64>,
    /// Its mean over the same periods of earlier years.
    pub seasonal: Array1<f64>,
    /// The target over the horizon, as known at the end; NaN is not known.
    pub outcome: Array1<f64>,
}
