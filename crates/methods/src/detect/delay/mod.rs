//! Nowcast: the final counts of the last days, of which reports are still to come.
//!
//! The reporting triangle, reports by day of occurrence and delay ([`Triangle`]), gives the
//! distribution of delays ([`factors`]); the days before give a trend ([`level`]); both give the
//! distribution of the reports still to come of a day ([`unreported`]), which is widened by the
//! errors of past nowcasts ([`errors`]). In the manner of R's baselinenowcast and epinowcast,
//! without sampling. Described in docs/method.md.
//!
//! Delays are pooled over the triangles given to [`Delay::fit`], say the districts of a county or
//! the categories of a domain; a series too sparse to know its own borrows them, one that differs
//! for certain keeps its own.

pub mod baseline;
pub mod errors;
pub mod factors;
pub mod final_count;
pub mod level;
mod params;
pub mod triangle;
pub mod unreported;

use statrs::distribution::{ContinuousCDF, Normal};

use crate::method::Flaw;
use crate::stats::NegativeBinomial;
use errors::NowcastError;
use factors::{Factors, Window};
pub use final_count::FinalCount;
use level::{Level, Smoothing};
pub use params::Delay;
pub use triangle::{Increment, Triangle};
use unreported::{Unreported, reported_days};

/// What a nowcast rests on before past nowcasts have shown how wrong they are.
const FIRST_SCATTER: f64 = 0.03;
/// Scatter of days about their trend where nothing has shown it.
const USUAL_SCATTER: f64 = 0.05;

/// Delays as known on a day, ready to complete any series of the same feed.
#[derive(Clone, Debug)]
pub struct Fitted {
    params: Delay,
    /// The as-of day.
    pub now: usize,
    /// The last day on which the feed delivered.
    pub by: usize,
    /// Delays of all triangles together.
    pub factors: Factors,
    /// Trend of all triangles together.
    pub level: Level,
    /// Reports that the pooled delays are worth against a series' own.
    pub strength: f64,
    /// Scatter found in past nowcasts, by age.
    pub scatter: Vec<f64>,
    /// Correlation of the errors of different days.
    pub correlation: f64,
}

/// What is known of one of the last days.
#[derive(Clone, Debug, PartialEq)]
pub enum Nowcast {
    Known(Estimate),
    /// The feed lost the day, or never had it: why.
    NotAssessable(String),
}

/// One day, completed.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// 0-based position of the day.
    pub at: usize,
    pub reported: f64,
    /// Mean of the final count.
    pub expected: f64,
    /// Whole numbers between which the final count lies with the level asked for.
    pub lower: f64,
    pub upper: f64,
    /// Share of the day's reports that has come so far, and the interval of that share.
    pub share: f64,
    pub share_lower: f64,
    pub share_upper: f64,
    /// The whole distribution of the final count.
    pub last: FinalCount,
}

impl Delay {
    /// Learns delays, trend and the error of past nowcasts from triangles of one calendar, as of
    /// their last day.
    ///
    /// # Errors
    /// A [`Flaw`] where triangles do not fit together, the feed never delivered, or too few reports
    /// are there to speak of delays: not assessable.
    pub fn fit(&self, triangles: &[Triangle]) -> Result<Fitted, Flaw> {
        let pooled = Triangle::pooled(triangles)?;
        let Some(now) = pooled.days().checked_sub(1) else {
            return Err(Flaw::new(
                "the reporting triangle has no days",
                "give it a calendar that ends on the as-of day",
            ));
        };
        let known: f64 = pooled.added.sum();
        if known < self.least_reports {
            let lacking = (self.least_reports - known).ceil();
            return Err(Flaw::new(
                format!(
                    "not assessable: delays rest on {known:.0} reports, {lacking:.0} fewer than the {:.0} needed",
                    self.least_reports
                ),
                "pool more areas or categories, or wait",
            ));
        }
        let estimated = self.estimate(&pooled, now, None).ok_or_else(|| {
            Flaw::new(
                "not assessable: no day with reports has a delivery that tells of delays",
                "see which days of the feed are masked",
            )
        })?;
        let groups = if triangles.len() > 1 { triangles } else { &[] };
        let own: Vec<Factors> =
            groups.iter().filter_map(|t| Factors::estimate(t, now, &self.window(1.0))).collect();
        let misses = self.misses(&pooled, now, &estimated.factors);
        let scatter = errors::scatter(&misses, &self.first_scatter(&estimated, &pooled, now));
        let correlation = errors::correlation(&misses, &scatter);
        let strength = factors::strength(&estimated.factors, &own);
        Ok(Fitted {
            params: self.clone(),
            now,
            by: estimated.by,
            factors: estimated.factors,
            level: estimated.level,
            strength,
            scatter,
            correlation,
        })
    }

