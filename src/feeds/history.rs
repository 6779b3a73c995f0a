//! What of a source's days is history that was handed in at once: it counts, and teaches nothing of
//! how late the source reports.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use lake::schema::Basis;

/// A delivery that brings most of the events of so many days, where the source does not say when it
/// recorded them, is no daily one: its delays are the delivery's.
const DELIVERED_TOGETHER: usize = 4;
/// The same of times of recording that the source gives: from a fortnight and a half on they are
/// the date of an export.
const RECORDED_TOGETHER: usize = 20;
/// Days looked ahead from a day on for whether a feed begins there: a year, so that a season
/// without events is none before the feed.
const AHEAD: i32 = 365;
/// Share of the usual number of days with events within [`AHEAD`] from which a feed has begun.
const DENSE: f64 = 0.1;

/// Events of one day that became known on one day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Known {
    pub recorded: i32,
    pub basis: Basis,
    pub events: f64,
}

/// The days whose delays teach how late a source reports.
pub fn teaching_days(known: &BTreeMap<i32, Vec<Known>>) -> BTreeSet<i32> {
    let main: BTreeMap<i32, Known> =
        known.iter().filter_map(|(day, known)| Some((*day, main_delivery(known)?))).collect();
    let mut together: HashMap<i32, usize> = HashMap::new();
    for main in main.values() {
        *together.entry(main.recorded).or_default() += 1;
    }
    let teaches = |day: &i32| {
        main.get(day).is_none_or(|main| {
            let days = together.get(&main.recorded).copied().unwrap_or(0);
            match main.basis {
                Basis::Assumed => false,
                Basis::Delivery => days < DELIVERED_TOGETHER,
                Basis::Given => days < RECORDED_TOGETHER,
            }
        })
    };
    known.keys().copied().filter(teaches).collect()
}

/// What brought most of a day's events; `None` where nothing did.
fn main_delivery(known: &[Known]) -> Option<Known> {
    let events: f64 = known.iter().map(|k| k.events).sum();
    let main = known.iter().max_by(|a, b| a.events.total_cmp(&b.events))?;
    (events > 0.0 && 2.0 * main.events >= events).then_some(*main)
}

/// The day on which a feed begins: the first from which, within a year, a tenth as many days have
/// events as is usual. A few rows of long ago begin no feed. `totals` are the events of each
/// day that has any, in order; `None` where there is none.
pub fn first_dense_day(totals: &[(i32, f64)]) -> Option<i32> {
    let days: Vec<i32> = totals.iter().filter(|(_, n)| *n > 0.0).map(|(day, _)| *day).collect();
    let ahead = |at: usize| days[at..].partition_point(|day| *day < days[at] + AHEAD);
    let mut counts: Vec<usize> = (0..days.len()).map(ahead).collect();
    let ordered = {
        let mut ordered = counts.clone();
        ordered.sort_unstable();
        ordered
    };
    let usual = *ordered.get(ordered.len() / 2)?;
    // The last days have less than a year ahead of them.
    let last = days[days.len() - 1];
    for (at, count) in counts.iter_mut().enumerate() {
        if last - days[at] < AHEAD {
            *count = usual;
        }
    }
    let begun = counts.iter().position(|count| *count as f64 >= DENSE * usual as f64)?;
    Some(days[begun])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn daily(days: std::ops::Range<i32>) -> Vec<(i32, f64)> {
        days.map(|day| (day, 5.0)).collect()
    }

    #[test]
    fn stray_rows_of_long_ago_begin_no_feed() {
        for strays in [1, 2, 15] {
            let mut totals: Vec<(i32, f64)> = (0..strays).map(|n| (10_000 + 90 * n, 1.0)).collect();
            totals.extend(daily(15_000..15_400));
            assert_eq!(first_dense_day(&totals), Some(15_000), "{strays} strays");
        }
        // Twenty rows of one drill are one day.
        let mut totals = vec![(10_000, 20.0)];
        totals.extend(daily(15_000..15_400));
        assert_eq!(first_dense_day(&totals), Some(15_000));
    }

    #[test]
    fn a_feed_of_a_case_a_month_begins_with_its_first() {
        let totals: Vec<(i32, f64)> = (0..24).map(|n| (15_000 + 29 * n, 1.0)).collect();
        assert_eq!(first_dense_day(&totals), Some(15_000));
        assert_eq!(first_dense_day(&[(15_000, 1.0)]), Some(15_000));
        assert_eq!(first_dense_day(&[]), None);
    }

    #[test]
    fn a_history_handed_in_at_once_teaches_no_delay() {
        let known = |recorded, basis| vec![Known { recorded, basis, events: 3.0 }];
        let mut all: BTreeMap<i32, Vec<Known>> =
            (0..400).map(|day| (day, known(400, Basis::Delivery))).collect();
        all.extend((400..420).map(|day| (day, known(day + 1, Basis::Delivery))));
        let days: Vec<i32> = teaching_days(&all).into_iter().collect();
        // Day 400 was handed in with the history.
        assert_eq!(days, (400..420).collect::<Vec<_>>());
        let dated: BTreeMap<i32, Vec<Known>> =
            (0..400).map(|day| (day, known(400, Basis::Given))).collect();
        assert_eq!(teaching_days(&dated).len(), 0);
        let honest: BTreeMap<i32, Vec<Known>> =
            (0..400).map(|day| (day, known(day / 7 * 7 + 7, Basis::Given))).collect();
        assert_eq!(teaching_days(&honest).len(), 400);
    }
}
