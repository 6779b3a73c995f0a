//! Intervals of score and rank, and the bands' probabilities, by Monte Carlo (METHOD.md §2.11).
//!
//! Each draw takes every figure from its posterior and, where the model says how firmly its weights are held, every weight from a Dirichlet
//! distribution about it; then normalises, aggregates, caps and ranks as the score itself does. The figures' draws are stratified ([`Strata`]).

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, ArrayViewMut1, ShapeBuilder, s};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rayon::prelude::*;

use super::aggregate::Aggregate;
use super::figure::Posterior;
use super::grid::Units;
use super::scale::Scale;
use super::score::{Measured, Recipe};
use super::strata::{Room, Strata};
use super::uncertainty::dirichlet_weights;
use super::veto::Caps;
use crate::method::Flaw;

/// Tails cut off on either side: the interval holds 90 %.
const TAIL: f64 = 0.05;

/// What the draws of a period gave, each matrix areas × nodes (the domains, and last the index); NaN where there is no score.
pub struct Intervals {
    pub low: Array2<f64>,
    pub high: Array2<f64>,
    /// Ranks, 1 is the safest; NaN for the whole.
    pub rank_low: Array2<f64>,
    pub rank_high: Array2<f64>,
    /// Areas × bands: share of the draws whose index falls into each; all zero without an index.
    pub bands: Array2<f64>,
}

/// What all draws of a run share.
pub struct Draws {
    strata: Strata,
    /// One set of weights a draw, the same for every period and area; none where the model holds its weights.
    weights: Option<WeightSets>,
    seed: u64,
}

impl Draws {
    /// As many draws as the model asks for.
    ///
    /// # Errors
    /// A [`Flaw`] for a concentration of the weights that is none.
    pub fn new(recipe: &Recipe, seed: u64) -> Result<Draws, Flaw> {
        Ok(Draws { strata: Strata::new(recipe.model.uncertainty.draws, seed), weights: WeightSets::draw(recipe, seed)?, seed })
    }
}

/// Intervals of one period. They depend on the period's name, each area and the seed alone, whatever else is scored in the same run and on however
/// many threads.
pub fn intervals(recipe: &Recipe, period: &str, measured: &Measured, units: &Units, caps: &Caps, draws: &Draws) -> Intervals {
    let Measured { posteriors, scales } = measured;
    let rows: Vec<Array2<f64>> = (0..units.areas.len())
        .into_par_iter()
        .map_init(
            || draws.strata.room(),
            |room, area| {
                let mut rng = stream(draws.seed, period, &units.areas[area].code);
                let area =
                    Area { posteriors: posteriors.row(area), scale: &|leaf| scales.of(area, leaf), cap: &|node| caps.at(area, node) };
                draw_area(recipe, &area, draws, room, &mut rng)
            },
        )
        .collect();
    let shape = (units.areas.len(), recipe.domain_weights.len() + 1);
    let nan = || Array2::from_elem(shape, f64::NAN);
    let mut found = Intervals { low: nan(), high: nan(), rank_low: nan(), rank_high: nan(), bands: bands(recipe, &rows) };
    let nodes: Vec<Vec<NodeInterval>> = (0..shape.1).into_par_iter().map(|node| node_intervals(&rows, node, &units.ranked)).collect();
    for (node, areas) in nodes.into_iter().enumerate() {
        for (area, (score, rank)) in areas.into_iter().enumerate() {
            (found.low[[area, node]], found.high[[area, node]]) = score;
            (found.rank_low[[area, node]], found.rank_high[[area, node]]) = rank;
        }
    }
    found
}

/// A generator of its own for one thing of a period.
fn stream(seed: u64, period: &str, of: &str) -> ChaCha8Rng {
    let hash = blake3::hash(format!("{period}\n{of}").as_bytes());
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(u64::from_le_bytes(hash.as_bytes()[..8].try_into().unwrap_or_default()));
    rng
}

