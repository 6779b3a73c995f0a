//! Seasonal-trend decomposition by loess, as statsmodels' `STL`, and figures that stand out of
//! trend and season.
//!
//! The whole series up to the end asked for is decomposed at once, so that a past time point is
//! judged with what came after it.

pub mod decompose;
pub mod gaps;

use std::ops::Range;

use serde::Deserialize;

use super::detector::Detector;
use super::mann_kendall::score::upper_tail;
use super::mann_kendall::slope::median;
use super::rates::{exposure, rates, without_rate};
use super::series::{Answer, Row, Series};
use crate::method::{Flaw, Noted, Params};
use crate::params::parse;
use decompose::{Parts, Settings, decompose};
use gaps::{filled, span};

/// Share of the time points that must have a figure.
const SEEN: f64 = 0.5;
/// A scale below this share of the largest figure is rounding.
const ROUNDING: f64 = 1e-9;

/// Parameters, named as in `statsmodels.tsa.seasonal.STL`, but for `threshold`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Parameters {
    /// Time points in a cycle of seasons; those of a year by default.
    period: Option<usize>,
    /// Span of the seasonal smoother in cycles, odd.
    seasonal: usize,
    /// Span of the trend smoother in time points, odd.
    trend: Option<usize>,
    /// Span of the low-pass smoother in time points, odd.
    low_pass: Option<usize>,
    seasonal_deg: usize,
    trend_deg: usize,
    low_pass_deg: usize,
    /// Whether outliers lose weight in the fit.
    robust: bool,
    /// Bound on a remainder, in robust standard deviations (1.4826 × the median absolute deviation)
    /// above the median remainder.
    threshold: f64,
}

impl Default for Parameters {
    fn default() -> Parameters {
        Parameters {
            period: None,
            seasonal: 7,
            trend: None,
            low_pass: None,
            seasonal_deg: 1,
            trend_deg: 1,
            low_pass_deg: 1,
            robust: false,
            threshold: 3.0,
        }
    }
}

/// The method from its parameters.
///
/// # Errors
/// A [`Flaw`] that names the parameter that is unknown or makes no sense.
pub fn make(params: &Params) -> Result<Box<dyn Detector>, Flaw> {
    let checked: Parameters = parse("stl", params)?;
    if !(checked.threshold > 0.0 && checked.threshold.is_finite()) {
        return Err(Flaw::new(
            format!("threshold = {} is no bound", checked.threshold),
            "take a figure above 0",
        ));
    }
    if checked.period.is_some() {
        checked.settings(0).check()?;
    }
    Ok(Box::new(checked))
}

impl Detector for Parameters {
    fn columns(&self) -> &'static [&'static str] {
        &["trend", "season", "remainder"]
    }

    fn takes_exposure(&self) -> bool {
        true
    }

    fn needs_counts(&self) -> bool {
        false
    }

    /// With an exposure, the rates are decomposed, and the own columns are of the rate.
    fn detect(&self, series: &Series, from: usize, to: usize) -> Result<Noted<Vec<Row>>, Flaw> {
        let with = self.settings(series.freq);
        with.check()?;
        let x = rates(series, to);
        let span = span(&x);
        let asked = from..to.min(x.len());
        let whole = match usable(&x[span.clone()], with.period) {
            Ok(whole) => whole,
            Err(why) => {
                let rows = asked.map(|at| blank(series, at, Answer::NotAssessable(why.clone())));
                return Ok(Noted::plain(rows.collect()));
            }
        };
        let missing = x[span.clone()].iter().filter(|v| v.is_nan()).count();
        let parts = decompose(&whole, &with)?;
        let bound = Bound::new(&parts.remainder, &x[span.clone()], self.threshold);
        let rows = asked.map(|at| row(series, at, &x, &span, &parts, &bound)).collect();
        let notice = format!(
            "series \"{}\": {missing} missing time points were filled from their own season for the fit",
            series.name
        );
        Ok(Noted { value: rows, notices: if missing > 0 { vec![notice] } else { Vec::new() } })
    }
}

