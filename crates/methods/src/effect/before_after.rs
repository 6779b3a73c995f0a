//! Whether counts fell after a letter by more than chance: empirical Bayes before and after, with a
//! comparison group.
//!
//! Letters go to where counts are highest, and what is highest by chance falls by itself. So the
//! level before is not taken as it is: it is drawn towards the area's usual share by as much as, in
//! the years before, high counts fell back without anybody's doing. What happened to the whole
//! county meanwhile is told by the areas just under the threshold, drawn in likewise.
//!
//! Hauer, E. (1997) Observational Before–After Studies in Road Safety, Pergamon; credibility as in
//! Bühlmann, H. (1967) Experience rating and credibility, ASTIN Bulletin 4, 199–207; the interval
//! joins those of its parts as in Zou, G. Y. & Donner, A. (2008) Construction of confidence limits
//! about effect measures: a general approach, Statistics in Medicine 27, 1693–1702.

use std::ops::Range;

use statrs::distribution::{ContinuousCDF, Normal};

/// Weeks before the letter over which the rise is measured.
pub const BEFORE: usize = 4;
/// Areas in the comparison group, at most and at least.
const MOST: usize = 6;
const LEAST: usize = 2;
/// Known weeks before the rise that tell an area's usual share.
const HISTORY: usize = 52;
/// Cases that must be expected of the area, and of the comparison group.
const LEAST_CASES: f64 = 3.0;
const TOO_FEW: &str = "该类事件数量过少";

/// What is asked: weekly counts of the same weeks in every area, NaN where a week is not known.
pub struct BeforeAfterData<'a> {
    pub counts: &'a [Vec<f64>],
    /// Place of the area that got the letter.
    pub treated: usize,
    /// Areas that did not get one on the same matter.
    pub eligible: &'a [bool],
    /// Weeks up to the letter's night.
    pub night: usize,
    /// Weeks over which its effect is judged.
    pub after: Range<usize>,
    /// Coverage of the interval.
    pub level: f64,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    pub before: f64,
    pub observed: f64,
    /// What the comparison group lets one expect without a letter.
    pub expected: f64,
    /// Observed by expected.
    pub ratio: f64,
    /// The lower end supposes that all of the rise was there to stay, the upper one that only so
    /// much was as usually is.
    pub lower: f64,
    pub upper: f64,
    /// Places of the comparison group.
    pub comparators: Vec<usize>,
}

/// What the years before say of an area's counts about its share of the county's.
struct RegressionToMean {
    /// Variance of the part of an area's elevation that lasts from the weeks before to those after,
    /// relative.
    between: f64,
    /// Variance by mean of the counts of the weeks before, and of those after, beyond that.
    noise: [f64; 2],
}

/// Observed against what was to be expected, or why that cannot be said.
pub fn before_after(data: &BeforeAfterData) -> Result<Estimate, String> {
    let study = Study::new(data)?;
    let comparators = study.comparators()?;
    let change = study.change(&comparators);
    let own = data.treated;
    let (seen, observed) = (study.count_before(own), study.count_after(own));
    let (elevation, variance) = study.shrunk(own);
    let expected = study.expected_before(own) * elevation * change.factor;
    if !(expected >= LEAST_CASES && change.count_after >= LEAST_CASES) {
        return Err(TOO_FEW.to_owned());
    }
    let [noise, noise_after] = study.regression.noise;
    let of_share = noise / study.history(own);
    let shrunken = Interval::new(
        observed,
        expected,
        noise_after,
        variance / elevation.powi(2) + change.error + of_share,
        data.level,
    );
    let as_observed = Interval::new(
        observed,
        seen * change.factor,
        noise_after,
        noise / seen.max(1.0) + change.error,
        data.level,
    );
    Ok(Estimate {
        before: seen,
        observed,
        expected,
        ratio: observed / expected,
        lower: shrunken.lower.min(as_observed.lower),
        upper: shrunken.upper.max(as_observed.upper),
        comparators,
    })
}

/// All areas about the letter's night.
struct Study<'a> {
    data: &'a BeforeAfterData<'a>,
    shares: Vec<f64>,
    /// Counts that the shares stand on.
    all: f64,
    regression: RegressionToMean,
    /// Weeks that are known.
    before: Vec<usize>,
    later: Vec<usize>,
    /// What the areas without a letter counted in the weeks before, by their share.
    level: f64,
}

/// What became of the comparison group since.
struct ComparisonChange {
    count_after: f64,
    /// What came by what was there, drawn in, and the relative variance of that.
    factor: f64,
    error: f64,
}

