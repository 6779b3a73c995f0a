//! Panel → scores: shrink, normalise, weigh, aggregate (METHOD.md §2).
//!
//! Pure in the middle: arrays in, arrays out. `run` reads the panel and writes `scores`.

pub mod aggregate;
mod appraise;
pub mod audit;
mod contributions;
pub mod decompose;
pub mod denominate;
pub mod explain;
mod figure;
mod freeze;
mod gamma_table;
mod grid;
pub mod impute;
mod intervals;
mod keep;
mod model;
mod model_check;
pub mod normalise;
mod placing;
mod prepare;
mod ranking;
pub mod ranks;
mod ruler;
mod run;
mod scale;
mod score;
pub mod screen;
pub mod sensitivity;
mod shrink;
pub mod stats;
mod strata;
mod tabulate;
mod tails;
pub mod treat;
pub mod tree;
pub mod trend;
pub mod typology;
pub mod uncertainty;
mod veto;
mod veto_events;
pub mod weigh;

/// The model the night scores by.
pub const MODEL: &str = "models/index.toml";

pub use appraise::{audited, varied};
pub use figure::Posterior;
pub use freeze::{Frozen, FrozenIndicator, freeze, reference_window};
pub use grid::{Grid, Past, Units, exposure_column, grids};
pub use intervals::{Draws, Intervals, intervals};
pub use model::{Band, DomainModel, Indicator, Kind, Method, Model, Veto};
pub use ranking::{Alike, Place, ranking};
pub use ruler::{OwnPast, Ruler, Scales};
pub use run::{
    Question, Scored, Which, answer, check_level, read_model, read_scores, run, table_of,
};
pub use scale::Scale;
pub use score::{Measured, Recipe, Scores, score};
pub use shrink::{Prior, beta_binomial, marshall};
pub use tabulate::INSUFFICIENT;
pub use veto::Caps;
pub use veto_events::check as check_vetoes;
