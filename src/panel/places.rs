//! Towards which areas the panel's rows count.

use std::collections::{BTreeSet, HashMap};

use super::rows::Texts;
use lake::areas::{Area, Register};

/// Towards which of some areas each area of the register counts: itself and those above it.
pub struct Places<'a> {
    of: HashMap<&'a str, Vec<usize>>,
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
            count: areas.len(),
        }
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
