//! What can be set of the reporting delay.

use serde::Deserialize;

use crate::method::{Flaw, Params};
use crate::params::parse;

/// The nowcast and its parameters, checked. Steps are days, or weeks where `cycle` is 1.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub struct Delay {
    /// Days of occurrence on which delays are estimated (Höhle and an der Heiden's moving window,
    /// baselinenowcast's training volume).
    pub window: usize,
    /// Days after which what was recorded weighs half in the estimate of delays.
    pub half_life: f64,
    /// Days after which a day weighs half in the trend.
    pub trend_half_life: f64,
    /// Standard deviation of daily growth on the log scale before the data are seen; it damps
    /// growth that few cases suggest.
    pub growth: f64,
    /// 7 where days of the week bring and record differently, 1 where steps are weeks.
    pub cycle: usize,
    /// Past as-of days whose nowcasts are held against what came since.
    pub retrospective: usize,
    /// Reports below which nothing is said.
    pub least_reports: f64,
    /// Reports that the window is widened for.
    pub enough_reports: f64,
}

impl Default for Delay {
    fn default() -> Delay {
        Delay {
            window: 42,
            half_life: 14.0,
            trend_half_life: 5.0,
            growth: 0.1,
            cycle: 7,
            retrospective: 28,
            least_reports: 20.0,
            enough_reports: 100.0,
        }
    }
}

impl Delay {
    /// From parameters as a model file writes them.
    ///
    /// # Errors
    /// A [`Flaw`] that names the parameter which is unknown or makes no sense.
    pub fn new(params: &Params) -> Result<Delay, Flaw> {
        let delay: Delay = parse("delay", params)?;
        delay.check()?;
        Ok(delay)
    }

    /// Whether the parameters make sense.
    ///
    /// # Errors
    /// A [`Flaw`] that names the one which does not.
    pub fn check(&self) -> Result<(), Flaw> {
        let delay = self;
        let positive = [
            ("half_life", delay.half_life),
            ("trend_half_life", delay.trend_half_life),
            ("growth", delay.growth),
        ];
        let named = |name: &str, fix: &str| {
            Err(Flaw::new(format!("method \"delay\": {name} makes no sense"), fix))
        };
        if let Some((name, _)) = positive.iter().find(|(_, v)| !(*v > 0.0 && v.is_finite())) {
            return named(name, "give a positive number");
        }
        if !(2..=3660).contains(&delay.window) {
            return named("window", "give between 2 and 3660 days");
        }
        if !(1..=31).contains(&delay.cycle) {
            return named("cycle", "give 7 for days and 1 for weeks");
        }
        if delay.retrospective > 3660 {
            return named("retrospective", "give at most 3660 days");
        }
        if !(delay.least_reports >= 1.0 && delay.enough_reports.is_finite()) {
            return named("least_reports", "give at least 1, and a finite enough_reports");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_no_sense_is_named() {
        for (text, name) in [
            ("window = 1", "window"),
            ("half_life = nan", "half_life"),
            ("cycle = 0", "cycle"),
            ("growht = 1.0", "growht"),
        ] {
            assert!(
                Delay::new(&toml::from_str(text).unwrap()).unwrap_err().what.contains(name),
                "{text}"
            );
        }
        assert_eq!(Delay::new(&toml::from_str("window = 30").unwrap()).unwrap().window, 30);
    }
}
