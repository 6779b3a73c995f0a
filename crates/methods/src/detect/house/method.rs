//! The house detector as a method of `lab series`.

use chrono::NaiveDate;
use serde::Deserialize;

use super::design::Design;
use super::fit::{CountSeries, Settings};
use super::judge::{Judgement, Rule};
use super::prior::Prior;
use super::reported::Reported;
use super::scan::MOST_WINDOWS;
use crate::detect::calendar_regressors::{Regressors, spring_festival_regressors, swapped_days};
use crate::detect::detector::Detector;
use crate::detect::series::{Row, Series};
use crate::method::{Flaw, Noted, Params};
use crate::params::parse;

/// What can be set; names shared with `farrington` mean what they mean there.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
#[allow(non_snake_case)]
pub struct HouseParams {
    /// A time point whose p is below is an alarm.
    pub alpha: f64,
    /// Years looked back on; without it, all there are.
    pub b: Option<usize>,
    /// Time points before the judged one that the model does not learn from; without it, those of
    /// four weeks, and no fewer than `windows` − 1.
    pub pastWeeksNotIncluded: Option<usize>,
    /// Harmonics of the year.
    pub harmonics: usize,
    /// Last points looked at together, 1 to 4.
    pub windows: usize,
    /// An alarm needs so many cases …
    pub min_cases: f64,
    /// … within so many last points.
    pub min_window: usize,
    /// Time points of history needed; without it, one year.
    pub min_history: Option<usize>,
    /// Whether the weeks around the Spring Festival have columns of their own; needs dates.
    pub lunar: bool,
    /// Days of rest on working days of the week, and days worked that are not (调休), as
    /// `2025-01-28`; need dates.
    pub rest: Vec<NaiveDate>,
    pub worked: Vec<NaiveDate>,
    /// Share of the final count that is usually known of the judged point, of the one before it,
    /// and so on; without it, all.
    pub reported: Vec<f64>,
    /// Standard error of those shares.
    pub reported_error: Vec<f64>,
    /// Chance that a rise begins in a time point of the past; 0 believes every one as it is.
    pub outbreak_rate: f64,
    /// Coverage of the interval given with what is expected.
    pub interval: f64,
}

impl Default for HouseParams {
    fn default() -> HouseParams {
        HouseParams {
            alpha: 0.0035,
            b: None,
            pastWeeksNotIncluded: None,
            harmonics: 2,
            windows: MOST_WINDOWS,
            min_cases: 5.0,
            min_window: 4,
            min_history: None,
            lunar: false,
            rest: Vec::new(),
            worked: Vec::new(),
            reported: Vec::new(),
            reported_error: Vec::new(),
            outbreak_rate: 0.01,
            interval: 0.9,
        }
    }
}

impl HouseParams {
    /// The rule for a calendar of `freq` points a year.
    ///
    /// # Errors
    /// A [`Flaw`] that names the parameter that makes no sense.
    pub fn rule(&self, freq: usize) -> Result<Rule, Flaw> {
        self.check()?;
        let left_out = self
            .pastWeeksNotIncluded
            .unwrap_or_else(|| (freq * 4).div_ceil(52).max(self.windows) - 1);
        if left_out + 1 < self.windows {
            return Err(Flaw::new(
                "pastWeeksNotIncluded is less than windows - 1",
                "the model must not learn from the points it judges: raise it",
            ));
        }
        Ok(Rule {
            alpha: self.alpha,
            windows: self.windows,
            left_out,
            look_back: self.b.map(|b| b.saturating_mul(freq)),
            least_points: self.min_history.unwrap_or(freq).max(1),
            min_cases: self.min_cases,
            min_window: self.min_window,
            interval: self.interval,
            settings: Settings { outbreak_rate: self.outbreak_rate },
        })
    }

    /// Refuses values out of their range.
    fn check(&self) -> Result<(), Flaw> {
        let share = |v: &f64| *v > 0.0 && *v <= 1.0;
        let wrong = [
            (!(self.alpha > 0.0 && self.alpha < 0.5), "alpha", "a chance between 0 and 0.5"),
            (self.b == Some(0), "b", "at least one year"),
            (self.harmonics > 10, "harmonics", "0 to 10"),
            (!(1..=MOST_WINDOWS).contains(&self.windows), "windows", "1 to 4"),
            (self.min_cases.is_nan() || self.min_cases < 0.0, "min_cases", "a number of cases"),
            (self.min_window == 0, "min_window", "at least 1"),
            (!self.reported.iter().all(share), "reported", "shares above 0 and at most 1"),
            (
                !self.reported_error.iter().all(|e| (0.0..1.0).contains(e)),
                "reported_error",
                "standard errors below 1",
            ),
            (
                self.reported_error.len() > self.reported.len(),
                "reported_error",
                "no more of them than of reported",
            ),
            (
                !(0.0..=0.2).contains(&self.outbreak_rate),
                "outbreak_rate",
                "a chance between 0 and 0.2",
            ),
            (
                !(self.interval > 0.0 && self.interval < 1.0),
                "interval",
                "a coverage between 0 and 1",
            ),
        ];
        match wrong.iter().find(|(is_wrong, ..)| *is_wrong) {
            Some((_, name, range)) => {
                Err(Flaw::new(format!("{name} is out of its range"), format!("give {range}")))
            }
            None => Ok(()),
        }
    }

