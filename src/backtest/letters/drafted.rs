//! Letters as they were drafted, and which of them an attention budget keeps.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};

use crate::backtest::detectors::{Alarm, Incident};
use crate::warn::ledger::LetterState;
use crate::warn::{Evidence, Level};

/// A letter as one night drafted it.
#[derive(Clone, Debug, PartialEq)]
pub struct DraftedLetter {
    pub id: String,
    pub night: NaiveDate,
    pub area: String,
    pub topic: String,
    pub kind: String,
    pub level: Level,
    /// Events beyond what was expected, of the series that rose most; NaN where none says.
    pub excess: f64,
    /// Whether it follows an earlier letter of the same warning.
    pub is_further: bool,
    /// What it rests on.
    pub alarms: Vec<Alarm>,
}

impl DraftedLetter {
    pub fn new(letter: &LetterState, night: NaiveDate) -> DraftedLetter {
        let facts = &letter.facts;
        let evidence = || facts.risen.iter().map(|rise| &rise.evidence);
        let excess = evidence().filter_map(|e| Some(e.observed? - e.expected?));
        let alarm = |e: &Evidence| Alarm {
            night,
            kind: e.kind(),
            domain: e.domain.clone(),
            category: e.category.clone(),
            areas: BTreeSet::from([facts.area_code.clone()]),
            period: (e.period_start, e.period_end),
            q: e.q.unwrap_or(f64::NAN),
        };
        DraftedLetter {
            id: letter.letter_id.clone(),
            night,
            area: facts.area_code.clone(),
            topic: facts.topic.clone(),
            kind: facts.kind.clone(),
            level: facts.level,
            excess: excess.fold(f64::NAN, f64::max),
            is_further: facts.earlier.is_some(),
            alarms: evidence().map(alarm).collect(),
        }
    }

    /// Whether it is about an incident.
    pub fn is_about(&self, incident: &Incident, whole: &str) -> bool {
        self.night >= incident.from
            && self.alarms.iter().any(|alarm| alarm.is_explained_by(incident, whole))
    }
}

/// Which letters are kept where no more than so many a month are followed: those of the largest
/// excess, and all that are red.
pub fn within_budget(letters: &[DraftedLetter], budget: usize) -> Vec<bool> {
    let mut by_month: BTreeMap<(i32, u32), Vec<usize>> = BTreeMap::new();
    for (at, letter) in letters.iter().enumerate() {
        by_month.entry((letter.night.year(), letter.night.month())).or_default().push(at);
    }
    let mut kept = vec![false; letters.len()];
    for mut of_month in by_month.into_values() {
        let rank = |at: &usize| {
            let letter = &letters[*at];
            let excess = if letter.excess.is_nan() { f64::NEG_INFINITY } else { letter.excess };
            (letter.level != Level::Red, -excess)
        };
        of_month.sort_by(|a, b| {
            let (a, b) = (rank(a), rank(b));
            a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
        });
        for (place, at) in of_month.into_iter().enumerate() {
            kept[at] = place < budget || letters[at].level == Level::Red;
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strongest_of_a_month_are_kept_and_nothing_red_waits() {
        let letter = |night: &str, level: Level, excess: f64| DraftedLetter {
            id: String::new(),
            night: night.parse().unwrap(),
            area: "a".into(),
            topic: "disputes".into(),
            kind: "tishi".into(),
            level,
            excess,
            is_further: false,
            alarms: Vec::new(),
        };
        let letters = [
            letter("2025-03-01", Level::Blue, 4.0),
            letter("2025-03-08", Level::Blue, 9.0),
            letter("2025-03-15", Level::Blue, f64::NAN),
            letter("2025-03-22", Level::Red, 1.0),
            letter("2025-04-05", Level::Blue, 1.0),
        ];
        assert_eq!(within_budget(&letters, 2), [false, true, false, true, true]);
        assert_eq!(within_budget(&letters, 0), [false, false, false, true, false]);
        assert_eq!(within_budget(&letters, 9), [true; 5]);
    }
}
