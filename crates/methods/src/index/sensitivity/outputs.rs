//! The outputs of the runs of a design.

use ndarray::{Array1, Array2, Axis};

use crate::method::Flaw;

/// The output of every run of a Saltelli design: of A and of B, n each, and of A_B^(i), n × k. NaN
/// where a run failed.
#[derive(Clone, Debug, PartialEq)]
pub struct Outputs {
    pub(super) a: Array1<f64>,
    pub(super) b: Array1<f64>,
    pub(super) mixed: Array2<f64>,
}

impl Outputs {
    /// Outputs of k `choices` in the order of [`super::Design::runs`], one block after another: A,
    /// B, A_B^(1), …, A_B^(k); as COINr's.
    ///
    /// # Errors
    /// A [`Flaw`] where there are not n (k + 2) of them, with n two or more.
    pub fn stacked(outputs: &[f64], choices: usize) -> Result<Outputs, Flaw> {
        let n = block(outputs, choices)?;
        let at = |block: usize, row: usize| outputs[block * n + row];
        Ok(Outputs {
            a: Array1::from_shape_fn(n, |row| at(0, row)),
            b: Array1::from_shape_fn(n, |row| at(1, row)),
            mixed: Array2::from_shape_fn((n, choices), |(row, i)| at(i + 2, row)),
        })
    }

    /// Rows of the sample, n.
    pub fn rows(&self) -> usize {
        self.a.len()
    }

    /// Uncertain choices, k.
    pub fn choices(&self) -> usize {
        self.mixed.ncols()
    }

    /// The outputs of some rows of the sample, each as often as it is named.
    pub(super) fn select(&self, rows: &[usize]) -> Outputs {
        Outputs {
            a: self.a.select(Axis(0), rows),
            b: self.b.select(Axis(0), rows),
            mixed: self.mixed.select(Axis(0), rows),
        }
    }
}

/// Rows of the sample, n.
fn block(outputs: &[f64], choices: usize) -> Result<usize, Flaw> {
    let n = outputs.len() / (choices + 2);
    if choices > 0 && n >= 2 && n * (choices + 2) == outputs.len() {
        return Ok(n);
    }
    let what = format!("{} outputs do not come from a design of {choices} choices", outputs.len());
    Err(Flaw::new(what, "give n (k + 2) outputs for k choices, one or more, with n two or more"))
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn blocks_are_told_apart() {
        let stacked = Outputs::stacked(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], 2).unwrap();
        assert_eq!((&stacked.a, &stacked.b), (&array![1.0, 2.0], &array![3.0, 4.0]));
        assert_eq!(stacked.mixed, array![[5.0, 7.0], [6.0, 8.0]]);
        assert_eq!((stacked.rows(), stacked.choices()), (2, 2));
    }

    #[test]
    fn what_is_not_a_design_is_refused() {
        assert!(Outputs::stacked(&[1.0; 9], 2).is_err());
        assert!(Outputs::stacked(&[1.0; 4], 2).is_err());
        assert!(Outputs::stacked(&[1.0; 4], 0).is_err());
    }
}
