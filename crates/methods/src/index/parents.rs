//! A tree as the list of its nodes' parents: `parents[i]` is the node above node i, `None` at the
//! top, and every child comes before its parent.

use crate::method::Flaw;

/// The children of each node, in the order of the nodes.
///
/// # Errors
/// A [`Flaw`] where a node does not stand before its parent, or its parent is not among the nodes.
pub(super) fn children(parents: &[Option<usize>]) -> Result<Vec<Vec<usize>>, Flaw> {
    let mut children = vec![Vec::new(); parents.len()];
    for (node, parent) in parents.iter().enumerate() {
        let Some(parent) = *parent else { continue };
        match children.get_mut(parent) {
            Some(siblings) if parent > node => siblings.push(node),
            _ => return Err(misplaced_parent(node, parent)),
        }
    }
    Ok(children)
}

fn misplaced_parent(node: usize, parent: usize) -> Flaw {
    Flaw::new(
        format!("node {node} names node {parent} as its parent, which does not stand after it"),
        "order the nodes from the leaves to the top",
    )
}

/// Refuses weights that are not one a node, or not finite and non-negative.
pub(super) fn check_weights(weights: &[f64], nodes: usize) -> Result<(), Flaw> {
    if weights.len() != nodes {
        return Err(Flaw::new(
            format!("there are {} weights for {nodes} nodes", weights.len()),
            "give one weight a node",
        ));
    }
    match weights.iter().position(|w| !(w.is_finite() && *w >= 0.0)) {
        Some(node) => Err(Flaw::new(
            format!("the weight of node {node} is {}", weights[node]),
            "give a number that is not below zero",
        )),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_read_from_its_parents() {
        assert_eq!(children(&[Some(2), Some(2), None]).unwrap(), [vec![], vec![], vec![0, 1]]);
        assert!(children(&[None, Some(0)]).unwrap_err().what.contains("node 1 names node 0"));
        assert!(children(&[Some(0)]).is_err());
        assert!(children(&[Some(9), None]).is_err());
    }

    #[test]
    fn weights_are_one_a_node_and_not_negative() {
        assert!(check_weights(&[0.0, 1.0], 2).is_ok());
        assert!(check_weights(&[1.0], 2).is_err());
        assert!(check_weights(&[1.0, -0.1], 2).unwrap_err().what.contains("node 1"));
        assert!(check_weights(&[f64::NAN, 1.0], 2).is_err());
    }
}
