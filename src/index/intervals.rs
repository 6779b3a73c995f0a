//! Intervals of score and rank, and the bands' probabilities, by Monte Carlo (docs/method.md).
//!
//! Each draw takes every figure from its posterior and, where the model gives a concentration of
//! the weights, the weights from a Dirichlet distribution about them; then it normalises,
//! aggregates, caps and ranks as the score itself does. The figures' draws are stratified
//! ([`LatinHypercube`]). All draws of an area are computed at once, as rows of adjacent numbers.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, ShapeBuilder, s};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rayon::prelude::*;

use super::grid::ScoredAreas;
use super::score::{Measured, Recipe};
use methods::Flaw;
use methods::index::aggregate::Aggregate;
use methods::index::posterior::Posterior;
use methods::index::random_weights::dirichlet_weights;
use methods::index::rank_intervals::rank_intervals;
use methods::index::scale::Scale;
use methods::index::veto::Caps;
use methods::stats::latin_hypercube::{LatinHypercube, QuantileBuffers};
use methods::stats::percentile_interval::percentile_interval_90;

const NO_INTERVAL: (f64, f64) = (f64::NAN, f64::NAN);

/// Intervals of a period, each matrix areas × nodes (the domains, and last the index);
/// NaN where there is no score.
pub struct Intervals {
    pub low: Array2<f64>,
    pub high: Array2<f64>,
    /// Ranks, 1 is the safest; NaN for the whole.
    pub rank_low: Array2<f64>,
    pub rank_high: Array2<f64>,
    /// Areas × bands: share of the draws whose index falls into each; all zero without an index.
    pub bands: Array2<f64>,
}

/// What all draws of a run have in common.
pub struct Draws {
    design: LatinHypercube,
    /// One set of weights a draw, the same for every period and area; none where the model holds
    /// its weights.
    weights: Option<WeightSets>,
    seed: u64,
}

impl Draws {
    /// As many draws as the model asks for.
    ///
    /// # Errors
    /// A [`Flaw`] for a concentration of the weights that is none.
    pub fn new(recipe: &Recipe, seed: u64) -> Result<Draws, Flaw> {
        Ok(Draws {
            design: LatinHypercube::new(recipe.model.uncertainty.draws, seed),
            weights: WeightSets::draw(recipe, seed)?,
            seed,
        })
    }
}

/// Intervals of one period. Those of scores depend on the period's name, the area and the seed
/// alone, those of ranks on the other areas' scores also; nothing depends on what else is scored in
/// the same run, or on how many threads.
pub fn intervals(
    recipe: &Recipe,
    period: &str,
    measured: &Measured,
    units: &ScoredAreas,
    caps: &Caps,
    draws: &Draws,
) -> Intervals {
    let Measured { posteriors, scales } = measured;
    let areas: Vec<Drawn> = (0..units.areas.len())
        .into_par_iter()
        .map_init(
            || Room::new(recipe, &draws.design),
            |room, area| {
                let mut rng = stream(draws.seed, period, &units.areas[area].code);
                let area = Area {
                    posteriors: posteriors.row(area),
                    scale: &|leaf| scales.scale(area, leaf),
                    cap: &|node| caps.cap(area, node),
                };
                draw_area(recipe, &area, draws, room, &mut rng)
            },
        )
        .collect();
    let shape = (areas.len(), recipe.domain_weights.len() + 1);
    let ranks: Vec<Vec<(f64, f64)>> =
        (0..shape.1).into_par_iter().map(|node| ranks_of(&areas, node, &units.ranked)).collect();
    Intervals {
        low: Array2::from_shape_fn(shape, |(area, node)| areas[area].ends[node].0),
        high: Array2::from_shape_fn(shape, |(area, node)| areas[area].ends[node].1),
        rank_low: Array2::from_shape_fn(shape, |(area, node)| ranks[node][area].0),
        rank_high: Array2::from_shape_fn(shape, |(area, node)| ranks[node][area].1),
        bands: Array2::from_shape_fn((areas.len(), recipe.model.band.len()), |(area, band)| {
            areas[area].bands[band]
        }),
    }
}

/// Intervals of the ranks of every area in one node; NaN for those that are not ranked.
fn ranks_of(areas: &[Drawn], node: usize, ranked: &[bool]) -> Vec<(f64, f64)> {
    let competing = areas.iter().zip(ranked).filter(|(_, ranked)| **ranked);
    let scores: Vec<&[f32]> =
        competing.filter_map(|(area, _)| area.scores.row(node).to_slice()).collect();
    let mut found = rank_intervals(&scores).into_iter();
    ranked
        .iter()
        .map(|ranked| if *ranked { found.next().unwrap_or(NO_INTERVAL) } else { NO_INTERVAL })
        .collect()
}

/// The random generator of one area or node in a period.
fn stream(seed: u64, period: &str, of: &str) -> ChaCha8Rng {
    let hash = blake3::hash(format!("{period}\n{of}").as_bytes());
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(u64::from_le_bytes(hash.as_bytes()[..8].try_into().unwrap_or_default()));
    rng
}

