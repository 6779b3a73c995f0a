//! Forecasts judged by what came.

use methods::backtest::{Comparison, Verdict, compare};
use methods::stats::descriptive::mean;
use methods::verification::{holm, pit_histogram};
use ndarray::Array1;

use super::cases::{Case, MODELS};

/// Bins of the histogram of the probability integral transform.
const BINS: usize = 10;

/// How one model did so many stretches ahead.
#[derive(Clone, Debug)]
pub struct Judged {
    /// 1 for the stretch after the origin.
    pub step: usize,
    pub model: &'static str,
    /// Forecasts judged.
    pub cases: usize,
    /// Mean continuous ranked probability score, in events: less is better.
    pub crps: f64,
    /// Share of what came that lay within the interval.
    pub coverage: f64,
    /// Heights of the histogram of the probability integral transform; 1 each if calibrated.
    pub pit: Vec<f64>,
    /// Share of this model's score that the house's spares; NaN for the house.
    pub skill: f64,
    /// The house's scores against this model's, one an origin; more is better.
    pub house_against: Comparison,
    /// p of that comparison, adjusted for the number of comparisons (Holm).
    pub p_adjusted: f64,
}

/// The result of a backtest of forecasts.
pub struct Outcome {
    /// By step, then in the order of the models.
    pub judged: Vec<Judged>,
    /// Origins with a forecast that could be judged.
    pub judged_origins: usize,
}

impl Judged {
    /// The house's model against this one, in a word or two.
    pub fn verdict(&self) -> &'static str {
        const CLEAR: f64 = 0.1;
        match self.house_against.verdict {
            _ if self.model == MODELS[0] => "",
            Verdict::TooFew => "too few origins",
            Verdict::Better if self.p_adjusted < CLEAR => "house better",
            Verdict::Worse if self.p_adjusted < CLEAR => "house worse",
            _ => "no difference",
        }
    }
}

/// Judges the cases of each origin, in order of time.
pub fn judge(origins: &[Vec<Case>], seed: u64) -> Outcome {
    let steps = origins.iter().flatten().map(|case| case.forecast.step).max().unwrap_or(0);
    let mut judged: Vec<Judged> = (1..=steps)
        .flat_map(|step| (0..MODELS.len()).map(move |model| (step, model)))
        .map(|(step, model)| judge_model(origins, step, model, seed))
        .collect();
    let others: Vec<usize> =
        (0..judged.len()).filter(|at| judged[*at].model != MODELS[0]).collect();
    let p: Vec<f64> = others.iter().map(|at| judged[*at].house_against.p).collect();
    for (at, p) in others.into_iter().zip(holm(&p)) {
        judged[at].p_adjusted = p;
    }
    let is_judged = |of: &&Vec<Case>| of.iter().any(Case::is_known);
    Outcome { judged, judged_origins: origins.iter().filter(is_judged).count() }
}

fn judge_model(origins: &[Vec<Case>], step: usize, model: usize, seed: u64) -> Judged {
    let of_step = |case: &&Case| case.forecast.step == step && case.is_known();
    let cases: Vec<&Case> = origins.iter().flatten().filter(of_step).collect();
    let mean_crps = |cases: &[&Case], model: usize| {
        mean(cases.iter().map(|case| case.crps[model]).collect::<Array1<f64>>().view())
    };
    let by_origin = |model: usize| -> Vec<f64> {
        let of_origin = |origin: &Vec<Case>| {
            -mean_crps(&origin.iter().filter(of_step).collect::<Vec<&Case>>(), model)
        };
        origins.iter().map(of_origin).collect()
    };
    let within = |case: &&&Case| {
        let by = &case.forecast.by[model];
        (by.lower..=by.upper).contains(&case.observed)
    };
    let shares: Vec<(f64, f64)> = cases.iter().map(|case| case.shares[model]).collect();
    let crps = mean_crps(&cases, model);
    Judged {
        step,
        model: MODELS[model],
        cases: cases.len(),
        crps,
        coverage: cases.iter().filter(within).count() as f64 / cases.len() as f64,
        pit: pit_histogram(&shares, BINS),
        skill: if model == 0 { f64::NAN } else { 1.0 - mean_crps(&cases, 0) / crps },
        house_against: compare(&by_origin(0), &by_origin(model), step, seed),
        p_adjusted: f64::NAN,
    }
}