impl<'a> Study<'a> {
    fn new(data: &'a BeforeAfterData<'a>) -> Result<Study<'a>, String> {
        let BeforeAfterData { counts, treated, night, after, .. } = data;
        let start = night.saturating_sub(BEFORE);
        let (shares, all) = shares(counts, start)?;
        let is_known =
            |week: &usize| counts.iter().all(|c| c.get(*week).is_some_and(|n| !n.is_nan()));
        let before: Vec<usize> = (start..*night).filter(is_known).collect();
        let later: Vec<usize> = after.clone().filter(is_known).collect();
        if before.len() * 2 < BEFORE || later.len() * 2 < after.len() || later.is_empty() {
            return Err(format!("评估期{}周中仅{}周数据完整", after.len(), later.len()));
        }
        let regression = regression(counts, &shares, start, *night, after);
        let mut study = Study { data, shares, all, regression, before, later, level: f64::NAN };
        let group = study.group();
        let of_group: f64 = group.iter().map(|i| study.share(*i)).sum();
        study.level = group.iter().map(|i| study.count_before(*i)).sum::<f64>() / of_group;
        if study.level > 0.0 && study.share(*treated) > 0.0 {
            Ok(study)
        } else {
            Err(TOO_FEW.to_owned())
        }
    }

    /// Areas without a letter.
    fn group(&self) -> Vec<usize> {
        let eligible = |i: &usize| {
            *i != self.data.treated
                && self.data.eligible.get(*i) == Some(&true)
                && self.share(*i) > 0.0
        };
        (0..self.shares.len()).filter(eligible).collect()
    }

    /// The most elevated of them: those just under the threshold.
    fn comparators(&self) -> Result<Vec<usize>, String> {
        let mut group = self.group();
        let z =
            |i: &usize| self.regression.z_score(self.count_before(*i), self.expected_before(*i));
        group.sort_by(|a, b| z(b).total_cmp(&z(a)));
        group.truncate(MOST);
        if group.len() < LEAST { Err("可比较的乡镇不足".to_owned()) } else { Ok(group) }
    }

    fn change(&self, comparators: &[usize]) -> ComparisonChange {
        let there: f64 =
            comparators.iter().map(|i| self.expected_before(*i) * self.shrunk(*i).0).sum();
        let count_after: f64 = comparators.iter().map(|i| self.count_after(*i)).sum();
        let factor = count_after / there;
        let variance = |i: &usize| {
            let (usual, (elevation, variance)) =
                (self.expected_before(*i) * factor, self.shrunk(*i));
            self.regression.noise[1] * usual * elevation + usual * usual * variance
        };
        ComparisonChange {
            count_after,
            factor,
            error: comparators.iter().map(variance).sum::<f64>() / count_after.powi(2),
        }
    }

    fn share(&self, area: usize) -> f64 {
        self.shares.get(area).copied().unwrap_or(0.0)
    }

    /// Counts that an area's share stands on.
    fn history(&self, area: usize) -> f64 {
        self.share(area) * self.all
    }

    /// What is an area's share in the weeks before.
    fn expected_before(&self, area: usize) -> f64 {
        self.share(area) * self.level
    }

    fn count_before(&self, area: usize) -> f64 {
        self.sum(area, &self.before)
    }

    fn count_after(&self, area: usize) -> f64 {
        self.sum(area, &self.later)
    }

    fn sum(&self, area: usize, weeks: &[usize]) -> f64 {
        let course = self.data.counts.get(area);
        weeks.iter().filter_map(|w| course?.get(*w)).sum()
    }

    fn shrunk(&self, area: usize) -> (f64, f64) {
        self.regression.shrink(self.count_before(area), self.expected_before(area))
    }
}

/// Each area's share of all counts before the rise, and how many those are.
fn shares(counts: &[Vec<f64>], end: usize) -> Result<(Vec<f64>, f64), String> {
    let known = counts.first().map_or(0, |c| c.iter().take(end).filter(|n| !n.is_nan()).count());
    if known < HISTORY {
        return Err(format!("此前仅{known}周数据完整，不足{HISTORY}周"));
    }
    let totals: Vec<f64> =
        counts.iter().map(|c| c.iter().take(end).filter(|n| !n.is_nan()).sum()).collect();
    let all: f64 = totals.iter().sum();
    if all > 0.0 {
        Ok((totals.iter().map(|n| n / all).collect(), all))
    } else {
        Err(TOO_FEW.to_owned())
    }
}

