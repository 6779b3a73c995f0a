//! The change of every node of a tree, down to the parts of its leaves.

use super::change::Change;
use super::node::{Parent, Parts};
use super::shapley::{add_residual, shapley, sum};
use crate::index::aggregate::Aggregate;
use crate::method::Flaw;

/// Part of an inner node: its children's weights changed.
pub const WEIGHTS: &str = "weights";

/// Part of an inner node: its veto's cap changed.
pub const VETO: &str = "veto";

/// Part of a node that was missing before or after, but not both: it has no change of its own that
/// could be taken apart.
pub const MISSING: &str = "missing";

/// The one part of an indicator that was given none.
pub const SCORE: &str = "score";

/// Relative to its parts, a change up to this is rounding: the parts cancel.
const CANCELLED: f64 = 1e-9;

/// Largest slope of a parent by a child that is used for parts that cancel.
const STEEPEST: f64 = 100.0;

/// Allowed difference between the sum of an indicator's parts and its change, in points of score or
/// relative to the largest part.
const TOLERANCE: f64 = 1e-9;

/// A node of the tree.
pub struct Node<'a> {
    pub id: String,
    /// Index of its parent in the list, after its own; `None` for the root.
    pub parent: Option<usize>,
    /// Its weight among its siblings.
    pub weight: Change<f64>,
    pub content: NodeContent<'a>,
}

/// What makes a node's score.
pub enum NodeContent<'a> {
    /// A leaf: its scores (NaN is missing), and named amounts that sum to its change, as from
    /// [`indicator_parts`]. Without any it has one, [`SCORE`]; where it is missing before or
    /// after they are ignored.
    Indicator { score: Change<f64>, parts: Vec<(String, f64)> },
    /// `min(cap, aggregate)` of its children, as in [`Parent`]. Without children it is missing.
    Inner { aggregate: &'a dyn Aggregate, cap: Change<Option<f64>> },
}

/// A part of a change: which node it comes from, and which of the node's own parts it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    pub node: String,
    pub name: String,
    pub delta: f64,
}

/// A node's change and all that made it, in the order of the tree. No part is 0, and none is NaN.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeDecomposition {
    pub id: String,
    pub score: Change<f64>,
    /// They sum to the change. Empty where the score did not change and nothing cancelled in it,
    /// and where it is missing before or after.
    pub parts: Vec<Part>,
}

/// The part of each named player in `value(all) − value(none)`, by [`shapley`]; `value` is given
/// the coalition of players in their new state, player 0 being its lowest bit.
pub fn indicator_parts(players: &[&str], value: impl Fn(u32) -> f64) -> Vec<(String, f64)> {
    players.iter().map(|name| (*name).to_owned()).zip(shapley(players.len(), value)).collect()
}

/// The change of every node of a tree, by what made it; one for each node, in the order given,
/// children before parents.
///
/// At each node the change is shared out over its children, weights and veto
/// ([`Parent::decompose`]). A child's part δ in it is split over the child's own parts in
/// proportion, δ/Δ of each, where Δ is the child's change. Where the child's parts cancel (Δ is 0
/// beside them), each counts by the derivative of the parent by the child ([`Parent::slope`],
/// within ±100), and together they come to nothing above as they do below.
///
/// # Errors
/// A [`Flaw`] where a parent is not an inner node further down the list, an indicator's parts do
/// not sum to its change (1e-9), or a node cannot be decomposed.
pub fn decompose_tree(nodes: &[Node]) -> Result<Vec<NodeDecomposition>, Flaw> {
    let children = children(nodes)?;
    let mut done: Vec<NodeDecomposition> = Vec::with_capacity(nodes.len());
    for (node, children) in nodes.iter().zip(&children) {
        let decomposed = match &node.content {
            NodeContent::Indicator { score, parts } => leaf(&node.id, *score, parts)?,
            NodeContent::Inner { aggregate, cap } => {
                let scores = children.iter().map(|c| done[*c].score).collect();
                let weights = children.iter().map(|c| nodes[*c].weight).collect();
                let parent = Parent { aggregate: *aggregate, scores, weights, cap: *cap };
                let below: Vec<&NodeDecomposition> = children.iter().map(|c| &done[*c]).collect();
                inner(&node.id, &parent, &below)?
            }
        };
        done.push(decomposed);
    }
    Ok(done)
}

/// Indices of every node's children.
fn children(nodes: &[Node]) -> Result<Vec<Vec<usize>>, Flaw> {
    let mut children = vec![Vec::new(); nodes.len()];
    for (index, node) in nodes.iter().enumerate() {
        let Some(parent) = node.parent else { continue };
        let inner =
            nodes.get(parent).is_some_and(|p| matches!(p.content, NodeContent::Inner { .. }));
        if !inner || parent <= index {
            let what = format!("the parent of \"{}\" is not an inner node after it", node.id);
            return Err(Flaw::new(what, "list children before parents"));
        }
        children[parent].push(index);
    }
    Ok(children)
}

