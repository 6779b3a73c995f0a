//! The in-control mean of a chart, the mean while nothing happens: fitted to what lies before the
//! first point judged: a level, a trend, and a season of S waves.

use std::ops::Range;

use ndarray::{Array2, ArrayView1};
use serde::Deserialize;

use super::negative_binomial_regression::{fit, fit_with_alpha};
use super::reason::history_too_short;
use crate::method::Flaw;

/// The model, as R's `mu0 = list(S = 1, trend = FALSE)`.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
pub struct Season {
    /// Number of waves: with 1 one a year, with 2 also one each half year …; none with 0.
    pub s: usize,
    pub trend: bool,
}

/// Means of the points judged.
#[derive(Clone, Debug, PartialEq)]
pub struct InControlMean {
    pub means: Vec<f64>,
    /// The dispersion given, or estimated where none was.
    pub alpha: f64,
    /// What there is to say of the fit.
    pub notices: Vec<String>,
}

impl Season {
    /// Fits `history`, the series up to the first point judged, by Poisson (`alpha` 0) or negative
    /// binomial regression (above 0, or `None` to have it estimated), and predicts the points of
    /// `range`. Missing points are left out. Where that is not possible, the reason.
    ///
    /// # Errors
    /// A [`Flaw`] where a year has too few points for the season.
    pub fn means(
        &self,
        method: &str,
        history: &[f64],
        freq: usize,
        alpha: Option<f64>,
        range: Range<usize>,
    ) -> Result<Result<InControlMean, String>, Flaw> {
        if self.s > 0 && freq < self.s.saturating_mul(2) {
            let what = format!(
                "method \"{method}\": a season of S = {} waves cannot be seen in {freq} points a year",
                self.s
            );
            return Err(Flaw::new(what, "give freq as points a year and S as at most half of it"));
        }
        let there: Vec<usize> = (0..history.len()).filter(|at| history[*at].is_finite()).collect();
        Ok(self.fit(method, history, &there, freq, alpha, range))
    }

    fn fit(
        &self,
        method: &str,
        history: &[f64],
        there: &[usize],
        freq: usize,
        alpha: Option<f64>,
        range: Range<usize>,
    ) -> Result<InControlMean, String> {
        let y: Vec<f64> = there.iter().map(|at| history[*at]).collect();
        let needed = 2 + usize::from(self.trend) + 2 * self.s
            - usize::from(self.s > 0 && 2 * self.s == freq);
        if y.len() < needed {
            return Err(history_too_short(
                &format!("{method} with a season of S = {}", self.s),
                needed,
                y.len(),
            ));
        }
        let x = self.design(there, freq);
        if y.iter().all(|v| *v == 0.0) {
            return Err(format!(
                "all {} points before are zero, so that no mean can be fitted",
                y.len()
            ));
        }
        let fit = match alpha {
            Some(alpha) => fit_with_alpha(x.view(), &y, alpha),
            None => fit(x.view(), &y),
        };
        let fit = fit.map_err(|flaw| flaw.to_string())?;
        let points: Vec<usize> = range.collect();
        let linear = |row: ArrayView1<f64>| {
            row.iter().zip(&fit.coefficients).map(|(x, c)| x * c).sum::<f64>()
        };
        let means =
            self.design(&points, freq).rows().into_iter().map(|row| linear(row).exp()).collect();
        let mut notices = Vec::new();
        if there.len() < history.len() {
            notices.push(format!(
                "{} of the {} points before are missing and left out",
                history.len() - there.len(),
                history.len()
            ));
        }
        if alpha.is_none() {
            notices.push(format!("alpha is estimated as {:.6}", fit.alpha));
        }
        if !fit.converged {
            notices.push(
                "the regression did not come to rest; a history that scatters less than Poisson's does that (give alpha = 0)".to_owned(),
            );
        }
        Ok(InControlMean { means, alpha: fit.alpha, notices })
    }

    /// Level, time counted from one, and waves; without the sine that is zero at two points a wave.
    fn design(&self, points: &[usize], freq: usize) -> Array2<f64> {
        let waves = (1..=self.s)
            .flat_map(|s| [(s, false), (s, true)])
            .filter(|(s, sine)| !(*sine && 2 * s == freq));
        let waves: Vec<(usize, bool)> = waves.collect();
        let level = 1 + usize::from(self.trend);
        Array2::from_shape_fn((points.len(), level + waves.len()), |(i, j)| {
            let t = (points[i] + 1) as f64;
            match j {
                0 => 1.0,
                1 if self.trend => t,
                _ => {
                    let (s, sine) = waves[j - level];
                    let angle = 2.0 * s as f64 * std::f64::consts::PI / freq as f64 * t;
                    if sine { angle.sin() } else { angle.cos() }
                }
            }
        })
    }
}

/// Of a list of means that has not one for each point to be judged.
pub(super) fn wrong_number(method: &str, name: &str, given: usize, points: usize) -> Flaw {
    Flaw::new(
        format!("method \"{method}\": {name} has {given} numbers for {points} points"),
        format!("give {name} one number a point to be judged"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_season_goes_on() {
        let y: Vec<f64> = (1..=60)
            .map(|t| {
                (20.0 * (0.5 * (std::f64::consts::PI / 6.0 * f64::from(t)).cos()).exp()).round()
            })
            .collect();
        let season = Season { s: 1, trend: true };
        let fitted = season.means("glrnb", &y[..48], 12, Some(0.0), 48..60).unwrap().unwrap();
        assert!(
            fitted.means.iter().zip(&y[48..]).all(|(m, y)| (m - y).abs() < 1.0),
            "{:?}",
            fitted.means
        );
    }

    #[test]
    fn too_little_history_is_counted_and_too_short_a_year_is_a_flaw() {
        let season = Season { s: 2, trend: true };
        let why =
            season.means("glrnb", &[1.0, f64::NAN, 2.0], 12, None, 3..5).unwrap().unwrap_err();
        assert!(
            why.contains("needs 7 points") && why.contains("2 are there, 5 are missing"),
            "{why}"
        );
        assert!(season.means("glrnb", &[1.0; 30], 3, None, 30..31).is_err());
        assert!(
            season
                .means("glrnb", &[0.0; 30], 12, None, 30..31)
                .unwrap()
                .unwrap_err()
                .contains("zero")
        );
        assert_eq!(Season { s: 2, trend: false }.design(&[0, 1], 4).ncols(), 4);
    }
}
