//! Denomination: amounts over the size of their unit, so that units compare (COINr `Denominate`).

use ndarray::{Array1, ArrayView1};

use crate::method::Noted;

/// `x / denominator × scale`, unit by unit. A missing or zero denominator leaves the unit missing
/// (R gives an infinity for zero); the notice tells how many had a zero one. Both arrays have one
/// value a unit.
pub fn denominate(
    x: ArrayView1<f64>,
    denominator: ArrayView1<f64>,
    scale: f64,
) -> Noted<Array1<f64>> {
    let divided = |(x, d): (&f64, &f64)| if *d == 0.0 { f64::NAN } else { x / d * scale };
    let value = x.iter().zip(denominator).map(divided).collect();
    let zero = denominator.iter().filter(|d| **d == 0.0).count();
    let notices =
        (zero > 0).then(|| format!("{zero} units have a denominator of zero and are missing"));
    Noted { value, notices: notices.into_iter().collect() }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn a_zero_denominator_is_missing_and_said_so() {
        let done = denominate(
            array![4.0, 1.0, f64::NAN, 5.0].view(),
            array![2.0, 0.0, 1.0, f64::NAN].view(),
            10.0,
        );
        assert_eq!(done.value[0], 20.0);
        assert!(done.value.iter().skip(1).all(|v| v.is_nan()));
        assert_eq!(done.notices, ["1 units have a denominator of zero and are missing"]);
    }
}
