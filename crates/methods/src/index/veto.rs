//! The veto of 一票否决: a rule on events caps a score for the period.

use std::collections::BTreeMap;

use ndarray::Array2;

/// The caps of one period.
#[derive(Clone, Debug)]
pub struct Caps {
    /// Areas × nodes (the domains, and last the index): the highest score allowed; infinite without
    /// a cap.
    caps: Array2<f64>,
    /// The rule and events behind the lowest cap, by area and node.
    reasons: BTreeMap<(usize, usize), String>,
}

impl Caps {
    /// No caps.
    pub fn new(areas: usize, nodes: usize) -> Caps {
        Caps { caps: Array2::from_elem((areas, nodes), f64::INFINITY), reasons: BTreeMap::new() }
    }

    /// Adds a cap. Of several on one score the lowest holds, and the first of equal ones.
    pub fn add(&mut self, area: usize, node: usize, cap: f64, reason: String) {
        if cap < self.caps[[area, node]] {
            self.caps[[area, node]] = cap;
            self.reasons.insert((area, node), reason);
        }
    }

    /// Highest score allowed; infinite without a cap.
    pub fn cap(&self, area: usize, node: usize) -> f64 {
        self.caps[[area, node]]
    }

    /// The rule and events that cap a score.
    pub fn reason(&self, area: usize, node: usize) -> Option<&str> {
        self.reasons.get(&(area, node)).map(String::as_str)
    }

    /// Lowers scores (areas × nodes) to their caps; a score that is not known stays so.
    pub fn apply(&self, scores: &mut Array2<f64>) {
        scores.zip_mut_with(&self.caps, |score, cap| {
            if *score > *cap {
                *score = *cap;
            }
        });
    }
}
