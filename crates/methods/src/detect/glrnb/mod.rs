//! Charts of the generalised likelihood ratio for Poisson and negative binomial counts against a
//! seasonal mean, in parity with `algo.glrnb` and `algo.glrpois` of R's surveillance. After an
//! alarm the chart starts anew.
//!
//! Höhle, M. and Paul, M. (2008) Count data regression charts for the monitoring of surveillance
//! time series. Computational Statistics & Data Analysis 52, 4357–4368.

pub mod chart;
mod params;
pub mod statistic;

use super::detector::Detector;
use super::in_control_mean::wrong_number;
use super::reason::{NO_POINT, history_too_short};
use super::series::{Answer, Row, Series};
use crate::method::{Flaw, Noted, Params};
use chart::{Change, Chart, Point, RunData};
use params::{Checked, Mu0, checked};

/// The method, its parameters checked.
#[derive(Clone, Debug)]
struct Glr {
    name: &'static str,
    checked: Checked,
}

/// `glrnb` from a file's parameters.
///
/// # Errors
/// A [`Flaw`] that names the parameter.
pub fn make(params: &Params) -> Result<Box<dyn Detector>, Flaw> {
    Ok(Box::new(Glr { name: "glrnb", checked: checked("glrnb", params)? }))
}

/// `glrpois`, the same for Poisson counts, from a file's parameters.
///
/// # Errors
/// A [`Flaw`] that names the parameter.
pub fn make_poisson(params: &Params) -> Result<Box<dyn Detector>, Flaw> {
    Ok(Box::new(Glr { name: "glrpois", checked: checked("glrpois", params)? }))
}

/// The mean of each point of the range, and the dispersion; or why there are none.
struct Means {
    /// First point of the range.
    from: usize,
    values: Result<Vec<f64>, String>,
    alpha: f64,
}

impl Means {
    fn at(&self, at: usize) -> f64 {
        self.values.as_ref().map_or(f64::NAN, |m| m[at - self.from])
    }
}

impl Detector for Glr {
    fn columns(&self) -> &'static [&'static str] {
        &["statistic", "alpha"]
    }

    fn takes_exposure(&self) -> bool {
        false
    }

    /// A point that is missing is passed over, and with `change = "epi"` the one after it.
    fn detect(&self, series: &Series, from: usize, to: usize) -> Result<Noted<Vec<Row>>, Flaw> {
        let to = to.min(series.observed.len());
        let from = from.min(to);
        let mut notices = self.checked.notices.clone();
        let mut means = self.means(series, from, to, &mut notices)?;
        let chart = Chart { alpha: means.alpha, ..self.checked.chart.clone() };
        let mut rows = Vec::with_capacity(to - from);
        while from + rows.len() < to {
            let start = from + rows.len();
            if self.run(&chart, series, &means, start, to, &mut rows) {
                notices.extend(self.refit(series, from + rows.len(), to, &mut means)?);
            }
        }
        Ok(Noted { value: rows, notices })
    }
}

impl Glr {
    fn means(
        &self,
        series: &Series,
        from: usize,
        to: usize,
        notices: &mut Vec<String>,
    ) -> Result<Means, Flaw> {
        let given = self.checked.alpha.unwrap_or(f64::NAN);
        let values = match &self.checked.mu0 {
            Mu0::One(m) => Ok(vec![*m; to - from]),
            Mu0::Many(m) if m.len() == to - from => Ok(m.clone()),
            Mu0::Many(m) => return Err(wrong_number(self.name, "mu0", m.len(), to - from)),
            Mu0::Fitted(model) => {
                let freq = self.checked.freq.unwrap_or(series.freq);
                let history = &series.observed[..from];
                match model.season().means(
                    self.name,
                    history,
                    freq,
                    self.checked.alpha,
                    from..to,
                )? {
                    Ok(fitted) => {
                        notices.extend(fitted.notices);
                        return Ok(Means { from, values: Ok(fitted.means), alpha: fitted.alpha });
                    }
                    Err(why) => Err(why),
                }
            }
        };
        Ok(Means { from, values, alpha: given })
    }

