//! The researcher's bench: the index's methods on plain files, without a workspace (INTERFACE.md "Lab").

pub mod ahp;
pub mod index;
pub mod model;
pub mod stages;
pub mod table;
pub mod weights;
