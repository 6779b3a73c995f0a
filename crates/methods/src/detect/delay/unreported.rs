//! What is still to come of one day: the days before it and what is reported of it, put together.

use super::factors::Factors;
use super::final_count::FinalCount;
use super::level::{Level, Partial, Smoothing};
use super::triangle::Triangle;
use crate::stats::NegativeBinomial;

/// One day as it stands: what the trend expects of it, and which share of it should be known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
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

impl Standing {
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
    ) -> Standing {
        let (share, share_error) = (factors.share(t, by), factors.share_error(t, by));
        let trend = level.mean((now - t) as f64, t % level.weekday.len()).max(1e-12);
        let shape = 1.0 / level.scatter;
        let known = reported.max(0.0);
        let rate = (shape + known) / (shape / trend + share);
        let mean = rate * (1.0 - share).max(0.0);
        Standing {
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
    pub fn last(&self, more: f64) -> FinalCount {
        let size = 1.0 / (self.scatter + more).max(1e-9);
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
pub fn partials(
    triangle: &Triangle,
    reported: &[f64],
    factors: &Factors,
    now: usize,
    by: usize,
    window: usize,
    smoothing: &Smoothing,
) -> Vec<Partial> {
    let first = (now + 1).saturating_sub(window);
    (first..=now)
        .filter(|t| !triangle.lost.get(*t).copied().unwrap_or(true))
        .map(|t| Partial {
            ago: (now - t) as f64,
            weekday: t % smoothing.cycle.max(1),
            reported: reported.get(t).copied().unwrap_or(0.0),
            share: factors.share(t, by),
        })
        .collect()
}
