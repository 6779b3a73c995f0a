//! The statistic of every cylinder: the largest of them, or the best of each circle.

use super::cylinders::{Circles, Step};
use super::heterogeneity::Heterogeneity;
use super::table::Table;

/// A circle in its best window.
pub(super) struct Candidate {
    pub centre: usize,
    pub areas: Vec<usize>,
    /// First column, and last column + 1.
    pub window: (usize, usize),
    pub observed: u32,
    pub expected: f64,
    /// Log likelihood ratio, divided by the overdispersion of such a cylinder.
    pub statistic: f64,
    pub overdispersion: f64,
}

/// Log likelihood ratio of a cylinder with `c` of `n` cases where `mu` are expected: Kulldorff's
/// Poisson statistic for high rates, 0 where `c` is not above `mu`.
pub fn log_likelihood_ratio(c: f64, mu: f64, n: f64) -> f64 {
    if !(c > mu && mu > 0.0 && c <= n) {
        return 0.0;
    }
    let outside = if c < n { (n - c) * ((n - c) / (n - mu)).ln() } else { 0.0 };
    (c * (c / mu).ln() + outside).max(0.0)
}

/// All cylinders of a table, and what of them does not change when days are permuted.
pub(super) struct Search<'a> {
    table: &'a Table,
    circles: &'a [Circles],
    min_cases: u32,
    total: f64,
    windows: Vec<Window>,
}

/// Some columns after one another.
struct Window {
    from: usize,
    to: usize,
    /// Cases over all areas,
    cases: f64,
    /// and by how much the variance of a cylinder grows with the concentration of its circle.
    growth: f64,
}

impl<'a> Search<'a> {
    pub(super) fn new(
        table: &'a Table,
        circles: &'a [Circles],
        min_cases: usize,
        heterogeneity: &Heterogeneity,
    ) -> Search<'a> {
        let total = f64::from(table.total);
        let mut windows = Vec::new();
        for (from, ends) in table.ends.iter().enumerate() {
            let mut cases = table.by_column[from..*ends.start()].iter().sum::<u32>();
            for to in ends.clone() {
                let (first, last) = table.days((from, to));
                let growth = heterogeneity.over(last + 1 - first) * f64::from(cases) / total;
                windows.push(Window { from, to, cases: f64::from(cases), growth });
                cases += table.by_column.get(to).copied().unwrap_or(0);
            }
        }
        let min_cases = u32::try_from(min_cases).unwrap_or(u32::MAX);
        Search { table, circles, min_cases, total, windows }
    }

    /// The largest statistic in a table with these counts of area and column, of cases that come
    /// one by one; 0 where there is none.
    pub(super) fn largest(&self, counts: &[u32], buffers: &mut Buffers) -> f64 {
        let mut best = 0.0;
        self.each_circle(counts, buffers, |_, step, until| {
            self.best_window(step.cases, 0.0, until, &mut best);
        });
        best
    }

    /// The best window of every circle that has one with more cases than expected.
    pub(super) fn all(&self, counts: &[u32]) -> Vec<Candidate> {
        let mut found = Vec::new();
        self.each_circle(counts, &mut Buffers::default(), |circle, step, until| {
            let mut statistic = 0.0;
            if let Some(window) =
                self.best_window(step.cases, step.concentration, until, &mut statistic)
            {
                let expected = f64::from(step.cases) * window.cases / self.total;
                let overdispersion = 1.0 + window.growth * step.concentration;
                let observed = until[window.to] - until[window.from];
                let window = (window.from, window.to);
                let areas = circle.areas[..step.reach].to_vec();
                found.push(Candidate {
                    centre: circle.centre,
                    areas,
                    window,
                    observed,
                    expected,
                    statistic,
                    overdispersion,
                });
            }
        });
        found
    }

    /// Calls with the growing circles, the step that made each, and its cases up to each column.
    fn each_circle(
        &self,
        counts: &[u32],
        buffers: &mut Buffers,
        mut call: impl FnMut(&Circles, &Step, &[u32]),
    ) {
        let width = self.table.columns() + 1;
        accumulate(counts, width, &mut buffers.until);
        for circle in self.circles {
            buffers.circle.clear();
            buffers.circle.resize(width, 0);
            for step in &circle.steps {
                for area in &step.joining {
                    let row = &buffers.until[area * width..(area + 1) * width];
                    buffers.circle.iter_mut().zip(row).for_each(|(sum, n)| *sum += n);
                }
                call(circle, step, &buffers.circle);
            }
        }
    }

    /// The window whose statistic is above `best`, and the largest; `best` becomes its statistic.
    /// `concentration` is the circle's, 0 for cases that come one by one.
    fn best_window(
        &self,
        cases: u32,
        concentration: f64,
        until: &[u32],
        best: &mut f64,
    ) -> Option<&Window> {
        let mut found = None;
        let (cases, each) = (f64::from(cases), 1.0 / self.total);
        for window in &self.windows {
            let c = until[window.to] - until[window.from];
            // From the whole product, so that cylinders which are equal are so to the last bit:
            // ties count in p.
            let mu = cases * window.cases * each;
            let (excess, overdispersion) = (f64::from(c) - mu, 1.0 + window.growth * concentration);
            // ln x ≤ x − 1 makes Pearson's (c − μ)² N / (μ (N − μ)) no smaller than the statistic:
            // most cylinders need no logarithm.
            if excess <= 0.0
                || c < self.min_cases
                || excess * excess * self.total <= *best * overdispersion * mu * (self.total - mu)
            {
                continue;
            }
            let statistic = log_likelihood_ratio(f64::from(c), mu, self.total) / overdispersion;
            if statistic > *best {
                (*best, found) = (statistic, Some(window));
            }
        }
        found
    }
}

/// Memory that one search after another uses.
#[derive(Default)]
pub(super) struct Buffers {
    until: Vec<u32>,
    circle: Vec<u32>,
}

/// Row by row, the sums of the columns before each.
fn accumulate(counts: &[u32], width: usize, until: &mut Vec<u32>) {
    until.clear();
    for row in counts.chunks_exact(width - 1) {
        let mut sum = 0;
        until.push(0);
        until.extend(row.iter().map(|n| {
            sum += n;
            sum
        }));
    }
}
