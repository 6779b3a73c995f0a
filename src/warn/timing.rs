//! When the cases of a finding fell: within few days, or over the weeks.

use std::ops::Range;

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use statrs::distribution::{Binomial, DiscreteCDF};

/// Days in a row that are few.
const FEW_DAYS: usize = 5;
/// Share of the cases beyond what was expected that fall on them, at least.
const MOST: f64 = 0.8;
/// Chance up to which so many of all cases do not fall on so few days by themselves.
const CHANCE: f64 = 0.01;
/// Fewest cases that are a burst.
const LEAST_CASES: f64 = 3.0;
/// A day beside a burst is of it where it has so many times the usual cases, and no fewer than its
/// days have by this factor.
const TIMES_USUAL: f64 = 2.0;
const TIMES_LESS: f64 = 3.0;
const WEEK: usize = 7;

/// How the cases of a finding lie over its days.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Timing {
    /// Days that were delivered, and days of them with a case.
    pub days: usize,
    pub with_cases: usize,
    /// Whole weeks that were delivered, and those of them above what was expected.
    pub weeks: usize,
    pub above: usize,
    /// The few days on which most of the rise fell, where there are such.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub burst: Option<Burst>,
}

/// Few days in a row with most of a rise.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Burst {
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub cases: f64,
}

impl Burst {
    /// How many days it lasted.
    pub fn days(&self) -> i64 {
        (self.to - self.from).num_days() + 1
    }
}

/// The cases of days in a row, `None` for a day that was not delivered, against how many were
/// expected of all of them. `None` where there are no cases to speak of.
pub fn timing(first: NaiveDate, counts: &[Option<f64>], expected: Option<f64>) -> Option<Timing> {
    let known = || counts.iter().flatten();
    let (days, total) = (known().count(), known().sum::<f64>());
    if total < 1.0 {
        return None;
    }
    let usual = expected.map_or(total, |e| e.min(total)).max(0.0) / days as f64;
    let weeks: Vec<f64> = counts
        .rchunks(WEEK)
        .filter(|week| week.len() == WEEK)
        .filter_map(|week| week.iter().copied().sum::<Option<f64>>())
        .collect();
    Some(Timing {
        days,
        with_cases: known().filter(|n| **n > 0.0).count(),
        weeks: weeks.len(),
        above: weeks.iter().filter(|n| **n > usual * WEEK as f64).count(),
        burst: burst(first, counts, Usual { total, days, usual }),
    })
}

/// All cases, the days they are spread over, and how many are usual on a day.
#[derive(Clone, Copy)]
struct Usual {
    total: f64,
    days: usize,
    usual: f64,
}

/// The fewest days in a row on which most of the rise fell, where that is no chance.
fn burst(first: NaiveDate, counts: &[Option<f64>], all: Usual) -> Option<Burst> {
    let rise = all.total - all.usual * all.days as f64;
    let most = |length: usize| {
        let cases = |days: &[Option<f64>]| days.iter().flatten().sum::<f64>();
        let windows = counts.windows(length).map(cases).enumerate();
        windows.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))
    };
    let found = |length: usize| {
        let (at, cases) = most(length)?;
        let beyond = cases - all.usual * length as f64;
        let enough = cases >= LEAST_CASES && beyond >= MOST * rise;
        (enough && is_no_chance(cases, length, all)).then_some(at..at + length)
    };
    let longest = FEW_DAYS.min(all.days / 2);
    let days = widened((1..=longest).find_map(found)?, counts, all.usual, longest);
    Some(Burst {
        from: first + Days::new(days.start as u64),
        to: first + Days::new(days.end as u64 - 1),
        cases: counts[days].iter().flatten().sum(),
    })
}

/// The days of a burst and those beside it that are of it, too: far above what is usual, and not
/// far below its own.
fn widened(
    mut days: Range<usize>,
    counts: &[Option<f64>],
    usual: f64,
    longest: usize,
) -> Range<usize> {
    let its = counts[days.clone()].iter().flatten().sum::<f64>() / days.len() as f64;
    let of_it = |day: Option<usize>| {
        let n = day.and_then(|day| counts.get(day).copied().flatten());
        n.filter(|n| *n > TIMES_USUAL * usual && *n * TIMES_LESS >= its)
    };
    while days.len() < longest {
        let (before, after) = (of_it(days.start.checked_sub(1)), of_it(Some(days.end)));
        match (before, after) {
            (None, None) => break,
            (before, after) if before >= after => days.start -= 1,
            _ => days.end += 1,
        }
    }
    days
}

