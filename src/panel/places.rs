//! Towards which areas the panel's rows count.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use datafusion::arrow::datatypes::Date32Type;

use super::rows::Texts;
use lake::areas::{Area, Register};

/// Towards which of some areas each area of the register counts: itself and those above it; a
/// merged area towards its heir.
pub struct Places<'a> {
    of: HashMap<&'a str, Vec<usize>>,
    /// First and last day of each place's life, since 1970.
    lives: Vec<(i32, i32)>,
    /// How many areas are counted.
    pub count: usize,
}

impl<'a> Places<'a> {
    /// Places are the areas' positions in `areas`.
    pub fn new(register: &'a Register, areas: &[&Area]) -> Places<'a> {
        let place: HashMap<&str, usize> =
            areas.iter().enumerate().map(|(n, a)| (a.code.as_str(), n)).collect();
        let levels: BTreeSet<&str> = areas.iter().map(|a| a.level.as_str()).collect();
        let at_level = |code: &str, level: &str| {
            place.get(register.ancestor_at(code, level)?.code.as_str()).copied()
        };
        let above = |code: &str| levels.iter().filter_map(|level| at_level(code, level)).collect();
        Places {
            of: register.areas().iter().map(|a| (a.code.as_str(), above(&a.code))).collect(),
            lives: areas.iter().map(|a| days(a.life())).collect(),
            count: areas.len(),
        }
    }

    /// Whether a place lives on a day since 1970. What is dated outside its life counts towards
    /// the areas above it alone.
    pub fn lives(&self, place: usize, day: i32) -> bool {
        let (first, last) = self.lives[place];
        (first..=last).contains(&day)
    }

    /// Of each row's area, the places that it counts towards; none for an unknown one.
    pub fn above<'b>(&'b self, areas: Texts<'b>) -> impl Fn(usize) -> &'b [usize] {
        let above: Vec<&[usize]> = areas
            .values
            .iter()
            .map(|code| code.and_then(|code| self.of.get(code)).map_or(&[][..], Vec::as_slice))
            .collect();
        move |row| above[areas.keys[row] as usize]
    }
}

/// Days of a life since 1970; a date beyond what can be counted is no bound.
fn days((first, last): (NaiveDate, NaiveDate)) -> (i32, i32) {
    let day = |d: NaiveDate, none: NaiveDate, bound: i32| {
        if d == none { bound } else { Date32Type::from_naive_date(d) }
    };
    (day(first, NaiveDate::MIN, i32::MIN), day(last, NaiveDate::MAX, i32::MAX))
}
