//! Normalisation: figures of one indicator → scores on a common scale, higher is better. One file a
//! method; [`METHODS`] is the list a model chooses from. Formulas are COINr's `n_*` and the OECD
//! Handbook's (Nardo et al., 2008), applied to direction × x.
//!
//! Where all units are equal, or there is only one, the range is zero: every unit gets the middle
//! of the scale, with a notice. COINr's scores are NaN then.

mod borda;
mod distance_to_maximum;
mod distance_to_reference;
mod distance_to_target;
mod exponential_rank;
mod fraction_of_maximum;
mod goalposts;
mod min_max;
mod percentile_rank;
mod rank;
mod z_score;

use ndarray::{Array1, ArrayView1};

use crate::method::{Flaw, Noted, Params};
use crate::params::choose;

/// What some methods need beside a column's values.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context<'a> {
    /// The value to reach, in the column's own unit and direction.
    pub target: Option<f64>,
    /// Low and high goalpost, likewise.
    pub goalposts: Option<(f64, f64)>,
    /// Codes of the units, one a value.
    pub units: &'a [String],
}

/// One way of normalising a column.
pub trait Normalise: Send + Sync {
    /// Scores from `x`, one a unit; `direction` is 1 where more is better and −1 where less is.
    /// Missing values stay missing.
    ///
    /// # Errors
    /// A [`Flaw`] where the context lacks what the method needs.
    fn normalise(
        &self,
        x: ArrayView1<f64>,
        direction: f64,
        context: &Context,
    ) -> Result<Noted<Array1<f64>>, Flaw>;
}

/// Makes a method from its parameters.
pub type Make = fn(&Params) -> Result<Box<dyn Normalise>, Flaw>;

/// Every normalisation by its name in a model file.
pub const METHODS: &[(&str, Make)] = &[
    ("min_max", min_max::make),
    ("z_score", z_score::make),
    ("rank", rank::make),
    ("percentile_rank", percentile_rank::make),
    ("exponential_rank", exponential_rank::make),
    ("borda", borda::make),
    ("distance_to_target", distance_to_target::make),
    ("distance_to_reference", distance_to_reference::make),
    ("distance_to_maximum", distance_to_maximum::make),
    ("fraction_of_maximum", fraction_of_maximum::make),
    ("goalposts", goalposts::make),
];

/// The normalisation of that name.
///
/// # Errors
/// A [`Flaw`] where there is none of that name, or a parameter is wrong.
pub fn normalisation(name: &str, params: &Params) -> Result<Box<dyn Normalise>, Flaw> {
    choose("normalisation", name, METHODS)?(params)
}

/// `score` for every unit that has a value, with a notice.
fn same_score(x: ArrayView1<f64>, score: f64, why: &str) -> Noted<Array1<f64>> {
    Noted { value: x.mapv(|v| if v.is_nan() { v } else { score }), notices: vec![why.to_owned()] }
}

/// No score for any unit, with a notice.
fn no_scores(x: ArrayView1<f64>, why: &str) -> Noted<Array1<f64>> {
    Noted { value: Array1::from_elem(x.len(), f64::NAN), notices: vec![why.to_owned()] }
}

/// The notice on a column without a range.
const CONSTANT: &str = "all units are equal: every one gets the middle of the scale";

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    /// Scores of a method written as in a model file.
    pub(super) fn scores(
        name: &str,
        params: &str,
        x: &[f64],
        direction: f64,
        context: &Context,
    ) -> Noted<Array1<f64>> {
        let method = normalisation(name, &toml::from_str(params).unwrap()).unwrap();
        method.normalise(ArrayView1::from(x), direction, context).unwrap()
    }

    fn example() -> ([String; 4], &'static str) {
        (["a", "b", "c", "d"].map(str::to_owned), "reference = 'c'")
    }

    #[test]
    fn every_method_keeps_a_missing_value_missing_and_the_others_finite() {
        let (units, reference) = example();
        for (name, _) in METHODS {
            let params = if *name == "distance_to_reference" { reference } else { "" };
            for (direction, target) in [(1.0, 8.0), (-1.0, 1.0)] {
                let context =
                    Context { target: Some(target), goalposts: Some((1.0, 9.0)), units: &units };
                let done = scores(name, params, &[2.0, f64::NAN, 5.0, 7.0], direction, &context);
                assert!(done.value[1].is_nan(), "{name}");
                assert!(
                    [0, 2, 3].iter().all(|i| done.value[*i].is_finite()),
                    "{name}: {}",
                    done.value
                );
                assert_eq!(done.notices, [""; 0], "{name}");
                let better = if direction > 0.0 {
                    done.value[3] > done.value[0]
                } else {
                    done.value[3] < done.value[0]
                };
                assert!(better, "{name} {direction}: {}", done.value);
            }
        }
    }

    #[test]
    fn every_method_is_defined_on_equal_values_one_unit_and_none() {
        let (units, reference) = example();
        let context = Context { target: Some(8.0), goalposts: Some((1.0, 9.0)), units: &units };
        for (name, _) in METHODS {
            let params = if *name == "distance_to_reference" { reference } else { "" };
            for x in [[3.0, 3.0, 3.0, 3.0], [f64::NAN, f64::NAN, 3.0, f64::NAN], [f64::NAN; 4]] {
                let done = scores(name, params, &x, 1.0, &context);
                assert!(
                    done.value
                        .iter()
                        .zip(x)
                        .all(|(s, v)| s.is_nan() == v.is_nan() && !s.is_infinite()),
                    "{name} {x:?}: {}",
                    done.value
                );
            }
        }
    }

    #[test]
    fn an_unknown_method_or_parameter_is_a_flaw() {
        assert!(normalisation("minmax", &Params::new()).err().unwrap().fix.contains("min_max"));
        assert!(normalisation("rank", &toml::from_str("l = 1").unwrap()).is_err());
        assert_eq!(same_score(array![1.0].view(), 2.0, "why").notices, ["why"]);
    }
}
