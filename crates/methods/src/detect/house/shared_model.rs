//! Many series on one calendar: strength borrowed among them, and the same time point of each
//! judged.

use std::ops::RangeInclusive;

use rayon::prelude::*;

use super::design::Design;
use super::festival::festival_sd;
use super::fit::{CountSeries, Fitted};
use super::judge::{Judgement, Rule};
use super::pool::pool_groups;
use super::prior::Prior;
use super::reported::Reported;
use super::rise::{Window, windows};

/// Series from which strength is borrowed, at most: the moments of so many are as good as those of
/// all, whatever the size of the province.
const LARGEST_SAMPLE: usize = 4096;

/// What the series of one feed have in common.
#[derive(Clone, Copy, Debug)]
pub struct SharedModel<'a> {
    pub rule: &'a Rule,
    pub design: &'a Design,
    /// What counts are held against, as long as the calendar.
    pub exposure: &'a [f64],
    /// What has been reported of the judged point, of the one before, and so on; points beyond are
    /// whole.
    pub reported: &'a [Reported],
    /// The time point that is judged.
    pub at: usize,
    /// Time points a year.
    pub a_year: usize,
}

impl SharedModel<'_> {
    /// What the series of each group, say of a category, suggest of one another, each learned from
    /// by itself. `groups` has the group of each series, counted from 0; `series` gives one by its
    /// position. At most 4,096 are asked for, spread evenly over the positions.
    pub fn priors<S: AsRef<[f64]> + Sync>(
        &self,
        groups: &[usize],
        series: impl Fn(usize) -> S,
    ) -> Vec<Prior> {
        let weak = Prior::weak(self.design);
        let sampled = sample_positions(groups.len());
        let sample: Vec<S> = sampled.iter().map(|at| series(*at)).collect();
        let learned = self.fit(&sample, &weak);
        let mut of_group: Vec<Vec<&Fitted>> =
            vec![Vec::new(); groups.iter().max().map_or(0, |most| most + 1)];
        for (fitted, at) in learned.iter().zip(sampled) {
            of_group[groups[at]].extend(fitted);
        }
        let mut priors = pool_groups(&of_group, &weak);
        // In less than a year trend and season cannot be told apart, however many series there are:
        // only the dispersion is borrowed then.
        if !learned.iter().flatten().any(|f| f.points >= self.a_year) {
            priors.iter_mut().for_each(|p| (p.mean, p.sd) = (weak.mean.clone(), weak.sd.clone()));
        }
        priors
    }

    /// Each series learned with what others suggest; `None` where its history tells nothing.
    pub fn fit<S: AsRef<[f64]> + Sync>(&self, series: &[S], prior: &Prior) -> Vec<Option<Fitted>> {
        each(series, |counts| self.rule.fit(self.design, &self.counts(counts), self.at, prior).ok())
    }

    /// The time point of a series that was learned, judged.
    pub fn judge(&self, observed: &[f64], fitted: Option<&Fitted>) -> Judgement {
        let counts = self.counts(observed);
        match fitted {
            Some(fitted) => self.rule.judge(fitted, self.design, &counts, self.at, self.reported),
            None => self.rule.assess(
                self.design,
                &counts,
                self.at,
                &Prior::weak(self.design),
                self.reported,
            ),
        }
    }

    /// How much the Spring Festival of some series varies from year to year.
    pub fn festival_sd<'b>(
        &'b self,
        series: impl Iterator<Item = (&'b [f64], Option<&'b Fitted>)>,
    ) -> f64 {
        let learned = series.filter_map(|(y, fitted)| Some((self.counts(y), fitted?)));
        festival_sd(self.design, learned, self.rule.span(self.at))
    }

    /// The windows of these lengths that end so many points before the judged one.
    pub fn windows(
        &self,
        observed: &[f64],
        fitted: &Fitted,
        back: usize,
        lengths: RangeInclusive<usize>,
    ) -> Vec<Window> {
        let reported = self.reported.get(back..).unwrap_or_default();
        let at = self.at.saturating_sub(back);
        windows(fitted, self.design, &self.counts(observed), at, reported, lengths)
    }

    fn counts<'b>(&'b self, observed: &'b [f64]) -> CountSeries<'b> {
        CountSeries { observed, exposure: Some(self.exposure) }
    }
}

