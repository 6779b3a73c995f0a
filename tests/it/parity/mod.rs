//! The index's methods against their references (METHOD.md §2). They need the golden data beside
//! the project.

mod asem;
mod audit;
mod coinr;
mod golden;
mod marshall;
mod panel;
mod sensitivity;
mod sobol;
mod weights;
