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
pub struct Question<'a> {
    pub courses: &'a [Vec<f64>],
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
struct Habit {
    /// Variance of the part of an area's elevation that lasts from the weeks before to those after,
    /// relative.
    lasting: f64,
    /// Variance by mean of the counts of the weeks before, and of those after, beyond that.
    noise: [f64; 2],
}

/// Observed against what was to be expected, or why that cannot be said.
pub fn before_after(question: &Question) -> Result<Estimate, String> {
    let county = County::new(question)?;
    let comparators = county.comparators()?;
    let drift = county.drift(&comparators);
    let own = question.treated;
    let (seen, observed) = (county.seen(own), county.came(own));
    let (elevation, variance) = county.drawn(own);
    let expected = county.usual(own) * elevation * drift.factor;
    if !(expected >= LEAST_CASES && drift.came >= LEAST_CASES) {
        return Err(TOO_FEW.to_owned());
    }
    let [noise, noise_after] = county.habit.noise;
    let of_share = noise / county.history(own);
    let drawn_in = Ends::new(
        observed,
        expected,
        noise_after,
        variance / elevation.powi(2) + drift.error + of_share,
        question.level,
    );
    let as_seen = Ends::new(
        observed,
        seen * drift.factor,
        noise_after,
        noise / seen.max(1.0) + drift.error,
        question.level,
    );
    Ok(Estimate {
        before: seen,
        observed,
        expected,
        ratio: observed / expected,
        lower: drawn_in.lower.min(as_seen.lower),
        upper: drawn_in.upper.max(as_seen.upper),
        comparators,
    })
}

/// All areas about the letter's night.
struct County<'a> {
    question: &'a Question<'a>,
    shares: Vec<f64>,
    /// Counts that the shares stand on.
    all: f64,
    habit: Habit,
    /// Weeks that are known.
    before: Vec<usize>,
    later: Vec<usize>,
    /// What the areas without a letter counted in the weeks before, by their share.
    level: f64,
}

/// What became of the comparison group since.
struct Drift {
    came: f64,
    /// What came by what was there, drawn in, and the relative variance of that.
    factor: f64,
    error: f64,
}

impl<'a> County<'a> {
    fn new(question: &'a Question<'a>) -> Result<County<'a>, String> {
        let Question { courses, treated, night, after, .. } = question;
        let start = night.saturating_sub(BEFORE);
        let (shares, all) = shares(courses, start)?;
        let is_known =
            |week: &usize| courses.iter().all(|c| c.get(*week).is_some_and(|n| !n.is_nan()));
        let before: Vec<usize> = (start..*night).filter(is_known).collect();
        let later: Vec<usize> = after.clone().filter(is_known).collect();
        if before.len() * 2 < BEFORE || later.len() * 2 < after.len() || later.is_empty() {
            return Err(format!("评估期{}周中仅{}周数据完整", after.len(), later.len()));
        }
        let habit = habit(courses, &shares, start, *night, after);
        let mut county = County { question, shares, all, habit, before, later, level: f64::NAN };
        let group = county.group();
        let of_group: f64 = group.iter().map(|i| county.share(*i)).sum();
        county.level = group.iter().map(|i| county.seen(*i)).sum::<f64>() / of_group;
        if county.level > 0.0 && county.share(*treated) > 0.0 {
            Ok(county)
        } else {
            Err(TOO_FEW.to_owned())
        }
    }

    /// Areas without a letter.
    fn group(&self) -> Vec<usize> {
        let eligible = |i: &usize| {
            *i != self.question.treated
                && self.question.eligible.get(*i) == Some(&true)
                && self.share(*i) > 0.0
        };
        (0..self.shares.len()).filter(eligible).collect()
    }

    /// The most elevated of them: those just under the threshold.
    fn comparators(&self) -> Result<Vec<usize>, String> {
        let mut group = self.group();
        let z = |i: &usize| self.habit.abnormal(self.seen(*i), self.usual(*i));
        group.sort_by(|a, b| z(b).total_cmp(&z(a)));
        group.truncate(MOST);
        if group.len() < LEAST { Err("可比较的乡镇不足".to_owned()) } else { Ok(group) }
    }

    fn drift(&self, comparators: &[usize]) -> Drift {
        let there: f64 = comparators.iter().map(|i| self.usual(*i) * self.drawn(*i).0).sum();
        let came: f64 = comparators.iter().map(|i| self.came(*i)).sum();
        let factor = came / there;
        let variance = |i: &usize| {
            let (usual, (elevation, variance)) = (self.usual(*i) * factor, self.drawn(*i));
            self.habit.noise[1] * usual * elevation + usual * usual * variance
        };
        Drift { came, factor, error: comparators.iter().map(variance).sum::<f64>() / came.powi(2) }
    }

    fn share(&self, area: usize) -> f64 {
        self.shares.get(area).copied().unwrap_or(0.0)
    }

    /// Counts that an area's share stands on.
    fn history(&self, area: usize) -> f64 {
        self.share(area) * self.all
    }

    /// What is an area's share in the weeks before.
    fn usual(&self, area: usize) -> f64 {
        self.share(area) * self.level
    }

    fn seen(&self, area: usize) -> f64 {
        self.sum(area, &self.before)
    }

    fn came(&self, area: usize) -> f64 {
        self.sum(area, &self.later)
    }

    fn sum(&self, area: usize, weeks: &[usize]) -> f64 {
        let course = self.question.courses.get(area);
        weeks.iter().filter_map(|w| course?.get(*w)).sum()
    }

    fn drawn(&self, area: usize) -> (f64, f64) {
        self.habit.draw(self.seen(area), self.usual(area))
    }
}

