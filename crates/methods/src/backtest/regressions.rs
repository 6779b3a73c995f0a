//! What general regressions predict, as comparisons for weights: an elastic net of ranks, and a
//! logistic regression on who is among the first fifth. Neither gives weights on the simplex.

use linfa::Dataset;
use linfa::traits::Fit;
use linfa_elasticnet::ElasticNet;
use linfa_logistic::LogisticRegression;
use ndarray::{Array1, Array2, ArrayView2, Axis};

use super::judge::{FIRST, LEAST_UNITS, rank_correlation};
use super::pairs::Pair;
use crate::stats::descriptive::{average_ranks, mean};

/// Penalties that are tried, from nearly none to one that leaves little.
const PENALTIES: [f64; 4] = [1e-4, 1e-3, 1e-2, 1e-1];
/// Latest origins that are learned from: more cost time and move little.
const LATEST: usize = 24;
/// Share of the origins, in order of time, on which a penalty is fitted; on the others it is
/// judged.
const FITTED: f64 = 2.0 / 3.0;

/// A way to fit coefficients.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Regression {
    /// Zou, H. and Hastie, T. (2005) Regularization and variable selection via the elastic net,
    /// Journal of the Royal Statistical Society B 67, 301–320: half lasso, half ridge.
    ElasticNet,
    /// Logistic regression with a ridge penalty.
    Logistic,
}

/// What the regression predicts from scores: it is fitted on the latest pairs, which are in order of time,
/// with the penalty under which a fit to the first two thirds ranks the last third best. NaN for
/// units without any score; `None` where nothing can be fitted.
pub fn regress(
    regression: Regression,
    pairs: &[Pair],
    now: ArrayView2<f64>,
) -> Option<Array1<f64>> {
    let pairs = &pairs[pairs.len().saturating_sub(LATEST)..];
    let (earlier, later) = pairs.split_at((pairs.len() as f64 * FITTED).round() as usize);
    let judged = |penalty: f64| -> Option<(f64, f64)> {
        let fitted = fit(regression, earlier, penalty)?;
        let correlations = later
            .iter()
            .map(|pair| rank_correlation(predict(&fitted, pair.scores).view(), pair.target));
        let correlation = mean(correlations.collect::<Array1<f64>>().view());
        (!correlation.is_nan()).then_some((correlation, penalty))
    };
    let (_, penalty) =
        PENALTIES.into_iter().filter_map(judged).max_by(|a, b| a.0.total_cmp(&b.0))?;
    Some(predict(&fit(regression, pairs, penalty)?, now))
}

/// Coefficients of the centred scores with their sign turned.
fn fit(regression: Regression, pairs: &[Pair], penalty: f64) -> Option<Array1<f64>> {
    let (risks, ranks) = design(pairs)?;
    // Coefficients of columns of one spread are penalised alike.
    let spread =
        risks.map_axis(Axis(0), |column| column.std(0.0)).mapv(|s| s.max(f64::MIN_POSITIVE));
    let scaled = &risks / &spread;
    let coefficients = match regression {
        Regression::ElasticNet => {
            let fitted = ElasticNet::params()
                .penalty(penalty)
                .l1_ratio(0.5)
                .with_intercept(false)
                .fit(&Dataset::new(scaled, ranks))
                .ok()?;
            fitted.hyperplane().clone()
        }
        Regression::Logistic => {
            let first = ranks.mapv(|rank| rank > 0.5 - FIRST);
            let alpha = penalty * risks.nrows() as f64;
            let fitted = LogisticRegression::default()
                .alpha(alpha)
                .max_iterations(200)
                .fit(&Dataset::new(scaled, first))
                .ok()?;
            // The class that comes first among the labels is the one that is predicted.
            let sign = if fitted.labels().pos.class { 1.0 } else { -1.0 };
            fitted.params() * sign
        }
    };
    Some(coefficients / spread)
}

/// Rows of centred scores with their sign turned, one a unit and origin, and the target's ranks
/// within the origin from −½ to ½; `None` where there is none.
fn design(pairs: &[Pair]) -> Option<(Array2<f64>, Array1<f64>)> {
    let elements = pairs.first()?.scores.ncols();
    let (mut rows, mut ranks) = (Array2::zeros((0, elements)), Vec::new());
    for pair in pairs {
        let known: Vec<usize> = (0..pair.target.len())
            .filter(|row| !pair.target[*row].is_nan() && has_some(pair.scores, *row))
            .collect();
        if known.len() < LEAST_UNITS {
            continue;
        }
        let target: Vec<f64> = known.iter().map(|row| pair.target[*row]).collect();
        let count = known.len() as f64;
        ranks.extend(average_ranks(&target).iter().map(|r| (r - (count + 1.0) / 2.0) / count));
        rows.append(Axis(0), centred(pair.scores.select(Axis(0), &known).view()).view()).ok()?;
    }
    (!ranks.is_empty()).then(|| (rows, Array1::from(ranks)))
}

fn has_some(scores: ArrayView2<f64>, row: usize) -> bool {
    scores.row(row).iter().any(|score| !score.is_nan())
}

/// Deviations from the mean of those known, with their sign turned; one that is not known is taken
/// for the mean.
fn centred(scores: ArrayView2<f64>) -> Array2<f64> {
    let mut risks = scores.to_owned();
    for mut column in risks.columns_mut() {
        let mean = mean(column.view());
        column.mapv_inplace(|score| if score.is_nan() { 0.0 } else { mean - score });
    }
    risks
}

fn predict(coefficients: &Array1<f64>, scores: ArrayView2<f64>) -> Array1<f64> {
    let mut predicted = centred(scores).dot(coefficients);
    for (row, value) in predicted.iter_mut().enumerate() {
        if !has_some(scores, row) {
            *value = f64::NAN;
        }
    }
    predicted
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;
    use rand_distr::{Distribution, StandardNormal};

    use super::*;

    #[test]
    fn both_rank_what_a_linear_law_brings() {
        let mut rng = ChaCha8Rng::seed_from_u64(8);
        let mut normal = || -> f64 { StandardNormal.sample(&mut rng) };
        let scores: Vec<Array2<f64>> =
            (0..18).map(|_| Array2::from_shape_simple_fn((60, 4), &mut normal)).collect();
        let law = |row: ndarray::ArrayView1<f64>, noise: f64| -row[1] - 0.4 * row[2] + 0.7 * noise;
        let targets: Vec<Array1<f64>> = scores
            .iter()
            .map(|s| s.rows().into_iter().map(|row| law(row, normal())).collect())
            .collect();
        let pairs: Vec<Pair> = scores
            .iter()
            .zip(&targets)
            .map(|(s, t)| Pair { scores: s.view(), target: t.view() })
            .collect();
        let mut now = Array2::from_shape_simple_fn((60, 4), &mut normal);
        let truth: Array1<f64> = now.rows().into_iter().map(|row| law(row, 0.0)).collect();
        now.row_mut(7).fill(f64::NAN);
        for regression in [Regression::ElasticNet, Regression::Logistic] {
            let said = regress(regression, &pairs, now.view()).unwrap();
            assert!(said[7].is_nan());
            let correlation = rank_correlation(said.view(), truth.view());
            assert!(correlation > 0.95, "{regression:?}: {correlation}");
        }
        let nothing = Array1::from_elem(60, f64::NAN);
        let silent = [Pair { scores: scores[0].view(), target: nothing.view() }];
        assert_eq!(regress(Regression::ElasticNet, &silent, now.view()), None);
    }
}
