//! The arithmetic of index, detection, effect, backtests and verification: arrays in, arrays out. No
//! I/O, no clock, no hidden randomness: a seed is an argument.
//!
//! Data are `ndarray` matrices, units × columns, or slices, one value a time point. A missing value
//! is NaN, never zero.

pub mod backtest;
pub mod calendar;
pub mod detect;
pub mod effect;
pub mod index;
pub mod method;
pub mod params;
pub mod stats;
pub mod verification;

pub use method::{Flaw, Noted, Params};
