//! The report's tables that are made from the panel, the scores, the findings and the letters.

use lake::schema::{DOMAINS, Domain};
use methods::index::posterior::IndicatorKind;
use render::report::{Cell, Format, Table};

use super::comparison::{
    CLEAR, Counts, Difference, Direction, NO_BASE, NONE, NOT_DELIVERED, NOT_WHOLE, Proportion,
    YEAR, change_cell, verdict_cell,
};
use super::findings::Found;
use super::inputs::{Inputs, Score};
use crate::detect::{Detail, Kind};
use crate::warn::ledger::LetterState;

/// Months of an area's course.
const COURSE: usize = 9;
/// What stands for a score that is not given.
const INSUFFICIENT: &str = "数据不足";

fn text(text: impl Into<String>) -> Cell {
    Cell::Text(text.into())
}

fn header(names: &[&str]) -> Vec<String> {
    names.iter().map(|n| (*n).to_owned()).collect()
}

fn interval(ends: Option<(f64, f64)>) -> Cell {
    ends.map_or(Cell::Absent(NONE), |(low, high)| text(format!("{low:.1}—{high:.1}")))
}

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
    let mut order: Vec<usize> = (1..inputs.areas.len()).collect();
    order.sort_by_key(|at| {
        let rank = inputs.score("index", *at, 0).and_then(|s| s.rank);
        (rank.is_none(), rank, *at)
    });
    Table {
        id: "平安指数".into(),
        title: "平安指数得分和位次".into(),
        definition: "得分0至100，越高越安全；区间为90%区间；环比、同比为与上月、上年同月得分之差（分）。位次1为最安全，位次区间重叠者差别未超出统计误差。".into(),
        header: header(&["区域", "得分", "90%区间", "等级", "位次", "位次区间", "环比（分）", "同比（分）"]),
        rows: std::iter::once(0).chain(order).map(row).collect(),
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

/// Why a count is compared with nothing.
fn uncompared(counts: &Counts, back: usize) -> &'static str {
    let last = counts.months.len() - 1;
    match (counts.whole[last], last.checked_sub(back).is_some_and(|at| counts.whole[at])) {
        (false, _) if counts.now().is_none() => NONE,
        (false, _) => NOT_WHOLE,
        (true, false) => NONE,
        (true, true) => NO_BASE,
    }
}

fn compared(counts: &Counts, back: usize) -> Cell {
    match counts.against(back) {
        Some(difference) => change_cell(Some(difference)),
        None => Cell::Absent(uncompared(counts, back)),
    }
}

fn count(value: Option<f64>) -> Cell {
    Cell::number(value, Format::Count, NOT_DELIVERED)
}

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
    let row = |label: String, counts: Counts| {
        vec![
            text(label),
            count(counts.now()),
            Cell::number(counts.daily(), Format::Decimal(1), NOT_WHOLE),
            count(counts.then(1)),
            compared(&counts, 1),
            count(counts.then(YEAR)),
            compared(&counts, YEAR),
            verdict_cell(counts.against(YEAR)),
        ]
    };
    let of = |(code, label): (String, String)| row(label, inputs.counts(domain.id, Some(&code), 0));
    let mut categories = inputs.categories(domain);
    let month = |code: &str| inputs.counts(domain.id, Some(code), 0).now().unwrap_or(0.0);
    categories.sort_by(|a, b| month(&b.0).total_cmp(&month(&a.0)));
    let mut rows: Vec<Vec<Cell>> = categories.into_iter().map(of).collect();
    rows.push(row("合计".into(), inputs.counts(domain.id, None, 0)));
    Table {
        id: domain.label.to_owned(),
        title: format!("{}分类情况", domain.label),
        definition: "按类型的当月件数；日均为除以当月天数；口径同“十个领域”。".into(),
        header: header(&["类型", "本月", "日均", "上月", "环比", "上年同月", "同比", "同比检验"]),
        rows,
    }
}

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
    pub fn year_on_year(&self) -> Option<Difference> {
        self.now.filter(|_| self.comparable)?.against(&self.year_ago?)
    }
}

