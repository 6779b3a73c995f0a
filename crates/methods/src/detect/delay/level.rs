//! How many cases a day brings just now: a local log-linear trend through counts that are only
//! partly reported, so that the last days borrow from the days before. It is the smooth epidemic
//! curve of Höhle, M. & an der Heiden, M. (2014) Bayesian nowcasting during the STEC O104:H4
//! outbreak in Germany, Biometrics 70, 993–1002, with a negative binomial likelihood and a prior
//! that damps growth.

/// Steps of Newton's method at most.
const ROUNDS: usize = 30;
/// Scatter at which a day's weight in the estimate of scatter is halved.
const USUAL_SHAPE: f64 = 20.0;
/// Days' worth of belief in the scatter that was found elsewhere.
const SHAPE_PRIOR: f64 = 5.0;
/// Reports' worth of belief that days of the week bring alike.
const WEEKDAY_PRIOR: f64 = 10.0;
/// Variance of the logarithm of the level about the average of the window, before the last days are
/// seen.
const LEVEL_VARIANCE: f64 = 1.5;

/// How local the trend is.
#[derive(Clone, Copy, Debug)]
pub struct Smoothing {
    /// Days back at which a day weighs half.
    pub half_life: f64,
    /// Standard deviation of daily growth on the log scale before the data are seen.
    pub growth: f64,
    /// Length of the week in steps, 1 for none.
    pub cycle: usize,
}

/// One day that takes part: how long ago, its weekday, what is reported of it, and which share of
/// it that is.
#[derive(Clone, Copy, Debug)]
pub struct ReportedDay {
    pub ago: f64,
    pub weekday: usize,
    pub reported: f64,
    pub share: f64,
}

/// The trend: a gamma distribution for the count's mean of each day.
#[derive(Clone, Debug, PartialEq)]
pub struct Level {
    /// Logarithm of the level of the last day, and growth a day.
    pub log: f64,
    pub growth: f64,
    /// What each weekday of occurrence brings of an average one.
    pub weekday: Vec<f64>,
    /// 1/shape: squared coefficient of variation of a day's mean about the trend.
    pub scatter: f64,
}

impl Level {
    /// Fits trend, weekdays and scatter. `scatter` is what was found elsewhere, for a series too
    /// sparse to tell; weekdays are estimated where none are given. `None` where nothing was
    /// reported.
    pub fn fit(
        days: &[ReportedDay],
        smoothing: &Smoothing,
        scatter: f64,
        weekday: Option<&[f64]>,
    ) -> Option<Level> {
        let reported: f64 = days.iter().map(|d| d.reported.max(0.0)).sum();
        let shares: f64 = days.iter().map(|d| d.share).sum();
        if shares <= 0.0 {
            return None;
        }
        // A series without any report still has a level: half a report more than was seen.
        let average = ((reported + 0.5) / (shares + 1.0)).ln();
        let flat = vec![1.0; smoothing.cycle.max(1)];
        let mut level = Level {
            log: average,
            growth: 0.0,
            weekday: weekday.map_or(flat, <[f64]>::to_vec),
            scatter,
        };
        for _ in 0..4 {
            level.maximise(days, smoothing, average);
            level.scatter = level.scatter_of(days, smoothing, scatter);
            if weekday.is_none() && smoothing.cycle > 1 {
                level.weekday = level.weekdays_of(days, smoothing);
            }
        }
        level.maximise(days, smoothing, average);
        Some(level)
    }

    /// Mean count of a day.
    pub fn mean(&self, ago: f64, weekday: usize) -> f64 {
        (self.log - self.growth * ago).clamp(-30.0, 40.0).exp()
            * self.weekday.get(weekday).copied().unwrap_or(1.0)
    }

    /// Newton's method on the penalised quasi-likelihood of level and growth.
    fn maximise(&mut self, days: &[ReportedDay], smoothing: &Smoothing, average: f64) {
        for _ in 0..ROUNDS {
            let (strict_level, strict_growth) = (1.0 / LEVEL_VARIANCE, smoothing.growth.powi(-2));
            let mut gradient = (-(self.log - average) * strict_level, -self.growth * strict_growth);
            let mut curvature = (strict_level, 0.0, strict_growth);
            for day in days.iter().filter(|d| d.share > 0.0) {
                let mean = self.mean(day.ago, day.weekday) * day.share;
                let information = weight(day, smoothing) / (1.0 + mean * self.scatter);
                let (x, residual) = (-day.ago, day.reported.max(0.0) - mean);
                gradient.0 += information * residual;
                gradient.1 += information * residual * x;
                curvature.0 += information * mean;
                curvature.1 += information * mean * x;
                curvature.2 += information * mean * x * x;
            }
            let determinant = curvature.0 * curvature.2 - curvature.1 * curvature.1;
            let step = (
                (gradient.0 * curvature.2 - gradient.1 * curvature.1) / determinant,
                (gradient.1 * curvature.0 - gradient.0 * curvature.1) / determinant,
            );
            if !(step.0.is_finite() && step.1.is_finite()) {
                return;
            }
            let shorten = (1.0 / step.0.abs().max(5.0 * step.1.abs()).max(1e-300)).min(1.0);
            self.log += shorten * step.0;
            self.growth += shorten * step.1;
            if step.0.abs() + step.1.abs() < 1e-8 {
                return;
            }
        }
    }

