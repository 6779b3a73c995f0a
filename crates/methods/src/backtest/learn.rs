//! Weights on the simplex that rank best.

use ndarray::{Array1, Array2, ArrayView1, Axis};

use super::judge::LEAST_UNITS;
use super::pairs::Pair;
use crate::stats::cholesky::{factor, solve};
use crate::stats::descriptive::{average_ranks, mean};

/// The weights, not below zero and summing to one, under which the scores follow the target's ranks
/// best: least squares of the ranks on the scores, both centred within each origin, so that what is
/// fitted is the order of the units and not the course of time. They are drawn towards equal
/// weights by the rule of James and Stein (positive part; Efron and Morris 1973, J. Amer. Stat.
/// Assoc. 68, 117–130): by so much as a fit to noise would differ from equal weights; then weights
/// below zero are cut off. A score that is not known is taken for the origin's mean. Equal weights
/// where nothing can be fitted.
pub fn learn(pairs: &[Pair]) -> Array1<f64> {
    let elements = pairs.first().map_or(0, |p| p.scores.ncols());
    let equal = Array1::from_elem(elements, 1.0 / elements as f64);
    let mut sums = Sums::new(elements);
    pairs.iter().for_each(|pair| sums.add(pair));
    let Some(shrunk) = sums.shrunk() else { return equal };
    let cut = shrunk.mapv(|w| w.max(0.0));
    let sum = cut.sum();
    if sum > 0.0 { cut / sum } else { equal }
}

/// Sums of squares and products of centred scores, with their sign turned, and centred ranks.
struct Sums {
    squares: Array2<f64>,
    products: Array1<f64>,
    ranks: f64,
    /// Units of all origins, less one each.
    freedom: f64,
}

impl Sums {
    fn new(elements: usize) -> Sums {
        Sums {
            squares: Array2::zeros((elements, elements)),
            products: Array1::zeros(elements),
            ranks: 0.0,
            freedom: 0.0,
        }
    }

    fn add(&mut self, pair: &Pair) {
        let some = |row: &usize| {
            !pair.target[*row].is_nan() && pair.scores.row(*row).iter().any(|s| !s.is_nan())
        };
        let rows: Vec<usize> = (0..pair.target.len()).filter(some).collect();
        if rows.len() < LEAST_UNITS {
            return;
        }
        let target: Vec<f64> = rows.iter().map(|row| pair.target[*row]).collect();
        let count = rows.len() as f64;
        let ranks: Array1<f64> =
            average_ranks(&target).iter().map(|r| (r - (count + 1.0) / 2.0) / count).collect();
        let columns: Vec<Array1<f64>> =
            pair.scores.columns().into_iter().map(|column| centred_risk(column, &rows)).collect();
        for (i, a) in columns.iter().enumerate() {
            self.products[i] += a.dot(&ranks);
            for (j, b) in columns.iter().enumerate() {
                self.squares[[i, j]] += a.dot(b);
            }
        }
        self.ranks += ranks.dot(&ranks);
        self.freedom += count - 1.0;
    }

    /// Least squares drawn towards equal weights, not yet cut off; `None` where there is nothing to
    /// fit.
    fn shrunk(&self) -> Option<Array1<f64>> {
        let known: Vec<usize> =
            (0..self.products.len()).filter(|e| self.squares[[*e, *e]] > 0.0).collect();
        let size = known.len();
        let freedom = self.freedom - size as f64;
        if size == 0 || freedom <= 0.0 {
            return None;
        }
        let squares =
            Array2::from_shape_fn((size, size), |(i, j)| self.squares[[known[i], known[j]]]);
        let products: Vec<f64> = known.iter().map(|e| self.products[*e]).collect();
        let fitted =
            Array1::from(solve(&factor(squares.iter().copied().collect(), size)?, &products));
        let products = Array1::from(products);
        let variance = ((self.ranks - fitted.dot(&products)) / freedom).max(0.0);
        // Of all equal weights those that fit best, and none below zero.
        let ones = Array1::<f64>::ones(size);
        let common = (products.sum() / ones.dot(&squares.dot(&ones))).max(0.0);
        let apart = &fitted - common;
        let distance = apart.dot(&squares.dot(&apart));
        let noise = (size as f64 - 3.0).max(0.0) * variance;
        let kept = if distance > 0.0 { (1.0 - noise / distance).max(0.0) } else { 0.0 };
        let mut weights = Array1::zeros(self.products.len());
        for (at, element) in known.into_iter().enumerate() {
            weights[element] = common + kept * apart[at];
        }
        Some(weights)
    }
}

/// A column's deviations from the mean of those known, with their sign turned: scores are of
/// safety, targets of harm.
fn centred_risk(column: ArrayView1<f64>, rows: &[usize]) -> Array1<f64> {
    let mean = mean(column.select(Axis(0), rows).view());
    let deviation = |row: &usize| if column[*row].is_nan() { 0.0 } else { mean - column[*row] };
    rows.iter().map(deviation).collect()
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;
    use rand_distr::{Distribution, StandardNormal};

    use super::*;

    #[test]
    fn what_drives_the_target_gets_the_weight() {
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let mut normal = || -> f64 { StandardNormal.sample(&mut rng) };
        // The last element was never delivered.
        let mut scores: Vec<Array2<f64>> =
            (0..24).map(|_| Array2::from_shape_simple_fn((40, 5), &mut normal)).collect();
        let follows = |row: ArrayView1<f64>, noise: f64| -0.7 * row[1] - 0.3 * row[3] + 0.5 * noise;
        let targets: Vec<Array1<f64>> = scores
            .iter()
            .map(|s| s.rows().into_iter().map(|r| follows(r, normal())).collect())
            .collect();
        scores.iter_mut().for_each(|s| s.column_mut(4).fill(f64::NAN));
        let pairs = scores.iter().zip(&targets);
        let pairs: Vec<Pair> =
            pairs.map(|(s, t)| Pair { scores: s.view(), target: t.view() }).collect();
        let weights = learn(&pairs);
        assert!((weights.sum() - 1.0).abs() < 1e-12, "{weights}");
        assert!((weights[1] - 0.7).abs() < 0.08 && (weights[3] - 0.3).abs() < 0.08, "{weights}");
        assert!(weights[0] < 0.05 && weights[2] < 0.05 && weights[4] == 0.0, "{weights}");
    }

    #[test]
    fn where_nothing_drives_it_weights_stay_near_equal() {
        let mut rng = ChaCha8Rng::seed_from_u64(6);
        let mut normal = || -> f64 { StandardNormal.sample(&mut rng) };
        let mut far = 0;
        for _ in 0..20 {
            let scores = Array2::from_shape_simple_fn((400, 8), &mut normal);
            let target = Array1::from_shape_simple_fn(400, &mut normal);
            let common = Array1::from_iter(scores.rows().into_iter().map(|r| -0.05 * r.sum()));
            let target = target + common;
            let weights = learn(&[Pair { scores: scores.view(), target: target.view() }]);
            far += usize::from(weights.iter().any(|w| (w - 0.125).abs() > 0.125));
        }
        assert!(far <= 5, "{far} of 20 far from equal");
        let nothing = Array1::from_elem(400, f64::NAN);
        let scores = Array2::zeros((400, 4));
        let weights = learn(&[Pair { scores: scores.view(), target: nothing.view() }]);
        assert_eq!(weights, Array1::from_elem(4, 0.25));
    }
}
