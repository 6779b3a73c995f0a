//! The first principal component of the standardised columns: a column weighs by its part in what
//! the columns have in common.
//!
//! Weights are the squared loadings, whose sum is one and each of which is the share of the
//! component that the column makes up (OECD/JRC (2008) Handbook on Constructing Composite
//! Indicators, step 6, after Nicoletti, Scarpetta and Boylaud (2000)); `loadings = "absolute"`
//! takes them without squaring, which is COINr's weighting but for the signs: COINr gives the raw
//! loadings, that can be negative, and so cannot be weights. A column whose loading runs against
//! the others' is named in a notice; it weighs by its size.

use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_reduction::Pca;
use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};
use serde::Deserialize;

use super::columns::deviations;
use super::sample::{Sample, weigh_with};
use super::{Weigh, parameters};
use crate::method::{Flaw, Noted, Params};

/// Relative difference of standard deviations below which components count as tied.
const TIED: f64 = 1e-9;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct PrincipalComponent {
    loadings: Loadings,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Loadings {
    #[default]
    Squared,
    Absolute,
}

pub(super) fn make(params: &Params) -> Result<Box<dyn Weigh>, Flaw> {
    Ok(Box::new(parameters::<PrincipalComponent>("pca", params)?))
}

impl Weigh for PrincipalComponent {
    fn weigh(
        &self,
        x: ArrayView2<f64>,
        directions: ArrayView1<f64>,
    ) -> Result<Noted<Array1<f64>>, Flaw> {
        weigh_with(x, directions, |sample| {
            let directed = &sample.x * &sample.directions;
            let (components, sdev) = components(directed.view())?;
            let squared = squared_loadings(&components, &sdev, sample);
            Ok(if matches!(self.loadings, Loadings::Squared) {
                squared
            } else {
                squared.mapv(f64::sqrt)
            })
        })
    }
}

/// Of the first component; where others explain as much, their mean, since any mixture of them
/// would be a first component.
fn squared_loadings(
    components: &Array2<f64>,
    sdev: &Array1<f64>,
    sample: &mut Sample,
) -> Array1<f64> {
    let first = sdev.first().copied().unwrap_or_default();
    let tied = sdev.iter().take_while(|s| first - **s <= TIED * first).count();
    if tied > 1 {
        sample.note_on_all(&format!(
            "{tied} principal components explain alike: the mean of their squared loadings is taken"
        ));
    } else {
        note_opposed_loadings(&oriented(components), sample);
    }
    let squares = components.axis_iter(Axis(0)).take(tied).map(|c| c.mapv(|l| l * l));
    squares.fold(Array1::zeros(components.ncols()), |sum, squared| sum + squared) / tied as f64
}

fn note_opposed_loadings(loadings: &Array1<f64>, sample: &mut Sample) {
    for (j, loading) in loadings.indexed_iter().filter(|(_, l)| **l < -1e-12) {
        sample.note(j, &format!("runs against the first principal component (loading {loading:.3}): its direction may be wrong"));
    }
}

/// The first row, turned so that its sum is not negative.
fn oriented(components: &Array2<f64>) -> Array1<f64> {
    let first = components.row(0);
    if first.sum() < 0.0 { -&first } else { first.to_owned() }
}

/// The principal components of the columns of `x` (units × columns) scaled to variance one, as R's
/// `prcomp(x, scale. = TRUE)`: at least one row of loadings, and their standard deviations,
/// falling. Refused where a column does not vary or a figure is missing.
fn components(x: ArrayView2<f64>) -> Result<(Array2<f64>, Array1<f64>), Flaw> {
    let standardised = standardised(x)?;
    let (units, columns) = standardised.dim();
    if columns == 1 {
        return Ok((Array2::ones((1, 1)), Array1::ones(1)));
    }
    // All components: linfa then solves the whole eigenproblem, where for one it would stop at five
    // digits. Its tolerance is absolute, so that it gets figures whose squares sum to one in each
    // column.
    let fitted = Pca::params(units.min(columns)).fit(&DatasetBase::from(standardised.clone()));
    let fitted = fitted.map_err(|e| {
        Flaw::new(format!("no principal component was found ({e})"), "take another weighting")
    })?;
    check(&standardised, fitted.components(), fitted.singular_values())?;
    Ok((fitted.components().clone(), fitted.singular_values().clone()))
}

/// Columns of mean zero whose squares sum to one: their products are the correlations.
fn standardised(x: ArrayView2<f64>) -> Result<Array2<f64>, Flaw> {
    let x = x.to_owned();
    let (Some(mean), true) = (x.mean_axis(Axis(0)), x.nrows() > 1) else {
        return Err(Flaw::new("there are fewer than two units", "give more units"));
    };
    let deviations = deviations(&x);
    if deviations.is_empty() || deviations.iter().any(|s| !(s.is_finite() && *s > 0.0)) {
        return Err(Flaw::new("a column does not vary, or misses a figure", "leave it out"));
    }
    let scale = deviations * (x.nrows() as f64 - 1.0).sqrt();
    Ok((x - mean) / scale)
}

/// The first component must be an eigenvector of the correlations.
fn check(z: &Array2<f64>, components: &Array2<f64>, sdev: &Array1<f64>) -> Result<(), Flaw> {
    let (Some(first), Some(sdev)) = (components.axis_iter(Axis(0)).next(), sdev.first()) else {
        return Err(Flaw::new("no principal component was found", "take another weighting"));
    };
    let variance = sdev * sdev;
    let residual = z.t().dot(&z.dot(&first)) - &first * variance;
    let off = residual
        .iter()
        .fold(0.0, |worst: f64, r| if r.is_nan() { f64::INFINITY } else { worst.max(r.abs()) });
    if off <= 1e-8 * variance {
        return Ok(());
    }
    Err(Flaw::new(
        format!("the first principal component is uncertain by {off:.1e}"),
        "take another weighting",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn two_columns_share_alike_and_a_wrong_direction_is_noted() {
        let x = array![[1.0, 20.0], [2.0, 25.0], [3.0, 50.0], [4.0, 45.0]];
        let pca = PrincipalComponent::default();
        let weighed = pca.weigh(x.view(), array![1.0, 1.0].view()).unwrap();
        assert!(
            (weighed.value[0] - 0.5).abs() < 1e-12 && weighed.notices.is_empty(),
            "{weighed:?}"
        );
        let x = array![[1.0, 2.0, 9.0], [2.0, 2.5, 7.0], [3.0, 5.0, 6.5], [4.0, 4.5, 1.0]];
        let against = pca.weigh(x.view(), array![1.0, 1.0, 1.0].view()).unwrap();
        let turned = pca.weigh(x.view(), array![1.0, 1.0, -1.0].view()).unwrap();
        assert!(
            against.notices.len() == 1 && against.notices[0].starts_with("column 3: "),
            "{against:?}"
        );
        assert!(
            turned.notices.is_empty()
                && (&turned.value - &against.value).iter().all(|d| d.abs() < 1e-12)
        );
    }

    #[test]
    fn columns_without_correlation_share_alike() {
        let x = array![[1.0, 30.0], [1.0, -30.0], [-1.0, 30.0], [-1.0, -30.0]];
        for loadings in [Loadings::Squared, Loadings::Absolute] {
            let weighed =
                PrincipalComponent { loadings }.weigh(x.view(), array![1.0, -1.0].view()).unwrap();
            assert!(
                (weighed.value[0] - 0.5).abs() < 1e-12 && weighed.notices.len() == 1,
                "{weighed:?}"
            );
        }
    }

    #[test]
    fn a_column_given_twice_is_no_trouble() {
        let x = Array2::from_shape_fn((9, 4), |(i, j)| ((i * 5 + (j / 2) * i * i) % 11) as f64);
        let weighed =
            PrincipalComponent::default().weigh(x.view(), Array1::ones(4).view()).unwrap().value;
        assert!(
            (weighed[0] - weighed[1]).abs() < 1e-10 && (weighed[2] - weighed[3]).abs() < 1e-10,
            "{weighed}"
        );
    }

    #[test]
    fn absolute_loadings_are_in_proportion() {
        let x = array![[1.0, 2.0, 9.0], [2.0, 2.5, 7.0], [3.0, 5.0, 6.5], [4.0, 4.5, 1.0]];
        let raw = components(x.view()).unwrap().0.row(0).mapv(f64::abs);
        let weighed = PrincipalComponent { loadings: Loadings::Absolute }
            .weigh(x.view(), Array1::ones(3).view())
            .unwrap()
            .value;
        assert!((&weighed * raw.sum() - &raw).iter().all(|d| d.abs() < 1e-10), "{weighed} {raw}");
    }

    #[test]
    fn more_columns_than_units() {
        let x = Array2::from_shape_fn((4, 30), |(i, j)| {
            ((i * 31 + j * 17) % 23) as f64 + ((i * j) % 5) as f64
        });
        let (components, sdev) = components(x.view()).unwrap();
        let first = components.row(0);
        assert!((first.dot(&first) - 1.0).abs() < 1e-10);
        // Total variance of 30 standardised columns.
        assert!((sdev.dot(&sdev) - 30.0).abs() < 1e-8, "{sdev}");
    }

    #[test]
    fn sixty_columns_are_solved_to_rounding() {
        let x = Array2::from_shape_fn((200, 60), |(i, j)| {
            ((i * i * 7 + j * 13 * i + j * j) % 101) as f64 + (i % (j + 2)) as f64
        });
        assert!(components(x.view()).is_ok());
    }
}
