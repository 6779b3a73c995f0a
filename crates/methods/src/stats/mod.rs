//! Statistics that index and detection share.

pub mod descriptive;
mod gamma_quantiles;
pub mod latin_hypercube;
pub mod percentile_interval;
