//! How much more areas' counts vary about the margins of the table than cases that come one by one
//! would.
//!
//! One caller calls ten times, a patrol writes down a street: then counts of mean e vary by e +
//! κe². A scan that takes such cases for independent finds clusters every night; a statistic
//! divided by its overdispersion does not (Zhang, T., Zhang, Z. & Lin, G. (2012) Spatial scan
//! statistics with overdispersion, Statistics in Medicine 31, 762–774). What is theirs for a map is
//! taken here by the length of the window, because campaigns last for weeks: κ is measured on
//! blocks of a day, a week and the longest window, in the days before the windows that are scanned.

use ndarray::ArrayView2;

/// Share of the most deviant cells that is left out: past clusters are not how counts usually vary.
const DEVIANT: f64 = 0.025;

/// κ by the length of a window.
pub(super) struct Heterogeneity(Vec<(usize, f64)>);

impl Heterogeneity {
    /// Cases that come one by one.
    pub(super) fn none() -> Heterogeneity {
        Heterogeneity(Vec::new())
    }

    /// As `days` of the table show it, for windows of at most `longest` days.
    pub(super) fn estimate(
        cases: ArrayView2<u32>,
        days: &[usize],
        longest: usize,
    ) -> Heterogeneity {
        let mut lengths = vec![1, 7, longest];
        lengths.retain(|l| *l <= longest);
        lengths.dedup();
        Heterogeneity(
            lengths.into_iter().map(|length| (length, kappa(cases, days, length))).collect(),
        )
    }

    /// κ of windows of so many days, linear in the logarithm of the length between those measured.
    pub(super) fn over(&self, days: usize) -> f64 {
        let after = self.0.partition_point(|(length, _)| *length < days);
        match (after.checked_sub(1).and_then(|i| self.0.get(i)), self.0.get(after)) {
            (Some((l, low)), Some((h, high))) => {
                low + (high - low) * (days as f64 / *l as f64).ln() / (*h as f64 / *l as f64).ln()
            }
            (Some((_, end)), None) | (None, Some((_, end))) => *end,
            (None, None) => 0.0,
        }
    }
}

/// κ by moments: the excess of the squared deviations over the expected counts, by the squares of
/// these. Fewer than two blocks say nothing: 0.
fn kappa(cases: ArrayView2<u32>, days: &[usize], length: usize) -> f64 {
    let blocks: Vec<&[usize]> = days.rchunks_exact(length).collect();
    let count = |area: usize, block: &[usize]| {
        block.iter().map(|d| f64::from(cases[[area, *d]])).sum::<f64>()
    };
    let counts: Vec<Vec<f64>> =
        (0..cases.nrows()).map(|a| blocks.iter().map(|b| count(a, b)).collect()).collect();
    let by_block: Vec<f64> =
        (0..blocks.len()).map(|b| counts.iter().map(|of| of[b]).sum()).collect();
    let total: f64 = by_block.iter().sum();
    if blocks.len() < 2 || total <= 0.0 {
        return 0.0;
    }
    // What margins take from the deviations is given back.
    let freedom = (1.0 - 1.0 / blocks.len() as f64) * (1.0 - 1.0 / counts.len().max(2) as f64);
    let mut cells: Vec<(f64, f64, f64)> = Vec::with_capacity(counts.len() * blocks.len());
    for of_area in &counts {
        let share = of_area.iter().sum::<f64>() / total;
        let cell = |(o, all): (&f64, &f64)| {
            let e = share * all;
            ((o - e).powi(2) / e, (o - e).powi(2) / freedom - e, e * e)
        };
        cells
            .extend(of_area.iter().zip(&by_block).map(cell).filter(|(_, _, square)| *square > 0.0));
    }
    cells.sort_by(|a, b| a.0.total_cmp(&b.0));
    cells.truncate(cells.len() - (DEVIANT * cells.len() as f64) as usize);
    let (excess, squares) =
        cells.iter().fold((0.0, 0.0), |(x, s), (_, excess, square)| (x + excess, s + square));
    if squares > 0.0 { (excess / squares).max(0.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;
    use rand::rngs::ChaCha8Rng;
    use rand::{RngExt, SeedableRng};

    use super::*;

    /// Counts about `mean`, each case written down `times` over.
    fn table(mean: f64, times: u32) -> Array2<u32> {
        let mut random = ChaCha8Rng::seed_from_u64(5);
        let mut table = Array2::zeros((20, 280));
        for _ in 0..(mean * 20.0 * 280.0 / f64::from(times)) as usize {
            table[[random.random_range(0..20), random.random_range(0..280)]] += times;
        }
        table
    }

    #[test]
    fn cases_one_by_one_vary_as_they_should_and_repeated_ones_more() {
        let days: Vec<usize> = (0..280).collect();
        let of = |times| Heterogeneity::estimate(table(2.0, times).view(), &days, 28);
        assert!(of(1).over(1) < 0.05 && of(1).over(28) < 0.01, "{:?}", of(1).0);
        // Four at a time vary by four times the mean: κ = 3 / mean, less what the most deviant had.
        assert!(
            (0.7..1.6).contains(&of(4).over(1)) && of(4).over(28) < of(4).over(7),
            "{:?}",
            of(4).0
        );
        assert!(of(4).over(3) > of(4).over(7) && of(4).over(3) < of(4).over(1));
    }

    #[test]
    fn nothing_known_is_cases_one_by_one() {
        assert_eq!(Heterogeneity::none().over(7), 0.0);
        assert_eq!(
            Heterogeneity::estimate(Array2::zeros((3, 50)).view(), &[0, 1, 2], 28).over(5),
            0.0
        );
    }
}
