//! Farrington's detector in its flexible form: a count against a quasi-Poisson regression on the
//! same season of earlier years.
//!
//! Farrington et al. (1996) A statistical algorithm for the early detection of outbreaks of
//! infectious disease, JRSS A 159, 547–563; Noufaily et al. (2013) An improved algorithm for
//! outbreak detection in multiple surveillance systems, Statistics in Medicine 32, 1206–1222;
//! Salmon et al. (2016) Monitoring count time series in R, Journal of Statistical Software 70(10).
//! As R `surveillance` 1.20.3 `farringtonFlexible`, with `compat` to the letter; without it
//! - standard errors and the trend's p-value rest on the dispersion of the fit, where the package
//!   takes another by overwriting its weights;
//! - a series that lacks its first reference observations keeps its time axis;
//! - an observation that fixes its own fitted value is not divided by zero;
//! - levels of the season for which a year has no time points are left out;
//! - recent cases suffice for `limit54` though another of its time points be missing.

mod bound;
mod fit;
mod params;
mod reference;

pub use bound::{Bound, bound};
pub use fit::{Prediction, predict};
pub use params::{FarringtonParams, PowerTransformation, ThresholdMethod};
pub use reference::{Reference, reference};

use super::detector::Detector;
use super::series::{Answer, Row, Series};
use crate::method::{Flaw, Noted, Params};
use crate::params::parse;

/// The detector, its parameters checked.
pub struct Farrington {
    params: FarringtonParams,
}

/// From a model's parameters, [`FarringtonParams`].
///
/// # Errors
/// A [`Flaw`] where one is unknown or makes no sense.
pub fn make(params: &Params) -> Result<Box<dyn Detector>, Flaw> {
    let params = parse::<FarringtonParams>("farrington", params)?.checked()?;
    Ok(Box::new(Farrington { params }))
}

impl Detector for Farrington {
    /// `trend` 1 where one is kept, else 0; `mu0` the mean that the bound is made of; `phi` the
    /// dispersion; `se` the standard error of the expected count; `p_trend` the p-value of the
    /// trend, kept or not; `score` the excess over the expected count in units of the bound's.
    fn columns(&self) -> &'static [&'static str] {
        &["trend", "mu0", "phi", "se", "p_trend", "score"]
    }

    fn takes_exposure(&self) -> bool {
        self.params.population_offset != Some(false)
    }

    fn detect(&self, series: &Series, from: usize, to: usize) -> Result<Noted<Vec<Row>>, Flaw> {
        let freq = self.params.frequency(series.freq)?;
        self.check(series)?;
        let rows =
            (from..to.min(series.observed.len())).map(|k| self.row(series, k, freq)).collect();
        Ok(Noted { value: rows, notices: self.notices(freq) })
    }
}

impl Farrington {
    fn check(&self, series: &Series) -> Result<(), Flaw> {
        let n = series.observed.len();
        let lengths = [series.dates.as_ref().map(Vec::len), series.offset.as_ref().map(Vec::len)];
        if lengths.iter().flatten().any(|l| *l != n) {
            return Err(Flaw::new(
                "dates or exposure are not as many as the counts",
                "give one a time point",
            ));
        }
        if let Some(at) = series.observed.iter().position(|y| *y < 0.0 || y.is_infinite()) {
            let what =
                format!("time point {} has {}, which is no count", at + 1, series.observed[at]);
            return Err(Flaw::new(what, "correct it, or leave it empty where it is not known"));
        }
        if self.params.population_offset == Some(true) && series.offset.is_none() {
            return Err(Flaw::new(
                "populationOffset = true, but the series has no exposure",
                "name its column, or leave populationOffset out",
            ));
        }
        if let Some(at) =
            series.dates.as_ref().and_then(|d| d.windows(2).position(|d| d[0] >= d[1]))
        {
            return Err(Flaw::new(
                format!("time point {} is not after the one before it", at + 2),
                "sort the series by time",
            ));
        }
        Ok(())
    }

    fn notices(&self, freq: usize) -> Vec<String> {
        let (between, others) =
            (freq.saturating_sub(2 * self.params.w + 1), self.params.no_periods - 1);
        if others <= between {
            return Vec::new();
        }
        vec![format!(
            "noPeriods = {} asks for {others} levels between the windows, where a year has {between} time points",
            others + 1
        )]
    }

    fn row(&self, series: &Series, k: usize, freq: usize) -> Row {
        let params = &self.params;
        let observed = series.observed[k];
        let nothing = |why: String| Row {
            at: k,
            observed,
            expected: f64::NAN,
            upper: f64::NAN,
            p: f64::NAN,
            answer: Answer::NotAssessable(why),
            own: vec![f64::NAN; self.columns().len()],
        };
        if params.exposure(series).is_some_and(|o| !(o[k] > 0.0 && o[k].is_finite())) {
            return nothing("the exposure of this time point is missing".to_owned());
        }
        let prediction = match reference(series, k, freq, params).and_then(|r| predict(&r, params))
        {
            Ok(prediction) => prediction,
            Err(why) => return nothing(why),
        };
        let bound = bound(&prediction, observed, params);
        let answer = match self.unfit(series, k, &bound) {
            Some(why) => Answer::NotAssessable(why),
            None if bound.abnormal => Answer::Alarm,
            None => Answer::Quiet,
        };
        let assessable = !matches!(answer, Answer::NotAssessable(_));
        let if_assessable = |figure: f64| if assessable { figure } else { f64::NAN };
        let se = prediction.se * prediction.eta.exp();
        let own = vec![
            f64::from(prediction.trend),
            bound.mu0,
            prediction.phi,
            se,
            prediction.p_trend,
            bound.score,
        ];
        Row {
            at: k,
            observed,
            expected: if_assessable(bound.expected),
            upper: if_assessable(bound.upper),
            p: bound.p,
            answer,
            own,
        }
    }

