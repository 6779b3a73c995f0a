//! Why a score is what it is: the exact parts of its difference from another period, another area
//! or the whole (docs/method.md).

use super::grid::{Grid, ScoredAreas};
use super::inputs::with_grids;
use super::intervals::{Draws, Intervals, intervals};
use super::model::{Indicator, Model};
use super::normalisation::Scales;
use super::score::{Recipe, Scores, score, shares};
use crate::error::from_flaw;
use crate::job::Job;
use crate::panel::Period;
use chrono::NaiveDate;
use lake::Error;
use lake::areas::Area;
use methods::Flaw;
use methods::index::decompose::{self, Change, Node, NodeContent, indicator_parts};
use methods::index::posterior::IndicatorKind;
use methods::index::ranks::ranks;
use methods::index::veto::Caps;

/// What is to be explained: a score against that of another period, or another area's.
#[derive(Clone, Debug)]
pub struct Question {
    /// Codes of areas among the units.
    pub area: String,
    pub against_area: String,
    pub period: Period,
    pub against: Period,
}

/// One scored period.
pub struct ScoredPeriod<'a> {
    pub grid: &'a Grid,
    pub scores: &'a Scores,
    pub caps: &'a Caps,
    pub scales: &'a Scales,
}

/// One area in one scored period.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    pub scored: &'a ScoredPeriod<'a>,
    /// Its place among the units.
    pub area: usize,
}

/// A node of the tree and its part in the difference of the index.
#[derive(Clone, Debug)]
pub struct NodePart {
    /// `index`, a domain, or `domain.indicator`.
    pub node: String,
    pub label: String,
    pub kind: &'static str,
    pub score: Change<f64>,
    /// 90 % interval of the later score; NaN for an indicator.
    pub interval: (f64, f64),
    /// Weight in the index as it came to bear.
    pub weight: f64,
    /// Part in the difference of the index; of a domain that of all below it and its own.
    pub delta: f64,
    /// The node's own parts by name: counts, exposure or cases, scale; score; weights, veto;
    /// missing.
    pub parts: Vec<(String, f64)>,
    /// Of an indicator.
    pub figure: Option<Figure>,
    /// The rule and events that cap the later score, and what it would have been.
    pub capped: Option<(String, f64)>,
    /// Why an indicator has no score on the later side.
    pub unscored: Option<String>,
}

/// An indicator's figures on both sides.
#[derive(Clone, Debug)]
pub struct Figure {
    pub kind: IndicatorKind,
    /// What it is told per.
    pub per: f64,
    pub num: Change<f64>,
    /// Exposure-years, or cases.
    pub n: Change<f64>,
    /// `num / n × per`, before shrinkage.
    pub raw: Change<f64>,
    pub categories: Option<Vec<String>>,
    pub measure: String,
}

/// A difference of the index and all that made it.
#[derive(Clone, Debug)]
pub struct Explanation {
    pub period: Change<Period>,
    /// The index first; then each domain, the largest part first, followed by its indicators, the
    /// largest first.
    pub nodes: Vec<NodePart>,
    /// Rank of the later side and its 90 % interval; NaN for the whole.
    pub rank: (f64, f64, f64),
}

/// Explains the difference of the index.
///
/// # Errors
/// As [`super::run`]; [`Error::Usage`] where an area is not scored.
pub fn explain_difference(
    job: &Job,
    model: &Model,
    question: &Question,
) -> lake::Result<Explanation> {
    let periods = [question.against.clone(), question.period.clone()];
    with_grids(job, model, &periods, |recipe, units, grids| {
        let [(_, against_caps), (grid, caps)] = grids else {
            return Err(from_flaw(Flaw::new("two periods are compared", "give two")));
        };
        let measured: Vec<_> = grids.iter().map(|(g, _)| recipe.measure(g, units)).collect();
        let scores = [score(recipe, &measured[0], against_caps), score(recipe, &measured[1], caps)];
        let draws = Draws::new(recipe, job.seed).map_err(from_flaw)?;
        let intervals = intervals(recipe, &grid.period.name, &measured[1], units, caps, &draws);
        let sides = [0, 1].map(|i| ScoredPeriod {
            grid: &grids[i].0,
            scores: &scores[i],
            caps: &grids[i].1,
            scales: &measured[i].scales,
        });
        let before = Side { scored: &sides[0], area: position(units, &question.against_area)? };
        let after = Side { scored: &sides[1], area: position(units, &question.area)? };
        explain(recipe, units, before, after, &intervals).map_err(from_flaw)
    })
}

