//! What is believed of a series before its own figures are seen.

use super::design::Design;

/// Normal coefficients and a dispersion.
#[derive(Clone, Debug, PartialEq)]
pub struct Prior {
    /// Means of the coefficients, one a column of the design.
    pub mean: Vec<f64>,
    /// Their standard deviations between series.
    pub sd: Vec<f64>,
    pub dispersion: f64,
    /// How many points of a series' own evidence that dispersion is worth.
    pub weight: f64,
}

impl Prior {
    /// Weak opinions: no trend, no season, dispersion 1.5, all easily overruled by a year or two of
    /// figures.
    pub fn weak(design: &Design) -> Prior {
        Prior {
            mean: vec![0.0; design.width()],
            sd: design.sds().to_vec(),
            dispersion: 1.5,
            weight: 2.0,
        }
    }
}