fn leaf(id: &str, score: Change<f64>, parts: &[(String, f64)]) -> Result<NodeDecomposition, Flaw> {
    let delta = if score.differs() { score.delta() } else { 0.0 };
    if delta.is_nan() {
        return Ok(NodeDecomposition { id: id.to_owned(), score, parts: Vec::new() });
    }
    let (total, size) = (
        sum(parts.iter().map(|(_, p)| *p)),
        parts.iter().map(|(_, p)| p.abs()).fold(1.0, f64::max),
    );
    // Missing before and after, it has no change, and its parts are ignored.
    let parts = if score.before.is_nan() { &[] } else { parts };
    let fits = (total - delta).abs() <= TOLERANCE * size;
    if !parts.is_empty() && !fits {
        let what = format!("the parts of \"{id}\" sum to {total} and its score changed by {delta}");
        return Err(Flaw::new(what, "give parts that sum to the change"));
    }
    let mut own: Vec<Part> =
        parts.iter().map(|(name, p)| part(id, name, *p)).filter(|p| p.delta != 0.0).collect();
    if own.is_empty() {
        own.push(part(id, SCORE, delta));
    }
    Ok(NodeDecomposition { id: id.to_owned(), score, parts: summing_to(own, delta) })
}

fn inner(
    id: &str,
    parent: &Parent,
    children: &[&NodeDecomposition],
) -> Result<NodeDecomposition, Flaw> {
    let Parts { score, children: deltas, weights, veto } = parent.decompose()?;
    let delta = if score.differs() { score.delta() } else { 0.0 };
    if delta.is_nan() {
        return Ok(NodeDecomposition { id: id.to_owned(), score, parts: Vec::new() });
    }
    let mut parts = Vec::new();
    for (index, (child, delta)) in children.iter().zip(deltas).enumerate() {
        parts.extend(parts_in_parent(child, delta, || parent.slope(index)));
    }
    parts.push(part(id, WEIGHTS, weights));
    parts.push(part(id, VETO, veto));
    Ok(NodeDecomposition { id: id.to_owned(), score, parts: summing_to(parts, delta) })
}

/// A child's own parts in its parent's change, of which the child's part is `delta`: they sum to
/// it.
fn parts_in_parent(child: &NodeDecomposition, delta: f64, slope: impl Fn() -> f64) -> Vec<Part> {
    let change = child.score.delta();
    if child.parts.is_empty() {
        return vec![part(&child.id, MISSING, delta)];
    }
    let size: f64 = child.parts.iter().map(|p| p.delta.abs()).sum();
    // The derivative of a geometric mean is unbounded near zero.
    let rate = if change.abs() <= CANCELLED * size {
        slope().clamp(-STEEPEST, STEEPEST)
    } else {
        delta / change
    };
    summing_to(
        child.parts.iter().map(|p| Part { delta: rate * p.delta, ..p.clone() }).collect(),
        delta,
    )
}

fn part(node: &str, name: &str, delta: f64) -> Part {
    Part { node: node.to_owned(), name: name.to_owned(), delta }
}

