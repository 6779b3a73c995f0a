//! The ends of a 90 % interval of draws.

use std::cmp::Ordering;

/// Tails cut off on either side: the interval holds 90 %.
const TAIL: f64 = 0.05;
/// One draw in so many is looked at to see where the tails begin.
const EVERY: usize = 16;
/// Share of those looked at that must lie beyond: twice the tail and more, so that hardly ever too
/// few of the draws do.
const BEYOND: usize = 8;

/// The order statistics that cut off the tails; `None` without a draw. No draw is NaN. `room` is
/// used to work in.
pub fn tails<T: Copy + PartialOrd>(draws: &[T], room: &mut Vec<T>) -> Option<(T, T)> {
    let last = draws.len().checked_sub(1)?;
    let place = (last as f64 * TAIL).round() as usize;
    Some((end(draws, place, room, |a, b| a < b)?, end(draws, place, room, |a, b| a > b)?))
}

/// The draw that `place` others come before.
fn end<T: Copy>(
    draws: &[T],
    place: usize,
    room: &mut Vec<T>,
    before: impl Fn(&T, &T) -> bool + Copy,
) -> Option<T> {
    let order = |a: &T, b: &T| match (before(a, b), before(b, a)) {
        (true, _) => Ordering::Less,
        (_, true) => Ordering::Greater,
        _ => Ordering::Equal,
    };
    room.clear();
    room.extend(draws.iter().step_by(EVERY));
    if room.len() > BEYOND {
        let bound = room.len() / BEYOND;
        let bound = *room.select_nth_unstable_by(bound, order).1;
        keep(draws, room, |draw| !before(&bound, draw));
    } else {
        room.clear();
    }
    if room.len() <= place {
        room.clear();
        room.extend_from_slice(draws);
    }
    (place < room.len()).then(|| *room.select_nth_unstable_by(place, order).1)
}

/// Leaves those of `draws` in `room` that are asked for. Every draw is written and the next goes
/// over those that are not: a branch here is foretold as badly as a coin.
fn keep<T: Copy>(draws: &[T], room: &mut Vec<T>, wanted: impl Fn(&T) -> bool) {
    room.clear();
    room.extend_from_slice(draws);
    let mut kept = 0;
    for draw in draws {
        room[kept] = *draw;
        kept += usize::from(wanted(draw));
    }
    room.truncate(kept);
}

#[cfg(test)]
mod tests {
    use rand::rngs::ChaCha8Rng;
    use rand::seq::SliceRandom;
    use rand::{RngExt, SeedableRng};

    use super::*;

    #[test]
    fn nine_tenths_lie_between_the_tails() {
        let mut draws: Vec<f64> = (0..=1000).map(f64::from).collect();
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for _ in 0..20 {
            draws.shuffle(&mut rng);
            assert_eq!(tails(&draws, &mut Vec::new()), Some((50.0, 950.0)));
        }
        assert_eq!(tails::<u32>(&[], &mut Vec::new()), None);
        assert_eq!(tails(&[7], &mut Vec::new()), Some((7, 7)));
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
                let found = tails(&drawn, &mut Vec::new());
                drawn.sort_unstable();
                let place = (f64::from(draws - 1) * TAIL).round() as usize;
                assert_eq!(
                    found,
                    Some((drawn[place], drawn[draws as usize - 1 - place])),
                    "{draws}"
                );
            }
        }
    }
}
