//! A month's figure against the month before, the same month of the last year, and the mean of the
//! three years before; with the test that says whether a difference is more than chance.

use methods::stats::two_samples::{Pair, pair_dispersion, two_counts, two_proportions};
use render::report::{Cell, Format};

/// p below which a difference is called clear (明显).
pub const CLEAR: f64 = 0.01;
/// What stands where a figure is not there: not delivered; no figure to hold it against.
pub const NOT_DELIVERED: &str = "未报送";
pub const NOT_WHOLE: &str = "未报全";
pub const NO_BASE: &str = "无基数";
pub const NONE: &str = "—";

/// How a figure stands against another.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Direction {
    Up,
    Down,
    Same,
}

/// A difference: its size, and whether its test finds it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// Relative for counts, in points of a share for proportions.
    pub size: f64,
    pub p: Option<f64>,
}

impl Difference {
    pub fn direction(&self) -> Direction {
        match self.size {
            x if x > 0.0 => Direction::Up,
            x if x < 0.0 => Direction::Down,
            _ => Direction::Same,
        }
    }

    pub fn clear(&self) -> bool {
        self.direction() != Direction::Same && self.p.is_some_and(|p| p < CLEAR)
    }
}

/// Counts of months in a row, the month itself last; `None` where nothing of a month was delivered.
#[derive(Clone, Debug, PartialEq)]
pub struct Counts<'a> {
    pub months: Vec<Option<f64>>,
    /// Whether every day of a month was delivered: only such months are compared.
    pub whole: &'a [bool],
    pub days: &'a [f64],
    /// Whether more of the month is to come: that it has not clearly more cases says nothing then.
    pub growing: bool,
}

/// Months back of the same month a year before.
pub const YEAR: usize = 12;

/// The months that are compared: how far back they lie, and what they are called.
pub const COMPARED: [(usize, &str); 3] = [(0, "本月"), (1, "上月"), (YEAR, "上年同月")];

impl Counts<'_> {
    fn back(&self, months: usize) -> Option<f64> {
        *self.months.get(self.months.len().checked_sub(1 + months)?)?
    }

    /// The count of a whole month.
    fn whole(&self, at: usize) -> Option<f64> {
        self.months[at].filter(|_| self.whole[at])
    }

    /// The month's own.
    pub fn now(&self) -> Option<f64> {
        self.back(0)
    }

    /// That of so many months back.
    pub fn then(&self, months: usize) -> Option<f64> {
        self.back(months)
    }

    /// The mean a day, of a whole month.
    pub fn daily(&self) -> Option<f64> {
        let last = self.months.len() - 1;
        Some(self.whole(last)? / self.days[last])
    }

    /// The mean of the same months of the three years before, where all are whole.
    pub fn three_years(&self) -> Option<f64> {
        let year = |n: usize| self.whole(self.months.len().checked_sub(1 + n * YEAR)?);
        Some((year(1)? + year(2)? + year(3)?) / 3.0)
    }

    /// Against so many months back; `None` without a figure, or where there was nothing then.
    pub fn against(&self, back: usize) -> Option<Difference> {
        let last = self.months.len() - 1;
        let (now, then) = (self.whole(last)?, self.whole(last.checked_sub(back)?)?);
        if then == 0.0 {
            return None;
        }
        let size = now / then - 1.0;
        let days = [self.days[last], self.days[last - back]];
        let dispersion = self.dispersion(back);
        // A longer month alone makes no rise.
        let daily = now / days[0] - then / days[1];
        let test = |dispersion| match daily * size > 0.0 {
            true => two_counts([now, then], days, dispersion),
            false => Some(1.0),
        };
        // Of a month that may still grow only a clear rise can be said.
        let told = |p: &f64| !self.growing || size > 0.0 && *p < CLEAR;
        let p = dispersion.and_then(test).filter(told);
        Some(Difference { size, p })
    }

    /// How far pairs of months so far apart lie from each other, beyond chance, over those before.
    fn dispersion(&self, back: usize) -> Option<f64> {
        let past = back.max(1)..self.months.len() - 1;
        let pair = |at: usize| {
            let counts = [self.whole(at)?, self.whole(at - back)?];
            Some(Pair { counts, exposures: [self.days[at], self.days[at - back]] })
        };
        let pairs: Vec<Pair> = past.filter_map(pair).collect();
        pair_dispersion(&pairs)
    }
}

