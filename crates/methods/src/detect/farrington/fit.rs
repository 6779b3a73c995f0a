//! The regression behind the bound: fitted, past outbreaks down-weighted, the trend kept or
//! dropped.

use statrs::function::beta::beta_reg;

use super::params::FarringtonParams;
use super::reference::Reference;
use crate::detect::glm::{Data, Fit, irls};
use crate::stats::{LeastSquares, OneWay};

/// Leverage from which an observation is taken to fix its own fitted value, as in R's
/// `lm.influence`.
const FIXED: f64 = 1.0 - 10.0 * f64::EPSILON;
/// Years of reference that a trend needs.
const LEAST_YEARS: usize = 3;

/// What the regression says of the present time point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prediction {
    /// Logarithm of the expected count.
    pub eta: f64,
    /// Standard error of `eta`.
    pub se: f64,
    /// Dispersion, at least 1.
    pub phi: f64,
    /// Whether a trend is kept.
    pub trend: bool,
    /// p-value of the trend, kept or not; NaN where none was tried.
    pub p_trend: f64,
}

/// Fits the reference and predicts the present.
///
/// # Errors
/// Why there is no prediction: too few observations for the coefficients, or rounds that do not
/// converge.
pub fn predict(reference: &Reference, params: &FarringtonParams) -> Result<Prediction, String> {
    // With less than three years the trend is dropped whatever it says.
    if !params.trend || params.b < LEAST_YEARS {
        return Ok(Model::fitted(reference, false, params)?.prediction(f64::NAN));
    }
    let model = Model::fitted(reference, true, params)?;
    let Some(p_trend) = model.p_trend() else { return Ok(model.prediction(f64::NAN)) };
    let prediction = model.prediction(p_trend);
    let largest = reference.y.iter().copied().fold(0.0, f64::max);
    if p_trend < params.p_threshold_trend && mean(prediction.eta) <= largest {
        return Ok(prediction);
    }
    Ok(Model::fitted(reference, false, params)?.prediction(p_trend))
}

/// The mean of a linear predictor; R's inverse link never goes below the machine's epsilon.
pub fn mean(eta: f64) -> f64 {
    eta.exp().max(f64::EPSILON)
}

struct Model<'a> {
    reference: &'a Reference,
    design: OneWay<'a>,
    fit: Fit,
    phi: f64,
    /// Dispersion that standard errors rest on.
    scale: f64,
    trend: bool,
}

