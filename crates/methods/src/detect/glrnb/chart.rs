//! One run of the chart, from its start or its last alarm to the next: the statistic of each point,
//! and the count that would be an alarm.

use serde::Deserialize;

use super::statistic::{
    NOTHING, negbin_epidemic, negbin_intercept, negbin_ratio, poisson_epidemic, poisson_intercept,
};

/// What the change does to the mean μ₀.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
pub enum Change {
    /// μ₀e^κ.
    #[default]
    #[serde(rename = "intercept")]
    Intercept,
    /// μ₀ + λ × the count before.
    #[serde(rename = "epi")]
    Epidemic,
}

/// What R's `upperbound` holds.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
pub enum Return {
    /// The statistic.
    #[default]
    #[serde(rename = "value")]
    Value,
    /// The count that would have been an alarm.
    #[serde(rename = "cases")]
    Cases,
}

/// A chart, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    pub change: Change,
    /// The κ looked for, where it is known; else it is fitted.
    pub theta: Option<f64>,
    /// Dispersion; 0 is Poisson.
    pub alpha: f64,
    /// 1 for increases, −1 for decreases.
    pub direction: f64,
    /// Points that a change may lie back; any number where not given.
    pub window: Option<usize>,
    /// Points since the start (and since the change) that the first answer needs.
    pub mtilde: usize,
    /// The statistic that is an alarm.
    pub c_arl: f64,
    pub ret: Return,
    /// Largest count tried for `cases` of negative binomial counts.
    pub x_max: f64,
    /// Whether to follow R where its steps or its formula go astray.
    pub compat: bool,
}

/// Points of one run. All slices have one length.
#[derive(Clone, Copy, Debug)]
pub struct RunData<'a> {
    pub x: &'a [f64],
    pub mu: &'a [f64],
    /// The count before each.
    pub before: &'a [f64],
}

/// The chart at one point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// `None` while the run is shorter than Mtilde.
    pub statistic: Option<f64>,
    /// R's `upperbound`.
    pub upper: f64,
    pub alarm: bool,
}

impl Chart {
    /// The points of a run up to its first alarm or its end.
    pub fn run(&self, data: &RunData) -> Vec<Point> {
        let (mut points, mut last) = (Vec::new(), 0.0);
        let mut x = data.x.to_vec();
        for n in 0..x.len() {
            let statistic = self.statistic(&x[..=n], data, last);
            let alarm = statistic.is_some_and(|s| self.is_alarm(s));
            let upper = match (statistic, self.ret) {
                (None, Return::Cases) if self.walks() => -NOTHING,
                (None, _) => 0.0,
                (Some(s), Return::Value) => s,
                (Some(s), Return::Cases) => self.cases(&mut x[..=n], data, last, s),
            };
            // R cuts at zero whatever the figure is, and calls what is none zero as well.
            points.push(Point { statistic, upper: if upper > 0.0 { upper } else { 0.0 }, alarm });
            if alarm {
                break;
            }
            last = statistic.unwrap_or(0.0);
        }
        points
    }

    /// Points since the start that the first answer needs. A Poisson chart with a window needs one
    /// more, in R.
    pub fn burn_in(&self) -> usize {
        match (self.theta, self.windowed_poisson()) {
            (Some(_), _) => 1,
            (None, true) => self.mtilde + 1,
            (None, false) => self.mtilde.max(1),
        }
    }

    /// Whether M leaves no change point to be looked at.
    pub fn is_blind(&self) -> bool {
        self.theta.is_none() && self.window.is_some_and(|m| m + 1 < self.burn_in())
    }

    fn windowed_poisson(&self) -> bool {
        self.change == Change::Intercept && self.alpha == 0.0 && self.window.is_some()
    }

