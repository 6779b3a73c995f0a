//! CUSUM: what counts have in excess of `k`, standardised, added up until it reaches `h`. In parity
//! with R surveillance's `algo.cusum`.
//!
//! Rossi, G., Lampugnani, L. and Marchi, M. (1999) An approximate CUSUM procedure for surveillance
//! of health events. Statistics in Medicine 18, 2111–2122; Rogerson, P. A. and Yamada, I. (2004)
//! Approaches to syndromic surveillance when data consist of small regional counts.

pub mod standardise;

use serde::Deserialize;

use super::detector::Detector;
use super::in_control_mean::{Season, wrong_number};
use super::reason::{NO_POINT, history_too_short};
use super::series::{Answer, Row, Series};
use crate::method::{Flaw, Noted, Params};
use crate::params::parse;
use standardise::{Scale, Trans};

/// Parameters under R's names.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Control {
    /// Reference value: what of each standardised count is put down to chance.
    k: f64,
    /// Decision boundary.
    h: f64,
    /// Mean while nothing happens: a number, one a point, or "glm" for a season fitted to what lies
    /// before; not given, the mean of that.
    m: Option<Mean>,
    trans: Trans,
    /// Dispersion α of the negative binomial transformations, variance m + αm².
    alpha: f64,
    /// Whether the chart starts again from zero after an alarm; later versions of R's have it.
    reset: bool,
    /// R's own figures, where they are not quite the formula's ([`Scale::count`]). On unless turned
    /// off.
    compat: bool,
    /// Points a year, for `m = "glm"`; the series' own if not given.
    freq: Option<usize>,
}

impl Default for Control {
    fn default() -> Control {
        Control {
            k: 1.04,
            h: 2.26,
            m: None,
            trans: Trans::Standard,
            alpha: 0.1,
            reset: false,
            compat: true,
            freq: None,
        }
    }
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(untagged, expecting = "m must be a number, a list of numbers, or \"glm\"")]
enum Mean {
    One(f64),
    Many(Vec<f64>),
    Fitted(Glm),
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
enum Glm {
    #[serde(rename = "glm")]
    Glm,
}

/// The chart, its parameters checked.
#[derive(Clone, Debug)]
pub struct Cusum {
    k: f64,
    h: f64,
    m: Option<Mean>,
    scale: Scale,
    reset: bool,
    freq: Option<usize>,
}

/// The chart at one point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// The count, standardised.
    pub standard: f64,
    /// Sum up to this point; zero again where an alarm resets it.
    pub cusum: f64,
    /// R's `upperbound`.
    pub upper: f64,
    pub alarm: bool,
}

impl Cusum {
    /// The next point: count x of mean m, after a sum of `before`. `None` where x cannot be
    /// standardised by m.
    pub fn step(&self, x: f64, m: f64, before: f64) -> Option<Step> {
        let standard = self.scale.standard(x, m);
        if !standard.is_finite() {
            return None;
        }
        let reached = (before + (standard - self.k)).max(0.0);
        let alarm = reached >= self.h;
        let cusum = if alarm && self.reset { 0.0 } else { reached };
        Some(Step { standard, cusum, upper: self.bound(m, before, cusum), alarm })
    }

    /// The count at which the chart gives alarm, never below zero. R has none for two
    /// transformations and returns what is left up to h.
    fn bound(&self, m: f64, before: f64, cusum: f64) -> f64 {
        let bound = match self.scale.trans {
            Trans::Plain | Trans::AnscombeNegBin if self.scale.compat => self.h - cusum,
            _ => self.scale.count(self.h + self.k - before, m),
        };
        if bound >= 0.0 { bound } else { 0.0 }
    }

    /// Mean of each point of `from..to`, or why there is none; and what was left out.
    fn means(
        &self,
        series: &Series,
        from: usize,
        to: usize,
    ) -> Result<Noted<Result<Vec<f64>, String>>, Flaw> {
        let history = &series.observed[..from];
        let gaps = history.iter().filter(|v| !v.is_finite()).count();
        let notices = if gaps > 0 {
            vec![format!(
                "{gaps} of the {from} points that the mean is taken from are missing and left out"
            )]
        } else {
            vec![]
        };
        let value = match &self.m {
            Some(Mean::One(m)) => return Ok(Noted::plain(Ok(vec![*m; to - from]))),
            Some(Mean::Many(m)) if m.len() == to - from => return Ok(Noted::plain(Ok(m.clone()))),
            Some(Mean::Many(m)) => return Err(wrong_number("cusum", "m", m.len(), to - from)),
            Some(Mean::Fitted(Glm::Glm)) => Season { s: 1, trend: false }
                .means("cusum", history, self.freq.unwrap_or(series.freq), Some(0.0), from..to)?
                .map(|f| f.means),
            None => average(history).map(|m| vec![m; to - from]),
        };
        Ok(Noted { value, notices })
    }

