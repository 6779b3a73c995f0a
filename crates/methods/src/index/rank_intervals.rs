//! Intervals of the areas' ranks over many draws of their scores. Ranking takes longest of a
//! province's Monte Carlo, and is done by counting sort.

use crate::stats::percentile_interval::percentile_interval_90;

/// Draws that are transposed at a time: few enough for the cache, and enough to fill its lines.
const BLOCK: usize = 32;
/// Bits of one digit of the counting sort; a score's bin has two digits.
const BITS: u32 = 11;
/// The bin of the lowest score.
const LAST_BIN: u32 = (1 << (2 * BITS)) - 1;
/// The bin of an area without a score.
const NO_SCORE: u32 = u32::MAX;

/// 90 % intervals of the areas' ranks from their `scores` (areas × draws); NaN for an area that has
/// no score in some draw.
///
/// Rank 1 is the highest score, tied areas share the best rank, and an area without a score does
/// not count among the others, as in [`super::ranks::ranks`]. Scores are compared in 2²² bins of
/// equal width over their whole range: those in one bin are tied.
pub fn rank_intervals(scores: &[&[f32]]) -> Vec<(f64, f64)> {
    let (areas, draws) = (scores.len(), scores.first().map_or(0, |row| row.len()));
    let bins = Bins::new(scores);
    let mut ranks = vec![0; areas * draws];
    let mut block = vec![NO_SCORE; areas * BLOCK];
    let mut ranker = Ranker::new(areas);
    for first in (0..draws).step_by(BLOCK) {
        let width = BLOCK.min(draws - first);
        for (area, row) in scores.iter().enumerate() {
            for (draw, score) in row[first..first + width].iter().enumerate() {
                block[draw * areas + area] = bins.bin(*score);
            }
        }
        block.chunks_exact_mut(areas).take(width).for_each(|bins| ranker.rank(bins));
        for (area, ranks) in ranks.chunks_exact_mut(draws).enumerate() {
            for (draw, rank) in ranks[first..first + width].iter_mut().enumerate() {
                *rank = block[draw * areas + area];
            }
        }
    }
    let mut buffer = Vec::with_capacity(draws);
    ranks.chunks_exact(draws.max(1)).map(|ranks| interval(ranks, &mut buffer)).collect()
}

/// The interval of one area's ranks; NaN where it has no rank, which is 0, in some draw.
fn interval(ranks: &[u32], buffer: &mut Vec<u32>) -> (f64, f64) {
    match percentile_interval_90(ranks, buffer) {
        Some((low, high)) if !ranks.contains(&0) => (f64::from(low), f64::from(high)),
        _ => (f64::NAN, f64::NAN),
    }
}

/// Bins of equal width over the range of all scores; bin 0 holds the highest.
struct Bins {
    highest: f32,
    scale: f32,
}

impl Bins {
    fn new(scores: &[&[f32]]) -> Bins {
        let (mut lowest, mut highest) = ([f32::INFINITY; 16], [f32::NEG_INFINITY; 16]);
        for scores in scores.iter().flat_map(|row| row.chunks(16)) {
            for ((low, high), score) in lowest.iter_mut().zip(&mut highest).zip(scores) {
                // `min` and `max` would look for NaN too; a comparison with NaN is false.
                *low = if *score < *low { *score } else { *low };
                *high = if *score > *high { *score } else { *high };
            }
        }
        let (lowest, highest) = (
            lowest.into_iter().fold(f32::INFINITY, f32::min),
            highest.into_iter().fold(f32::NEG_INFINITY, f32::max),
        );
        let scale = LAST_BIN as f32 / (highest - lowest);
        Bins { highest, scale: if scale.is_finite() { scale } else { 0.0 } }
    }

    fn bin(&self, score: f32) -> u32 {
        let bin = ((self.highest - score) * self.scale) as u32;
        if score.is_nan() { NO_SCORE } else { bin.min(LAST_BIN) }
    }
}

