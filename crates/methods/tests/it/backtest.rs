//! Learned weights where the truth is known: serious events that depend on some domains, or on
//! none.

use methods::backtest::{Candidate, Origin, Verdict, compare, judge, predict};
use ndarray::{Array1, Array2};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

const UNITS: usize = 40;
const ORIGINS: usize = 72;
const DOMAINS: usize = 10;
const HORIZON: usize = 1;

/// Domains' scores that vary between units and from month to month, and a target that follows a
/// weighted sum of some of them by this much.
fn simulate(seed: u64, strength: f64) -> Vec<Origin> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut normal = || -> f64 { StandardNormal.sample(&mut rng) };
    let level = Array2::from_shape_simple_fn((UNITS, DOMAINS), &mut normal);
    let truth = truth();
    let mut scores = Vec::new();
    let mut targets: Vec<Array1<f64>> = Vec::new();
    for _ in 0..ORIGINS {
        let now = &level * 0.5 + Array2::from_shape_simple_fn((UNITS, DOMAINS), &mut normal);
        let unit = |row: ndarray::ArrayView1<f64>| -strength * row.dot(&truth) + normal();
        targets.push(now.rows().into_iter().map(unit).collect());
        scores.push(now.mapv(|s| 50.0 + 10.0 * s));
    }
    let origin = |(at, scores): (usize, Array2<f64>)| Origin {
        name: at.to_string(),
        indicators: scores.clone(),
        scores,
        known: (0..at).map(|earlier| (earlier, targets[earlier].clone())).collect(),
        last: targets[at.saturating_sub(1)].clone(),
        seasonal: targets[at.saturating_sub(12)].clone(),
        outcome: targets[at].clone(),
    };
    scores.into_iter().enumerate().map(origin).collect()
}

/// Two domains matter, the first twice as much.
fn truth() -> Array1<f64> {
    let mut truth = Array1::zeros(DOMAINS);
    (truth[2], truth[7]) = (2.0 / 3.0, 1.0 / 3.0);
    truth
}

fn correlations(candidate: &Candidate, origins: &[Origin]) -> Vec<f64> {
    let of = |at: usize| {
        predict(candidate, origins, at).map_or(f64::NAN, |said| {
            judge(said.values.view(), origins[at].outcome.view()).rank_correlation
        })
    };
    (0..origins.len()).map(of).collect()
}

fn mean(values: &[f64]) -> f64 {
    let known: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
    known.iter().sum::<f64>() / known.len() as f64
}

#[test]
fn learned_weights_find_what_matters_and_nothing_where_nothing_does() {
    let equal = Candidate::Weights(Array1::ones(DOMAINS));
    let (mut better, mut ordered, mut nothing) = (0, 0, 0);
    for seed in 1..=20 {
        let origins = simulate(seed, 0.42);
        let by_truth = mean(&correlations(&Candidate::Weights(truth()), &origins));
        let by_equal = correlations(&equal, &origins);
        assert!(
            (by_truth - 0.30).abs() < 0.05 && mean(&by_equal) < 0.20,
            "{by_truth} {}",
            mean(&by_equal)
        );
        let learned = correlations(&Candidate::Learned, &origins);
        let verdict = compare(&learned, &by_equal, HORIZON, seed).verdict;
        better += usize::from(verdict == Verdict::Better);
        let last = predict(&Candidate::Learned, &origins, ORIGINS - 1).unwrap().weights.unwrap();
        let others = (0..DOMAINS).filter(|d| ![2, 7].contains(d)).map(|d| last[d]);
        let most = others.fold(0.0, f64::max);
        ordered += usize::from(last[2] > last[7] && last[7] > most);

        let origins = simulate(1000 + seed, 0.0);
        let (learned, by_equal) =
            (correlations(&Candidate::Learned, &origins), correlations(&equal, &origins));
        let verdict = compare(&learned, &by_equal, HORIZON, seed).verdict;
        nothing += usize::from(verdict != Verdict::Better);
    }
    println!("better {better}, ordered {ordered}, nothing {nothing}");
    assert!(better >= 18 && ordered >= 18 && nothing >= 19, "{better} {ordered} {nothing}");
}
