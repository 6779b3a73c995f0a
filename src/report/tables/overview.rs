//! The table that opens the report: each leading figure with its trend, its level, a comment.

use lake::schema::Domain;
use render::report::{Cell, Format, Table};

use super::cells::{INSUFFICIENT, compared, count, header, text};
use super::index::points;
use super::rates::wished;
use crate::report::comparison::{NONE, YEAR, verdict_cell};
use crate::report::inputs::Inputs;

/// The index, the domains that delivered, and what should rise and fall.
pub fn overview(inputs: &Inputs) -> Table {
    let domains = inputs.domains().map(|domain| of_domain(inputs, domain));
    let wished = wished(inputs).into_iter().map(|wished| {
        let verdict = format!("要求{}，{}", wished.direction(), wished.verdict());
        vec![text(wished.name), wished.now, wished.change, wished.year_change, text(verdict)]
    });
    Table {
        id: "总览".into(),
        title: "主要指标总览".into(),
        definition: "指数的环比、同比为分，比率的环比、同比为百分点，其余为增减百分比；评价为指数等级、同比检验（本月数据还可能增加的，未明显上升即不下结论）和“两升两降”结论，口径见各表。".into(),
        header: header(&["指标", "本月", "走势（环比）", "水平（同比）", "评价"]),
        rows: std::iter::once(of_index(inputs)).chain(domains).chain(wished).collect(),
    }
}

fn of_index(inputs: &Inputs) -> Vec<Cell> {
    let now = inputs.score("index", 0, 0);
    let against =
        |back| Cell::number(points(now, inputs.score("index", 0, back)), Format::Difference, NONE);
    let band = now.and_then(|s| s.band.clone());
    vec![
        text("平安指数"),
        Cell::number(now.and_then(|s| s.score), Format::Decimal(1), INSUFFICIENT),
        against(1),
        against(YEAR),
        band.map_or(Cell::Absent(NONE), |band| text(format!("等级“{band}”"))),
    ]
}

fn of_domain(inputs: &Inputs, domain: &Domain) -> Vec<Cell> {
    let counts = inputs.counts(domain.id, None, 0);
    let verdict = match verdict_cell(counts.against(YEAR)) {
        Cell::Text(verdict) => text(format!("同比{verdict}")),
        _ if inputs.grows(domain.id) => text("月末数据可能补报"),
        other => other,
    };
    vec![
        text(format!("{}数量", domain.label)),
        count(counts.now()),
        compared(&counts, 1),
        compared(&counts, YEAR),
        verdict,
    ]
}