/// Sets of weights, one a draw: the model's own weights taken from a Dirichlet distribution about the given ones.
struct WeightSets {
    leaf: Array2<f64>,
    domain: Array2<f64>,
}

impl WeightSets {
    /// `None` where the model holds its weights.
    fn draw(recipe: &Recipe, seed: u64) -> Result<Option<WeightSets>, Flaw> {
        let Some(concentration) = recipe.model.uncertainty.concentration else { return Ok(None) };
        let (leaves, domains) = (recipe.leaf_weights.len(), recipe.domain_weights.len());
        let mut parents = vec![Some(leaves + domains); leaves + domains + 1];
        parents[leaves + domains] = None;
        for (domain, range) in recipe.ranges.iter().enumerate() {
            parents[range.clone()].fill(Some(leaves + domain));
        }
        let weights: Vec<f64> = recipe.leaf_weights.iter().chain(&recipe.domain_weights).copied().chain([1.0]).collect();
        let sets = dirichlet_weights(&parents, &weights, concentration, recipe.model.uncertainty.draws, seed)?.value;
        Ok(Some(WeightSets {
            leaf: sets.slice(s![.., ..leaves]).to_owned(),
            domain: sets.slice(s![.., leaves..leaves + domains]).to_owned(),
        }))
    }
}

/// One area as the draws need it.
struct Area<'a> {
    posteriors: ArrayView1<'a, Posterior>,
    /// Of an indicator.
    scale: &'a dyn Fn(usize) -> &'a Scale,
    /// Of a node.
    cap: &'a dyn Fn(usize) -> f64,
}

/// Scores of one area in every draw, nodes × draws.
fn draw_area(recipe: &Recipe, area: &Area, by: &Draws, room: &mut Room, rng: &mut ChaCha8Rng) -> Array2<f64> {
    let (weights, draws) = (by.weights.as_ref(), by.strata.draws());
    let (in_domain, in_index) = recipe.aggregations();
    let index = recipe.domain_weights.len();
    let mut nodes = Array2::from_elem((index + 1, draws), f64::NAN);
    for (domain, range) in recipe.ranges.iter().enumerate() {
        // Column by column, as it is filled and read.
        let mut children = Array2::zeros((draws, range.len()).f());
        for (column, leaf) in range.clone().enumerate() {
            let scale = (area.scale)(leaf);
            draw_leaf(children.column_mut(column), &area.posteriors[leaf], scale, &by.strata, room, rng);
        }
        let held = recipe.leaf_weights.slice(s![range.clone()]);
        let scores = aggregate(in_domain, children.view(), held, weights.map(|w| w.leaf.slice(s![.., range.clone()])));
        capped(nodes.row_mut(domain), &scores, (area.cap)(domain));
    }
    let domains = nodes.slice(s![..index, ..]).reversed_axes();
    // Which domains have a score is the same in every draw.
    let known = !recipe.index(domains.slice(s![..1.min(draws), ..]), recipe.domain_weights.view()).is_any_nan();
    if known {
        let scores = aggregate(in_index, domains, recipe.domain_weights.view(), weights.map(|w| w.domain.view()));
        capped(nodes.row_mut(index), &scores, (area.cap)(index));
    }
    nodes
}

/// Scores of one figure's draws.
fn draw_leaf(mut column: ArrayViewMut1<f64>, posterior: &Posterior, scale: &Scale, strata: &Strata, room: &mut Room, rng: &mut ChaCha8Rng) {
    if let (Scale::Line { at_zero, slope, least, most }, Some(column)) = (scale, column.as_slice_mut()) {
        // Nearly every figure of nearly every model.
        posterior.draw(strata, rng, room, |draw, figure| column[draw] = (slope * figure + at_zero).clamp(*least, *most));
    } else {
        posterior.draw(strata, rng, room, |draw, figure| column[draw] = scale.score(figure));
    }
}

fn capped(mut column: ArrayViewMut1<f64>, scores: &Array1<f64>, cap: f64) {
    column.zip_mut_with(scores, |to, score| *to = if *score > cap { cap } else { *score });
}

