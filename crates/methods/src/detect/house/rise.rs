//! A rise of any length: the last points looked at in windows that all end at the judged one, and
//! one p for them together.
//!
//! Without a rise the count of a window varies as counts do, and as what was learned is uncertain:
//! its law is [`Window::law`]. The chance of as much or more in each window is divided by the
//! window's weight, and the least of these is the p. The weights, which fall with the length, add
//! up to 1, so that a rise of a given p comes about no more often than that by chance (Bonferroni;
//! weights as in Genovese, Roeder and Wasserman, 2006, False discovery control with p-value
//! weighting. Biometrika 93, 509–524). Windows that end at the same point grow with the same
//! counts: it errs to the safe side.

use std::ops::RangeInclusive;

use super::design::Design;
use super::fit::{CountSeries, Fitted};
use super::reported::Reported;
use crate::stats::NegativeBinomial;

/// Points of the longest window.
pub const LONGEST: usize = 26;
/// Last points of a longer window that must have more than is expected of them: a rise that is over
/// is no rise.
const LASTING: usize = 4;

/// The last points together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// From the first to the judged one, those without a count among them.
    pub points: usize,
    /// Cases, of what should have been reported by now.
    pub observed: f64,
    /// What they are held against: the law of a count without a rise, as uncertain as what was
    /// learned.
    pub law: NegativeBinomial,
}

/// The window that is least likely without a rise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rise {
    pub window: Window,
    /// Chance, over all windows, of as unlikely a one without a rise; half of what is exactly as
    /// unlikely counts (mid-p).
    pub p: f64,
    /// The same with all of it.
    pub p_at_least: f64,
}

impl Window {
    /// Cases more than expected, or fewer.
    pub fn excess(&self) -> f64 {
        self.observed - self.law.mean()
    }
}

/// The windows of these lengths that end at the point `at`, as far as the calendar reaches back;
/// points without a count add nothing. `reported` is the share reported of the judged point, of the
/// one before it, and so on.
pub fn windows(
    fitted: &Fitted,
    design: &Design,
    counts: &CountSeries,
    at: usize,
    reported: &[Reported],
    lengths: RangeInclusive<usize>,
) -> Vec<Window> {
    let mut sum = Sum::new(design.width());
    let mut windows = Vec::new();
    for back in 0..(*lengths.end()).min(at + 1) {
        if let Some((count, log_exposure)) = counts.at(at - back) {
            let share = reported.get(back).copied().unwrap_or(Reported::WHOLE);
            let row = design.row(at - back);
            sum.add(count, row, fitted.mean(row, log_exposure), share, fitted.dispersion);
            sum.festive += share.share * fitted.mean(row, log_exposure) * design.festive(at - back);
        }
        if lengths.contains(&(back + 1)) {
            windows.push(sum.window(back + 1, fitted));
        }
    }
    windows
}

/// The rise that some windows tell of, the shortest first; `None` where none has `least` cases and
/// more than expected.
pub fn rise(windows: &[Window], least: f64) -> Option<Rise> {
    let lasts = windows.iter().rfind(|w| w.points <= LASTING).is_none_or(|w| w.excess() > 0.0);
    let judged = windows
        .iter()
        .filter(|w| w.observed >= least && w.excess() > 0.0 && (lasts || w.points <= LASTING));
    let p = |window: &Window| {
        let at_least = window.law.at_least(window.observed);
        let mid = at_least - 0.5 * window.law.pmf(window.observed);
        let of_all = |p: f64| (p / weight(window.points)).min(1.0);
        Rise { window: *window, p: of_all(mid), p_at_least: of_all(at_least) }
    };
    judged.map(p).min_by(|a, b| a.p.total_cmp(&b.p))
}

/// The weight of a window, of all up to [`LONGEST`] together 1.
fn weight(points: usize) -> f64 {
    let all: f64 = (1..=LONGEST).map(|points| 1.0 / points as f64).sum();
    1.0 / (points as f64 * all)
}

/// Points of a window added up.
struct Sum {
    observed: f64,
    mean: f64,
    /// Of the counts, were the means known.
    variance: f64,
    /// Sum of the rows, each times its mean: what an error of the coefficients does to the sum.
    row: Vec<f64>,
    /// What an error of the shares reported does to it.
    unreported: f64,
    /// Expected cases of the festival's part of the points.
    festive: f64,
}

impl Sum {
    fn new(width: usize) -> Sum {
        Sum {
            observed: 0.0,
            mean: 0.0,
            variance: 0.0,
            row: vec![0.0; width],
            unreported: 0.0,
            festive: 0.0,
        }
    }

    fn add(&mut self, count: f64, row: &[f64], mean: f64, known: Reported, dispersion: f64) {
        let law = Reported { error: 0.0, ..known }
            .thin(NegativeBinomial::with_dispersion(mean, dispersion));
        self.observed += count;
        self.mean += law.mean();
        self.variance += law.variance();
        self.row.iter_mut().zip(row).for_each(|(sum, x)| *sum += law.mean() * x);
        self.unreported += known.error * mean;
    }

