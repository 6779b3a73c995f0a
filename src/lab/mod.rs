//! The researcher's bench: the methods of index and detection on plain files, without a workspace
//! (docs/interface.md).

pub mod ahp;
pub mod index;
pub mod model;
pub mod series;
pub mod stages;
pub mod table;
mod time;
pub mod weights;