/// The proportions of a domain that the model scores.
pub fn rates(inputs: &Inputs, domain: &Domain) -> Vec<Rate> {
    let of_domain = inputs.sources.model.domain.iter().filter(|d| d.id == domain.id);
    let shares =
        of_domain.flat_map(|d| &d.indicator).filter(|i| i.kind == IndicatorKind::Proportion);
    shares
        .map(|i| {
            let of =
                |back| inputs.proportion(domain.id, &i.measure, i.categories.as_deref(), 0, back);
            let comparable = inputs.both_whole(domain.id, YEAR);
            Rate {
                label: i.label.clone(),
                comparable,
                now: of(0),
                before: of(1),
                year_ago: of(YEAR),
            }
        })
        .collect()
}

fn share_cell(proportion: Option<Proportion>) -> Cell {
    match proportion {
        None => Cell::Absent(NOT_DELIVERED),
        Some(p) => Cell::number(p.share(), Format::Percent, NONE),
    }
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
    matches!(found.kind, Kind::Spike | Kind::Trend | Kind::Change | Kind::Cluster)
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

/// Letters that were in hand in the month, of all areas or of one; and their ids.
pub fn letters(inputs: &Inputs, only: Option<&str>) -> (Table, Vec<String>) {
    let month = inputs.month();
    let day = inputs.job.as_of.day;
    let row = |l: &&LetterState| {
        let status = match l.status() {
            "draft" => "待审签",
            "approved" => "已审签",
            "issued" => "已印发",
            "received" => "已接收",
            "measures" => "已部署",
            "feedback" => "已反馈",
            "evaluated" => "已评估",
            _ => "已办结",
        };
        let number = l.issued.as_ref().map(|i| i.number.clone());
        vec![
            number.map_or(Cell::Absent("未编号"), text),
            text(l.facts.kind_name.clone()),
            text(l.facts.area_name.clone()),
            text(l.facts.topic_name.clone()),
            text(l.facts.as_of.format("%-m.%-d").to_string()),
            text(l.reply_by().format("%-m.%-d").to_string()),
            text(if l.overdue(day) { format!("{status}（逾期）") } else { status.to_owned() }),
        ]
    };
    let in_hand = |l: &&LetterState| {
        l.facts.as_of <= month.end
            && (l.facts.as_of >= month.start
                || l.is_open()
                || l.closed.is_some_and(|c| c.date_naive() >= month.start))
    };
    let letters: Vec<&LetterState> = inputs
        .letters
        .iter()
        .filter(in_hand)
        .filter(|l| only.is_none_or(|code| l.facts.area_code == code))
        .collect();
    let table = Table {
        id: "工作提示".into(),
        title: "工作提示及落实情况".into(),
        definition: "本月新拟、在办和办结的工作提示（督办）函。".into(),
        header: header(&["文号", "种类", "发往", "事项", "拟稿日", "反馈期限", "状态"]),
        rows: letters.iter().map(row).collect(),
    };
    (table, letters.iter().map(|l| l.letter_id.clone()).collect())
}

/// 两升两降: what should rise and fall, each with its test.
pub fn two_up_two_down(inputs: &Inputs) -> Table {
    let of = |domain: &str, measure: &str| {
        let at = |back| inputs.proportion(domain, measure, None, 0, back);
        let comparable = inputs.both_whole(domain, YEAR);
        Rate { label: String::new(), comparable, now: at(0), before: at(1), year_ago: at(YEAR) }
    };
    let proportion = |name: &str, rate: &Rate| {
        let difference = rate.year_on_year();
        let size = Cell::number(difference.map(|d| d.size * 100.0), Format::Difference, NONE);
        row(
            name,
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
            proportion("调撤率", &of("litigation", "settled_or_withdrawn")),
            proportion("信访满意率", &of("petitions", "satisfied")),
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
