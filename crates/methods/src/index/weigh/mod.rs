//! Weighting: the indicators under one parent → their weights. One file a method; [`METHODS`] is
//! the list a model chooses from.

mod blend;
mod bootstrap;
mod cilos;
mod columns;
mod critic;
mod entropy;
mod equal;
mod gini;
mod given;
mod idocriw;
mod judgements;
mod lopcow;
mod merec;
mod pca;
mod sample;
mod standard_deviation;
mod variance;

pub mod ahp;

use ndarray::{Array1, ArrayView1, ArrayView2};
use serde::de::DeserializeOwned;

use crate::method::{Flaw, Noted, Params};
use crate::params::choose;

pub use blend::blend;
pub use bootstrap::{Bootstrap, Intervals};

/// One way of weighing the columns of a matrix.
pub trait Weigh: Send + Sync {
    /// Weights of the columns of `x` (units × columns), non-negative and with sum one. `directions`
    /// holds +1 for a column that is better when high and −1 for one that is worse. A unit with any
    /// missing figure (NaN) is left out and a notice says how many were. A constant column has
    /// weight 0; where all are constant, or there is one unit, the weights are equal. A notice on
    /// one column begins `column N: `, N from 1.
    ///
    /// # Errors
    /// A [`Flaw`] without columns, without a complete unit, with an infinite figure, or with
    /// directions that do not fit.
    fn weigh(
        &self,
        x: ArrayView2<f64>,
        directions: ArrayView1<f64>,
    ) -> Result<Noted<Array1<f64>>, Flaw>;

    /// Whether the weights come from the data, so that with few units they are advice only.
    fn data_driven(&self) -> bool {
        true
    }
}

/// Makes a method from its parameters.
pub type Make = fn(&Params) -> Result<Box<dyn Weigh>, Flaw>;

/// Every weighting by its name in a model file.
pub const METHODS: &[(&str, Make)] = &[
    ("given", given::make),
    ("equal", equal::make),
    ("ahp", judgements::make),
    ("entropy", entropy::make),
    ("critic", critic::make),
    ("merec", merec::make),
    ("cilos", cilos::make),
    ("idocriw", idocriw::make),
    ("pca", pca::make),
    ("std", standard_deviation::make),
    ("variance", variance::make),
    ("gini", gini::make),
    ("lopcow", lopcow::make),
    ("blend", blend::make),
];

/// The weighting of that name.
///
/// # Errors
/// A [`Flaw`] where there is none of that name, or a parameter is wrong.
pub fn weighting(name: &str, params: &Params) -> Result<Box<dyn Weigh>, Flaw> {
    choose("weighting", name, METHODS)?(params)
}

/// Parameters as the type of a method; unknown or ill-typed ones are flaws.
fn parameters<T: DeserializeOwned>(method: &str, params: &Params) -> Result<T, Flaw> {
    params.clone().try_into().map_err(|error| {
        let reason = error.to_string();
        Flaw::new(
            format!("the parameters of the weighting \"{method}\" are wrong"),
            reason.trim().replace('\n', ", "),
        )
    })
}

/// The parameters of a method that has none.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct NoParameters {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_or_parameter_is_told() {
        let flaw = weighting("magic", &Params::new()).err().unwrap().to_string();
        assert!(flaw.contains("\"magic\"") && flaw.contains("critic"), "{flaw}");
        let params: Params = toml::from_str("base = 2").unwrap();
        let flaw = weighting("entropy", &params).err().unwrap().to_string();
        assert!(flaw.contains("entropy") && flaw.contains("base"), "{flaw}");
    }
}
