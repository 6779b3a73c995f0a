//! The table of what was delivered.

use lake::schema::{DOMAINS, Domain};
use render::report::{Cell, Table};

use super::cells::{header, text};
use crate::report::comparison::{NOT_DELIVERED, NOT_WHOLE};
use crate::report::inputs::Inputs;
use crate::report::queries::{NOT_COLLECTED, Query};

/// How far each domain was delivered.
pub fn coverage(inputs: &Inputs) -> Table {
    let month = inputs.month();
    let row = |domain: &Domain| {
        let days = inputs.job.coverage.days(domain.id, month.start, month.end).len();
        let state = match (
            inputs.job.coverage.feeds.contains_key(domain.id),
            days as i64 == month.days(),
        ) {
            (false, _) => NOT_DELIVERED.to_owned(),
            (true, true) => "报全".to_owned(),
            (true, false) if inputs.whole[domain.id].last() == Some(&true) => {
                "末几日可能补报".to_owned()
            }
            (true, false) if days == 0 => NOT_DELIVERED.to_owned(),
            (true, false) => NOT_WHOLE.to_owned(),
        };
        vec![
            text(domain.label),
            Cell::count(month.days() as f64),
            Cell::count(days as f64),
            text(state),
        ]
    };
    Table {
        id: "数据报送".into(),
        title: "数据报送情况".into(),
        definition: "计入天数为已报全、计入评分的天数。".into(),
        header: header(&["领域", "当月天数", "计入天数", "状态"]),
        rows: DOMAINS.iter().map(row).collect(),
    }
}

/// Tables that are left out because no source says what they rest on.
pub fn not_collected(queries: &[Query]) -> Table {
    let row = |query: &Query| {
        let labels: Vec<&str> = query.domains.iter().map(|d| d.label).collect();
        let columns = query.requires.iter().map(|n| format!("{}.{}", n.table, n.column));
        let columns: Vec<String> = columns.collect();
        vec![
            text(labels.join("、")),
            text(query.title.clone()),
            text(NOT_COLLECTED),
            text(columns.join("、")),
        ]
    };
    Table {
        id: "未采集指标".into(),
        title: "未采集的统计指标".into(),
        definition:
            "一年内各来源均未提供所需数据项的统计表；数据项见接口说明，任一项有数据即可统计。"
                .into(),
        header: header(&["领域", "统计表", "状态", "所需数据项"]),
        rows: queries.iter().map(row).collect(),
    }
}
