//! The arithmetic of the three charts, a point at a time.

use serde::Deserialize;
use statrs::distribution::{ContinuousCDF, Normal};

use crate::detect::reason::{NO_POINT, TOO_LARGE, gaps_in_reference, history_too_short};
use crate::detect::series::{Answer, Row};

/// Points between the baseline and the point judged, in C2 and C3.
const GUARD: usize = 2;

/// Nothing to measure by.
const FLAT: &str = "the reference period does not vary, so that C3 has nothing to measure by (give minSigma above 0)";

/// One of the three charts.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
pub enum Chart {
    C1,
    C2,
    C3,
}

impl Chart {
    /// Points before the one judged that the chart looks at.
    pub fn reach(self, baseline: usize) -> usize {
        match self {
            Chart::C1 => baseline,
            Chart::C2 => baseline + GUARD,
            Chart::C3 => baseline + GUARD + 2,
        }
    }

    fn guard(self) -> usize {
        if self == Chart::C1 { 0 } else { GUARD }
    }
}

/// A chart with all it needs to judge a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ears {
    pub chart: Chart,
    pub baseline: usize,
    pub min_sigma: f64,
    /// Standard deviations above the mean from which a figure is abnormal.
    pub z: f64,
    /// Whether C3 is R's.
    pub compat: bool,
}

/// What a chart says of one point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChartPoint {
    /// Mean of the baseline.
    pub mean: f64,
    /// Standard deviation of the baseline, at least minSigma.
    pub sigma: f64,
    /// C1, C2 or C3, an alarm where above z (but for R's C3).
    pub statistic: f64,
    /// R's `upperbound`.
    pub upper: f64,
}

impl Ears {
    /// The figures of the point `at` of `x`; NaN where missing points or a flat baseline leave
    /// nothing to compute. `None` where history is too short.
    pub fn point(&self, x: &[f64], at: usize) -> Option<ChartPoint> {
        at.checked_sub(self.chart.reach(self.baseline))?;
        let (mean, sigma) = self.baseline_moments(x, at)?;
        let now = *x.get(at)?;
        let statistic = scaled(now - mean, sigma);
        if self.chart != Chart::C3 {
            return Some(ChartPoint { mean, sigma, statistic, upper: mean + self.z * sigma });
        }
        let before = self.carry_over(x, at - 1)? + self.carry_over(x, at - 2)?;
        let upper = (if self.compat { now } else { mean }) + sigma * (self.z - before);
        Some(ChartPoint {
            mean,
            sigma,
            statistic: statistic + before,
            upper: if upper < 0.0 { 0.0 } else { upper },
        })
    }

    /// What C3 takes over from an earlier point: its C2 above one. A flat baseline that the point
    /// equals says nothing (NaN), as in R.
    fn carry_over(&self, x: &[f64], at: usize) -> Option<f64> {
        let (mean, sigma) = self.baseline_moments(x, at)?;
        let c2 = (x.get(at)? - mean) / sigma;
        Some(if c2 < 1.0 { 0.0 } else { c2 - 1.0 })
    }

    /// Mean and standard deviation of the baseline of a point.
    fn baseline_moments(&self, x: &[f64], at: usize) -> Option<(f64, f64)> {
        let end = at.checked_sub(self.chart.guard())?;
        let (mean, deviation) = moments(x.get(end.checked_sub(self.baseline)?..end)?);
        Some((mean, if deviation < self.min_sigma { self.min_sigma } else { deviation }))
    }

    /// Why the figures of a point are not enough for an answer.
    fn not_assessable(&self, x: &[f64], at: usize, point: Option<ChartPoint>) -> Option<String> {
        let Some(point) = point else {
            return Some(history_too_short(
                &format!("EARS {:?}", self.chart),
                self.chart.reach(self.baseline),
                at,
            ));
        };
        if !x[at].is_finite() {
            return Some(NO_POINT.to_owned());
        }
        let used = self.reference(x, at);
        let missing = used.iter().filter(|v| !v.is_finite()).count();
        if missing > 0 {
            return Some(gaps_in_reference(missing, used.len()));
        }
        let flat = || {
            (0..=GUARD).any(|back| {
                self.baseline_moments(x, at - back).is_some_and(|(_, sigma)| sigma == 0.0)
            })
        };
        (!point.upper.is_finite()).then(|| {
            if point.upper.is_nan() && flat() { FLAT.to_owned() } else { TOO_LARGE.to_owned() }
        })
    }

    /// All points before `at` that its answer rests on.
    fn reference<'x>(&self, x: &'x [f64], at: usize) -> &'x [f64] {
        let end = if self.chart == Chart::C2 { at - GUARD } else { at };
        &x[at - self.chart.reach(self.baseline)..end]
    }

    /// One row; C3 has no p, because what it adds up is not normal.
    pub(super) fn row(&self, x: &[f64], at: usize, normal: &Normal) -> Row {
        let point = self.point(x, at);
        let not_assessable = self.not_assessable(x, at, point);
        let ChartPoint { mean, sigma, statistic, upper } = point.unwrap_or(ChartPoint {
            mean: f64::NAN,
            sigma: f64::NAN,
            statistic: f64::NAN,
            upper: f64::NAN,
        });
        let p = if statistic.is_nan() || self.chart == Chart::C3 {
            f64::NAN
        } else {
            normal.sf(statistic)
        };
        let answer = match not_assessable {
            Some(why) => Answer::NotAssessable(why),
            None if x[at] > upper => Answer::Alarm,
            None => Answer::Quiet,
        };
        Row { at, observed: x[at], expected: mean, upper, p, answer, own: vec![statistic, sigma] }
    }
}

/// Mean and standard deviation (n − 1). Equal values have no deviation, to the last bit.
fn moments(x: &[f64]) -> (f64, f64) {
    let n = x.len() as f64;
    let Some(first) = x.first() else { return (f64::NAN, f64::NAN) };
    if x.iter().all(|v| v == first) {
        return (*first, 0.0);
    }
    let rough = x.iter().sum::<f64>() / n;
    let mean = rough + x.iter().map(|v| v - rough).sum::<f64>() / n;
    (mean, (x.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt())
}

/// A difference in standard deviations; none is none, even where nothing varies.
fn scaled(difference: f64, sigma: f64) -> f64 {
    if difference == 0.0 { 0.0 } else { difference / sigma }
}
