//! The steps of a composite indicator in the order of the OECD Handbook (Nardo et al. 2008), each a
//! list of methods chosen by name; then the decomposition, uncertainty, sensitivity and audit of
//! the result.

pub mod aggregate;
pub mod audit;
pub mod decompose;
pub mod denominate;
pub mod impute;
pub mod normalise;
mod parents;
pub mod posterior;
pub mod random_weights;
pub mod rank_intervals;
pub mod ranks;
pub mod rare;
pub mod scale;
pub mod screen;
pub mod sensitivity;
pub mod shrink;
pub mod treat;
pub mod tree;
pub mod typology;
pub mod veto;
pub mod weigh;
