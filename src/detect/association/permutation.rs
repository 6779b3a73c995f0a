//! Permuting a series in blocks.

use rand::RngExt;
use rand::rngs::ChaCha8Rng;

use super::Ranked;

/// The blocks of `length` steps that `n` steps fall into, by number; the last may be shorter.
pub(super) fn blocks(n: usize, length: usize) -> Vec<usize> {
    (0..n.div_ceil(length.max(1))).collect()
}

/// Puts the blocks of `of` into `into` in a new order, having first turned it by a random number of steps, so that the borders between blocks are
/// elsewhere each time. What was unknown stays with its step.
pub(super) fn permute(of: &Ranked, length: usize, order: &mut [usize], into: &mut Ranked, random: &mut ChaCha8Rng) {
    let (n, length) = (of.rank.len(), length.max(1));
    for i in (1..order.len()).rev() {
        order.swap(i, random.random_range(0..=i));
    }
    let turn = if n > 0 { random.random_range(0..n) } else { 0 };
    let mut at = 0;
    for block in order.iter() {
        for step in block * length..((block + 1) * length).min(n) {
            let from = (step + turn) % n;
            (into.rank[at], into.known[at]) = (of.rank[from], of.known[from]);
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn every_step_is_kept_and_neighbours_mostly_stay_together() {
        let of = Ranked::new(&(0..100).map(|i| if i == 7 { f64::NAN } else { f64::from(i) }).collect::<Vec<_>>());
        let (mut order, mut into) = (blocks(100, 7), of.clone());
        permute(&of, 7, &mut order, &mut into, &mut ChaCha8Rng::seed_from_u64(1));
        let sorted = |v: &[f64]| {
            let mut v = v.to_vec();
            v.sort_by(f64::total_cmp);
            v
        };
        assert_eq!((sorted(&into.rank), sorted(&into.known)), (sorted(&of.rank), sorted(&of.known)));
        assert_ne!(into.rank, of.rank);
        assert!(into.rank.windows(2).filter(|w| (w[1] - w[0] - 1.0).abs() < 1e-9).count() > 70);
    }
}
