//! The tree of an index: indicators at the leaves, the index at the top. Only the proportions of
//! the weights of a node's children count.

use std::collections::BTreeMap;

use ndarray::{Array1, Array2, ArrayView2, Axis};

use super::aggregate::Aggregate;
use crate::method::{Flaw, Noted};

/// A leaf or an inner node; the top has no parent.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub id: String,
    pub parent: Option<String>,
    pub weight: f64,
}

/// How the scores of one level's nodes are made of their children's.
pub struct LevelAggregation {
    pub method: Box<dyn Aggregate>,
    /// Share of the children's weights, 0–1, that must have a score for the node to have one; as
    /// COINr's `dat_thresh`, which counts children.
    pub min_weight_share: f64,
}

/// A checked tree: one top, every parent there, every inner node with a child, no circle.
#[derive(Clone, Debug)]
pub struct Tree {
    /// Leaves, then inner nodes, each as given.
    nodes: Vec<Node>,
    leaves: usize,
    /// Positions of each node's children.
    children: Vec<Vec<usize>>,
    /// Positions of the inner nodes, from those above leaves alone up to the top.
    levels: Vec<Vec<usize>>,
}

impl Tree {
    /// A tree of leaves (indicators) and inner nodes (aggregates).
    ///
    /// # Errors
    /// A [`Flaw`] that names the node: two of one id, no such parent, a circle, no child, two tops,
    /// a weight that is not one.
    pub fn new(leaves: Vec<Node>, inner: Vec<Node>) -> Result<Tree, Flaw> {
        let count = leaves.len();
        let nodes: Vec<Node> = leaves.into_iter().chain(inner).collect();
        let children = children(&nodes, count)?;
        let levels = levels(&nodes, &children, count)?;
        Ok(Tree { nodes, leaves: count, children, levels })
    }

    /// The leaves, in the order given.
    pub fn leaves(&self) -> &[Node] {
        &self.nodes[..self.leaves]
    }

    /// Every node in the order of [`Tree::aggregate`]'s columns: leaves as given, then level by
    /// level to the top.
    pub fn order(&self) -> Vec<&Node> {
        self.leaves().iter().chain(self.levels.iter().flatten().map(|n| &self.nodes[*n])).collect()
    }

    /// How many levels there are above the leaves.
    pub fn height(&self) -> usize {
        self.levels.len()
    }

    /// Each node's weight among its siblings, by id; siblings' sum to one. The top has 1.
    pub fn shares(&self) -> BTreeMap<&str, f64> {
        let mut shares = BTreeMap::new();
        for siblings in self.children.iter().filter(|c| !c.is_empty()) {
            let total: f64 = siblings.iter().map(|c| self.nodes[*c].weight).sum();
            shares.extend(
                siblings
                    .iter()
                    .map(|c| (self.nodes[*c].id.as_str(), self.nodes[*c].weight / total)),
            );
        }
        shares
            .extend(self.nodes.iter().filter(|n| n.parent.is_none()).map(|n| (n.id.as_str(), 1.0)));
        shares
    }

    /// Scores of every node (units × nodes, in [`Tree::order`]) from the leaves' `scores` (units ×
    /// leaves), with one aggregation for all levels or one a level from the leaves upwards. A node
    /// is NaN where too little weight of its children has a score.
    ///
    /// # Errors
    /// A [`Flaw`] where the aggregations or the columns do not fit the tree.
    pub fn aggregate(
        &self,
        scores: ArrayView2<f64>,
        rules: &[LevelAggregation],
    ) -> Result<Noted<Array2<f64>>, Flaw> {
        let (given, height) = (rules.len(), self.height());
        if given != 1 && given != height {
            return Err(Flaw::new(
                format!("{given} aggregations for {height} levels"),
                "give one for all levels, or one for each from the indicators up",
            ));
        }
        if scores.ncols() != self.leaves {
            return Err(Flaw::new(
                format!("{} columns of scores for {} indicators", scores.ncols(), self.leaves),
                "give one for each",
            ));
        }
        let mut all = Array2::from_elem((scores.nrows(), self.nodes.len()), f64::NAN);
        all.columns_mut()
            .into_iter()
            .zip(scores.columns())
            .for_each(|(mut node, leaf)| node.assign(&leaf));
        let mut notices = Vec::new();
        for (rule, level) in rules.iter().cycle().zip(&self.levels) {
            for node in level {
                let Noted { value, notices: more } = self.node(*node, &all, rule);
                all.column_mut(*node).assign(&value);
                notices.extend(more);
            }
        }
        let order: Vec<usize> =
            (0..self.leaves).chain(self.levels.iter().flatten().copied()).collect();
        Ok(Noted { value: all.select(Axis(1), &order), notices })
    }