/// The answer to each series. Those in which nothing ever happened have one answer, which is found
/// once.
fn each<S: AsRef<[f64]> + Sync, T: Clone + Send + Sync>(
    series: &[S],
    answer: impl Fn(&[f64]) -> T + Sync,
) -> Vec<T> {
    let silent = |counts: &&[f64]| counts.iter().all(|n| n.is_nan() || *n == 0.0);
    let silence =
        series.iter().map(AsRef::as_ref).find(silent).map(|counts| (counts, answer(counts)));
    let one = |counts: &[f64]| match &silence {
        Some((silence, same)) if same_counts(silence, counts) => same.clone(),
        _ => answer(counts),
    };
    series.par_iter().map(|counts| one(counts.as_ref())).collect()
}

/// Whether two series have the same counts, and lack the same.
fn same_counts(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a == b || (a.is_nan() && b.is_nan()))
}

/// Positions of the series that are asked: all, or evenly spread ones at a distance that has no
/// factor in common with their number, so that of series in order of area and category no category
/// is passed over.
fn sample_positions(count: usize) -> Vec<usize> {
    if count <= LARGEST_SAMPLE {
        return (0..count).collect();
    }
    let step = (count.div_ceil(LARGEST_SAMPLE)..).find(|step| gcd(*step, count) == 1).unwrap_or(1);
    (0..LARGEST_SAMPLE).map(|i| i * step % count).collect()
}

/// Greatest common divisor, by Euclid.
fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::super::HouseParams;
    use super::*;
    use crate::detect::calendar_regressors::Regressors;

    #[test]
    fn silent_series_are_answered_as_each_by_itself() {
        let (rule, design) = (
            HouseParams::default().rule(52).unwrap(),
            Design::new(120, 52, 2, &Regressors::default()).unwrap(),
        );
        let shared = SharedModel {
            rule: &rule,
            design: &design,
            exposure: &[1.0; 120],
            reported: &[],
            at: 119,
            a_year: 52,
        };
        let mut series: Vec<Vec<f64>> =
            (0..12).map(|i| (0..120).map(|t| f64::from((i * t) % 4)).collect()).collect();
        series[4] = vec![0.0; 120];
        series[9][30] = f64::NAN;
        series.extend([vec![0.0; 120], series[9].iter().map(|n| n * 0.0).collect()]);
        let priors = shared.priors(&vec![0; series.len()], |i| &series[i]);
        let alone: Vec<Option<Fitted>> =
            series.iter().flat_map(|s| shared.fit(std::slice::from_ref(s), &priors[0])).collect();
        assert_eq!(format!("{:?}", shared.fit(&series, &priors[0])), format!("{alone:?}"));
        assert!(priors.len() == 1 && priors[0] != Prior::weak(&design));
    }

    #[test]
    fn sampled_series_are_spread_over_areas_and_categories() {
        assert_eq!(sample_positions(5), [0, 1, 2, 3, 4]);
        let sampled = sample_positions(80_000);
        assert_eq!(sampled.len(), LARGEST_SAMPLE);
        let mut of_category = [0; 8];
        sampled.iter().for_each(|i| of_category[i % 8] += 1);
        assert!(of_category.iter().all(|n| *n == LARGEST_SAMPLE / 8), "{of_category:?}");
        assert!(
            sampled.iter().any(|i| *i > 79_000)
                && sampled.iter().collect::<std::collections::BTreeSet<_>>().len()
                    == LARGEST_SAMPLE
        );
    }
}
