//! Letters held against what happened.

use super::drafted::{DraftedLetter, within_budget};
use crate::backtest::detectors::{Incident, Nights};

/// How some letters did.
#[derive(Clone, Debug)]
pub struct Judged {
    /// `all`, or what an attention budget keeps and lets wait.
    pub letters: &'static str,
    /// First letters of a warning, and further ones.
    pub first: usize,
    pub further: usize,
    /// First letters a township and month.
    pub a_township_month: f64,
    /// First letters that are about an incident.
    pub explained: usize,
    /// Incidents that could be found, and those that a letter is about.
    pub incidents: usize,
    pub found: usize,
    /// Days from an incident's beginning to the first letter about it, median of those found.
    pub days: f64,
    /// Share of those found of which the letter came before they ended.
    pub before_end: f64,
}

/// The result of a backtest of letters.
pub struct Outcome {
    pub judged: Vec<Judged>,
    /// Of each letter, whether the budget keeps it; all are where there is none.
    pub kept: Vec<bool>,
}

impl Judged {
    /// Share of first letters that are about an incident.
    pub fn precision(&self) -> f64 {
        self.explained as f64 / self.first as f64
    }

    /// Share of incidents that a letter is about.
    pub fn recall(&self) -> f64 {
        self.found as f64 / self.incidents as f64
    }
}

/// Judges the letters of all nights, and with a budget those that it keeps and lets wait.
pub fn judge(
    nights: &Nights,
    incidents: &[Incident],
    letters: &[DraftedLetter],
    budget: Option<usize>,
) -> Outcome {
    let kept = budget.map_or(vec![true; letters.len()], |n| within_budget(letters, n));
    let of = |name: &'static str, is_in: &dyn Fn(bool) -> bool| {
        let some: Vec<&DraftedLetter> =
            letters.iter().zip(&kept).filter(|(_, kept)| is_in(**kept)).map(|(l, _)| l).collect();
        judge_some(name, nights, incidents, &some)
    };
    let mut judged = vec![of("all", &|_| true)];
    if budget.is_some() {
        judged.extend([of("kept", &|kept| kept), of("waiting", &|kept| !kept)]);
    }
    Outcome { judged, kept }
}

fn judge_some(
    name: &'static str,
    nights: &Nights,
    incidents: &[Incident],
    letters: &[&DraftedLetter],
) -> Judged {
    const DAYS_A_MONTH: f64 = 365.25 / 12.0;
    let sought = nights.sought(incidents);
    let whole = &nights.whole;
    let (mut days, mut before_end) = (Vec::new(), 0);
    for incident in &sought {
        if let Some(first) = letters.iter().find(|letter| letter.is_about(incident, whole)) {
            days.push((first.night - incident.from).num_days() as f64);
            before_end += usize::from(first.night <= incident.to);
        }
    }
    days.sort_by(f64::total_cmp);
    let (first, further): (Vec<&DraftedLetter>, Vec<&DraftedLetter>) =
        letters.iter().partition(|l| !l.is_further);
    let is_explained =
        |letter: &&&DraftedLetter| incidents.iter().any(|i| letter.is_about(i, whole));
    let months = nights.days.len() as f64 * nights.every as f64 / DAYS_A_MONTH;
    Judged {
        letters: name,
        first: first.len(),
        further: further.len(),
        a_township_month: first.len() as f64 / (nights.townships.len() as f64 * months),
        explained: first.iter().filter(is_explained).count(),
        incidents: sought.len(),
        found: days.len(),
        before_end: before_end as f64 / days.len() as f64,
        days: days.get(days.len() / 2).copied().unwrap_or(f64::NAN),
    }
}
