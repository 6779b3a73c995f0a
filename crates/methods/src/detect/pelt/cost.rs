//! What a segment of one level costs: twice the negative log-likelihood at its best level,
//! constants left out, or the sum of squares.

/// Cost of a stretch of a series under one level. `start..end` is 0-based and not empty, the end
/// excluded.
pub trait Cost {
    /// What the segment costs at its own best level.
    fn error(&self, start: usize, end: usize) -> f64;

    /// That level: a mean, or a rate per unit of exposure.
    fn level(&self, start: usize, end: usize) -> f64;
}

/// Sums over the first 0, 1, 2 … values.
fn cumulated(x: impl Iterator<Item = f64>) -> Vec<f64> {
    std::iter::once(0.0)
        .chain(x.scan(0.0, |sum, v| {
            *sum += v;
            Some(*sum)
        }))
        .collect()
}

/// Squared deviations from the mean, ruptures' `CostL2`.
pub struct CostL2 {
    sums: Vec<f64>,
    squares: Vec<f64>,
    mean: f64,
}

impl CostL2 {
    /// Of finite values.
    pub fn new(x: &[f64]) -> CostL2 {
        // Differences of sums keep their digits when the sums stay near zero.
        let mean = x.iter().sum::<f64>() / x.len().max(1) as f64;
        let centred = || x.iter().map(|v| v - mean);
        CostL2 { sums: cumulated(centred()), squares: cumulated(centred().map(|v| v * v)), mean }
    }
}

impl Cost for CostL2 {
    fn error(&self, start: usize, end: usize) -> f64 {
        let sum = self.sums[end] - self.sums[start];
        (self.squares[end] - self.squares[start] - sum * sum / (end - start) as f64).max(0.0)
    }

    fn level(&self, start: usize, end: usize) -> f64 {
        self.mean + (self.sums[end] - self.sums[start]) / (end - start) as f64
    }
}

/// Poisson counts of mean rate × exposure.
pub struct CostPoisson {
    counts: Vec<f64>,
    exposures: Vec<f64>,
}

impl CostPoisson {
    /// Of counts that are not negative and exposures above zero, one each.
    pub fn new(y: &[f64], exposure: &[f64]) -> CostPoisson {
        CostPoisson {
            counts: cumulated(y.iter().copied()),
            exposures: cumulated(exposure.iter().copied()),
        }
    }
}

impl Cost for CostPoisson {
    fn error(&self, start: usize, end: usize) -> f64 {
        let sum = self.counts[end] - self.counts[start];
        // The part −2(rate × exposure) is the same sum under every segmentation.
        if sum > 0.0 { -2.0 * sum * self.level(start, end).ln() } else { 0.0 }
    }

    fn level(&self, start: usize, end: usize) -> f64 {
        (self.counts[end] - self.counts[start]) / (self.exposures[end] - self.exposures[start])
    }
}

/// Negative binomial counts of mean μ = rate × exposure and variance μ + μ²/size, the size common
/// to all segments.
pub struct CostNegativeBinomial {
    counts: Vec<f64>,
    size: f64,
    /// First positions of stretches of equal exposure, and the exposure.
    stretches: Vec<(usize, f64)>,
}

impl CostNegativeBinomial {
    /// Of counts that are not negative and exposures above zero, one each; `size` above zero and
    /// finite.
    pub fn new(y: &[f64], exposure: &[f64], size: f64) -> CostNegativeBinomial {
        let mut stretches: Vec<(usize, f64)> = exposure.iter().copied().enumerate().collect();
        stretches.dedup_by(|next, kept| next.1 == kept.1);
        CostNegativeBinomial { counts: cumulated(y.iter().copied()), size, stretches }
    }

    /// Stretches of equal exposure within a segment: count, number of values, exposure.
    fn within(&self, start: usize, end: usize) -> impl Iterator<Item = (f64, f64, f64)> + '_ {
        let first = self.stretches.partition_point(|(at, _)| *at <= start).saturating_sub(1);
        let starts = self.stretches[first..].iter().take_while(move |(at, _)| *at < end);
        starts.enumerate().map(move |(i, (at, exposure))| {
            let from = start.max(*at);
            let to = self.stretches.get(first + i + 1).map_or(end, |(next, _)| end.min(*next));
            (self.counts[to] - self.counts[from], (to - from) as f64, *exposure)
        })
    }

    /// Score of the likelihood over size/rate, and its derivative: decreasing and convex in the
    /// rate.
    fn score(&self, start: usize, end: usize, rate: f64) -> (f64, f64) {
        self.within(start, end).fold((0.0, 0.0), |(score, slope), (y, n, e)| {
            let whole = self.size + rate * e;
            (score + (y - n * rate * e) / whole, slope - e * (n * self.size + y) / (whole * whole))
        })
    }
}

