//! Whether one of two forecasts loses less.

use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::method::Flaw;

/// The test of Diebold and Mariano.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DieboldMariano {
    pub statistic: f64,
    /// Two-sided.
    pub p: f64,
}

/// Diebold and Mariano's test (1995, J. Bus. Econ. Stat. 13, 253–263) that the mean difference of
/// two forecasts' losses is zero, for forecasts `h` steps ahead, with the correction for few
/// periods of Harvey, Leybourne and Newbold (1997, Int. J. Forecast. 13, 281–291): R's
/// `forecast::dm.test(varestimator = "acf")` on the losses themselves.
///
/// Where the autocovariances give no variance above zero, those of one step ahead are taken, as
/// there.
///
/// # Errors
/// A [`Flaw`] where there are too few periods, or the losses differ always by the same.
pub fn diebold_mariano(differences: &[f64], h: usize) -> Result<DieboldMariano, Flaw> {
    let n = differences.len();
    if h == 0 || n < 3 || h >= n {
        let what = format!("{n} periods are too few to compare forecasts {h} steps ahead");
        return Err(Flaw::new(what, "give more periods, or a shorter horizon"));
    }
    let mean = differences.iter().sum::<f64>() / n as f64;
    let covariance = |lag: usize| {
        let pairs = differences.iter().zip(&differences[lag..]);
        pairs.map(|(a, b)| (a - mean) * (b - mean)).sum::<f64>() / n as f64
    };
    let variance =
        |h: usize| (covariance(0) + 2.0 * (1..h).map(covariance).sum::<f64>()) / n as f64;
    let (h, variance) = match variance(h) {
        long if long > 0.0 => (h, long),
        _ => (1, variance(1)),
    };
    if variance <= 0.0 {
        return Err(Flaw::new("the losses differ always by the same", "the two are one forecast"));
    }
    let (n, h) = (n as f64, h as f64);
    let correction = ((n + 1.0 - 2.0 * h + h / n * (h - 1.0)) / n).sqrt();
    let statistic = mean / variance.sqrt() * correction;
    let law = StudentsT::new(0.0, 1.0, n - 1.0)
        .map_err(|e| Flaw::new(e.to_string(), "give more periods"))?;
    Ok(DieboldMariano { statistic, p: 2.0 * law.cdf(-statistic.abs()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_that_differ_always_by_the_same_are_not_compared() {
        assert!(diebold_mariano(&[0.5; 10], 1).is_err());
        assert!(diebold_mariano(&[0.5, 1.0], 1).is_err());
    }
}
