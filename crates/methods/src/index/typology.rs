//! A typology of areas, so that a farm is compared with farms: k-means clusters of standardised
//! exposures (linfa).

use linfa::DatasetBase;
use linfa::traits::{Fit, Predict};
use linfa_clustering::KMeans;
use ndarray::{Array1, Array2, ArrayView2, Axis};
use rand_xoshiro::Xoshiro256Plus;
use rand_xoshiro::rand_core::SeedableRng;

/// Random starts of k-means, of which the best is taken.
const RUNS: usize = 20;

/// The kind of each area by its `exposures` (areas × columns, NaN where missing), numbered from 0
/// by the kinds' mean of the first column used.
///
/// Each column is taken as ln(1 + x) and standardised; a column that is missing for some area, or
/// does not vary, is left out. `None` where no column is left, or there are fewer than two kinds or
/// fewer areas than kinds. The same input and seed give the same kinds.
pub fn area_kinds(exposures: ArrayView2<f64>, count: usize, seed: u64) -> Option<Vec<usize>> {
    let known =
        exposures.columns().into_iter().filter(|c| c.iter().all(|x| x.is_finite() && *x >= 0.0));
    let columns: Vec<Array1<f64>> =
        known.filter_map(|c| standardised(&c.mapv(f64::ln_1p))).collect();
    if columns.is_empty() || count < 2 || exposures.nrows() < count {
        return None;
    }
    let x = Array2::from_shape_fn((exposures.nrows(), columns.len()), |(area, column)| {
        columns[column][area]
    });
    let rng = Xoshiro256Plus::seed_from_u64(seed);
    let fitted =
        KMeans::params_with_rng(count, rng).n_runs(RUNS).fit(&DatasetBase::from(x.clone())).ok()?;
    let found: Array1<usize> = fitted.predict(&x);
    Some(numbered_by_mean(&found, count, &columns[0]))
}

fn standardised(column: &Array1<f64>) -> Option<Array1<f64>> {
    let (mean, deviation) = (column.mean()?, column.std(0.0));
    (deviation > 0.0).then(|| column.mapv(|x| (x - mean) / deviation))
}

/// Clusters numbered by their mean of a column: k-means numbers them at random.
fn numbered_by_mean(found: &Array1<usize>, count: usize, by: &Array1<f64>) -> Vec<usize> {
    let mean = |kind: usize| {
        let members: Vec<usize> = (0..found.len()).filter(|area| found[*area] == kind).collect();
        by.select(Axis(0), &members).mean().unwrap_or(f64::INFINITY)
    };
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|a, b| mean(*a).total_cmp(&mean(*b)));
    found.iter().map(|kind| order.iter().position(|k| k == kind).unwrap_or(*kind)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn farms_stand_with_farms_and_towns_with_towns() {
        let town = |i: usize| [30_000.0 + 500.0 * i as f64, 20_000.0, 900.0];
        let farm = |i: usize| [2_000.0 + 100.0 * i as f64, 900.0, 12.0];
        let rows: Vec<[f64; 3]> = (0..4).map(town).chain((0..5).map(farm)).collect();
        let x = Array2::from_shape_fn((9, 4), |(r, c)| if c == 3 { f64::NAN } else { rows[r][c] });
        let found = area_kinds(x.view(), 2, 1).unwrap();
        assert_eq!(found, [1, 1, 1, 1, 0, 0, 0, 0, 0]);
        assert_eq!(area_kinds(x.view(), 2, 1), Some(found), "the same twice");
        assert_eq!(area_kinds(x.view(), 10, 1), None);
        assert_eq!(
            area_kinds(Array2::from_elem((5, 1), 3.0).view(), 2, 1),
            None,
            "they do not differ"
        );
    }
}
