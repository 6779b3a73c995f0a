//! Figures → scores: normalise between the frozen goalposts, average up the tree, rank, band (METHOD.md §2.4–2.9).

use polars::prelude::*;

use super::model::{Kind, Model, Polarity};
use super::shrink::Prior;
use crate::error::Result;

/// The band of an index that too little data stands behind.
pub const INSUFFICIENT: &str = "数据不足";

/// The figure that is normalised: the shrunk rate or proportion, or the logged amount.
pub fn figure(kind: Kind, prior: Option<&Prior>, y: f64, n: f64) -> f64 {
    match (kind, prior) {
        (Kind::Amount, _) => (y / n).ln_1p(),
        (_, Some(prior)) => prior.shrink(y, n),
        (_, None) => y / n,
    }
}

/// 0–100 between the goalposts, higher is safer; beyond them the end of the scale.
pub fn normalise(figure: f64, low: f64, high: f64, polarity: Polarity) -> f64 {
    let share = ((figure - low) / (high - low)).clamp(0.0, 1.0);
    100.0 * if polarity == Polarity::Better { share } else { 1.0 - share }
}

/// Scores of every node, one row per period × area × node, from the values ([`super::values`]) and the model's frozen goalposts.
///
/// # Errors
/// [`crate::Error::Polars`].
pub fn scores(model: &Model, values: &DataFrame) -> Result<DataFrame> {
    let indicators = indicators(model, values)?;
    let domains = above(indicators.clone(), &[col("domain").alias("node")], lit(0.0), lit("domain"));
    let domains = domains.join(weights(model)?, [col("node")], [col("node")], JoinArgs::new(JoinType::Left));
    let index = above(domains.clone(), &[lit("index").alias("node")], lit(model.coverage.index), lit("index"));
    let index = index.with_column(lit(1.0).alias("weight"));
    let mut parts = Vec::new();
    for part in [indicators, domains, index] {
        parts.push(effective_weights(part)?.select(columns()));
    }
    let all = ranked(model, concat(parts, UnionArgs::default())?)?;
    Ok(banded(model, all).sort(["period_start", "period", "area_code", "kind", "node"], SortMultipleOptions::default()).collect()?)
}

/// Columns that every part of the tree has, in one order.
fn columns() -> Vec<Expr> {
    ["period", "period_start", "period_end", "level", "area_code", "node", "kind", "raw", "exposure", "score", "weight", "coverage"]
        .map(col)
        .to_vec()
}

/// Scores of the leaves.
fn indicators(model: &Model, values: &DataFrame) -> Result<LazyFrame> {
    let mut parts = Vec::new();
    for (domain, indicator, node) in model.indicators() {
        let rows = values.clone().lazy().filter(col("node").eq(lit(node.as_str())));
        let frozen = model.frozen.as_ref().and_then(|f| f.indicator.get(&node));
        let score = match frozen.filter(|f| f.high > f.low) {
            Some(f) => score_of(indicator.kind, f.prior.as_ref(), f.low, f.high, indicator.polarity),
            None => lit(NULL).cast(DataType::Float64),
        };
        parts.push(rows.with_columns([
            score.alias("score"),
            (col("num") / col("n") * lit(indicator.per)).alias("raw"),
            lit("indicator").alias("kind"),
            lit(indicator.weight).alias("weight"),
            lit(domain.id.as_str()).alias("domain"),
        ]));
    }
    Ok(concat(parts, UnionArgs::default())?)
}

/// [`figure`] and [`normalise`] as one expression.
fn score_of(kind: Kind, prior: Option<&Prior>, low: f64, high: f64, polarity: Polarity) -> Expr {
    let figure = match (kind, prior) {
        (Kind::Amount, _) => (col("num") / col("n")).log1p(),
        (_, Some(p)) if p.strength.is_infinite() => when(col("n").is_not_null()).then(lit(p.mean)).otherwise(lit(NULL)),
        (_, Some(p)) => (lit(p.mean * p.strength) + col("num")) / (lit(p.strength) + col("n")),
        (_, None) => col("num") / col("n"),
    };
    let share = (figure - lit(low)) / lit(high - low);
    let share = when(share.clone().lt(lit(0.0))).then(lit(0.0)).when(share.clone().gt(lit(1.0))).then(lit(1.0)).otherwise(share);
    lit(100.0) * if polarity == Polarity::Better { share } else { lit(1.0) - share }
}

