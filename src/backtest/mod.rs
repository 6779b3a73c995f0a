//! Backtests: rolling origins over the lake, each through its own as-of time. One folder a command;
//! `files` writes results for notebooks.

pub mod controls;
pub mod detectors;
mod files;
pub mod forecasts;
pub mod letters;
mod page;
mod replica;
pub mod weights;

pub use controls::Control;
pub use files::Provenance;
pub use page::Page;
pub use replica::Replica;
