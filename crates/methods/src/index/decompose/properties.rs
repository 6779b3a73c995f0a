//! What holds of every decomposition, tried on random trees under aggregations of every shape.

use ndarray::{Array1, ArrayView1, ArrayView2};
use rand::rngs::ChaCha12Rng;
use rand::{RngExt, SeedableRng};

use super::*;
use crate::index::aggregate::Aggregate;

/// Aggregations with the contract of [`Aggregate`], for the tests.
#[derive(Clone, Copy, Debug)]
pub enum Mean {
    Arithmetic,
    Geometric,
    Harmonic,
    Minimum,
    /// Ordered weights 1, 2, 3 … from the best score to the worst, times the children's.
    Owa,
}

pub const ALL: [Mean; 5] =
    [Mean::Arithmetic, Mean::Geometric, Mean::Harmonic, Mean::Minimum, Mean::Owa];

impl Mean {
    fn mean(self, pairs: &mut [(f64, f64)]) -> f64 {
        if pairs.is_empty() {
            return f64::NAN;
        }
        let average = |f: &dyn Fn(f64) -> f64| {
            pairs.iter().map(|(s, w)| w * f(*s)).sum::<f64>()
                / pairs.iter().map(|(_, w)| w).sum::<f64>()
        };
        match self {
            Mean::Arithmetic => average(&|s| s),
            Mean::Geometric => average(&f64::ln).exp(),
            Mean::Harmonic => 1.0 / average(&f64::recip),
            Mean::Minimum => pairs.iter().map(|(s, _)| *s).fold(f64::INFINITY, f64::min),
            Mean::Owa => {
                pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
                pairs.iter_mut().enumerate().for_each(|(i, (_, w))| *w *= (i + 1) as f64);
                Mean::Arithmetic.mean(pairs)
            }
        }
    }
}

impl Aggregate for Mean {
    fn aggregate(&self, scores: ArrayView2<f64>, weights: ArrayView1<f64>) -> Array1<f64> {
        let row = |r: ArrayView1<f64>| {
            let mut pairs: Vec<(f64, f64)> = r
                .iter()
                .copied()
                .zip(weights.iter().copied())
                .filter(|(s, _)| !s.is_nan())
                .collect();
            self.mean(&mut pairs)
        };
        scores.rows().into_iter().map(row).collect()
    }
}

/// A tree as it grows, before it is put in a list.
#[derive(Clone)]
struct Grown {
    id: String,
    weight: Change<f64>,
    what: Kind,
}

#[derive(Clone)]
enum Kind {
    Leaf(Change<f64>, Vec<(String, f64)>),
    Inner(Mean, Change<Option<f64>>, Vec<Grown>),
}

/// Random trees; `missing` lets any leaf be missing, without it the first child of each node never
/// is, so that no coalition is undefined.
struct Grower {
    random: ChaCha12Rng,
    missing: bool,
    most: usize,
}

impl Grower {
    fn new(seed: u64, missing: bool) -> Grower {
        Grower { random: ChaCha12Rng::seed_from_u64(seed), missing, most: 5 }
    }

    fn chance(&mut self, p: f64) -> bool {
        self.random.random_bool(p)
    }

    fn number(&mut self, from: f64, to: f64) -> f64 {
        self.random.random_range(from..to)
    }

    fn change(&mut self, from: f64, to: f64, moves: f64) -> Change<f64> {
        let before = self.number(from, to);
        Change::new(before, if self.chance(moves) { self.number(from, to) } else { before })
    }

    fn tree(&mut self, id: String, levels: usize, first: bool) -> Grown {
        let weight = self.change(0.5, 2.0, 0.2);
        let leaf = levels == 0 || (id != "r" && self.chance(0.3));
        let what = if leaf { self.leaf(first) } else { self.inner(&id, levels) };
        Grown { id, weight, what }
    }

    fn inner(&mut self, id: &str, levels: usize) -> Kind {
        let mean = ALL[self.random.random_range(0..ALL.len())];
        let cap = |g: &mut Grower| if g.chance(0.2) { Some(g.number(30.0, 70.0)) } else { None };
        let cap = Change::new(cap(self), cap(self));
        let children = self.random.random_range(1..=self.most);
        Kind::Inner(
            mean,
            cap,
            (0..children).map(|c| self.tree(format!("{id}.{c}"), levels - 1, c == 0)).collect(),
        )
    }

    fn leaf(&mut self, first: bool) -> Kind {
        let mut score = self.change(5.0, 100.0, 0.7);
        let mut parts: Vec<(String, f64)> = Vec::new();
        if score.differs() || self.chance(0.4) {
            parts = ["counts", "exposure"]
                .iter()
                .map(|n| ((*n).to_owned(), self.number(-20.0, 20.0)))
                .collect();
            let rest = score.delta() - parts.iter().map(|(_, p)| p).sum::<f64>();
            parts.push(("goalposts".to_owned(), rest));
        }
        if self.missing || !first {
            score.before = if self.chance(0.15) { f64::NAN } else { score.before };
            score.after = if self.chance(0.15) { f64::NAN } else { score.after };
        }
        Kind::Leaf(score, parts)
    }
}