    /// The statistic of the last of the points `x`; `last` is that of the one before it.
    fn statistic(&self, x: &[f64], data: &RunData, last: f64) -> Option<f64> {
        let n = x.len();
        let (mu, before, alpha) = (&data.mu[..n], &data.before[..n], self.alpha);
        if let Some(kappa) = self.theta {
            return Some((last + self.ratio(x[n - 1], mu[n - 1], kappa)).max(0.0));
        }
        let end = n.checked_sub(self.burn_in())?;
        let ks = self.window.map_or(0, |m| (n - 1).saturating_sub(m))..=end;
        Some(match (self.change, alpha == 0.0) {
            (Change::Intercept, true) => poisson_intercept(x, mu, ks, self.direction, self.compat),
            (Change::Intercept, false) => {
                negbin_intercept(x, mu, alpha, ks, self.direction, self.compat)
            }
            (Change::Epidemic, true) => poisson_epidemic(x, mu, before, ks, self.compat),
            (Change::Epidemic, false) => negbin_epidemic(x, mu, before, alpha, ks, self.compat),
        })
    }

    /// Log likelihood ratio of one count for a change of κ.
    fn ratio(&self, x: f64, mu: f64, kappa: f64) -> f64 {
        if self.alpha == 0.0 {
            kappa * x + (1.0 - kappa.exp()) * mu
        } else {
            negbin_ratio(x, mu, self.alpha, kappa)
        }
    }

    /// R compares the charts of a known κ and of a Poisson epidemic with strict >, the others with
    /// ≥.
    fn is_alarm(&self, statistic: f64) -> bool {
        if self.theta.is_some() || (self.change == Change::Epidemic && self.alpha == 0.0) {
            statistic > self.c_arl
        } else {
            statistic >= self.c_arl
        }
    }

    /// The count at the last of the points `x` that would be an alarm; for decreases the smallest
    /// that would not. `x` is left as it was.
    fn cases(&self, x: &mut [f64], data: &RunData, last: f64, statistic: f64) -> f64 {
        let n = x.len() - 1;
        if let Some(kappa) = self.theta {
            // The ratio is a straight line in the count.
            let (none, one) =
                (self.ratio(0.0, data.mu[n], kappa), self.ratio(1.0, data.mu[n], kappa));
            return (self.c_arl - last - none) / (one - none);
        }
        let seen = x[n];
        let walks = self.walks();
        let mut reached = |count: f64| {
            x[n] = count;
            let s = self.statistic(x, data, last).unwrap_or(NOTHING);
            if self.direction > 0.0 { s >= self.c_arl } else { s <= self.c_arl }
        };
        let cases =
            if walks { self.walk(seen, statistic, &mut reached) } else { smallest(&mut reached) };
        x[n] = seen;
        cases
    }

    /// Whether R tries one count after the other, from the one seen, rather than all from zero.
    fn walks(&self) -> bool {
        self.compat && self.alpha > 0.0 && self.theta.is_none()
    }

    /// R's way for negative binomial counts: up from the count seen, or down if that is an alarm.
    /// It does not set out from below one, and a decrease never becomes an alarm by walking up.
    fn walk(&self, seen: f64, statistic: f64, reached: &mut impl FnMut(f64) -> bool) -> f64 {
        let alarm = statistic >= self.c_arl;
        if self.direction < 0.0 || seen < 1.0 {
            return if alarm { 0.0 } else { -NOTHING };
        }
        let mut count = seen;
        while alarm && count >= 1.0 && reached(count - 1.0) {
            count -= 1.0;
        }
        while !alarm && count <= self.x_max {
            count += 1.0;
            if reached(count) {
                return count;
            }
        }
        if !alarm {
            -NOTHING
        } else if count < 1.0 {
            0.0
        } else {
            count
        }
    }
}

/// Counts above this are not whole numbers any more.
const LARGEST: f64 = 4e15;

/// The smallest whole count at which `reached` holds, which it then does for all larger ones;
/// infinite where there is none.
fn smallest(reached: &mut impl FnMut(f64) -> bool) -> f64 {
    let (mut low, mut high) = (-1.0, 0.0);
    while !reached(high) {
        if high > LARGEST {
            return f64::INFINITY;
        }
        (low, high) = (high, 2.0 * high + 1.0);
    }
    while high - low > 1.0 {
        let middle = low + ((high - low) / 2.0).floor();
        if reached(middle) { high = middle } else { low = middle }
    }
    high
}
