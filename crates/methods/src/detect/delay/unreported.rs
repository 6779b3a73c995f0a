//! What is still to come of one day: the days before it and what is reported of it, put together.

use super::factors::Factors;
use super::final_count::FinalCount;
use super::level::{Level, ReportedDay, Smoothing};
use super::triangle::Triangle;
use crate::stats::NegativeBinomial;

/// One day as it stands: what the trend expects of it, and which share of it should be known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unreported {
    pub reported: f64,
    /// Share of the additions that has come, and its standard error.
    pub share: f64,
    pub share_error: f64,
    /// Mean of the additions still to come.
    pub mean: f64,
    /// Squared coefficient of variation of that mean, were delays known.
    pub scatter: f64,
    /// Mean of what will still be taken back.
    pub removed: f64,
}

impl Unreported {
    /// Gamma-Poisson: the trend's gamma distribution of the day's mean (shape α, mean m), seen
    /// through `reported` Poisson reports of a share F, leaves (α + reported)/(α/m + F) × (1 − F)
    /// to come. With much reported it is the chain ladder's reported × (1 − F)/F, with nothing the
    /// trend's m × (1 − F) (Bornhuetter and Ferguson 1972; in epidemics Höhle and an der Heiden
    /// 2014).
    pub fn new(
        factors: &Factors,
        level: &Level,
        t: usize,
        now: usize,
        by: usize,
        reported: f64,
    ) -> Unreported {
        let (share, share_error) = (factors.share(t, by), factors.share_error(t, by));
        let trend = level.mean((now - t) as f64, t % level.weekday.len()).max(1e-12);
        let shape = 1.0 / level.scatter;
        let known = reported.max(0.0);
        let rate = (shape + known) / (shape / trend + share);
        let mean = rate * (1.0 - share).max(0.0);
        Unreported {
            reported,
            share,
            share_error,
            mean,
            scatter: 1.0 / (shape + known),
            removed: (rate * factors.to_be_removed(t, by)).max(0.0),
        }
    }

    /// Squared coefficient of variation of the mean through the error of the share alone.
    pub fn parameter_scatter(&self) -> f64 {
        if self.share >= 1.0 {
            0.0
        } else {
            (self.share_error / (1.0 - self.share) / self.share.max(0.05)).powi(2).min(4.0)
        }
    }

    /// Distribution of the final count, with `more` added to the scatter.
    pub fn final_count(&self, extra_scatter: f64) -> FinalCount {
        let size = 1.0 / (self.scatter + extra_scatter).max(1e-9);
        let count = |mean: f64| {
            if mean > 1e-9 {
                NegativeBinomial::with_size(mean, size)
            } else {
                NegativeBinomial::ZERO
            }
        };
        FinalCount {
            reported: self.reported,
            added: count(self.mean),
            removed: count(self.removed),
        }
    }
}

/// The days of a series up to `now` as the trend sees them; lost days are left out.
pub fn reported_days(
    triangle: &Triangle,
    reported: &[f64],
    factors: &Factors,
    now: usize,
    by: usize,
    window: usize,
    smoothing: &Smoothing,
) -> Vec<ReportedDay> {
    let first = (now + 1).saturating_sub(window);
    (first..=now)
        .filter(|t| !triangle.lost.get(*t).copied().unwrap_or(true))
        .map(|t| ReportedDay {
            ago: (now - t) as f64,
            weekday: t % smoothing.cycle.max(1),
            reported: reported.get(t).copied().unwrap_or(0.0),
            share: factors.share(t, by),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::factors::Window;
    use super::super::triangle::Increment;
    use super::*;

    #[test]
    fn what_is_to_come_is_between_chain_ladder_and_trend() {
        // Half of a day's reports come at once, half a day late, a twentieth is taken back then.
        let each = |t: usize| [(t, t, 10.0), (t, t + 1, 10.0), (t, t + 1, -1.0)];
        let increments = (0..40).flat_map(each);
        let triangle = Triangle::new(
            40,
            5,
            increments.map(|(day, recorded, num)| Increment { day, recorded, num }),
        );
        let window = Window { days: 40, half_life: 1e9, cycle: 1 };
        let factors = Factors::estimate(&triangle, 39, &window).unwrap();
        let level = Level { log: 10.0_f64.ln(), growth: 0.0, weekday: vec![1.0], scatter: 0.05 };
        // Gamma of shape 20 and mean 10, seen through 8 reports of a half: (20 + 8)/(20/10 + 0.5).
        let day = Unreported::new(&factors, &level, 39, 39, 39, 8.0);
        let near = |a: f64, b: f64| (a / b - 1.0).abs() < 1e-4;
        assert!(near(day.share, 0.5) && near(day.mean, 28.0 / 2.5 * 0.5), "{day:?}");
        assert!(near(day.scatter, 1.0 / 28.0) && near(day.removed, 28.0 / 2.5 * 0.05), "{day:?}");
        let last = day.final_count(0.01);
        assert!(near(last.mean(), 8.0 + 5.6 - 0.56), "{last:?}");
        assert!(near(last.added.size().unwrap(), 1.0 / (1.0 / 28.0 + 0.01)), "{last:?}");
        assert!(near(last.added.variance(), 5.6 + 5.6 * 5.6 * (1.0 / 28.0 + 0.01)), "{last:?}");
        // Without scatter it is the trend's, with very much the chain ladder's.
        let of = |scatter: f64| {
            Unreported::new(&factors, &Level { scatter, ..level.clone() }, 39, 39, 39, 8.0).mean
        };
        assert!(near(of(1e-9), 5.0) && near(of(1e9), 8.0), "{} {}", of(1e-9), of(1e9));
    }
}
