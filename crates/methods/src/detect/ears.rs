//! EARS: the charts C1, C2 and C3 of the Early Aberration Reporting System, for series without much
//! history.
//!
//! A point is held against mean and standard deviation of the `baseline` points before it: directly
//! before it (C1), two points further back (C2), or as C2 with what the two points before it had
//! above one standard deviation added (C3). In parity with `earsC` of R's surveillance, which puts
//! the figure itself where C3 has the mean (`compat`): its C3 is an alarm where the two points
//! before the figure are, whatever the figure.
//!
//! Fricker, R. D., Hegler, B. L. and Dunfee, D. A. (2008) Comparing syndromic surveillance
//! detection methods: EARS' versus a CUSUM-based methodology. Statistics in Medicine 27, 3407–3429;
//! Hutwagner, L. et al. (2003) The bioterrorism preparedness and response Early Aberration
//! Reporting System (EARS). Journal of Urban Health 80, i89–i96.

pub mod chart;

use serde::Deserialize;
use statrs::distribution::{ContinuousCDF, Normal};

use super::detector::Detector;
use super::series::{Row, Series};
use crate::method::{Flaw, Noted, Params};
use crate::params::parse;
use chart::{Chart, Ears};

/// Parameters under R's names; `alpha` is .001 where not given, .025 for C3, as in `earsC`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Control {
    /// Points that say what is usual, at least 3.
    baseline: usize,
    /// Least standard deviation, so that a flat baseline does not make every case an alarm.
    #[serde(rename = "minSigma")]
    min_sigma: f64,
    /// One-sided level of a normal figure.
    alpha: Option<f64>,
    /// As R writes which chart; the method's name has said it already.
    method: Option<Chart>,
    /// Whether C3 is R's. On unless turned off.
    compat: bool,
    /// Points a year, which may stand in a file for all methods; nothing here depends on it.
    #[serde(rename = "freq")]
    _freq: Option<usize>,
}

impl Default for Control {
    fn default() -> Control {
        Control {
            baseline: 7,
            min_sigma: 0.0,
            alpha: None,
            method: None,
            compat: true,
            _freq: None,
        }
    }
}

impl Detector for Ears {
    fn columns(&self) -> &'static [&'static str] {
        &["statistic", "sigma"]
    }

    fn takes_exposure(&self) -> bool {
        false
    }

    fn detect(&self, series: &Series, from: usize, to: usize) -> Result<Noted<Vec<Row>>, Flaw> {
        let x = &series.observed;
        let normal = Normal::standard();
        Ok(Noted::plain((from..to.min(x.len())).map(|at| self.row(x, at, &normal)).collect()))
    }
}

/// C1 from a file's parameters.
///
/// # Errors
/// A [`Flaw`] that names the parameter.
pub fn make_c1(params: &Params) -> Result<Box<dyn Detector>, Flaw> {
    make("ears_c1", Chart::C1, params)
}

/// C2 from a file's parameters.
///
/// # Errors
/// A [`Flaw`] that names the parameter.
pub fn make_c2(params: &Params) -> Result<Box<dyn Detector>, Flaw> {
    make("ears_c2", Chart::C2, params)
}

/// C3 from a file's parameters.
///
/// # Errors
/// A [`Flaw`] that names the parameter.
pub fn make_c3(params: &Params) -> Result<Box<dyn Detector>, Flaw> {
    make("ears_c3", Chart::C3, params)
}