/// The parts with their rounding residual removed, so that they sum to `total`; parts of 0 are
/// dropped.
fn summing_to(mut parts: Vec<Part>, total: f64) -> Vec<Part> {
    let mut deltas: Vec<f64> = parts.iter().map(|p| p.delta).collect();
    add_residual(&mut deltas, total);
    parts.iter_mut().zip(deltas).for_each(|(part, delta)| part.delta = delta);
    parts.retain(|p| p.delta != 0.0);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::decompose::properties::Mean;

    fn leaf(id: &str, parent: usize, score: (f64, f64), parts: &[(&str, f64)]) -> Node<'static> {
        let parts = parts.iter().map(|(n, p)| ((*n).to_owned(), *p)).collect();
        let content = NodeContent::Indicator { score: Change::new(score.0, score.1), parts };
        Node { id: id.to_owned(), parent: Some(parent), weight: Change::new(1.0, 1.0), content }
    }

    fn inner<'a>(id: &str, parent: Option<usize>, aggregate: &'a dyn Aggregate) -> Node<'a> {
        let content = NodeContent::Inner { aggregate, cap: Change::new(None, None) };
        Node { id: id.to_owned(), parent, weight: Change::new(1.0, 1.0), content }
    }

    fn root(nodes: &[Node]) -> Vec<(String, String, f64)> {
        let done = decompose_tree(nodes).unwrap();
        done.last()
            .unwrap()
            .parts
            .iter()
            .map(|p| (p.node.clone(), p.name.clone(), (p.delta * 1e9).round() / 1e9))
            .collect()
    }

    fn line(node: &str, name: &str, delta: f64) -> (String, String, f64) {
        (node.to_owned(), name.to_owned(), delta)
    }

    #[test]
    fn two_levels_of_means_give_products_of_weights() {
        let nodes = [
            leaf("theft", 2, (60.0, 50.0), &[("counts", -16.0), ("exposure", 6.0)]),
            leaf("assault", 2, (70.0, 70.0), &[]),
            inner("order", Some(4), &Mean::Arithmetic),
            leaf("traffic", 4, (80.0, 84.0), &[]),
            inner("index", None, &Mean::Arithmetic),
        ];
        let expected = [
            line("theft", "counts", -4.0),
            line("theft", "exposure", 1.5),
            line("traffic", SCORE, 2.0),
        ];
        assert_eq!(root(&nodes), expected);
    }

    #[test]
    fn parts_that_cancel_count_by_the_slope() {
        let mut nodes = vec![
            leaf("a", 2, (16.0, 16.0), &[("counts", -4.0), ("exposure", 4.0)]),
            leaf("b", 2, (81.0, 81.0), &[]),
            inner("r", None, &Mean::Geometric),
        ];
        let slope = (16.0 * 81.0_f64).sqrt() / 16.0 / 2.0;
        let parts = root(&nodes);
        assert!((parts[0].2 + 4.0 * slope).abs() < 1e-6 && parts[0].2 == -parts[1].2, "{parts:?}");
        nodes[2] = inner("r", None, &Mean::Minimum);
        assert_eq!(root(&nodes).iter().map(|p| p.2).sum::<f64>(), 0.0);
    }

    #[test]
    fn a_feed_that_arrived_is_one_part_without_a_split() {
        let nodes = [
            leaf("late", 1, (f64::NAN, 40.0), &[("counts", f64::NAN)]),
            inner("domain", Some(3), &Mean::Arithmetic),
            leaf("other", 3, (80.0, 80.0), &[]),
            inner("index", None, &Mean::Arithmetic),
        ];
        assert_eq!(root(&nodes), [line("domain", MISSING, -20.0)]);
    }

    #[test]
    fn weights_and_vetoes_of_inner_nodes_are_carried_up() {
        let mut nodes = vec![
            leaf("a", 2, (60.0, 60.0), &[]),
            leaf("b", 2, (80.0, 80.0), &[]),
            inner("d", Some(3), &Mean::Arithmetic),
            inner("r", None, &Mean::Arithmetic),
        ];
        nodes[1].weight.after = 3.0;
        assert_eq!(root(&nodes), [line("d", WEIGHTS, 5.0)]);
        nodes[2].content =
            NodeContent::Inner { aggregate: &Mean::Arithmetic, cap: Change::new(None, Some(50.0)) };
        assert_eq!(root(&nodes), [line("d", WEIGHTS, 2.5), line("d", VETO, -22.5)]);
    }

    #[test]
    fn what_does_not_fit_is_told() {
        let off = [
            leaf("theft", 1, (60.0, 50.0), &[("counts", -9.0)]),
            inner("r", None, &Mean::Arithmetic),
        ];
        assert!(decompose_tree(&off).unwrap_err().what.contains("theft"));
        let order = [inner("r", None, &Mean::Arithmetic), leaf("theft", 0, (60.0, 50.0), &[])];
        assert!(decompose_tree(&order).is_err());
        let empty = decompose_tree(&[inner("r", None, &Mean::Arithmetic)]).unwrap();
        assert!(empty[0].score.before.is_nan() && empty[0].parts.is_empty());
    }

    /// Numerator and exposure of a rate on a scale from 0 to 0.05, of which less is better.
    fn parts_of_rate(before: (f64, f64), after: (f64, f64)) -> (f64, Vec<(String, f64)>) {
        let score =
            |num: f64, exposure: f64| 100.0 * (1.0 - (num / exposure / 0.05).clamp(0.0, 1.0));
        let parts = indicator_parts(&["counts", "exposure"], |coalition| {
            let num = if coalition & 1 == 1 { after.0 } else { before.0 };
            score(num, if coalition & 2 == 2 { after.1 } else { before.1 })
        });
        (score(after.0, after.1) - score(before.0, before.1), parts)
    }

    #[test]
    fn counts_and_exposure_share_the_change() {
        let (change, both) = parts_of_rate((20.0, 1000.0), (30.0, 1100.0));
        assert_eq!((both[0].0.as_str(), both[1].0.as_str()), ("counts", "exposure"));
        // The mean over both orders, by hand: exposure 1000 or 1100 while the count changes, the
        // count 20 or 30 while exposure changes.
        let counts = -1000.0 * (10.0 / 1000.0 + 10.0 / 1100.0);
        let exposure = 1000.0 * (20.0 + 30.0) * (1.0 / 1000.0 - 1.0 / 1100.0);
        assert!((both[0].1 - counts).abs() < 1e-12 && (both[1].1 - exposure).abs() < 1e-12);
        assert!((counts + exposure - change).abs() < 1e-12);
        assert_eq!(parts_of_rate((20.0, 1000.0), (30.0, 1000.0)).1[1].1, 0.0);
    }

    #[test]
    fn the_parts_of_a_missing_figure_are_nan() {
        assert!(
            parts_of_rate((f64::NAN, 1000.0), (30.0, 1000.0)).1.iter().all(|(_, p)| p.is_nan())
        );
    }
}
