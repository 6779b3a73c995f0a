//! The house detector's model of one series: iteratively reweighted least squares with a prior,
//! past rises down-weighted on the way.

use std::ops::Range;

use super::design::{Design, triangle};
use super::levels::{self, next_change};
use super::outbreaks;
use super::prior::Prior;
use crate::stats::NegativeBinomial;
use crate::stats::cholesky::{factor, quadratic, solve};

/// Most rounds of reweighting; a dozen is the rule.
const ROUNDS: usize = 30;
/// A round that moves no coefficient further ends the fit.
const SETTLED: f64 = 1e-4;
/// Rounds before past rises are looked for, so that they are measured against a season and not
/// against the mean.
const PLAIN_ROUNDS: usize = 2;
/// Rounds that a change of level is given before the next one is looked for.
const CHANGE_ROUNDS: usize = 6;
/// Standard deviation of the size of a change of level, on the log scale.
const CHANGE_SD: f64 = 2.0;
/// Most changes of level in a series.
const MOST_CHANGES: usize = 6;
/// Least number of points, in weight, that a fit rests on.
const LEAST_WEIGHT: f64 = 1e-3;
/// Furthest a round may move a coefficient.
const LEAP: f64 = 2.0;
/// Bounds of the linear predictor: counts beyond e^±25 are no counts.
const LOG_BOUND: f64 = 25.0;
/// Least mean of a predicted count, so that one case has some probability.
const LEAST_MEAN: f64 = 1e-9;
/// What the residuals of undisturbed counts lose in variance by the down-weighting, for a share of
/// beginning rises; see [`Settings::outbreak_rate`].
const LOST_VARIANCE: f64 = 2.0;

/// What a fit is made of besides the data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Chance that a rise begins in a time point of the past; 0 turns the down-weighting off.
    pub outbreak_rate: f64,
}

/// One series, as long as its design: counts (NaN is missing) and what they are held against
/// (`None`: nothing; not positive is missing).
#[derive(Clone, Copy, Debug)]
pub struct CountSeries<'a> {
    pub observed: &'a [f64],
    pub exposure: Option<&'a [f64]>,
}

impl CountSeries<'_> {
    /// The count and the logarithm of its exposure, where both are there.
    pub fn at(&self, t: usize) -> Option<(f64, f64)> {
        let count = *self.observed.get(t)?;
        let exposure = self.exposure.map_or(Some(1.0), |e| e.get(t).copied())?;
        (count.is_finite() && count >= 0.0 && exposure > 0.0 && exposure.is_finite())
            .then(|| (count, exposure.ln()))
    }
}

/// What is known of a series from its past.
#[derive(Clone, Debug, PartialEq)]
pub struct Fitted {
    /// One a column of the design, on the log scale.
    pub coefficients: Vec<f64>,
    /// Standard errors of the coefficients.
    pub errors: Vec<f64>,
    /// Variance over mean, shrunk, at least 1.
    pub dispersion: f64,
    /// The series' own estimate of it, which may be below 1.
    pub own_dispersion: f64,
    /// How many squared residuals that estimate is worth.
    pub information: f64,
    /// Points that the fit rests on.
    pub points: usize,
    /// How many of them, in weight, were set aside as past rises.
    pub set_aside: f64,
    /// Points of the design from which on the level was another one than before.
    pub changes: Vec<usize>,
    /// Standard deviation of the festival's effect between years, on the log scale; 0 until
    /// [`super::festival_sd`] is known.
    pub festival_sd: f64,
    /// Lower Cholesky factor of the information matrix over the dispersion.
    factor: Vec<f64>,
}

impl Fitted {
    /// Predictive distribution of the count at a design row, for an exposure given by its
    /// logarithm; its variance includes the coefficients' uncertainty.
    pub fn predictive(&self, row: &[f64], log_exposure: f64) -> NegativeBinomial {
        let mean = self.mean(row, log_exposure);
        NegativeBinomial::with_dispersion(mean, self.dispersion + self.variance(row) * mean)
    }

    /// Expected count at a design row, for an exposure given by its logarithm.
    pub(super) fn mean(&self, row: &[f64], log_exposure: f64) -> f64 {
        let predictor = dot(row, &self.coefficients) + log_exposure;
        predictor.clamp(-LOG_BOUND, LOG_BOUND).exp().max(LEAST_MEAN)
    }

    /// Variance of the product of a row and the coefficients.
    pub(super) fn variance(&self, row: &[f64]) -> f64 {
        self.dispersion * quadratic(&self.factor, row)
    }

