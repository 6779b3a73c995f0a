//! Permuting a series in blocks.

use rand::RngExt;
use rand::rngs::ChaCha8Rng;

use super::ranks::Ranked;

/// What is known of a series, to be put in another order again and again. What is unknown stays
/// where it is: were it moved, too few pairs would be left of a series with a gap, and no
/// permutation could reach the strength of the series as they are.
pub(super) struct Shuffle {
    /// Steps that are known, and their ranks.
    places: Vec<usize>,
    ranks: Vec<f64>,
    /// Steps in a block, and the blocks in the order of the moment; the last may be shorter.
    length: usize,
    order: Vec<usize>,
    /// The series in that order.
    pub permuted: Ranked,
}

impl Shuffle {
    /// Of a series, in blocks of `length` known steps.
    pub fn new(of: &Ranked, length: usize) -> Shuffle {
        let places: Vec<usize> = (0..of.rank.len()).filter(|at| of.known[*at] > 0.0).collect();
        let (ranks, length): (Vec<f64>, usize) =
            (places.iter().map(|at| of.rank[*at]).collect(), length.max(1));
        Shuffle {
            order: (0..ranks.len().div_ceil(length)).collect(),
            places,
            ranks,
            length,
            permuted: of.clone(),
        }
    }

    /// Puts the blocks in a new order, having first turned the series by a random number of steps,
    /// so that the borders between blocks are elsewhere each time.
    pub fn draw(&mut self, random: &mut ChaCha8Rng) {
        let n = self.ranks.len();
        for i in (1..self.order.len()).rev() {
            self.order.swap(i, random.random_range(0..=i));
        }
        let turn = if n > 0 { random.random_range(0..n) } else { 0 };
        let steps = self
            .order
            .iter()
            .flat_map(|block| block * self.length..((block + 1) * self.length).min(n));
        for (place, step) in self.places.iter().zip(steps) {
            self.permuted.rank[*place] = self.ranks[(step + turn) % n];
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn every_step_is_kept_neighbours_mostly_stay_together_and_gaps_stay_in_place() {
        let of = Ranked::new(
            &(0..100)
                .map(|i| if (7..20).contains(&i) { f64::NAN } else { f64::from(i) })
                .collect::<Vec<_>>(),
        );
        let mut shuffle = Shuffle::new(&of, 7);
        shuffle.draw(&mut ChaCha8Rng::seed_from_u64(1));
        let sorted = |v: &[f64]| {
            let mut v = v.to_vec();
            v.sort_by(f64::total_cmp);
            v
        };
        let into = shuffle.permuted;
        assert_eq!((sorted(&into.rank), &into.known), (sorted(&of.rank), &of.known));
        assert_ne!(into.rank, of.rank);
        assert!(into.rank.windows(2).filter(|w| (w[1] - w[0] - 1.0).abs() < 1e-9).count() > 60);
    }
}
