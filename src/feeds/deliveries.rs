//! Expected and observed deliveries of a feed, and the days that cannot be counted: nothing
//! arrived, too little arrived in all areas at once, or more is still to come.
//!
//! A day is compared with the same weekdays of the 26 weeks before it, never with later ones, so
//! that a new month changes no old one. Chance is ruled out at a tail of 1e-6 under a negative
//! binomial with the feed's own dispersion.

use std::collections::VecDeque;

use chrono::{Days, NaiveDate};

use methods::calendar::is_holiday;

/// Tail below which chance is ruled out, as −ln p.
pub const RULED_OUT: f64 = 13.8;
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
/// A feed thins from one week to the next: to less than this share of the fortnight before. An
/// outbreak that ends falls more slowly.
const AT_ONCE: f64 = 0.5;
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
    /// Its source delivers in batches, and the next one is not due.
    NotDue,
}

impl State {
    /// The word in the `coverage` table.
    pub fn name(self) -> &'static str {
        match self {
            State::Missing => "missing",
            State::Partial => "partial",
            State::Late => "late",
            State::NotDue => "not_due",
        }
    }
}

/// One day of a feed that does not count.
#[derive(Clone, Debug, PartialEq)]
pub struct Gap {
    pub day: NaiveDate,
    pub state: State,
    pub reason: String,
    /// Events the day usually has brought by now.
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
    /// Share of a day's events that is usually recorded by its end, by the end of the next day, and
    /// so on, as long as it is less than nine tenths.
    pub reported: Vec<f64>,
}

impl Feed {
    /// What is usually recorded of a day by the last one.
    fn share(&self, day: usize) -> f64 {
        self.reported.get(self.total.len() - 1 - day).copied().unwrap_or(1.0)
    }
}

/// The days of a feed that do not count, in order.
pub fn assess(feed: &Feed) -> Vec<Gap> {
    let mut assessment = Assessment::new(feed);
    for day in 0..feed.total.len() {
        assessment.assess_day(day);
    }
    assessment.gaps()
}

struct Assessment<'a> {
    feed: &'a Feed,
    state: Vec<Option<State>>,
    expected: Vec<f64>,
    /// Zero days in a row so far, and −ln of the chance of such a row.
    zeros: (usize, f64),
    /// What each weekday usually brought when it was last known.
    last_usual: [f64; 7],
}

impl<'a> Assessment<'a> {
    fn new(feed: &'a Feed) -> Self {
        let days = feed.total.len();
        Assessment {
            feed,
            state: vec![None; days],
            expected: vec![0.0; days],
            zeros: (0, 0.0),
            last_usual: [0.0; 7],
        }
    }

    fn date(&self, day: usize) -> NaiveDate {
        self.feed.first + Days::new(day as u64)
    }

    fn assess_day(&mut self, day: usize) {
        let usual = self.usual(day) * self.feed.share(day);
        self.expected[day] = if self.is_rest(day) { usual * HOLIDAY_SHARE } else { usual };
        if self.feed.total[day] > 0.0 {
            self.zeros = (0, 0.0);
            self.assess_thin(day);
        } else {
            self.assess_empty(day);
        }
    }

    /// Whether a day is a holiday that explains little; a feed that had failed before a holiday is
    /// not excused by it.
    fn is_rest(&self, day: usize) -> bool {
        let before = (0..day).rev().find(|d| !is_holiday(self.date(*d)));
        is_holiday(self.date(day)) && before.is_none_or(|d| self.state[d].is_none())
    }