    /// After an alarm, the means from `start` on, fitted to all before it with the dispersion there
    /// is, where that is asked for. As they were where it is not possible, with a notice.
    fn refit(
        &self,
        series: &Series,
        start: usize,
        to: usize,
        means: &mut Means,
    ) -> Result<Option<String>, Flaw> {
        let Mu0::Fitted(model) = self.checked.mu0 else { return Ok(None) };
        let (Ok(values), true, true) = (&mut means.values, model.refit, start < to) else {
            return Ok(None);
        };
        let freq = self.checked.freq.unwrap_or(series.freq);
        let fitted = model.season().means(
            self.name,
            &series.observed[..start],
            freq,
            Some(means.alpha),
            start..to,
        )?;
        Ok(match fitted {
            Ok(fitted) => {
                values.splice(start - means.from.., fitted.means);
                None
            }
            Err(why) => Some(format!(
                "the mean is not fitted again after the alarm before point {}: {why}",
                start + 1
            )),
        })
    }

    /// Rows from `start` to the first alarm, or to the end; whether there was one.
    fn run(
        &self,
        chart: &Chart,
        series: &Series,
        means: &Means,
        start: usize,
        to: usize,
        rows: &mut Vec<Row>,
    ) -> bool {
        let silence = |at: usize| self.not_assessable(series, means, at);
        let seen: Vec<usize> = (start..to).filter(|at| silence(*at).is_none()).collect();
        let gather = |f: &dyn Fn(usize) -> f64| seen.iter().map(|at| f(*at)).collect::<Vec<f64>>();
        let (x, mu) = (gather(&|at| series.observed[at]), gather(&|at| means.at(at)));
        let before = gather(&|at| self.before(series, means.from, at));
        let points = chart.run(&RunData { x: &x, mu: &mu, before: &before });
        let alarmed = points.last().is_some_and(|p| p.alarm);
        let end = if alarmed { seen[points.len() - 1] + 1 } else { to };
        let mut next = points.iter().enumerate();
        for at in start..end {
            let silence = silence(at);
            let point = if silence.is_none() { next.next() } else { None };
            rows.push(self.row(chart, at, series.observed[at], means.at(at), point, silence));
        }
        alarmed
    }

    /// The count before, which an epidemic grows from. R takes it for zero at the first point.
    fn before(&self, series: &Series, from: usize, at: usize) -> f64 {
        if at == 0 || (at == from && self.checked.chart.compat) {
            0.0
        } else {
            series.observed[at - 1]
        }
    }

    /// Why a point has no place in the chart.
    fn not_assessable(&self, series: &Series, means: &Means, at: usize) -> Option<String> {
        let x = series.observed[at];
        match &means.values {
            Err(why) => Some(why.clone()),
            _ if !x.is_finite() => Some(NO_POINT.to_owned()),
            _ if x < 0.0 => Some(format!("{x} is no count")),
            _ if self.checked.chart.change == Change::Epidemic
                && self.before(series, means.from, at).is_nan() =>
            {
                Some(
                    "the figure of the time point before is missing, which an epidemic grows from"
                        .to_owned(),
                )
            }
            Ok(_) if !(means.at(at) > 0.0 && means.at(at).is_finite()) => Some(format!(
                "the mean that is expected here, {}, is no mean of counts",
                means.at(at)
            )),
            Ok(_) => None,
        }
    }

