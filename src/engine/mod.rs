//! What a command asks: one function a command, on a workspace opened once.
//!
//! [`nightly`] is the night's list of steps; [`ingest`], [`index()`] and [`detect()`] are steps of
//! it by themselves; [`explain()`], [`audit`], [`sensitivity`] and [`query()`] only read;
//! [`letters`] is what people do with drafts; [`check()`] looks for what is wrong in a workspace.

mod appraise;
mod backtest;
mod check;
mod detect;
mod event;
mod explain;
mod index;
mod ingest;
pub mod letters;
mod mapping;
mod names;
mod night;
mod open;
mod query;
mod refreeze;
mod remark;
mod report;
mod silent;
mod site;
mod stages;

pub use appraise::{audit, sensitivity};
pub use backtest::{
    DetectorsBacktest, DetectorsQuestion, ForecastsBacktest, ForecastsQuestion, LettersBacktest,
    LettersQuestion, Replay, WeightsBacktest, WeightsQuestion, backtest_detectors,
    backtest_forecasts, backtest_letters, backtest_weights,
};
pub use check::check;
pub use detect::detect;
pub use event::{EventFile, event};
pub use explain::{Comparison, Explained, explain};
pub use index::{Indexed, index};
pub use ingest::{Ingested, ingest};
pub use mapping::propose_mapping;
pub use names::Names;
pub use night::{Night, Progress, nightly};
pub use open::Options;
pub use query::{QueryResult, query};
pub use refreeze::refreeze;
pub use remark::Remark;
pub use report::report_month;
pub use site::site;
pub use stages::update_panel;

pub use crate::index::MODEL;
