//! Which days of a feed cannot be counted: nothing arrived, too little arrived everywhere at once, or more is still to come.
//!
//! A day is judged against the same weekdays of the 26 weeks before it, never against later ones, so that a new month does not reopen an old one.
//! "Cannot be chance" is a tail of 1e-6 under a negative binomial with the feed's own dispersion.

use std::collections::VecDeque;

use chrono::{Days, NaiveDate};

use crate::calendar::is_holiday;

/// Tail below which chance is ruled out, as −ln p.
const RULED_OUT: f64 = 13.8;
/// Weeks looked back on for what a weekday usually brings.
const WEEKS_BACK: usize = 26;
/// Weekdays needed to say what is usual.
const LEAST_DAYS: usize = 4;
/// A week that brings less than this share of the usual is thin.
const THIN: f64 = 0.4;
/// Within a thin week, a day of its own that reaches this share is not.
const FULL_DAY: f64 = 0.75;
/// Share of areas that must have thinned together; fewer, and it is the areas, not the feed.
const TOGETHER: f64 = 0.75;
/// What a public holiday brings of an ordinary day.
const HOLIDAY_SHARE: f64 = 0.15;

/// Why a day does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Nothing arrived, from anywhere.
    Missing,
    /// Far too little arrived, from everywhere at once.
    Partial,
    /// More of it is still to be recorded.
    Late,
}

impl State {
    /// The word in the `coverage` table.
    pub fn name(self) -> &'static str {
        match self {
            State::Missing => "missing",
            State::Partial => "partial",
            State::Late => "late",
        }
    }
}

/// One day of a feed that does not count.
#[derive(Clone, Debug, PartialEq)]
pub struct Gap {
    pub day: NaiveDate,
    pub state: State,
    pub reason: String,
    /// Events the day usually brings.
    pub expected: f64,
    /// Events it brought.
    pub observed: f64,
}

/// One domain's events, a count per day from the first event's day to the as-of day.
#[derive(Clone, Debug, Default)]
pub struct Feed {
    pub first: NaiveDate,
    pub total: Vec<f64>,
    /// The same per area: one row an area, of the length of `total`.
    pub by_area: Vec<Vec<f64>>,
    /// Days after which nine tenths of an event day are usually recorded.
    pub delay_days: usize,
}

/// The days of a feed that do not count, in order.
pub fn assess(feed: &Feed) -> Vec<Gap> {
    let mut judge = Judge::new(feed);
    for day in 0..feed.total.len() {
        judge.see(day);
    }
    judge.gaps()
}

struct Judge<'a> {
    feed: &'a Feed,
    state: Vec<Option<State>>,
    expected: Vec<f64>,
    /// Zero days in a row so far, and −ln of the chance of such a row.
    zeros: (usize, f64),
    /// What each weekday usually brought when it was last known.
    last_usual: [f64; 7],
}

impl<'a> Judge<'a> {
    fn new(feed: &'a Feed) -> Self {
        let days = feed.total.len();
        Judge { feed, state: vec![None; days], expected: vec![0.0; days], zeros: (0, 0.0), last_usual: [0.0; 7] }
    }

    fn date(&self, day: usize) -> NaiveDate {
        self.feed.first + Days::new(day as u64)
    }

    fn see(&mut self, day: usize) {
        let usual = self.usual(day);
        self.expected[day] = if self.is_rest(day) { usual * HOLIDAY_SHARE } else { usual };
        if self.feed.total[day] > 0.0 {
            self.zeros = (0, 0.0);
            self.see_thin(day);
        } else {
            self.see_nothing(day);
        }
    }

    /// Whether a day is a holiday that explains little; a feed that had failed before a holiday is not excused by it.
    fn is_rest(&self, day: usize) -> bool {
        let before = (0..day).rev().find(|d| !is_holiday(self.date(*d)));
        is_holiday(self.date(day)) && before.is_none_or(|d| self.state[d].is_none())
    }

    /// Median of the same weekday's counts in the weeks before, gaps and the present row of zeros left out.
    fn usual(&mut self, day: usize) -> f64 {
        let weekday = day % 7;
        let mut counts: Vec<f64> =
            (1..=WEEKS_BACK).filter_map(|w| day.checked_sub(7 * w)).filter(|d| self.counts(*d, day)).map(|d| self.feed.total[d]).collect();
        if counts.len() >= LEAST_DAYS {
            counts.sort_by(f64::total_cmp);
            let middle = counts.len() / 2;
            self.last_usual[weekday] = if counts.len() % 2 == 1 { counts[middle] } else { (counts[middle - 1] + counts[middle]) / 2.0 };
            // A feed of a case or two a week has a median of zero; its mean still says what a long silence means.
            if self.last_usual[weekday] == 0.0 {
                self.last_usual[weekday] = trimmed_mean(&counts);
            }
        } else if self.zeros.0 == 0 && day >= 7 * WEEKS_BACK {
            // Half a year without a usable weekday and the feed delivers: what it delivers now is the new usual.
            self.last_usual[weekday] = 0.0;
        }
        self.last_usual[weekday]
    }