    fn row(
        &self,
        chart: &Chart,
        at: usize,
        observed: f64,
        expected: f64,
        point: Option<(usize, &Point)>,
        silence: Option<String>,
    ) -> Row {
        let statistic = point.and_then(|(_, p)| p.statistic).unwrap_or(f64::NAN);
        let answer = match (silence, point) {
            (Some(why), _) => Answer::NotAssessable(why),
            (None, Some((_, p))) if p.alarm => Answer::Alarm,
            (None, Some((i, p))) if p.statistic.is_none() => {
                Answer::NotAssessable(history_too_short(
                    &format!("{} since its start, by Mtilde,", self.name),
                    chart.burn_in() - 1,
                    i,
                ))
            }
            _ => Answer::Quiet,
        };
        let upper = point.map_or(f64::NAN, |(_, p)| p.upper);
        Row {
            at,
            observed,
            expected,
            upper,
            p: f64::NAN,
            answer,
            own: vec![statistic, chart.alpha],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::method;

    /// A season of four years of 12 points, and what follows.
    fn season(after: &[f64]) -> Vec<f64> {
        let year = [9.0, 7.0, 6.0, 4.0, 3.0, 1.0, 2.0, 2.0, 4.0, 5.0, 7.0, 10.0];
        (0..48)
            .map(|t| year[t % 12] + (t * 7 % 3) as f64 - 1.0)
            .chain(after.iter().copied())
            .collect()
    }

    fn run(name: &str, params: &str, x: &[f64], from: usize) -> Noted<Vec<Row>> {
        let series = Series { observed: x.to_vec(), freq: 12, ..Series::default() };
        method(name, &toml::from_str(params).unwrap())
            .unwrap()
            .detect(&series, from, x.len())
            .unwrap()
    }

    fn answers(params: &str, x: &[f64], from: usize) -> Vec<Answer> {
        run("glrnb", params, x, from).value.into_iter().map(|r| r.answer).collect()
    }

    #[test]
    fn the_season_is_expected_and_what_exceeds_it_is_an_alarm() {
        let x = season(&[9.0, 7.0, 6.0, 20.0, 3.0, 1.0]);
        for params in [
            "alpha = 0",
            "alpha = 0.02",
            "alpha = 0.02\nM = 6",
            "alpha = 0\nmu0 = { S = 1, refit = true }",
        ] {
            let answers = answers(params, &x, 48);
            assert_eq!(answers[3], Answer::Alarm, "{params}");
            assert!(
                [0, 1, 2, 4, 5].iter().all(|i| answers[*i] == Answer::Quiet),
                "{params}: {answers:?}"
            );
        }
    }

    #[test]
    fn a_missing_point_is_passed_over_and_an_epidemic_misses_the_next_one_too() {
        let x = season(&[9.0, f64::NAN, 6.0, 4.0]);
        let not = |params: &str| {
            answers(params, &x, 48)
                .iter()
                .map(|a| matches!(a, Answer::NotAssessable(_)))
                .collect::<Vec<bool>>()
        };
        assert_eq!(not("alpha = 0"), [false, true, false, false]);
        assert_eq!(not("alpha = 0\nchange = 'epi'"), [false, true, true, false]);
        assert!(run("glrnb", "alpha = 0", &x, 51).notices[0].starts_with("1 of the 51"));
    }

    #[test]
    fn what_cannot_be_judged_says_why() {
        for (params, x, from, said) in [
            (
                "",
                vec![1.0, 2.0, 3.0],
                2,
                "needs 4 points before this one, 2 are there, 2 are missing",
            ),
            ("", vec![0.0; 60], 48, "zero"),
            ("alpha = 0\nmu0 = 2", vec![-1.0; 3], 0, "no count"),
            ("alpha = 0\nmu0 = 2\nMtilde = 5", vec![2.0; 3], 0, "are missing"),
            ("", vec![5.0; 60], 48, "scatter"),
        ] {
            for answer in answers(params, &x, from) {
                assert!(
                    matches!(&answer, Answer::NotAssessable(why) if why.contains(said)),
                    "{params}: {answer:?}"
                );
            }
        }
        assert!(answers("", &[], 0).is_empty());
        assert_eq!(answers("alpha = 0\nmu0 = 2", &[1e300, f64::MAX], 0).len(), 2);
    }

    #[test]
    fn the_count_that_is_called_an_alarm_is_one() {
        for params in [
            "alpha = 0",
            "alpha = 0.3",
            "alpha = 0.3\ncompat = false",
            "alpha = 0\ntheta = 0.7",
            "alpha = 0.3\ntheta = 0.7",
        ] {
            let params = format!("{params}\nmu0 = 2\nret = 'cases'");
            let bound = run("glrnb", &params, &[2.0, 3.0, 2.0], 0).value[2].upper.floor();
            assert_eq!(
                answers(&params, &[2.0, 3.0, bound + 1.0], 0)[2],
                Answer::Alarm,
                "{params} {bound}"
            );
            assert_eq!(
                answers(&params, &[2.0, 3.0, bound - 1.0], 0)[2],
                Answer::Quiet,
                "{params} {bound}"
            );
        }
    }

    #[test]
    fn points_before_the_first_answer_have_the_bound_that_r_gives_them() {
        let x = [2.0, 3.0, 2.0, 1.0, 4.0, 2.0, 9.0, 30.0];
        let uppers = |params: &str| -> Vec<f64> {
            let params = format!("mu0 = 2\nMtilde = 3\nret = 'cases'\n{params}");
            run("glrnb", &params, &x, 0).value.iter().map(|r| r.upper).collect()
        };
        // algo.glrnb of surveillance 1.20.3.
        let by_r = [1e99, 1e99, 15.0, 15.0, 17.0, 15.0, 14.0, 9.0];
        assert_eq!(uppers("alpha = 0.3"), by_r);
        assert_eq!(uppers("alpha = 0.3\ncompat = false")[..2], [0.0, 0.0]);
    }
}
