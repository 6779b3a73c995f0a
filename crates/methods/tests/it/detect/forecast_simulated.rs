//! Forecasts of simulated monthly counts and indices, scored by CRPS and coverage beside
//! persistence and last year's month.

use methods::detect::forecast::{Figure, Forecast, Model};
use methods::stats::crps;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand_distr::{Distribution, Gamma, Normal, Poisson};

const MONTHS: usize = 84;
const SERIES: u64 = 12;
const MODELS: [Model; 3] = [Model::House, Model::Persistence, Model::LastYear];

/// Monthly counts: a level, a yearly wave of an amplitude, yearly growth, monthly steps of the
/// level (random walk) and scatter about it, the latter three on the log scale.
#[derive(Clone, Copy, Debug)]
struct Course {
    level: f64,
    wave: f64,
    growth: f64,
    steps: f64,
    scatter: f64,
}

fn counts(course: &Course, seed: u64) -> Vec<f64> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut walk = 0.0;
    let at = |t: usize, walk: f64| {
        course.level.ln()
            + walk
            + course.growth / 12.0 * t as f64
            + course.wave * (std::f64::consts::TAU * (t as f64 + 3.0) / 12.0).cos()
    };
    (0..MONTHS)
        .map(|t| {
            walk += Normal::new(0.0, course.steps).unwrap().sample(&mut rng);
            let shape = 1.0 / course.scatter.powi(2);
            let mean = at(t, walk).exp() * Gamma::new(shape, 1.0 / shape).unwrap().sample(&mut rng);
            Poisson::new(mean.max(1e-9)).unwrap().sample(&mut rng)
        })
        .collect()
}

fn index(course: &Course, seed: u64) -> Vec<f64> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut walk = 0.0;
    (0..MONTHS)
        .map(|t| {
            walk += Normal::new(0.0, course.steps).unwrap().sample(&mut rng);
            let wave = course.wave * (std::f64::consts::TAU * t as f64 / 12.0).cos();
            let noise = Normal::new(0.0, course.scatter).unwrap().sample(&mut rng);
            (course.level + walk + wave + course.growth / 12.0 * t as f64 + noise).clamp(0.0, 100.0)
        })
        .collect()
}

/// Mean CRPS and coverage of the 90 % interval, a model each.
fn score(series: &[Vec<f64>], figure: Figure) -> [(f64, f64); 3] {
    MODELS.map(|model| {
        let forecast = Forecast { model, ..Forecast::default() };
        let (mut sum, mut within, mut n) = (0.0, 0.0, 0.0);
        for values in series {
            for origin in (30..MONTHS - 3).step_by(6) {
                for next in forecast.fit(&values[..origin], figure).unwrap().value.predict() {
                    let came = values[origin + next.step - 1];
                    sum += crps(&next.nodes, came);
                    within += f64::from(u8::from((next.lower..=next.upper).contains(&came)));
                    n += 1.0;
                }
            }
        }
        (sum / n, within / n)
    })
}

fn print(name: &str, scores: &[(f64, f64); 3]) {
    let [house, persistence, year] = scores;
    println!(
        "{name:>34}  CRPS {:8.3}  ratio to persistence {:.3}, last year {:.3}  cover {:.3} {:.3} {:.3}",
        house.0,
        house.0 / persistence.0,
        house.0 / year.0,
        house.1,
        persistence.1,
        year.1
    );
}

#[test]
fn the_forecast_beats_persistence_and_last_year_on_counts() {
    let (mut logs, mut cover, mut n) = ([0.0; 2], 0.0, 0.0);
    for level in [0.5, 3.0, 20.0, 300.0] {
        for (what, wave, growth, steps, scatter) in [
            ("flat", 0.0, 0.0, 0.001, 0.15),
            ("season", 0.6, 0.0, 0.001, 0.15),
            ("season, growth", 0.6, 0.25, 0.001, 0.15),
            ("season, wandering", 0.4, 0.0, 0.1, 0.1),
            ("wandering", 0.0, 0.0, 0.15, 0.05),
            ("falling, wild", 0.2, -0.2, 0.03, 0.5),
        ] {
            let course = Course { level, wave, growth, steps, scatter };
            let series: Vec<Vec<f64>> = (0..SERIES).map(|seed| counts(&course, seed)).collect();
            let scores = score(&series, Figure::Count);
            print(&format!("{level} {what}"), &scores);
            for (log, other) in logs.iter_mut().zip([scores[1].0, scores[2].0]) {
                *log += (scores[0].0 / other).ln();
                // A random walk is foretold best by its last figure: nothing can be gained there,
                // and a tenth is lost.
                assert!(scores[0].0 < 1.12 * other, "{level} {what}");
            }
            cover += scores[0].1;
            n += 1.0;
        }
    }
    println!(
        "geometric mean ratio: persistence {:.3}, last year {:.3}; coverage {:.3}",
        (logs[0] / n).exp(),
        (logs[1] / n).exp(),
        cover / n
    );
    assert!(logs.iter().all(|log| (log / n).exp() < 0.9));
    assert!((0.87..=0.96).contains(&(cover / n)), "{}", cover / n);
}

#[test]
fn the_forecast_of_an_index_keeps_up_with_the_better_of_both() {
    let (mut cover, mut n) = (0.0, 0.0);
    for (what, level, wave, growth, steps, scatter) in [
        ("steady", 70.0, 0.0, 0.0, 0.01, 3.0),
        ("season", 70.0, 8.0, 0.0, 0.01, 2.0),
        ("wandering", 60.0, 0.0, 0.0, 2.0, 0.5),
        ("season, wandering", 60.0, 6.0, 0.0, 1.0, 1.0),
        ("rising", 40.0, 0.0, 5.0, 0.1, 2.0),
        ("near the top", 97.0, 0.0, 0.0, 0.2, 3.0),
    ] {
        let course = Course { level, wave, growth, steps, scatter };
        let series: Vec<Vec<f64>> = (0..4 * SERIES).map(|seed| index(&course, seed)).collect();
        let scores = score(&series, Figure::Index);
        print(&format!("index {what}"), &scores);
        assert!(scores[0].0 < 1.07 * scores[1].0.min(scores[2].0), "{what}");
        cover += scores[0].1;
        n += 1.0;
    }
    println!("coverage {:.3}", cover / n);
    assert!((0.86..=0.95).contains(&(cover / n)));
}