    /// Why a time point cannot be judged though there is a bound.
    fn unfit(&self, series: &Series, k: usize, bound: &Bound) -> Option<String> {
        if series.observed[k].is_nan() {
            return Some("the count of this time point is missing".to_owned());
        }
        if !bound.upper.is_finite() {
            return Some("the counts are too large for a bound".to_owned());
        }
        let (least, points) = self.params.limit54;
        let recent = &series.observed[(k + 1).saturating_sub(points)..=k];
        let missing = recent.iter().filter(|y| y.is_nan()).count();
        let cases: f64 = recent.iter().filter(|y| !y.is_nan()).sum();
        if cases >= least && (missing == 0 || !self.params.compat) {
            return None;
        }
        let of =
            if missing > 0 { format!(", of which {missing} are missing") } else { String::new() };
        Some(format!(
            "{cases} cases in the last {points} time points{of}; limit54 asks for {least}"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(n: usize) -> Series {
        let observed = (0..n)
            .map(|i| ((i * 7919 % 17) as f64 + 4.0 * (i as f64 / 8.3).sin() + 4.0).round())
            .collect();
        Series { observed, freq: 52, ..Default::default() }
    }

    fn farrington(text: &str) -> Box<dyn Detector> {
        make(&toml::from_str(text).unwrap()).unwrap()
    }

    fn reason(row: &Row) -> &str {
        match &row.answer {
            Answer::NotAssessable(why) => why,
            answer => panic!("{answer:?}"),
        }
    }

    #[test]
    fn a_burst_is_an_alarm_and_its_absence_is_quiet() {
        let mut series = series(320);
        for text in [
            "",
            "noPeriods = 10\npastWeeksNotIncluded = 26\nthresholdMethod = 'nbPlugin'",
            "thresholdMethod = 'muan'\ncompat = true",
        ] {
            series.observed[310] = 5.0;
            assert_eq!(
                farrington(text).detect(&series, 310, 311).unwrap().value[0].answer,
                Answer::Quiet
            );
            series.observed[310] = 80.0;
            let row = &farrington(text).detect(&series, 310, 311).unwrap().value[0];
            assert_eq!(row.answer, Answer::Alarm);
            assert!(row.p < 0.001 && row.upper < 80.0 && row.own.len() == 6);
        }
    }

    #[test]
    fn what_cannot_be_judged_says_why() {
        let mut series = series(320);
        let rows = farrington("").detect(&series, 200, 320).unwrap().value;
        assert!(reason(&rows[0]).contains(" 63 observations"), "{}", reason(&rows[0]));
        series.observed[315] = f64::NAN;
        series.observed[316..320].fill(0.0);
        let rows = farrington("").detect(&series, 310, 320).unwrap().value;
        assert!(reason(&rows[5]).contains("missing"));
        assert!(reason(&rows[9]).contains("0 cases in the last 4"));
        assert!(rows[9].upper.is_nan() && rows[9].own[2] >= 1.0);
        let rows =
            farrington("limit54 = [0, 4]\ncompat = true").detect(&series, 316, 320).unwrap().value;
        assert!(reason(&rows[0]).contains("of which 1 are missing"));
        assert_eq!(rows[3].answer, Answer::Quiet);
    }

    #[test]
    fn the_future_does_not_matter() {
        let (mut series, method) = (series(330), farrington("noPeriods = 10"));
        let before = method.detect(&series, 280, 320).unwrap().value;
        series.observed[320..].fill(1e9);
        assert_eq!(method.detect(&series, 280, 320).unwrap().value, before);
    }

    #[test]
    fn a_series_that_does_not_suit_is_refused() {
        let mut series = series(320);
        assert!(
            farrington("populationOffset = true")
                .detect(&series, 300, 320)
                .unwrap_err()
                .what
                .contains("exposure")
        );
        assert!(
            farrington("")
                .detect(&Series { freq: 0, ..series.clone() }, 300, 320)
                .unwrap_err()
                .what
                .contains("freq")
        );
        series.observed[7] = -2.0;
        assert!(
            farrington("").detect(&series, 300, 320).unwrap_err().what.contains("time point 8")
        );
    }

    #[test]
    fn nothing_one_point_zeros_and_huge_counts_are_defined() {
        for observed in [vec![], vec![3.0], vec![0.0; 400], vec![f64::NAN; 400], vec![1e15; 400]] {
            let n = observed.len();
            let series = Series { observed, freq: 52, ..Default::default() };
            for text in ["", "thresholdMethod = 'nbPlugin'\nlimit54 = [0, 4]\nnoPeriods = 10"] {
                assert_eq!(
                    farrington(text)
                        .detect(&series, n.saturating_sub(3), n + 5)
                        .unwrap()
                        .value
                        .len(),
                    n.min(3)
                );
            }
        }
    }
}