    /// Median of the same weekday's counts in the weeks before, gaps and the present row of zeros
    /// left out.
    fn usual(&mut self, day: usize) -> f64 {
        let weekday = day % 7;
        let mut counts: Vec<f64> = (1..=WEEKS_BACK)
            .filter_map(|w| day.checked_sub(7 * w))
            .filter(|d| self.counts(*d, day))
            .map(|d| self.feed.total[d])
            .collect();
        if counts.len() >= LEAST_DAYS {
            counts.sort_by(f64::total_cmp);
            let middle = counts.len() / 2;
            self.last_usual[weekday] = if counts.len() % 2 == 1 {
                counts[middle]
            } else {
                (counts[middle - 1] + counts[middle]) / 2.0
            };
            // A feed of a case or two a week has a median of zero; its mean still says what a long
            // silence means.
            if self.last_usual[weekday] == 0.0 {
                self.last_usual[weekday] = trimmed_mean(&counts);
            }
        } else if self.zeros.0 == 0 && day >= 7 * WEEKS_BACK {
            // Half a year without a usable weekday and the feed delivers: what it delivers now is
            // the new usual.
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

    fn assess_empty(&mut self, day: usize) {
        let none = surprise_of_none(self.expected[day], self.dispersion(day));
        self.zeros.0 += 1;
        self.zeros.1 += none;
        if self.zeros.1 > RULED_OUT {
            for d in day + 1 - self.zeros.0..=day {
                self.state[d] = Some(State::Missing);
            }
        }
    }

    /// A week far below the usual in nearly all areas at once is the feed's, not the areas'.
    fn assess_thin(&mut self, day: usize) {
        let week: Vec<usize> = (day.saturating_sub(6)..=day)
            .filter(|d| self.state[*d] != Some(State::Missing))
            .collect();
        let usual: f64 = week.iter().map(|d| self.expected[*d]).sum();
        let observed: f64 = week.iter().map(|d| self.feed.total[*d]).sum();
        if usual <= 0.0 || observed >= THIN * usual {
            return;
        }
        let phi = self.dispersion(week[0]);
        let z = (usual - observed) / (phi * usual).sqrt();
        if z * z / 2.0 > RULED_OUT / 2.0
            && self.thinned_at_once(&week, observed / usual)
            && self.thinned_together(&week, day)
        {
            for d in week.into_iter().filter(|d| self.feed.total[*d] < FULL_DAY * self.expected[*d])
            {
                self.state[d] = Some(State::Partial);
            }
        }
    }

    /// Whether the feed was thin already, or fell to this share of the usual from one week to the
    /// next.
    fn thinned_at_once(&self, week: &[usize], share: f64) -> bool {
        let before = week[0].saturating_sub(14)..week[0];
        if before.clone().chain(week.iter().copied()).any(|d| self.state[d] == Some(State::Partial))
        {
            return true;
        }
        // A holiday brings more or less of the little that is expected of it, and says nothing of
        // the feed.
        let counting =
            || before.clone().filter(|d| self.state[*d].is_none() && !is_holiday(self.date(*d)));
        let usual: f64 = counting().map(|d| self.expected[d]).sum();
        let observed: f64 = counting().map(|d| self.feed.total[d]).sum();
        usual <= 0.0 || share < AT_ONCE * observed / usual
    }

    fn thinned_together(&self, week: &[usize], day: usize) -> bool {
        let back: Vec<usize> = (day.saturating_sub(7 * WEEKS_BACK)..week[0])
            .filter(|d| self.counts(*d, day))
            .collect();
        if back.is_empty() {
            return false;
        }
        let (mut areas, mut thinned) = (0.0, 0.0);
        for counts in &self.feed.by_area {
            let each = back.iter().map(|d| counts[*d]).sum::<f64>() / back.len() as f64;
            let usual = week.iter().map(|d| each * self.feed.share(*d)).sum::<f64>();
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
        // What is still to come says no more than that, unless not even what should be there by now
        // is.
        for day in days.saturating_sub(self.feed.reported.len())..days {
            if self.state[day] != Some(State::Missing) {
                self.state[day] = Some(State::Late);
            }
        }
        let runs = run_lengths(&self.state);
        (0..days)
            .filter_map(|day| {
                let state = self.state[day]?;
                let (expected, observed) = (self.expected[day], self.feed.total[day]);
                Some(Gap {
                    day: self.date(day),
                    state,
                    reason: self.reason(state, runs[day]),
                    expected,
                    observed,
                })
            })
            .collect()
    }

    fn reason(&self, state: State, run: (usize, usize)) -> String {
        let (from, to) = (self.date(run.0), self.date(run.1));
        let usual = self.expected[run.0..=run.1].iter().sum::<f64>();
        let observed = self.feed.total[run.0..=run.1].iter().sum::<f64>();
        match state {
            State::Missing => {
                format!("{from} to {to}: nothing arrived where about {usual:.0} events are usual")
            }
            State::Partial => {
                format!(
                    "{from} to {to}: {observed:.0} events where about {usual:.0} are usual, thinned in all areas at once"
                )
            }
            State::Late => format!(
                "nine tenths of a day are recorded only after {} days",
                self.feed.reported.len()
            ),
            State::NotDue => format!("{from} to {to}: not yet due"),
        }
    }
}

/// −ln of the chance that no event comes where so many are expected, of negative binomial counts
/// whose variance is `dispersion` times their mean; Poisson's at 1.
pub fn surprise_of_none(expected: f64, dispersion: f64) -> f64 {
    let share = if dispersion > 1.01 { dispersion.ln() / (dispersion - 1.0) } else { 1.0 };
    expected * share
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

/// Share of the events of a day that is recorded by its end, by the end of the next day, and so on,
/// as long as it is less than nine tenths; `arrivals[δ]` counts events recorded δ days late. Empty
/// where the delays say nothing: most events came as a backlog.
pub fn usual_shares(arrivals: &VecDeque<f64>, events: f64) -> Vec<f64> {
    let within: f64 = arrivals.iter().sum();
    if events <= 0.0 || within < 0.5 * events {
        return Vec::new();
    }
    let mut sum = 0.0;
    let shares = arrivals.iter().map(|n| {
        sum += n;
        sum / within
    });
    shares.take_while(|share| *share < 0.9).collect()
}

#[cfg(test)]
mod tests;
