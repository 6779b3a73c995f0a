//! Shapley values: each player's share of what all of them bring about together.

use rand::SeedableRng;
use rand::rngs::ChaCha12Rng;
use rand::seq::SliceRandom;

/// Largest number of players: a coalition has one bit for each.
pub const MAX_PLAYERS: usize = 32;

/// Up to this many players every coalition is evaluated.
const MAX_ENUMERATED: usize = 12;

/// Number of pairs of an order and its reverse, for more players.
const PAIRS: usize = 32;

/// Seed of the shuffled orders. It is fixed, so that the same change always has the same parts.
const SEED: u64 = 0x5348_4150_4c45_5931;

/// The part of each of `players` in `value(all) − value(none)`; `value` is given the coalition of
/// players that are in their new state (player 0 is the lowest bit).
///
/// Up to twelve players the values are Shapley's, from every coalition, each evaluated once. For
/// more they are the mean of the marginal contributions over 64 fixed orders: as given and
/// reversed, and 31 shuffled ones with their reverses. A change taken backwards has the same parts
/// with the sign turned in either case, since an order backwards in time is its reverse; but only
/// the enumerated values do not depend on the order of the players.
///
/// The parts sum to the change within rounding; what rounding leaves over is put on the largest
/// part.
///
/// A coalition whose value is undefined (not finite: a node whose children are all missing mid-way)
/// takes the value of the coalition with nothing changed. Where such a coalition is met, the parts
/// of the change taken backwards need not be the same with the sign turned. Where the value before
/// or after is itself undefined there is no change to share out, and every part is NaN. Players
/// beyond [`MAX_PLAYERS`] have no bit in the coalition, and get 0.
pub fn shapley(players: usize, value: impl Fn(u32) -> f64) -> Vec<f64> {
    let named = players.min(MAX_PLAYERS);
    if named == 0 {
        return Vec::new();
    }
    let (none, all) = (value(0), value(everyone(named)));
    if !(all - none).is_finite() {
        return vec![f64::NAN; players];
    }
    let defined = |coalition: u32| match coalition {
        0 => none,
        c if c == everyone(named) => all,
        c => Some(value(c)).filter(|v| v.is_finite()).unwrap_or(none),
    };
    let mut parts =
        if named <= MAX_ENUMERATED { enumerated(named, defined) } else { permuted(named, defined) };
    add_residual(&mut parts, all - none);
    parts.resize(players, 0.0);
    parts
}

/// The coalition of all of `players`, 1 to 32 of them.
fn everyone(players: usize) -> u32 {
    u32::MAX >> (MAX_PLAYERS - players)
}

fn enumerated(players: usize, value: impl Fn(u32) -> f64) -> Vec<f64> {
    let values: Vec<f64> = (0..=everyone(players)).map(value).collect();
    let shares = shares(players);
    let without = |player: u32| (0..values.len()).filter(move |c| c & (1 << player) == 0);
    let marginal = |c: usize, player: u32| {
        shares[c.count_ones() as usize] * (values[c | 1 << player] - values[c])
    };
    (0..players as u32).map(|player| sum(without(player).map(|c| marginal(c, player)))).collect()
}

/// The share of orders in which exactly a given coalition of s others comes before a player:
/// s!(n−s−1)!/n!, for s = 0 … n−1.
fn shares(players: usize) -> Vec<f64> {
    let n = players as f64;
    (1..players).fold(vec![1.0 / n], |mut shares, s| {
        shares.push(shares[s - 1] * s as f64 / (n - s as f64));
        shares
    })
}

fn permuted(players: usize, value: impl Fn(u32) -> f64) -> Vec<f64> {
    let mut random = ChaCha12Rng::seed_from_u64(SEED);
    let mut order: Vec<usize> = (0..players).collect();
    let mut parts = vec![0.0; players];
    for pair in 0..PAIRS {
        if pair > 0 {
            order.shuffle(&mut random);
        }
        add_marginals(&mut parts, order.iter(), &value);
        add_marginals(&mut parts, order.iter().rev(), &value);
    }
    parts.iter().map(|part| part / (2 * PAIRS) as f64).collect()
}

/// Adds to each player's part what the value gains as the players join in this order.
fn add_marginals<'a>(
    parts: &mut [f64],
    order: impl Iterator<Item = &'a usize>,
    value: impl Fn(u32) -> f64,
) {
    let (mut coalition, mut last) = (0, value(0));
    for &player in order {
        coalition |= 1 << player;
        let now = value(coalition);
        parts[player] += now - last;
        last = now;
    }
}

