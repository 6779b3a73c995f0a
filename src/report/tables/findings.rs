//! Tables of what detection found and expects.

use chrono::NaiveDate;
use methods::stats::first_order::next_of_first_order;
use render::report::{Cell, Format, Table};

use super::cells::{header, interval, text};
use crate::detect::{Detail, Kind};
use crate::report::comparison::{NONE, NOT_WHOLE, YEAR};
use crate::report::findings::Found;
use crate::report::inputs::Inputs;
use crate::warn::settings::RISES;

/// Coverage of the interval of the next index.
const LEVEL: f64 = 0.9;

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
            text(stretch(f.from, f.to)),
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

/// Pairs of series of which one follows the other, named with their lag, and the correlation.
pub fn correlations(inputs: &Inputs) -> Vec<(String, f64)> {
    let pair = |f: &Found| {
        let Detail::LaggedCorrelation(d) = &f.detail else { return None };
        let (first, then) = (
            inputs.label(&d.follows_domain, &d.follows_category),
            inputs.label(&f.domain, &f.category),
        );
        Some((format!("{first}→{then}（{}周）", d.after_weeks), d.rho?))
    };
    inputs.found.iter().filter_map(pair).collect()
}

/// What is expected next: counts as detection told them, and the next month's index.
pub fn outlook(inputs: &Inputs) -> Table {
    let row = |f: &Found| {
        let Detail::Forecast(detail) = &f.detail else { return None };
        let whole = f.area_code == inputs.areas[0].code;
        whole.then(|| {
            vec![
                text(inputs.label(&f.domain, &f.category)),
                text(stretch(f.from, f.to)),
                Cell::number(f.expected, Format::Count, NONE),
                interval(f.lower.zip(f.upper)),
                Cell::number(detail.persistence, Format::Count, NONE),
                Cell::number(detail.last_year, Format::Count, NONE),
            ]
        })
    };
    let rows: Vec<Vec<Cell>> = inputs.forecasts.iter().filter_map(row).collect();
    Table {
        id: "趋势展望".into(),
        title: "各领域数量和平安指数预测".into(),
        definition: "数量为本月最后一次监测时的预测，口径为监测所用（重点群体服务不含走访）；平安指数为下月得分，由近年逐月得分的一阶自回归推算；区间为90%预测区间；上期、上年同期为对照。".into(),
        header: header(&["领域", "起止", "预计", "90%区间", "上期", "上年同期"]),
        rows: next_index(inputs).into_iter().chain(rows).collect(),
    }
}

/// What is expected of the next month's index; `None` where too few months have one.
fn next_index(inputs: &Inputs) -> Option<Vec<Cell>> {
    let next = next_of_first_order(&inputs.course, LEVEL)?;
    let month = inputs.month().next_month();
    let score = |back| inputs.score("index", 0, back).and_then(|s| s.score);
    let cell = |score| Cell::number(score, Format::Decimal(1), NONE);
    Some(vec![
        text("平安指数"),
        text(stretch(month.start, month.end)),
        cell(Some(next.mean)),
        interval(Some((next.lower.max(0.0), next.upper.min(100.0)))),
        cell(score(0)),
        cell(score(YEAR - 1)),
    ])
}

/// How the outlook of the month before did.
pub fn outlook_review(inputs: &Inputs) -> Table {
    let row = |(f, observed): &(Found, Option<f64>)| {
        let Detail::Forecast(detail) = &f.detail else { return None };
        let error = |expected: Option<f64>| {
            let error = expected.zip(*observed).map(|(expected, observed)| expected - observed);
            Cell::number(error, Format::Difference, NONE)
        };
        let within = f.lower.zip(f.upper).zip(*observed);
        let within = within.map(|((low, high), seen)| (low..=high).contains(&seen));
        Some(vec![
            text(inputs.label(&f.domain, &f.category)),
            text(stretch(f.from, f.to)),
            Cell::number(f.expected, Format::Count, NONE),
            interval(f.lower.zip(f.upper)),
            Cell::number(*observed, Format::Count, NOT_WHOLE),
            within.map_or(Cell::Absent(NONE), |within| text(if within { "是" } else { "否" })),
            error(f.expected),
            error(detail.persistence),
            error(detail.last_year),
        ])
    };
    Table {
        id: "展望回顾".into(),
        title: "上月展望回顾".into(),
        definition:
            "上月最后一次监测对其后一期的预测与实际件数，口径为监测所用（重点群体服务不含走访）；误差为预计（对照为上期、上年同期）减实际。"
                .into(),
        header: header(&[
            "领域",
            "起止",
            "上月预计",
            "90%区间",
            "实际",
            "区间内",
            "误差",
            "上期误差",
            "上年同期误差",
        ]),
        rows: inputs.expected.iter().filter_map(row).collect(),
    }
}

fn stretch(from: NaiveDate, to: NaiveDate) -> String {
    format!("{}至{}", from.format("%-m.%-d"), to.format("%-m.%-d"))
}