    /// Whether a past day says what is usual, seen from `today`.
    fn counts(&self, day: usize, today: usize) -> bool {
        self.state[day].is_none() && day + self.zeros.0 < today && !is_holiday(self.date(day))
    }

    /// Variance over mean of the past half year about what was usual; at least 1.
    fn dispersion(&self, day: usize) -> f64 {
        let from = day.saturating_sub(7 * WEEKS_BACK);
        let (mut sum, mut n) = (0.0, 0.0);
        for d in (from..day).filter(|d| self.counts(*d, day) && self.expected[*d] > 0.0) {
            let residual = self.feed.total[d].min(5.0 * self.expected[d] + 5.0) - self.expected[d];
            sum += residual * residual / self.expected[d];
            n += 1.0;
        }
        if n < 14.0 { 1.5 } else { (sum / n).max(1.0) }
    }

    fn see_nothing(&mut self, day: usize) {
        let phi = self.dispersion(day);
        let unlikely = if phi > 1.01 { phi.ln() / (phi - 1.0) } else { 1.0 };
        self.zeros.0 += 1;
        self.zeros.1 += self.expected[day] * unlikely;
        if self.zeros.1 > RULED_OUT {
            for d in day + 1 - self.zeros.0..=day {
                self.state[d] = Some(State::Missing);
            }
        }
    }

    /// A week far below the usual in nearly all areas at once is the feed's, not the areas'.
    fn see_thin(&mut self, day: usize) {
        let week: Vec<usize> = (day.saturating_sub(6)..=day).filter(|d| self.state[*d] != Some(State::Missing)).collect();
        let usual: f64 = week.iter().map(|d| self.expected[*d]).sum();
        let observed: f64 = week.iter().map(|d| self.feed.total[*d]).sum();
        if usual <= 0.0 || observed >= THIN * usual {
            return;
        }
        let phi = self.dispersion(week[0]);
        let z = (usual - observed) / (phi * usual).sqrt();
        if z * z / 2.0 > RULED_OUT / 2.0 && self.thinned_together(&week, day) {
            for d in week.into_iter().filter(|d| self.feed.total[*d] < FULL_DAY * self.expected[*d]) {
                self.state[d] = Some(State::Partial);
            }
        }
    }

    fn thinned_together(&self, week: &[usize], day: usize) -> bool {
        let back: Vec<usize> = (day.saturating_sub(7 * WEEKS_BACK)..week[0]).filter(|d| self.counts(*d, day)).collect();
        if back.is_empty() {
            return false;
        }
        let (mut areas, mut thinned) = (0.0, 0.0);
        for counts in &self.feed.by_area {
            let usual = back.iter().map(|d| counts[*d]).sum::<f64>() / back.len() as f64 * week.len() as f64;
            if usual >= 3.0 {
                areas += usual;
                let observed: f64 = week.iter().map(|d| counts[*d]).sum();
                thinned += if observed < FULL_DAY * usual { usual } else { 0.0 };
            }
        }
        areas > 0.0 && thinned >= TOGETHER * areas
    }

    fn gaps(mut self) -> Vec<Gap> {
        let days = self.feed.total.len();
        for day in days.saturating_sub(self.feed.delay_days)..days {
            self.state[day].get_or_insert(State::Late);
        }
        let runs = run_lengths(&self.state);
        (0..days)
            .filter_map(|day| {
                let state = self.state[day]?;
                let (expected, observed) = (self.expected[day], self.feed.total[day]);
                Some(Gap { day: self.date(day), state, reason: self.reason(state, runs[day]), expected, observed })
            })
            .collect()
    }

    fn reason(&self, state: State, run: (usize, usize)) -> String {
        let (from, to) = (self.date(run.0), self.date(run.1));
        let usual = self.expected[run.0..=run.1].iter().sum::<f64>();
        let observed = self.feed.total[run.0..=run.1].iter().sum::<f64>();
        match state {
            State::Missing => format!("{from} to {to}: nothing arrived where about {usual:.0} events are usual"),
            State::Partial => {
                format!("{from} to {to}: {observed:.0} events where about {usual:.0} are usual, thinned in all areas at once")
            }
            State::Late => format!("nine tenths of a day are recorded only after {} days", self.feed.delay_days),
        }
    }
}

/// First and last day of the run of equal states that each day stands in.
fn run_lengths(state: &[Option<State>]) -> Vec<(usize, usize)> {
    let mut runs = vec![(0, 0); state.len()];
    let mut start = 0;
    for day in 0..state.len() {
        if day + 1 == state.len() || state[day + 1] != state[day] {
            runs[start..=day].fill((start, day));
            start = day + 1;
        }
    }
    runs
}

