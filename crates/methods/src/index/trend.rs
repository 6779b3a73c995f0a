//! How a figure changed over the years, in one number (COINr `get_trends`; without its turning by
//! direction: a fall is negative).

use ndarray::ArrayView1;

use super::stats::mean;

/// Compound growth per unit of time between the first and the last value there is: (last /
/// first)^(1 / time) − 1. Equal values are no growth, even zeros. NaN with fewer than two values,
/// where the first is zero, or where the two differ in sign. COINr's `CAGR`.
pub fn compound_growth(x: ArrayView1<f64>, time: ArrayView1<f64>) -> f64 {
    let points = points(x, time);
    let (Some((t0, first)), Some((t1, last))) = (points.first(), points.last()) else {
        return f64::NAN;
    };
    match last / first {
        _ if t0 == t1 => f64::NAN,
        _ if first == last => 0.0,
        _ if *first == 0.0 => f64::NAN,
        growth => growth.powf(1.0 / (t1 - t0)) - 1.0,
    }
}

/// Slope of the least-squares line per unit of time, in per cent of the line's value at the first
/// one; equal values have none. NaN with fewer than two values at different times, or where the
/// line starts from zero. COINr's `prc_change`.
pub fn percent_change(x: ArrayView1<f64>, time: ArrayView1<f64>) -> f64 {
    let points = points(x, time);
    let (Some((t0, first)), Some((t1, _))) = (points.first(), points.last()) else {
        return f64::NAN;
    };
    if t0 == t1 {
        return f64::NAN;
    }
    if points.iter().all(|(_, v)| v == first) {
        return 0.0;
    }
    let column = |of: fn(&(f64, f64)) -> f64| {
        mean(points.iter().map(of).collect::<ndarray::Array1<f64>>().view())
    };
    let (middle, level) = (column(|p| p.0), column(|p| p.1));
    let spread: f64 = points.iter().map(|(t, _)| (t - middle).powi(2)).sum();
    let slope = points.iter().map(|(t, v)| (t - middle) * (v - level)).sum::<f64>() / spread;
    let start = level + slope * (t0 - middle);
    if start == 0.0 { f64::NAN } else { 100.0 * slope / start }
}

/// (time, value) of the values there are, by time.
fn points(x: ArrayView1<f64>, time: ArrayView1<f64>) -> Vec<(f64, f64)> {
    let mut points: Vec<(f64, f64)> = time
        .iter()
        .copied()
        .zip(x.iter().copied())
        .filter(|(t, v)| !t.is_nan() && !v.is_nan())
        .collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    points
}

#[cfg(test)]
mod tests {
    use ndarray::{array, aview1};

    use super::*;

    #[test]
    fn growth_between_the_ends() {
        let time = array![2022.0, 2020.0, 2021.0];
        assert!(
            (compound_growth(array![121.0, 100.0, f64::NAN].view(), time.view()) - 0.1).abs()
                < 1e-12
        );
        assert_eq!(compound_growth(array![0.0, 0.0, 1.0].view(), time.view()), 0.0);
        assert!(compound_growth(array![5.0, 0.0, 1.0].view(), time.view()).is_nan());
        assert!(compound_growth(array![5.0, f64::NAN, f64::NAN].view(), time.view()).is_nan());
        assert!(compound_growth(aview1(&[]), aview1(&[])).is_nan());
    }

    #[test]
    fn change_along_the_line() {
        let time = array![0.0, 1.0, 2.0];
        assert!(
            (percent_change(array![10.0, 11.0, 12.0].view(), time.view()) - 10.0).abs() < 1e-12
        );
        assert_eq!(percent_change(array![3.0, 3.0, f64::NAN].view(), time.view()), 0.0);
        assert!(percent_change(array![0.0, 1.0, 2.0].view(), time.view()).is_nan());
        assert!(percent_change(array![f64::NAN, f64::NAN, 2.0].view(), time.view()).is_nan());
    }
}
