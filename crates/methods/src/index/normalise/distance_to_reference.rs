//! 1 − distance to a unit over the distance from the worst unit to it (COINr `n_dist2ref`).

use ndarray::{Array1, ArrayView1};
use serde::Deserialize;

use super::{Context, Normalise, distance_to_target, no_scores};
use crate::method::{Flaw, Noted, Params};
use crate::params::parse;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DistanceToReference {
    reference: String,
    #[serde(default)]
    cap: bool,
}

/// From a model's parameters: the code of the `reference` unit; with `cap`, nobody gets more than
/// 1.
pub fn make(params: &Params) -> Result<Box<dyn Normalise>, Flaw> {
    Ok(Box::new(parse::<DistanceToReference>("distance_to_reference", params)?))
}

impl Normalise for DistanceToReference {
    /// Where the reference is the worst unit everybody gets 1, and where it has no value nobody
    /// gets a score, each with a notice; COINr gives infinities and NaN.
    fn normalise(
        &self,
        x: ArrayView1<f64>,
        direction: f64,
        context: &Context,
    ) -> Result<Noted<Array1<f64>>, Flaw> {
        let mut rows = context
            .units
            .iter()
            .zip(x)
            .filter(|(unit, _)| **unit == self.reference)
            .map(|(_, v)| *v);
        match (rows.next(), rows.next()) {
            (Some(v), None) if v.is_nan() => {
                Ok(no_scores(x, "the reference unit has no value: nobody gets a score"))
            }
            (Some(v), None) => Ok(distance_to_target::score_by_distance(
                x.mapv(|v| v * direction),
                v * direction,
                self.cap,
            )),
            (None, _) => Err(Flaw::new(
                format!("no unit \"{}\" to take as reference", self.reference),
                "name a unit that is left after screening",
            )),
            _ => Err(Flaw::new(
                format!("several rows of unit \"{}\"", self.reference),
                "a reference needs data of one period",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Context, normalisation, tests::scores};

    #[test]
    fn one_at_the_reference() {
        let units = ["a", "b", "c"].map(str::to_owned);
        let context = Context { units: &units, ..Context::default() };
        assert_eq!(
            scores("distance_to_reference", "reference = 'b'", &[0.0, 2.0, 3.0], 1.0, &context)
                .value
                .to_vec(),
            [0.0, 1.0, 1.5]
        );
        let worst =
            scores("distance_to_reference", "reference = 'a'", &[0.0, 2.0, 3.0], 1.0, &context);
        assert_eq!((worst.value.to_vec(), worst.notices.len()), (vec![1.0; 3], 1));
        let missing = scores(
            "distance_to_reference",
            "reference = 'a'",
            &[f64::NAN, 2.0, 3.0],
            1.0,
            &context,
        );
        assert!(missing.value.iter().all(|v| v.is_nan()) && missing.notices.len() == 1);
        let absent =
            normalisation("distance_to_reference", &toml::from_str("reference = 'z'").unwrap())
                .unwrap();
        assert!(absent.normalise(ndarray::aview1(&[1.0]), 1.0, &context).is_err());
    }
}
