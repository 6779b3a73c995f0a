//! The test as a whole: score, variance, p and slope under each modification.

use serde::Deserialize;

use super::correction::{hamed_rao, pre_whitened, trend_free_pre_whitened, yue_wang};
use super::score::{score, standardise, tau, two_sided, upper_tail, variance};
use super::slope::{Slope, seasonal_sen, seasons, sen};

/// What is done about neighbours that resemble each other, or about seasons.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Modification {
    /// Mann (1945) and Kendall (1975).
    #[default]
    None,
    /// Variance corrected by significant autocorrelations of ranks (Hamed and Rao 1998).
    HamedRao,
    /// Variance corrected by all autocorrelations (Yue and Wang 2004).
    YueWang,
    /// Trend-free pre-whitening (Yue and others 2002).
    Tfpw,
    /// Pre-whitening with the trend left in.
    PreWhitening,
    /// Each season by itself, summed (Hirsch, Slack and Smith 1982).
    Seasonal,
}

/// What is asked of the trend.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Alternative {
    /// A trend in either direction.
    #[default]
    #[serde(rename = "two-sided")]
    TwoSided,
    /// A trend upward.
    Increasing,
}

/// How the test is made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    pub modification: Modification,
    pub alternative: Alternative,
    /// Level of the test, of the significant autocorrelations, and of the slope's interval.
    pub alpha: f64,
    /// Autocorrelations that count; all where there is none.
    pub lag: Option<usize>,
    /// Time steps in a cycle of seasons.
    pub period: usize,
}

/// The figures of a test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trend {
    pub s: f64,
    pub var: f64,
    pub tau: f64,
    pub z: f64,
    pub p: f64,
    /// Of the series as it came, never of a whitened one; a time step, or a period in the seasonal
    /// test.
    pub slope: Slope,
}

/// The test on `x`, as pymannkendall 1.4.3 has it: missing values are left out and what remains
/// closes up, except for the slope, which knows the true distances. NaN where a figure does not
/// exist: the z of a corrected variance that is negative, the slope of a single value.
pub fn test(x: &[f64], with: &Settings) -> Trend {
    if with.modification == Modification::Seasonal {
        return seasonal(x, with);
    }
    let slope = sen(x, with.alpha);
    let seen: Vec<f64> = x.iter().copied().filter(|v| !v.is_nan()).collect();
    let (judged, factor) = match with.modification {
        Modification::None | Modification::Seasonal => (seen, 1.0),
        Modification::HamedRao => {
            let factor = hamed_rao(&seen, slope.slope, with.alpha, with.lag);
            (seen, factor)
        }
        Modification::YueWang => {
            let factor = yue_wang(&seen, slope.slope, with.lag);
            (seen, factor)
        }
        Modification::Tfpw => (trend_free_pre_whitened(&seen, slope.slope), 1.0),
        Modification::PreWhitening => (pre_whitened(&seen), 1.0),
    };
    let s = score(&judged);
    trend(s, variance(&judged) * factor, tau(s, judged.len()), slope, with)
}

fn seasonal(x: &[f64], with: &Settings) -> Trend {
    let (mut s, mut var, mut pairs) = (0.0, 0.0, 0.0);
    for season in seasons(x, with.period) {
        let seen: Vec<f64> = season.into_iter().filter(|v| !v.is_nan()).collect();
        s += score(&seen);
        var += variance(&seen);
        pairs += 0.5 * seen.len() as f64 * (seen.len() as f64 - 1.0);
    }
    trend(s, var, s / pairs, seasonal_sen(x, with.period, with.alpha), with)
}

fn trend(s: f64, var: f64, tau: f64, slope: Slope, with: &Settings) -> Trend {
    let z = standardise(s, var);
    Trend { s, var, tau, z, p: with.alternative.p(z), slope }
}

impl Alternative {
    /// Chance of a standard score like `z` without a trend.
    pub fn p(self, z: f64) -> f64 {
        match self {
            Alternative::TwoSided => two_sided(z),
            Alternative::Increasing => upper_tail(z),
        }
    }
}

/// Whether seasons with so many values each could reach `alpha` at all, if every pair rose.
pub fn can_alarm(counts: &[usize], with: &Settings) -> bool {
    let (mut s, mut var) = (0.0, 0.0);
    for n in counts.iter().map(|n| *n as f64) {
        s += 0.5 * n * (n - 1.0);
        var += n * (n - 1.0) * (2.0 * n + 5.0) / 18.0;
    }
    s > 0.0 && with.alternative.p(standardise(s, var)) < with.alpha
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(modification: Modification) -> Settings {
        Settings {
            modification,
            alternative: Alternative::TwoSided,
            alpha: 0.05,
            lag: None,
            period: 4,
        }
    }

    const ALL: [Modification; 6] = [
        Modification::None,
        Modification::HamedRao,
        Modification::YueWang,
        Modification::Tfpw,
        Modification::PreWhitening,
        Modification::Seasonal,
    ];

    #[test]
    fn turning_a_series_round_turns_score_and_slope() {
        let x: Vec<f64> =
            (0..48).map(|i| f64::from(i) * 0.3 + f64::from(i * 7919 % 101) / 20.0).collect();
        let back: Vec<f64> = x.iter().map(|v| -v).collect();
        for modification in ALL {
            let (up, down) =
                (test(&x, &settings(modification)), test(&back, &settings(modification)));
            assert!(
                up.s > 0.0 && up.slope.lo <= up.slope.slope && up.slope.slope <= up.slope.hi,
                "{up:?}"
            );
            assert_eq!(
                (up.s, up.p, up.slope.slope),
                (-down.s, down.p, -down.slope.slope),
                "{modification:?}"
            );
        }
    }

    #[test]
    fn short_and_constant_and_missing_series_are_defined() {
        for modification in ALL {
            for x in [vec![], vec![1.0], vec![1.0, 2.0], vec![f64::NAN; 6], vec![2.0; 30]] {
                let found = test(&x, &settings(modification));
                assert!(found.p.is_nan() || found.p == 1.0, "{modification:?} {x:?} {found:?}");
            }
        }
    }

    #[test]
    fn five_values_are_the_fewest_that_can_alarm_at_a_twentieth() {
        let with = settings(Modification::None);
        assert!(!can_alarm(&[4], &with) && can_alarm(&[5], &with));
        assert!(can_alarm(&[4], &Settings { alternative: Alternative::Increasing, ..with }));
        assert!(!can_alarm(&[1; 12], &with) && !can_alarm(&[0], &with));
    }
}
