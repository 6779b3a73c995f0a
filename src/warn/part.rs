//! The part that one area has of a rise of the whole county.

use serde::{Deserialize, Serialize};

/// What one area has of a rise of the whole. The parts add up to the whole.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Part {
    pub area_code: String,
    pub area_name: String,
    /// Cases in the days of the rise.
    pub observed: f64,
    /// Its share of what was expected of the whole: as large as its share of the year before.
    pub expected: f64,
}

impl Part {
    /// Cases beyond what was expected.
    pub fn excess(&self) -> f64 {
        self.observed - self.expected
    }

    /// Whether more came than was expected.
    pub fn has_risen(&self) -> bool {
        self.excess() > 0.0
    }
}
