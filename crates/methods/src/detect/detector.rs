//! What every method of detection offers.

use super::series::{Row, Series};
use crate::method::{Flaw, Noted};

/// A method that judges the time points of a series, its parameters checked.
pub trait Detector: Send + Sync {
    /// Names of the method's own columns, one a value of [`Row::own`].
    fn columns(&self) -> &'static [&'static str];

    /// Whether counts are held against the exposure of their series. What has no place for one
    /// would leave it out without a word.
    fn takes_exposure(&self) -> bool;

    /// Whether the method is one of counts, to which a figure below zero means nothing.
    fn needs_counts(&self) -> bool {
        true
    }

    /// One row a time point of `from..to` (0-based, the end excluded), in order.
    ///
    /// # Errors
    /// A [`Flaw`] where the method cannot be applied to this series at all. A single time point
    /// that cannot be judged is a row that says so.
    fn detect(&self, series: &Series, from: usize, to: usize) -> Result<Noted<Vec<Row>>, Flaw>;
}
