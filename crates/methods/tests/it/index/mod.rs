//! Methods of the index against COINr, SALib, esda and Python packages. All but `composite` need
//! the data beside the repository.

mod audit;
mod composite;
mod golden;
mod marshall;
mod sobol;
mod weights;
