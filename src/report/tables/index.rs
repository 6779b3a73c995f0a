//! Tables of the index: scores and ranks, their course, what moved them.

use render::report::{Cell, Format, SHADES, Table};

use super::cells::{INSUFFICIENT, header, interval, text};
use crate::report::comparison::{NONE, YEAR};
use crate::report::inputs::{Inputs, Score};

/// Months of an area's course.
const COURSE: usize = 9;

/// The difference of two scores.
pub fn points(now: Option<&Score>, then: Option<&Score>) -> Option<f64> {
    Some(now?.score? - then?.score?)
}

/// Score, band and rank of the whole and of every area.
pub fn areas(inputs: &Inputs) -> Table {
    let row = |at: usize| {
        let now = inputs.score("index", at, 0);
        let of = |read: fn(&Score) -> Option<f64>| now.and_then(read);
        let ends = |low: Option<f64>, high: Option<f64>| low.zip(high);
        let rank = |read: fn(&Score) -> Option<i64>| now.and_then(read);
        let against = |back| {
            Cell::number(points(now, inputs.score("index", at, back)), Format::Difference, NONE)
        };
        let band = now.and_then(|s| s.band.clone());
        let ranks = rank(|s| s.rank_lower).zip(rank(|s| s.rank_upper));
        vec![
            text(inputs.areas[at].name.clone()),
            Cell::number(of(|s| s.score), Format::Decimal(1), INSUFFICIENT),
            interval(ends(of(|s| s.lower), of(|s| s.upper))),
            band.map_or(Cell::Absent(NONE), text),
            Cell::number(rank(|s| s.rank).map(|r| r as f64), Format::Count, NONE),
            ranks.map_or(Cell::Absent(NONE), |(low, high)| text(format!("{low}—{high}"))),
            against(1),
            against(YEAR),
        ]
    };
    Table {
        id: "平安指数".into(),
        title: "平安指数得分和位次".into(),
        definition: "得分0至100，越高越安全；区间为90%区间；环比、同比为与上月、上年同月得分之差（分）。位次1为最安全，位次区间重叠者差别未超出统计误差。".into(),
        header: header(&["区域", "得分", "90%区间", "等级", "位次", "位次区间", "环比（分）", "同比（分）"]),
        rows: std::iter::once(0).chain(by_rank(inputs)).map(row).collect(),
    }
}

/// The areas below the whole, the safest first, those without a rank last.
fn by_rank(inputs: &Inputs) -> Vec<usize> {
    let mut order: Vec<usize> = (1..inputs.areas.len()).collect();
    order.sort_by_key(|at| {
        let rank = inputs.score("index", *at, 0).and_then(|s| s.rank);
        (rank.is_none(), rank, *at)
    });
    order
}

/// Scores of every area in every domain that delivered, as a heat map: the lower, the darker.
pub fn profiles(inputs: &Inputs) -> Table {
    let steps = SHADES.len();
    let shade = |score: f64| {
        let step = (score / 100.0 * steps as f64).floor();
        steps - 1 - step.clamp(0.0, steps as f64 - 1.0) as usize
    };
    let cell = |node: &str, at: usize| match inputs.score(node, at, 0).and_then(|s| s.score) {
        Some(score) => Cell::Shaded(score, Format::Decimal(1), shade(score)),
        None => Cell::Absent(NONE),
    };
    let nodes: Vec<(&str, &str)> = std::iter::once(("index", "平安指数"))
        .chain(inputs.domains().map(|d| (d.id, d.label)))
        .collect();
    let row = |at: usize| {
        let name = std::iter::once(text(inputs.areas[at].name.clone()));
        name.chain(nodes.iter().map(|(node, _)| cell(node, at))).collect()
    };
    let labels = nodes.iter().map(|(_, label)| (*label).to_owned());
    Table {
        id: "乡镇领域得分".into(),
        title: "各区域各领域得分".into(),
        definition:
            "得分0至100，越高越安全；底色越深得分越低，每20分一级；“—”为没有报送或数据不足。".into(),
        header: std::iter::once("区域".to_owned()).chain(labels).collect(),
        rows: std::iter::once(0).chain(by_rank(inputs)).map(row).collect(),
    }
}

/// The course of every area's index over nine months.
pub fn course(inputs: &Inputs) -> Table {
    let row = |at: usize| {
        let score = |back| {
            let score = inputs.score("index", at, back).and_then(|s| s.score);
            Cell::number(score, Format::Decimal(1), NONE)
        };
        std::iter::once(text(inputs.areas[at].name.clone()))
            .chain((0..COURSE).rev().map(score))
            .collect()
    };
    let last = inputs.months.len() - 1;
    let months = (0..COURSE).rev().map(|back| inputs.months[last - back].name.clone());
    Table {
        id: "指数走势".into(),
        title: "近九个月平安指数走势".into(),
        definition: "各月平安指数得分，“—”为未予评定。".into(),
        header: std::iter::once("区域".to_owned()).chain(months).collect(),
        rows: (0..inputs.areas.len()).map(row).collect(),
    }
}

/// What lowered and raised the whole's index most.
pub fn moved(inputs: &Inputs) -> Table {
    const MOST: usize = 10;
    let row = |(node, delta): &(String, f64)| {
        vec![text(inputs.node_label(node)), Cell::Number(*delta, Format::Difference)]
    };
    let mut largest: Vec<&(String, f64)> = inputs.moved.iter().collect();
    largest.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    largest.truncate(MOST);
    largest.sort_by(|a, b| a.1.total_cmp(&b.1));
    Table {
        id: "指数变动因素".into(),
        title: "与上月相比平安指数变动因素".into(),
        definition:
            "各因素对全域平安指数变动的影响（分），全部因素之和等于指数之差；只列影响最大的十项。"
                .into(),
        header: header(&["因素", "影响（分）"]),
        rows: largest.into_iter().map(row).collect(),
    }
}
