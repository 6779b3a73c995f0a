//! 一票否决: a rule on events caps a score for the period (METHOD.md §2.7).

use std::collections::BTreeMap;

use ndarray::Array2;

/// The caps of one period.
#[derive(Clone, Debug)]
pub struct Caps {
    /// Areas × nodes (the domains, and last the index): the highest score allowed; infinite where
    /// there is none.
    at: Array2<f64>,
    /// Of a capped area and node: the rule that caps it lowest, and the events behind it.
    by: BTreeMap<(usize, usize), String>,
}

impl Caps {
    /// No caps.
    pub fn none(areas: usize, nodes: usize) -> Caps {
        Caps { at: Array2::from_elem((areas, nodes), f64::INFINITY), by: BTreeMap::new() }
    }

    /// Adds a cap; of several on one score the lowest holds, and the first of equal ones.
    pub fn add(&mut self, area: usize, node: usize, at: f64, by: String) {
        if at < self.at[[area, node]] {
            self.at[[area, node]] = at;
            self.by.insert((area, node), by);
        }
    }

    /// Highest score allowed; infinite where there is no cap.
    pub fn at(&self, area: usize, node: usize) -> f64 {
        self.at[[area, node]]
    }

    /// The rule and events that cap a score.
    pub fn by(&self, area: usize, node: usize) -> Option<&str> {
        self.by.get(&(area, node)).map(String::as_str)
    }

    /// Lowers scores (areas × nodes) to their caps; a score that is not known stays so.
    pub fn apply(&self, scores: &mut Array2<f64>) {
        scores.zip_mut_with(&self.at, |score, cap| {
            if *score > *cap {
                *score = *cap;
            }
        });
    }
}