/// Up to as many areas a comparison sort is quicker than a counting sort, which goes through all
/// values of a digit.
const COMPARISON_SORT_UP_TO: usize = 256;

/// Ranks the areas of one draw: few by a comparison sort, many by counting sort on two digits.
struct Ranker {
    /// (bin, area) of the areas with a score.
    pairs: Vec<(u32, u32)>,
    sorted: Vec<(u32, u32)>,
}

impl Ranker {
    fn new(areas: usize) -> Ranker {
        Ranker { pairs: vec![(0, 0); areas], sorted: vec![(0, 0); areas] }
    }

    /// Replaces the areas' bins by their ranks, 0 for an area without a score.
    fn rank(&mut self, bins: &mut [u32]) {
        let mut known = 0;
        for (area, bin) in bins.iter_mut().enumerate() {
            if *bin == NO_SCORE {
                *bin = 0;
                continue;
            }
            self.pairs[known] = (*bin, area as u32);
            known += 1;
        }
        if known <= COMPARISON_SORT_UP_TO {
            self.pairs[..known].sort_unstable();
        } else {
            sort_by_digit(&self.pairs[..known], &mut self.sorted, 0);
            sort_by_digit(&self.sorted[..known], &mut self.pairs, BITS);
        }
        let (mut rank, mut last) = (0, NO_SCORE);
        for ((bin, area), position) in self.pairs[..known].iter().zip(1..) {
            rank = if *bin == last { rank } else { position };
            last = *bin;
            bins[*area as usize] = rank;
        }
    }
}

/// Counting sort of the pairs by one digit of their bins; stable.
fn sort_by_digit(from: &[(u32, u32)], into: &mut [(u32, u32)], shift: u32) {
    let mut counts = [0; 1 << BITS];
    from.iter().for_each(|pair| counts[digit(pair.0, shift)] += 1);
    let mut before = 0;
    for count in &mut counts {
        before += std::mem::replace(count, before);
    }
    for pair in from {
        let next = &mut counts[digit(pair.0, shift)];
        into[*next as usize] = *pair;
        *next += 1;
    }
}

fn digit(bin: u32, shift: u32) -> usize {
    (bin >> shift) as usize & ((1 << BITS) - 1)
}

#[cfg(test)]
mod tests {
    use ndarray::Array1;
    use rand::rngs::ChaCha8Rng;
    use rand::{RngExt, SeedableRng};

    use super::*;
    use crate::index::ranks::ranks;

    #[test]
    fn ranks_by_sorting_bins_are_those_of_ranks() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let random = (0..3000).map(|_| f32::from(rng.random_range(0u16..2000)) / 16.0).collect();
        for scores in [
            vec![5.0, 9.0, 5.0, f32::NAN, 1.0, 9.0, 0.0, -0.0],
            vec![3.0; 4],
            vec![f32::NAN; 2],
            vec![7.0],
            random,
        ] {
            let rows: Vec<&[f32]> = scores.chunks(1).collect();
            let wanted =
                ranks(scores.iter().map(|s| f64::from(*s)).collect::<Array1<f64>>().view());
            for ((low, high), rank) in rank_intervals(&rows).iter().zip(&wanted) {
                assert!(
                    low == rank && high == rank || low.is_nan() && rank.is_nan(),
                    "{low}–{high} for {rank}"
                );
            }
        }
    }

    #[test]
    fn an_interval_is_over_all_draws() {
        // The first area is ahead in all draws but three of forty, the last has no score in one.
        let ahead: Vec<f32> = (0..40).map(|draw| if draw % 19 == 0 { 1.0 } else { 3.0 }).collect();
        let (middle, mut seldom) = (vec![2.0; 40], vec![0.0; 40]);
        seldom[17] = f32::NAN;
        let found = rank_intervals(&[&ahead, &middle, &seldom]);
        assert_eq!(found[..2], [(1.0, 2.0), (1.0, 2.0)]);
        assert!(found[2].0.is_nan() && found[2].1.is_nan());
        assert!(rank_intervals(&[]).is_empty());
    }
}
