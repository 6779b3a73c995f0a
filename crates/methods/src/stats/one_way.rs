//! Least squares on the levels of one factor and, where asked for, a slope over time common to
//! them: the design of the Farrington methods.
//!
//! Solved by means within levels: as exact as an orthogonal factorisation, and one pass over the
//! observations rather than p².

use super::LeastSquares;

/// Share of its variation that time must keep within levels for a slope to be seen; the square of
/// what [`super::Dense`] asks of a column.
const NEGLIGIBLE: f64 = 1e-22;

/// One level an observation, and its time. Coefficients are the levels at time zero, then the
/// slope.
#[derive(Clone, Debug)]
pub struct OneWay<'a> {
    level: &'a [usize],
    levels: usize,
    time: Option<&'a [f64]>,
    /// Sum of weights, weighted mean of time and weighted mean of the response, one a level.
    within: Vec<Level>,
    /// Weighted squares of time about its means within levels.
    spread: f64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Level {
    weight: f64,
    time: f64,
    response: f64,
}

impl<'a> OneWay<'a> {
    /// `level` counts from zero to `levels` less one; `time` has the same length.
    pub fn new(level: &'a [usize], levels: usize, time: Option<&'a [f64]>) -> OneWay<'a> {
        OneWay { level, levels, time, within: vec![Level::default(); levels], spread: 0.0 }
    }

    /// Linear predictor of a level at a time.
    pub fn at(&self, coefficients: &[f64], level: usize, time: f64) -> f64 {
        let slope =
            if self.time.is_some() && self.has_slope() { coefficients[self.levels] } else { 0.0 };
        coefficients[level] + slope * time
    }

    /// Variance of [`OneWay::at`] in units of the dispersion, at the weights of the last solution;
    /// infinite where the level has no weight.
    pub fn variance(&self, level: usize, time: f64) -> f64 {
        let within = self.within[level];
        1.0 / within.weight
            + if self.has_slope() { (time - within.time).powi(2) / self.spread } else { 0.0 }
    }

    /// Slope over time and its variance in units of the dispersion; `None` where there is none to
    /// be seen.
    pub fn slope(&self, coefficients: &[f64]) -> Option<(f64, f64)> {
        (self.time.is_some() && self.has_slope())
            .then(|| (coefficients[self.levels], 1.0 / self.spread))
    }

    fn has_slope(&self) -> bool {
        self.spread > 0.0
    }

    fn time_of(&self, i: usize) -> f64 {
        self.time.map_or(0.0, |t| t[i])
    }

    /// Weighted means within levels.
    fn average(&mut self, weights: &[f64], z: &[f64]) {
        self.within.fill(Level::default());
        for (i, (w, z)) in weights.iter().zip(z).enumerate() {
            let time = self.time_of(i);
            let within = &mut self.within[self.level[i]];
            within.weight += w;
            within.time += w * time;
            within.response += w * z;
        }
        for within in self.within.iter_mut().filter(|l| l.weight > 0.0) {
            within.time /= within.weight;
            within.response /= within.weight;
        }
    }

    /// The common slope from deviations within levels; zero where time does not vary within them.
    fn regress(&mut self, weights: &[f64], z: &[f64]) -> f64 {
        self.spread = 0.0;
        let Some(time) = self.time else { return 0.0 };
        let (mut squares, mut products) = (0.0, 0.0);
        for i in 0..time.len() {
            let within = self.within[self.level[i]];
            let t = time[i] - within.time;
            squares += weights[i] * t * t;
            products += weights[i] * t * (z[i] - within.response);
        }
        let total: f64 = self.within.iter().map(|l| l.weight).sum();
        let mean = self.within.iter().map(|l| l.weight * l.time).sum::<f64>() / total;
        let between: f64 = self.within.iter().map(|l| l.weight * (l.time - mean).powi(2)).sum();
        if squares > NEGLIGIBLE * (squares + between) {
            self.spread = squares;
            return products / squares;
        }
        0.0
    }
}

impl LeastSquares for OneWay<'_> {
    fn rows(&self) -> usize {
        self.level.len()
    }

    fn columns(&self) -> usize {
        self.levels + usize::from(self.time.is_some())
    }

    fn solve(&mut self, weights: &[f64], z: &[f64], coefficients: &mut [f64]) {
        self.average(weights, z);
        let slope = self.regress(weights, z);
        for (c, within) in coefficients.iter_mut().zip(&self.within) {
            *c = if within.weight > 0.0 { within.response - slope * within.time } else { 0.0 };
        }
        if let Some(c) = coefficients.get_mut(self.levels) {
            *c = slope;
        }
    }

    fn linear(&self, coefficients: &[f64], eta: &mut [f64]) {
        match self.time {
            Some(time) => {
                let slope = coefficients[self.levels];
                eta.iter_mut()
                    .zip(self.level)
                    .zip(time)
                    .for_each(|((eta, l), t)| *eta = coefficients[*l] + slope * t);
            }
            None => eta.iter_mut().zip(self.level).for_each(|(eta, l)| *eta = coefficients[*l]),
        }
    }

    fn rank(&self) -> usize {
        self.within.iter().filter(|l| l.weight > 0.0).count() + usize::from(self.has_slope())
    }

    fn aliased(&self, column: usize) -> bool {
        if column < self.levels { self.within[column].weight <= 0.0 } else { !self.has_slope() }
    }

    fn hat(&self, weights: &[f64]) -> Vec<f64> {
        let of = |(i, w): (usize, &f64)| w * self.variance(self.level[i], self.time_of(i));
        weights.iter().enumerate().map(of).map(|h| if h.is_nan() { 0.0 } else { h }).collect()
    }
}
