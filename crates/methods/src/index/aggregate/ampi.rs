//! Adjusted Mazziotta–Pareto index: the MPI's formula over scores of 70–130 between goalposts, so
//! that years can be compared.
//!
//! Mazziotta, M. and Pareto, A. (2018) Measuring well-being over time: the adjusted
//! Mazziotta–Pareto index versus other non-compensatory indices. Social Indicators Research 136,
//! 967–976. Normalise with `min_max { l = 70, u = 130 }` or `goalposts { a = 60, b = 70 }`.

use ndarray::{Array1, ArrayView1, ArrayView2};

use super::mpi::Mpi;
use super::{Aggregate, by_unit};
use crate::method::{Flaw, Params};
use crate::params::parse;

struct Ampi(Mpi);

/// From a model's parameter `penalty`, "-" where not given, or "+".
pub fn make(params: &Params) -> Result<Box<dyn Aggregate>, Flaw> {
    Ok(Box::new(Ampi(parse("ampi", params)?)))
}

impl Aggregate for Ampi {
    fn aggregate(&self, scores: ArrayView2<f64>, weights: ArrayView1<f64>) -> Array1<f64> {
        by_unit(scores, weights, |children| self.0.index(children))
    }

    fn notices(&self, scores: ArrayView2<f64>) -> Vec<String> {
        // A parent's own penalty can take it a little below 70.
        let beyond = scores
            .rows()
            .into_iter()
            .filter(|row| row.iter().any(|s| !s.is_nan() && !(60.0..=140.0).contains(s)))
            .count();
        let notice = format!(
            "{beyond} units have scores far from 70–130, for which the adjusted index is made"
        );
        if beyond > 0 { vec![notice] } else { Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::super::{aggregation, tests::parents};

    #[test]
    fn the_formula_is_the_same_and_the_scale_is_checked() {
        let done = parents("ampi", "", array![[70.0, 130.0]].view(), &[1.0, 1.0]);
        assert_eq!(done[0], 91.0);
        let method = aggregation("ampi", &toml::Table::new()).unwrap();
        assert_eq!(method.notices(array![[70.0, f64::NAN]].view()).len(), 0);
        assert_eq!(method.notices(array![[0.0, 100.0]].view()).len(), 1);
    }
}