    fn window(&self, points: usize, fitted: &Fitted) -> Window {
        let learned = fitted.variance(&self.row)
            + self.unreported.powi(2)
            + (fitted.festival_sd * self.festive).powi(2);
        let law = NegativeBinomial::with_variance(self.mean, self.variance + learned);
        Window { points, observed: self.observed, law }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(points: usize, observed: f64, mean: f64) -> Window {
        Window { points, observed, law: NegativeBinomial::poisson(mean) }
    }

    #[test]
    fn the_p_is_the_least_of_the_windows_each_divided_by_its_weight() {
        // ppois(7, 3, lower = FALSE) and dpois(8, 3); Σ 1/w up to 26 is 3.854419.
        let alone = rise(&[window(1, 8.0, 3.0)], 5.0).unwrap();
        assert!((alone.p_at_least / (0.01190450 * 3.854419) - 1.0).abs() < 1e-5, "{alone:?}");
        let mid = (0.01190450 - 0.5 * 0.008101512) * 3.854419;
        assert!((alone.p / mid - 1.0).abs() < 1e-5, "{alone:?}");
        // ppois(19, 6, lower = FALSE) − dpois(20, 6)/2 = 3.45893e-06, over a weight of half.
        let both = rise(&[window(1, 8.0, 3.0), window(2, 20.0, 6.0)], 5.0).unwrap();
        assert_eq!(both.window.points, 2);
        assert!(both.p < 1e-4 && both.p < alone.p, "{both:?}");
        let weights: f64 = (1..=LONGEST).map(weight).sum();
        assert!((weights - 1.0).abs() < 1e-12);
    }

    #[test]
    fn few_cases_no_excess_and_what_is_over_are_no_rise() {
        assert_eq!(rise(&[window(1, 4.0, 0.1)], 5.0), None);
        assert_eq!(rise(&[window(1, 6.0, 8.0)], 5.0), None);
        let over = [window(1, 2.0, 3.0), window(4, 11.0, 12.0), window(9, 90.0, 27.0)];
        assert_eq!(rise(&over, 5.0), None);
        let lasts = [window(1, 2.0, 3.0), window(4, 13.0, 12.0), window(9, 90.0, 27.0)];
        assert_eq!(rise(&lasts, 5.0).unwrap().window.points, 9);
    }

    #[test]
    fn by_chance_a_p_is_no_more_often_small_than_it_says() {
        use rand::SeedableRng;
        use rand::rngs::ChaCha8Rng;
        use rand_distr::{Distribution, Poisson};
        let mut rng = ChaCha8Rng::seed_from_u64(19);
        let week = Poisson::new(4.0).unwrap();
        let rounds = 20_000;
        let ps: Vec<f64> = (0..rounds)
            .filter_map(|_| {
                let mut sum = 0.0;
                let windows: Vec<Window> = (1..=LONGEST)
                    .map(|points| {
                        sum += week.sample(&mut rng);
                        window(points, sum, 4.0 * points as f64)
                    })
                    .collect();
                rise(&windows, 5.0).map(|rise| rise.p)
            })
            .collect();
        for limit in [0.05, 0.01, 0.002] {
            let share = ps.iter().filter(|p| **p <= limit).count() as f64 / f64::from(rounds);
            assert!(share < limit && share > 0.1 * limit, "{share} at {limit}");
        }
    }

    #[test]
    fn a_window_adds_up_its_points_and_skips_those_without_a_count() {
        use super::super::fit::{Settings, fit};
        use super::super::prior::Prior;
        use crate::detect::calendar_regressors::Regressors;
        let design = Design::new(80, 52, 0, &Regressors::default()).unwrap();
        let mut y: Vec<f64> = (0..80).map(|t| f64::from([3, 6, 4, 7][t % 4])).collect();
        y[77] = f64::NAN;
        let counts = CountSeries { observed: &y, exposure: None };
        let mut prior = Prior::weak(&design);
        prior.sd[1] = 1e-6;
        let fitted =
            fit(&design, &counts, 0..76, &prior, &Settings { outbreak_rate: 0.0 }).unwrap();
        let half = Reported { share: 0.5, error: 0.1 };
        let windows = windows(&fitted, &design, &counts, 79, &[half], 1..=4);
        assert_eq!(windows.iter().map(|w| w.points).collect::<Vec<_>>(), [1, 2, 3, 4]);
        assert_eq!(windows.iter().map(|w| w.observed).collect::<Vec<_>>(), [7.0, 11.0, 11.0, 14.0]);
        // Half of one week, two whole ones; mean 5 a week.
        let (mean, phi) = (5.0, fitted.dispersion);
        assert!((windows[3].law.mean() - 2.5 * mean).abs() < 0.02, "{windows:?}");
        let counted = 0.5 * mean * (1.0 + 0.5 * (phi - 1.0)) + 2.0 * mean * phi;
        let learned = (2.5 * mean * fitted.errors[0]).powi(2) + (0.1 * mean).powi(2);
        assert!((windows[3].law.variance() / (counted + learned) - 1.0).abs() < 0.01);
        assert_eq!(windows[1].law.mean(), windows[2].law.mean());
    }
}
