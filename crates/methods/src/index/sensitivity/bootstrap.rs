//! Bootstrap intervals of the sensitivity indices.

use ndarray::Array1;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::estimators::Estimator;
use super::outputs::Outputs;
use super::sobol::{Indices, sobol};
use crate::method::Flaw;
use crate::stats::descriptive::quantile;

/// The `level` and 1 − `level` quantiles of the indices (and of their variance) over `draws` seeded
/// bootstrap samples of the design's rows.
///
/// Whole rows are drawn, A, B and all A_B^(i) together, and the variance is taken anew each time,
/// as SALib does (Archer, Saltelli and Sobol' 1997, J. Statist. Comput. Simul. 58, 99–120); COINr
/// keeps the whole sample's variance, and its intervals are those of an unseeded draw. Quantiles
/// are of R's type 7; a draw that leaves an index undefined is left out of it.
///
/// # Errors
/// A [`Flaw`] where `level` is not within 0 and ½, or there is no draw; and those of [`sobol`].
pub fn bootstrap(
    outputs: &Outputs,
    estimator: &Estimator,
    draws: usize,
    level: f64,
    seed: u64,
) -> Result<(Indices, Indices), Flaw> {
    if !(0.0..=0.5).contains(&level) || draws == 0 {
        let what = format!("{draws} draws and the quantile {level} do not make an interval");
        return Err(Flaw::new(what, "give a draw or more, and a quantile between 0 and 0.5"));
    }
    sobol(outputs, estimator)?;
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let n = outputs.rows();
    let drawn = (0..draws).map(|_| (0..n).map(|_| rng.random_range(0..n)).collect::<Vec<usize>>());
    // A draw that holds too few successful runs is left out; the whole design was checked above.
    let indices: Vec<Indices> = drawn
        .filter_map(|rows| Some(sobol(&outputs.select(&rows), estimator).ok()?.value))
        .collect();
    Ok((
        quantiles(&indices, outputs.choices(), level),
        quantiles(&indices, outputs.choices(), 1.0 - level),
    ))
}

fn quantiles(indices: &[Indices], choices: usize, p: f64) -> Indices {
    let over = |of: &dyn Fn(&Indices) -> f64| {
        quantile(indices.iter().map(of).collect::<Array1<f64>>().view(), p)
    };
    Indices {
        first: (0..choices).map(|c| over(&|i| i.first[c])).collect(),
        total: (0..choices).map(|c| over(&|i| i.total[c])).collect(),
        variance: over(&|i| i.variance),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::sensitivity::{Design, estimator};

    fn ran(rows: usize) -> Outputs {
        let runs = Design::seeded(rows, 2, 3).unwrap().runs();
        let outputs: Vec<f64> = runs.outer_iter().map(|u| u[0] + 2.0 * u[1]).collect();
        Outputs::stacked(&outputs, 2).unwrap()
    }

    #[test]
    fn the_interval_holds_the_truth_and_narrows_with_the_sample() {
        let jansen = estimator("jansen").unwrap();
        let (low, high) = bootstrap(&ran(200), &jansen, 200, 0.05, 1).unwrap();
        assert!(
            low.total[0] < 0.2 && 0.2 < high.total[0] && low.total[1] < 0.8 && 0.8 < high.total[1],
            "{low:?} {high:?}"
        );
        let (closer, further) = bootstrap(&ran(3200), &jansen, 200, 0.05, 1).unwrap();
        assert!(further.total[1] - closer.total[1] < 0.5 * (high.total[1] - low.total[1]));
        assert_eq!(bootstrap(&ran(200), &jansen, 200, 0.05, 1).unwrap(), (low, high));
    }

    #[test]
    fn what_makes_no_interval_is_refused() {
        let jansen = estimator("jansen").unwrap();
        assert!(bootstrap(&ran(10), &jansen, 0, 0.05, 1).is_err());
        assert!(bootstrap(&ran(10), &jansen, 10, 0.6, 1).is_err());
    }
}
