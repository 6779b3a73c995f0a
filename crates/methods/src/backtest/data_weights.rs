//! Weights from the scores alone, whatever came: entropy, CRITIC, principal components.

use ndarray::{Array1, Array2, ArrayView1, Axis};

use super::origin::Origin;
use crate::index::weigh::weighting;
use crate::method::Params;

/// Weights by a method of [`crate::index::weigh::METHODS`] from the scores of an origin and of
/// those before it, each as it was known then: one row a unit and origin. Elements without a score
/// at the origin weigh nothing; rows that lack one of the others are left out. `None` where no row
/// is whole, or the method refuses the scores.
pub fn data_weights(method: &str, origins: &[Origin], at: usize) -> Option<Array1<f64>> {
    let now = &origins[at].scores;
    let is_known = |element: &usize| now.column(*element).iter().any(|score| !score.is_nan());
    let known: Vec<usize> = (0..now.ncols()).filter(is_known).collect();
    let mut rows = Array2::zeros((0, known.len()));
    for origin in &origins[..=at] {
        let scores = origin.scores.select(Axis(1), &known);
        let whole = |row: &ArrayView1<f64>| row.iter().all(|score| !score.is_nan());
        for row in scores.rows().into_iter().filter(whole) {
            rows.push_row(row).ok()?;
        }
    }
    let method = weighting(method, &Params::new()).ok()?;
    let found = method.weigh(rows.view(), Array1::ones(known.len()).view()).ok()?.value;
    let mut weights = Array1::zeros(now.ncols());
    known.iter().zip(&found).for_each(|(element, weight)| weights[*element] = *weight);
    Some(weights)
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    fn origin(scores: Array2<f64>) -> Origin {
        let none = Array1::from_elem(scores.nrows(), f64::NAN);
        Origin {
            name: String::new(),
            indicators: scores.clone(),
            scores,
            known: Vec::new(),
            last: none.clone(),
            seasonal: none.clone(),
            outcome: none,
        }
    }

    #[test]
    fn they_rest_on_whole_rows_up_to_the_origin() {
        let lacks = f64::NAN;
        let first = array![[50.0, 40.0, lacks], [60.0, 80.0, lacks], [55.0, lacks, lacks]];
        let second = array![[52.0, 20.0, lacks], [58.0, 60.0, lacks], [54.0, 40.0, lacks]];
        let later = array![[1.0, 50.0, 9.0], [99.0, 50.0, 8.0], [50.0, 50.0, 7.0]];
        let origins = [origin(first), origin(second), origin(later)];
        let whole = array![[50.0, 40.0], [60.0, 80.0], [52.0, 20.0], [58.0, 60.0], [54.0, 40.0]];
        for method in ["entropy", "critic", "pca"] {
            let found = data_weights(method, &origins, 1).unwrap();
            let by_hand = weighting(method, &Params::new()).unwrap();
            let by_hand = by_hand.weigh(whole.view(), array![1.0, 1.0].view()).unwrap().value;
            assert_eq!(found, array![by_hand[0], by_hand[1], 0.0], "{method}");
        }
    }

    #[test]
    fn nothing_is_said_where_no_row_is_whole() {
        let lacks = f64::NAN;
        assert_eq!(data_weights("entropy", &[origin(array![[1.0, lacks], [lacks, 2.0]])], 0), None);
    }
}
