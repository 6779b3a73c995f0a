//! What circumstances set aside: weeks that teach no level, and findings that open no warning.
//!
//! The weeks that the house detector judges stay as they are, so that what happens in them is found
//! and told. Those before are missing weeks to every method, as weeks are that a feed did not
//! deliver: neither zeros nor cases.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use ndarray::{Array2, ArrayViewMut1};

use super::counts::{Counts, watched_areas};
use super::detail::{Detail, Kind};
use super::finding::Finding;
use super::settings::Settings;
use super::slow::{A_YEAR, MONTH, STALE};
use super::watch::{Key, Weeks};
use crate::circumstances::{self, Circumstance, Circumstances};
use lake::areas::Register;
use methods::Flaw;

/// Weeks of a year.
const WEEKS: usize = 52;

/// The first and the last day that a finding of a kind tells of: of a trend its last year.
pub fn days_told(kind: Kind, period: (NaiveDate, NaiveDate)) -> (NaiveDate, NaiveDate) {
    match kind {
        Kind::Trend => last_weeks(period, A_YEAR * MONTH),
        _ => period,
    }
}

/// The days that make a finding: of what is slow the last four weeks, since all earlier weeks that
/// are set aside are left out of it.
pub fn days_judged(period: (NaiveDate, NaiveDate)) -> (NaiveDate, NaiveDate) {
    last_weeks(period, MONTH)
}

fn last_weeks((from, to): (NaiveDate, NaiveDate), weeks: usize) -> (NaiveDate, NaiveDate) {
    (from.max(to - Days::new(7 * weeks as u64 - 1)), to)
}

/// How many findings each circumstance sets aside.
pub(super) fn tally(
    findings: &[Finding],
    circumstances: &Circumstances,
    register: &Register,
) -> BTreeMap<String, usize> {
    let mut tally = BTreeMap::new();
    let rises = [Kind::Spike, Kind::Trend, Kind::Change, Kind::Cluster];
    for finding in findings.iter().filter(|f| rises.contains(&f.kind())) {
        let days = days_of(finding, days_judged(finding.period));
        if let Some(by) = circumstances.setting_aside(register, days) {
            *tally.entry(by.what.clone()).or_default() += 1;
        }
    }
    tally
}

/// Adds that weeks are set aside to findings of what cannot be assessed.
pub(super) fn add_reasons(
    findings: &mut [Finding],
    circumstances: &Circumstances,
    register: &Register,
) {
    for finding in findings.iter_mut().filter(|f| f.method != "coverage") {
        let before = Days::new(7 * (STALE * MONTH) as u64);
        let days = (finding.period.0 - before, finding.period.1);
        let by = circumstances.setting_aside(register, days_of(finding, days));
        if let (Some(by), Detail::NotAssessable(silent)) = (by, &mut finding.detail) {
            silent.reason += &format!("; {} sets weeks of it aside", by.what);
        }
    }
}

fn days_of(finding: &Finding, (from, to): (NaiveDate, NaiveDate)) -> circumstances::Days<'_> {
    circumstances::Days { area: &finding.area_code, domain: &finding.domain, from, to }
}

/// What is to be left out of the counts that end on a day.
pub(super) struct LeftOut<'a> {
    pub circumstances: &'a Circumstances,
    pub register: &'a Register,
    pub settings: &'a Settings,
    pub last: NaiveDate,
}

impl LeftOut<'_> {
    /// Leaves out what was set aside before the weeks that are judged.
    ///
    /// # Errors
    /// A [`Flaw`] where the settings make no rule.
    pub fn leave_out(&self, counts: &mut Counts) -> Result<(), Flaw> {
        let judged = self.settings.spikes.rule(WEEKS)?.left_out + 1;
        let weeks = Weeks { last: self.last, count: self.settings.weeks };
        let before = weeks.start(weeks.count.saturating_sub(judged));
        for circumstance in self.circumstances.set_aside().filter(|c| c.from < before) {
            for (key, counts) in &mut counts.weekly {
                self.blank(circumstance, key, counts, weeks, judged);
            }
            let to = circumstance.to.min(before - Days::new(1));
            for ((domain, _), daily) in &mut counts.daily {
                self.smooth(circumstance, domain, daily, (circumstance.from, to));
            }
        }
        Ok(())
    }

    /// Makes the weeks of a series that a circumstance touches missing.
    fn blank(&self, by: &Circumstance, key: &Key, counts: &mut [f64], weeks: Weeks, judged: usize) {
        if !by.covers(self.register, &key.area, &key.domain) {
            return;
        }
        let history = counts.len().saturating_sub(judged);
        for (week, count) in counts[..history].iter_mut().enumerate() {
            if by.from <= weeks.end(week) && weeks.start(week) <= by.to {
                *count = f64::NAN;
            }
        }
    }

    /// Sets the days of a circumstance to what is usual in each of its areas, as the scan does with
    /// bursts that have been told: a table of days and areas has no missing cells.
    fn smooth(
        &self,
        by: &Circumstance,
        domain: &str,
        daily: &mut Array2<u32>,
        (from, to): (NaiveDate, NaiveDate),
    ) {
        let first = self.last - Days::new(daily.ncols().saturating_sub(1) as u64);
        let place = |day: NaiveDate| (day - first).num_days().max(0) as usize;
        let aside = place(from)..(place(to) + 1).min(daily.ncols());
        if to < first || aside.is_empty() {
            return;
        }
        let areas = watched_areas(self.register, self.settings, self.last);
        for (area, row) in areas.zip(daily.rows_mut()) {
            if by.covers(self.register, &area.code, domain) {
                set_to_usual(row, aside.clone());
            }
        }
    }
}

/// Spreads the mean of the other days over some, in whole cases.
fn set_to_usual(mut row: ArrayViewMut1<u32>, aside: std::ops::Range<usize>) {
    let others = row.len() - aside.len();
    if others == 0 {
        return;
    }
    let total = |row: &ArrayViewMut1<u32>| row.iter().map(|n| f64::from(*n)).sum::<f64>();
    let within: f64 = aside.clone().map(|day| f64::from(row[day])).sum();
    let mean = (total(&row) - within) / others as f64;
    for (n, day) in aside.enumerate() {
        let up_to = |days: usize| (mean * days as f64).floor();
        row[day] = (up_to(n + 1) - up_to(n)) as u32;
    }
}

#[cfg(test)]
mod tests;