fn position(units: &ScoredAreas, code: &str) -> lake::Result<usize> {
    units.areas.iter().position(|a| a.code == code).ok_or_else(|| {
        Error::usage(
            format!("{code} is not scored"),
            "take an area of the level the model scores, or the county",
        )
    })
}

/// Explains how the index of `after` differs from that of `before`. Where either has none, no parts
/// are given.
///
/// # Errors
/// A [`Flaw`] where a node cannot be decomposed: more than thirty of its children differ.
pub fn explain(
    recipe: &Recipe,
    units: &ScoredAreas,
    before: Side,
    after: Side,
    intervals: &Intervals,
) -> Result<Explanation, Flaw> {
    let nodes = tree(recipe, before, after);
    let explained = decompose::decompose_tree(&nodes)?;
    let root = explained.len() - 1;
    let part_of = |id: &str| -> Vec<(String, f64)> {
        explained[root]
            .parts
            .iter()
            .filter(|p| p.node == id)
            .map(|p| (p.name.clone(), p.delta))
            .collect()
    };
    let teller = Teller { recipe, units, before, after, intervals };
    let mut domains = Vec::new();
    for (domain, range) in recipe.ranges.iter().enumerate() {
        let mut indicators: Vec<NodePart> =
            range.clone().map(|leaf| teller.indicator(domain, leaf, &part_of)).collect();
        indicators.sort_by(|a, b| b.delta.abs().total_cmp(&a.delta.abs()));
        let below: f64 = indicators.iter().map(|s| s.delta).sum();
        domains.push((teller.domain(domain, below, &part_of), indicators));
    }
    domains.sort_by(|a, b| b.0.delta.abs().total_cmp(&a.0.delta.abs()));
    let mut nodes = vec![teller.index(part_of("index"))];
    nodes.extend(
        domains
            .into_iter()
            .flat_map(|(domain, indicators)| std::iter::once(domain).chain(indicators)),
    );
    if nodes[0].delta.is_nan() {
        // Without a difference there are no parts, which is not to say that they are zero.
        nodes.iter_mut().for_each(|s| s.delta = f64::NAN);
    }
    let node = recipe.ranges.len();
    let competing = (0..units.areas.len())
        .map(|a| if units.ranked[a] { after.scored.scores.node[[a, node]] } else { f64::NAN });
    let rank = ranks(competing.collect::<ndarray::Array1<f64>>().view())[after.area];
    let at = [after.area, node];
    Ok(Explanation {
        period: Change::new(before.scored.grid.period.clone(), after.scored.grid.period.clone()),
        nodes,
        rank: (rank, intervals.rank_low[at], intervals.rank_high[at]),
    })
}

/// When an area lives, as the reason that it has no score.
fn outside_life(area: &Area) -> String {
    let day = |day: Option<NaiveDate>| day.map_or_else(|| "…".to_owned(), |d| d.to_string());
    format!("{} lives from {} to {}", area.name, day(area.valid_from), day(area.valid_to))
}

