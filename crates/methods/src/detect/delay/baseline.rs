//! The simple answers that a nowcast is held against.

use super::factors::{Factors, Window};
use super::final_count::FinalCount;
use super::triangle::Triangle;
use crate::stats::NegativeBinomial;

/// The plain chain ladder as of the last day: all days weigh alike, weekdays are alike, and what is
/// still to come is reported × (1 − F)/F with Poisson scatter. Where nothing is reported, nothing
/// is expected: that is its fault, not a slip. One distribution for each of the last days, oldest
/// first; `None` where no report is in the window.
pub fn chain_ladder(series: &Triangle, window: usize) -> Option<Vec<FinalCount>> {
    let now = series.days().checked_sub(1)?;
    let factors =
        Factors::estimate(series, now, &Window { days: window, half_life: 1e12, cycle: 1 })?;
    let first = now.saturating_sub(series.max_delay());
    let complete = |t: usize| {
        let (reported, share) = (series.reported[t], factors.share(t, now));
        let mean = if share > 0.0 { reported.max(0.0) * (1.0 - share) / share } else { 0.0 };
        let added =
            if mean > 1e-9 { NegativeBinomial::poisson(mean) } else { NegativeBinomial::ZERO };
        FinalCount { reported, added, removed: NegativeBinomial::ZERO }
    };
    Some((first..=now).map(complete).collect())
}

#[cfg(test)]
mod tests {
    use super::super::triangle::Increment;
    use super::*;

    #[test]
    fn half_known_is_doubled() {
        let entries = (0..20).flat_map(|t| [(t, 0), (t, 1)]).map(|(t, d)| Increment {
            day: t,
            recorded: t + d,
            num: 10.0,
        });
        let last = chain_ladder(&Triangle::new(20, 3, entries), 20).unwrap();
        assert_eq!(last.len(), 4);
        assert!((last[3].mean() - 20.0).abs() < 0.01 && last[2].mean() == 20.0, "{last:?}");
        assert!(chain_ladder(&Triangle::new(20, 3, []), 20).is_none());
    }
}
