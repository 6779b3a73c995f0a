//! A distribution of counts as values with weights, to be mixed or summed over.

use super::NegativeBinomial;

/// A distribution on more whole numbers than this is carried by as many quantiles instead.
const MOST_NODES: usize = 400;
/// Tail that is left out on either side.
const LEFT_OUT: f64 = 1e-7;
/// Standard deviation up to which the distribution function is tabulated.
const LARGEST_SD: f64 = 4000.0;
/// Mean above which quantiles that are not tabulated are those of a gamma distribution.
const LARGE_MEAN: f64 = 2000.0;
/// Probability, as a share of the mode's, at which the table ends.
const NEGLIGIBLE: f64 = 1e-16;

impl NegativeBinomial {
    /// The distribution as (value, weight), values ascending, weights of sum 1: number by number,
    /// or by its quantiles where the numbers are many.
    pub fn nodes(&self) -> Vec<(f64, f64)> {
        let table = CdfTable::new(self);
        let quantile = |p: f64| match &table {
            Some(table) => table.quantile(p),
            None if self.mean() > LARGE_MEAN => self.gamma_quantile(p),
            None => self.quantile(p),
        };
        let (low, high) = (quantile(LEFT_OUT), quantile(1.0 - LEFT_OUT));
        if high - low > MOST_NODES as f64 {
            let weight = 1.0 / MOST_NODES as f64;
            return (0..MOST_NODES)
                .map(|i| (quantile((i as f64 + 0.5) * weight), weight))
                .collect();
        }
        let (mut nodes, mut below, mut y) = (Vec::new(), 0.0, low);
        while y < high {
            let cdf = table.as_ref().map_or_else(|| self.cdf(y), |cdf| cdf.at(y));
            nodes.push((y, cdf - below));
            below = cdf;
            y += 1.0;
        }
        nodes.push((high, 1.0 - below));
        nodes
    }
}

/// A distribution function over successive whole numbers, each probability from that of the number
/// before: far quicker than asking for each by itself.
struct CdfTable {
    first: f64,
    cdf: Vec<f64>,
}

impl CdfTable {
    /// `None` where the numbers are too many, or there is only zero.
    fn new(counts: &NegativeBinomial) -> Option<CdfTable> {
        if !(counts.mean() > 0.0 && counts.sd() <= LARGEST_SD) {
            return None;
        }
        let mode = (counts.mean() - (counts.dispersion() - 1.0)).max(0.0).floor();
        let mut pmf = Vec::new();
        let (mut first, mut p) = (mode, 1.0);
        while first > 0.0 && p > NEGLIGIBLE {
            p /= counts.pmf_ratio(first - 1.0);
            first -= 1.0;
            pmf.push(p);
        }
        pmf.reverse();
        let (mut last, mut p) = (mode, 1.0);
        pmf.push(p);
        while p > NEGLIGIBLE {
            p *= counts.pmf_ratio(last);
            last += 1.0;
            pmf.push(p);
        }
        let total: f64 = pmf.iter().sum();
        let cdf = pmf.into_iter().scan(0.0, |sum, p| {
            *sum += p / total;
            Some(*sum)
        });
        Some(CdfTable { first, cdf: cdf.collect() })
    }

    fn at(&self, y: f64) -> f64 {
        if y < self.first {
            0.0
        } else {
            self.cdf.get((y - self.first) as usize).copied().unwrap_or(1.0)
        }
    }

    fn quantile(&self, p: f64) -> f64 {
        self.first + self.cdf.partition_point(|cdf| *cdf < p).min(self.cdf.len() - 1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_have_the_mean_and_variance_of_the_distribution() {
        for counts in [
            NegativeBinomial::with_size(0.3, 0.2),
            NegativeBinomial::with_size(7.0, 3.0),
            NegativeBinomial::poisson(900.0),
            NegativeBinomial::with_size(30_000.0, 20.0),
            NegativeBinomial::ZERO,
        ] {
            let nodes = counts.nodes();
            let mean: f64 = nodes.iter().map(|(y, w)| y * w).sum();
            let variance: f64 = nodes.iter().map(|(y, w)| (y - mean).powi(2) * w).sum();
            assert!((mean - counts.mean()).abs() <= 0.005 * counts.mean(), "{counts:?} {mean}");
            assert!(
                (variance - counts.variance()).abs() <= 0.02 * counts.variance(),
                "{counts:?} {variance}"
            );
        }
    }

    #[test]
    fn the_table_is_the_distribution_function() {
        for counts in [
            NegativeBinomial::with_size(0.2, 0.02),
            NegativeBinomial::with_size(37.0, 3.0),
            NegativeBinomial::poisson(1500.0),
        ] {
            let table = CdfTable::new(&counts).unwrap();
            for p in [1e-7, 0.001, 0.3, 0.9, 0.9999] {
                assert_eq!(table.quantile(p), counts.quantile(p), "{counts:?} {p}");
                let y = counts.quantile(p);
                assert!((table.at(y) - counts.cdf(y)).abs() < 1e-12, "{counts:?} {y}");
            }
        }
        assert!(CdfTable::new(&NegativeBinomial::ZERO).is_none());
        assert!(CdfTable::new(&NegativeBinomial::with_size(30_000.0, 2.0)).is_none());
    }
}
