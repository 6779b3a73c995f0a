//! The reporting triangle: what became known of each day, by how late it became known.

use ndarray::Array2;

use crate::method::Flaw;

/// One entry of the ledger: on `recorded`, the count of `day` changed by `num`. Days are positions
/// on one calendar; weeks likewise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Increment {
    pub day: usize,
    pub recorded: usize,
    pub num: f64,
}

/// Reporting triangle of one series, as of its last day. Delays beyond the largest are known to
/// [`Triangle::reported`] alone: they are too rare to be modelled.
#[derive(Clone, Debug, PartialEq)]
pub struct Triangle {
    /// Days × delays: sums of the positive increments.
    pub added: Array2<f64>,
    /// Days × delays: sums of the negative increments, with the sign turned.
    pub removed: Array2<f64>,
    /// Net count of each day, by whatever delay.
    pub reported: Vec<f64>,
    /// Days of occurrence of which nothing can be known, since the feed lost them.
    pub lost: Vec<bool>,
    /// Days on which the feed did not deliver. What it held back comes with the first delivery
    /// after.
    pub silent: Vec<bool>,
}

impl Triangle {
    /// Days `0..days` as of the last of them. Increments recorded later, or of later days, are not
    /// looked at; one recorded before its day counts as without delay; one that is not a finite
    /// number is left out.
    pub fn new(
        days: usize,
        max_delay: usize,
        increments: impl IntoIterator<Item = Increment>,
    ) -> Triangle {
        let shape = (days, max_delay + 1);
        let mut triangle = Triangle {
            added: Array2::zeros(shape),
            removed: Array2::zeros(shape),
            reported: vec![0.0; days],
            lost: vec![false; days],
            silent: vec![false; days],
        };
        for increment in increments {
            triangle.put(increment);
        }
        triangle
    }

    /// The same with the days that the feed lost, and those on which it was silent; other days are
    /// as they were.
    pub fn masked(mut self, lost: &[usize], silent: &[usize]) -> Triangle {
        let mark = |marks: &mut Vec<bool>, days: &[usize]| {
            days.iter().for_each(|d| marks.get_mut(*d).into_iter().for_each(|m| *m = true))
        };
        mark(&mut self.lost, lost);
        mark(&mut self.silent, silent);
        self
    }

    /// Sum of triangles on one calendar: strength is borrowed by adding up. A day is lost or silent
    /// where it is so in any of them.
    ///
    /// # Errors
    /// A [`Flaw`] where there is none, or they differ in days or delays.
    pub fn pooled(triangles: &[Triangle]) -> Result<Triangle, Flaw> {
        let Some((first, others)) = triangles.split_first() else {
            return Err(Flaw::new("there is no reporting triangle", "give at least one"));
        };
        let mut sum = first.clone();
        for other in others {
            if other.added.dim() != sum.added.dim() {
                return Err(Flaw::new(
                    "reporting triangles differ in days or delays",
                    "build them on one calendar with one largest delay",
                ));
            }
            sum.added += &other.added;
            sum.removed += &other.removed;
            for t in 0..sum.days() {
                sum.reported[t] += other.reported[t];
                sum.lost[t] |= other.lost[t];
                sum.silent[t] |= other.silent[t];
            }
        }
        Ok(sum)
    }

    pub fn days(&self) -> usize {
        self.added.nrows()
    }

    pub fn max_delay(&self) -> usize {
        self.added.ncols().saturating_sub(1)
    }

    /// Net counts of days `0..=now` as they stood on day `now`, delays up to the largest.
    pub fn reported_at(&self, now: usize) -> Vec<f64> {
        let upto = |t: usize| (now - t).min(self.max_delay());
        (0..=now.min(self.days().saturating_sub(1)))
            .map(|t| (0..=upto(t)).map(|d| self.added[[t, d]] - self.removed[[t, d]]).sum())
            .collect()
    }

    /// The last day up to `now` on which the feed delivered.
    pub fn last_delivery(&self, now: usize) -> Option<usize> {
        (0..=now).rev().find(|s| !self.silent.get(*s).copied().unwrap_or(false))
    }

    /// Whether what came on a day tells of delays: not on a silent day, nor on the one after, which
    /// brings what was held back.
    pub fn tells(&self, recorded: usize) -> bool {
        let silent = |s: usize| self.silent.get(s).copied().unwrap_or(false);
        !(silent(recorded) || recorded > 0 && silent(recorded - 1))
    }

    fn put(&mut self, increment: Increment) {
        let Increment { day, recorded, num } = increment;
        if recorded >= self.days() || day >= self.days() || !num.is_finite() {
            return;
        }
        self.reported[day] += num;
        let delay = recorded.saturating_sub(day);
        if delay <= self.max_delay() {
            let cell = if num >= 0.0 { &mut self.added } else { &mut self.removed };
            cell[[day, delay]] += num.abs();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(day: usize, recorded: usize, num: f64) -> Increment {
        Increment { day, recorded, num }
    }

    #[test]
    fn the_triangle_is_the_ledger_up_to_its_last_day() {
        let ledger = [
            entry(0, 0, 2.0),
            entry(0, 3, -1.0),
            entry(1, 2, 4.0),
            entry(1, 9, 5.0),
            entry(2, 1, 1.0),
            entry(2, 2, f64::NAN),
        ];
        let triangle = Triangle::new(5, 2, ledger);
        assert_eq!(triangle.reported, [1.0, 4.0, 1.0, 0.0, 0.0]);
        assert_eq!(
            (triangle.added[[0, 0]], triangle.added[[1, 1]], triangle.added[[2, 0]]),
            (2.0, 4.0, 1.0)
        );
        // A delay of three is beyond the largest: the count knows it, the triangle does not.
        assert_eq!(triangle.removed.sum(), 0.0);
        assert_eq!(triangle.reported_at(1), [2.0, 0.0]);
    }

    #[test]
    fn triangles_add_up_and_must_fit() {
        let one = Triangle::new(3, 1, [entry(0, 1, 2.0)]);
        let other = Triangle::new(3, 1, [entry(0, 1, 3.0)]).masked(&[2], &[0]);
        let sum = Triangle::pooled(&[one.clone(), other]).unwrap();
        assert_eq!(
            (sum.added[[0, 1]], sum.lost[2], sum.silent[0], sum.tells(1), sum.tells(2)),
            (5.0, true, true, false, true)
        );
        assert!(Triangle::pooled(&[one, Triangle::new(4, 1, [])]).is_err());
        assert!(Triangle::pooled(&[]).is_err());
    }
}
