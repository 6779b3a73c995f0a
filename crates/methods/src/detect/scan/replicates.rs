//! Tables in which the days are permuted among the cases: both margins stay as they are.

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rayon::prelude::*;

use super::search::{Buffers, Search};
use super::table::Table;

/// Tables permuted between two looks at whether it is enough.
const BATCH: usize = 48;

/// When no more tables need be permuted: so many have `reached` the statistic.
pub(super) struct Stop {
    pub statistic: f64,
    pub reached: usize,
}

/// The largest statistic in each of `replicates` permuted tables; `None` where permuting has
/// stopped. Each has a stream of random numbers of its own, so that threads do not matter.
pub(super) fn largest(
    table: &Table,
    search: &Search,
    replicates: usize,
    seed: u64,
    stop: Stop,
) -> Option<Vec<f64>> {
    let cases = Cases::new(table);
    let replicate = |(permutation, buffers): &mut (Permutation, Buffers), i: usize| {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        random.set_stream(i as u64);
        permutation.draw(&cases, &mut random);
        search.largest(&permutation.counts, buffers)
    };
    let (mut largest, mut reached) = (Vec::with_capacity(replicates), 0);
    while largest.len() < replicates {
        let batch = largest.len()..(largest.len() + BATCH).min(replicates);
        let from = batch.start;
        largest.par_extend(
            batch
                .into_par_iter()
                .map_init(|| (Permutation::new(&cases, table), Buffers::default()), replicate),
        );
        reached += largest[from..].iter().filter(|l| **l >= stop.statistic).count();
        if reached >= stop.reached {
            return None;
        }
    }
    Some(largest)
}

/// Every case by its area, and the kept columns that the last of them are to be given.
struct Cases {
    area: Vec<u32>,
    column: Vec<u32>,
    columns: usize,
}

impl Cases {
    fn new(table: &Table) -> Cases {
        let each = |counts: &[u32]| {
            (0_u32..).zip(counts).flat_map(|(i, n)| std::iter::repeat_n(i, *n as usize)).collect()
        };
        Cases {
            area: each(&table.by_area),
            column: each(&table.by_column),
            columns: table.columns(),
        }
    }
}

/// A shuffle under way.
struct Permutation {
    area: Vec<u32>,
    swaps: Vec<usize>,
    counts: Vec<u32>,
}

impl Permutation {
    fn new(cases: &Cases, table: &Table) -> Permutation {
        Permutation {
            area: cases.area.clone(),
            swaps: Vec::new(),
            counts: vec![0; table.by_area.len() * cases.columns],
        }
    }

    /// Counts of area and column after a permutation. Fisher and Yates's shuffle from the end, and
    /// only as far as there are kept columns: which of the other cases fall on which of the earlier
    /// days is nobody's concern.
    fn draw(&mut self, cases: &Cases, random: &mut ChaCha8Rng) {
        self.counts.fill(0);
        self.swaps.clear();
        let earlier = self.area.len() - cases.column.len();
        for (i, column) in cases.column.iter().enumerate().rev() {
            let at = earlier + i;
            let other = random.random_range(0..=at as u32) as usize;
            self.area.swap(at, other);
            self.swaps.push(other);
            self.counts[self.area[at] as usize * cases.columns + *column as usize] += 1;
        }
        // Undone, so that every draw begins with the same order, whichever thread it is on.
        for (i, other) in self.swaps.iter().rev().enumerate() {
            self.area.swap(earlier + i, *other);
        }
    }
}
