//! Tables of what detection found and expects.

use render::report::{Cell, Format, Table};

use super::cells::{header, interval, text};
use crate::detect::{Detail, Kind};
use crate::report::comparison::NONE;
use crate::report::findings::Found;
use crate::report::inputs::Inputs;
use crate::warn::settings::RISES;

/// What kind of rise a finding is, in a word.
fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Spike => "短期升高",
        Kind::Trend => "持续上升",
        Kind::Change => "水平抬高",
        Kind::Cluster => "集中发生",
        Kind::Association => "先后关联",
        Kind::Forecast | Kind::NotAssessable | Kind::Veto => "",
    }
}

/// Whether a finding is a rise.
pub fn is_rise(found: &&Found) -> bool {
    RISES.contains(&found.kind)
}

/// The rises that were found, in all areas or in one.
pub fn rises(inputs: &Inputs, only: Option<&str>) -> Table {
    let row = |f: &Found| {
        vec![
            text(inputs.name(&f.area_code)),
            text(inputs.label(&f.domain, "")),
            text(if f.category.is_empty() {
                "全部".to_owned()
            } else {
                inputs.label(&f.domain, &f.category)
            }),
            text(kind(f.kind)),
            text(format!("{}至{}", f.from.format("%-m.%-d"), f.to.format("%-m.%-d"))),
            Cell::number(f.observed, Format::Count, NONE),
            Cell::number(f.expected, Format::Decimal(1), NONE),
            Cell::number(f.q, Format::Probability, NONE),
        ]
    };
    Table {
        id: "异常上升".into(),
        title: "本月监测发现的异常上升".into(),
        definition: "本月各夜监测发现的异常，每项取最后一次；正常水平为按历史推算应有的数量；q值为按当夜全部检验调整后的显著性。".into(),
        header: header(&["区域", "领域", "类型", "形态", "起止", "实际", "正常水平", "q值"]),
        rows: inputs
            .found
            .iter()
            .filter(is_rise)
            .filter(|f| only.is_none_or(|code| f.area_code == code))
            .map(row)
            .collect(),
    }
}

/// What follows what.
pub fn associations(inputs: &Inputs) -> Table {
    let row = |f: &Found| match &f.detail {
        Detail::LaggedCorrelation(d) => Some(vec![
            text(inputs.label(&d.follows_domain, &d.follows_category)),
            text(inputs.label(&f.domain, &f.category)),
            text("数量先后关联"),
            text(format!("{}周", d.after_weeks)),
            text(d.rho.map_or(NONE.to_owned(), |rho| format!("相关系数{rho:.2}"))),
            Cell::number(f.q, Format::Probability, NONE),
        ]),
        Detail::SharedParties(d) => Some(vec![
            text(inputs.label(&d.follows_domain, "")),
            text(inputs.label(&f.domain, "")),
            text("同一当事人"),
            text(format!("{}天", d.after_days)),
            text(format!("{}个当事人先后出现", d.in_this_order)),
            Cell::number(f.q, Format::Probability, NONE),
        ]),
        _ => None,
    };
    Table {
        id: "关联分析".into(),
        title: "领域之间的先后关联".into(),
        definition: "后者随前者而变的领域；先后为最强的时间差。关联不等于因果。".into(),
        header: header(&["在先", "在后", "方式", "相隔", "强度", "q值"]),
        rows: inputs.found.iter().filter_map(row).collect(),
    }
}

/// What is expected next.
pub fn outlook(inputs: &Inputs) -> Table {
    let row = |f: &Found| {
        let Detail::Forecast(detail) = &f.detail else { return None };
        let whole = f.area_code == inputs.areas[0].code;
        whole.then(|| {
            vec![
                text(inputs.label(&f.domain, &f.category)),
                text(format!("{}至{}", f.from.format("%-m.%-d"), f.to.format("%-m.%-d"))),
                Cell::number(f.expected, Format::Count, NONE),
                interval(f.lower.zip(f.upper)),
                Cell::number(detail.persistence, Format::Count, NONE),
                Cell::number(detail.last_year, Format::Count, NONE),
            ]
        })
    };
    Table {
        id: "趋势展望".into(),
        title: "各领域数量预测".into(),
        definition: "本月最后一次监测时的预测；区间为90%预测区间；上期、上年同期为对照。".into(),
        header: header(&["领域", "起止", "预计", "90%区间", "上期", "上年同期"]),
        rows: inputs.forecasts.iter().filter_map(row).collect(),
    }
}