/// Adds what the parts miss of `total` to the largest part, so that they sum to it.
pub(super) fn add_residual(parts: &mut [f64], total: f64) {
    let rest = total - sum(parts.iter().copied());
    if let Some(largest) = parts.iter_mut().max_by(|a, b| a.abs().total_cmp(&b.abs())) {
        *largest += rest;
    }
}

/// Neumaier's compensated sum.
pub(super) fn sum(terms: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut lost) = (0.0_f64, 0.0);
    for term in terms {
        let next = sum + term;
        lost += if sum.abs() >= term.abs() { (sum - next) + term } else { (term - next) + sum };
        sum = next;
    }
    sum + lost
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::BTreeMap;

    use super::*;

    fn has(coalition: u32, player: u32) -> bool {
        coalition >> player & 1 == 1
    }

    fn close(parts: &[f64], expected: &[f64]) {
        assert_eq!(parts.len(), expected.len());
        assert!(
            parts.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12),
            "{parts:?} is not {expected:?}"
        );
    }

    #[test]
    fn the_glove_game_has_its_textbook_values() {
        let pairs = |c: u32| f64::from(u8::from(has(c, 2) && (has(c, 0) || has(c, 1))));
        close(&shapley(3, pairs), &[1.0 / 6.0, 1.0 / 6.0, 4.0 / 6.0]);
    }

    #[test]
    fn the_airport_game_shares_each_stretch_among_those_who_need_it() {
        let runway = |c: u32| {
            [8.0, 11.0, 13.0, 18.0]
                .iter()
                .enumerate()
                .filter(|(i, _)| has(c, *i as u32))
                .fold(0.0, |m: f64, (_, l)| m.max(*l))
        };
        close(&shapley(4, runway), &[2.0, 3.0, 4.0, 9.0]);
    }

    #[test]
    fn each_coalition_is_evaluated_once() {
        let seen = RefCell::new(BTreeMap::new());
        shapley(6, |c| {
            *seen.borrow_mut().entry(c).or_insert(0) += 1;
            f64::from(c)
        });
        assert_eq!(seen.borrow().len(), 64);
        assert!(seen.borrow().values().all(|times| *times == 1));
    }

    #[test]
    fn many_players_sum_to_the_change_and_turn_their_sign_with_it() {
        for players in [13, 20, 32] {
            let value = |c: u32| {
                (0..players).filter(|p| has(c, *p)).map(|p| f64::from(p + 1)).sum::<f64>().powf(1.3)
            };
            let forth = shapley(players as usize, value);
            let all = u32::MAX >> (32 - players);
            let back = shapley(players as usize, |c| value(all & !c));
            let total = value(all);
            assert!((sum(forth.iter().copied()) - total).abs() <= 1e-12 * total);
            assert!(
                forth.iter().zip(&back).all(|(a, b)| (a + b).abs() <= 1e-12 * total),
                "{forth:?} {back:?}"
            );
            assert!(
                forth.windows(2).all(|w| w[0] < w[1]),
                "a stronger player has the larger part: {forth:?}"
            );
        }
    }

    #[test]
    fn the_orders_come_near_the_enumerated_values() {
        let value = |c: u32| {
            (0..12).filter(|p| has(c, *p)).map(|p| f64::from(p + 1)).product::<f64>().ln().powi(2)
        };
        let (exact, near) = (enumerated(12, value), permuted(12, value));
        assert!(
            exact.iter().zip(&near).all(|(a, b)| (a - b).abs() < 0.02 * value(0xfff)),
            "{exact:?} {near:?}"
        );
        assert!(exact.iter().zip(&near).any(|(a, b)| a != b));
    }

    #[test]
    fn an_undefined_coalition_is_as_if_nothing_had_changed() {
        let value = |c: u32| [50.0, f64::NAN, 55.0, 60.0][c as usize];
        close(&shapley(2, value), &[2.5, 7.5]);
        assert!(shapley(2, |c| [f64::NAN, 1.0, 1.0, 1.0][c as usize]).iter().all(|p| p.is_nan()));
        assert!(shapley(2, |c| [1.0, 1.0, 1.0, f64::NAN][c as usize]).iter().all(|p| p.is_nan()));
    }

    #[test]
    fn nobody_and_too_many_are_no_trouble() {
        assert!(shapley(0, |_| 3.0).is_empty());
        let parts = shapley(34, |c| f64::from(c.count_ones()));
        close(&parts, &[vec![1.0; 32], vec![0.0; 2]].concat());
    }
}
