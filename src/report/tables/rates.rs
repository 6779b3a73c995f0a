//! Tables of proportions, and 两升两降.

use lake::schema::Domain;
use methods::index::posterior::IndicatorKind;
use render::report::{Cell, Format, Table};

use super::cells::{INSUFFICIENT, compared, count, header, share_cell, text};
use crate::index::Indicator;
use crate::report::comparison::{
    CLEAR, Counts, Difference, Direction, NONE, Proportion, YEAR, verdict_cell,
};
use crate::report::inputs::Inputs;

/// A proportion of the model in the whole: this month's, the month before's, a year before's.
pub struct Rate {
    pub label: String,
    /// Whether both months of a year's difference are whole.
    pub comparable: bool,
    pub now: Option<Proportion>,
    pub before: Option<Proportion>,
    pub year_ago: Option<Proportion>,
}

impl Rate {
    fn read(
        inputs: &Inputs,
        label: &str,
        domain: &str,
        measure: &str,
        categories: Option<&[String]>,
    ) -> Rate {
        let of = |back| inputs.proportion(domain, measure, categories, 0, back);
        Rate {
            label: label.to_owned(),
            comparable: inputs.both_whole(domain, YEAR),
            now: of(0),
            before: of(1),
            year_ago: of(YEAR),
        }
    }

    pub fn year_on_year(&self) -> Option<Difference> {
        self.now.filter(|_| self.comparable)?.against(&self.year_ago?)
    }
}

/// The proportions of a domain that the model scores.
pub fn rates(inputs: &Inputs, domain: &Domain) -> Vec<Rate> {
    let of_domain = inputs.sources.model.domain.iter().filter(|d| d.id == domain.id);
    let shares =
        of_domain.flat_map(|d| &d.indicator).filter(|i| i.kind == IndicatorKind::Proportion);
    let read = |i: &Indicator| {
        Rate::read(inputs, &i.label, domain.id, &i.measure, i.categories.as_deref())
    };
    shares.map(read).collect()
}

/// All proportions, or those of a domain.
pub fn proportions(inputs: &Inputs, only: Option<&Domain>) -> Table {
    let row = |domain: &Domain, rate: Rate| {
        let difference = rate.year_on_year();
        vec![
            text(domain.label),
            text(rate.label.clone()),
            share_cell(rate.now),
            Cell::number(rate.now.map(|p| p.num), Format::Count, NONE),
            Cell::number(rate.now.map(|p| p.den), Format::Count, NONE),
            share_cell(rate.before),
            share_cell(rate.year_ago),
            Cell::number(difference.map(|d| d.size * 100.0), Format::Difference, NONE),
            verdict_cell(difference),
        ]
    };
    let domains = inputs.domains().filter(|d| only.is_none_or(|only| only.id == d.id));
    let rows = domains.flat_map(|d| rates(inputs, d).into_iter().map(move |r| row(d, r)));
    Table {
        id: "比率指标".into(),
        title: "比率指标".into(),
        definition: format!(
            "各指标的分子、分母见docs/method.md和models/index.toml；上月、上年同月为月末后同样时长时所知的数，不是现在所知；同比增减为百分点，只比较数据报全的月份；检验为两个比率之差，p值小于{CLEAR}为明显。"
        ),
        header: header(&[
            "领域",
            "指标",
            "本月",
            "分子",
            "分母",
            "上月",
            "上年同月",
            "同比增减",
            "同比检验",
        ]),
        rows: rows.collect(),
    }
}

/// 两升两降: what should rise and fall, each with its test.
pub fn two_up_two_down(inputs: &Inputs) -> Table {
    let proportion = |label: &str, domain: &str, measure: &str| {
        let rate = Rate::read(inputs, label, domain, measure, None);
        let difference = rate.year_on_year();
        let size = Cell::number(difference.map(|d| d.size * 100.0), Format::Difference, NONE);
        row(
            &rate.label,
            Direction::Up,
            [share_cell(rate.now), share_cell(rate.year_ago), size],
            difference,
        )
    };
    let counted = |name: &str, counts: &Counts| {
        let difference = counts.against(YEAR);
        let cells = [count(counts.now()), count(counts.then(YEAR)), compared(counts, YEAR)];
        row(name, Direction::Down, cells, difference)
    };
    Table {
        id: "两升两降".into(),
        title: "“两升两降”情况".into(),
        definition: format!(
            "达到：同比方向符合要求，且差异检验p值小于{CLEAR}；未达到：方向相反，或差异未超出正常波动；数据不足：没有可比的两个报全的月份。比率的增减为百分点。"
        ),
        header: header(&["指标", "要求", "本月", "上年同月", "增减", "p值", "结论"]),
        rows: vec![
            proportion("调撤率", "litigation", "settled_or_withdrawn"),
            proportion("信访满意率", "petitions", "satisfied"),
            counted("诉讼收案", &inputs.counts("litigation", None, 0)),
            counted("涉法涉诉信访", &inputs.counts("petitions", Some("law_related"), 0)),
        ],
    }
}

fn row(
    name: &str,
    wished: Direction,
    cells: [Cell; 3],
    difference: Option<Difference>,
) -> Vec<Cell> {
    let p = difference.and_then(|d| d.p);
    let verdict = match difference {
        Some(d) if d.clear() && d.direction() == wished => "达到",
        Some(_) => "未达到",
        None => INSUFFICIENT,
    };
    let [now, then, size] = cells;
    vec![
        text(name),
        text(if wished == Direction::Up { "上升" } else { "下降" }),
        now,
        then,
        size,
        Cell::number(p, Format::Probability, NONE),
        text(verdict),
    ]
}