impl<'a> Model<'a> {
    /// The regression with a trend if asked for and if it converges, else without; refitted once
    /// with past outbreaks down-weighted.
    fn fitted(
        reference: &'a Reference,
        trend: bool,
        params: &FarringtonParams,
    ) -> Result<Model<'a>, String> {
        let first = Model::converged(reference, trend);
        let mut model = match first {
            None if trend => Model::converged(reference, false),
            _ => first,
        }
        .ok_or("the regression converges neither with nor without a trend")?;
        model.judge(None, params)?;
        if params.reweight {
            let weights = model.weights(params);
            let data = Data { weights: Some(&weights), ..model.data() };
            model.fit = irls(&mut model.design, &data).ok_or(
                "the regression has no finite coefficients once outbreaks are down-weighted",
            )?;
            model.judge(Some(&weights), params)?;
        }
        Ok(model)
    }

    fn converged(reference: &'a Reference, trend: bool) -> Option<Model<'a>> {
        let mut design =
            OneWay::new(&reference.level, reference.levels, trend.then_some(&reference.time));
        let data = Data { y: &reference.y, offset: reference.offset.as_deref(), weights: None };
        let fit = irls(&mut design, &data).filter(|f| f.converged)?;
        Some(Model { reference, design, fit, phi: f64::NAN, scale: f64::NAN, trend })
    }

    fn data(&self) -> Data<'a> {
        Data { y: &self.reference.y, offset: self.reference.offset.as_deref(), weights: None }
    }

    /// Dispersion and scale of the present fit.
    fn judge(&mut self, weights: Option<&[f64]>, params: &FarringtonParams) -> Result<(), String> {
        let y = &self.reference.y;
        let pearson = self.fit.dispersion(y);
        if !pearson.is_finite() {
            let (n, p) = (y.len(), self.design.columns());
            let missing = (p + 1).saturating_sub(n).max(1);
            return Err(format!(
                "{n} reference observations cannot carry {p} coefficients: at least {missing} more are missing"
            ));
        }
        self.phi = pearson.max(1.0);
        // The package stores the down-weighting where R keeps its working weights, and summarises
        // the model after that.
        let overwritten = weights.map_or(pearson, |w| self.fit.dispersion_under(w, y));
        self.scale = if params.compat { overwritten } else { self.phi };
        Ok(())
    }

    /// Weights of the observations: less where the standardised Anscombe residual exceeds the
    /// threshold, n in sum.
    fn weights(&self, params: &FarringtonParams) -> Vec<f64> {
        let hat = self.design.hat(&self.fit.working);
        let residual = |((y, mu), h): ((&f64, &f64), f64)| {
            let anscombe = 1.5 * ((y * y).cbrt() * mu.powf(-1.0 / 6.0) - mu.sqrt());
            match h >= FIXED {
                // Fitted by itself, an observation says nothing of itself; the package divides by
                // zero.
                true if !params.compat => 0.0,
                true => anscombe / 0.0,
                false => anscombe / (self.phi * (1.0 - h)).sqrt(),
            }
        };
        let relative = |s: f64| if s > params.weights_threshold { 1.0 / (s * s) } else { 1.0 };
        let mut weights: Vec<f64> = self
            .reference
            .y
            .iter()
            .zip(&self.fit.mu)
            .zip(hat)
            .map(residual)
            .map(relative)
            .collect();
        let gamma = weights.len() as f64 / weights.iter().sum::<f64>();
        weights.iter_mut().for_each(|w| *w *= gamma);
        weights
    }

    /// Two-sided p-value of the slope under Student's t; `None` without a slope.
    fn p_trend(&self) -> Option<f64> {
        let (slope, variance) = self.design.slope(&self.fit.coefficients)?;
        let squared = slope * slope / (self.scale * variance);
        let df = self.fit.df_residual as f64;
        let p =
            if squared.is_finite() { beta_reg(df / 2.0, 0.5, df / (df + squared)) } else { 0.0 };
        (!squared.is_nan()).then_some(p)
    }

    fn prediction(&self, p_trend: f64) -> Prediction {
        let (level, time) = (self.reference.now_level, self.reference.now_time);
        let variance = self.scale * self.design.variance(level, time);
        Prediction {
            eta: self.design.at(&self.fit.coefficients, level, time) + self.reference.now_offset,
            se: variance.sqrt(),
            phi: self.phi,
            trend: self.trend,
            p_trend,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference(y: Vec<f64>, level: Vec<usize>) -> Reference {
        let time = (0..y.len()).map(|i| i as f64).collect();
        let levels = level.iter().max().unwrap() + 1;
        Reference { now_time: y.len() as f64, y, time, level, levels, ..Default::default() }
    }

    fn noisy(n: usize) -> Vec<f64> {
        (0..n).map(|i| (i * 7919 % 11) as f64).collect()
    }

    #[test]
    fn an_old_outbreak_loses_its_weight() {
        let mut y = noisy(60);
        let params = FarringtonParams { trend: false, ..Default::default() };
        let calm = predict(&reference(y.clone(), vec![0; 60]), &params).unwrap();
        y[20] = 400.0;
        let with = predict(&reference(y.clone(), vec![0; 60]), &params).unwrap();
        let without =
            predict(&reference(y, vec![0; 60]), &FarringtonParams { reweight: false, ..params })
                .unwrap();
        assert!((with.eta - calm.eta).abs() < (without.eta - calm.eta).abs() / 2.0);
    }

    #[test]
    fn a_trend_is_kept_only_where_it_is_clear_and_does_not_run_away() {
        let params = FarringtonParams::default();
        let flat = predict(&reference(noisy(60), vec![0; 60]), &params).unwrap();
        assert!(!flat.trend && flat.p_trend > 0.05);
        let falling: Vec<f64> =
            noisy(60).iter().zip(0..).map(|(y, i)| y + 60.0 - f64::from(i)).collect();
        let kept = predict(&reference(falling.clone(), vec![0; 60]), &params).unwrap();
        assert!(kept.trend && kept.p_trend < 1e-6);
        let rising = falling.into_iter().rev().collect();
        assert!(
            !predict(&reference(rising, vec![0; 60]), &params).unwrap().trend,
            "beyond anything seen"
        );
        let short = FarringtonParams { b: 2, ..params };
        assert!(predict(&reference(noisy(60), vec![0; 60]), &short).unwrap().p_trend.is_nan());
    }

    #[test]
    fn compat_changes_the_scale_of_standard_errors_and_nothing_else_of_the_fit() {
        let level = (0..60).map(|i| i % 5).collect();
        let reference = reference(noisy(60).iter().map(|y| y * 3.0).collect(), level);
        let params = FarringtonParams { trend: false, ..Default::default() };
        let right = predict(&reference, &params).unwrap();
        let package = predict(&reference, &FarringtonParams { compat: true, ..params }).unwrap();
        assert_eq!((right.eta, right.phi), (package.eta, package.phi));
        assert!((right.se / package.se - 1.0).abs() > 0.1);
    }

    #[test]
    fn too_few_observations_are_said_so_and_nothing_but_zeros_is_defined() {
        let params = FarringtonParams::default();
        assert!(
            predict(&reference(vec![1.0, 2.0], vec![0, 1]), &params)
                .unwrap_err()
                .contains("2 reference observations")
        );
        let zeros = predict(&reference(vec![0.0; 30], vec![0; 30]), &params).unwrap();
        assert!(zeros.eta < -15.0 && zeros.phi == 1.0 && zeros.se.is_finite());
    }

    #[test]
    fn dispersion_and_standard_error_are_pearsons_over_the_degrees_of_freedom() {
        let params =
            FarringtonParams { trend: false, reweight: false, ..FarringtonParams::default() };
        // Mean 5; Σ(y − 5)²/5 = (16 + 1 + 1 + 16)/5 over 4 − 1.
        let found = predict(&reference(vec![1.0, 4.0, 6.0, 9.0], vec![0; 4]), &params).unwrap();
        let phi = 34.0 / 5.0 / 3.0;
        assert!((found.eta - 5.0_f64.ln()).abs() < 1e-12, "{found:?}");
        assert!((found.phi - phi).abs() < 1e-6, "{found:?}");
        // Var ln μ̂ = φ/(n μ).
        assert!((found.se - (phi / 20.0_f64).sqrt()).abs() < 1e-6, "{found:?}");
        let even = predict(&reference(vec![4.0, 5.0, 5.0, 6.0], vec![0; 4]), &params).unwrap();
        assert_eq!(even.phi, 1.0, "never less than Poisson's");
    }

    #[test]
    fn a_high_count_weighs_one_over_its_squared_anscombe_residual() {
        let y = [3.0, 5.0, 4.0, 6.0, 2.0, 4.0, 5.0, 3.0, 30.0, 4.0];
        let params = FarringtonParams {
            trend: false,
            weights_threshold: 1.5,
            ..FarringtonParams::default()
        };
        let found = predict(&reference(y.to_vec(), vec![0; 10]), &params).unwrap();
        let mean = 6.6_f64;
        let phi = y.iter().map(|y| (y - mean).powi(2) / mean).sum::<f64>() / 9.0;
        let residual = |y: f64| {
            1.5 * (y.powf(2.0 / 3.0) - mean.powf(2.0 / 3.0))
                / mean.powf(1.0 / 6.0)
                / (phi * (1.0 - 0.1)).sqrt()
        };
        let raw: Vec<f64> = y
            .iter()
            .map(|y| residual(*y))
            .map(|s| if s > params.weights_threshold { s.powi(-2) } else { 1.0 })
            .collect();
        let total: f64 = raw.iter().sum();
        let weights: Vec<f64> = raw.iter().map(|w| 10.0 * w / total).collect();
        assert!(weights[8] < 0.5 && weights[0] > 1.0, "{weights:?}");
        let mean = weights.iter().zip(&y).map(|(w, y)| w * y).sum::<f64>() / 10.0;
        let phi =
            weights.iter().zip(&y).map(|(w, y)| w * (y - mean).powi(2) / mean).sum::<f64>() / 9.0;
        assert!((found.eta - mean.ln()).abs() < 1e-5, "{found:?} {}", mean.ln());
        assert!((found.phi / phi.max(1.0) - 1.0).abs() < 1e-4, "{found:?} {phi}");
    }

    #[test]
    fn the_p_of_a_trend_is_students_t() {
        let y = vec![2.0, 9.0, 3.0, 1.0, 12.0, 6.0, 15.0, 4.0, 11.0, 25.0, 9.0, 22.0];
        let reference = reference(y.clone(), vec![0; 12]);
        let params = FarringtonParams { reweight: false, ..FarringtonParams::default() };
        let found = predict(&reference, &params).unwrap();
        // R: summary(glm(y ~ t, quasipoisson))$coefficients["t", "Pr(>|t|)"], t = 0:11.
        assert!((found.p_trend / 0.016909887813242958 - 1.0).abs() < 1e-6, "{found:?}");
    }
}
