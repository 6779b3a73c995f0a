//! How well the forecasts of counts did, beside persistence and last year.
//!
//! `cases` are forecasts beside what came, `judged` judges them, `write` puts the results down.

mod cases;
mod judged;
mod write;

pub use cases::{Case, MODELS, Series, StretchForecast, forecasts, outcomes, with_outcomes};
pub use judged::{Judged, Outcome, judge};
pub use write::{SUMMARY, charts, summaries, write};
