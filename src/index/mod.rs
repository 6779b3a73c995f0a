//! Panel → scores: shrink, normalise, weigh, aggregate (docs/method.md).
//!
//! [`run()`] is the stage: `inputs` reads, `write` writes, and what lies between takes arrays and
//! gives arrays. [`explain_difference`], [`audit_periods`] and [`vary_choices`] read the same
//! inputs and write nothing. A leaf is an indicator; what the panel calls `indicator` is its
//! `measure`.

mod at_origin;
pub mod audit;
mod contributions;
pub mod explain;
mod freeze;
mod goalposts;
mod grid;
mod inputs;
mod intervals;
mod model;
mod model_check;
mod normalisation;
mod ranking;
mod rare;
mod refreeze;
mod run;
mod score;
mod score_tables;
mod scored_by;
pub mod sensitivity;
mod tabulate;
mod veto_events;
mod write;

pub use at_origin::{Goalposts, OriginScores, at_origin};
pub use audit::audit_periods;
pub use explain::{Question, explain_difference};
pub use goalposts::FrozenIndicator;
pub use grid::{Grid, Past, ScoredAreas, exposure_columns, grids};
pub use intervals::{Draws, Intervals, intervals};
pub use model::{Band, DomainModel, Indicator, MODEL, Method, Model, Veto};
pub use model_check::check_level;
pub use normalisation::{Normalisation, OwnPast, Scales};
pub use ranking::{Alike, Place, ranking};
pub use refreeze::{GoalpostsChange, Refrozen, refreeze, write_refrozen};
pub use run::{Scored, Selection, run};
pub use score::{Measured, Recipe, Scores, score};
pub use score_tables::{read_scores, table_of};
pub use sensitivity::vary_choices;
pub use tabulate::INSUFFICIENT;
pub use veto_events::check as check_vetoes;
