//! Which weights would have warned better.

use std::path::Path;

use lake::error::{At, Error, Result};
use methods::backtest::judge::both_known;
use methods::backtest::{
    Candidate, Comparison, Figures, Origin, Prediction, Regression, Verdict, compare, judge,
    predict,
};
use methods::stats::descriptive::mean;
use methods::stats::spearman;
use methods::verification::holm;
use ndarray::Array1;

use super::elements::Element;
use crate::backtest::controls::{Control, noise, shuffled};

/// A set of weights by its name.
#[derive(Clone, Debug, PartialEq)]
pub struct WeightSet {
    pub name: String,
    /// One an element, in their order.
    pub weights: Array1<f64>,
}

/// How one candidate did.
#[derive(Clone, Debug)]
pub struct Judged {
    pub name: String,
    /// What it said at each origin.
    pub predictions: Vec<Option<Prediction>>,
    /// One an origin.
    pub figures: Vec<Figures>,
    /// Mean rank correlation between its predictions at one origin and the next.
    pub stability: f64,
    /// Its rank correlations against those of equal weights.
    pub against_equal: Comparison,
    /// p of that comparison, adjusted for the number of candidates (Holm).
    pub p_adjusted: f64,
}

impl Judged {
    /// Means of its figures over the origins that have them: rank correlation, hit rate, AUC.
    pub fn means(&self) -> [f64; 3] {
        let of = |read: fn(&Figures) -> f64| {
            mean(self.figures.iter().map(read).collect::<Array1<f64>>().view())
        };
        [of(|f| f.rank_correlation), of(|f| f.hit_rate), of(|f| f.auc)]
    }

    /// Against equal weights, in a word or two: a difference is one where the interval lies beside
    /// zero and p, adjusted for the number of candidates, is below 0.1.
    pub fn verdict(&self) -> &'static str {
        const CLEAR: f64 = 0.1;
        let clear = self.p_adjusted < CLEAR;
        match self.against_equal.verdict {
            _ if self.name == EQUAL => "",
            Verdict::Better | Verdict::Worse if !clear => "no difference",
            Verdict::Better => "better",
            Verdict::Worse => "worse",
            Verdict::NoDifference => "no difference",
            Verdict::TooFew => "too few origins",
        }
    }
}

/// The result of a backtest of weights.
pub struct Outcome {
    pub judged: Vec<Judged>,
    /// Origins at which every candidate said something and the outcome is known.
    pub common: usize,
    pub controls: Vec<Control>,
}

/// The name of what all are compared with.
pub const EQUAL: &str = "equal";

/// The name of the weights that are learned.
pub const LEARNED: &str = "learned";
/// Ways of weighing that look at the scores alone.
const DATA_DRIVEN: [&str; 3] = ["entropy", "critic", "pca"];

/// Reads sets of weights: a CSV with a column `name` and one for each element.
///
/// # Errors
/// [`Error::Input`] where it is not that.
pub fn read_weights(path: &Path, elements: &[Element]) -> Result<Vec<WeightSet>> {
    let text = std::fs::read_to_string(path).at(path)?;
    let wrong = |what: String, fix: &str| Error::input(path, what, fix);
    let not_csv = |e: csv::Error| wrong(e.to_string(), "write a CSV in UTF-8 with a header");
    let text = text.trim_start_matches('\u{feff}').as_bytes();
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text);
    let header = reader.headers().map_err(not_csv)?.clone();
    let is_element = |name: &str| elements.iter().any(|e| e.name == name);
    if let Some(unknown) = header.iter().find(|name| *name != "name" && !is_element(name)) {
        return Err(wrong(
            format!("column {unknown} is nothing that is weighed"),
            "name a column `name` and one for each domain, or with --weigh indicators for each domain.indicator",
        ));
    }
    let column = |name: &str| {
        header
            .iter()
            .position(|h| h == name)
            .ok_or_else(|| wrong(format!("there is no column {name}"), "add it; a weight may be 0"))
    };
    let name_at = column("name")?;
    let weights_at = elements.iter().map(|e| column(&e.name)).collect::<Result<Vec<usize>>>()?;
    let set = |record: csv::StringRecord| {
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |at: usize| record.get(at).unwrap_or_default();
        let weight = |at: &usize| {
            cell(*at).parse::<f64>().ok().filter(|w| w.is_finite() && *w >= 0.0).ok_or_else(|| {
                wrong(
                    format!("line {line}: the weight of {} is \"{}\"", &header[*at], cell(*at)),
                    "write a number that is not below zero",
                )
            })
        };
        let weights = weights_at.iter().map(weight).collect::<Result<Vec<f64>>>()?;
        if weights.iter().sum::<f64>() <= 0.0 || cell(name_at).is_empty() {
            return Err(wrong(
                format!("line {line} has no name or no weight above zero"),
                "complete it, or leave it out",
            ));
        }
        Ok(WeightSet { name: cell(name_at).to_owned(), weights: Array1::from(weights) })
    };
    let sets: Vec<WeightSet> =
        reader.records().map(|record| set(record.map_err(not_csv)?)).collect::<Result<_>>()?;
    let all = candidates(elements, &sets);
    let again = |at: &usize| all[..*at].iter().any(|(name, _)| *name == all[*at].0);
    if let Some(at) = (0..all.len()).find(again) {
        return Err(wrong(
            format!("the name {} stands for two rows of the result", all[at].0),
            "give each set a name of its own",
        ));
    }
    Ok(sets)
}