impl Parameters {
    fn settings(&self, freq: usize) -> Settings {
        let Parameters {
            seasonal,
            trend,
            low_pass,
            seasonal_deg,
            trend_deg,
            low_pass_deg,
            robust,
            ..
        } = *self;
        Settings {
            period: self.period.unwrap_or(freq),
            seasonal,
            trend,
            low_pass,
            seasonal_deg,
            trend_deg,
            low_pass_deg,
            robust,
        }
    }
}

/// The series without gaps, or why it cannot be decomposed.
fn usable(x: &[f64], period: usize) -> Result<Vec<f64>, String> {
    let (there, needed) = (x.iter().filter(|v| !v.is_nan()).count(), period.saturating_mul(2));
    if x.len() < needed {
        let less = needed - x.len();
        return Err(format!(
            "two periods of {period} time points are needed, {} lie between first and last figure: {less} more",
            x.len()
        ));
    }
    if (there as f64) < SEEN * x.len() as f64 {
        return Err(format!(
            "{} of {} time points are missing, more than half",
            x.len() - there,
            x.len()
        ));
    }
    filled(x, period).ok_or_else(|| {
        format!(
            "of {} time points {} are missing, among them one season always",
            x.len(),
            x.len() - there
        )
    })
}

/// Where remainders lie, and the bound above which one stands out.
struct Bound {
    centre: f64,
    scale: f64,
    threshold: f64,
}

impl Bound {
    /// From the remainders of the time points that have a figure. Where half the remainders or more
    /// are equal, the mean absolute deviation × 1.2533 takes the place of the median one (Iglewicz
    /// and Hoaglin 1993).
    fn new(remainder: &[f64], x: &[f64], threshold: f64) -> Bound {
        let mut seen: Vec<f64> =
            remainder.iter().zip(x).filter(|(_, v)| !v.is_nan()).map(|(r, _)| *r).collect();
        let centre = median(&mut seen);
        let mut away: Vec<f64> = seen.iter().map(|r| (r - centre).abs()).collect();
        let mean = away.iter().sum::<f64>() / away.len() as f64;
        let rounding = ROUNDING * x.iter().copied().fold(0.0, |most: f64, v| most.max(v.abs()));
        let robust = 1.4826 * median(&mut away);
        let scale = if robust > rounding { robust } else { 1.2533 * mean };
        Bound { centre, scale: scale.max(rounding), threshold }
    }

    fn upper(&self) -> f64 {
        self.centre + self.threshold * self.scale
    }
}

fn row(
    series: &Series,
    at: usize,
    x: &[f64],
    span: &Range<usize>,
    parts: &Parts,
    bound: &Bound,
) -> Row {
    let blank = blank(series, at, without_rate(series, at));
    if !span.contains(&at) {
        return blank;
    }
    let (i, e) = (at - span.start, exposure(series, at));
    let (trend, season, remainder) = (parts.trend[i], parts.season[i], parts.remainder[i]);
    let expected = trend + season;
    let (expected, upper) = (expected * e, (expected + bound.upper()) * e);
    if x[at].is_nan() {
        return Row { expected, upper, own: vec![trend, season, f64::NAN], ..blank };
    }
    let answer = if remainder > bound.upper() { Answer::Alarm } else { Answer::Quiet };
    let p = upper_tail((remainder - bound.centre) / bound.scale);
    Row { expected, upper, p, answer, own: vec![trend, season, remainder], ..blank }
}

