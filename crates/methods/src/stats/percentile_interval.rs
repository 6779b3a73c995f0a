//! 90 % percentile intervals of many draws.

use std::cmp::Ordering;

/// Share of the draws cut off at either end.
const TAIL: f64 = 0.05;
/// One draw in `EVERY` makes the subsample that bounds a tail.
const EVERY: usize = 16;
/// The bound is the subsample's quantile at 1 / `BOUND`, more than twice the tail, so that hardly
/// ever too few draws lie beyond it.
const BOUND: usize = 8;

/// The 5 % and 95 % order statistics of `draws`, at the ranks nearest to 0.05 (n − 1) from either
/// end; `None` without a draw. No draw is NaN. `buffer` is overwritten; it saves an allocation.
pub fn percentile_interval_90<T: Copy + PartialOrd>(
    draws: &[T],
    buffer: &mut Vec<T>,
) -> Option<(T, T)> {
    let last = draws.len().checked_sub(1)?;
    let rank = (last as f64 * TAIL).round() as usize;
    let low = order_statistic(draws, rank, buffer, |a, b| a < b)?;
    let high = order_statistic(draws, rank, buffer, |a, b| a > b)?;
    Some((low, high))
}

/// The draw that has `rank` others before it: selected among those within a bound taken from a
/// subsample, or among all draws where too few lie within.
fn order_statistic<T: Copy>(
    draws: &[T],
    rank: usize,
    buffer: &mut Vec<T>,
    before: impl Fn(&T, &T) -> bool + Copy,
) -> Option<T> {
    let order = |a: &T, b: &T| match (before(a, b), before(b, a)) {
        (true, _) => Ordering::Less,
        (_, true) => Ordering::Greater,
        _ => Ordering::Equal,
    };
    buffer.clear();
    buffer.extend(draws.iter().step_by(EVERY));
    if buffer.len() > BOUND {
        let bound = buffer.len() / BOUND;
        let bound = *buffer.select_nth_unstable_by(bound, order).1;
        filter_into(draws, buffer, |draw| !before(&bound, draw));
    } else {
        buffer.clear();
    }
    if buffer.len() <= rank {
        buffer.clear();
        buffer.extend_from_slice(draws);
    }
    (rank < buffer.len()).then(|| *buffer.select_nth_unstable_by(rank, order).1)
}

/// Puts the wanted ones of `draws` in `buffer`. Without a branch, which the processor would predict
/// as badly as a coin: every draw is written, and the next one overwrites it where it is not
/// wanted.
fn filter_into<T: Copy>(draws: &[T], buffer: &mut Vec<T>, wanted: impl Fn(&T) -> bool) {
    buffer.clear();
    buffer.extend_from_slice(draws);
    let mut count = 0;
    for draw in draws {
        buffer[count] = *draw;
        count += usize::from(wanted(draw));
    }
    buffer.truncate(count);
}

#[cfg(test)]
mod tests {
    use rand::rngs::ChaCha8Rng;
    use rand::seq::SliceRandom;
    use rand::{RngExt, SeedableRng};

    use super::*;

    #[test]
    fn nine_tenths_lie_between_the_percentile_interval_90() {
        let mut draws: Vec<f64> = (0..=1000).map(f64::from).collect();
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for _ in 0..20 {
            draws.shuffle(&mut rng);
            assert_eq!(percentile_interval_90(&draws, &mut Vec::new()), Some((50.0, 950.0)));
        }
        assert_eq!(percentile_interval_90::<u32>(&[], &mut Vec::new()), None);
        assert_eq!(percentile_interval_90(&[7], &mut Vec::new()), Some((7, 7)));
    }

    #[test]
    fn they_are_those_of_sorted_draws_however_the_draws_lie() {
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        for draws in [2, 17, 130, 400, 1000, 1003] {
            let few: Vec<u32> = (0..draws).map(|_| rng.random_range(0..4)).collect();
            let odd: Vec<u32> = (0..draws)
                .map(|i| if i % 16 == 0 { 0 } else { rng.random_range(1..1000) })
                .collect();
            for mut drawn in [few, odd, (0..draws).collect()] {
                let found = percentile_interval_90(&drawn, &mut Vec::new());
                drawn.sort_unstable();
                let rank = (f64::from(draws - 1) * TAIL).round() as usize;
                assert_eq!(found, Some((drawn[rank], drawn[draws as usize - 1 - rank])), "{draws}");
            }
        }
    }
}