/// The candidates that stand beside the given sets in every backtest.
fn candidates(elements: &[Element], sets: &[WeightSet]) -> Vec<(String, Candidate)> {
    let of_model = Array1::from_iter(elements.iter().map(|e| e.weight));
    let mut all = vec![
        (EQUAL.to_owned(), Candidate::Weights(Array1::ones(elements.len()))),
        ("model".to_owned(), Candidate::Weights(of_model)),
    ];
    all.extend(sets.iter().map(|s| (s.name.clone(), Candidate::Weights(s.weights.clone()))));
    all.extend(DATA_DRIVEN.map(|method| (method.to_owned(), Candidate::DataDriven(method))));
    all.extend([
        (LEARNED.to_owned(), Candidate::Learned),
        ("elastic_net".to_owned(), Candidate::Regression(Regression::ElasticNet)),
        ("logistic".to_owned(), Candidate::Regression(Regression::Logistic)),
        ("best_indicator".to_owned(), Candidate::BestIndicator),
        ("persistence".to_owned(), Candidate::Persistence),
        ("seasonal_mean".to_owned(), Candidate::SeasonalMean),
    ]);
    all
}

/// Predicts at every origin, judges what was said, and compares it with equal weights; `noisy` are
/// the origins with all that became known after each replaced by noise.
pub fn weights(
    elements: &[Element],
    sets: &[WeightSet],
    origins: &[Origin],
    noisy: &[Origin],
    horizon: usize,
    seed: u64,
) -> Outcome {
    let candidates = candidates(elements, sets);
    let say = |origins: &[Origin]| -> Vec<Vec<Option<Prediction>>> {
        let all = |c: &Candidate| (0..origins.len()).map(|at| predict(c, origins, at)).collect();
        candidates.iter().map(|(_, candidate)| all(candidate)).collect()
    };
    let predictions = say(origins);
    let common: Vec<bool> =
        (0..origins.len()).map(|at| is_common(&predictions, origins, at)).collect();
    let figures: Vec<Vec<Figures>> = predictions
        .iter()
        .map(|of| (0..origins.len()).map(|at| figures(of, origins, at, common[at])).collect())
        .collect();
    let correlations =
        |at: usize| figures[at].iter().map(|f| f.rank_correlation).collect::<Vec<f64>>();
    let compared: Vec<Comparison> = (0..candidates.len())
        .map(|at| compare(&correlations(at), &correlations(0), horizon, seed))
        .collect();
    // The first is equal weights itself, which is compared with nothing.
    let p: Vec<f64> = compared.iter().map(|c| c.p).collect();
    let adjusted = holm(&p);
    let judged_at = (0..origins.len()).filter(|at| common[*at]);
    let said_and_came: Vec<(Vec<Array1<f64>>, Array1<f64>)> = judged_at
        .map(|at| {
            let said = predictions.iter().filter_map(|of| Some(of[at].as_ref()?.values.clone()));
            (said.collect(), origins[at].outcome.clone())
        })
        .collect();
    let controls = vec![moved(&predictions, &say(noisy)), shuffled(&said_and_came, seed)];
    let judged = candidates.into_iter().zip(predictions).zip(figures).enumerate();
    let judged = judged.map(|(at, (((name, _), predictions), figures))| Judged {
        name,
        stability: stability(&predictions),
        predictions,
        figures,
        against_equal: compared[at],
        p_adjusted: adjusted[at],
    });
    Outcome { judged: judged.collect(), common: common.iter().filter(|c| **c).count(), controls }
}

/// Whether every candidate said something at an origin of which the outcome is known.
fn is_common(predictions: &[Vec<Option<Prediction>>], origins: &[Origin], at: usize) -> bool {
    let said = |of: &Vec<Option<Prediction>>| {
        of[at].as_ref().is_some_and(|p| p.values.iter().any(|v| !v.is_nan()))
    };
    predictions.iter().all(said) && origins[at].outcome.iter().any(|v| !v.is_nan())
}

fn figures(of: &[Option<Prediction>], origins: &[Origin], at: usize, common: bool) -> Figures {
    let said = of[at].as_ref().filter(|_| common);
    said.map_or(Figures::NONE, |said| judge(said.values.view(), origins[at].outcome.view()))
}

fn stability(predictions: &[Option<Prediction>]) -> f64 {
    let correlation = |pair: &[Option<Prediction>]| {
        let (a, b) = (pair[0].as_ref()?, pair[1].as_ref()?);
        let (a, b) = both_known(a.values.view(), b.values.view());
        Some(spearman(&a, &b))
    };
    mean(predictions.windows(2).filter_map(correlation).collect::<Array1<f64>>().view())
}

/// How many predictions are not the same, bit for bit.
fn moved(said: &[Vec<Option<Prediction>>], with_noise: &[Vec<Option<Prediction>>]) -> Control {
    let bits = |of: &[Vec<Option<Prediction>>]| -> Vec<Option<Vec<u64>>> {
        let all = of.iter().flatten();
        all.map(|p| p.as_ref().map(|p| p.values.iter().map(|v| v.to_bits()).collect())).collect()
    };
    let (said, with_noise) = (bits(said), bits(with_noise));
    let moved = said.iter().zip(&with_noise).filter(|(a, b)| a != b).count();
    noise(moved, said.len(), "predictions")
}
