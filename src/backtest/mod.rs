//! Backtests: rolling origins over the lake, each through its own as-of time. One folder a command;
//! `files` writes results for notebooks.

pub mod controls;
mod files;
pub mod forecasts;
mod replica;
pub mod weights;

pub use controls::Control;
pub use replica::Replica;
