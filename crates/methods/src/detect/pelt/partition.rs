//! The cheapest way to cut a series into segments: PELT.
//!
//! Killick, R., Fearnhead, P. and Eckley, I. A. (2012) Optimal detection of changepoints with a
//! linear computational cost, Journal of the American Statistical Association 107, 1590–1598; the
//! grid of `min_size` and `jump` as in ruptures 1.1.10.

use super::cost::Cost;

/// What a cut may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    /// Values in a segment at least, 1 or more.
    pub min_size: usize,
    /// Cuts are at multiples of it, 1 or more.
    pub jump: usize,
    /// Whether a candidate is given up at once, as ruptures does. With `min_size` above 1 that can
    /// miss the cheapest segmentation, because the cut that beats the candidate cannot itself be
    /// used for the next `min_size` − 1 values; otherwise it is kept until it can.
    pub compat: bool,
}

/// A start of the last segment that may still be the best one.
struct Candidate {
    start: usize,
    /// The end from which another start is never worse.
    beaten: Option<usize>,
}

/// Ends of the segments, ascending, the last one `n`, that make the sum of costs plus `pen` a
/// segment least. One segment where `n` holds none of `min_size`; none where `n` is 0.
pub fn pelt(cost: &dyn Cost, n: usize, pen: f64, grid: Grid) -> Vec<usize> {
    let (min_size, jump) = (grid.min_size.max(1), grid.jump.max(1));
    let mut best = vec![f64::INFINITY; n + 1];
    let mut before = vec![0; n + 1];
    let mut candidates: Vec<Candidate> = Vec::new();
    if let Some(first) = best.first_mut() {
        *first = 0.0;
    }
    for end in ends(n, min_size, jump) {
        let start = (end - min_size) / jump * jump;
        if best[start].is_finite() && candidates.last().is_none_or(|c| c.start < start) {
            candidates.push(Candidate { start, beaten: None });
        }
        let totals: Vec<f64> =
            candidates.iter().map(|c| best[c.start] + (cost.error(c.start, end) + pen)).collect();
        for (candidate, total) in candidates.iter().zip(&totals) {
            if *total < best[end] {
                (best[end], before[end]) = (*total, candidate.start);
            }
        }
        for (candidate, total) in candidates.iter_mut().zip(&totals) {
            // What a cut here would cost from now on, without the penalty that both would pay.
            if *total > best[end] + pen {
                candidate.beaten.get_or_insert(end);
            }
        }
        let wait = if grid.compat { 0 } else { min_size - 1 };
        candidates.retain(|c| c.beaten.is_none_or(|at| end < at + wait));
    }
    walk_back(&before, n)
}

/// Positions at which a segment may end, ascending.
fn ends(n: usize, min_size: usize, jump: usize) -> impl Iterator<Item = usize> {
    let last = (n >= min_size).then_some(n);
    (0..n).step_by(jump).filter(move |end| *end >= min_size).chain(last)
}

fn walk_back(before: &[usize], n: usize) -> Vec<usize> {
    let mut cuts = Vec::new();
    let mut end = n;
    while end > 0 {
        cuts.push(end);
        end = before.get(end).copied().unwrap_or(0);
    }
    cuts.reverse();
    cuts
}

/// What a segmentation costs, the penalty included; `ends` as [`pelt`] gives them.
pub fn total(cost: &dyn Cost, ends: &[usize], pen: f64) -> f64 {
    let starts = std::iter::once(0).chain(ends.iter().copied());
    starts.zip(ends).map(|(start, end)| cost.error(start, *end) + pen).sum()
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};

    use super::super::cost::{CostL2, CostNegativeBinomial, CostPoisson};
    use super::*;

    /// Every admissible segmentation, by recursion on the last segment without pruning.
    fn cheapest(cost: &dyn Cost, n: usize, pen: f64, min_size: usize, jump: usize) -> f64 {
        let mut best = vec![f64::INFINITY; n + 1];
        best[0] = 0.0;
        for end in 1..=n {
            for start in (0..end)
                .filter(|s| s % jump == 0 && end - s >= min_size && (end % jump == 0 || end == n))
            {
                best[end] = best[end].min(best[start] + cost.error(start, end) + pen);
            }
        }
        best[n]
    }

    fn random(rng: &mut ChaCha8Rng) -> (Vec<f64>, Vec<f64>) {
        let n = rng.random_range(12..70);
        let mut level = 4.0;
        let mut y = Vec::new();
        for _ in 0..n {
            if rng.random_range(0.0..1.0) < 0.08 {
                level = rng.random_range(0.0..20.0);
            }
            y.push((level * rng.random_range(0.3..1.7_f64)).round());
        }
        let e = (0..n).map(|i| [1.0, 1.0, 2.5, 0.3][i / 5 % 4]).collect();
        (y, e)
    }

    #[test]
    fn no_segmentation_is_cheaper_under_any_cost_and_grid() {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        for round in 0..300 {
            let (y, e) = random(&mut rng);
            let costs: [&dyn Cost; 4] = [
                &CostL2::new(&y),
                &CostPoisson::new(&y, &e),
                &CostNegativeBinomial::new(&y, &e, rng.random_range(0.5..20.0)),
                &CostNegativeBinomial::new(&y, &vec![1.0; y.len()], 3.0),
            ];
            let (min_size, jump) = (rng.random_range(1..6), rng.random_range(1..4));
            let pen = rng.random_range(0.5..12.0);
            for (which, cost) in costs.into_iter().enumerate() {
                let ends = pelt(cost, y.len(), pen, Grid { min_size, jump, compat: false });
                let (found, least) =
                    (total(cost, &ends, pen), cheapest(cost, y.len(), pen, min_size, jump));
                assert!(
                    (found - least).abs() <= 1e-9 * least.abs().max(1.0),
                    "{round} {which}: {found} {least} {ends:?}"
                );
                let sizes =
                    std::iter::once(0).chain(ends.iter().copied()).zip(&ends).map(|(a, b)| b - a);
                assert!(
                    sizes.into_iter().all(|size| size >= min_size)
                        && ends.iter().all(|end| end % jump == 0 || *end == y.len())
                );
            }
        }
    }

    #[test]
    fn giving_a_candidate_up_at_once_can_miss_the_cheapest() {
        let y = [2.0, 4.0, 3.0, 2.0, 4.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 8.0, 9.0];
        let exposure: Vec<f64> = (0..14).map(|i| if i < 10 { 1.0 } else { 2.5 }).collect();
        let cost = CostPoisson::new(&y, &exposure);
        let cut = |compat| pelt(&cost, 14, 13.66, Grid { min_size: 5, jump: 1, compat });
        assert_eq!((cut(false), cut(true)), (vec![14], vec![5, 14]));
    }

    #[test]
    fn a_series_shorter_than_a_segment_stays_whole() {
        let grid = Grid { min_size: 5, jump: 1, compat: false };
        assert_eq!(pelt(&CostL2::new(&[1.0, 2.0]), 2, 1.0, grid), [2]);
        assert!(pelt(&CostL2::new(&[]), 0, 1.0, grid).is_empty());
        assert_eq!(
            pelt(
                &CostL2::new(&[0.0, 0.0, 0.0, 9.0, 9.0, 9.0]),
                6,
                1.0,
                Grid { min_size: 2, ..grid }
            ),
            [3, 6]
        );
    }
}
