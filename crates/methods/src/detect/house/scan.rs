//! The last one to four points looked at together, and one p for them all.
//!
//! The statistic is the likelihood ratio of a rise of [`SIZE`] standard deviations against none,
//! averaged over when it began: in this point, or in the one before, each with its share of the
//! cases as in [`PROFILE`](super::outbreaks::PROFILE). Beginnings two and three points ago enter
//! with the sum of their window, if the point itself is still high. A mean of ratios finds more
//! than the least p of several windows does, since a rise that is half seen must not be judged as
//! if it were whole.
//!
//! Its distribution without a rise is summed over all pairs of counts of the last two points, which
//! is quick because the statistic grows with both; longer windows are added as if independent,
//! which errs to the safe side, all of them growing with the same counts.

use super::outbreaks::PROFILE;
use crate::stats::{CountTable, NegativeBinomial};

/// Size of the rise that is looked for, in standard deviations of one point's count: Noufaily's
/// sizes run from 2 to 10, and those above are found anyway.
pub const SIZE: f64 = 4.0;
/// Weights of beginnings this point, one, two and three points ago.
const WEIGHTS: [f64; 4] = [1.0, 3.0, 0.1, 0.1];
/// Standard deviations that the last point must be above its mean for a window of three or four
/// points, so that a rise that is over is not reported again.
const LASTING: f64 = 1.0;
/// Ratios closer than this are equal.
const EQUAL: f64 = 1e-9;
/// Most points that are looked at together.
pub const MOST_WINDOWS: usize = WEIGHTS.len();

/// What the scan says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScanResult {
    /// Chance of a statistic as high or higher.
    pub p: f64,
    /// The same, with half the chance of one exactly as high (mid-p): uniform on average also where
    /// counts are small.
    pub mid_p: f64,
    /// Points that the rise, if it is one, has lasted.
    pub window: usize,
}

/// Distributions of the last points and counts of those before the last: what the last one's count
/// is judged by.
#[derive(Clone, Debug)]
pub struct Scan {
    now: NegativeBinomial,
    /// Counts of the points before, the nearest first.
    before: Vec<f64>,
    table: CountTable,
    /// Ratio of each count now, if the rise began now.
    first: Vec<f64>,
    second: Option<EarlierOnset>,
    longer: Vec<LongerWindow>,
}

/// A rise that began one point ago.
#[derive(Clone, Debug)]
struct EarlierOnset {
    table: CountTable,
    now: Vec<f64>,
    before: Vec<f64>,
}

/// A rise that began two or three points ago.
#[derive(Clone, Debug)]
struct LongerWindow {
    table: CountTable,
    ratios: Vec<f64>,
}

impl Scan {
    /// Prepares for the point `laws[0]` and the points before it, `laws[1]` being the nearest, with
    /// their counts `before`; at most as many windows as there are laws and counts, and never more
    /// than four. `None` without a law.
    pub fn new(laws: &[NegativeBinomial], before: &[f64]) -> Option<Scan> {
        let now = *laws.first()?;
        let windows = laws.len().min(before.len() + 1).min(MOST_WINDOWS);
        let table = CountTable::new(now);
        let first = table.likelihood_ratios(PROFILE[0] * SIZE * now.sd());
        let second = laws[1..windows].first().map(|law| {
            let earlier = CountTable::new(*law);
            let (here, there) = (
                table.likelihood_ratios(PROFILE[1] * SIZE * now.sd()),
                earlier.likelihood_ratios(PROFILE[0] * SIZE * law.sd()),
            );
            EarlierOnset {
                table: earlier,
                now: here,
                before: there.iter().map(|r| WEIGHTS[1] * r).collect(),
            }
        });
        let longer = (3..=windows).map(|window| LongerWindow::new(&laws[..window])).collect();
        Some(Scan { now, before: before[..windows - 1].to_vec(), table, first, second, longer })
    }

    /// What a count of the last point says, together with those before it.
    pub fn judge(&self, count: f64) -> ScanResult {
        let ratios = self.ratios(count);
        let longest = ratios[2..].iter().copied().fold(0.0, f64::max);
        let statistic = (ratios[0] + ratios[1]).max(longest);
        let at_least = self.chance(statistic * (1.0 - EQUAL));
        let above = self.chance(statistic * (1.0 + EQUAL));
        let window = (1..MOST_WINDOWS)
            .fold(0, |best, w| if ratios[w] > ratios[best] { w } else { best })
            + 1;
        ScanResult { p: at_least, mid_p: 0.5 * (at_least + above), window }
    }

    /// The largest count of the last point whose mid-p is not below `alpha`.
    pub fn bound(&self, alpha: f64) -> f64 {
        let (mut quiet, mut loud) = (0, self.table.pmf().len());
        while loud - quiet > 1 {
            let middle = (quiet + loud) / 2;
            if self.judge(self.table.count(middle)).mid_p < alpha {
                loud = middle
            } else {
                quiet = middle
            }
        }
        self.table.count(quiet)
    }

