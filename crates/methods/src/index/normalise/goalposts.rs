//! Goalposts: the position of a value between two fixed values (COINr `n_goalposts`; UNDP's Human
//! Development Index).

use ndarray::{Array1, ArrayView1};
use serde::Deserialize;

use super::{Context, Normalise};
use crate::method::{Flaw, Noted, Params};
use crate::params::parse;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Goalposts {
    low: Option<f64>,
    high: Option<f64>,
    a: f64,
    b: f64,
    trunc: bool,
}

impl Default for Goalposts {
    fn default() -> Goalposts {
        Goalposts { low: None, high: None, a: 1.0, b: 0.0, trunc: true }
    }
}

/// From a model's parameters: posts `low` and `high` for indicators without their own; the score is
/// `a` × share + `b`; `trunc` keeps the share within 0–1.
pub fn make(params: &Params) -> Result<Box<dyn Normalise>, Flaw> {
    let method: Goalposts = parse("goalposts", params)?;
    if !(method.a > 0.0 && method.a.is_finite() && method.b.is_finite()) {
        return Err(Flaw::new(
            "method \"goalposts\": a is not positive, or b is not a number",
            "the plain ones are 1 and 0",
        ));
    }
    Ok(Box::new(method))
}

impl Normalise for Goalposts {
    fn normalise(
        &self,
        x: ArrayView1<f64>,
        direction: f64,
        context: &Context,
    ) -> Result<Noted<Array1<f64>>, Flaw> {
        let Some((low, high)) = context.goalposts.or(self.low.zip(self.high)) else {
            return Err(Flaw::new(
                "goalposts are not given",
                "give the indicator low and high, or another normalisation",
            ));
        };
        if !(low < high && low.is_finite() && high.is_finite()) {
            return Err(Flaw::new(
                format!("goalposts {low} and {high} are not one below the other"),
                "give low and high in the indicator's own unit",
            ));
        }
        let share = |v: f64| {
            if direction > 0.0 { (v - low) / (high - low) } else { (high - v) / (high - low) }
        };
        let held = |s: f64| if self.trunc { s.clamp(0.0, 1.0) } else { s };
        Ok(Noted::plain(x.mapv(|v| self.a * held(share(v)) + self.b)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Context, normalisation, tests::scores};

    #[test]
    fn between_the_posts_and_held_to_them() {
        let own = Context { goalposts: Some((0.0, 10.0)), ..Context::default() };
        assert_eq!(
            scores("goalposts", "a = 100", &[2.5, 12.0, -1.0], 1.0, &own).value.to_vec(),
            [25.0, 100.0, 0.0]
        );
        assert_eq!(
            scores("goalposts", "a = 100", &[2.5, 12.0, -1.0], -1.0, &own).value.to_vec(),
            [75.0, 0.0, 100.0]
        );
        let params = "low = 20\nhigh = 85\ntrunc = false\nb = 1";
        // UNDP's posts for life expectancy.
        assert_eq!(
            scores("goalposts", params, &[52.5, 150.0], 1.0, &Context::default()).value.to_vec(),
            [1.5, 3.0]
        );
    }

    #[test]
    fn posts_must_be_there_and_in_order() {
        let method = normalisation("goalposts", &toml::Table::new()).unwrap();
        for posts in [None, Some((2.0, 2.0)), Some((f64::NAN, 2.0))] {
            let context = Context { goalposts: posts, ..Context::default() };
            assert!(method.normalise(ndarray::aview1(&[1.0]), 1.0, &context).is_err());
        }
    }
}
