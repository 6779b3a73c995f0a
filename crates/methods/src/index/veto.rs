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
    #[inline]
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

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn the_lowest_cap_holds_and_of_equal_ones_the_first() {
        let mut caps = Caps::new(2, 2);
        for (cap, reason) in [(60.0, "a"), (40.0, "b"), (50.0, "c"), (40.0, "d")] {
            caps.add(0, 1, cap, reason.to_owned());
        }
        assert_eq!((caps.cap(0, 1), caps.reason(0, 1)), (40.0, Some("b")));
        assert_eq!((caps.cap(0, 0), caps.reason(0, 0)), (f64::INFINITY, None));
        let mut scores = array![[90.0, 80.0], [f64::NAN, 30.0]];
        caps.add(1, 0, 10.0, "e".to_owned());
        caps.add(1, 1, 35.0, "f".to_owned());
        caps.apply(&mut scores);
        assert_eq!((scores[[0, 0]], scores[[0, 1]], scores[[1, 1]]), (90.0, 40.0, 30.0));
        assert!(scores[[1, 0]].is_nan(), "a cap is no score");
    }
}
