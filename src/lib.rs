//! `pingan`: from the events of ten public-safety domains to a weighted safety index (平安指数) for
//! every township.
//!
//! The data takes this way: [`lake`] → [`panel`] → [`feeds`] → [`index`] → [`detect`] → [`warn`];
//! [`engine`] is what a command asks of them, [`synth`] simulates a county, [`lab`] takes single
//! methods to plain files.

pub mod backtest;
pub mod circumstances;
pub mod detect;
pub mod engine;
pub mod error;
pub mod feeds;
pub mod frame;
pub mod index;
pub mod job;
pub mod lab;
mod notes;
pub mod panel;
pub mod report;
pub mod runs;
pub mod synth;
pub mod warn;
pub mod workspace;

pub use error::{Error, Result};