/// Weighted mean of the children that have a score; null where the share of their weights is below `least`.
fn above(children: LazyFrame, node: &[Expr], least: Expr, kind: Expr) -> LazyFrame {
    let scored = when(col("score").is_not_null()).then(col("weight")).otherwise(lit(0.0));
    let mut by: Vec<Expr> = ["period", "period_start", "period_end", "level", "area_code"].map(col).to_vec();
    by.extend(node.iter().cloned());
    // Sums of floats depend on their order: the same inputs must give the same bytes.
    children
        .sort(["period", "area_code", "node"], SortMultipleOptions::default())
        .group_by_stable(by)
        .agg([
            (col("score") * col("weight")).sum().alias("sum"),
            scored.sum().alias("scored"),
            col("weight").sum().alias("all"),
            (col("coverage") * col("weight")).sum().alias("covered"),
        ])
        .with_columns([
            when(col("scored").gt(lit(0.0)).and((col("scored") / col("all")).gt_eq(least)))
                .then(col("sum") / col("scored"))
                .otherwise(lit(NULL))
                .alias("score"),
            when(col("all").gt(lit(0.0))).then(col("covered") / col("all")).otherwise(lit(0.0)).alias("coverage"),
            lit(NULL).cast(DataType::Float64).alias("raw"),
            lit(NULL).cast(DataType::Float64).alias("exposure"),
            kind.alias("kind"),
        ])
}

fn weights(model: &Model) -> Result<LazyFrame> {
    let nodes: Vec<&str> = model.domain.iter().map(|d| d.id.as_str()).collect();
    let weights: Vec<f64> = model.domain.iter().map(|d| d.weight).collect();
    let frame = DataFrame::new(nodes.len(), vec![Column::new("node".into(), nodes), Column::new("weight".into(), weights)])?;
    Ok(frame.lazy())
}

/// Weights as they came to bear: renormalised over the siblings that have a score, null where the node itself has none.
fn effective_weights(part: LazyFrame) -> Result<LazyFrame> {
    let parent = when(col("kind").eq(lit("indicator"))).then(col("node").cast(DataType::String)).otherwise(lit("index"));
    let siblings: Vec<Expr> = vec![col("period"), col("area_code"), col("parent")];
    let scored = when(col("score").is_not_null()).then(col("weight")).otherwise(lit(0.0));
    Ok(part
        .with_column(parent.map(domain_of_node, |_, f| Ok(f.clone())).alias("parent"))
        .with_column((scored.clone() / scored.sum().over(siblings)?).alias("share"))
        .with_column(when(col("score").is_not_null()).then(col("share")).otherwise(lit(NULL)).alias("weight")))
}

fn domain_of_node(node: Column) -> PolarsResult<Column> {
    let parents: StringChunked = node.str()?.iter().map(|n| n.map(|n| n.split('.').next().unwrap_or(n))).collect();
    Ok(parents.with_name(node.name().clone()).into_column())
}

/// Ranks among the areas of the scored level, 1 is the safest; the whole has none.
fn ranked(model: &Model, all: LazyFrame) -> Result<LazyFrame> {
    let options = RankOptions { method: RankMethod::Min, descending: true };
    let rank = col("score").rank(options, None).over([col("period"), col("node"), col("level")])?.cast(DataType::Int64);
    Ok(all.with_column(when(col("level").eq(lit(model.level.as_str()))).then(rank).otherwise(lit(NULL)).alias("rank")))
}

fn banded(model: &Model, all: LazyFrame) -> LazyFrame {
    let band = model
        .band
        .iter()
        .rev()
        .fold(lit(INSUFFICIENT), |lower, band| when(col("score").gt_eq(lit(band.from))).then(lit(band.name.as_str())).otherwise(lower));
    let band = when(col("kind").eq(lit("index"))).then(band).otherwise(lit(NULL));
    all.with_column(band.alias("band"))
}