    /// Delays and trend as they showed on day `now`, looked for from what they were `before`; the
    /// window is widened until it holds enough reports, or all there are.
    fn estimate(
        &self,
        triangle: &Triangle,
        now: usize,
        before: Option<&Factors>,
    ) -> Option<Estimated> {
        let by = triangle.last_delivery(now)?;
        let (mut wider, mut found) = (1.0, None);
        while found.is_none() {
            let factors = Factors::estimate_from(triangle, now, &self.window(wider), before);
            let enough = factors.as_ref().is_some_and(|f| f.reports >= self.enough_reports);
            found = factors.filter(|_| enough || self.window(wider).days > now);
            if found.is_none() && self.window(wider).days > now {
                return None;
            }
            wider *= 2.0;
        }
        let factors = found?;
        let reported = triangle.reported_at(now);
        let days =
            reported_days(triangle, &reported, &factors, now, by, self.window, &self.smoothing());
        let level = Level::fit(&days, &self.smoothing(), USUAL_SCATTER, None)?;
        Some(Estimated { by, factors, level })
    }

    /// Nowcasts as of each of the days before `now`, held against what came since.
    fn misses(&self, triangle: &Triangle, now: usize, factors: &Factors) -> Vec<NowcastError> {
        let Some(by) = triangle.last_delivery(now) else { return Vec::new() };
        let (mut misses, mut before) = (Vec::new(), factors.clone());
        for then in now.saturating_sub(self.retrospective)..now {
            let Some(past) = self.estimate(triangle, then, Some(&before)) else { continue };
            let weight = (-((now - then) as f64) / (2.0 * self.half_life)).exp2();
            let reported = triangle.reported_at(then);
            for (t, known) in
                reported.iter().enumerate().skip(then.saturating_sub(triangle.max_delay()))
            {
                if triangle.lost[t] {
                    continue;
                }
                let unreported =
                    Unreported::new(&past.factors, &past.level, t, then, past.by, *known);
                let open = 1.0 - unreported.share;
                let due = if open > 1e-9 {
                    ((past.factors.share(t, by) - unreported.share) / open).clamp(0.0, 1.0)
                } else {
                    0.0
                };
                if due > 0.0 {
                    let came = (then + 1 - t..=(now - t).min(triangle.max_delay()))
                        .map(|d| triangle.added[[t, d]])
                        .sum();
                    misses.push(NowcastError::new(
                        (then, 0),
                        then - t,
                        &unreported,
                        due,
                        came,
                        weight,
                    ));
                }
            }
            before = past.factors;
        }
        misses
    }

    /// Scatter by age before past nowcasts are looked at: the error of the shares, and a little
    /// more.
    fn first_scatter(&self, estimated: &Estimated, triangle: &Triangle, now: usize) -> Vec<f64> {
        let unreported = |age: usize| {
            Unreported::new(
                &estimated.factors,
                &estimated.level,
                now.saturating_sub(age),
                now,
                estimated.by,
                0.0,
            )
        };
        (0..=triangle.max_delay())
            .map(|age| FIRST_SCATTER + unreported(age).parameter_scatter())
            .collect()
    }

