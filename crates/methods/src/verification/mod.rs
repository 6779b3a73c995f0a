//! How well rankings and forecasts did: rank correlation, hits among the first, discrimination,
//! deviance, calibration; and whether one did better than another, in spite of serial correlation.
//!
//! Held against scikit-learn, statsmodels and R's forecast (`tests/parity/verification.py`,
//! `dm_test.R`).

pub mod auc;
pub mod block_bootstrap;
pub mod deviance;
pub mod diebold_mariano;
pub mod hit_rate;
pub mod holm;
pub mod pit;

pub use auc::auc;
pub use block_bootstrap::{Interval, mean_interval};
pub use deviance::mean_poisson_deviance;
pub use diebold_mariano::{DieboldMariano, diebold_mariano};
pub use hit_rate::hit_rate;
pub use holm::holm;
pub use pit::{pit_histogram, probability_integral};
