//! `pingan`: from the events of ten public-safety domains to a weighted safety index (平安指数) for
//! every township.
//!
//! Read downwards, this is the way the data takes: [`lake`] → [`panel`] → [`index`] → [`detect`] →
//! [`warn`]; [`nightly`] conducts, [`letters`] is what people do with what it drafts, [`synth`]
//! feeds, [`lab`] takes single methods to plain files.

pub mod appraise;
pub mod asked;
pub mod check;
pub mod detect;
pub mod error;
pub mod frame;
pub mod index;
pub mod job;
pub mod lab;
pub mod letters;
pub mod nightly;
pub mod panel;
pub mod runs;
pub mod synth;
pub mod warn;
pub mod why;
pub mod workspace;

pub use error::{Error, Result};
