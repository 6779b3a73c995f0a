//! The house detector in the first year of a feed: the season is not known yet, and what it brings
//! must not be told as a rise.

use std::f64::consts::TAU;

use methods::detect::calendar_regressors::Regressors;
use methods::detect::house::{CountSeries, Design, HouseParams, Prior};
use methods::detect::series::Answer;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Gamma, Poisson};

/// Counts of `weeks` weeks that begin anywhere in a year whose season swings by e^±0.6, negative
/// binomial with variance 2 μ.
fn counts(weeks: usize, mean: f64, random: &mut ChaCha8Rng) -> Vec<f64> {
    let phase = random.random::<f64>();
    let rate = |t: usize| mean * (0.6 * (TAU * (t as f64 / 52.0 + phase)).cos()).exp();
    (0..weeks)
        .map(|t| {
            Poisson::new(Gamma::new(rate(t), 1.0).unwrap().sample(random).max(1e-9))
                .unwrap()
                .sample(random)
        })
        .collect()
}

#[test]
fn in_less_than_a_year_a_season_is_not_told_as_a_rise_and_an_outbreak_is() {
    let params = HouseParams { min_history: Some(13), ..HouseParams::default() };
    let rule = params.rule(52).unwrap();
    for weeks in [17, 26, 43] {
        let design = Design::new(weeks, 52, params.harmonics, &Regressors::default()).unwrap();
        let prior = Prior::weak(&design);
        let alarm = |counts: &[f64]| {
            let judged = rule.assess(
                &design,
                &CountSeries { observed: counts, exposure: None },
                weeks - 1,
                &prior,
                &[],
            );
            assert!(!matches!(judged.answer, Answer::NotAssessable(_)), "{judged:?}");
            judged.answer == Answer::Alarm
        };
        let (mut false_alarms, mut found) = (0, 0);
        for seed in 0..600 {
            let mut series =
                counts(weeks, [3.0, 20.0][seed as usize % 2], &mut ChaCha8Rng::seed_from_u64(seed));
            false_alarms += usize::from(alarm(&series));
            series[weeks - 1] = 10.0 * (series[weeks - 1] + 2.0);
            found += usize::from(alarm(&series));
        }
        println!("{weeks} weeks: {false_alarms} false alarms, {found} of 600 outbreaks found");
        // Twice what alpha = .0035 promises would be four.
        assert!(false_alarms <= 6, "{weeks} weeks: {false_alarms} false alarms of 600");
        assert!(found > 420, "{weeks} weeks: {found} of 600 outbreaks found");
    }
}