/// A numerator and its denominator.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Proportion {
    pub num: f64,
    pub den: f64,
}

impl Proportion {
    pub fn share(&self) -> Option<f64> {
        (self.den > 0.0).then(|| self.num / self.den)
    }

    pub fn against(&self, then: &Proportion) -> Option<Difference> {
        let size = self.share()? - then.share()?;
        Some(Difference { size, p: two_proportions([self.num, self.den], [then.num, then.den]) })
    }
}

/// A relative change as a cell.
pub fn change_cell(difference: Option<Difference>) -> Cell {
    Cell::number(difference.map(|d| d.size), Format::Change, NONE)
}

/// What the test of a difference says, in a word.
pub fn verdict_cell(difference: Option<Difference>) -> Cell {
    let word = |d: Difference| match (d.clear(), d.direction()) {
        (true, Direction::Up) => "明显上升",
        (true, Direction::Down) => "明显下降",
        _ => "不明显",
    };
    match difference {
        Some(d) if d.p.is_some() => Cell::Text(word(d).to_owned()),
        _ => Cell::Absent(NONE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(months: &[f64], days: &'static [f64; 25]) -> Counts<'static> {
        Counts {
            months: months.iter().map(|n| Some(*n)).collect(),
            whole: &[true; 25],
            days,
            growing: false,
        }
    }

    #[test]
    fn a_change_is_clear_only_where_its_test_says_so() {
        const DAYS: [f64; 25] = [30.0; 25];
        let mut steady = [100.0; 25];
        steady[24] = 108.0;
        let change = counts(&steady, &DAYS).against(1).unwrap();
        assert!((change.size - 0.08).abs() < 1e-12 && !change.clear());
        steady[24] = 180.0;
        let change = counts(&steady, &DAYS).against(YEAR).unwrap();
        assert!(change.clear() && change.direction() == Direction::Up);
        // As much as the months before went up and down is nothing clear.
        let wild: Vec<f64> = (0..25).map(|i| if i % 2 == 0 { 180.0 } else { 100.0 }).collect();
        assert!(!counts(&wild, &DAYS).against(1).unwrap().clear());
        steady[23] = 0.0;
        assert_eq!(counts(&steady, &DAYS).against(1), None);
    }

    #[test]
    fn a_month_that_is_not_whole_is_compared_with_nothing() {
        const DAYS: [f64; 25] = [30.0; 25];
        const WHOLE: [bool; 25] = {
            let mut whole = [true; 25];
            whole[24] = false;
            whole
        };
        let half = Counts { whole: &WHOLE, ..counts(&[50.0; 25], &DAYS) };
        assert_eq!((half.now(), half.against(1), half.daily()), (Some(50.0), None, None));
        let none = Counts { months: vec![None; 25], ..half };
        assert_eq!((none.now(), none.three_years()), (None, None));
    }

    #[test]
    fn a_month_that_may_still_grow_has_not_clearly_fallen() {
        const DAYS: [f64; 25] = [30.0; 25];
        let mut months = [100.0; 25];
        months[24] = 40.0;
        let fallen = counts(&months, &DAYS);
        assert!(fallen.against(1).unwrap().clear());
        let growing = Counts { growing: true, ..fallen };
        assert_eq!(growing.against(1).unwrap().p, None);
        months[24] = 104.0;
        let more = Counts { growing: true, ..counts(&months, &DAYS) };
        assert_eq!(more.against(1).unwrap().p, None, "it may still rise clearly");
        months[24] = 180.0;
        assert!(Counts { growing: true, ..counts(&months, &DAYS) }.against(1).unwrap().clear());
    }

    #[test]
    fn a_longer_month_alone_makes_no_rise() {
        const DAYS: [f64; 25] = {
            let mut days = [30.0; 25];
            days[23] = 28.0;
            days[24] = 31.0;
            days
        };
        let mut months = [3000.0; 25];
        months[23] = 2900.0;
        months[24] = 3100.0;
        assert!(!counts(&months, &DAYS).against(1).unwrap().clear());
    }
}
