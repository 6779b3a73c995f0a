//! Distances from an ideal unit, which TOPSIS and the Wroclaw method share.

use ndarray::{Array1, ArrayView1, ArrayView2};

use crate::stats::descriptive::extremes;

/// The lowest and the highest score of each child: the anti-ideal and the ideal unit.
pub(super) fn ends(scores: ArrayView2<f64>) -> (Vec<f64>, Vec<f64>) {
    scores.columns().into_iter().map(extremes).unzip()
}

/// Euclidean distance of each unit from `point`, over weighted scores. A missing child is left out,
/// and the distance is scaled up to the weights of all, so that those with gaps are no nearer;
/// without any child it is NaN. The scale is that of one child's scores.
pub(super) fn distances(
    scores: ArrayView2<f64>,
    weights: ArrayView1<f64>,
    point: &[f64],
) -> Array1<f64> {
    let unit = |row: ArrayView1<f64>| {
        let (mut sum, mut weight) = (0.0, 0.0);
        for ((s, w), p) in row.iter().zip(weights).zip(point).filter(|((s, _), _)| !s.is_nan()) {
            sum += (w * (s - p)).powi(2);
            weight += w * w;
        }
        f64::sqrt(sum / weight)
    };
    scores.rows().into_iter().map(unit).collect()
}

/// How many units have scores, and in each of them that of every other unit.
pub(super) fn alike(scores: ArrayView2<f64>) -> usize {
    let (low, high) = ends(scores);
    let same = |row: &ArrayView1<f64>| {
        let mut scored = row.iter().zip(low.iter().zip(&high)).filter(|(s, _)| !s.is_nan());
        let any = scored.clone().next().is_some();
        any && scored.all(|(_, (low, high))| low == high)
    };
    scores.rows().into_iter().filter(same).count()
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn a_gap_makes_a_unit_neither_nearer_nor_farther() {
        let nan = f64::NAN;
        let scores = array![[7.0, 4.0], [7.0, nan], [nan, nan], [10.0, 8.0]];
        let (low, high) = ends(scores.view());
        assert_eq!((low.as_slice(), high.as_slice()), (&[7.0, 4.0][..], &[10.0, 8.0][..]));
        let even = distances(scores.view(), array![1.0, 1.0].view(), &high);
        // √((3² + 4²) / 2), and 3 alone.
        assert!((even[0] - 12.5_f64.sqrt()).abs() < 1e-15 && even[1] == 3.0 && even[3] == 0.0);
        assert!(even[2].is_nan());
        let uneven = distances(scores.view(), array![4.0, 3.0].view(), &high);
        // √((12² + 12²) / (4² + 3²)).
        assert!((uneven[0] - 11.52_f64.sqrt()).abs() < 1e-15);
        assert_eq!(alike(scores.view()), 0);
        assert_eq!(alike(array![[7.0, 4.0], [7.0, nan], [nan, 5.0], [nan, nan]].view()), 1);
    }
}