    /// Shares reported of the last points, the judged one's first.
    fn shares(&self) -> Vec<Reported> {
        let error = |i: usize| self.reported_error.get(i).copied().unwrap_or(0.0);
        self.reported
            .iter()
            .enumerate()
            .map(|(i, share)| Reported { share: *share, error: error(i) })
            .collect()
    }

    /// The columns that the parameters ask for beside level, trend and season.
    fn regressors_of(&self, series: &Series) -> Result<Regressors, Flaw> {
        if !self.lunar && self.rest.is_empty() && self.worked.is_empty() {
            return Ok(Regressors::default());
        }
        let dates = series.dates.as_ref().filter(|d| d.len() == series.observed.len());
        let dates = dates.ok_or_else(|| {
            Flaw::new(
                "lunar, rest and worked need dates, and the series has none",
                "write its times as 2024-01-01",
            )
        })?;
        Ok(self.regressors(dates))
    }

    /// The columns asked for, of time points that begin on these days.
    pub fn regressors(&self, dates: &[NaiveDate]) -> Regressors {
        let none = Regressors::none(dates.len());
        let lunar = if self.lunar { spring_festival_regressors(dates) } else { none.clone() };
        let days = if self.rest.is_empty() && self.worked.is_empty() {
            none
        } else {
            swapped_days(dates, &self.rest, &self.worked)
        };
        lunar.join(&days)
    }
}

/// The house detector with its parameters checked.
pub struct House(HouseParams);

/// Makes the house detector.
///
/// # Errors
/// A [`Flaw`] that names the parameter.
pub fn make(params: &Params) -> Result<Box<dyn Detector>, Flaw> {
    let params: HouseParams = parse("house", params)?;
    params.rule(52).and_then(|_| params.check())?;
    Ok(Box::new(House(params)))
}

impl Detector for House {
    fn columns(&self) -> &'static [&'static str] {
        &[
            "lower",
            "interval_upper",
            "excess",
            "window",
            "window_observed",
            "window_expected",
            "in_a_row",
            "p_at_least",
            "dispersion",
        ]
    }

    fn takes_exposure(&self) -> bool {
        true
    }

    fn detect(&self, series: &Series, from: usize, to: usize) -> Result<Noted<Vec<Row>>, Flaw> {
        let rule = self.0.rule(series.freq)?;
        let design = Design::new(
            series.observed.len(),
            series.freq,
            self.0.harmonics,
            &self.0.regressors_of(series)?,
        )?;
        let prior = Prior::weak(&design);
        let counts = CountSeries { observed: &series.observed, exposure: series.offset.as_deref() };
        let reported = self.0.shares();
        let judge = |at: usize| match rule.fit(&design, &counts, at, &prior) {
            Ok(fitted) => {
                let bound = rule.bound(&fitted, &design, &counts, at, &reported);
                row(rule.judge(&fitted, &design, &counts, at, &reported), bound)
            }
            Err(_) => row(rule.assess(&design, &counts, at, &prior, &reported), f64::NAN),
        };
        Ok(Noted::plain((from..to.min(series.observed.len())).map(judge).collect()))
    }
}

/// A judgement as a row; `upper` is the bound that the whole window sets to the point's count.
fn row(judged: Judgement, bound: f64) -> Row {
    let excess = judged.excess();
    let count = |n: usize| if judged.p.is_nan() { f64::NAN } else { n as f64 };
    let own = vec![
        judged.lower,
        judged.upper,
        excess,
        count(judged.window),
        judged.window_observed,
        judged.window_expected,
        count(judged.in_a_row),
        judged.p_at_least,
        judged.dispersion,
    ];
    Row {
        at: judged.at,
        observed: judged.observed,
        expected: judged.expected,
        upper: bound,
        p: judged.p,
        answer: judged.answer,
        own,
    }
}
