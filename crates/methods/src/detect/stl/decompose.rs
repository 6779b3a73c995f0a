//! Series → trend, season and remainder by locally weighted lines, over `stlrs`, with statsmodels'
//! defaults.

use stlrs::Stl;

use crate::method::Flaw;

/// Lengths and degrees of the smoothers, named as in `statsmodels.tsa.seasonal.STL`; its jumps are
/// 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Time points in a cycle of seasons, 2 or more.
    pub period: usize,
    /// Values of one season that its smoother spans, odd, 3 or more.
    pub seasonal: usize,
    /// Time points that the trend's smoother spans, odd, above the period; by default the next odd
    /// one from 1.5·period/(1 − 1.5/seasonal).
    pub trend: Option<usize>,
    /// Time points that the low-pass smoother spans, odd, above the period; by default the next odd
    /// one above it.
    pub low_pass: Option<usize>,
    /// Degrees, 0 or 1, of the three local fits.
    pub seasonal_deg: usize,
    pub trend_deg: usize,
    pub low_pass_deg: usize,
    /// Whether outlying remainders lose weight, in fifteen rounds.
    pub robust: bool,
}

/// What a series is the sum of.
#[derive(Clone, Debug, PartialEq)]
pub struct Parts {
    pub trend: Vec<f64>,
    pub season: Vec<f64>,
    pub remainder: Vec<f64>,
}

impl Settings {
    /// Whether the smoothers are ones that statsmodels takes.
    ///
    /// # Errors
    /// A [`Flaw`] that names the parameter.
    pub fn check(&self) -> Result<(), Flaw> {
        let refuse = |name: &str, value: usize, fix: &str| {
            Err(Flaw::new(format!("{name} = {value} is no span of a smoother"), fix))
        };
        if self.period < 2 {
            return Err(Flaw::new(
                format!("period = {} has no seasons", self.period),
                "give the time points in a cycle, 2 or more",
            ));
        }
        if self.seasonal < 3 || self.seasonal.is_multiple_of(2) {
            return refuse("seasonal", self.seasonal, "take an odd number from 3");
        }
        for (name, span) in [("trend", self.trend), ("low_pass", self.low_pass)] {
            if let Some(span) = span.filter(|span| *span <= self.period || span.is_multiple_of(2)) {
                return refuse(name, span, "take an odd number above the period");
            }
        }
        for (name, degree) in [
            ("seasonal_deg", self.seasonal_deg),
            ("trend_deg", self.trend_deg),
            ("low_pass_deg", self.low_pass_deg),
        ] {
            if degree > 1 {
                return Err(Flaw::new(
                    format!("{name} = {degree} is no degree of a local fit"),
                    "take 0 or 1",
                ));
            }
        }
        Ok(())
    }

    fn trend(&self) -> usize {
        let span = (1.5 * self.period as f64 / (1.0 - 1.5 / self.seasonal as f64)).ceil() as usize;
        self.trend.unwrap_or(span | 1)
    }

    fn low_pass(&self) -> usize {
        self.low_pass.unwrap_or((self.period + 1) | 1)
    }
}

/// The parts of `x`, which has no missing values.
///
/// Cleveland, R. B., Cleveland, W. S., McRae, J. E. and Terpenning, I. (1990) STL: a seasonal-trend
/// decomposition procedure based on loess, Journal of Official Statistics 6, 3–33.
///
/// # Errors
/// A [`Flaw`] where a smoother makes no sense, a value is missing or infinite, or the series is
/// shorter than two periods.
pub fn decompose(x: &[f64], with: &Settings) -> Result<Parts, Flaw> {
    with.check()?;
    if x.iter().any(|v| !v.is_finite()) {
        return Err(Flaw::new(
            "a series with missing values cannot be decomposed",
            "fill them first",
        ));
    }
    let (inner, outer) = if with.robust { (2, 15) } else { (5, 0) };
    let degree = |degree: usize| i32::from(degree > 0);
    let mut params = Stl::params();
    params
        .seasonal_length(with.seasonal)
        .trend_length(with.trend())
        .low_pass_length(with.low_pass());
    params
        .seasonal_degree(degree(with.seasonal_deg))
        .trend_degree(degree(with.trend_deg))
        .low_pass_degree(degree(with.low_pass_deg));
    params
        .seasonal_jump(1)
        .trend_jump(1)
        .low_pass_jump(1)
        .inner_loops(inner)
        .outer_loops(outer)
        .robust(with.robust);
    let fitted = params
        .fit(x, with.period)
        .map_err(|e| Flaw::new(e.to_string(), "give a longer series or a shorter period"))?;
    let (season, trend, remainder, _) = fitted.into_parts();
    Ok(Parts { trend, season, remainder })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MONTHS: Settings = Settings {
        period: 12,
        seasonal: 7,
        trend: None,
        low_pass: None,
        seasonal_deg: 1,
        trend_deg: 1,
        low_pass_deg: 1,
        robust: false,
    };

    #[test]
    fn the_parts_sum_to_the_series_and_find_what_it_was_made_of() {
        let season = |i: usize| [4.0, 1.0, -2.0, -3.0][i % 4];
        let x: Vec<f64> = (0..60).map(|i| 10.0 + 0.5 * i as f64 + season(i)).collect();
        for robust in [false, true] {
            let parts = decompose(&x, &Settings { period: 4, robust, ..MONTHS }).unwrap();
            for (i, v) in x.iter().enumerate() {
                assert!((parts.trend[i] + parts.season[i] + parts.remainder[i] - v).abs() < 1e-9);
                // On a series without noise the robust weights mean nothing.
                assert!(
                    robust || (parts.season[i] - season(i)).abs() < 0.05,
                    "{i}: {}",
                    parts.season[i]
                );
            }
        }
    }

    #[test]
    fn default_spans_are_those_of_statsmodels() {
        assert_eq!((MONTHS.trend(), MONTHS.low_pass()), (23, 13));
        assert_eq!(
            (
                Settings { seasonal: 13, ..MONTHS }.trend(),
                Settings { period: 7, ..MONTHS }.low_pass()
            ),
            (21, 9)
        );
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        let named =
            |with: Settings, name: &str| assert!(with.check().unwrap_err().what.contains(name));
        named(Settings { period: 1, ..MONTHS }, "period");
        named(Settings { seasonal: 8, ..MONTHS }, "seasonal");
        named(Settings { trend: Some(11), ..MONTHS }, "trend");
        named(Settings { low_pass: Some(14), ..MONTHS }, "low_pass");
        named(Settings { trend_deg: 2, ..MONTHS }, "trend_deg");
        assert!(decompose(&[1.0; 23], &MONTHS).is_err());
        assert!(decompose(&[f64::NAN; 30], &MONTHS).is_err());
        assert!(decompose(&[], &MONTHS).is_err());
    }
}