    fn window(&self, wider: f64) -> Window {
        Window {
            days: (self.window as f64 * wider) as usize,
            half_life: self.half_life * wider,
            cycle: self.cycle,
        }
    }

    fn smoothing(&self) -> Smoothing {
        Smoothing { half_life: self.trend_half_life, growth: self.growth, cycle: self.cycle }
    }
}

/// Delays and trend of one triangle as of a day.
struct Estimated {
    by: usize,
    factors: Factors,
    level: Level,
}

impl Fitted {
    /// Completes the last days of one series (those within the largest delay), oldest first, each
    /// with an interval of `level`. The series has the calendar of the triangles that were fitted,
    /// or a part of it that ends on the same day.
    ///
    /// # Errors
    /// A [`Flaw`] where the series does not end on the day that was fitted, or `level` is not
    /// between 0 and 1.
    pub fn predict(&self, series: &Triangle, level: f64) -> Result<Vec<Nowcast>, Flaw> {
        if series.days() != self.now + 1 || series.max_delay() + 1 != self.factors.shares.len() {
            return Err(Flaw::new(
                "the series differs in days or delays from what the delays were fitted on",
                "build it on the same calendar",
            ));
        }
        if !(level > 0.0 && level < 1.0) {
            return Err(Flaw::new(
                format!("an interval's level of {level} is not between 0 and 1"),
                "take 0.9",
            ));
        }
        let factors = self.factors_of(series);
        let smoothing = self.params.smoothing();
        let days = reported_days(
            series,
            &series.reported,
            &factors,
            self.now,
            self.by,
            self.params.window,
            &smoothing,
        );
        let trend = Level::fit(&days, &smoothing, self.level.scatter, Some(&self.level.weekday));
        let first = self.now.saturating_sub(series.max_delay());
        Ok((first..=self.now)
            .map(|t| self.complete(series, &factors, trend.as_ref(), t, level))
            .collect())
    }

    /// Distribution of the summed final count of several days; their errors go together as much as
    /// they did in the past.
    pub fn total(&self, days: &[Estimate]) -> FinalCount {
        let sum = |of: fn(&Estimate) -> NegativeBinomial| {
            let mean: f64 = days.iter().map(|d| of(d).mean()).sum();
            let variance: f64 = days.iter().map(|d| of(d).variance()).sum();
            let alike =
                days.iter().map(|d| of(d).variance().sqrt()).sum::<f64>().powi(2) - variance;
            if mean > 0.0 {
                NegativeBinomial::with_variance(mean, variance + self.correlation * alike)
            } else {
                NegativeBinomial::ZERO
            }
        };
        FinalCount {
            reported: days.iter().map(|d| d.reported).sum(),
            added: sum(|d| d.last.added),
            removed: sum(|d| d.last.removed),
        }
    }

    /// Delays of one series: its own as far as it has reports enough to be told from the others.
    fn factors_of(&self, series: &Triangle) -> Factors {
        // Below a twentieth of the weight nothing would change.
        if self.strength.is_infinite() || series.added.sum() < self.strength / 20.0 {
            return self.factors.clone();
        }
        let own = Factors::estimate(series, self.now, &self.params.window(1.0));
        self.factors.shrunk_to(own.as_ref(), self.strength)
    }

    fn complete(
        &self,
        series: &Triangle,
        factors: &Factors,
        trend: Option<&Level>,
        t: usize,
        level: f64,
    ) -> Nowcast {
        if series.lost[t] {
            return Nowcast::NotAssessable(format!(
                "the feed lost the day at position {t}: what it brought is not known"
            ));
        }
        let Some(trend) = trend else {
            return Nowcast::NotAssessable(
                "the feed lost every day that could say what is usual".to_owned(),
            );
        };
        let reported = series.reported[t];
        let unreported = Unreported::new(factors, trend, t, self.now, self.by, reported);
        let age = (self.now - t).min(self.scatter.len() - 1);
        let last = unreported.final_count(self.scatter[age]);
        let (lower, upper) = last.interval(level);
        let (share_lower, share_upper) = share_interval(&unreported, level);
        let expected = last.mean();
        Nowcast::Known(Estimate {
            at: t,
            reported,
            expected,
            lower,
            upper,
            share: unreported.share,
            share_lower,
            share_upper,
            last,
        })
    }
}