    fn node(&self, node: usize, all: &Array2<f64>, rule: &LevelAggregation) -> Noted<Array1<f64>> {
        let children = &self.children[node];
        let scores = all.select(Axis(1), children);
        let weights: Array1<f64> = children.iter().map(|c| self.nodes[*c].weight).collect();
        let mut value = rule.method.aggregate(scores.view(), (&weights / weights.sum()).view());
        for (score, row) in value.iter_mut().zip(scores.rows()) {
            let scored: f64 =
                row.iter().zip(&weights).filter(|(s, _)| !s.is_nan()).map(|(_, w)| w).sum();
            // A tolerance for rounding: 0.7 + 0.2 of 1 must reach 0.9.
            if scored / weights.sum() < rule.min_weight_share - 1e-12 {
                *score = f64::NAN;
            }
        }
        let id = &self.nodes[node].id;
        Noted {
            value,
            notices: rule
                .method
                .notices(scores.view())
                .into_iter()
                .map(|n| format!("{id}: {n}"))
                .collect(),
        }
    }
}

fn children(nodes: &[Node], leaves: usize) -> Result<Vec<Vec<usize>>, Flaw> {
    let mut position = BTreeMap::new();
    for (n, node) in nodes.iter().enumerate() {
        if position.insert(node.id.as_str(), n).is_some() {
            return Err(Flaw::new(
                format!("there are two nodes \"{}\"", node.id),
                "give each its own id",
            ));
        }
    }
    let mut children = vec![Vec::new(); nodes.len()];
    for (n, node) in nodes.iter().enumerate() {
        let flaw = |what: String, fix: &str| Err(Flaw::new(format!("\"{}\" {what}", node.id), fix));
        if !(node.weight >= 0.0 && node.weight.is_finite()) {
            return flaw(
                format!("has a weight of {}", node.weight),
                "give zero or a positive number",
            );
        }
        match node.parent.as_deref().map(|p| (p, position.get(p))) {
            Some((_, Some(p))) if *p >= leaves => children[*p].push(n),
            Some((parent, Some(_))) => {
                return flaw(
                    format!("has the indicator \"{parent}\" as parent"),
                    "name an aggregate",
                );
            }
            Some((parent, None)) => {
                return flaw(
                    format!("has a parent \"{parent}\" that is not there"),
                    "add that aggregate, or name another",
                );
            }
            None if n < leaves => return flaw("has no parent".to_owned(), "name an aggregate"),
            None => {}
        }
    }
    check_tops(nodes)?;
    for (node, below) in nodes.iter().zip(&children).skip(leaves) {
        if below.iter().map(|c| nodes[*c].weight).sum::<f64>() <= 0.0 {
            return Err(Flaw::new(
                format!("\"{}\" has no child with a weight", node.id),
                "remove it, or make it the parent of something",
            ));
        }
    }
    Ok(children)
}

fn check_tops(nodes: &[Node]) -> Result<(), Flaw> {
    let tops: Vec<&str> =
        nodes.iter().filter(|n| n.parent.is_none()).map(|n| n.id.as_str()).collect();
    match tops[..] {
        [_] => Ok(()),
        [] => Err(Flaw::new("no aggregate stands at the top", "leave out the parent of one")),
        _ => Err(Flaw::new(
            format!("several aggregates have no parent: {}", tops.join(", ")),
            "leave one at the top",
        )),
    }
}

