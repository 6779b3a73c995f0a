//! What a weighted least-squares solver offers.

/// Weighted least squares on a fixed design of n rows. The factorisation of the last
/// [`LeastSquares::solve`] is kept.
pub trait LeastSquares {
    /// Number of rows.
    fn rows(&self) -> usize;

    /// Number of coefficients, those left out included.
    fn columns(&self) -> usize;

    /// Least-squares coefficients of `z` under the weights; zero for those left out.
    fn solve(&mut self, weights: &[f64], z: &[f64], coefficients: &mut [f64]);

    /// Design × coefficients, into `eta`.
    fn linear(&self, coefficients: &[f64], eta: &mut [f64]);

    /// Number of coefficients that the last solution determined.
    fn rank(&self) -> usize;

    /// Whether a coefficient was left out of the last solution.
    fn aliased(&self, column: usize) -> bool;

    /// Diagonal of the hat matrix of the last solution.
    fn hat(&self, weights: &[f64]) -> Vec<f64>;
}
