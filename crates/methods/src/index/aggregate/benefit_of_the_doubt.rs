//! Benefit of the doubt: each unit is weighted as suits it best, under weights by which no unit has
//! more than 1; a unit below 1 is behind others whatever the weights.
//!
//! Cherchye, L., Moesen, W., Rogge, N. and Van Puyenbroeck, T. (2007) An introduction to ‘benefit
//! of the doubt’ composite indicators. Social Indicators Research 82, 111–145: the largest Σ w y of
//! the unit over w ≥ 0 with Σ w y ≤ 1 of every unit; Compind's `ci_bod`. Weights are free: there
//! are no limits to a child's share.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};

use super::Aggregate;
use crate::method::{Flaw, Params};
use crate::params::none;
use crate::stats::descriptive::extremes;
use crate::stats::simplex;

/// Scores this near to 1 are 1, so that rounding does not rank those whom nobody is ahead of.
const ROUNDING: f64 = 1e-9;

struct BenefitOfTheDoubt;

/// From a model's parameters: it has none.
pub fn make(params: &Params) -> Result<Box<dyn Aggregate>, Flaw> {
    none("benefit_of_the_doubt", params)?;
    Ok(Box::new(BenefitOfTheDoubt))
}

impl Aggregate for BenefitOfTheDoubt {
    /// Given weights do not count, but that a child of weight zero is left out. A unit is compared
    /// on the children it has. Of a unit that lacks some of them, what it has is held against it:
    /// whatever the others may be, they make it no worse (Kuosmanen, T. (2009) Data envelopment
    /// analysis with missing data. J. Operational Research Society 60, 1767–1774). A negative score
    /// is outside the method: its unit has no index, and no other is compared with it.
    fn aggregate(&self, scores: ArrayView2<f64>, weights: ArrayView1<f64>) -> Array1<f64> {
        let shares = shares_of_best(scores, weights);
        (0..shares.nrows()).map(|unit| favourable(unit, shares.view())).collect()
    }

    fn compares_units(&self) -> bool {
        true
    }

    fn notices(&self, scores: ArrayView2<f64>) -> Vec<String> {
        match scores.rows().into_iter().filter(is_negative).count() {
            0 => Vec::new(),
            n => vec![format!("{n} units have a negative score and no benefit of the doubt")],
        }
    }
}

fn is_negative(row: &ArrayView1<f64>) -> bool {
    row.iter().any(|s| *s < 0.0)
}

/// The scores of the children that have a weight, as shares of each child's best: the index does
/// not depend on their units. Those of a unit with a negative one are missing.
fn shares_of_best(scores: ArrayView2<f64>, weights: ArrayView1<f64>) -> Array2<f64> {
    let counted: Vec<usize> = (0..weights.len()).filter(|c| weights[*c] > 0.0).collect();
    let mut shares = scores.select(Axis(1), &counted);
    for mut row in shares.rows_mut() {
        if is_negative(&row.view()) {
            row.fill(f64::NAN);
        }
    }
    for mut column in shares.columns_mut() {
        let (_, best) = extremes(column.view());
        if best > 0.0 {
            column.mapv_inplace(|s| s / best);
        }
    }
    shares
}

