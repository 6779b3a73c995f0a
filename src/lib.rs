//! `pingan`: from the events of ten public-safety domains to a weighted safety index (平安指数) for every township.
//!
//! Read downwards, this is the way the data takes: [`lake`] → [`panel`] → [`index`]; [`nightly`] conducts, [`synth`] feeds.

pub mod areas;
pub mod error;
pub mod files;
pub mod index;
pub mod lake;
pub mod nightly;
pub mod panel;
pub mod synth;
pub mod workspace;

pub use error::{Error, Result};
