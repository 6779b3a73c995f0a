//! Trend of a series: the Mann–Kendall test with its corrections, and the Theil–Sen slope.
//!
//! Mann, H. B. (1945) Econometrica 13, 245–259; Kendall, M. G. (1975) Rank Correlation Methods;
//! Hamed, K. H. and Rao, A. R. (1998) Journal of Hydrology 204, 182–196; Yue, S. and Wang, C.
//! (2004) Water Resources Management 18, 201–218; Yue, S., Pilon, P., Phinney, B. and Cavadias, G.
//! (2002) Hydrological Processes 16, 1807–1829; Hirsch, R. M., Slack, J. R. and Smith, R. A. (1982)
//! Water Resources Research 18, 107–121; Sen, P. K. (1968) Journal of the American Statistical
//! Association 63, 1379–1389. In parity with pymannkendall 1.4.3 and scipy.

pub mod correction;
pub mod score;
pub mod slope;
pub mod test;

use serde::Deserialize;

use super::detector::Detector;
use super::rates::{exposure, rates};
use super::series::{Answer, Row, Series};
use crate::method::{Flaw, Noted, Params};
use crate::params::parse;
use test::{Alternative, Modification, Settings, Trend, can_alarm, test};

/// More time points than this have too many pairs to be held.
const MOST: usize = 10_000;

/// Parameters, named as in pymannkendall; `modification` stands for the choice of its function.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Parameters {
    /// Level of the test; the slope's interval has confidence 1 − alpha.
    alpha: f64,
    /// Autocorrelations that `hamed_rao` and `yue_wang` count; all by default.
    lag: Option<usize>,
    /// Time points in a cycle of the `seasonal` test; those of a year by default.
    period: Option<usize>,
    /// `none`, `hamed_rao`, `yue_wang`, `tfpw`, `pre_whitening` or `seasonal`.
    modification: Modification,
    /// `two-sided`, as pymannkendall, or `increasing`, which halves the p-value of a rise.
    alternative: Alternative,
}

impl Default for Parameters {
    fn default() -> Parameters {
        let (modification, alternative) = (Modification::default(), Alternative::default());
        Parameters { alpha: 0.05, lag: None, period: None, modification, alternative }
    }
}

/// The method from its parameters.
///
/// # Errors
/// A [`Flaw`] that names the parameter that is unknown or makes no sense.
pub fn make(params: &Params) -> Result<Box<dyn Detector>, Flaw> {
    let checked: Parameters = parse("mann_kendall", params)?;
    if !(checked.alpha > 0.0 && checked.alpha < 1.0) {
        return Err(Flaw::new(
            format!("alpha = {} is no level of a test", checked.alpha),
            "take one between 0 and 1",
        ));
    }
    let lagged = matches!(checked.modification, Modification::HamedRao | Modification::YueWang);
    if checked.lag.is_some() && !lagged {
        return Err(Flaw::new(
            "lag says nothing to this modification",
            "remove it, or take modification \"hamed_rao\" or \"yue_wang\"",
        ));
    }
    if checked.lag == Some(0) {
        return Err(Flaw::new(
            "lag = 0 corrects nothing",
            "take 1 or more, or modification \"none\"",
        ));
    }
    if checked.period.is_some() && checked.modification != Modification::Seasonal {
        return Err(Flaw::new(
            "period says nothing to this modification",
            "remove it, or take modification \"seasonal\"",
        ));
    }
    Ok(Box::new(checked))
}

impl Detector for Parameters {
    fn columns(&self) -> &'static [&'static str] {
        &["S", "var", "z", "slope", "slope_lo", "slope_hi"]
    }

    fn takes_exposure(&self) -> bool {
        true
    }

    fn needs_counts(&self) -> bool {
        false
    }

    /// One row, at the last time point before `to`: it judges all that is known until then. With an
    /// exposure, the rates are judged.
    fn detect(&self, series: &Series, from: usize, to: usize) -> Result<Noted<Vec<Row>>, Flaw> {
        let with = self.settings(series)?;
        let x = rates(series, to);
        let Some(at) = x.len().checked_sub(1).filter(|_| from < to) else {
            return Ok(Noted::plain(Vec::new()));
        };
        if x.len() > MOST {
            let what = format!(
                "series \"{}\" has {} time points, and a trend is sought in at most {MOST}",
                series.name,
                x.len()
            );
            return Err(Flaw::new(what, "sum it to weeks or months"));
        }
        let found = test(&x, &with);
        let answer = judge(&x, &found, &with);
        let slope = found.slope;
        // A line through all seasons is no expectation of one season's count.
        let line = if with.modification == Modification::Seasonal {
            f64::NAN
        } else {
            slope.intercept + slope.slope * at as f64
        };
        let own = vec![found.s, found.var, found.z, slope.slope, slope.lo, slope.hi];
        let observed = series.observed.get(at).copied().unwrap_or(f64::NAN);
        Ok(Noted::plain(vec![Row {
            at,
            observed,
            expected: line * exposure(series, at),
            upper: f64::NAN,
            p: found.p,
            answer,
            own,
        }]))
    }
}

impl Parameters {
    fn settings(&self, series: &Series) -> Result<Settings, Flaw> {
        let period = self.period.unwrap_or(series.freq);
        if self.modification == Modification::Seasonal && !(2..=MOST).contains(&period) {
            return Err(Flaw::new(
                format!("period = {period} has no seasons"),
                format!("give the time points in a cycle, 2 to {MOST}"),
            ));
        }
        let Parameters { alpha, lag, modification, alternative, .. } = *self;
        Ok(Settings { modification, alternative, alpha, lag, period })
    }
}