/// Scores of a node in every draw, by the weights of each where they are drawn.
fn aggregate(method: &dyn Aggregate, children: ArrayView2<f64>, held: ArrayView1<f64>, drawn: Option<ArrayView2<f64>>) -> Array1<f64> {
    match drawn {
        None => method.aggregate(children, held),
        Some(weights) => method.aggregate_each(children, weights),
    }
}

/// Interval of a score, and of a rank.
type NodeInterval = ((f64, f64), (f64, f64));

/// Intervals of one node, area by area; `rows` are the areas' draws.
fn node_intervals(rows: &[Array2<f64>], node: usize, ranked: &[bool]) -> Vec<NodeInterval> {
    let draws = rows.first().map_or(0, |r| r.ncols());
    let mut places = Array2::from_elem((rows.len(), draws), f64::NAN);
    let mut order: Vec<(f64, usize)> = Vec::with_capacity(rows.len());
    for draw in 0..draws {
        let competing = rows.iter().enumerate().filter(|(area, _)| ranked[*area]).map(|(area, row)| (row[[node, draw]], area));
        order.clear();
        order.extend(competing.filter(|(score, _)| !score.is_nan()));
        order.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        rank(&order, |area, rank| places[[area, draw]] = rank);
    }
    let of_area = |(area, row): (usize, &Array2<f64>)| (tails(&mut row.row(node).to_vec()), tails(&mut places.row(area).to_vec()));
    rows.iter().enumerate().map(of_area).collect()
}

/// Hands out ranks in this order; equal scores share the better rank, as in [`super::ranks::ranks`], which is slower.
fn rank(order: &[(f64, usize)], mut give: impl FnMut(usize, f64)) {
    let (mut rank, mut last) = (0, f64::NAN);
    for (place, (score, area)) in order.iter().enumerate() {
        if *score != last {
            (rank, last) = (place + 1, *score);
        }
        give(*area, rank as f64);
    }
}

/// The order statistics that cut off the tails; NaN where a draw has no value.
fn tails(draws: &mut [f64]) -> (f64, f64) {
    if draws.is_empty() || draws.iter().any(|d| d.is_nan()) {
        return (f64::NAN, f64::NAN);
    }
    let last = (draws.len() - 1) as f64;
    let mut at = |p: f64| *draws.select_nth_unstable_by((last * p).round() as usize, f64::total_cmp).1;
    (at(TAIL), at(1.0 - TAIL))
}

/// Share of the draws whose index falls into each band.
fn bands(recipe: &Recipe, rows: &[Array2<f64>]) -> Array2<f64> {
    let mut shares = Array2::zeros((rows.len(), recipe.model.band.len()));
    for (area, row) in rows.iter().enumerate() {
        let index = row.row(recipe.domain_weights.len());
        for score in index.iter().filter(|s| !s.is_nan()) {
            if let Some(band) = recipe.model.band.iter().position(|b| *score >= b.from) {
                shares[[area, band]] += 1.0 / row.ncols() as f64;
            }
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::ranks::ranks;

    #[test]
    fn ranks_handed_out_are_those_of_ranks() {
        let scores = Array1::from(vec![5.0, 9.0, 5.0, f64::NAN, 1.0, 9.0, 0.0, -0.0]);
        let mut order: Vec<(f64, usize)> = scores.iter().copied().enumerate().filter(|(_, s)| !s.is_nan()).map(|(i, s)| (s, i)).collect();
        order.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
        let mut found = Array1::from_elem(scores.len(), f64::NAN);
        rank(&order, |area, rank| found[area] = rank);
        assert_eq!(format!("{found}"), format!("{}", ranks(scores.view())));
    }

    #[test]
    fn nine_tenths_lie_between_the_tails() {
        let mut draws: Vec<f64> = (0..=100).rev().map(f64::from).collect();
        assert_eq!(tails(&mut draws), (5.0, 95.0));
        assert!(tails(&mut [1.0, f64::NAN]).0.is_nan());
    }
}