    /// Scatter of the days about the trend by moments, drawn to what was found elsewhere.
    fn scatter_of(&self, days: &[ReportedDay], smoothing: &Smoothing, prior: f64) -> f64 {
        let (mut excess, mut square) = (
            SHAPE_PRIOR * USUAL_SHAPE * USUAL_SHAPE * prior,
            SHAPE_PRIOR * USUAL_SHAPE * USUAL_SHAPE,
        );
        for day in days.iter().filter(|d| d.share > 0.0) {
            let mean = self.mean(day.ago, day.weekday) * day.share;
            let weight = weight(day, smoothing) / (1.0 + mean / USUAL_SHAPE).powi(2);
            excess += weight * ((day.reported - mean).powi(2) - mean);
            square += weight * mean * mean;
        }
        (excess / square).clamp(0.002, 20.0)
    }

    /// What weekdays bring, from days of which most is known.
    fn weekdays_of(&self, days: &[ReportedDay], smoothing: &Smoothing) -> Vec<f64> {
        let (mut seen, mut expected) =
            (vec![WEEKDAY_PRIOR; smoothing.cycle], vec![WEEKDAY_PRIOR; smoothing.cycle]);
        for day in days.iter().filter(|d| d.share > 0.5) {
            // A large day counts for no more than its scatter allows.
            let mean = self.mean(day.ago, day.weekday) / self.weekday[day.weekday] * day.share;
            let information = 1.0 / (1.0 + mean * self.scatter);
            seen[day.weekday] += information * day.reported.max(0.0);
            expected[day.weekday] += information * mean;
        }
        let mut factors: Vec<f64> = seen.iter().zip(&expected).map(|(s, e)| s / e).collect();
        let average = factors.iter().sum::<f64>() / factors.len() as f64;
        factors
            .iter_mut()
            .for_each(|f| *f = if average > 0.0 { (*f / average).max(0.02) } else { 1.0 });
        factors
    }
}

