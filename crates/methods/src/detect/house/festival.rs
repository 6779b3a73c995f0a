//! How much what the Spring Festival does varies from year to year.
//!
//! Its columns have one effect for all years, and wages, say, are fought over more in one year than
//! in another. Each past festival of each series gives an estimate of its own year's difference,
//! ln(observed/expected) with variance φ/expected; what these vary by beyond that is the variance
//! between years, by DerSimonian and Laird's moments (1986, Meta-analysis in clinical trials.
//! Controlled Clinical Trials 7, 177–188).

use std::ops::Range;

use super::design::Design;
use super::fit::{CountSeries, Fitted};
use super::pool::dersimonian_laird;

/// Fewer expected cases in a festival's weeks say nothing of it.
const LEAST_EXPECTED: f64 = 5.0;
/// Fewer festivals say nothing of what differs between them.
const LEAST_FESTIVALS: usize = 5;

/// Standard deviation, on the log scale, of the festivals that some series have had among the
/// points they were learned from; 0 where there are too few.
pub fn festival_sd<'a>(
    design: &Design,
    series: impl Iterator<Item = (CountSeries<'a>, &'a Fitted)>,
    learned_from: Range<usize>,
) -> f64 {
    let festivals = festivals(design, learned_from);
    let estimates: Vec<(f64, f64)> = series
        .flat_map(|(counts, fitted)| {
            let of = |weeks: &Range<usize>| difference(design, &counts, fitted, weeks.clone());
            festivals.iter().filter_map(of).collect::<Vec<_>>()
        })
        .collect();
    if estimates.len() < LEAST_FESTIVALS {
        return 0.0;
    }
    dersimonian_laird(&estimates).map_or(0.0, |(_, sd)| sd)
}

/// The points of each festival.
fn festivals(design: &Design, within: Range<usize>) -> Vec<Range<usize>> {
    let mut festivals: Vec<Range<usize>> = Vec::new();
    for at in within.filter(|at| design.festive(*at) > 0.0) {
        match festivals.last_mut().filter(|last| last.end == at) {
            Some(last) => last.end = at + 1,
            None => festivals.push(at..at + 1),
        }
    }
    festivals
}

/// A festival's difference from what is expected of it, and its variance. Half a case is added to
/// either, so that none has a logarithm.
fn difference(
    design: &Design,
    counts: &CountSeries,
    fitted: &Fitted,
    weeks: Range<usize>,
) -> Option<(f64, f64)> {
    let (observed, expected) = weeks
        .filter_map(|t| counts.at(t).map(|(y, e)| (y, fitted.mean(design.row(t), e))))
        .fold((0.0, 0.0), |(a, b), (y, mean)| (a + y, b + mean));
    (expected >= LEAST_EXPECTED)
        .then(|| (((observed + 0.5) / (expected + 0.5)).ln(), fitted.dispersion / expected))
}

#[cfg(test)]
mod tests {
    use chrono::{Days, NaiveDate};

    use super::super::fit::{Settings, fit};
    use super::super::prior::Prior;
    use super::super::reported::Reported;
    use super::super::rise::windows;
    use super::*;
    use crate::detect::calendar_regressors::spring_festival_regressors;

    const WEEKS: usize = 261;

    /// Ten series that double before each festival, times this in its year.
    fn fitted(times: [f64; 5]) -> (Design, Vec<Vec<f64>>, Vec<Fitted>) {
        let first: NaiveDate = "2021-01-04".parse().unwrap();
        let dates: Vec<NaiveDate> = (0..WEEKS).map(|w| first + Days::new(7 * w as u64)).collect();
        let columns = spring_festival_regressors(&dates);
        let design = Design::new(WEEKS, 52, 1, &columns).unwrap();
        let level = |series: usize, t: usize| {
            let usual = [18.0, 23.0, 20.0, 16.0, 24.0, 19.0, 21.0][(t * 3 + series) % 7];
            let festive = design.festive(t);
            usual * (1.0 + festive * (2.0 * times[(t + 20) / 52 % 5] - 1.0))
        };
        let series: Vec<Vec<f64>> =
            (0..10).map(|i| (0..WEEKS).map(|t| level(i, t).round()).collect()).collect();
        let prior = Prior::weak(&design);
        let one = |y: &Vec<f64>| {
            let counts = CountSeries { observed: y, exposure: None };
            fit(&design, &counts, 0..WEEKS, &prior, &Settings { outbreak_rate: 0.0 }).unwrap()
        };
        let fits = series.iter().map(one).collect();
        (design, series, fits)
    }

    fn sd(times: [f64; 5]) -> f64 {
        let (design, series, fits) = fitted(times);
        let counts = series.iter().map(|y| CountSeries { observed: y, exposure: None });
        festival_sd(&design, counts.zip(&fits), 0..WEEKS)
    }

    #[test]
    fn festivals_that_differ_are_told_from_equal_ones() {
        assert!(sd([1.0; 5]) < 0.05, "{}", sd([1.0; 5]));
        let unlike = sd([0.7, 1.4, 1.0, 0.7, 1.4]);
        assert!((0.15..0.5).contains(&unlike), "{unlike}");
    }

    #[test]
    fn a_window_in_the_festival_is_as_uncertain_as_it_varies_and_others_are_not() {
        let (design, series, fits) = fitted([1.0; 5]);
        let at = (100..WEEKS).find(|t| design.festive(*t) > 0.99).unwrap();
        let counts = CountSeries { observed: &series[0], exposure: None };
        let law = |sd: f64, at: usize| {
            let mut fitted = fits[0].clone();
            fitted.festival_sd = sd;
            windows(&fitted, &design, &counts, at, &[] as &[Reported], 1..=1)[0].law
        };
        let (sure, unsure) = (law(0.0, at), law(0.3, at));
        let more = (0.3 * sure.mean() * design.festive(at)).powi(2);
        assert!(((unsure.variance() - sure.variance()) / more - 1.0).abs() < 1e-9);
        assert_eq!(law(0.3, at + 20), law(0.0, at + 20));
    }
}