    /// What season and calendar make of the count at a design row: level and trend, the first two
    /// columns, left out.
    pub fn season(&self, row: &[f64]) -> f64 {
        let calendar = self
            .coefficients
            .iter()
            .zip(row)
            .skip(2)
            .map(|(coefficient, x)| coefficient * x)
            .sum::<f64>();
        calendar.clamp(-LOG_BOUND, LOG_BOUND).exp()
    }
}

/// Fits the points of `span` that are there. `None` where none is, or the equations cannot be
/// solved.
pub fn fit(
    design: &Design,
    counts: &CountSeries,
    span: Range<usize>,
    prior: &Prior,
    settings: &Settings,
) -> Option<Fitted> {
    let first = span.start;
    let mut state = State::new(design, counts, span, prior)?;
    for _ in 0..PLAIN_ROUNDS {
        state.reweight(0.0);
        state.step()?;
    }
    state.find_changes()?;
    for _ in PLAIN_ROUNDS..ROUNDS {
        state.reweight(settings.outbreak_rate);
        if state.step()? < SETTLED {
            break;
        }
    }
    state.finish(first)
}

struct State<'a> {
    prior: &'a Prior,
    width: usize,
    rows: &'a [f64],
    products: &'a [f64],
    y: Vec<f64>,
    log_exposure: Vec<f64>,
    /// y^⅔, of which the Anscombe residuals are made.
    two_thirds: Vec<f64>,
    mean: Vec<f64>,
    residual: Vec<f64>,
    weight: Vec<f64>,
    points: usize,
    coefficients: Vec<f64>,
    /// Positions in the span at which the level changed, and by how much the points before each
    /// stand above it on the log scale.
    changes: Vec<usize>,
    above: Vec<f64>,
    /// What these make of each point.
    shift: Vec<f64>,
    freq: usize,
    dispersion: f64,
    own_dispersion: f64,
    information: f64,
}

impl<'a> State<'a> {
    fn new(
        design: &'a Design,
        counts: &CountSeries,
        span: Range<usize>,
        prior: &'a Prior,
    ) -> Option<Self> {
        let span = span.start..span.end.min(design.length());
        if span.is_empty() || prior.mean.len() != design.width() || prior.sd.len() != design.width()
        {
            return None;
        }
        let (y, log_exposure): (Vec<f64>, Vec<f64>) =
            span.clone().map(|t| counts.at(t).unwrap_or((f64::NAN, 0.0))).unzip();
        let known = || y.iter().zip(&log_exposure).filter(|(y, _)| !y.is_nan());
        let points = known().count();
        let (total, exposed) = known().fold((0.0, 0.0), |(a, b), (y, e)| (a + y, b + e.exp()));
        // No level within the bounds fits counts that are no counts.
        if points == 0 || (total / points as f64).ln() > LOG_BOUND {
            return None;
        }
        let mut coefficients = prior.mean.clone();
        // Where nothing was counted, half a case is supposed, so that the level is somewhere.
        coefficients[0] = (f64::max(total, 0.5) / exposed).ln();
        let two_thirds = y.iter().map(|y| y.cbrt().powi(2)).collect();
        let blank = vec![0.0; y.len()];
        let residual = y.iter().map(|y| if y.is_nan() { f64::NAN } else { 0.0 }).collect();
        Some(State {
            prior,
            width: design.width(),
            rows: design.rows(span.clone()),
            products: design.products(span),
            two_thirds,
            mean: blank.clone(),
            shift: blank.clone(),
            changes: Vec::new(),
            above: Vec::new(),
            freq: design.freq(),
            residual,
            weight: blank,
            points,
            coefficients,
            dispersion: prior.dispersion.max(1.0),
            own_dispersion: f64::NAN,
            information: 0.0,
            y,
            log_exposure,
        })
    }

