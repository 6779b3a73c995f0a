//! What index, detection and effect share: descriptive statistics, distributions, scores, special
//! functions, least squares, linear programmes.

pub mod cholesky;
pub mod count_table;
pub mod crps;
pub mod dense;
pub mod descriptive;
pub mod first_order;
mod gamma_quantiles;
pub mod hyp2f1;
pub mod latin_hypercube;
pub mod least_squares;
pub mod negative_binomial;
mod nodes;
pub mod one_way;
pub mod pearson;
pub mod percentile_interval;
pub mod search;
pub mod simplex;
pub mod spearman;
pub mod special;
pub mod two_samples;

pub use count_table::CountTable;
pub use crps::crps;
pub use dense::{Dense, residuals};
pub use least_squares::LeastSquares;
pub use negative_binomial::NegativeBinomial;
pub use one_way::OneWay;
pub use pearson::pearson;
pub use spearman::spearman;