fn levels(nodes: &[Node], children: &[Vec<usize>], leaves: usize) -> Result<Vec<Vec<usize>>, Flaw> {
    let mut done: Vec<bool> = (0..nodes.len()).map(|n| n < leaves).collect();
    let mut levels = Vec::new();
    while done.iter().any(|d| !d) {
        let next: Vec<usize> = (0..nodes.len())
            .filter(|n| !done[*n] && children[*n].iter().all(|c| done[*c]))
            .collect();
        if next.is_empty() {
            let ids: Vec<&str> =
                nodes.iter().zip(&done).filter(|(_, d)| !**d).map(|(n, _)| n.id.as_str()).collect();
            return Err(Flaw::new(
                format!("aggregates are each other's parents: {}", ids.join(", ")),
                "correct one of their parents",
            ));
        }
        next.iter().for_each(|n| done[*n] = true);
        levels.push(next);
    }
    Ok(levels)
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::index::aggregate::aggregation;

    fn node(id: &str, parent: &str, weight: f64) -> Node {
        Node { id: id.to_owned(), parent: (!parent.is_empty()).then(|| parent.to_owned()), weight }
    }

    fn rule(name: &str, min_weight_share: f64) -> LevelAggregation {
        LevelAggregation {
            method: aggregation(name, &toml::Table::new()).unwrap(),
            min_weight_share,
        }
    }

    fn uneven() -> Tree {
        let leaves = vec![node("a", "low", 3.0), node("b", "low", 1.0), node("c", "top", 2.0)];
        Tree::new(leaves, vec![node("top", "", 1.0), node("low", "top", 2.0)]).unwrap()
    }

    #[test]
    fn upwards_with_weights_of_any_sum() {
        let tree = uneven();
        assert_eq!(
            tree.order().iter().map(|n| n.id.as_str()).collect::<Vec<_>>(),
            ["a", "b", "c", "low", "top"]
        );
        let done =
            tree.aggregate(array![[4.0, 8.0, 11.0]].view(), &[rule("arithmetic", 0.0)]).unwrap();
        assert_eq!(done.value.row(0).to_vec(), [4.0, 8.0, 11.0, 5.0, 8.0]);
        let two = tree
            .aggregate(
                array![[4.0, 8.0, 11.0]].view(),
                &[rule("minimum", 0.0), rule("arithmetic", 0.0)],
            )
            .unwrap();
        assert_eq!(two.value.row(0).to_vec()[3..], [4.0, 7.5]);
        assert_eq!(
            (tree.shares()["a"], tree.shares()["low"], tree.shares()["top"]),
            (0.75, 0.5, 1.0)
        );
        assert!(tree.aggregate(array![[1.0]].view(), &[rule("minimum", 0.0)]).is_err());
        let three = [rule("minimum", 0.0), rule("minimum", 0.0), rule("minimum", 0.0)];
        assert!(tree.aggregate(array![[4.0, 8.0, 11.0]].view(), &three).is_err());
    }

    #[test]
    fn too_little_weight_is_no_score() {
        let scores = array![[f64::NAN, 8.0, 11.0], [4.0, f64::NAN, 11.0]];
        let done = uneven()
            .aggregate(scores.view(), &[rule("arithmetic", 0.75), rule("arithmetic", 0.5)])
            .unwrap()
            .value;
        assert!(done[[0, 3]].is_nan());
        assert_eq!((done[[0, 4]], done[[1, 3]]), (11.0, 4.0));
    }

    #[test]
    fn notices_name_the_node() {
        let done =
            uneven().aggregate(array![[0.0, 8.0, 11.0]].view(), &[rule("geometric", 0.0)]).unwrap();
        assert!(done.notices[0].starts_with("low: 1 units"), "{:?}", done.notices);
        assert_eq!(done.value[[0, 4]], 0.0);
    }

    #[test]
    fn a_crooked_tree_is_refused_by_name() {
        let refused =
            |leaves: Vec<Node>, inner: Vec<Node>| Tree::new(leaves, inner).unwrap_err().to_string();
        let top = || vec![node("top", "", 1.0)];
        assert!(
            refused(vec![node("a", "top", 1.0), node("a", "top", 1.0)], top())
                .contains("two nodes \"a\"")
        );
        assert!(refused(vec![node("a", "tpo", 1.0)], top()).contains("\"tpo\""));
        assert!(refused(vec![node("a", "", 1.0)], top()).contains("\"a\" has no parent"));
        assert!(
            refused(vec![node("a", "top", 1.0), node("b", "a", 1.0)], top())
                .contains("indicator \"a\"")
        );
        assert!(refused(vec![node("a", "top", -1.0)], top()).contains("weight of -1"));
        assert!(refused(vec![node("a", "top", 0.0)], top()).contains("no child with a weight"));
        assert!(
            refused(vec![node("a", "top", 1.0)], vec![node("top", "", 1.0), node("top2", "", 1.0)])
                .contains("top, top2")
        );
        let headless = vec![node("x", "y", 1.0), node("y", "x", 1.0)];
        assert!(refused(vec![node("a", "x", 1.0)], headless).contains("no aggregate stands at"));
        let circle = vec![node("top", "", 1.0), node("x", "y", 1.0), node("y", "x", 1.0)];
        assert!(refused(vec![node("a", "top", 1.0)], circle).contains("x, y"));
    }
}