/// The index of one unit by its own best weights.
fn favourable(unit: usize, shares: ArrayView2<f64>) -> f64 {
    let row = shares.row(unit);
    let has: Vec<usize> = (0..row.len()).filter(|c| !row[*c].is_nan()).collect();
    if has.is_empty() {
        return f64::NAN;
    }
    // A term of zero is a term left out of another unit's sum.
    let others = shares.select(Axis(1), &has).mapv(|s| if s.is_nan() { 0.0 } else { s });
    let Some(best) = simplex::corner(others.row(unit), others.view()) else { return f64::NAN };
    let sums = others.dot(&best);
    // Whatever rounding did to the weights, by these the index is one that the unit can have.
    let index = sums[unit] / sums.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    if index > 1.0 - ROUNDING { 1.0 } else { index }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array, aview1};

    use super::super::{aggregation, tests::parents};

    fn bod(scores: &Array2<f64>) -> Vec<f64> {
        parents("benefit_of_the_doubt", "", scores.view(), &vec![1.0; scores.ncols()]).to_vec()
    }

    #[track_caller]
    fn near(got: &[f64], wanted: &[f64]) {
        let met = |(a, b): (&f64, &f64)| (a - b).abs() < 1e-12 || (a.is_nan() && b.is_nan());
        assert!(got.len() == wanted.len() && got.iter().zip(wanted).all(met), "{got:?} {wanted:?}");
    }

    #[test]
    fn by_hand() {
        // The front runs through (4, 1), (3, 3), (1, 4). (2, 2) is two thirds of (3, 3); (2, 0.5)
        // half of (4, 1); (0, 2) half of (1, 4), whose second no one has more of; (3, 1.5) ends at
        // w = (2, 1) / 9 between (4, 1) and (3, 3): 7.5 / 9.
        let scores = array![
            [4.0, 1.0],
            [3.0, 3.0],
            [1.0, 4.0],
            [2.0, 2.0],
            [2.0, 0.5],
            [0.0, 2.0],
            [3.0, 1.5],
            [0.0, 0.0]
        ];
        near(&bod(&scores), &[1.0, 1.0, 1.0, 2.0 / 3.0, 0.5, 0.5, 7.5 / 9.0, 0.0]);
    }

    #[test]
    fn units_of_measurement_and_given_weights_do_not_count() {
        let scores = array![[3.0, 1.0, 7.0], [2.0, 8.0, 2.0], [6.0, 5.0, 4.0], [4.0, 4.0, 3.0]];
        let other = &scores * &array![1e6, 0.5, 1e-3];
        near(&bod(&other), &bod(&scores));
        let weighted = parents("benefit_of_the_doubt", "", scores.view(), &[1.0, 9.0, 0.1]);
        assert_eq!(weighted.to_vec(), bod(&scores));
        // A constant added is no change of units.
        assert!(bod(&(&scores + 10.0))[3] > bod(&scores)[3] + 0.01);
    }

    #[test]
    fn those_whom_nobody_is_ahead_of_are_all_first() {
        // Points on a quarter of a circle, whose tangents are their weights; inside it, less.
        let turn = |step: usize| step as f64 * std::f64::consts::FRAC_PI_2 / 40.0;
        let front = Array2::from_shape_fn((41, 2), |(u, c)| {
            100.0 * if c == 0 { turn(u).cos() } else { turn(u).sin() }
        });
        assert!(bod(&front).iter().all(|index| *index == 1.0), "{:?}", bod(&front));
        let inside = ndarray::concatenate![
            ndarray::Axis(0),
            front,
            front.slice(ndarray::s![20..21, ..]).mapv(|s| s * 0.9)
        ];
        assert!((bod(&inside)[41] - 0.9).abs() < 1e-12);
    }

    #[test]
    fn a_child_that_is_missing_or_has_no_weight_is_left_out() {
        let nan = f64::NAN;
        // The first is compared on the second child alone, 3 of the third's 4, and the third's 4
        // holds against the fourth too: w = (1/12, 1/4), where 6 · 1/12 + 2 · 1/4 is 1 as well.
        let scores = array![[nan, 3.0], [6.0, 2.0], [nan, 4.0], [3.0, 2.5], [nan, nan]];
        near(&bod(&scores), &[0.75, 1.0, 1.0, 7.0 / 8.0, nan]);
        let more = array![[nan, 1.0, 3.0], [6.0, 9.0, 2.0], [nan, 2.0, 4.0], [3.0, 5.0, 2.5]];
        let done = parents("benefit_of_the_doubt", "", more.view(), &[2.0, 0.0, 1.0]).to_vec();
        near(&done, &bod(&scores)[..4]);
    }

    #[test]
    fn a_negative_score_is_no_index_with_a_notice() {
        let scores = array![[4.0, 1.0], [9.0, -1.0], [2.0, 1.0]];
        near(&bod(&scores), &[1.0, f64::NAN, 1.0]);
        let method = aggregation("benefit_of_the_doubt", &toml::Table::new()).unwrap();
        assert_eq!(method.notices(scores.view()).len(), 1);
        assert!(method.notices(array![[0.0, 1.0]].view()).is_empty());
        // The negative one has no weight, so that it does not count.
        let alone = method.aggregate(scores.view(), aview1(&[1.0, 0.0]));
        near(alone.as_slice().unwrap(), &[4.0 / 9.0, 1.0, 2.0 / 9.0]);
    }

    #[test]
    fn a_better_score_never_makes_a_worse_index() {
        let mut scores = array![[3.0, 1.0, 7.0], [2.0, 8.0, 2.0], [6.0, 5.0, 4.0], [0.0, 4.0, 3.0]];
        let mut last = 0.0;
        for step in 0..40 {
            scores[[3, 0]] = f64::from(step) / 4.0;
            let index = bod(&scores)[3];
            assert!(index >= last - 1e-12, "{step}: {index} after {last}");
            last = index;
        }
        assert_eq!(last, 1.0);
    }
}
