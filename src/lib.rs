//! `pingan`: from the events of ten public-safety domains to a weighted safety index (平安指数) for every township.
//!
//! Read downwards, this is the way the data takes: [`lake`] → [`panel`] → [`index`]; [`nightly`] conducts, [`synth`] feeds, [`lab`] takes single
//! methods to plain files.

pub mod appraise;
pub mod areas;
pub mod calendar;
pub mod check;
pub mod detect;
pub mod error;
pub mod files;
pub mod frame;
pub mod index;
pub mod job;
pub mod lab;
pub mod lake;
pub mod method;
pub mod nightly;
pub mod panel;
pub mod params;
pub mod render;
pub mod runs;
pub mod synth;
pub mod why;
pub mod workspace;

pub use error::{Error, Result};
