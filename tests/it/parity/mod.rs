//! Whole models against COINr's results. They need the data beside the repository.

mod asem;
mod coinr;
mod panel;
mod sensitivity;