fn make(name: &str, chart: Chart, params: &Params) -> Result<Box<dyn Detector>, Flaw> {
    let control: Control = parse(name, params)?;
    let flaw = |what: &str, fix: &str| Flaw::new(format!("method \"{name}\": {what}"), fix);
    if let Some(other) = control.method.filter(|m| *m != chart) {
        return Err(flaw(
            &format!("parameter method says {other:?}"),
            "leave method away, or run the method it names",
        ));
    }
    // Beyond a million points the baseline is a slip of the pen, and its reach would not fit a
    // number.
    if !(3..=1_000_000).contains(&control.baseline) {
        return Err(flaw(
            &format!("baseline is {}", control.baseline),
            "give baseline as the number of points that say what is usual, at least 3",
        ));
    }
    if !(control.min_sigma >= 0.0 && control.min_sigma.is_finite()) {
        return Err(flaw(
            "minSigma is not a number from 0 up",
            "give minSigma as a standard deviation, such as 0.5",
        ));
    }
    let alpha = control.alpha.unwrap_or(if chart == Chart::C3 { 0.025 } else { 0.001 });
    if !(alpha > 0.0 && alpha < 1.0) {
        return Err(flaw("alpha is not between 0 and 1", "give alpha as a level, such as 0.001"));
    }
    Ok(Box::new(Ears {
        chart,
        baseline: control.baseline,
        min_sigma: control.min_sigma,
        z: Normal::standard().inverse_cdf(1.0 - alpha),
        compat: control.compat,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::method;
    use crate::detect::series::Answer;

    fn rows(name: &str, params: &str, x: &[f64]) -> Vec<Row> {
        let series = Series { observed: x.to_vec(), freq: 52, ..Series::default() };
        method(name, &toml::from_str(params).unwrap())
            .unwrap()
            .detect(&series, 0, x.len())
            .unwrap()
            .value
    }

    #[test]
    fn a_spike_is_seen_and_a_short_history_says_what_is_missing() {
        let x = [3.0, 5.0, 4.0, 3.0, 5.0, 4.0, 4.0, 3.0, 5.0, 4.0, 4.0, 30.0];
        for (name, reach) in [("ears_c1", 7), ("ears_c2", 9), ("ears_c3", 11)] {
            let rows = rows(name, "compat = false", &x);
            assert_eq!(rows[11].answer, Answer::Alarm, "{name}");
            for (at, row) in rows[..reach].iter().enumerate() {
                let Answer::NotAssessable(why) = &row.answer else { panic!("{name} {at}") };
                assert!(why.ends_with(&format!("{} are missing", reach - at)), "{why}");
            }
            assert!(
                rows[reach..11]
                    .iter()
                    .all(|r| r.answer == Answer::Quiet && (r.p.is_nan() || r.p > 0.001)),
                "{name}"
            );
        }
    }

    #[test]
    fn a_missing_figure_is_not_zero() {
        let mut x = [2.0; 30];
        x[20] = f64::NAN;
        for name in ["ears_c1", "ears_c2", "ears_c3"] {
            let rows = rows(name, "minSigma = 0.5", &x);
            let not: Vec<usize> = rows
                .iter()
                .filter(|r| r.at > 11 && matches!(r.answer, Answer::NotAssessable(_)))
                .map(|r| r.at)
                .collect();
            let expected: Vec<usize> = match name {
                "ears_c1" => (20..=27).collect(),
                "ears_c2" => [20].into_iter().chain(23..=29).collect(),
                _ => (20..=29).collect(),
            };
            assert_eq!(not, expected, "{name}");
        }
    }

    #[test]
    fn without_variation_more_than_usual_is_an_alarm_and_c3_cannot_say() {
        let x = [0.0; 20].into_iter().chain([1.0]).collect::<Vec<f64>>();
        assert_eq!(rows("ears_c1", "", &x)[20].answer, Answer::Alarm);
        assert_eq!(rows("ears_c1", "", &x)[19].answer, Answer::Quiet);
        assert!(
            matches!(&rows("ears_c3", "", &x)[20].answer, Answer::NotAssessable(why) if why.contains("does not vary"))
        );
        assert_eq!(rows("ears_c2", "", &[0.1; 15])[14].p, 0.5);
    }

    #[test]
    fn rs_c3_looks_at_the_two_points_before_alone() {
        let x = [3.0, 5.0, 4.0, 3.0, 5.0, 4.0, 4.0, 3.0, 5.0, 4.0, 4.0, 30.0, 1.0];
        let answers = |params: &str| {
            rows("ears_c3", params, &x)[11..].iter().map(|r| r.answer.clone()).collect::<Vec<_>>()
        };
        assert_eq!(answers(""), [Answer::Quiet, Answer::Alarm]);
        assert_eq!(answers("compat = false"), [Answer::Alarm, Answer::Alarm]);
    }

    #[test]
    fn whatever_the_figures_an_answer_is_defined() {
        for x in [
            vec![],
            vec![1.0],
            vec![f64::NAN; 20],
            vec![f64::MAX; 20],
            (0..20).map(|i| 1e200 * f64::from(i)).collect(),
        ] {
            for name in ["ears_c1", "ears_c2", "ears_c3"] {
                assert_eq!(rows(name, "", &x).len(), x.len());
            }
        }
    }

    #[test]
    fn parameters_that_make_no_sense_are_named() {
        for (params, named) in [
            ("baseline = 2", "baseline"),
            ("minSigma = -1", "minSigma"),
            ("alpha = 1.5", "alpha"),
            ("method = 'C2'", "method"),
        ] {
            let flaw = method("ears_c1", &toml::from_str(params).unwrap()).err().unwrap();
            assert!(flaw.what.contains(named), "{flaw}");
        }
        assert!(method("ears_c1", &toml::from_str("method = 'C1'\nalpha = 0.01").unwrap()).is_ok());
        assert!(method("ears_c1", &toml::from_str("sigma = 1").unwrap()).is_err());
    }
}
