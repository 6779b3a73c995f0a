//! Which weeks a letter is judged by, and whether they can be judged yet.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};

use crate::detect::Kind;
use crate::feeds::Coverage;
use crate::warn::facts::Facts;

/// A letter whose weeks are over and wholly reported.
pub(in crate::warn) struct Due {
    /// As they were approved.
    pub facts: Facts,
    /// Domains and categories that rose; empty where nothing can be counted.
    pub series: Vec<(String, String)>,
    /// First and last day judged.
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// Weeks from the letter's night to the first week judged, and weeks judged.
    pub gap: usize,
    pub weeks: usize,
}

/// The weeks after the answer, or after the day by which it was asked for. `None` while they are
/// not over on the day `today`, or not wholly reported.
pub(in crate::warn) fn due(
    facts: Facts,
    answered: Option<NaiveDate>,
    weeks: usize,
    coverage: &Coverage,
    today: NaiveDate,
) -> Option<Due> {
    let first = answered.unwrap_or(facts.reply_by).max(facts.as_of);
    // Weeks are those of the letter's night: they end on its weekday.
    let gap = ((first - facts.as_of).num_days().max(0) as usize).div_ceil(7);
    let weeks = weeks.max(1);
    let day = |week: usize| facts.as_of + Days::new(7 * week as u64);
    let (from, to) = (day(gap) + Days::new(1), day(gap + weeks));
    let series = series(&facts);
    let late = |domain: &str| {
        coverage.delivered(domain, from, to).len() > coverage.days(domain, from, to).len()
    };
    if to > today || series.iter().any(|(domain, _)| late(domain)) {
        return None;
    }
    Some(Due { facts, series, from, to, gap, weeks })
}

/// Domains and categories that rose; a domain as a whole only where none of its categories did. A
/// veto is no series.
fn series(facts: &Facts) -> Vec<(String, String)> {
    let rises = || facts.risen.iter().map(|r| &r.evidence).filter(|e| e.kind() != Kind::Veto);
    let named: BTreeSet<&str> =
        rises().filter(|e| !e.category.is_empty()).map(|e| e.domain.as_str()).collect();
    let series = rises().filter(|e| !e.category.is_empty() || !named.contains(e.domain.as_str()));
    let series: BTreeSet<(String, String)> =
        series.map(|e| (e.domain.clone(), e.category.clone())).collect();
    series.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_counts_as_a_whole_only_where_no_category_rose() {
        let facts = crate::warn::draft::tests::facts_of(&[
            ("disputes", "", "spike"),
            ("disputes", "neighbour", "trend"),
            ("traffic", "", "spike"),
            ("petitions", "大事", "veto"),
        ]);
        assert_eq!(
            series(&facts),
            [
                ("disputes".to_owned(), "neighbour".to_owned()),
                ("traffic".to_owned(), String::new())
            ]
        );
    }

    #[test]
    fn a_letter_is_due_once_its_weeks_after_the_answer_are_over() {
        let facts = crate::warn::draft::tests::facts_of(&[("disputes", "", "spike")]);
        let (coverage, day) = (Coverage::default(), |n: u64| facts.as_of + Days::new(n));
        let due_on = |answered: Option<u64>, today: u64| {
            due(facts.clone(), answered.map(day), 4, &coverage, day(today))
        };
        // The answer came in the second week; the four weeks after that one are judged.
        assert!(due_on(Some(10), 41).is_none());
        let found = due_on(Some(10), 42).unwrap();
        assert_eq!((found.gap, found.weeks, found.from, found.to), (2, 4, day(15), day(42)));
        // Without one, the weeks after the day by which it was asked for, the fifteenth.
        assert!(due_on(None, 48).is_none() && due_on(None, 49).is_some_and(|due| due.gap == 3));
    }
}
