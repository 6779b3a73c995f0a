//! The final count of a day of which a part is reported, as a distribution: what the nowcast
//! answers with.

use crate::stats::NegativeBinomial;
use crate::stats::search::smallest_whole;

/// A count of which a part is reported: what is known, what is still to be added, and what will be
/// taken back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FinalCount {
    pub reported: f64,
    pub added: NegativeBinomial,
    pub removed: NegativeBinomial,
}

impl FinalCount {
    /// A final count that is complete.
    pub fn complete(reported: f64) -> FinalCount {
        FinalCount { reported, added: NegativeBinomial::ZERO, removed: NegativeBinomial::ZERO }
    }

    pub fn mean(&self) -> f64 {
        (self.reported + self.added.mean() - self.removed.mean()).max(0.0)
    }

    pub fn variance(&self) -> f64 {
        self.added.variance() + self.removed.variance()
    }

    /// Probability that the final count is at most `x`.
    pub fn cdf(&self, x: f64) -> f64 {
        self.cdf_over(&self.removed.nodes(), x)
    }

    /// Smallest whole number that the final count does not exceed with a probability of at least
    /// `p`; never below zero.
    pub fn quantile(&self, p: f64) -> f64 {
        let removed = self.removed.nodes();
        let unreported = self.added.mean() - self.removed.mean();
        let step = smallest_whole(unreported.round(), self.variance().sqrt(), |x| {
            self.cdf_over(&removed, self.reported + x) >= p
        });
        (self.reported + step).max(0.0)
    }

    /// Whole numbers between which the final count lies with a probability of `level`, as much left
    /// out below as above.
    pub fn interval(&self, level: f64) -> (f64, f64) {
        let out = (1.0 - level) / 2.0;
        (self.quantile(out), self.quantile(1.0 - out))
    }

    fn cdf_over(&self, removed: &[(f64, f64)], x: f64) -> f64 {
        removed.iter().map(|(r, w)| w * self.added.cdf(x - self.reported + r)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn additions_and_removals_are_one_distribution() {
        let last = FinalCount {
            reported: 12.0,
            added: NegativeBinomial::with_size(5.0, 9.0),
            removed: NegativeBinomial::poisson(1.0),
        };
        let (low, high) = last.interval(0.9);
        assert!(
            last.cdf(low) >= 0.05
                && last.cdf(low - 1.0) < 0.05
                && last.cdf(high) >= 0.95
                && last.cdf(high - 1.0) < 0.95
        );
        assert!(low <= 12.0 && high > 16.0);
        assert_eq!(FinalCount::complete(7.0).interval(0.9), (7.0, 7.0));
        let fall = FinalCount {
            reported: 2.0,
            added: NegativeBinomial::ZERO,
            removed: NegativeBinomial::with_size(9.0, 3.0),
        };
        assert_eq!(fall.quantile(0.05), 0.0);
    }
}
