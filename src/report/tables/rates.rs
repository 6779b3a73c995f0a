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

/// What should rise or fall, with its test.
pub struct Wished {
    pub name: &'static str,
    wish: Direction,
    pub now: Cell,
    year_ago: Cell,
    /// Against the month before.
    pub change: Cell,
    /// Against a year before.
    pub year_change: Cell,
    difference: Option<Difference>,
}

impl Wished {
    fn rate(inputs: &Inputs, name: &'static str, domain: &str, measure: &str) -> Wished {
        let rate = Rate::read(inputs, name, domain, measure, None);
        let of_months = inputs.both_whole(domain, 1);
        let change = rate.now.filter(|_| of_months).zip(rate.before);
        let change = change.and_then(|(now, before)| now.against(&before));
        let difference = rate.year_on_year();
        let points = |d: Option<Difference>| {
            Cell::number(d.map(|d| d.size * 100.0), Format::Difference, NONE)
        };
        Wished {
            name,
            wish: Direction::Up,
            now: share_cell(rate.now),
            year_ago: share_cell(rate.year_ago),
            change: points(change),
            year_change: points(difference),
            difference,
        }
    }

    fn counts(name: &'static str, counts: &Counts) -> Wished {
        Wished {
            name,
            wish: Direction::Down,
            now: count(counts.now()),
            year_ago: count(counts.then(YEAR)),
            change: compared(counts, 1),
            year_change: compared(counts, YEAR),
            difference: counts.against(YEAR),
        }
    }

    /// `上升` or `下降`.
    pub fn direction(&self) -> &'static str {
        if self.wish == Direction::Up { "上升" } else { "下降" }
    }

    /// Whether it was met.
    pub fn verdict(&self) -> &'static str {
        match self.difference {
            Some(d) if d.clear() && d.direction() == self.wish => "达到",
            Some(_) => "未达到",
            None => INSUFFICIENT,
        }
    }
}

/// The two that should rise and the two that should fall.
pub fn wished(inputs: &Inputs) -> [Wished; 4] {
    [
        Wished::rate(inputs, "调撤率", "litigation", "settled_or_withdrawn"),
        Wished::rate(inputs, "信访满意率", "petitions", "satisfied"),
        Wished::counts("诉讼收案", &inputs.counts("litigation", None, 0)),
        Wished::counts("涉法涉诉信访", &inputs.counts("petitions", Some("law_related"), 0)),
    ]
}

/// 两升两降: what should rise and fall, each with its test.
pub fn two_up_two_down(inputs: &Inputs) -> Table {
    let row = |wished: Wished| {
        let p = wished.difference.and_then(|d| d.p);
        vec![
            text(wished.name),
            text(wished.direction()),
            wished.now.clone(),
            wished.year_ago.clone(),
            wished.year_change.clone(),
            Cell::number(p, Format::Probability, NONE),
            text(wished.verdict()),
        ]
    };
    Table {
        id: "两升两降".into(),
        title: "“两升两降”情况".into(),
        definition: format!(
            "达到：同比方向符合要求，且差异检验p值小于{CLEAR}；未达到：方向相反，或差异未超出正常波动；数据不足：没有可比的两个报全的月份。比率的增减为百分点。"
        ),
        header: header(&["指标", "要求", "本月", "上年同月", "增减", "p值", "结论"]),
        rows: wished(inputs).into_iter().map(row).collect(),
    }
}
