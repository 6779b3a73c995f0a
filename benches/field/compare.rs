//! A county under a habit beside its control.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::replay::{Found, Key, Letter, Outcome, Setting};

/// Judged nights without a finding after which it is another one.
const APART: usize = 5;
/// Findings beyond control that are borne, a simulated year.
const FINDINGS_A_YEAR: f64 = 1.0;

/// What a habit costs, of one or several seeds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    /// Scores that differ, of how many, and the largest difference of two that are known.
    pub differ: usize,
    pub scores: usize,
    pub largest: f64,
    /// Scores that only one of the two has.
    pub one_has: usize,
    /// Findings that the control does not have, and those of the control's that are missed.
    pub beyond: usize,
    pub missed: usize,
    /// Letters that the control does not draft, and those of the control's that are not drafted.
    pub letters: usize,
    pub unwritten: usize,
    /// Nights from the habit's first to the last with a finding beyond control.
    pub loud: i64,
    pub failed: usize,
    pub refused: u64,
    pub years: f64,
}

impl Cost {
    /// What it costs from the night on on which it begins: before, two townships that will be one
    /// are two.
    pub fn new(setting: &Setting, begins: NaiveDate, habit: &Outcome, control: &Outcome) -> Cost {
        let mut cost = Cost {
            failed: habit.failed,
            refused: habit.refused,
            years: setting.years(),
            ..Cost::default()
        };
        cost.compare_scores(habit, control);
        let (beyond, nights) = beyond(begins, habit, control);
        cost.beyond = beyond;
        cost.missed = self::beyond(begins, control, habit).0;
        cost.loud = nights.last().map_or(0, |last| (*last - begins).num_days() + 1);
        cost.letters = without(begins, &habit.letters, &control.letters);
        cost.unwritten = without(begins, &control.letters, &habit.letters);
        cost
    }

    fn compare_scores(&mut self, habit: &Outcome, control: &Outcome) {
        for key in keys(habit, control) {
            let [here, there] = [habit, control].map(|o| o.scores.get(key).copied().flatten());
            self.scores += usize::from(here.is_some() || there.is_some());
            match (here, there) {
                (Some(a), Some(b)) if a.to_bits() != b.to_bits() => {
                    self.differ += 1;
                    self.largest = self.largest.max((a - b).abs());
                }
                (Some(_), None) | (None, Some(_)) => {
                    self.differ += 1;
                    self.one_has += 1;
                }
                _ => {}
            }
        }
    }

    /// Both together; the worse of what is no sum.
    pub fn with(self, other: Cost) -> Cost {
        Cost {
            differ: self.differ + other.differ,
            scores: self.scores + other.scores,
            largest: self.largest.max(other.largest),
            one_has: self.one_has + other.one_has,
            beyond: self.beyond + other.beyond,
            missed: self.missed + other.missed,
            letters: self.letters + other.letters,
            unwritten: self.unwritten + other.unwritten,
            loud: self.loud.max(other.loud),
            failed: self.failed + other.failed,
            refused: self.refused + other.refused,
            years: self.years + other.years,
        }
    }

    /// Whether every aim is met, given the nights until quiet that are borne.
    pub fn meets(&self, loud: i64) -> bool {
        self.differ == 0
            && self.letters == 0
            && self.beyond as f64 <= (FINDINGS_A_YEAR * self.years).max(1.0).floor()
            && self.loud <= loud
            && self.failed == 0
    }
}

/// Month, area and node of every score of areas that both have: one that has been merged is not
/// there in its control.
fn keys<'a>(habit: &'a Outcome, control: &'a Outcome) -> BTreeSet<&'a Key> {
    let both = |key: &&Key| habit.areas.contains(&key.1) && control.areas.contains(&key.1);
    habit.scores.keys().chain(control.scores.keys()).filter(both).collect()
}

/// Findings of one that the other does not have on the same night, each counted once as long as it
/// goes on, and the nights on which there are any.
fn beyond(from: NaiveDate, one: &Outcome, other: &Outcome) -> (usize, Vec<NaiveDate>) {
    let (mut count, mut nights) = (0, Vec::new());
    let mut seen: BTreeMap<&Found, usize> = BTreeMap::new();
    let none = BTreeSet::new();
    for (number, (night, found)) in one.findings.range(from..).enumerate() {
        let there = other.findings.get(night).unwrap_or(&none);
        let mut any = false;
        for finding in found.difference(there) {
            let last = seen.insert(finding, number);
            count += usize::from(last.is_none_or(|last| number - last > APART));
            any = true;
        }
        if any {
            nights.push(*night);
        }
    }
    (count, nights)
}

/// Prints, by month, how many scores differ, and every finding that is not the control's with the
/// nights on which it stood.
pub fn list(begins: NaiveDate, habit: &Outcome, control: &Outcome) {
    let mut months: BTreeMap<&str, (usize, usize, BTreeSet<&str>)> = BTreeMap::new();
    for key in keys(habit, control) {
        let [here, there] = [habit, control].map(|o| o.scores.get(key).copied().flatten());
        if here.map(f64::to_bits) != there.map(f64::to_bits) {
            let month = months.entry(&key.0).or_default();
            month.0 += 1;
            month.1 += usize::from(here.is_none());
            month.2.insert(&key.2);
        }
    }
    for (month, (differ, without, nodes)) in months {
        let nodes: Vec<&str> = nodes.into_iter().take(3).collect();
        println!(
            "  {month}: {differ} scores differ, {without} are missing: {} …",
            nodes.join(", ")
        );
    }
    let mut findings: BTreeMap<&Found, Vec<String>> = BTreeMap::new();
    for (night, found) in habit.findings.range(begins..) {
        for finding in found.difference(&control.findings[night]) {
            findings.entry(finding).or_default().push(night.to_string());
        }
    }
    for ((area, domain, category, kind), nights) in findings {
        let of = if category.is_empty() { "all" } else { category };
        let more = nights.len() - 1;
        println!("  {kind} {area} {domain} {of}: {} and {more} nights more", nights[0]);
    }
}

/// How many of one, from a night on, are not among the other's: each area and topic is counted as
/// often as it stands there.
fn without(from: NaiveDate, one: &[Letter], other: &[Letter]) -> usize {
    let of = |letters: &[Letter]| -> Vec<(String, String)> {
        let here = letters.iter().filter(|l| l.0 >= from);
        here.map(|(_, area, topic)| (area.clone(), topic.clone())).collect()
    };
    let mut left = of(other);
    let extra = |letter: &(String, String)| match left.iter().position(|l| l == letter) {
        Some(at) => {
            left.swap_remove(at);
            false
        }
        None => true,
    };
    of(one).iter().map(extra).filter(|extra| *extra).count()
}