/// Alarm where the trend is significant and upward. The median slope of small counts is often
/// exactly 0 while most pairs that differ rise, so that the direction is that of z, as in
/// pymannkendall, and the slope must only not contradict it.
fn judge(x: &[f64], found: &Trend, with: &Settings) -> Answer {
    if let Some(why) = too_short(x, with) {
        Answer::NotAssessable(why)
    } else if found.p.is_nan() {
        Answer::NotAssessable(format!(
            "the corrected variance of S is {}, which is no variance: take another modification",
            found.var
        ))
    } else if found.p < with.alpha && found.z > 0.0 && found.slope.slope >= 0.0 {
        Answer::Alarm
    } else {
        Answer::Quiet
    }
}

/// Why no trend, however steep, could be significant in as many values as there are.
fn too_short(x: &[f64], with: &Settings) -> Option<String> {
    let seen = |x: &[f64]| x.iter().filter(|v| !v.is_nan()).count();
    // Whitening costs the first value.
    let lost =
        usize::from(matches!(with.modification, Modification::Tfpw | Modification::PreWhitening));
    let (counts, seasons, unit) = match with.modification {
        Modification::Seasonal => (
            slope::seasons(x, with.period).map(|s| seen(&s)).collect(),
            with.period,
            "in each season ",
        ),
        _ => (vec![seen(x).saturating_sub(lost)], 1, ""),
    };
    if can_alarm(&counts, with) {
        return None;
    }
    let needed = (2..MOST).find(|n| can_alarm(&vec![*n; seasons], with)).unwrap_or(MOST) + lost;
    let (there, of) = (seen(x), x.len());
    let more = (needed * seasons).saturating_sub(there);
    Some(format!(
        "{needed} values {unit}are needed, {there} of {of} time points have one: {more} more"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(params: &str, observed: Vec<f64>, offset: Option<Vec<f64>>) -> Row {
        let to = observed.len();
        let series = Series { observed, offset, freq: 12, ..Series::default() };
        make(&toml::from_str(params).unwrap())
            .unwrap()
            .detect(&series, 0, to)
            .unwrap()
            .value
            .remove(0)
    }

    fn rising(n: u32) -> Vec<f64> {
        (0..n).map(|i| f64::from(i) + f64::from(i * 7919 % 11)).collect()
    }

    #[test]
    fn a_rise_is_an_alarm_and_a_fall_is_none() {
        for modification in ["none", "hamed_rao", "tfpw", "seasonal"] {
            let params = format!("modification = '{modification}'");
            let row = run(&params, rising(48), None);
            assert_eq!((row.at, row.answer), (47, Answer::Alarm), "{modification}");
            let falling = rising(48).into_iter().rev().collect();
            assert_eq!(run(&params, falling, None).answer, Answer::Quiet, "{modification}");
        }
    }

    #[test]
    fn a_rate_does_not_rise_with_the_population() {
        let offset: Vec<f64> = (0..40).map(|i| 100.0 + 10.0 * f64::from(i)).collect();
        let counts: Vec<f64> = offset.iter().map(|e| 0.1 * e).collect();
        assert_eq!(run("", counts.clone(), None).answer, Answer::Alarm);
        let row = run("", counts, Some(offset));
        assert!(row.answer != Answer::Alarm && (row.expected - 49.0).abs() < 1e-9, "{row:?}");
    }

    #[test]
    fn a_short_history_says_how_much_is_missing() {
        let short = run("", vec![1.0, f64::NAN, 2.0, 3.0, 4.0], None);
        assert_eq!(
            short.answer,
            Answer::NotAssessable(
                "5 values are needed, 4 of 5 time points have one: 1 more".to_owned()
            )
        );
        assert_eq!(short.own[0], 6.0);
        assert!(matches!(
            run("modification = 'seasonal'", rising(13), None).answer,
            Answer::NotAssessable(_)
        ));
        assert!(matches!(run("", vec![f64::NAN; 9], None).answer, Answer::NotAssessable(_)));
        assert_eq!(run("", vec![0.0; 9], None).answer, Answer::Quiet);
    }

    #[test]
    fn nothing_after_the_end_is_seen() {
        let mut observed = rising(30);
        let method = make(&Params::new()).unwrap();
        let before = method
            .detect(&Series { observed: observed.clone(), ..Series::default() }, 5, 20)
            .unwrap();
        observed[20..].fill(-1e6);
        let after = method.detect(&Series { observed, ..Series::default() }, 5, 20).unwrap();
        assert_eq!(format!("{before:?}"), format!("{after:?}"));
        assert!(method.detect(&Series::default(), 0, 0).unwrap().value.is_empty());
    }

    #[test]
    fn parameters_that_make_no_sense_are_named() {
        for (params, name) in [
            ("alpha = 1.5", "alpha"),
            ("lag = 3", "lag"),
            ("lag = 0\nmodification = 'yue_wang'", "lag"),
            ("period = 12", "period"),
            ("modification = 'sen'", "sen"),
            ("window = 3", "window"),
        ] {
            let flaw = make(&toml::from_str(params).unwrap()).err().unwrap();
            assert!(flaw.what.contains(name), "{flaw}");
        }
    }
}
