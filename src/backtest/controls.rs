//! Controls that run with every backtest: the future replaced by noise changes nothing, what came
//! shuffled among the units shows nothing.

use methods::backtest::judge::rank_correlation;
use methods::stats::descriptive::mean;
use ndarray::Array1;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom;

/// What a control says.
#[derive(Clone, Debug, PartialEq)]
pub struct Control {
    pub name: &'static str,
    pub passed: bool,
    pub says: String,
}

/// Nothing that was said rests on what came later: so many of all moved when it was noise.
pub fn noise(moved: usize, all: usize, what: &str) -> Control {
    Control {
        name: "future replaced by noise",
        passed: moved == 0,
        says: format!("{moved} of {all} {what} moved"),
    }
}

/// What was said of one unit tells nothing of another's outcome. `origins` hold what was said, in
/// one way or several, and what came.
pub fn shuffled(origins: &[(Vec<Array1<f64>>, Array1<f64>)], seed: u64) -> Control {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut found = Vec::new();
    for (said, outcome) in origins {
        let mut outcome = outcome.to_vec();
        outcome.shuffle(&mut rng);
        let outcome = Array1::from(outcome);
        found.extend(said.iter().map(|said| rank_correlation(said.view(), outcome.view())));
    }
    let mean = mean(Array1::from(found).view());
    // What is said at one origin hangs together, so that origins are counted, not predictions.
    let units = origins.first().map_or(0, |(_, outcome)| outcome.len()) as f64;
    let error = 1.0 / (origins.len() as f64 * (units - 1.0)).sqrt();
    Control {
        name: "target shuffled",
        passed: mean.abs() <= 3.0 * error,
        says: format!(
            "mean rank correlation {mean:+.3}, three standard errors are {:.3}",
            3.0 * error
        ),
    }
}