/// Each area's share of all counts before the rise, and how many those are.
fn shares(courses: &[Vec<f64>], end: usize) -> Result<(Vec<f64>, f64), String> {
    let known = courses.first().map_or(0, |c| c.iter().take(end).filter(|n| !n.is_nan()).count());
    if known < HISTORY {
        return Err(format!("此前仅{known}周数据完整，不足{HISTORY}周"));
    }
    let totals: Vec<f64> =
        courses.iter().map(|c| c.iter().take(end).filter(|n| !n.is_nan()).sum()).collect();
    let all: f64 = totals.iter().sum();
    if all > 0.0 {
        Ok((totals.iter().map(|n| n / all).collect(), all))
    } else {
        Err(TOO_FEW.to_owned())
    }
}

/// What usually becomes of an elevated count: pairs of weeks as far apart as those in question,
/// every four weeks of the years before.
fn habit(
    courses: &[Vec<f64>],
    shares: &[f64],
    end: usize,
    night: usize,
    after: &Range<usize>,
) -> Habit {
    let (gap, length) = (after.start - night, after.len());
    let mut pairs = Vec::new();
    let mut at = end;
    while let Some(origin) = at.checked_sub(gap + length).filter(|o| *o >= BEFORE) {
        let sums = [origin - BEFORE..origin, origin + gap..origin + gap + length]
            .map(|weeks| window(courses, weeks));
        if let [Some(earlier), Some(later)] = &sums {
            pairs.extend(deviations(shares, earlier, later));
        }
        at -= BEFORE;
    }
    let total = |of: fn(&Pair) -> f64| pairs.iter().map(of).sum::<f64>();
    let both = total(|p| p.mean[0] * p.mean[1]);
    let lasting = if both > 0.0 { (total(|p| p.off[0] * p.off[1]) / both).max(0.0) } else { 0.0 };
    let noise = [0, 1].map(|side| {
        let (squares, means): (f64, f64) = pairs.iter().fold((0.0, 0.0), |(s, m), p| {
            (s + p.off[side].powi(2) - lasting * p.mean[side].powi(2), m + p.mean[side])
        });
        if means > 0.0 { (squares / means).max(1.0) } else { 1.0 }
    });
    Habit { lasting, noise }
}

/// An area's expected counts of two windows, and how far off they were.
struct Pair {
    mean: [f64; 2],
    off: [f64; 2],
}

/// Sums of every area; `None` where a week is not known.
fn window(courses: &[Vec<f64>], weeks: Range<usize>) -> Option<Vec<f64>> {
    courses
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

impl Habit {
    /// An area's elevation drawn towards 1, and the variance of what it truly is.
    fn draw(&self, seen: f64, usual: f64) -> (f64, f64) {
        let credible = self.lasting * usual / (self.noise[0] + self.lasting * usual);
        (1.0 + credible * (seen / usual - 1.0), self.lasting * (1.0 - credible))
    }

    /// How many standard deviations above its usual.
    fn abnormal(&self, seen: f64, usual: f64) -> f64 {
        (seen - usual) / (self.noise[0] * usual + self.lasting * usual * usual).sqrt()
    }
}

/// The interval of a ratio.
struct Ends {
    lower: f64,
    upper: f64,
}

impl Ends {
    /// Of a count by what was expected: `noise` is the count's variance by mean, `error` the
    /// relative variance of the expectation.
    fn new(observed: f64, expected: f64, noise: f64, error: f64, level: f64) -> Ends {
        let z = Normal::standard().inverse_cdf(0.5 + 0.5 * level);
        let shape = observed / noise + 0.5;
        let middle = (shape * noise).ln();
        let end = |side: f64| {
            let of_count = (noise * gamma_quantile(shape, side * z)).ln() - middle;
            (middle - expected.ln() + side * of_count.hypot(z * error.sqrt())).exp()
        };
        Ends { lower: end(-1.0), upper: end(1.0) }
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
