//! Panel → scores: shrink, normalise, weigh, aggregate (METHOD.md §2).
//!
//! Pure in the middle: arrays in, arrays out. `run` reads the panel and writes `scores`.

mod appraise;
pub mod audit;
mod contributions;
pub mod explain;
mod freeze;
mod grid;
mod intervals;
mod keep;
mod model;
mod model_check;
mod prepare;
mod ranking;
mod ruler;
mod run;
mod score;
pub mod sensitivity;
mod tabulate;
mod veto_events;

/// The model the night scores by.
pub const MODEL: &str = "models/index.toml";

pub use appraise::{audit_periods, vary_choices};
pub use freeze::{Frozen, FrozenIndicator, freeze, reference_window};
pub use grid::{Grid, Past, Units, exposure_column, grids};
pub use intervals::{Draws, Intervals, intervals};
pub use model::{Band, DomainModel, Indicator, Method, Model, Veto};
pub use ranking::{Alike, Place, ranking};
pub use ruler::{OwnPast, Ruler, Scales};
pub use run::{
    Question, Scored, Selection, answer, check_level, read_model, read_scores, run, table_of,
};
pub use score::{Measured, Recipe, Scores, score};
pub use tabulate::INSUFFICIENT;
pub use veto_events::check as check_vetoes;
