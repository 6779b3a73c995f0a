//! Scores as rows of the `scores` table.

use crate::error::from_frame;
use std::ops::Range;

use datafusion::arrow::datatypes::Date32Type;
use ndarray::{Array1, Array2, Axis};
use polars::prelude::*;
use serde_json::{Map, Value};

use super::grid::{Grid, ScoredAreas};
use super::intervals::Intervals;
use super::score::{Recipe, Scores, shares};
use lake::Result;
use methods::index::ranks;
use methods::index::veto::Caps;

/// The band of an index for which data are insufficient.
pub const INSUFFICIENT: &str = "数据不足";

/// What a period's rows are made of.
pub struct Period<'a> {
    pub recipe: &'a Recipe<'a>,
    pub units: &'a ScoredAreas<'a>,
    pub grid: &'a Grid,
    pub scores: &'a Scores,
    pub intervals: &'a Intervals,
    pub caps: &'a Caps,
}

/// One row per area and node: an area's domains, its index and its indicators, each by name. An
/// area that does not live on any day of the period has none.
///
/// # Errors
/// [`lake::Error::Frame`].
pub fn rows(period: &Period) -> Result<DataFrame> {
    let mut table = Table::default();
    let ranks = Ranks {
        node: places(&period.scores.node, &period.units.ranked),
        leaf: places(&period.scores.leaf, &period.units.ranked),
    };
    let order = Order::new(period.recipe);
    let lives = |area: &usize| period.units.lives(*area, &period.grid.period);
    for area in (0..period.units.areas.len()).filter(lives) {
        period.add_area(&mut table, &ranks, &order, area);
    }
    table.into_frame(&period.grid.period)
}

/// Domains and indicators by name.
struct Order {
    domains: Vec<usize>,
    leaves: Vec<(usize, String)>,
}

impl Order {
    fn new(recipe: &Recipe) -> Order {
        let model = recipe.model;
        let mut domains: Vec<usize> = (0..model.domain.len()).collect();
        domains.sort_by_key(|d| &model.domain[*d].id);
        let mut leaves: Vec<(usize, String)> =
            model.indicators().map(|(_, _, node)| node).enumerate().collect();
        leaves.sort_by(|a, b| a.1.cmp(&b.1));
        Order { domains, leaves }
    }
}

/// Ranks of the areas, areas × nodes and areas × indicators.
struct Ranks {
    node: Array2<f64>,
    leaf: Array2<f64>,
}

/// Ranks of each column among the ranked areas, 1 is the safest; NaN for the whole and for an area
/// without a score.
fn places(scores: &Array2<f64>, ranked: &[bool]) -> Array2<f64> {
    let mut competing = scores.clone();
    for (mut scores, _) in
        competing.rows_mut().into_iter().zip(ranked).filter(|(_, ranked)| !**ranked)
    {
        scores.fill(f64::NAN);
    }
    ranks::rank_columns(competing.view())
}

impl Period<'_> {
    fn add_area(&self, table: &mut Table, ranks: &Ranks, order: &Order, area: usize) {
        let model = self.recipe.model;
        let shares = shares(self.scores.node.row(area), &self.recipe.domain_weights);
        for domain in order.domains.iter().copied() {
            let range = self.recipe.ranges[domain].clone();
            let coverage = mean(
                &self.recipe.leaf_weights,
                range.map(|leaf| (leaf, self.grid.coverage[[area, leaf]])),
            );
            self.add_node(
                table,
                ranks,
                [area, domain],
                (&model.domain[domain].id, "domain"),
                (shares[domain], coverage),
            );
        }
        let of_domain = |domain: usize| {
            mean(
                &self.recipe.leaf_weights,
                self.recipe.ranges[domain]
                    .clone()
                    .map(|leaf| (leaf, self.grid.coverage[[area, leaf]])),
            )
        };
        let coverage = mean(
            &self.recipe.domain_weights,
            (0..model.domain.len()).map(|domain| (domain, of_domain(domain))),
        );
        let index = model.domain.len();
        let one = if self.scores.node[[area, index]].is_nan() { f64::NAN } else { 1.0 };
        self.add_node(table, ranks, [area, index], ("index", "index"), (one, coverage));
        self.add_leaves(table, ranks, order, area);
    }

    fn add_node(
        &self,
        table: &mut Table,
        ranks: &Ranks,
        at: [usize; 2],
        (name, kind): (&str, &'static str),
        (weight, coverage): (f64, f64),
    ) {
        let i = self.intervals;
        let [area, node] = at;
        table.add(Row {
            area: &self.units.areas[area].code,
            node: name,
            kind,
            raw: f64::NAN,
            exposure: f64::NAN,
            score: self.scores.node[at],
            interval: (i.low[at], i.high[at]),
            rank: ranks.node[at],
            ranks: (i.rank_low[at], i.rank_high[at]),
            band: (kind == "index").then(|| self.band(self.scores.node[at])),
            bands: (kind == "index").then(|| self.bands(area)).flatten(),
            weight,
            coverage,
            capped_by: self.caps.reason(area, node),
            uncapped: if self.caps.reason(area, node).is_some() {
                self.scores.uncapped[at]
            } else {
                f64::NAN
            },
        });
    }

    fn add_leaves(&self, table: &mut Table, ranks: &Ranks, order: &Order, area: usize) {
        let siblings = |range: &Range<usize>| {
            let weights = self.recipe.leaf_weights.slice(ndarray::s![range.clone()]).to_owned();
            shares(self.scores.leaf.row(area).slice_move(ndarray::s![range.clone()]), &weights)
        };
        let weights: Vec<f64> = self.recipe.ranges.iter().flat_map(siblings).collect();
        for (leaf, node) in &order.leaves {
            let (leaf, at) = (*leaf, [area, *leaf]);
            table.add(Row {
                area: &self.units.areas[area].code,
                node,
                kind: "indicator",
                raw: self.grid.num[at] / self.grid.n[at] * self.recipe.leaves[leaf].per,
                exposure: self.grid.exposure[at],
                score: self.scores.leaf[at],
                interval: (f64::NAN, f64::NAN),
                rank: ranks.leaf[at],
                ranks: (f64::NAN, f64::NAN),
                band: None,
                bands: None,
                weight: weights[leaf],
                coverage: self.grid.coverage[at],
                capped_by: None,
                uncapped: f64::NAN,
            });
        }
    }

    fn band(&self, score: f64) -> &str {
        self.recipe.model.band_of(score).map_or(INSUFFICIENT, |b| b.name.as_str())
    }

    /// The probability of each band that any draw fell into, as JSON.
    fn bands(&self, area: usize) -> Option<String> {
        let shares = self.intervals.bands.index_axis(Axis(0), area);
        let likely = self.recipe.model.band.iter().zip(shares).filter(|(_, p)| **p > 0.0);
        let map: Map<String, Value> =
            likely.map(|(band, p)| (band.name.clone(), ((p * 1e6).round() / 1e6).into())).collect();
        (!map.is_empty() && !self.scores.node[[area, self.recipe.model.domain.len()]].is_nan())
            .then(|| Value::Object(map).to_string())
    }
}

