//! The methods held to published results, to other packages' results, and to simulations whose
//! truth is known. One binary: each links all dependencies.

mod backtest;
mod detect;
mod index;
mod shared_data;
mod verification;
