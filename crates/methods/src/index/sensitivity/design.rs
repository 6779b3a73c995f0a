//! The sample of models of a sensitivity analysis.

use ndarray::{Array2, ArrayView2, Axis, concatenate};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use crate::method::Flaw;

/// Saltelli's design for k uncertain choices: two independent samples A and B of n rows, and for
/// each choice i the sample A_B^(i), which is A with its column i taken from B. (Saltelli et al.
/// 2010, Computer Physics Communications 181, 259–270.)
#[derive(Clone, Debug, PartialEq)]
pub struct Design {
    a: Array2<f64>,
    b: Array2<f64>,
}

impl Design {
    /// The design of a given sample of n rows × 2k columns of numbers between 0 and 1: its first k
    /// columns are A, the others B.
    ///
    /// # Errors
    /// A [`Flaw`] where the number of columns is odd or zero, there is no row, or a number is not
    /// within 0 and 1.
    pub fn from_uniform(uniform: ArrayView2<f64>) -> Result<Design, Flaw> {
        let k = uniform.ncols() / 2;
        if k == 0 || !uniform.ncols().is_multiple_of(2) || uniform.nrows() == 0 {
            let what = format!(
                "a sample of {} rows and {} columns does not make a design",
                uniform.nrows(),
                uniform.ncols()
            );
            return Err(Flaw::new(
                what,
                "give two columns for each uncertain choice, and a row or more",
            ));
        }
        if let Some(wrong) = uniform.iter().find(|u| !(0.0..=1.0).contains(*u)) {
            return Err(Flaw::new(
                format!("{wrong} is in the sample"),
                "give numbers between 0 and 1",
            ));
        }
        let (a, b) = uniform.split_at(Axis(1), k);
        Ok(Design { a: a.to_owned(), b: b.to_owned() })
    }

    /// The design of a pseudo-random sample: the same `seed`, the same design.
    ///
    /// # Errors
    /// A [`Flaw`] without a row or a choice.
    pub fn seeded(rows: usize, choices: usize, seed: u64) -> Result<Design, Flaw> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        Design::from_uniform(
            Array2::from_shape_simple_fn((rows, 2 * choices), || rng.random::<f64>()).view(),
        )
    }

    /// Rows of A, n; the whole design has n (k + 2).
    pub fn rows(&self) -> usize {
        self.a.nrows()
    }

    /// Uncertain choices, k.
    pub fn choices(&self) -> usize {
        self.a.ncols()
    }

    /// Every run, one a row: A, B, A_B^(1), …, A_B^(k), as COINr's `SA_sample`;
    /// [`super::Outputs::stacked`] takes the outputs in this order.
    pub fn runs(&self) -> Array2<f64> {
        let mut runs = concatenate![Axis(0), self.a, self.b];
        for choice in 0..self.choices() {
            let mut mixed = self.a.clone();
            mixed.column_mut(choice).assign(&self.b.column(choice));
            runs = concatenate![Axis(0), runs, mixed];
        }
        runs
    }
}

/// The one of some equally likely alternatives (0, 1, …) that a number between 0 and 1 selects; 0
/// where there is one or none.
///
/// The unit interval is cut into equal parts. COINr's `sample_2_para` cuts the range of the numbers
/// that happened to be drawn instead.
pub fn alternative(uniform: f64, alternatives: usize) -> usize {
    ((uniform * alternatives as f64) as usize).min(alternatives.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn each_mixed_sample_takes_one_column_of_b() {
        let design =
            Design::from_uniform(array![[0.1, 0.2, 0.8, 0.9], [0.3, 0.4, 0.6, 0.7]].view())
                .unwrap();
        let want = array![
            [0.1, 0.2],
            [0.3, 0.4],
            [0.8, 0.9],
            [0.6, 0.7],
            [0.8, 0.2],
            [0.6, 0.4],
            [0.1, 0.9],
            [0.3, 0.7]
        ];
        assert_eq!(design.runs(), want);
        assert_eq!((design.rows(), design.choices()), (2, 2));
    }

    #[test]
    fn a_seed_says_the_whole_design() {
        let design = Design::seeded(500, 3, 7).unwrap();
        assert_eq!(design, Design::seeded(500, 3, 7).unwrap());
        assert_ne!(design, Design::seeded(500, 3, 8).unwrap());
        let means = design.runs().mean_axis(Axis(0)).unwrap();
        assert!(means.iter().all(|m| (m - 0.5).abs() < 0.05), "{means}");
    }

    #[test]
    fn what_makes_no_design_is_refused() {
        assert!(Design::from_uniform(array![[0.1, 0.2, 0.3]].view()).is_err());
        assert!(Design::from_uniform(array![[0.1, 1.2]].view()).is_err());
        assert!(Design::from_uniform(array![[0.1, f64::NAN]].view()).is_err());
        assert!(Design::seeded(0, 2, 1).is_err() && Design::seeded(2, 0, 1).is_err());
    }

    #[test]
    fn alternatives_are_equally_likely() {
        let got: Vec<usize> = [0.0, 0.3, 0.34, 0.66, 0.67, 1.0].map(|u| alternative(u, 3)).to_vec();
        assert_eq!(got, [0, 0, 1, 1, 2, 2]);
        assert_eq!(alternative(0.9, 0), 0);
    }
}
