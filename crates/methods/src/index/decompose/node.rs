//! A parent's change, shared out over its children, its weights and its veto.

use ndarray::{Array1, Axis};

use super::change::Change;
use super::shapley::{MAX_PLAYERS, shapley};
use crate::index::aggregate::Aggregate;
use crate::method::Flaw;

/// Step of the finite difference, relative to a child's score (at least of 1, on a scale of 100).
const STEP: f64 = 1e-4;

/// A node and what its score is made of: `min(cap, aggregate(scores, weights))`, before and after.
///
/// The aggregation sees one unit at a time: one that compares units with each other (Copeland) has
/// no value of its own for a unit, and cannot be decomposed. A coverage threshold, where there is
/// one, belongs in the aggregation: it answers NaN below it.
pub struct Parent<'a> {
    pub aggregate: &'a dyn Aggregate,
    /// Scores of the children; NaN is missing.
    pub scores: Vec<Change<f64>>,
    /// Weights of the children: non-negative, only their proportions count.
    pub weights: Vec<Change<f64>>,
    /// The level a veto holds the score at or below; `None` without a veto.
    pub cap: Change<Option<f64>>,
}

/// A parent's change and its parts; they sum to the change. All are NaN where the parent is missing
/// before or after, but not both; where it is missing both times there is no change, and all parts
/// are 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Parts {
    pub score: Change<f64>,
    /// One for each child; 0 for one that did not change.
    pub children: Vec<f64>,
    /// Of the change of the children's weights, all of them together.
    pub weights: f64,
    /// Of the change of the cap.
    pub veto: f64,
}

/// Scores, weights and cap of one side of the change, or of one coalition.
#[derive(Clone)]
struct State {
    scores: Vec<f64>,
    weights: Vec<f64>,
    cap: Option<f64>,
}

/// A player of the Shapley game: a child, all weights together, or the cap.
#[derive(Clone, Copy)]
enum Player {
    Child(usize),
    Weights,
    Veto,
}