/// Weighted mean of values at positions; zero without weight.
fn mean(weights: &Array1<f64>, values: impl Iterator<Item = (usize, f64)>) -> f64 {
    let (sum, all) = values
        .fold((0.0, 0.0), |(sum, all), (at, value)| (sum + weights[at] * value, all + weights[at]));
    if all > 0.0 { sum / all } else { 0.0 }
}

struct Row<'a> {
    area: &'a str,
    node: &'a str,
    kind: &'static str,
    raw: f64,
    exposure: f64,
    score: f64,
    interval: (f64, f64),
    rank: f64,
    ranks: (f64, f64),
    band: Option<&'a str>,
    bands: Option<String>,
    weight: f64,
    coverage: f64,
    capped_by: Option<&'a str>,
    uncapped: f64,
}

#[derive(Default)]
struct Table {
    area: Vec<String>,
    node: Vec<String>,
    kind: Vec<&'static str>,
    /// raw, exposure, score, score_lo, score_hi, weight, coverage, uncapped; NaN becomes null.
    floats: [Vec<f64>; 8],
    /// rank, rank_lo, rank_hi.
    ranks: [Vec<f64>; 3],
    band: Vec<Option<String>>,
    bands: Vec<Option<String>>,
    capped_by: Vec<Option<String>>,
}

const FLOATS: [&str; 8] =
    ["raw", "exposure", "score", "score_lo", "score_hi", "weight", "coverage", "uncapped"];
const RANKS: [&str; 3] = ["rank", "rank_lo", "rank_hi"];

impl Table {
    fn add(&mut self, row: Row) {
        self.area.push(row.area.to_owned());
        self.node.push(row.node.to_owned());
        self.kind.push(row.kind);
        // A score that is withheld has no interval either.
        let known = |x: f64| if row.score.is_nan() { f64::NAN } else { x };
        let (low, high) = row.interval;
        let floats = [
            row.raw,
            row.exposure,
            row.score,
            known(low),
            known(high),
            row.weight,
            row.coverage,
            row.uncapped,
        ];
        self.floats.iter_mut().zip(floats).for_each(|(column, x)| column.push(x));
        let ranks = [row.rank, known(row.ranks.0), known(row.ranks.1)];
        self.ranks.iter_mut().zip(ranks).for_each(|(column, x)| column.push(x));
        self.band.push(row.band.map(str::to_owned));
        self.bands.push(row.bands);
        self.capped_by.push(row.capped_by.map(str::to_owned));
    }

    fn into_frame(self, period: &crate::panel::Period) -> Result<DataFrame> {
        let height = self.kind.len();
        let mut columns = vec![
            Column::new("period".into(), vec![period.name.as_str(); height]),
            Column::new(
                "period_start".into(),
                vec![Date32Type::from_naive_date(period.start); height],
            ),
            Column::new("period_end".into(), vec![Date32Type::from_naive_date(period.end); height]),
            Column::new("area_code".into(), self.area),
            Column::new("node".into(), self.node),
            Column::new("kind".into(), self.kind),
            Column::new("band".into(), self.band),
            Column::new("bands".into(), self.bands),
            Column::new("capped_by".into(), self.capped_by),
        ];
        let known = |x: f64| (!x.is_nan()).then_some(x);
        for (name, values) in FLOATS.into_iter().zip(self.floats) {
            columns.push(Column::new(
                name.into(),
                values.into_iter().map(known).collect::<Vec<Option<f64>>>(),
            ));
        }
        for (name, values) in RANKS.into_iter().zip(self.ranks) {
            columns.push(Column::new(
                name.into(),
                values
                    .into_iter()
                    .map(|x| known(x).map(|r| r as i64))
                    .collect::<Vec<Option<i64>>>(),
            ));
        }
        DataFrame::new(height, columns).map_err(from_frame)
    }
}
