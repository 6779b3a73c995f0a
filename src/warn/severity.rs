//! How serious a rise is: what counts, what is confirmed, how long it lasts.

use chrono::{Days, NaiveDate};

use super::settings::{Findings, Levels, Settings};
use super::warning::{Evidence, Level};
use crate::detect::{Detail, Kind};

/// Whether a finding may stand behind a warning at all: of a kind that counts, and large enough.
/// Figures that are not known do not count.
pub fn qualifies(evidence: &Evidence, findings: &Findings) -> bool {
    let large_enough = || {
        evidence.excess().is_some_and(|x| x >= findings.least_excess)
            && evidence.ratio().is_some_and(|r| r >= findings.least_ratio)
    };
    evidence.kind() == Kind::Veto || (findings.kinds.contains(&evidence.kind()) && large_enough())
}

/// Whether a rise is confirmed: by the weeks it has lasted in a row, or by its adjusted p. A
/// cluster has lasted the days it looks at; a trend over years and a new level are judged by their
/// p alone. A rise of the whole county asks for a smaller p: a false letter goes to everybody.
pub fn confirmed(evidence: &Evidence, settings: &Settings) -> bool {
    let findings = &settings.findings;
    let most = match evidence.parts.is_empty() {
        true => findings.confirmed_q,
        false => settings.county.confirmed_q,
    };
    let long_enough = match &evidence.detail {
        Detail::Veto(_) => return true,
        Detail::Spike(spike) => spike.weeks_in_a_row >= findings.confirmed_weeks as usize,
        Detail::Cluster(_) => evidence.days() / 7 >= i64::from(findings.confirmed_weeks),
        _ => false,
    };
    long_enough || evidence.q.is_some_and(|q| q <= most)
}

/// The level that evidence has reached on the night of `day`; `issued` are the days on which
/// letters about it were issued.
pub fn level_of(
    evidence: &[Evidence],
    day: NaiveDate,
    issued: &[NaiveDate],
    settings: &Settings,
) -> Level {
    let levels = &settings.levels;
    let tonight = || evidence.iter().filter(|e| e.night == day);
    let periods = periods_in_a_row(evidence, day, levels.period_days, levels.orange_periods);
    let large = |e: &Evidence| {
        let beyond = e.excess().is_some_and(|x| x >= levels.large_excess)
            && e.ratio().is_some_and(|r| r >= levels.large_ratio);
        beyond && confirmed(e, settings)
    };
    if tonight().any(|e| e.kind() == Kind::Veto)
        || issued.iter().any(|i| persists(evidence, day, *i, levels))
    {
        Level::Red
    } else if periods >= levels.orange_periods {
        Level::Orange
    } else if periods >= levels.yellow_periods || tonight().any(large) {
        Level::Yellow
    } else {
        Level::Blue
    }
}

/// Whether a rise goes on after a letter: long enough after its issue, something is found whose
/// cases all came after it.
pub fn persists(evidence: &[Evidence], day: NaiveDate, issued: NaiveDate, levels: &Levels) -> bool {
    let after = |e: &Evidence| {
        e.night == day && lasts(e, levels.period_days) && days_of_its_own(e).0 > issued
    };
    (day - issued).num_days() >= i64::from(levels.persistence_days) && evidence.iter().any(after)
}

/// Stretches of a period's length in a row, the last one ending on `day`, in each of which
/// something was found; `most` are looked at.
fn periods_in_a_row(evidence: &[Evidence], day: NaiveDate, period_days: u32, most: u32) -> u32 {
    let length = u64::from(period_days);
    let found = |back: u32| {
        let last = day - Days::new(length * u64::from(back));
        let first = last - Days::new(length - 1);
        evidence.iter().any(|e| lasts(e, period_days) && (first..=last).contains(&e.night))
    };
    (0..most).take_while(|back| found(*back)).count() as u32
}

/// Whether evidence found twice says that a rise lasts. What looks at more days than a period has
/// is found again and again for the same days, unless its last weeks tell of a rise by themselves; a
/// veto is an event.
fn lasts(evidence: &Evidence, period_days: u32) -> bool {
    let (first, last) = days_of_its_own(evidence);
    evidence.kind() != Kind::Veto && (last - first).num_days() < i64::from(period_days)
}

/// The fewest days that tell of the rise by themselves.
fn days_of_its_own(evidence: &Evidence) -> (NaiveDate, NaiveDate) {
    let first = match evidence.detail.recent_weeks() {
        Some(weeks) => evidence.period_end - Days::new((7 * weeks as u64).saturating_sub(1)),
        None => evidence.period_start,
    };
    (first, evidence.period_end)
}