impl Parent<'_> {
    /// The parent's score before and after; NaN where it is missing.
    pub fn score(&self) -> Change<f64> {
        Change::new(
            self.value(&self.state_of(|c| c.before, self.cap.before)),
            self.value(&self.state_of(|c| c.after, self.cap.after)),
        )
    }

    /// The change by Shapley's values ([`shapley`]). Players are each child whose score changed,
    /// the weights as one where one of them changed, and the cap where it changed; the cap is
    /// applied last in every coalition.
    ///
    /// For an arithmetic mean with weights that stay, no cap and nothing missing, a child's part is
    /// its weight × its change.
    ///
    /// # Errors
    /// A [`Flaw`] where there is not one weight a child, a weight is not a number of at least 0, or
    /// more than [`MAX_PLAYERS`] things changed.
    pub fn decompose(&self) -> Result<Parts, Flaw> {
        self.check()?;
        let players = self.players();
        if players.len() > MAX_PLAYERS {
            let what = format!(
                "{} children and weights of one node changed, more than {MAX_PLAYERS}",
                players.len()
            );
            return Err(Flaw::new(what, "put some of its children under a node of their own"));
        }
        let score = self.score();
        let mut parts =
            Parts { score, children: vec![0.0; self.scores.len()], weights: 0.0, veto: 0.0 };
        if score.before.is_nan() && score.after.is_nan() {
            return Ok(parts);
        }
        if let Some(children) = self.linear_parts(&players) {
            return Ok(Parts { children, ..parts });
        }
        for (player, part) in players.iter().zip(shapley(players.len(), |coalition| {
            self.value(&self.coalition_state(&players, coalition))
        })) {
            match *player {
                Player::Child(child) => parts.children[child] = part,
                Player::Weights => parts.weights = part,
                Player::Veto => parts.veto = part,
            }
        }
        Ok(parts)
    }

    /// Weight times change, where that is what Shapley's values come to: a linear aggregation,
    /// children alone changed, none missing, no cap.
    fn linear_parts(&self, players: &[Player]) -> Option<Vec<f64>> {
        let children_alone = players.iter().all(|p| matches!(p, Player::Child(_)));
        let missing = self.scores.iter().any(|s| s.before.is_nan() || s.after.is_nan());
        let sum: f64 = self.weights.iter().map(|w| w.after).sum();
        if !self.aggregate.is_linear()
            || !children_alone
            || missing
            || self.cap.after.is_some()
            || sum <= 0.0
        {
            return None;
        }
        Some(
            self.scores
                .iter()
                .zip(&self.weights)
                .map(|(s, w)| if s.differs() { w.after / sum * s.delta() } else { 0.0 })
                .collect(),
        )
    }

    /// Derivative of the parent's score by that of a child: the mean of the central differences
    /// before and after, so that it is the same for the change taken backwards. One-sided where the
    /// other side is undefined; 0 where both are.
    pub fn slope(&self, child: usize) -> f64 {
        let sides = [
            self.state_of(|c| c.before, self.cap.before),
            self.state_of(|c| c.after, self.cap.after),
        ];
        let slopes: Vec<f64> = sides
            .iter()
            .map(|side| self.derivative(side, child))
            .filter(|s| s.is_finite())
            .collect();
        if slopes.is_empty() { 0.0 } else { slopes.iter().sum::<f64>() / slopes.len() as f64 }
    }

    fn check(&self) -> Result<(), Flaw> {
        let (children, weights) = (self.scores.len(), self.weights.len());
        if children != weights {
            return Err(Flaw::new(
                format!("a node has {children} children and {weights} weights"),
                "give each child one weight",
            ));
        }
        match self
            .weights
            .iter()
            .flat_map(|w| [w.before, w.after])
            .find(|w| !w.is_finite() || *w < 0.0)
        {
            Some(wrong) => {
                Err(Flaw::new(format!("{wrong} is no weight"), "weights are numbers of at least 0"))
            }
            None => Ok(()),
        }
    }

    fn players(&self) -> Vec<Player> {
        let mut players: Vec<Player> = (0..self.scores.len())
            .filter(|c| self.scores[*c].differs())
            .map(Player::Child)
            .collect();
        if self.weights.iter().any(Change::differs) {
            players.push(Player::Weights);
        }
        if self.cap.before != self.cap.after {
            players.push(Player::Veto);
        }
        players
    }

    fn state_of(&self, of: impl Fn(&Change<f64>) -> f64, cap: Option<f64>) -> State {
        State {
            scores: self.scores.iter().map(&of).collect(),
            weights: self.weights.iter().map(&of).collect(),
            cap,
        }
    }

    fn coalition_state(&self, players: &[Player], coalition: u32) -> State {
        let mut state = self.state_of(|c| c.before, self.cap.before);
        for (_, player) in players.iter().enumerate().filter(|(bit, _)| coalition >> bit & 1 == 1) {
            match *player {
                Player::Child(child) => state.scores[child] = self.scores[child].after,
                Player::Weights => state.weights = self.weights.iter().map(|w| w.after).collect(),
                Player::Veto => state.cap = self.cap.after,
            }
        }
        state
    }

    fn value(&self, state: &State) -> f64 {
        if state.scores.iter().all(|s| s.is_nan()) {
            return f64::NAN;
        }
        let (scores, weights) =
            (Array1::from(state.scores.clone()), Array1::from(state.weights.clone()));
        let score = self
            .aggregate
            .aggregate(scores.view().insert_axis(Axis(0)), weights.view())
            .first()
            .copied()
            .unwrap_or(f64::NAN);
        // `f64::min` would take the cap for a missing score.
        match state.cap {
            Some(cap) if score > cap => cap,
            _ => score,
        }
    }

    fn derivative(&self, side: &State, child: usize) -> f64 {
        let Some(at) = side.scores.get(child).copied() else { return f64::NAN };
        let step = STEP * at.abs().max(1.0);
        let value = |score: f64| {
            let mut moved = side.clone();
            moved.scores[child] = score;
            self.value(&moved)
        };
        let (below, here, above) = (value(at - step), value(at), value(at + step));
        match (below.is_finite(), above.is_finite()) {
            (true, true) => (above - below) / (2.0 * step),
            (false, true) => (above - here) / step,
            (true, false) => (here - below) / step,
            (false, false) => f64::NAN,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::decompose::properties::Mean;

    fn parent<'a>(
        aggregate: &'a dyn Aggregate,
        scores: &[(f64, f64)],
        weights: &[(f64, f64)],
    ) -> Parent<'a> {
        let changes =
            |pairs: &[(f64, f64)]| pairs.iter().map(|(b, a)| Change::new(*b, *a)).collect();
        Parent {
            aggregate,
            scores: changes(scores),
            weights: changes(weights),
            cap: Change::new(None, None),
        }
    }

    #[test]
    fn a_weighted_mean_gives_weight_times_change() {
        let scores = [(80.0, 70.0), (60.0, 66.0), (50.0, 50.0), (20.0, 21.0)];
        let weights = [0.4, 0.3, 0.2, 0.1].map(|w| (w, w));
        let parts = parent(&Mean::Arithmetic, &scores, &weights).decompose().unwrap();
        for ((part, (before, after)), (weight, _)) in parts.children.iter().zip(scores).zip(weights)
        {
            assert!((part - weight * (after - before)).abs() < 1e-13, "{part}");
        }
        assert_eq!((parts.weights, parts.veto), (0.0, 0.0));
    }

    #[test]
    fn the_short_way_of_a_mean_is_shapleys() {
        let arithmetic =
            crate::index::aggregate::aggregation("arithmetic", &Default::default()).unwrap();
        let (scores, weights) = (
            [(80.0, 70.0), (60.0, 66.0), (50.0, 50.0), (20.0, 21.0)],
            [4.0, 3.0, 2.0, 1.0].map(|w| (w, w)),
        );
        let (short, long) = (
            parent(arithmetic.as_ref(), &scores, &weights),
            parent(&Mean::Arithmetic, &scores, &weights),
        );
        let (short, long) = (short.decompose().unwrap(), long.decompose().unwrap());
        assert!(
            short.children.iter().zip(&long.children).all(|(a, b)| (a - b).abs() < 1e-12),
            "{short:?} {long:?}"
        );
    }

    #[test]
    fn the_short_way_is_left_where_weights_change_a_child_is_missing_or_a_cap_holds() {
        let arithmetic =
            crate::index::aggregate::aggregation("arithmetic", &Default::default()).unwrap();
        let compare = |scores: &[(f64, f64)], weights: &[(f64, f64)], cap: Option<f64>| {
            let decomposed = |aggregate: &dyn Aggregate| {
                let cap = Change::new(cap, cap);
                Parent { cap, ..parent(aggregate, scores, weights) }.decompose().unwrap()
            };
            let (own, general) = (decomposed(arithmetic.as_ref()), decomposed(&Mean::Arithmetic));
            let parts = |p: &Parts| [p.children.clone(), vec![p.weights, p.veto]].concat();
            assert!(
                parts(&own).iter().zip(parts(&general)).all(|(a, b)| (a - b).abs() < 1e-12),
                "{own:?} {general:?}"
            );
        };
        let still = [(1.0, 1.0), (3.0, 3.0)];
        compare(&[(80.0, 70.0), (60.0, 66.0)], &[(1.0, 1.0), (3.0, 1.0)], None);
        compare(&[(80.0, 70.0), (60.0, f64::NAN)], &still, None);
        compare(&[(80.0, 70.0), (f64::NAN, f64::NAN)], &still, None);
        compare(&[(80.0, 70.0), (60.0, 66.0)], &still, Some(66.0));
        compare(&[(80.0, 70.0), (60.0, 60.0)], &still, None);
    }

    #[test]
    fn new_weights_are_one_part() {
        let parts =
            parent(&Mean::Arithmetic, &[(80.0, 80.0), (60.0, 60.0)], &[(1.0, 1.0), (1.0, 3.0)])
                .decompose()
                .unwrap();
        assert_eq!(parts.children, [0.0, 0.0]);
        assert!((parts.weights - -5.0).abs() < 1e-12);
    }

    #[test]
    fn a_veto_takes_what_it_holds_back_and_hides_the_rest_while_it_lasts() {
        let mut node = parent(&Mean::Arithmetic, &[(80.0, 84.0)], &[(1.0, 1.0)]);
        node.cap = Change::new(None, Some(60.0));
        let parts = node.decompose().unwrap();
        assert_eq!(parts.score, Change::new(80.0, 60.0));
        assert!((parts.children[0] - 2.0).abs() < 1e-12 && (parts.veto - -22.0).abs() < 1e-12);
        node.cap = Change::new(Some(60.0), Some(60.0));
        assert_eq!(
            node.decompose().unwrap(),
            Parts { score: Change::new(60.0, 60.0), children: vec![0.0], weights: 0.0, veto: 0.0 }
        );
        assert_eq!(node.slope(0), 0.0);
    }

    #[test]
    fn a_missing_parent_is_not_held_at_its_cap() {
        let mut node = parent(&Mean::Arithmetic, &[(f64::NAN, 84.0)], &[(1.0, 1.0)]);
        node.cap = Change::new(Some(60.0), Some(60.0));
        let parts = node.decompose().unwrap();
        assert!(parts.score.before.is_nan() && parts.children[0].is_nan());
    }

    #[test]
    fn the_slope_is_the_derivative() {
        let still = |s: f64| (s, s);
        let node = parent(&Mean::Geometric, &[still(16.0), still(81.0)], &[still(1.0), still(3.0)]);
        let expected = 16f64.powf(0.25) * 81f64.powf(0.75) / 16.0 / 4.0;
        assert!((node.slope(0) - expected).abs() < 1e-6);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert!(parent(&Mean::Arithmetic, &[(1.0, 2.0)], &[]).decompose().is_err());
        assert!(parent(&Mean::Arithmetic, &[(1.0, 2.0)], &[(-1.0, 1.0)]).decompose().is_err());
        let many = [(1.0, 2.0); 33];
        assert!(
            parent(&Mean::Arithmetic, &many, &[(1.0, 1.0); 33])
                .decompose()
                .unwrap_err()
                .what
                .contains("33")
        );
    }
}
