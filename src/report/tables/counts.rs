//! Tables of counts: by domain, by category, by area.

use lake::schema::{DOMAINS, Domain};
use render::report::{Cell, Format, Table};

use super::cells::{INSUFFICIENT, compared, count, header, text};
use super::index::points;
use crate::report::comparison::{
    CLEAR, Counts, NONE, NOT_DELIVERED, NOT_WHOLE, YEAR, verdict_cell,
};
use crate::report::inputs::Inputs;

/// The ten domains in the whole: score, counts, changes.
pub fn domains(inputs: &Inputs) -> Table {
    domains_of(inputs, 0)
}

/// The ten domains in an area.
pub fn domains_of(inputs: &Inputs, at: usize) -> Table {
    let row = |domain: &Domain| {
        let counts = inputs.counts(domain.id, None, at);
        let now = inputs.score(domain.id, at, 0);
        vec![
            text(domain.label),
            Cell::number(now.and_then(|s| s.score), Format::Decimal(1), INSUFFICIENT),
            Cell::number(points(now, inputs.score(domain.id, at, 1)), Format::Difference, NONE),
            count(counts.now()),
            count(counts.then(1)),
            compared(&counts, 1),
            count(counts.then(YEAR)),
            compared(&counts, YEAR),
            verdict_cell(counts.against(YEAR)),
            Cell::number(counts.three_years(), Format::Decimal(1), NONE),
        ]
    };
    Table {
        id: "十个领域".into(),
        title: "十个领域得分和数量".into(),
        definition: format!(
            "件数为当月发生、截至统计时点已知的事件数（重点群体服务含应走访数）；环比、同比为件数增减百分比，只比较数据报全的月份；检验为同比差异，p值小于{CLEAR}为明显，检验按日均件数，并考虑此前各月同比差异的波动；三年均值为前三年同月件数平均。"
        ),
        header: header(&[
            "领域",
            "得分",
            "得分环比",
            "本月件数",
            "上月件数",
            "环比",
            "上年同月",
            "同比",
            "同比检验",
            "三年均值",
        ]),
        rows: DOMAINS.iter().map(row).collect(),
    }
}

/// A domain's categories, and all together last.
pub fn categories(inputs: &Inputs, domain: &'static Domain) -> Table {
    let all = inputs.counts(domain.id, None, 0).now().filter(|n| *n > 0.0);
    let row = |label: String, counts: Counts| {
        let share = counts.now().zip(all).map(|(n, all)| n / all);
        vec![
            text(label),
            count(counts.now()),
            Cell::number(share, Format::Percent, NONE),
            Cell::number(counts.daily(), Format::Decimal(1), NOT_WHOLE),
            count(counts.then(1)),
            compared(&counts, 1),
            count(counts.then(YEAR)),
            compared(&counts, YEAR),
            verdict_cell(counts.against(YEAR)),
        ]
    };
    let of = |(code, label): (String, String)| row(label, inputs.counts(domain.id, Some(&code), 0));
    let mut rows: Vec<Vec<Cell>> = most_first(inputs, domain).into_iter().map(of).collect();
    rows.push(row("合计".into(), inputs.counts(domain.id, None, 0)));
    Table {
        id: domain.label.to_owned(),
        title: format!("{}分类情况", domain.label),
        definition:
            "按类型的当月件数；占比为占本领域当月件数的比重；日均为除以当月天数；口径同“十个领域”。"
                .into(),
        header: header(&[
            "类型",
            "本月",
            "占比",
            "日均",
            "上月",
            "环比",
            "上年同月",
            "同比",
            "同比检验",
        ]),
        rows,
    }
}

/// Code and label of a domain's categories, those with the most events in the month first.
fn most_first(inputs: &Inputs, domain: &'static Domain) -> Vec<(String, String)> {
    let month = |code: &str| inputs.counts(domain.id, Some(code), 0).now().unwrap_or(0.0);
    let mut categories = inputs.categories(domain);
    categories.sort_by(|a, b| month(&b.0).total_cmp(&month(&a.0)));
    categories
}

/// Months of a category's course.
const COURSE: usize = 13;

/// A domain's categories over thirteen months.
pub fn categories_by_month(inputs: &Inputs, domain: &'static Domain) -> Table {
    let row = |label: String, counts: Counts| {
        let month = |back| Cell::number(counts.then(back), Format::Count, NOT_DELIVERED);
        std::iter::once(text(label)).chain((0..COURSE).rev().map(month)).collect()
    };
    let mut rows: Vec<Vec<Cell>> = most_first(inputs, domain)
        .into_iter()
        .map(|(code, label)| row(label, inputs.counts(domain.id, Some(&code), 0)))
        .collect();
    rows.push(row("合计".into(), inputs.counts(domain.id, None, 0)));
    let last = inputs.months.len() - 1;
    let months = (0..COURSE).rev().map(|back| {
        let month = inputs.months[last - back].start;
        month.format("%y.%-m").to_string()
    });
    Table {
        id: format!("{}走势", domain.label),
        title: format!("近十三个月{}分类情况", domain.label),
        definition: "按类型的各月件数，口径同“十个领域”；未报全的月份为已报送数。".into(),
        header: std::iter::once("类型".to_owned()).chain(months).collect(),
        rows,
    }
}

/// Counts of every area by domain.
pub fn areas_by_domain(inputs: &Inputs) -> Table {
    let domains: Vec<&Domain> = inputs.domains().collect();
    let row = |at: usize| {
        let counts = domains.iter().map(|d| count(inputs.counts(d.id, None, at).now()));
        std::iter::once(text(inputs.areas[at].name.clone())).chain(counts).collect()
    };
    let labels = domains.iter().map(|d| d.label.to_owned());
    Table {
        id: "乡镇分领域".into(),
        title: "乡镇（街道）分领域件数".into(),
        definition: "当月件数，口径同“十个领域”；首行为全域，含未能落到乡镇（街道）的事件。".into(),
        header: std::iter::once("区域".to_owned()).chain(labels).collect(),
        rows: (0..inputs.areas.len()).map(row).collect(),
    }
}

/// A domain's counts in every area, the most first.
pub fn areas_of(inputs: &Inputs, domain: &Domain) -> Table {
    let row = |at: usize| {
        let counts = inputs.counts(domain.id, None, at);
        let score = inputs.score(domain.id, at, 0).and_then(|s| s.score);
        vec![
            text(inputs.areas[at].name.clone()),
            Cell::number(score, Format::Decimal(1), INSUFFICIENT),
            count(counts.now()),
            count(counts.then(1)),
            compared(&counts, 1),
            count(counts.then(YEAR)),
            compared(&counts, YEAR),
            verdict_cell(counts.against(YEAR)),
        ]
    };
    let mut order: Vec<usize> = (1..inputs.areas.len()).collect();
    let now = |at: usize| inputs.counts(domain.id, None, at).now().unwrap_or(0.0);
    order.sort_by(|a, b| now(*b).total_cmp(&now(*a)));
    Table {
        id: format!("{}分乡镇", domain.label),
        title: format!("{}分乡镇（街道）情况", domain.label),
        definition: "当月件数和领域得分，口径同“十个领域”。".into(),
        header: header(&["区域", "得分", "本月", "上月", "环比", "上年同月", "同比", "同比检验"]),
        rows: order.into_iter().map(row).collect(),
    }
}
