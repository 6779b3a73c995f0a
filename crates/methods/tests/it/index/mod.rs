//! Methods of the index against COINr, SALib, esda and Python packages of weighting. They need the
//! data beside the repository.

mod audit;
mod golden;
mod marshall;
mod sobol;
mod weights;
