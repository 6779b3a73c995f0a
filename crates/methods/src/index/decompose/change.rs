//! A quantity before and after.

/// A quantity before and after.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change<T> {
    pub before: T,
    pub after: T,
}

impl<T> Change<T> {
    /// From `before` to `after`.
    pub fn new(before: T, after: T) -> Change<T> {
        Change { before, after }
    }
}

impl Change<f64> {
    /// After less before; NaN where one of them is missing.
    pub fn delta(&self) -> f64 {
        self.after - self.before
    }

    /// Whether the two differ; missing before and after is no change.
    pub fn differs(&self) -> bool {
        self.before != self.after && !(self.before.is_nan() && self.after.is_nan())
    }
}