/// Interval of the share on the scale of log odds, which keeps it between 0 and 1.
fn share_interval(unreported: &Unreported, level: f64) -> (f64, f64) {
    let (share, error) = (unreported.share, unreported.share_error);
    if share <= 0.0 || share >= 1.0 || error <= 0.0 {
        return (share, share);
    }
    let z = Normal::standard().inverse_cdf(0.5 + level / 2.0);
    let (odds, wide) = ((share / (1.0 - share)).ln(), z * error / share / (1.0 - share));
    let back = |x: f64| 1.0 / (1.0 + (-x).exp());
    (back(odds - wide), back(odds + wide))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten reports a step, half at once, the others one step late.
    fn steady(days: usize) -> Triangle {
        let both = |t: usize| [(t, t), (t, t + 1)];
        Triangle::new(
            days,
            5,
            (0..days).flat_map(both).map(|(day, recorded)| Increment { day, recorded, num: 5.0 }),
        )
    }

    fn known(nowcast: &Nowcast) -> &Estimate {
        let Nowcast::Known(day) = nowcast else { panic!("{nowcast:?}") };
        day
    }

    #[test]
    fn the_last_step_is_completed_be_it_a_day_or_a_week() {
        for cycle in [1, 7] {
            let triangle = steady(50);
            let days = Delay { cycle, ..Delay::default() }
                .fit(std::slice::from_ref(&triangle))
                .unwrap()
                .predict(&triangle, 0.9)
                .unwrap();
            let last = known(&days[5]);
            assert!(
                (last.expected - 10.0).abs() < 1.0 && last.lower >= 5.0 && last.upper > 10.0,
                "{last:?}"
            );
            assert!(
                (last.share - 0.5).abs() < 0.05 && last.share_lower < 0.5 && last.share_upper > 0.5,
                "{last:?}"
            );
            assert_eq!((known(&days[0]).lower, known(&days[0]).upper), (10.0, 10.0));
        }
    }

    #[test]
    fn lost_days_silent_feeds_and_no_data_are_told_apart() {
        let triangle = steady(50).masked(&[48], &[]);
        let fitted = Delay::default().fit(std::slice::from_ref(&triangle)).unwrap();
        let days = fitted.predict(&triangle, 0.9).unwrap();
        assert!(matches!(&days[4], Nowcast::NotAssessable(why) if why.contains("lost")));
        assert!(fitted.predict(&steady(49), 0.9).is_err());
        assert!([0.0, 1.0].iter().all(|level| fitted.predict(&triangle, *level).is_err()));
        // Nothing came on the last day, since the feed was silent: its usual ten are expected all
        // the same.
        let mut silent = steady(51).masked(&[], &[50]);
        (silent.added[[50, 0]], silent.added[[49, 1]], silent.reported[50], silent.reported[49]) =
            (0.0, 0.0, 0.0, 5.0);
        let days = Delay::default()
            .fit(std::slice::from_ref(&silent))
            .unwrap()
            .predict(&silent, 0.9)
            .unwrap();
        assert!(
            known(&days[5]).expected > 7.0
                && known(&days[5]).share == 0.0
                && known(&days[4]).expected > 8.0,
            "{days:?}"
        );
        assert!(
            Delay::default()
                .fit(&[Triangle::new(50, 5, [])])
                .unwrap_err()
                .what
                .contains("not assessable")
        );
        assert!(
            Delay::default().fit(&[Triangle::new(0, 5, [])]).is_err()
                && Delay::default().fit(&[]).is_err()
        );
        assert!(
            Delay::default()
                .fit(&[steady(50).masked(&(0..50).collect::<Vec<usize>>(), &[])])
                .is_err()
        );
    }
}