/// What usually becomes of an elevated count: pairs of weeks as far apart as those in question,
/// every four weeks of the years before.
fn regression(
    counts: &[Vec<f64>],
    shares: &[f64],
    end: usize,
    night: usize,
    after: &Range<usize>,
) -> RegressionToMean {
    let (gap, length) = (after.start - night, after.len());
    let mut pairs = Vec::new();
    let mut at = end;
    while let Some(origin) = at.checked_sub(gap + length).filter(|o| *o >= BEFORE) {
        let sums = [origin - BEFORE..origin, origin + gap..origin + gap + length]
            .map(|weeks| window(counts, weeks));
        if let [Some(earlier), Some(later)] = &sums {
            pairs.extend(deviations(shares, earlier, later));
        }
        at -= BEFORE;
    }
    let total = |of: fn(&Pair) -> f64| pairs.iter().map(of).sum::<f64>();
    let both = total(|p| p.mean[0] * p.mean[1]);
    let between = if both > 0.0 { (total(|p| p.off[0] * p.off[1]) / both).max(0.0) } else { 0.0 };
    let noise = [0, 1].map(|side| {
        let (squares, means): (f64, f64) = pairs.iter().fold((0.0, 0.0), |(s, m), p| {
            (s + p.off[side].powi(2) - between * p.mean[side].powi(2), m + p.mean[side])
        });
        if means > 0.0 { (squares / means).max(1.0) } else { 1.0 }
    });
    RegressionToMean { between, noise }
}

/// An area's expected counts of two windows, and how far off they were.
struct Pair {
    mean: [f64; 2],
    off: [f64; 2],
}

/// Sums of every area; `None` where a week is not known.
fn window(counts: &[Vec<f64>], weeks: Range<usize>) -> Option<Vec<f64>> {
    counts
        .iter()
        .map(|c| c.get(weeks.clone()).map(|w| w.iter().sum::<f64>()).filter(|n| !n.is_nan()))
        .collect()
}

/// Every area against its share of what all others counted.
fn deviations(shares: &[f64], earlier: &[f64], later: &[f64]) -> Vec<Pair> {
    let mean = |counts: &[f64], i: usize| {
        let others = counts.iter().sum::<f64>() - counts[i];
        others * shares[i] / (1.0 - shares[i])
    };
    let of = |i: usize| {
        let mean = [mean(earlier, i), mean(later, i)];
        Pair { mean, off: [earlier[i] - mean[0], later[i] - mean[1]] }
    };
    (0..shares.len()).filter(|i| shares[*i] > 0.0 && shares[*i] < 1.0).map(of).collect()
}

impl RegressionToMean {
    /// An area's elevation drawn towards 1, and the variance of what it truly is.
    fn shrink(&self, seen: f64, usual: f64) -> (f64, f64) {
        let credible = self.between * usual / (self.noise[0] + self.between * usual);
        (1.0 + credible * (seen / usual - 1.0), self.between * (1.0 - credible))
    }

    /// How many standard deviations above its usual.
    fn z_score(&self, seen: f64, usual: f64) -> f64 {
        (seen - usual) / (self.noise[0] * usual + self.between * usual * usual).sqrt()
    }
}

/// The interval of a ratio.
struct Interval {
    lower: f64,
    upper: f64,
}

impl Interval {
    /// Of a count by what was expected: `noise` is the count's variance by mean, `error` the
    /// relative variance of the expectation.
    fn new(observed: f64, expected: f64, noise: f64, error: f64, level: f64) -> Interval {
        let z = Normal::standard().inverse_cdf(0.5 + 0.5 * level);
        let shape = observed / noise + 0.5;
        let middle = (shape * noise).ln();
        let end = |side: f64| {
            let of_count = (noise * gamma_quantile(shape, side * z)).ln() - middle;
            (middle - expected.ln() + side * of_count.hypot(z * error.sqrt())).exp()
        };
        Interval { lower: end(-1.0), upper: end(1.0) }
    }
}

/// Quantile of a gamma distribution of scale 1 at a normal one (Wilson, E. B. & Hilferty, M. M.
/// 1931, PNAS 17, 684–688).
fn gamma_quantile(shape: f64, z: f64) -> f64 {
    let ninth = 1.0 / (9.0 * shape);
    shape * (1.0 - ninth + z * ninth.sqrt()).max(1e-3).powi(3)
}

#[cfg(test)]
mod simulation;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_elevation_is_drawn_to_one_by_what_noise_leaves_of_it() {
        let regression = RegressionToMean { between: 0.04, noise: [1.5, 1.0] };
        // 0.04 × 20 = 0.8 of what lasts, beside 1.5 of noise.
        let credible = 0.8 / 2.3;
        let (elevation, variance) = regression.shrink(30.0, 20.0);
        assert!((elevation - (1.0 + credible * 0.5)).abs() < 1e-12, "{elevation}");
        assert!((variance - 0.04 * (1.0 - credible)).abs() < 1e-12, "{variance}");
        let z = regression.z_score(30.0, 20.0);
        assert!((z - 10.0 / (1.5 * 20.0 + 0.04 * 400.0_f64).sqrt()).abs() < 1e-12, "{z}");
    }
}
