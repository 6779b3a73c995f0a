//! Imputation: missing values of a column are estimated from the others (COINr `Impute`). Never the
//! default: without it a missing value stays missing.

use std::collections::BTreeMap;

use ndarray::{Array1, ArrayView1};

use crate::method::{Flaw, Noted};
use crate::params::choose;
use crate::stats::descriptive::{mean, median};

/// The value that replaces the missing ones of a group, computed from the others.
pub type Centre = fn(ArrayView1<f64>) -> f64;

/// Every imputation by its name in a model file: what it takes from the others, and whether from
/// those of the same group alone. COINr's `i_mean`, `i_median`, `i_mean_grp`, `i_median_grp`.
pub const METHODS: &[(&str, (Centre, bool))] = &[
    ("mean", (mean, false)),
    ("median", (median, false)),
    ("group_mean", (mean, true)),
    ("group_median", (median, true)),
];

/// The imputation of that name: its centre, and whether it works by group.
///
/// # Errors
/// A [`Flaw`] where there is none of that name.
pub fn imputation(name: &str) -> Result<(Centre, bool), Flaw> {
    choose("imputation", name, METHODS)
}

/// `x` with each missing value replaced by the centre of its group's values; `groups` has one name
/// a unit. A group without any value stays missing, with a notice.
pub fn impute(x: ArrayView1<f64>, groups: &[String], centre: Centre) -> Noted<Array1<f64>> {
    let mut members: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (unit, group) in groups.iter().enumerate().take(x.len()) {
        members.entry(group).or_default().push(unit);
    }
    let mut noted = Noted::plain(x.to_owned());
    for (group, units) in members {
        let values: Array1<f64> = units.iter().map(|u| x[*u]).collect();
        let estimate = centre(values.view());
        let missing: Vec<usize> = units.into_iter().filter(|u| x[*u].is_nan()).collect();
        if estimate.is_nan() && !missing.is_empty() {
            noted.notices.push(format!(
                "no value in group \"{group}\": its {} units stay missing",
                missing.len()
            ));
        }
        missing.into_iter().for_each(|u| noted.value[u] = estimate);
    }
    noted
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn a_missing_value_takes_its_groups_centre() {
        let groups = ["a", "a", "a", "b", "b"].map(str::to_owned);
        let x = array![1.0, 3.0, f64::NAN, f64::NAN, f64::NAN];
        let done = impute(x.view(), &groups, mean);
        assert_eq!(done.value[2], 2.0);
        assert!(done.value[3].is_nan());
        assert_eq!(done.notices, ["no value in group \"b\": its 2 units stay missing"]);
    }

    #[test]
    fn methods_are_chosen_by_name() {
        let (centre, by_group) = imputation("median").unwrap();
        assert_eq!((centre(array![1.0, 2.0, 9.0].view()), by_group), (2.0, false));
        assert!(imputation("magic").unwrap_err().fix.contains("group_mean"));
    }
}