/// The tree of both sides for [`decompose::decompose_tree`]: indicators, domains, and last the
/// index.
pub fn tree<'a>(recipe: &'a Recipe, before: Side, after: Side) -> Vec<Node<'a>> {
    let (in_domain, in_index) = recipe.aggregations();
    let (leaves, domains) = (recipe.leaves.len(), recipe.ranges.len());
    let mut nodes = Vec::with_capacity(leaves + domains + 1);
    let names: Vec<String> = recipe.model.indicators().map(|(_, _, node)| node).collect();
    for (domain, range) in recipe.ranges.iter().enumerate() {
        for leaf in range.clone() {
            nodes.push(Node {
                id: names[leaf].clone(),
                parent: Some(leaves + domain),
                weight: held(recipe.leaf_weights[leaf]),
                content: NodeContent::Indicator {
                    score: leaf_score(leaf, before, after),
                    parts: parts(recipe, leaf, before, after),
                },
            });
        }
    }
    for (domain, model) in recipe.model.domain.iter().enumerate() {
        nodes.push(Node {
            id: model.id.clone(),
            parent: Some(leaves + domains),
            weight: held(recipe.domain_weights[domain]),
            content: NodeContent::Inner { aggregate: in_domain, cap: cap(domain, before, after) },
        });
    }
    nodes.push(Node {
        id: "index".to_owned(),
        parent: None,
        weight: held(1.0),
        content: NodeContent::Inner { aggregate: in_index, cap: cap(domains, before, after) },
    });
    nodes
}

fn held(weight: f64) -> Change<f64> {
    Change::new(weight, weight)
}

fn leaf_score(leaf: usize, before: Side, after: Side) -> Change<f64> {
    let score = |side: Side| side.scored.scores.leaf[[side.area, leaf]];
    Change::new(score(before), score(after))
}

fn cap(node: usize, before: Side, after: Side) -> Change<Option<f64>> {
    let cap = |side: Side| Some(side.scored.caps.cap(side.area, node)).filter(|at| at.is_finite());
    Change::new(cap(before), cap(after))
}

/// An indicator's own parts: what was counted, what it was held against, and the scale, where that
/// is not the same on both sides.
fn parts(recipe: &Recipe, leaf: usize, before: Side, after: Side) -> Vec<(String, f64)> {
    let known = leaf_score(leaf, before, after);
    if known.before.is_nan() || known.after.is_nan() {
        return Vec::new();
    }
    let scale = |side: Side<'_>| side.scored.scales.scale(side.area, leaf).clone();
    let scales = [scale(before), scale(after)];
    let against = if recipe.leaves[leaf].by_cases() { "cases" } else { "exposure" };
    let players = if scales[0] == scales[1] {
        vec!["counts", against]
    } else {
        vec!["counts", against, "scale"]
    };
    indicator_parts(&players, |coalition| {
        let new = |player: u32| coalition >> player & 1 == 1;
        let of = |player: u32| if new(player) { after } else { before };
        let (num, n) =
            (of(0).scored.grid.num[[of(0).area, leaf]], of(1).scored.grid.n[[of(1).area, leaf]]);
        scales[usize::from(new(2))].score(recipe.posterior(leaf, num, n).mean)
    })
}

/// Makes the nodes.
struct Teller<'a> {
    recipe: &'a Recipe<'a>,
    units: &'a ScoredAreas<'a>,
    before: Side<'a>,
    after: Side<'a>,
    intervals: &'a Intervals,
}