fn weight(day: &ReportedDay, smoothing: &Smoothing) -> f64 {
    (-day.ago / smoothing.half_life).exp2()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAILY: Smoothing = Smoothing { half_life: 7.0, growth: 0.1, cycle: 7 };

    fn days(counts: impl Fn(usize) -> f64, share: impl Fn(usize) -> f64) -> Vec<ReportedDay> {
        (0..42)
            .map(|ago| ReportedDay {
                ago: ago as f64,
                weekday: (41 - ago) % 7,
                reported: counts(ago) * share(ago),
                share: share(ago),
            })
            .collect()
    }

    #[test]
    fn growth_is_followed_through_days_half_reported() {
        let truth = |ago: usize| 300.0 * (-0.08 * ago as f64).exp();
        let level =
            Level::fit(&days(truth, |ago| if ago < 3 { 0.2 } else { 1.0 }), &DAILY, 0.05, None)
                .unwrap();
        assert!((level.growth - 0.08).abs() < 0.01, "{level:?}");
        assert!((level.mean(0.0, 0) / 300.0 - 1.0).abs() < 0.1, "{level:?}");
        assert!(level.scatter < 0.05);
    }

    #[test]
    fn a_sparse_series_has_a_flat_low_level_and_the_scatter_it_is_given() {
        let level = Level::fit(
            &days(|ago| if ago % 14 == 3 { 1.0 } else { 0.0 }, |_| 1.0),
            &DAILY,
            0.3,
            Some(&[1.0; 7]),
        )
        .unwrap();
        assert!((0.03..0.2).contains(&level.mean(0.0, 0)), "{level:?}");
        assert!((level.scatter - 0.3).abs() < 0.02, "{level:?}");
        let none = Level::fit(&days(|_| 0.0, |_| 1.0), &DAILY, 0.3, None).unwrap();
        assert!(none.mean(0.0, 0) < 0.05 && none.mean(0.0, 0) > 0.0);
        assert_eq!(Level::fit(&[], &DAILY, 0.3, None), None);
    }

    #[test]
    fn weekdays_are_seen() {
        let level = Level::fit(
            &days(|ago| if (41 - ago) % 7 > 4 { 10.0 } else { 100.0 }, |_| 1.0),
            &DAILY,
            0.05,
            None,
        )
        .unwrap();
        assert!(level.weekday[6] < 0.4 && level.weekday[0] > 1.1, "{level:?}");
        let huge = Level::fit(&days(|_| 1e15, |_| 1.0), &DAILY, 0.05, None).unwrap();
        assert!((huge.mean(0.0, 0) / 1e15 - 1.0).abs() < 0.1);
    }

    /// Fourteen days of a weekday factor that is given, the last three partly reported.
    fn uneven() -> (Vec<ReportedDay>, [f64; 7]) {
        let counts =
            [9.0, 14.0, 31.0, 22.0, 40.0, 18.0, 60.0, 55.0, 37.0, 90.0, 12.0, 71.0, 33.0, 48.0];
        let day = |(ago, reported): (usize, &f64)| ReportedDay {
            ago: ago as f64,
            weekday: (41 - ago) % 7,
            reported: *reported,
            share: [0.3, 0.6, 0.9].get(ago).copied().unwrap_or(1.0),
        };
        (counts.iter().enumerate().map(day).collect(), [0.7, 1.3, 1.0, 1.2, 0.9, 0.8, 1.1])
    }

    #[test]
    fn level_and_growth_solve_the_score_equations_and_scatter_is_its_moment() {
        let ((days, weekday), smoothing) =
            (uneven(), Smoothing { half_life: 4.0, growth: 0.07, cycle: 7 });
        let level = Level::fit(&days, &smoothing, 0.2, Some(&weekday)).unwrap();
        let mean = |day: &ReportedDay| {
            (level.log - level.growth * day.ago).exp() * weekday[day.weekday] * day.share
        };
        // Normal priors about half a report more than was seen (variance 1.5), and about no growth;
        // a day weighs ½^(ago/half-life), and its count has variance mean + scatter × mean².
        let average = ((540.0_f64 + 0.5) / (12.8 + 1.0)).ln();
        let (mut by_level, mut by_growth) =
            (-(level.log - average) / 1.5, -level.growth / (0.07 * 0.07));
        let (mut excess, mut squares) = (5.0 * 400.0 * 0.2, 5.0 * 400.0);
        for day in &days {
            let (mean, weight) = (mean(day), 0.5_f64.powf(day.ago / 4.0));
            let score =
                weight * (day.reported - mean) * mean / (mean + level.scatter * mean * mean);
            by_level += score;
            by_growth -= score * day.ago;
            let moment = weight * (20.0 / (20.0 + mean)).powi(2);
            excess += moment * ((day.reported - mean).powi(2) - mean);
            squares += moment * mean * mean;
        }
        assert!(by_level.abs() < 1e-6 && by_growth.abs() < 1e-6, "{by_level} {by_growth}");
        // The last steps of the level come after those of the scatter.
        assert!(
            (level.scatter * squares / excess - 1.0).abs() < 1e-3,
            "{level:?} {excess} {squares}"
        );
    }

    #[test]
    fn one_day_draws_the_level_from_the_average_by_its_share_of_the_information() {
        let day = ReportedDay { ago: 0.0, weekday: 0, reported: 30.0, share: 0.5 };
        let smoothing = Smoothing { half_life: 7.0, growth: 0.1, cycle: 1 };
        let mut level = Level { log: 0.0, growth: 0.3, weekday: vec![1.0], scatter: 0.04 };
        level.maximise(&[day], &smoothing, 3.0);
        // 0 = (3 − l)/1.5 + (30 − e^l/2)/(1 + 0.04 e^l/2), solved by bisection in the test.
        let slope = |l: f64| (3.0 - l) / 1.5 + (30.0 - l.exp() / 2.0) / (1.0 + 0.02 * l.exp());
        let (mut low, mut high) = (3.0, 6.0);
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            if slope(middle) > 0.0 { low = middle } else { high = middle }
        }
        assert!((level.log - low).abs() < 1e-8, "{} {low}", level.log);
        assert!(level.growth.abs() < 1e-12, "a day by itself does not grow: {}", level.growth);
        assert!((level.mean(2.0, 0) - (low - 2.0 * level.growth).exp()).abs() < 1e-6);
    }

    #[test]
    fn weekday_factors_are_reports_over_expected_ones_with_ten_of_each_added() {
        let level =
            Level { log: 20.0_f64.ln(), growth: 0.0, weekday: vec![1.0, 1.0], scatter: 0.05 };
        let day = |weekday: usize, reported: f64, share: f64| ReportedDay {
            ago: 1.0,
            weekday,
            reported,
            share,
        };
        let days = [day(0, 30.0, 1.0), day(0, 9.0, 0.6), day(1, 5.0, 1.0), day(1, 500.0, 0.5)];
        let found = level.weekdays_of(&days, &Smoothing { half_life: 3.0, growth: 0.1, cycle: 2 });
        // Information 1/(1 + mean × scatter): 1/2 for a whole day, 1/1.6 for one of 0.6.
        let first = (10.0 + 15.0 + 9.0 / 1.6) / (10.0 + 10.0 + 12.0 / 1.6);
        let second = (10.0 + 2.5) / (10.0 + 10.0);
        let average = f64::midpoint(first, second);
        assert!((found[0] - first / average).abs() < 1e-12, "{found:?} {first} {second}");
        assert!((found[1] - second / average).abs() < 1e-12, "{found:?}");
    }
}
