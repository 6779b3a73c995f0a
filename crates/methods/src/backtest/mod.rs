//! Backtests of weights by rolling origins: what each set of weights said at an origin, from what
//! was known then, beside what came.
//!
//! `origin` holds the data, `pairs` are what is learned from, `learn` finds weights by what came,
//! `data_weights` by the scores alone, `candidates` predict, `judge` holds predictions against what came, `compare` says whether one did
//! better than another.

pub mod candidates;
pub mod compare;
pub mod data_weights;
pub mod judge;
pub mod learn;
pub mod origin;
pub mod pairs;
pub mod regressions;

pub use candidates::{Candidate, Prediction, predict};
pub use compare::{Comparison, Verdict, compare};
pub use judge::{Figures, judge};
pub use origin::Origin;
pub use regressions::Regression;
