//! Intervals of score and rank by Monte Carlo over the posteriors of the figures (METHOD.md §2.11).
//!
//! Each draw takes every indicator's figure from its posterior, normalises, averages and ranks as the score itself does. Weights are held.

use std::collections::HashMap;

use polars::prelude::*;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand_distr::{Beta, Distribution, Gamma};

use super::model::{Indicator, Kind, Model};
use super::score::{figure, normalise};
use super::shrink::Prior;
use crate::error::Result;

/// Tails cut off on either side: the interval holds 90 %.
const TAIL: f64 = 0.05;

/// One indicator of one area in one period, as the draws need it.
struct Cell<'a> {
    indicator: &'a Indicator,
    domain: usize,
    low: f64,
    high: f64,
    prior: Option<Prior>,
    y: f64,
    n: f64,
}

/// What the draws gave for one node of one area: interval of the score, interval of the rank.
type Interval = (f64, f64, Option<(i64, i64)>);

/// Adds `score_lo, score_hi, rank_lo, rank_hi` to the scores ([`super::scores`]) of the index and the domains.
///
/// # Errors
/// [`crate::Error::Polars`].
pub fn add_intervals(model: &Model, values: &DataFrame, scores: DataFrame, draws: usize, seed: u64) -> Result<DataFrame> {
    let cells = cells(model, values)?;
    let mut intervals: HashMap<(String, String, String), Interval> = HashMap::new();
    for (period, areas) in &cells {
        // A period's draws are its own, whatever else is scored in the same run.
        let stream: [u8; 8] = blake3::hash(period.as_bytes()).as_bytes()[..8].try_into().unwrap_or_default();
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(u64::from_le_bytes(stream));
        period_intervals(model, period, areas, draws, &mut rng, &mut intervals);
    }
    attach(scores, &intervals)
}

/// Period → area → (whether ranked, its assessable cells); sorted, so that the draws fall the same way every time.
type Cells<'a> = Vec<(String, Vec<(String, bool, Vec<Cell<'a>>)>)>;

fn cells<'a>(model: &'a Model, values: &DataFrame) -> Result<Cells<'a>> {
    let frozen = |node: &str| model.frozen.as_ref().and_then(|f| f.indicator.get(node)).filter(|f| f.high > f.low);
    let mut nodes = HashMap::new();
    for (number, domain) in model.domain.iter().enumerate() {
        for indicator in &domain.indicator {
            nodes.insert(format!("{}.{}", domain.id, indicator.id), (number, indicator));
        }
    }
    let text = |name: &str| -> Result<StringChunked> { Ok(values.column(name)?.str()?.clone()) };
    let (periods, areas, levels, names) = (text("period")?, text("area_code")?, text("level")?, text("node")?);
    let (num, n) = (values.column("num")?.f64()?.clone(), values.column("n")?.f64()?.clone());
    let mut cells: Cells<'a> = Vec::new();
    for row in 0..values.height() {
        let (Some(period), Some(area), Some(node)) = (periods.get(row), areas.get(row), names.get(row)) else { continue };
        if cells.last().is_none_or(|(p, _)| p != period) {
            cells.push((period.to_owned(), Vec::new()));
        }
        let Some((_, of_period)) = cells.last_mut() else { continue };
        if of_period.last().is_none_or(|(a, _, _)| a != area) {
            of_period.push((area.to_owned(), levels.get(row) == Some(model.level.as_str()), Vec::new()));
        }
        let (Some(f), Some((domain, indicator)), Some(y), Some(n)) = (frozen(node), nodes.get(node), num.get(row), n.get(row)) else {
            continue;
        };
        if let Some((_, _, of_area)) = of_period.last_mut() {
            of_area.push(Cell { indicator, domain: *domain, low: f.low, high: f.high, prior: f.prior, y, n });
        }
    }
    Ok(cells)
}

fn period_intervals(
    model: &Model,
    period: &str,
    areas: &[(String, bool, Vec<Cell>)],
    draws: usize,
    rng: &mut ChaCha8Rng,
    intervals: &mut HashMap<(String, String, String), Interval>,
) {
    let nodes = model.domain.len() + 1;
    let mut scores = vec![vec![Vec::with_capacity(draws); areas.len()]; nodes];
    let mut ranks = vec![vec![Vec::with_capacity(draws); areas.len()]; nodes];
    for _ in 0..draws {
        let drawn: Vec<Vec<Option<f64>>> = areas.iter().map(|(_, _, cells)| draw(model, cells, rng)).collect();
        for node in 0..nodes {
            for area in 0..areas.len() {
                let Some(score) = drawn[area][node] else { continue };
                scores[node][area].push(score);
                let above = |other: usize| areas[other].1 && drawn[other][node].is_some_and(|s| s > score);
                ranks[node][area].push((1 + (0..areas.len()).filter(|o| above(*o)).count()) as f64);
            }
        }
    }
    for node in 0..nodes {
        let name = model.domain.get(node).map_or("index", |d| d.id.as_str());
        for (area, (code, ranked, _)) in areas.iter().enumerate() {
            let (scores, ranks) = (&mut scores[node][area], &mut ranks[node][area]);
            if scores.is_empty() {
                continue;
            }
            let (low, high) = tails(scores);
            let rank = tails(ranks);
            let rank = ranked.then_some((rank.0.floor() as i64, rank.1.ceil() as i64));
            intervals.insert((period.to_owned(), code.clone(), name.to_owned()), (low, high, rank));
        }
    }
}