/// The same tree with before and after exchanged.
fn swapped(tree: &Grown) -> Grown {
    fn turn<T: Clone>(c: &Change<T>) -> Change<T> {
        Change::new(c.after.clone(), c.before.clone())
    }
    let what = match &tree.what {
        Kind::Leaf(score, parts) => {
            Kind::Leaf(turn(score), parts.iter().map(|(n, p)| (n.clone(), -p)).collect())
        }
        Kind::Inner(mean, cap, children) => {
            Kind::Inner(*mean, turn(cap), children.iter().map(swapped).collect())
        }
    };
    Grown { id: tree.id.clone(), weight: turn(&tree.weight), what }
}

/// The same tree with every node's children in the opposite order.
fn mirrored(tree: &Grown) -> Grown {
    let mut tree = tree.clone();
    if let Kind::Inner(_, _, children) = &mut tree.what {
        *children = children.iter().rev().map(mirrored).collect();
    }
    tree
}

fn listed<'a>(tree: &'a Grown, list: &mut Vec<Node<'a>>) -> usize {
    let content = match &tree.what {
        Kind::Leaf(score, parts) => NodeContent::Indicator { score: *score, parts: parts.clone() },
        Kind::Inner(aggregate, cap, _) => NodeContent::Inner { aggregate, cap: *cap },
    };
    let mut below = Vec::new();
    if let Kind::Inner(_, _, children) = &tree.what {
        below.extend(children.iter().map(|child| listed(child, list)));
    }
    list.push(Node { id: tree.id.clone(), parent: None, weight: tree.weight, content });
    let place = list.len() - 1;
    below.into_iter().for_each(|child| list[child].parent = Some(place));
    place
}

fn explained(tree: &Grown) -> Vec<NodeDecomposition> {
    let mut list = Vec::new();
    listed(tree, &mut list);
    let mut done = decompose_tree(&list).unwrap();
    done.sort_by(|a, b| a.id.cmp(&b.id));
    done.iter_mut()
        .for_each(|e| e.parts.sort_by(|a, b| (&a.node, &a.name).cmp(&(&b.node, &b.name))));
    done
}

/// Whether every node has the same parts in both, times `sign`.
fn same(one: &[NodeDecomposition], other: &[NodeDecomposition], sign: f64) {
    assert_eq!(one.len(), other.len());
    for (a, b) in one.iter().zip(other) {
        let of = |e: &NodeDecomposition, p: &Part| {
            e.parts
                .iter()
                .find(|q| (&q.node, &q.name) == (&p.node, &p.name))
                .map_or(0.0, |q| q.delta)
        };
        assert!(a.parts.iter().all(|p| (p.delta - sign * of(b, p)).abs() < 1e-9), "{a:#?}\n{b:#?}");
        assert!(b.parts.iter().all(|p| (p.delta - sign * of(a, p)).abs() < 1e-9), "{a:#?}\n{b:#?}");
    }
}

#[test]
fn parts_sum_to_the_change_of_every_node() {
    let (mut nodes, mut parts) = (0, 0);
    for seed in 0..400 {
        for node in explained(&Grower::new(seed, seed % 2 == 0).tree("r".into(), 3, true)) {
            if node.score.delta().is_nan() {
                assert!(node.parts.is_empty());
                continue;
            }
            let total: f64 = node.parts.iter().map(|p| p.delta).sum();
            assert!((total - node.score.delta()).abs() < 1e-9, "seed {seed}: {node:#?}");
            (nodes, parts) = (nodes + 1, parts + node.parts.len());
        }
    }
    assert!(nodes > 3000 && parts > 10000, "{nodes} nodes, {parts} parts");
}

#[test]
fn parts_of_a_large_family_sum_too() {
    for seed in 0..10 {
        let mut grower = Grower { most: 30, ..Grower::new(seed, false) };
        let tree = grower.tree("r".into(), 1, true);
        for node in explained(&tree) {
            let total: f64 = node.parts.iter().map(|p| p.delta).sum();
            assert!(node.score.delta().is_nan() || (total - node.score.delta()).abs() < 1e-9);
        }
        let forth = explained(&tree);
        same(&forth, &explained(&swapped(&tree)), -1.0);
    }
}

#[test]
fn a_leaf_that_did_not_change_gets_no_part() {
    let mut still = 0;
    for seed in 0..200 {
        let done = explained(&Grower::new(seed, true).tree("r".into(), 3, true));
        let root = done.iter().find(|e| e.id == "r").unwrap();
        for leaf in done.iter().filter(|e| !e.score.differs() && e.parts.is_empty()) {
            still += 1;
            assert!(root.parts.iter().all(|p| p.node != leaf.id), "{leaf:?} {root:#?}");
        }
    }
    assert!(still > 100, "{still}");
}

#[test]
fn swapping_before_and_after_turns_every_sign() {
    for seed in 0..300 {
        let tree = Grower::new(seed, false).tree("r".into(), 3, true);
        same(&explained(&tree), &explained(&swapped(&tree)), -1.0);
    }
}

#[test]
fn permuting_children_permutes_the_parts() {
    for seed in 0..300 {
        let tree = Grower::new(seed, true).tree("r".into(), 3, true);
        same(&explained(&tree), &explained(&mirrored(&tree)), 1.0);
    }
}