    /// Means, residuals, weights and dispersion under the coefficients of the moment.
    fn reweight(&mut self, rate: f64) {
        let root = self.dispersion.sqrt();
        for (t, row) in self.rows.chunks_exact(self.width).enumerate() {
            if self.y[t].is_nan() {
                continue;
            }
            let predictor = (dot(row, &self.coefficients) + self.shift[t] + self.log_exposure[t])
                .clamp(-LOG_BOUND, LOG_BOUND);
            let sixth = (predictor / 6.0).exp();
            let (third, two_thirds) = (sixth * sixth, sixth.powi(4));
            self.mean[t] = two_thirds * third;
            // Anscombe's residual, as in Farrington's method, less its mean: E y^⅔ = μ^⅔ − φ μ^−⅓ /
            // 9, an expansion that fails at small means.
            let lift = (self.dispersion / (6.0 * third)).min(0.75 * two_thirds);
            self.residual[t] = (1.5 * (self.two_thirds[t] - two_thirds) + lift) / (sixth * root);
        }
        if rate > 0.0 {
            outbreaks::weights(&self.residual, rate, &mut self.weight);
        } else {
            outbreaks::without_bursts(&self.residual, &mut self.weight);
        }
        for (weight, y) in self.weight.iter_mut().zip(&self.y) {
            if y.is_nan() {
                *weight = 0.0;
            }
        }
        self.update_dispersion(rate);
    }

    /// The dispersion by moments, each squared residual weighted by its precision: under this law
    /// Var[(y−μ)²/μ] = 2φ² + φ(6φ²−6φ+1)/μ.
    fn update_dispersion(&mut self, rate: f64) {
        let phi = self.dispersion;
        let noise = (6.0 * phi * phi - 6.0 * phi + 1.0) / (2.0 * phi);
        let (mut squares, mut information) = (0.0, 0.0);
        for ((y, mean), weight) in
            self.y.iter().zip(&self.mean).zip(&self.weight).filter(|((y, _), _)| !y.is_nan())
        {
            let worth = weight * mean / (mean + noise);
            squares += worth * (y - mean).powi(2) / mean;
            information += worth;
        }
        let columns = (self.width + self.changes.len()) as f64;
        let spare = (self.points as f64 - columns).max(1.0) / self.points as f64;
        self.own_dispersion = if information > 0.0 {
            squares / information / spare * (1.0 + LOST_VARIANCE * rate)
        } else {
            self.prior.dispersion
        };
        self.information = information * spare;
        let pooled =
            self.prior.weight * self.prior.dispersion + self.information * self.own_dispersion;
        self.dispersion =
            (pooled / (self.prior.weight + self.information).max(f64::MIN_POSITIVE)).max(1.0);
    }

    /// Information matrix (over the dispersion) and score, the prior's included: of the changes of
    /// level, then of the columns.
    fn equations(&self) -> (Vec<f64>, Vec<f64>) {
        let (width, changes) = (self.width, self.changes.len());
        let (mut lower, mut score) = (vec![0.0; triangle(width)], vec![0.0; changes + width]);
        let mut before = vec![vec![0.0; width]; changes];
        let rows = self.rows.chunks_exact(width).zip(self.products.chunks_exact(triangle(width)));
        for (t, (row, products)) in rows.enumerate() {
            if self.weight[t] == 0.0 {
                continue;
            }
            let pull = self.weight[t] * (self.y[t] - self.mean[t]);
            let weight = self.weight[t] * self.mean[t];
            // Most of a night's fits are spent here: the products are the calendar's, made once for
            // all series.
            lower.iter_mut().zip(products).for_each(|(cell, product)| *cell += weight * product);
            score[changes..].iter_mut().zip(row).for_each(|(cell, x)| *cell += pull * x);
            for (j, _) in self.changes.iter().enumerate().filter(|(_, change)| t < **change) {
                before[j].iter_mut().zip(row).for_each(|(cell, x)| *cell += weight * x);
                score[j] += pull;
            }
        }
        let size = changes + width;
        let mut matrix = vec![0.0; size * size];
        for i in 0..changes {
            for j in 0..=i {
                let earlier = if self.changes[i] < self.changes[j] { i } else { j };
                matrix[i * size + j] = before[earlier][0];
            }
            (0..width).for_each(|k| matrix[(changes + k) * size + i] = before[i][k]);
        }
        for i in 0..width {
            let row = (changes + i) * size + changes;
            matrix[row..=row + i].copy_from_slice(&lower[triangle(i)..triangle(i + 1)]);
        }
        for (i, (precision, pull)) in self.prior_terms().enumerate() {
            matrix[i * size + i] += precision;
            score[i] += pull;
        }
        (matrix, score)
    }

    /// The prior's precision and pull, times the dispersion: on the changes, then on the columns.
    fn prior_terms(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        let term = |mean: f64, sd: f64, at: f64| {
            let precision = self.dispersion / (sd * sd);
            (precision, precision * (mean - at))
        };
        let columns = self.prior.mean.iter().zip(&self.prior.sd).zip(&self.coefficients);
        let changes = self.above.iter().map(move |above| term(0.0, CHANGE_SD, *above));
        changes.chain(columns.map(move |((mean, sd), at)| term(*mean, *sd, *at)))
    }