fn blank(series: &Series, at: usize, answer: Answer) -> Row {
    let none = f64::NAN;
    let observed = series.observed.get(at).copied().unwrap_or(none);
    Row { at, observed, expected: none, upper: none, p: none, answer, own: vec![none; 3] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(n: usize) -> Series {
        let season = |i: usize| [9.0, 2.0, 0.0, 3.0][i % 4];
        let observed = (0..n)
            .map(|i| 20.0 + 0.2 * i as f64 + season(i) + (i * 7919 % 13) as f64 / 6.0)
            .collect();
        Series { observed, freq: 4, ..Series::default() }
    }

    fn run(params: &str, series: &Series) -> Noted<Vec<Row>> {
        make(&toml::from_str(params).unwrap())
            .unwrap()
            .detect(series, 0, series.observed.len())
            .unwrap()
    }

    #[test]
    fn what_stands_out_is_an_alarm_and_the_season_is_none() {
        let mut x = series(60);
        x.observed[42] += 15.0;
        for params in ["", "robust = true"] {
            let rows = run(params, &x).value;
            let alarms: Vec<usize> =
                rows.iter().filter(|r| r.answer == Answer::Alarm).map(|r| r.at).collect();
            assert!(
                alarms.contains(&42) && rows[42].p < 1e-4 && rows[42].observed > rows[42].upper,
                "{alarms:?}"
            );
            assert!(alarms.iter().all(|at| at.abs_diff(42) <= 8), "{alarms:?}");
        }
    }

    #[test]
    fn a_missing_time_point_is_filled_for_the_fit_and_never_judged() {
        let mut x = series(60);
        x.observed[0] = f64::NAN;
        x.observed[30] = f64::NAN;
        let done = run("", &x);
        assert!(done.notices[0].contains("1 missing"));
        assert!(
            matches!(done.value[30].answer, Answer::NotAssessable(_))
                && done.value[30].expected.is_finite()
        );
        assert!(
            matches!(done.value[0].answer, Answer::NotAssessable(_))
                && done.value[0].expected.is_nan()
        );
        let whole = run("", &series(60)).value;
        assert!((done.value[30].expected - whole[30].expected).abs() < 1.5);
    }

    #[test]
    fn a_short_history_says_how_much_is_missing() {
        let rows = run("", &series(7)).value;
        let why =
            "two periods of 4 time points are needed, 7 lie between first and last figure: 1 more";
        assert!(
            rows.len() == 7
                && rows.iter().all(|r| r.answer == Answer::NotAssessable(why.to_owned()))
        );
        for observed in
            [vec![f64::NAN; 30], vec![], [vec![1.0], vec![f64::NAN; 30], vec![1.0]].concat()]
        {
            let empty = Series { observed, freq: 4, ..Series::default() };
            assert!(
                run("", &empty).value.iter().all(|r| matches!(r.answer, Answer::NotAssessable(_)))
            );
        }
    }

    #[test]
    fn a_series_that_only_repeats_itself_is_quiet() {
        for observed in
            [vec![0.0; 30], vec![5e99; 30], (0..40).map(|i| f64::from(i % 4) * 0.1).collect()]
        {
            let x = Series { observed, freq: 4, ..Series::default() };
            for params in ["", "robust = true"] {
                assert!(
                    run(params, &x).value.iter().all(|r| r.answer == Answer::Quiet),
                    "{:?}",
                    x.observed
                );
            }
        }
    }

    #[test]
    fn rates_are_decomposed_and_the_count_expected_is_held_against_the_exposure() {
        let plain = series(40);
        let offset: Vec<f64> = (0..40).map(|i| 10.0 + f64::from(i % 7)).collect();
        let observed = plain.observed.iter().zip(&offset).map(|(y, e)| y * e).collect();
        let found =
            run("", &Series { observed, offset: Some(offset.clone()), ..plain.clone() }).value;
        for (row, one) in found.iter().zip(run("", &plain).value) {
            assert!(
                (row.own[0] - one.own[0]).abs() < 1e-9
                    && (row.upper - one.upper * offset[row.at]).abs() < 1e-6
            );
        }
    }

    #[test]
    fn parameters_that_make_no_sense_are_named() {
        for params in ["threshold = 0.0", "seasonal = 4\nperiod = 4", "bound = 3"] {
            let flaw = make(&toml::from_str(params).unwrap()).err().unwrap();
            assert!(flaw.what.contains(params.split_once(" = ").unwrap().0), "{flaw}");
        }
        let yearly = Series { freq: 1, ..series(30) };
        assert!(
            make(&Params::new())
                .unwrap()
                .detect(&yearly, 0, 30)
                .unwrap_err()
                .what
                .contains("period")
        );
    }
}