/// Mean without the largest tenth, so that one burst does not make silence look impossible.
fn trimmed_mean(sorted: &[f64]) -> f64 {
    let kept = sorted.len() - sorted.len().div_ceil(10);
    sorted[..kept].iter().sum::<f64>() / kept.max(1) as f64
}

/// Days after which nine tenths of the events of a day are recorded; `arrivals[δ]` counts events recorded δ days late.
/// None where the delays say nothing: most events came as a backlog.
pub fn usual_delay(arrivals: &VecDeque<f64>, events: f64) -> Option<usize> {
    let within: f64 = arrivals.iter().sum();
    if events <= 0.0 || within < 0.5 * events {
        return None;
    }
    let mut sum = 0.0;
    arrivals.iter().position(|n| {
        sum += n;
        sum >= 0.9 * within
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed_day() -> NaiveDate {
        NaiveDate::from_ymd_opt(2023, 3, 1).unwrap()
    }

    fn feed(total: Vec<f64>) -> Feed {
        let first = feed_day();
        let by_area = (0..4).map(|a| total.iter().map(|n| (n / 4.0 + f64::from(a) * 0.1).floor()).collect()).collect();
        Feed { first, total, by_area, delay_days: 0 }
    }

    fn noisy(days: usize, mean: f64) -> Vec<f64> {
        (0..days).map(|d| (mean * (1.0 + 0.3 * ((d * 7919 % 101) as f64 / 50.0 - 1.0))).round()).collect()
    }

    fn days(gaps: &[Gap], state: State) -> usize {
        gaps.iter().filter(|g| g.state == state).count()
    }

    #[test]
    fn an_outage_of_a_busy_feed_is_missing_from_its_first_day() {
        let mut total = noisy(300, 60.0);
        total[250..253].fill(0.0);
        let gaps = assess(&feed(total));
        assert_eq!(days(&gaps, State::Missing), 3);
        assert_eq!(gaps.len(), 3);
    }

    #[test]
    fn a_quiet_feed_may_be_silent_for_days_but_not_for_months() {
        let mut total: Vec<f64> = (0..400).map(|d| if d * 7919 % 10 < 4 { 1.0 } else { 0.0 }).collect();
        assert_eq!(assess(&feed(total.clone())), vec![]);
        total[300..].fill(0.0);
        let gaps = assess(&feed(total));
        assert!(days(&gaps, State::Missing) >= 100, "{}", gaps.len());
    }

    #[test]
    fn a_feed_that_thins_everywhere_is_partial_and_one_area_alone_is_not() {
        let mut total = noisy(400, 60.0);
        for n in &mut total[300..350] {
            *n = (*n / 5.0).round();
        }
        let gaps = assess(&feed(total));
        // A poor day or two just before may be taken with them.
        let partial: Vec<&Gap> = gaps.iter().filter(|g| g.state == State::Partial).collect();
        assert!((50..=52).contains(&partial.len()), "{}", partial.len());
        assert!((300..350).all(|d| partial.iter().any(|g| (g.day - feed_day()).num_days() == d)));

        let mut one = feed(noisy(400, 60.0));
        for d in 300..350 {
            one.total[d] *= 0.35;
            for a in 0..4 {
                one.by_area[a][d] = if a == 0 { one.by_area[a][d] } else { one.by_area[a][d] * 0.2 };
            }
        }
        one.by_area[0].iter_mut().for_each(|n| *n *= 4.0);
        assert_eq!(assess(&one), vec![]);
    }

    #[test]
    fn the_last_days_are_late_where_recording_takes_long() {
        let mut slow = feed(noisy(100, 20.0));
        slow.delay_days = 5;
        assert_eq!(days(&assess(&slow), State::Late), 5);
    }

    #[test]
    fn what_comes_later_does_not_reopen_an_old_day() {
        let mut total = noisy(400, 60.0);
        total[250..260].fill(0.0);
        let before: Vec<Gap> = assess(&feed(total[..300].to_vec()));
        total.truncate(350);
        total.extend(noisy(50, 5.0));
        let after: Vec<Gap> = assess(&feed(total)).into_iter().filter(|g| g.day < before[0].day + Days::new(50)).collect();
        assert_eq!(before, after);
    }

    #[test]
    fn a_weekly_rhythm_is_not_an_outage() {
        let total: Vec<f64> = (0..300).map(|d| if d % 7 < 5 { 12.0 } else { 0.0 }).collect();
        assert_eq!(assess(&feed(total)), vec![]);
    }

    #[test]
    fn a_backlog_says_nothing_about_delay() {
        assert_eq!(usual_delay(&VecDeque::from(vec![5.0, 3.0, 1.0, 1.0]), 10.0), Some(2));
        assert_eq!(usual_delay(&VecDeque::from(vec![1.0]), 10.0), None);
    }
}