impl Teller<'_> {
    fn index(&self, parts: Vec<(String, f64)>) -> NodePart {
        let node = self.recipe.ranges.len();
        let score = self.node_score(node);
        NodePart {
            node: "index".to_owned(),
            label: "平安指数".to_owned(),
            kind: "index",
            interval: self.interval(node),
            weight: 1.0,
            delta: score.delta(),
            parts,
            score,
            figure: None,
            capped: self.capped(node),
            unscored: None,
        }
    }

    fn domain(
        &self,
        domain: usize,
        below: f64,
        part_of: &dyn Fn(&str) -> Vec<(String, f64)>,
    ) -> NodePart {
        let model = &self.recipe.model.domain[domain];
        let parts = part_of(&model.id);
        NodePart {
            node: model.id.clone(),
            label: lake::schema::Domain::find(&model.id)
                .map_or(model.id.as_str(), |d| d.label)
                .to_owned(),
            kind: "domain",
            score: self.node_score(domain),
            interval: self.interval(domain),
            weight: self.domain_weight(domain),
            delta: below + parts.iter().map(|(_, delta)| delta).sum::<f64>(),
            parts,
            figure: None,
            capped: self.capped(domain),
            unscored: None,
        }
    }

    fn indicator(
        &self,
        domain: usize,
        leaf: usize,
        part_of: &dyn Fn(&str) -> Vec<(String, f64)>,
    ) -> NodePart {
        let indicator = self.recipe.leaves[leaf];
        let node = format!("{}.{}", self.recipe.model.domain[domain].id, indicator.id);
        let range = self.recipe.ranges[domain].clone();
        let siblings = self
            .after
            .scored
            .scores
            .leaf
            .slice(ndarray::s![self.after.area, range.clone()])
            .to_owned();
        let weights = self.recipe.leaf_weights.slice(ndarray::s![range.clone()]).to_owned();
        let parts = part_of(&node);
        NodePart {
            label: indicator.label.clone(),
            kind: "indicator",
            score: leaf_score(leaf, self.before, self.after),
            interval: (f64::NAN, f64::NAN),
            weight: shares(siblings.view(), &weights)[leaf - range.start]
                * self.domain_weight(domain),
            delta: parts.iter().map(|(_, delta)| delta).sum(),
            parts,
            figure: Some(self.figure(leaf, indicator)),
            capped: None,
            unscored: self.unscored(leaf),
            node,
        }
    }

    /// Why an indicator has no score on the later side.
    fn unscored(&self, leaf: usize) -> Option<String> {
        let Side { scored, area } = self.after;
        let (at, grid) = ([area, leaf], scored.grid);
        if !scored.scores.leaf[at].is_nan() {
            return None;
        }
        let (indicator, area) = (self.recipe.leaves[leaf], self.units.areas[area]);
        if !self.units.lives(self.after.area, &grid.period) {
            return Some(outside_life(area));
        }
        let (known, least) = (grid.coverage[at], self.recipe.model.thresholds.indicator);
        if known < least || known <= 0.0 {
            return Some(format!(
                "{:.0} % of the period is known, {:.0} % are needed",
                100.0 * known,
                100.0 * least
            ));
        }
        if indicator.by_cases() && grid.n[at].is_nan() {
            return Some("there was no case".to_owned());
        }
        if grid.n[at].is_nan() {
            let exposure = indicator.exposure.join(" or ");
            return Some(format!("{exposure} of {} is not known, or zero", area.name));
        }
        Some("it has no scale: no goalposts, or nothing to compare with".to_owned())
    }

    fn figure(&self, leaf: usize, indicator: &Indicator) -> Figure {
        let of = |matrix: fn(&Grid) -> &ndarray::Array2<f64>| {
            let at = |side: Side| matrix(side.scored.grid)[[side.area, leaf]];
            Change::new(at(self.before), at(self.after))
        };
        let (num, n) = (of(|g| &g.num), of(|g| &g.n));
        let raw =
            Change::new(num.before / n.before * indicator.per, num.after / n.after * indicator.per);
        Figure {
            kind: indicator.kind,
            per: indicator.per,
            num,
            n,
            raw,
            categories: indicator.categories.clone(),
            measure: indicator.measure.clone(),
        }
    }

    fn node_score(&self, node: usize) -> Change<f64> {
        let score = |side: Side| side.scored.scores.node[[side.area, node]];
        Change::new(score(self.before), score(self.after))
    }

    fn domain_weight(&self, domain: usize) -> f64 {
        let scores = &self.after.scored.scores.node;
        let domains = scores.slice(ndarray::s![self.after.area, ..self.recipe.ranges.len()]);
        shares(domains, &self.recipe.domain_weights)[domain]
    }

    fn interval(&self, node: usize) -> (f64, f64) {
        let at = [self.after.area, node];
        (self.intervals.low[at], self.intervals.high[at])
    }

    fn capped(&self, node: usize) -> Option<(String, f64)> {
        let by = self.after.scored.caps.reason(self.after.area, node)?;
        Some((by.to_owned(), self.after.scored.scores.uncapped[[self.after.area, node]]))
    }
}
