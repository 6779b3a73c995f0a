//! What can be set of a forecast.

use serde::Deserialize;

use crate::method::{Flaw, Params};
use crate::params::parse;

/// Which model foretells.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Model {
    /// The mixture of levels, seasons and trends.
    #[default]
    House,
    /// The last month again.
    Persistence,
    /// The same month of last year again.
    LastYear,
}

/// A forecast's parameters, checked.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Forecast {
    pub model: Model,
    /// Steps ahead.
    pub horizon: usize,
    /// Steps a year.
    pub freq: usize,
    /// Level of the intervals.
    pub level: f64,
    /// Origins in the past that misses are taken from.
    pub origins: usize,
}

impl Default for Forecast {
    fn default() -> Forecast {
        Forecast { model: Model::House, horizon: 3, freq: 12, level: 0.9, origins: 48 }
    }
}

impl Forecast {
    /// From parameters as a model file writes them.
    ///
    /// # Errors
    /// A [`Flaw`] that names the parameter which is unknown or makes no sense.
    pub fn new(params: &Params) -> Result<Forecast, Flaw> {
        let forecast: Forecast = parse("forecast", params)?;
        forecast.check()?;
        Ok(forecast)
    }

    /// Whether the parameters make sense.
    ///
    /// # Errors
    /// A [`Flaw`] that names the one which does not.
    pub fn check(&self) -> Result<(), Flaw> {
        let sense = [
            ("horizon", (1..=24).contains(&self.horizon), "give between 1 and 24 steps"),
            ("freq", (1..=366).contains(&self.freq), "give 12 for months"),
            (
                "level",
                self.level > 0.0 && self.level < 1.0,
                "give a level between 0 and 1, such as 0.9",
            ),
            ("origins", (1..=1200).contains(&self.origins), "give between 1 and 1200 past origins"),
        ];
        match sense.iter().find(|(_, holds, _)| !holds) {
            Some((name, _, fix)) => {
                Err(Flaw::new(format!("method \"forecast\": {name} makes no sense"), *fix))
            }
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_checked() {
        for (text, name) in [
            ("horizon = 0", "horizon"),
            ("level = 1.0", "level"),
            ("freq = 0", "freq"),
            ("origins = 0", "origins"),
        ] {
            assert!(Forecast::new(&toml::from_str(text).unwrap()).unwrap_err().what.contains(name));
        }
        assert_eq!(
            Forecast::new(&toml::from_str("model = 'last_year'").unwrap()).unwrap().model,
            Model::LastYear
        );
    }
}