/// Whether so many of all cases would hardly fall on any days of that length if all days were
/// alike.
fn is_no_chance(cases: f64, length: usize, all: Usual) -> bool {
    let share = length as f64 / all.days as f64;
    let windows = (all.days + 1 - length) as f64;
    let law = Binomial::new(share, all.total.round() as u64);
    law.is_ok_and(|law| windows * law.sf((cases.round() as u64).saturating_sub(1)) <= CHANCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(counts: &[i32], expected: f64) -> Timing {
        let counts: Vec<Option<f64>> =
            counts.iter().map(|n| (*n >= 0).then(|| f64::from(*n))).collect();
        timing("2025-07-01".parse().unwrap(), &counts, Some(expected)).unwrap()
    }

    /// Days with one case, but for those that differ.
    fn ones(days: usize, others: &[(usize, i32)]) -> Vec<i32> {
        let other = |day| others.iter().find(|(at, _)| *at == day);
        (0..days).map(|day| other(day).map_or(1, |(_, n)| *n)).collect()
    }

    #[test]
    fn a_storm_is_told_by_its_days() {
        let storm = [(11, 12), (12, 14), (13, 11)];
        for (counts, expected) in [
            (ones(28, &storm), 28.0),
            (ones(28, &storm), 20.0),
            (ones(14, &storm), 14.0),
            (ones(14, &[storm.as_slice(), &[(0, -1), (1, -1)]].concat()), 14.0),
            (ones(21, &[storm.as_slice(), &[(2, 3), (18, 0), (19, 3)]].concat()), 21.0),
        ] {
            let burst = of(&counts, expected).burst.unwrap();
            let said = (burst.from.to_string(), burst.to.to_string(), burst.cases, burst.days());
            assert_eq!(said, ("2025-07-12".into(), "2025-07-14".into(), 37.0, 3), "{counts:?}");
        }
        let one_day = of(&ones(7, &[(6, 20)]), 7.0).burst.unwrap();
        assert_eq!((one_day.days(), one_day.cases), (1, 20.0));
    }

    #[test]
    fn what_lasts_or_is_few_is_no_burst() {
        for (counts, expected) in [
            (ones(28, &[]), 7.0),
            (vec![3; 28], 28.0),
            (vec![9; 7], 14.0),
            // Two bursts, three weeks from each other.
            (ones(28, &[(2, 12), (24, 12)]), 28.0),
            // Six of eight cases in a fortnight fall on five days by chance.
            (vec![0, 1, 0, 0, 1, 1, 2, 1, 1, 0, 0, 0, 1, 0], 3.0),
            (vec![0, 0, 2, 0, 0, 0, 0], 0.1),
            // A rise of all of the last week.
            (vec![1, 1, 1, 1, 1, 1, 1, 6, 5, 6, 5, 6, 5, 6], 14.0),
        ] {
            assert_eq!(of(&counts, expected).burst, None, "{counts:?}");
        }
    }

    #[test]
    fn weeks_and_days_are_counted_where_they_are_known() {
        let lasting = of(&[2; 28], 28.0);
        assert_eq!(
            (lasting.days, lasting.with_cases, lasting.weeks, lasting.above),
            (28, 28, 4, 4)
        );
        let gap = of(&[vec![2; 13], vec![-1], vec![0; 6], vec![1]].concat(), 14.0);
        assert_eq!((gap.days, gap.with_cases, gap.weeks, gap.above), (20, 14, 2, 1));
        assert_eq!(timing("2025-07-01".parse().unwrap(), &[Some(0.0); 7], Some(1.0)), None);
        assert_eq!(timing("2025-07-01".parse().unwrap(), &[None; 7], Some(1.0)), None);
    }

    #[test]
    fn by_chance_hardly_a_burst_is_told() {
        use rand::{RngExt, SeedableRng};
        let mut rng = rand::rngs::ChaCha8Rng::seed_from_u64(9);
        let (mut told, rounds) = (0, 2000);
        for _ in 0..rounds {
            let days = 7 * rng.random_range(1..=4);
            let mut counts = vec![0; days];
            (0..rng.random_range(5..60)).for_each(|_| counts[rng.random_range(0..days)] += 1);
            let expected = f64::from(counts.iter().sum::<i32>()) / 2.0;
            told += usize::from(of(&counts, expected).burst.is_some());
        }
        assert!(told <= rounds / 50, "{told} of {rounds}");
    }
}