    /// Takes lasting changes of level into the model, one after the other. A change of the level
    /// that is left to the weights of past rises would be taken for a rise that never ends.
    fn find_changes(&mut self) -> Option<()> {
        while self.changes.len() < MOST_CHANGES {
            let dispersion = self.dispersion;
            self.reweight(0.0);
            let information: Vec<f64> =
                self.weight.iter().zip(&self.mean).map(|(w, m)| w * m).collect();
            let (matrix, _) = self.equations();
            let pull: Vec<f64> = self.prior_terms().map(|(_, pull)| pull).collect();
            let Some((change, above)) = next_change(&levels::Fit {
                width: self.width,
                rows: self.rows,
                information: &information,
                residual: &self.residual,
                dispersion: self.dispersion,
                matrix: &matrix,
                pull: &pull,
                changes: &self.changes,
                freq: self.freq,
            }) else {
                // The look must leave no trace where nothing was seen.
                self.dispersion = dispersion;
                return Some(());
            };
            self.changes.push(change);
            self.above.push(above.clamp(-LEAP, LEAP));
            self.shift_points();
            for _ in 0..CHANGE_ROUNDS {
                self.reweight(0.0);
                self.step()?;
            }
        }
        Some(())
    }

    /// What the changes make of each point.
    fn shift_points(&mut self) {
        self.shift.fill(0.0);
        for (change, above) in self.changes.iter().zip(&self.above) {
            self.shift[..*change].iter_mut().for_each(|shift| *shift += above);
        }
    }

    /// One scoring step; how far it went.
    fn step(&mut self) -> Option<f64> {
        let (matrix, score) = self.equations();
        let step = solve(&factor(matrix, score.len())?, &score);
        let furthest = step.iter().fold(0.0, |m: f64, s| m.max(s.abs()));
        let brake = if furthest > LEAP { LEAP / furthest } else { 1.0 };
        let own = self.above.iter_mut().chain(&mut self.coefficients);
        own.zip(&step).for_each(|(own, step)| *own += brake * step);
        self.shift_points();
        furthest.is_finite().then_some(furthest)
    }