/// One draw of an area: the score of each domain, and last of the index.
fn draw(model: &Model, cells: &[Cell], rng: &mut ChaCha8Rng) -> Vec<Option<f64>> {
    let mut sums = vec![(0.0, 0.0); model.domain.len()];
    for cell in cells {
        let score = normalise(draw_figure(cell, rng), cell.low, cell.high, cell.indicator.polarity);
        sums[cell.domain].0 += cell.indicator.weight * score;
        sums[cell.domain].1 += cell.indicator.weight;
    }
    let mut scores: Vec<Option<f64>> = sums.iter().map(|(sum, weight)| (*weight > 0.0).then(|| sum / weight)).collect();
    let scored = || model.domain.iter().zip(&scores).filter_map(|(d, s)| s.map(|s| (d.weight, s)));
    let weight: f64 = scored().map(|(w, _)| w).sum();
    let all: f64 = model.domain.iter().map(|d| d.weight).sum();
    let index = (weight > 0.0 && weight / all >= model.coverage.index).then(|| scored().map(|(w, s)| w * s).sum::<f64>() / weight);
    scores.push(index);
    scores
}

/// A figure from its posterior: gamma for rates, beta for proportions; the figure itself where nothing is known of its spread.
fn draw_figure(cell: &Cell, rng: &mut ChaCha8Rng) -> f64 {
    let point = figure(cell.indicator.kind, cell.prior.as_ref(), cell.y, cell.n);
    let Some(prior) = cell.prior.filter(|p| p.strength.is_finite()) else { return point };
    let (for_it, evidence) = (prior.mean * prior.strength + cell.y, prior.strength + cell.n);
    match cell.indicator.kind {
        Kind::Rate | Kind::Ratio => Gamma::new(for_it, 1.0 / evidence).map_or(point, |d| d.sample(rng)),
        Kind::Proportion => Beta::new(for_it, evidence - for_it).map_or(point, |d| d.sample(rng)),
        Kind::Amount => point,
    }
}

fn tails(draws: &mut [f64]) -> (f64, f64) {
    draws.sort_by(f64::total_cmp);
    let at = |p: f64| draws[((draws.len() - 1) as f64 * p).round() as usize];
    (at(TAIL), at(1.0 - TAIL))
}

fn attach(scores: DataFrame, intervals: &HashMap<(String, String, String), Interval>) -> Result<DataFrame> {
    let mut scores = scores;
    let text = |name: &str| -> Result<StringChunked> { Ok(scores.column(name)?.str()?.clone()) };
    let (periods, areas, nodes) = (text("period")?, text("area_code")?, text("node")?);
    let found: Vec<Option<&Interval>> = (0..scores.height())
        .map(|row| intervals.get(&(periods.get(row)?.to_owned(), areas.get(row)?.to_owned(), nodes.get(row)?.to_owned())))
        .collect();
    // A score that is withheld has no interval either.
    let known: Vec<bool> = scores.column("score")?.f64()?.iter().map(|s| s.is_some()).collect();
    let found: Vec<Option<&Interval>> = found.into_iter().zip(known).map(|(i, known)| i.filter(|_| known)).collect();
    let float = |f: fn(&Interval) -> f64| found.iter().map(|i| i.map(f)).collect::<Vec<Option<f64>>>();
    let whole = |f: fn(&Interval) -> Option<i64>| found.iter().map(|i| i.and_then(f)).collect::<Vec<Option<i64>>>();
    let (low, high) = (float(|i| i.0), float(|i| i.1));
    let (rank_low, rank_high) = (whole(|i| i.2.map(|r| r.0)), whole(|i| i.2.map(|r| r.1)));
    scores.with_column(Column::new("score_lo".into(), low))?;
    scores.with_column(Column::new("score_hi".into(), high))?;
    scores.with_column(Column::new("rank_lo".into(), rank_low))?;
    scores.with_column(Column::new("rank_hi".into(), rank_high))?;
    Ok(scores)
}