    /// Weighted ratios of rises that began now, one, two and three points ago.
    fn ratios(&self, count: f64) -> [f64; MOST_WINDOWS] {
        let mut ratios = [0.0; MOST_WINDOWS];
        let place = self.table.position(count);
        ratios[0] = self.first[place];
        if let Some(second) = &self.second {
            ratios[1] = second.now[place] * second.before[second.table.position(self.before[0])];
        }
        if count >= self.now.mean() + LASTING * self.now.sd() {
            for (i, longer) in self.longer.iter().enumerate() {
                let sum = count + self.before[..i + 2].iter().sum::<f64>();
                ratios[i + 2] = longer.ratios[longer.table.position(sum)];
            }
        }
        ratios
    }

    /// Chance that the statistic reaches a level.
    fn chance(&self, level: f64) -> f64 {
        let short = match &self.second {
            Some(second) => self.pairs(second, level),
            None => self.table.tail()[self.first.partition_point(|r| *r < level)],
        };
        self.longer.iter().map(|longer| longer.chance(level)).fold(short, |p, q| p + q - p * q)
    }

    /// Chance of all pairs of counts of the last two points whose ratios add up to a level: as the
    /// later count grows, the earlier need be less.
    fn pairs(&self, second: &EarlierOnset, level: f64) -> f64 {
        let mut least = second.before.len();
        let mut chance = 0.0;
        for ((pmf, first), now) in self.table.pmf().iter().zip(&self.first).zip(&second.now) {
            while least > 0 && first + now * second.before[least - 1] >= level {
                least -= 1;
            }
            chance += pmf * second.table.tail()[least];
        }
        chance
    }
}

impl LongerWindow {
    /// The window of all `laws`: their sum, raised by what has come of the rise by then.
    fn new(laws: &[NegativeBinomial]) -> LongerWindow {
        let table = CountTable::new(NegativeBinomial::sum(laws));
        let share: f64 = PROFILE[..laws.len()].iter().sum();
        let weight = WEIGHTS[laws.len() - 1];
        let ratios = table
            .likelihood_ratios(share * SIZE * laws[0].sd())
            .iter()
            .map(|r| weight * r)
            .collect();
        LongerWindow { table, ratios }
    }

    fn chance(&self, level: f64) -> f64 {
        self.table.tail()[self.ratios.partition_point(|r| *r < level)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn poisson(mean: f64) -> NegativeBinomial {
        NegativeBinomial::with_dispersion(mean, 1.0)
    }

    #[test]
    fn one_window_is_the_plain_tail() {
        let scan = Scan::new(&[poisson(3.0)], &[]).unwrap();
        let judged = scan.judge(8.0);
        assert!((judged.p - 0.01190450).abs() < 1e-7, "ppois(7, 3, lower = FALSE): {}", judged.p);
        assert!((judged.mid_p - (judged.p - 0.5 * 0.008101512)).abs() < 1e-7);
        assert_eq!(scan.bound(0.01), 7.0);
        assert_eq!(Scan::new(&[], &[]).map(|s| s.before), None);
    }

    #[test]
    fn the_chance_of_pairs_is_that_of_adding_up_every_pair() {
        let laws = [
            NegativeBinomial::with_dispersion(2.0, 1.5),
            NegativeBinomial::with_dispersion(3.0, 2.0),
        ];
        let scan = Scan::new(&laws, &[6.0]).unwrap();
        let ratio = |a: f64, b: f64| {
            Scan { before: vec![b], ..scan.clone() }.ratios(a)[..2].iter().sum::<f64>()
        };
        let seen = ratio(4.0, 6.0);
        let mut by_hand = 0.0;
        for a in 0..60 {
            for b in 0..60 {
                if ratio(f64::from(a), f64::from(b)) >= seen * (1.0 - EQUAL) {
                    by_hand += (laws[0].ln_pmf(f64::from(a)) + laws[1].ln_pmf(f64::from(b))).exp();
                }
            }
        }
        assert!((scan.judge(4.0).p - by_hand).abs() < 1e-9, "{} {by_hand}", scan.judge(4.0).p);
    }

    #[test]
    fn a_rise_over_several_points_is_told_with_its_length() {
        let scan = |before: &[f64]| Scan::new(&[poisson(5.0); 4], before).unwrap();
        assert!(scan(&[10.0, 5.0, 4.0]).judge(11.0).p < scan(&[5.0, 5.0, 4.0]).judge(11.0).p);
        assert_eq!(scan(&[10.0, 5.0, 4.0]).judge(10.0).window, 2);
        assert_eq!(scan(&[5.0, 5.0, 4.0]).judge(16.0).window, 1);
        let lasting = scan(&[10.0, 10.0, 10.0]).judge(10.0);
        assert!(lasting.p < 0.004, "{lasting:?}");
    }

    #[test]
    fn p_falls_as_the_count_grows_and_huge_counts_are_defined() {
        let scan = Scan::new(&[NegativeBinomial::with_dispersion(4.0, 2.0); 4], &[3.0, 5.0, 1e12])
            .unwrap();
        let ps: Vec<f64> = (0..60).map(|y| scan.judge(f64::from(y)).mid_p).collect();
        assert!(ps.windows(2).all(|p| p[1] <= p[0] + 1e-12), "{ps:?}");
        assert!(scan.judge(1e15).p < 1e-6 && scan.judge(0.0).p <= 1.0);
        let large =
            Scan::new(&[NegativeBinomial::with_dispersion(1e7, 900.0); 4], &[1e7; 3]).unwrap();
        assert!(large.judge(1.1e7).p < 0.05 && large.judge(1e7).p > 0.2);
    }
}