    fn finish(self, first: usize) -> Option<Fitted> {
        // Where every point is set aside, nothing is known.
        if self.weight.iter().sum::<f64>() < LEAST_WEIGHT {
            return None;
        }
        let (matrix, score) = self.equations();
        let whole = factor(matrix, score.len())?;
        // The changes come first, so that what is left of the factor is that of the columns' own
        // information, the changes being unknown.
        let changes = self.changes.len();
        let factor: Vec<f64> = (changes..score.len())
            .flat_map(|i| &whole[i * score.len() + changes..(i + 1) * score.len()])
            .copied()
            .collect();
        let error = |i: usize| {
            let unit: Vec<f64> = (0..self.width).map(|j| f64::from(u8::from(i == j))).collect();
            (self.dispersion * quadratic(&factor, &unit)).sqrt()
        };
        let mut changes: Vec<usize> = self.changes.iter().map(|change| first + change).collect();
        changes.sort_unstable();
        Some(Fitted {
            errors: (0..self.width).map(error).collect(),
            set_aside: self.points as f64 - self.weight.iter().sum::<f64>(),
            changes,
            festival_sd: 0.0,
            coefficients: self.coefficients,
            dispersion: self.dispersion,
            own_dispersion: self.own_dispersion,
            information: self.information,
            points: self.points,
            factor,
        })
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::calendar_regressors::Regressors;

    /// One coefficient, the level: ln 6, found with an information of `information` over φ.
    fn level(dispersion: f64, information: f64) -> Fitted {
        Fitted {
            coefficients: vec![6.0_f64.ln()],
            errors: vec![(dispersion / information).sqrt()],
            dispersion,
            own_dispersion: dispersion,
            information: 1.0,
            points: 100,
            set_aside: 0.0,
            changes: Vec::new(),
            festival_sd: 0.0,
            factor: vec![information.sqrt()],
        }
    }

    #[test]
    fn a_predicted_count_varies_as_counts_do_and_as_its_mean_is_uncertain() {
        // Variance φμ + φ x²/I × μ², with φ = 1.5, I = 40, x = 2 and μ = 3 × 6².
        let counts = level(1.5, 40.0).predictive(&[2.0], 3.0_f64.ln());
        let mean = 3.0 * 36.0;
        assert!((counts.mean() - mean).abs() < 1e-9, "{counts:?}");
        let variance = 1.5 * mean + 1.5 * 4.0 / 40.0 * mean * mean;
        assert!((counts.variance() / variance - 1.0).abs() < 1e-12, "{counts:?}");
        let nothing = level(1.0, 40.0).predictive(&[-40.0], 0.0);
        assert_eq!(nothing.mean(), LEAST_MEAN, "one case keeps some probability");
    }

    #[test]
    fn a_level_is_the_mean_and_the_dispersion_pearsons_drawn_to_the_prior() {
        // Without season, trend or past rises: Σ(y − ȳ)² w/ȳ, each square weighted by ȳ over ȳ plus
        // the noise of small means, and the prior's two squares of 1.5 added.
        let y: Vec<f64> = (0..60).map(|t| f64::from([2, 7, 4, 3, 9, 5][t % 6])).collect();
        let design = Design::new(60, 52, 0, &Regressors::default()).unwrap();
        let mut prior = Prior::weak(&design);
        prior.sd[1] = 1e-6;
        let counts = CountSeries { observed: &y, exposure: None };
        let fitted =
            fit(&design, &counts, 0..60, &prior, &Settings { outbreak_rate: 0.0 }).unwrap();
        assert!((fitted.coefficients[0] - 5.0_f64.ln()).abs() < 1e-5, "{fitted:?}");
        let pearson = 34.0 / 6.0 / 5.0 * 60.0 / 58.0;
        assert!((fitted.own_dispersion / pearson - 1.0).abs() < 1e-4, "{fitted:?} {pearson}");
        let pooled = (2.0 * 1.5 + fitted.information * pearson) / (2.0 + fitted.information);
        assert!((fitted.dispersion / pooled - 1.0).abs() < 1e-4, "{fitted:?}");
        // Each square is worth ȳ/(ȳ + (6φ² − 6φ + 1)/2φ) of the φ of the round before, the first of
        // three beginning with the prior's.
        let (mut phi, mut information) = (1.5_f64, 0.0);
        for _ in 0..3 {
            let noise = (6.0 * phi * phi - 6.0 * phi + 1.0) / (2.0 * phi);
            information = 58.0 * 5.0 / (5.0 + noise);
            phi = (2.0 * 1.5 + information * pearson) / (2.0 + information);
        }
        assert!((fitted.information / information - 1.0).abs() < 1e-4, "{fitted:?} {information}");
        // Var ln μ̂ = φ/(n μ), but for the level's own weak prior.
        assert!(
            (fitted.errors[0] / (fitted.dispersion / 300.0).sqrt() - 1.0).abs() < 1e-3,
            "{fitted:?}"
        );
    }

    #[test]
    fn a_lasting_change_is_found_where_it_is_and_leaves_the_level_as_uncertain_as_the_weeks_since()
    {
        let design = Design::new(200, 52, 0, &Regressors::default()).unwrap();
        let mut prior = Prior::weak(&design);
        prior.sd[1] = 1e-6;
        let fitted = |y: &dyn Fn(usize) -> f64, span: Range<usize>| {
            let y: Vec<f64> = (0..200).map(|t| y(t) + [0.0, 2.0, -1.0, 1.0, -2.0][t % 5]).collect();
            let counts = CountSeries { observed: &y, exposure: None };
            fit(&design, &counts, span, &prior, &Settings { outbreak_rate: 0.01 }).unwrap()
        };
        for (before, after) in [(5.0, 20.0), (20.0, 5.0)] {
            let stepped = fitted(&|t| if t < 150 { before } else { after }, 0..200);
            assert_eq!(stepped.changes.len(), 1, "{stepped:?}");
            assert!(stepped.changes[0].abs_diff(150) <= 1, "{stepped:?}");
            assert!((stepped.coefficients[0] - f64::ln(after)).abs() < 0.03, "{stepped:?}");
            let error = (stepped.dispersion / (50.0 * after)).sqrt();
            assert!((stepped.errors[0] / error - 1.0).abs() < 0.05, "{stepped:?} {error}");
        }
        // A rise of eight weeks at the end may be an outbreak, and a burst is no level.
        assert!(fitted(&|t| if t < 192 { 5.0 } else { 20.0 }, 0..200).changes.is_empty());
        assert!(fitted(&|t| if t / 3 == 50 { 60.0 } else { 5.0 }, 0..200).changes.is_empty());
    }
}
