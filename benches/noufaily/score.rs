//! False positive rate and power of detection, from one figure a week that is the higher the more
//! abnormal the week is.

use crate::simulation::{CURRENT, SIZES, Simulated, WEEKS};

/// Figures of all series of a detector; −∞ where it could not alarm.
#[derive(Clone, Debug, Default)]
pub struct Score {
    quiet: Vec<f64>,
    /// The highest figure of each outbreak, by size.
    outbreaks: [Vec<f64>; SIZES.len()],
}

/// Shares of quiet weeks and of outbreaks with an alarm, with standard errors between series.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    pub false_positives: f64,
    pub detected: [f64; SIZES.len()],
}

/// Whether a week may alarm: a positive count, and five cases in four weeks.
pub fn may_alarm(series: &Simulated, week: usize) -> bool {
    series.counts[week] > 0.0 && series.counts[week - 3..=week].iter().sum::<f64>() >= 5.0
}

/// A figure for every current week that may alarm.
pub fn figures(series: &Simulated, mut of: impl FnMut(usize) -> f64) -> Vec<f64> {
    (CURRENT..WEEKS)
        .map(|week| if may_alarm(series, week) { of(week) } else { f64::NEG_INFINITY })
        .collect()
}

impl Score {
    /// Takes in one series, whose outbreak has the size of that index.
    pub fn add(&mut self, series: &Simulated, size: usize, figures: &[f64]) {
        let (first, last) = series.outbreak;
        let mut highest = f64::NEG_INFINITY;
        for (week, figure) in (CURRENT..).zip(figures) {
            if (first..=last).contains(&week) {
                highest = highest.max(*figure);
            } else {
                self.quiet.push(*figure);
            }
        }
        self.outbreaks[size].push(highest);
    }

    /// Takes in another's series.
    pub fn join(mut self, other: Score) -> Score {
        self.quiet.extend(other.quiet);
        for (mine, others) in self.outbreaks.iter_mut().zip(other.outbreaks) {
            mine.extend(others);
        }
        self
    }

    /// The limit above which so many of the quiet weeks lie, at most.
    pub fn limit(&self, rate: f64) -> f64 {
        let mut sorted = self.quiet.clone();
        sorted.sort_by(|a, b| b.total_cmp(a));
        sorted[((rate * sorted.len() as f64) as usize).min(sorted.len() - 1)]
    }

    /// What alarms above a limit find.
    pub fn rates(&self, limit: f64) -> Rates {
        let share = |of: &[f64]| {
            of.iter().filter(|figure| **figure > limit).count() as f64 / of.len() as f64
        };
        Rates {
            false_positives: share(&self.quiet),
            detected: std::array::from_fn(|k| share(&self.outbreaks[k])),
        }
    }

    /// Standard errors of rates: outbreaks are independent; quiet weeks of a series are nearly so.
    pub fn errors(&self, rates: &Rates) -> Rates {
        let error = |share: f64, n: usize| (share * (1.0 - share) / n as f64).sqrt();
        Rates {
            false_positives: error(rates.false_positives, self.quiet.len()),
            detected: std::array::from_fn(|k| error(rates.detected[k], self.outbreaks[k].len())),
        }
    }
}