    /// One row; moves the sum on.
    fn row(&self, at: usize, x: f64, m: &Result<f64, String>, sum: &mut f64) -> Row {
        let expected = *m.as_ref().unwrap_or(&f64::NAN);
        let refuse = |why: String, sum: f64| Row {
            at,
            observed: x,
            expected,
            upper: f64::NAN,
            p: f64::NAN,
            answer: Answer::NotAssessable(why),
            own: vec![sum, f64::NAN],
        };
        if !x.is_finite() {
            return refuse(NO_POINT.to_owned(), *sum);
        }
        // Without a transformation, nothing is held against the mean.
        if let (Err(why), true) = (m, self.scale.trans != Trans::Plain) {
            return refuse(why.clone(), *sum);
        }
        let Some(step) = self.step(x, expected, *sum) else {
            return refuse(
                format!("the figure {x} cannot be standardised by a mean of {expected}"),
                *sum,
            );
        };
        *sum = step.cusum;
        let answer = if step.alarm { Answer::Alarm } else { Answer::Quiet };
        Row {
            at,
            observed: x,
            expected,
            upper: step.upper,
            p: f64::NAN,
            answer,
            own: vec![step.cusum, step.standard],
        }
    }
}

/// Mean of the history; zero is no mean to be held against.
fn average(history: &[f64]) -> Result<f64, String> {
    let there: Vec<f64> = history.iter().copied().filter(|v| v.is_finite()).collect();
    let mean = there.iter().sum::<f64>() / there.len() as f64;
    match there.len() {
        0 => Err(history_too_short("cusum", 1, 0)),
        n if mean == 0.0 => Err(format!(
            "all {n} points before are zero, so that there is no mean to stand against; give m"
        )),
        _ => Ok(mean),
    }
}

impl Detector for Cusum {
    fn columns(&self) -> &'static [&'static str] {
        &["cusum", "standardised"]
    }

    fn takes_exposure(&self) -> bool {
        false
    }

    /// A point that is missing leaves the sum as it was.
    fn detect(&self, series: &Series, from: usize, to: usize) -> Result<Noted<Vec<Row>>, Flaw> {
        let to = to.min(series.observed.len());
        let from = from.min(to);
        let Noted { value: means, notices } = self.means(series, from, to)?;
        let mut sum = 0.0;
        let rows = (from..to).map(|at| {
            let m = means.as_ref().map(|m| m[at - from]).map_err(Clone::clone);
            self.row(at, series.observed[at], &m, &mut sum)
        });
        Ok(Noted { value: rows.collect(), notices })
    }
}