impl Cost for CostNegativeBinomial {
    fn error(&self, start: usize, end: usize) -> f64 {
        let sum = self.counts[end] - self.counts[start];
        if sum <= 0.0 {
            return 0.0;
        }
        let rate = self.level(start, end);
        let shared: f64 = self
            .within(start, end)
            .map(|(y, n, e)| (y + n * self.size) * (rate * e / self.size).ln_1p())
            .sum();
        -2.0 * (sum * rate.ln() - shared)
    }

    /// The rate of greatest likelihood, by Newton's steps from the pooled rate, which is already it
    /// under equal exposures.
    fn level(&self, start: usize, end: usize) -> f64 {
        let (sum, exposure) = self
            .within(start, end)
            .fold((0.0, 0.0), |(y, e), part| (y + part.0, e + part.1 * part.2));
        let mut rate = sum / exposure;
        if sum <= 0.0 || self.within(start, end).nth(1).is_none() {
            return rate;
        }
        for _ in 0..60 {
            let (score, slope) = self.score(start, end, rate);
            let step = score / slope;
            // A step from the right of the solution may lead below zero; from its left, never
            // beyond it.
            let next = if rate > step { rate - step } else { rate / 2.0 };
            let settled = (next - rate).abs() <= 1e-10 * rate;
            rate = next;
            if settled {
                break;
            }
        }
        rate
    }
}

/// Size of a negative binomial by moments of neighbours, so that a change of level, which few
/// neighbours see, is not taken for dispersion.
///
/// For neighbours with rates a = y/e and b, ½((a − b)² − y/e² of each) estimates rate²/size and a·b
/// estimates rate², whatever the exposures. Infinite (Poisson) where the neighbours do not differ
/// more than by chance.
pub fn neighbour_size(y: &[f64], exposure: &[f64]) -> f64 {
    let pairs = y.windows(2).zip(exposure.windows(2));
    let (mean, extra) = pairs.fold((0.0, 0.0), |(mean, extra), (y, e)| {
        let (a, b) = (y[0] / e[0], y[1] / e[1]);
        let weight = e[0] * e[1];
        (mean + weight * a * b, extra + weight * 0.5 * ((a - b) * (a - b) - a / e[0] - b / e[1]))
    });
    if extra > 0.0 && mean > 0.0 { mean / extra } else { f64::INFINITY }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Twice the negative log-likelihood at a rate, without the constants that
    /// [`CostNegativeBinomial`] leaves out.
    fn likelihood(y: &[f64], e: &[f64], size: f64, rate: f64) -> f64 {
        -2.0 * y
            .iter()
            .zip(e)
            .map(|(y, e)| y * rate.ln() - (y + size) * (rate * e / size).ln_1p())
            .sum::<f64>()
    }

    #[test]
    fn the_level_is_the_best_one_whatever_the_exposures() {
        let y = [0.0, 7.0, 1.0, 30.0, 2.0, 2.0];
        let e = [1.0, 1.0, 40.0, 2.0, 2.0, 0.1];
        for size in [0.05, 1.0, 1e6] {
            let cost = CostNegativeBinomial::new(&y, &e, size);
            for (start, end) in [(0, 6), (1, 4), (2, 3), (3, 6)] {
                let (best, at) = (cost.error(start, end), cost.level(start, end));
                assert!(
                    (best - likelihood(&y[start..end], &e[start..end], size, at)).abs()
                        < 1e-9 * best.abs().max(1.0)
                );
                for other in [at * 0.99, at * 1.01] {
                    assert!(
                        likelihood(&y[start..end], &e[start..end], size, other) > best,
                        "{size} {start} {end}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_large_size_is_poisson() {
        let (y, e) = ([3.0, 5.0, 0.0, 9.0], [1.0, 2.0, 3.0, 1.5]);
        let (poisson, nb) = (CostPoisson::new(&y, &e), CostNegativeBinomial::new(&y, &e, 1e9));
        // The constants that differ are 2Σy.
        assert!((nb.error(0, 4) - poisson.error(0, 4) - 34.0).abs() < 1e-5);
        assert!((nb.level(1, 3) - poisson.level(1, 3)).abs() < 1e-7);
    }

    #[test]
    fn nothing_counted_costs_nothing() {
        let (y, e) = ([0.0; 3], [1.0, 2.0, 2.0]);
        assert_eq!(CostPoisson::new(&y, &e).error(0, 3), 0.0);
        assert_eq!(CostNegativeBinomial::new(&y, &e, 2.0).error(0, 3), 0.0);
        assert_eq!(CostNegativeBinomial::new(&y, &e, 2.0).level(0, 3), 0.0);
        assert_eq!(neighbour_size(&y, &e), f64::INFINITY);
        assert_eq!(CostL2::new(&[4.0, 4.0, 7.0]).level(1, 3), 5.5);
    }
}
