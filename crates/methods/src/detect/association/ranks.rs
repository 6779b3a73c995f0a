//! Rank correlation of two series at a lag.

/// Rank correlation at one lag.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lagged {
    /// Steps by which the second series follows the first.
    pub lag: usize,
    /// Spearman's correlation, ranks taken over each whole series; NaN where there are too few
    /// pairs.
    pub rho: f64,
    /// Pairs of which both sides are known.
    pub pairs: usize,
}

/// Ranks of a series about their mean, ties averaged.
#[derive(Clone)]
pub(super) struct Ranked {
    /// 0 where unknown.
    pub rank: Vec<f64>,
    /// 1 where known, else 0.
    pub known: Vec<f64>,
}

impl Ranked {
    pub fn new(values: &[f64]) -> Ranked {
        let mut sorted: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        let below =
            |v: f64| sorted.partition_point(|s| *s < v) + sorted.partition_point(|s| *s <= v);
        let rank = |v: &f64| {
            if v.is_finite() { (below(*v) as f64 - sorted.len() as f64) / 2.0 } else { 0.0 }
        };
        Ranked {
            rank: values.iter().map(rank).collect(),
            known: values.iter().map(|v| f64::from(u8::from(v.is_finite()))).collect(),
        }
    }

    /// Correlation of these ranks with those of `other`, `lag` steps later.
    #[allow(clippy::needless_range_loop)] // Nested zips cost a permutation test a third more.
    pub fn lagged(&self, other: &Ranked, lag: usize, least: usize) -> Lagged {
        let from = lag.min(other.rank.len());
        let n = self.rank.len().min(other.rank.len() - from);
        // Slices of one length, so that no index is checked in the loop.
        let (a, in_a) = (&self.rank[..n], &self.known[..n]);
        let (b, in_b) = (&other.rank[from..from + n], &other.known[from..from + n]);
        let (mut pairs, mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0, 0.0);
        for i in 0..n {
            pairs += in_a[i] * in_b[i];
            ab += a[i] * b[i];
            aa += a[i] * a[i] * in_b[i];
            bb += b[i] * b[i] * in_a[i];
        }
        let rho = if (pairs as usize) < least || aa * bb <= 0.0 {
            f64::NAN
        } else {
            ab / (aa * bb).sqrt()
        };
        Lagged { lag, rho, pairs: pairs as usize }
    }
}
