//! Columns of figures: their normalisations, spread and correlation.

use ndarray::{Array1, Array2, ArrayView1, Axis};

use super::sample::Sample;

/// Least value a column with zeros or less is shifted to where its logarithm or inverse is needed,
/// as a share of its range: as the 1–100 scale that the OECD handbook and COINr take before a
/// geometric mean.
const LEAST: f64 = 0.01;

/// Least and greatest.
pub(super) fn range(column: ArrayView1<f64>) -> (f64, f64) {
    column.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)))
}

/// 0 for the worst unit of each column, 1 for the best.
pub(super) fn min_max(sample: &Sample) -> Array2<f64> {
    let mut x = sample.x.clone();
    for (mut column, direction) in x.axis_iter_mut(Axis(1)).zip(&sample.directions) {
        let (low, high) = range(column.view());
        column.mapv_inplace(|v| {
            if *direction > 0.0 { (v - low) / (high - low) } else { (high - v) / (high - low) }
        });
    }
    x
}

/// Standard deviation of each column, over n − 1.
pub(super) fn deviations(x: &Array2<f64>) -> Array1<f64> {
    x.std_axis(Axis(0), 1.0)
}

/// Leaves no figure below zero: a column that has one is shifted so that its least is zero, with a
/// notice.
pub(super) fn non_negative(sample: &mut Sample) {
    let all: Vec<usize> = (0..sample.x.ncols()).collect();
    shift(
        sample,
        &all,
        |low| low < 0.0,
        0.0,
        "has figures below zero, shifted so that the least is zero",
    );
}

/// Leaves no figure at or below zero in the columns named: one that has is shifted so that its
/// least is a hundredth of its range, with a notice.
pub(super) fn positive(sample: &mut Sample, which: &[usize]) {
    shift(
        sample,
        which,
        |low| low <= 0.0,
        LEAST,
        "has figures at or below zero, shifted so that the least is a hundredth of the range",
    );
}

fn shift(sample: &mut Sample, which: &[usize], wrong: fn(f64) -> bool, least: f64, notice: &str) {
    for j in which {
        let (low, high) = range(sample.x.column(*j));
        if wrong(low) {
            sample.x.column_mut(*j).mapv_inplace(|v| v - low + least * (high - low));
            sample.note(*j, notice);
        }
    }
}

/// Pearson's correlations of the columns, each of which must vary.
pub(super) fn pearson(x: &Array2<f64>) -> Array2<f64> {
    let mut z = x - &x.mean_axis(Axis(0)).unwrap_or_default();
    for mut column in z.axis_iter_mut(Axis(1)) {
        let norm = column.dot(&column).sqrt();
        column.mapv_inplace(|v| v / norm);
    }
    z.t().dot(&z)
}

/// Ranks from 1 upwards in each column; ties share their mean rank.
pub(super) fn ranks(x: &Array2<f64>) -> Array2<f64> {
    let mut ranks = Array2::zeros(x.raw_dim());
    for (column, mut rank) in x.axis_iter(Axis(1)).zip(ranks.axis_iter_mut(Axis(1))) {
        for (value, rank) in column.iter().zip(rank.iter_mut()) {
            let below = column.iter().filter(|v| *v < value).count() as f64;
            let same = column.iter().filter(|v| *v == value).count() as f64;
            *rank = below + (same + 1.0) / 2.0;
        }
    }
    ranks
}
