//! Effective weights: what each node weighs in the index.

use crate::index::parents::{check_weights, children};
use crate::method::{Flaw, Noted};

/// Effective weight of every node: its share among its siblings, times the effective weight of its
/// parent; the top has 1. As COINr's `get_eff_weights`.
///
/// It is the weight at which the node enters the index where the tree is aggregated by arithmetic
/// means and nothing is missing; elsewhere it says what the model intends. The leaves' effective
/// weights sum to 1. The top's own weight counts for nothing.
///
/// Siblings that all weigh zero have no shares (COINr gives NaN): they get 0, with a notice.
///
/// # Errors
/// A [`Flaw`] where the tree is not ordered from the leaves up, or a weight is negative, not finite
/// or lacking.
pub fn effective_weights(
    parents: &[Option<usize>],
    weights: &[f64],
) -> Result<Noted<Vec<f64>>, Flaw> {
    let children = children(parents)?;
    check_weights(weights, parents.len())?;
    let mut effective = vec![1.0; parents.len()];
    let mut notices = Vec::new();
    // Parents stand after their children: going backwards, each parent is known before its
    // children.
    for (parent, group) in children.iter().enumerate().rev() {
        let sum: f64 = group.iter().map(|c| weights[*c]).sum();
        for child in group {
            effective[*child] =
                if sum > 0.0 { effective[parent] * weights[*child] / sum } else { 0.0 };
        }
        if sum == 0.0 && !group.is_empty() {
            notices.push(format!(
                "all children of node {parent} weigh zero, so that nothing below it counts"
            ));
        }
    }
    Ok(Noted { value: effective, notices })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_multiply_down_the_tree() {
        let parents = [Some(3), Some(3), Some(4), Some(4), None];
        let got = effective_weights(&parents, &[1.0, 3.0, 1.0, 1.0, 5.0]).unwrap();
        assert_eq!(got, Noted::plain(vec![0.125, 0.375, 0.5, 0.5, 1.0]));
    }

    #[test]
    fn siblings_without_weight_count_for_nothing_and_that_is_said() {
        let got =
            effective_weights(&[Some(2), Some(3), Some(3), None], &[0.0, 1.0, 1.0, 1.0]).unwrap();
        assert_eq!(got.value, [0.0, 0.5, 0.5, 1.0]);
        assert!(got.notices[0].contains("children of node 2"));
    }

    #[test]
    fn a_negative_weight_is_refused() {
        assert!(effective_weights(&[Some(1), None], &[-1.0, 1.0]).is_err());
    }
}
