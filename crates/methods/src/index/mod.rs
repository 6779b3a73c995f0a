//! The steps of a composite indicator, each a list of methods chosen by name, and what is asked of
//! the result: its parts, its uncertainty, its sensitivity.

pub mod aggregate;
pub mod audit;
pub mod decompose;
pub mod denominate;
pub mod figure;
pub mod gamma_table;
pub mod impute;
pub mod normalise;
pub mod placing;
pub mod ranks;
pub mod scale;
pub mod screen;
pub mod sensitivity;
pub mod shrink;
pub mod stats;
pub mod strata;
pub mod tails;
pub mod treat;
pub mod tree;
pub mod trend;
pub mod typology;
pub mod uncertainty;
pub mod veto;
pub mod weigh;