/// Sets of weights, one a draw: the model's own weights taken from a Dirichlet distribution about
/// the given ones.
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
        let weights: Vec<f64> = recipe
            .leaf_weights
            .iter()
            .chain(&recipe.domain_weights)
            .copied()
            .chain([1.0])
            .collect();
        let sets = dirichlet_weights(
            &parents,
            &weights,
            concentration,
            recipe.model.uncertainty.draws,
            seed,
        )?
        .value;
        // Column by column, as they are read.
        let columns = |range: std::ops::Range<usize>| {
            let mut columns = Array2::zeros((sets.nrows(), range.len()).f());
            columns.assign(&sets.slice(s![.., range]));
            columns
        };
        Ok(Some(WeightSets { leaf: columns(0..leaves), domain: columns(leaves..leaves + domains) }))
    }
}

/// What is drawn of one area.
struct Area<'a> {
    posteriors: ArrayView1<'a, Posterior>,
    /// Of an indicator.
    scale: &'a dyn Fn(usize) -> &'a Scale,
    /// Of a node.
    cap: &'a dyn Fn(usize) -> f64,
}

/// The draws of one area, summarised.
struct Drawn {
    /// Of each node.
    ends: Vec<(f64, f64)>,
    bands: Vec<f64>,
    /// Nodes × draws, to be ranked by.
    scores: Array2<f32>,
}

/// Buffers that are reused for one area after the other.
struct Room {
    quantiles: QuantileBuffers,
    /// Scores of a domain's indicators, one after the other.
    children: Vec<f64>,
    /// Nodes × draws.
    nodes: Array2<f64>,
    tails: Vec<f64>,
}

impl Room {
    fn new(recipe: &Recipe, design: &LatinHypercube) -> Room {
        let most = recipe.ranges.iter().map(|range| range.len()).max().unwrap_or(0);
        let nodes = Array2::zeros((recipe.domain_weights.len() + 1, design.draws()));
        Room {
            quantiles: design.buffers(),
            children: vec![0.0; most * design.draws()],
            nodes,
            tails: Vec::new(),
        }
    }
}

/// Draws one area: its indicators domain by domain, then its index.
fn draw_area(
    recipe: &Recipe,
    area: &Area,
    by: &Draws,
    room: &mut Room,
    rng: &mut ChaCha8Rng,
) -> Drawn {
    let (weights, draws) = (by.weights.as_ref(), by.design.draws());
    let (in_domain, in_index) = recipe.aggregations();
    let index = recipe.domain_weights.len();
    let Room { quantiles, children, nodes, tails: ends } = room;
    for (domain, range) in recipe.ranges.iter().enumerate() {
        for (scores, leaf) in children.chunks_exact_mut(draws).zip(range.clone()) {
            area.posteriors[leaf].draw(&by.design, rng, quantiles, scores);
            (area.scale)(leaf).score_all(scores);
        }
        let scores = ArrayView2::from_shape((range.len(), draws), &children[..range.len() * draws]);
        let scores = scores.map_or_else(
            |_| Array1::from_elem(draws, f64::NAN),
            |scores| {
                let held = recipe.leaf_weights.slice(s![range.clone()]);
                aggregate(
                    in_domain,
                    scores.reversed_axes(),
                    held,
                    weights.map(|w| w.leaf.slice(s![.., range.clone()])),
                )
            },
        );
        nodes.row_mut(domain).assign(&capped(scores, (area.cap)(domain)));
    }
    let domains = nodes.slice(s![..index, ..]).reversed_axes();
    // Which domains have a score is the same in every draw.
    let known = !recipe
        .index(domains.slice(s![..1.min(draws), ..]), recipe.domain_weights.view())
        .is_any_nan();
    let scores = if known {
        aggregate(in_index, domains, recipe.domain_weights.view(), weights.map(|w| w.domain.view()))
    } else {
        Array1::from_elem(draws, f64::NAN)
    };
    nodes.row_mut(index).assign(&capped(scores, (area.cap)(index)));
    Drawn {
        ends: nodes.rows().into_iter().map(|scores| interval(scores, ends)).collect(),
        bands: bands(recipe, nodes.row(index)),
        scores: nodes.mapv(|score| score as f32),
    }
}

fn capped(scores: Array1<f64>, cap: f64) -> Array1<f64> {
    scores.mapv_into(|score| if score > cap { cap } else { score })
}

/// Scores of a node in every draw, by the weights of each where they are drawn.
fn aggregate(
    method: &dyn Aggregate,
    children: ArrayView2<f64>,
    held: ArrayView1<f64>,
    drawn: Option<ArrayView2<f64>>,
) -> Array1<f64> {
    match drawn {
        None => method.aggregate(children, held),
        Some(weights) => method.aggregate_each(children, weights),
    }
}

/// The interval of a node's scores; NaN where a draw gave none.
fn interval(scores: ArrayView1<f64>, room: &mut Vec<f64>) -> (f64, f64) {
    match scores.to_slice() {
        Some(scores) if !scores.iter().any(|s| s.is_nan()) => {
            percentile_interval_90(scores, room).unwrap_or(NO_INTERVAL)
        }
        _ => NO_INTERVAL,
    }
}

/// Share of an area's draws whose index falls into each band.
fn bands(recipe: &Recipe, index: ArrayView1<f64>) -> Vec<f64> {
    let mut fallen = vec![0_u32; recipe.model.band.len()];
    for score in index.iter().filter(|s| !s.is_nan()) {
        if let Some(band) = recipe.model.band.iter().position(|b| *score >= b.from) {
            fallen[band] += 1;
        }
    }
    fallen.into_iter().map(|n| f64::from(n) / index.len() as f64).collect()
}