/// From a file's parameters.
///
/// # Errors
/// A [`Flaw`] that names the parameter.
pub fn make(params: &Params) -> Result<Box<dyn Detector>, Flaw> {
    let control: Control = parse("cusum", params)?;
    let flaw = |what: &str, fix: &str| Err(Flaw::new(format!("method \"cusum\": {what}"), fix));
    if !(control.k >= 0.0 && control.k.is_finite()) {
        return flaw(
            "k is not a number from 0 up",
            "give k as half the shift to be found, in standard deviations, such as 1.04",
        );
    }
    if !(control.h > 0.0 && control.h.is_finite()) {
        return flaw(
            "h is not a number above 0",
            "give h as the sum that is an alarm, such as 2.26",
        );
    }
    if !(control.alpha >= 0.0 && control.alpha.is_finite()) {
        return flaw(
            "alpha is not a number from 0 up",
            "give alpha as the dispersion, variance = m + alpha*m^2",
        );
    }
    let means: &[f64] = match &control.m {
        Some(Mean::One(m)) => std::slice::from_ref(m),
        Some(Mean::Many(m)) => m,
        _ => &[],
    };
    if !means.iter().all(|m| *m > 0.0 && m.is_finite()) {
        return flaw(
            "m is not above 0",
            "give m as the mean while nothing happens, or leave it away",
        );
    }
    let scale = Scale { trans: control.trans, alpha: control.alpha, compat: control.compat };
    Ok(Box::new(Cusum {
        k: control.k,
        h: control.h,
        m: control.m,
        scale,
        reset: control.reset,
        freq: control.freq,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::method;

    fn run(params: &str, x: &[f64], from: usize) -> Vec<Row> {
        let series = Series { observed: x.to_vec(), freq: 12, ..Series::default() };
        method("cusum", &toml::from_str(params).unwrap())
            .unwrap()
            .detect(&series, from, x.len())
            .unwrap()
            .value
    }

    #[test]
    fn a_lasting_small_rise_adds_up_to_an_alarm() {
        let x: Vec<f64> = [4.0; 20].into_iter().chain([7.0; 6]).collect();
        for trans in
            ["rossi", "standard", "anscombe", "anscombe2nd", "pearsonNegBin", "anscombeNegBin"]
        {
            let rows = run(&format!("trans = '{trans}'\nk = 0.2\nh = 3"), &x, 10);
            assert!(
                rows[..10].iter().all(|r| r.answer == Answer::Quiet && r.expected == 4.0),
                "{trans}"
            );
            assert_eq!(
                (rows[10].answer.clone(), rows[15].answer.clone()),
                (Answer::Quiet, Answer::Alarm),
                "{trans}"
            );
        }
    }

    #[test]
    fn the_bound_is_where_the_alarm_begins() {
        for trans in ["none", "rossi", "anscombe", "anscombe2nd", "pearsonNegBin", "anscombeNegBin"]
        {
            let params = format!("trans = '{trans}'\ncompat = false\nm = 4\nh = 9");
            let bound = run(&params, &[4.0, 5.0, 4.0], 0)[2].upper;
            assert_eq!(
                run(&params, &[4.0, 5.0, bound + 1e-6], 0)[2].answer,
                Answer::Alarm,
                "{trans}"
            );
            assert_eq!(
                run(&params, &[4.0, 5.0, bound - 1e-6], 0)[2].answer,
                Answer::Quiet,
                "{trans}"
            );
        }
    }

    #[test]
    fn a_missing_point_leaves_the_sum_and_a_reset_empties_it() {
        let rows = run("m = 1", &[4.0, f64::NAN, 1.0], 0);
        assert_eq!(rows[1].own[0], rows[0].own[0]);
        assert!(matches!(rows[1].answer, Answer::NotAssessable(_)));
        assert_eq!(run("m = 1\nreset = true", &[9.0], 0)[0].own[0], 0.0);
    }

    #[test]
    fn nothing_to_stand_against_is_not_quiet() {
        for (x, from, why) in [
            (vec![1.0, 2.0], 0, "1 are missing"),
            (vec![0.0; 9], 5, "zero"),
            (vec![f64::NAN; 9], 5, "missing"),
            (vec![f64::MAX; 9], 5, "standardised"),
        ] {
            for row in run("", &x, from) {
                let Answer::NotAssessable(said) = row.answer else { panic!("{x:?}") };
                assert!(said.contains(why), "{said}");
            }
        }
        assert_eq!(run("trans = 'none'", &[1.0, 5.0], 0)[1].answer, Answer::Alarm);
    }

    #[test]
    fn parameters_that_make_no_sense_are_named() {
        for (params, named) in [
            ("k = -1", "k "),
            ("h = 0", "h "),
            ("m = 0", "m "),
            ("m = 'mean'", "m must"),
            ("alpha = -1", "alpha"),
            ("trans = 'log'", "log"),
        ] {
            let flaw = method("cusum", &toml::from_str(params).unwrap()).err().unwrap();
            assert!(flaw.what.contains(named), "{flaw}");
        }
        let many = method("cusum", &toml::from_str("m = [1, 2.5]").unwrap()).unwrap();
        assert!(
            many.detect(&Series { observed: vec![1.0; 3], freq: 12, ..Series::default() }, 0, 3)
                .is_err()
        );
    }

    #[test]
    fn the_sum_is_what_standardised_counts_have_in_excess_of_k() {
        // (x − 4)/2 − 1.04 is 1.46, then −0.04, then −3.04: never below zero.
        let rows = run("m = 4\nk = 1.04\nh = 9", &[9.0, 6.0, 0.0], 0);
        for (row, (sum, standard)) in rows.iter().zip([(1.46, 2.5), (1.42, 1.0), (0.0, -2.0)]) {
            assert!((row.own[0] - sum).abs() < 1e-12 && row.own[1] == standard, "{row:?}");
        }
        // The bound at the second: the count whose standardised figure is h + k less the sum
        // before.
        assert_eq!(rows[1].upper, (4.0 + 2.0 * (9.0 + 1.04 - 1.46_f64)).ceil());
    }
}
