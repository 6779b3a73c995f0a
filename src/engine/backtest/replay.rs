//! What backtests of detectors and of letters share: the nights that are replayed, and what is
//! known to have happened.

use std::path::PathBuf;

use chrono::{Days, NaiveDate};
use lake::{Error, Result};

use super::super::open::Opened;
use crate::backtest::detectors::{Incident, Nights, read_incidents};

/// Days before the first night, unless it is given: a year to learn from.
const BEFORE_FIRST: u64 = 364;

/// Which nights are replayed, and what they are held against.
#[derive(Clone, Debug)]
pub struct Replay {
    /// CSV of what happened; the workspace's `truth/incidents.csv` where absent.
    pub truth: Option<PathBuf>,
    /// First and last night; from a year after the first event to the last day known where absent.
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    /// Days from night to night.
    pub every: u64,
}

impl Replay {
    /// The nights, and the incidents of which some could have been found on them.
    ///
    /// # Errors
    /// [`Error::Input`] where the file of incidents is wrong or none is of the time;
    /// [`Error::Usage`] where there are no nights.
    pub(super) fn read(&self, opened: &Opened, level: &str) -> Result<(Nights, Vec<Incident>)> {
        let truth = opened.workspace.root.join("truth/incidents.csv");
        let truth = self.truth.as_deref().unwrap_or(&truth);
        let incidents = read_incidents(truth, &opened.register, opened.taxonomy()?, level)?;
        let end = opened.last_whole_day();
        let first = opened.coverage(level, &end)?.first_day().ok_or_else(Error::nothing_known)?;
        let nights = Nights {
            days: self.days(first, end.day)?,
            every: self.every,
            whole: opened.register.root().code.clone(),
            townships: opened.register.at_level(level).map(|a| a.code.clone()).collect(),
        };
        if nights.sought(&incidents).is_empty() {
            let (first, last) = (nights.days[0], nights.days[nights.days.len() - 1]);
            return Err(Error::input(
                truth,
                format!(
                    "none of {} incidents begins between {first} and four weeks before {last}",
                    incidents.len()
                ),
                "give other nights with --from and --to, or incidents of that time",
            ));
        }
        Ok((nights, incidents))
    }

    /// The nights, oldest first; the last one is the last day.
    fn days(&self, first: NaiveDate, end: NaiveDate) -> Result<Vec<NaiveDate>> {
        let from = self.from.unwrap_or(first + Days::new(BEFORE_FIRST));
        let to = self.to.unwrap_or(end).min(end);
        if self.every == 0 || from > to {
            return Err(Error::usage(
                format!("no night lies between {from} and {to}"),
                format!(
                    "what is known begins on {first} and ends on {end}; --every is 1 or more days"
                ),
            ));
        }
        let count = (to - from).num_days().unsigned_abs() / self.every;
        Ok((0..=count).rev().map(|back| to - Days::new(back * self.every)).collect())
    }
}
