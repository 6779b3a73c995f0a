//! Ranks of the areas in many draws, and the intervals they make: what takes longest of a
//! province's Monte Carlo, and so is done by counting.

use super::tails::tails;

/// Draws that are turned over at once: so few that a round of them stays in the cache, so many that
/// an area's lie in whole lines of it.
const BLOCK: usize = 32;
/// Bits by which scores are sorted at a time, and how often.
const BITS: u32 = 11;
/// The lowest score's place among the steps that scores are compared by.
const LOWEST: u32 = (1 << (2 * BITS)) - 1;
/// The step of an area without a score.
const NONE: u32 = u32::MAX;

/// 90 % intervals of the areas' ranks from their `scores` (one row an area, one place a draw), NaN
/// for an area that has no score in a draw.
///
/// 1 is the highest score, equal scores share the better rank, an area without a score does not
/// count among the others ([`super::ranks::ranks`]). Scores nearer to each other than a
/// four-millionth of the range of all are taken for equal.
pub fn rank_intervals(scores: &[&[f32]]) -> Vec<(f64, f64)> {
    let (areas, draws) = (scores.len(), scores.first().map_or(0, |row| row.len()));
    let steps = Steps::over(scores);
    let mut places = vec![0; areas * draws];
    let mut block = vec![NONE; areas * BLOCK];
    let mut sorter = Sorter::new(areas);
    for first in (0..draws).step_by(BLOCK) {
        let width = BLOCK.min(draws - first);
        for (area, row) in scores.iter().enumerate() {
            for (draw, score) in row[first..first + width].iter().enumerate() {
                block[draw * areas + area] = steps.of(*score);
            }
        }
        block.chunks_exact_mut(areas).take(width).for_each(|steps| sorter.rank(steps));
        for (area, places) in places.chunks_exact_mut(draws).enumerate() {
            for (draw, place) in places[first..first + width].iter_mut().enumerate() {
                *place = block[draw * areas + area];
            }
        }
    }
    let mut room = Vec::with_capacity(draws);
    places.chunks_exact(draws.max(1)).map(|ranks| interval(ranks, &mut room)).collect()
}

/// The interval of one area's ranks, 0 being none; NaN where a draw gave it none.
fn interval(ranks: &[u32], room: &mut Vec<u32>) -> (f64, f64) {
    match tails(ranks, room) {
        Some((low, high)) if !ranks.contains(&0) => (f64::from(low), f64::from(high)),
        _ => (f64::NAN, f64::NAN),
    }
}

/// Scores as whole numbers, 0 the highest there is.
struct Steps {
    highest: f32,
    scale: f32,
}

impl Steps {
    fn over(scores: &[&[f32]]) -> Steps {
        let (mut lowest, mut highest) = ([f32::INFINITY; 16], [f32::NEG_INFINITY; 16]);
        for scores in scores.iter().flat_map(|row| row.chunks(16)) {
            for ((low, high), score) in lowest.iter_mut().zip(&mut highest).zip(scores) {
                // Not `min` and `max`, which also look for NaN; a comparison with it is false, and
                // passes it over.
                *low = if *score < *low { *score } else { *low };
                *high = if *score > *high { *score } else { *high };
            }
        }
        let (lowest, highest) = (
            lowest.into_iter().fold(f32::INFINITY, f32::min),
            highest.into_iter().fold(f32::NEG_INFINITY, f32::max),
        );
        let scale = LOWEST as f32 / (highest - lowest);
        Steps { highest, scale: if scale.is_finite() { scale } else { 0.0 } }
    }

    fn of(&self, score: f32) -> u32 {
        let step = ((self.highest - score) * self.scale) as u32;
        if score.is_nan() { NONE } else { step.min(LOWEST) }
    }
}

/// Areas up to which comparing sorts them sooner than counting does, which must go through all
/// digits.
const FEW: usize = 256;

/// Sorts the areas of one draw: few by comparing, many in two rounds of counting.
struct Sorter {
    /// Step and area.
    given: Vec<(u32, u32)>,
    sorted: Vec<(u32, u32)>,
}

impl Sorter {
    fn new(areas: usize) -> Sorter {
        Sorter { given: vec![(0, 0); areas], sorted: vec![(0, 0); areas] }
    }

    /// Puts the ranks of the areas in the place of their steps, 0 for one without a score.
    fn rank(&mut self, steps: &mut [u32]) {
        let mut known = 0;
        for (area, step) in steps.iter_mut().enumerate() {
            if *step == NONE {
                *step = 0;
                continue;
            }
            self.given[known] = (*step, area as u32);
            known += 1;
        }
        if known <= FEW {
            self.given[..known].sort_unstable();
        } else {
            sort(&self.given[..known], &mut self.sorted, 0);
            sort(&self.sorted[..known], &mut self.given, BITS);
        }
        let (mut rank, mut last) = (0, NONE);
        for ((step, area), place) in self.given[..known].iter().zip(1..) {
            rank = if *step == last { rank } else { place };
            last = *step;
            steps[*area as usize] = rank;
        }
    }
}

/// Puts pairs in the order of one digit. What is equal stays in order.
fn sort(from: &[(u32, u32)], into: &mut [(u32, u32)], shift: u32) {
    let mut counts = [0; 1 << BITS];
    from.iter().for_each(|pair| counts[digit(pair.0, shift)] += 1);
    let mut before = 0;
    for count in &mut counts {
        before += std::mem::replace(count, before);
    }
    for pair in from {
        let place = &mut counts[digit(pair.0, shift)];
        into[*place as usize] = *pair;
        *place += 1;
    }
}

fn digit(step: u32, shift: u32) -> usize {
    (step >> shift) as usize & ((1 << BITS) - 1)
}

#[cfg(test)]
mod tests {
    use ndarray::Array1;
    use rand::rngs::ChaCha8Rng;
    use rand::{RngExt, SeedableRng};

    use super::*;
    use crate::index::ranks::ranks;

    #[test]
    fn ranks_handed_out_are_those_of_ranks() {
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
