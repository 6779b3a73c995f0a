//! The annex: every figure of the letter with the finding it comes from, and a chart.

use chrono::{Days, NaiveDate};

use super::series::{FindingText, Series};
use super::standing::IndexText;
use super::tables::table;
use super::words::{Placeholders, Words};
use super::{areas, figures};
use crate::detect::{Detail, Kind};
use crate::warn::facts::{Cause, Circumstance, Facts};
use crate::warn::warning::Level;
use render::letter::{Annex, Chart, Line, Stroke, Table, chinese_date};

/// Four-week sums in a year.
const YEAR: usize = 13;
/// Findings that leave room for a chart on the one page of a blue letter's annex.
const ROWS_BESIDE_A_CHART: usize = 2;

/// All that the text says, as tables, and the first series' course.
pub(super) fn annex(
    title: String,
    facts: &Facts,
    series: &[Series],
    index: Option<&IndexText>,
    words: &Words,
) -> Annex {
    let mut rows = remarks(series, words);
    rows.extend(index.map(|index| row("平安指数", index.in_short())));
    rows.extend(causes(facts).filter(|_| index.is_some()));
    rows.extend(dates(facts));
    let mut tables = vec![findings(series, words, facts.as_of)];
    tables.extend(areas::tables(series, words));
    tables.push(table("补充情况", &["事项", "情况"], &[0.2, 0.8], rows));
    let captions = |(n, table): (usize, Table)| Table {
        caption: format!("表{} {}", n + 1, table.caption),
        ..table
    };
    let tables: Vec<Table> = tables.into_iter().enumerate().map(captions).collect();
    let findings: usize = series.iter().map(|s| s.findings.len()).sum();
    let has_room = facts.level != Level::Blue || findings <= ROWS_BESIDE_A_CHART;
    let chart = chart(series, words).filter(|_| has_room);
    Annex { title, tables, chart, notes: vec![notes(series, words)] }
}

fn row(name: &str, value: String) -> Vec<String> {
    vec![name.to_owned(), value]
}

/// One row a finding; days without the year that the letter is written in, which its last table
/// names.
fn findings(series: &[Series], words: &Words, written: NaiveDate) -> Table {
    let known = |text: &Option<String>| text.clone().unwrap_or_else(|| "—".to_owned());
    let said = |text: &str| if text.is_empty() { "—".to_owned() } else { text.to_owned() };
    let row = |name: &str, t: &FindingText| {
        let e = t.evidence;
        let expected = match (&t.expected, &t.interval) {
            (Some(expected), Some(interval)) => format!("{expected}（{interval}）"),
            _ => known(&t.expected),
        };
        vec![
            name.to_owned(),
            words.finding(e.kind().name()).to_owned(),
            figures::days(e.period_start, e.period_end, Some(written)),
            known(&t.observed),
            expected,
            known(&t.excess),
            said(t.before.trim_start_matches("环比")),
            said(t.last_year.trim_start_matches("同比")),
        ]
    };
    let rows = series.iter().flat_map(|s| s.findings.iter().map(|t| row(&s.name, t))).collect();
    let header = ["项目", "情形", "起止日期", "实际", "正常水平（区间）", "超出", "环比", "同比"];
    table("上升情况", &header, &[0.12, 0.095, 0.165, 0.07, 0.13, 0.08, 0.17, 0.17], rows)
}

/// How improbable the rises would be by chance: q where it is known, else p; those of which the
/// same is said together.
fn significance(series: &[Series], words: &Words) -> Option<String> {
    let chance = |t: &FindingText| match (t.evidence.q, t.evidence.p) {
        (Some(q), _) => Some(format!("q值{}", figures::probability(q))),
        (None, p) => Some(format!("p值{}", figures::probability(p?))),
    };
    let mut said: Vec<(String, Vec<String>)> = Vec::new();
    for (name, finding) in series.iter().flat_map(|s| s.findings.iter().map(|t| (&s.name, t))) {
        let Some(chance) = chance(finding) else { continue };
        let its = format!("{name}{}", words.finding(finding.evidence.kind().name()));
        match said.iter_mut().find(|(known, _)| *known == chance) {
            Some((_, names)) => names.push(its),
            None => said.push((chance, vec![its])),
        }
    }
    let all: Vec<String> =
        said.into_iter().map(|(chance, names)| format!("{}{chance}", names.join("、"))).collect();
    (!all.is_empty()).then(|| format!("显著性（越小越不可能由偶然造成）：{}。", all.join("；")))
}

/// What the text says of a finding beyond its row.
fn remarks(series: &[Series], words: &Words) -> Vec<Vec<String>> {
    let of = |t: &FindingText| {
        let mut said = Vec::new();
        if let Some(timing) = &t.timing {
            said.push(timing.written(None, words));
        }
        if let Some(weeks) = &t.weeks {
            said.push(format!("连续{weeks}周偏高"));
        }
        if let Some((rank, of)) = &t.rank {
            said.push(format!("在{of}个乡镇（街道）中居第{rank}位"));
        }
        if let Some((before, after)) = &t.levels {
            said.push(format!("每周由{before}增至{after}"));
        }
        if let Some(areas) = &t.areas {
            said.push(format!("涉及{areas}"));
        }
        said.join("；")
    };
    let of_series = |s: &Series| {
        let said: Vec<String> = s.findings.iter().map(of).filter(|said| !said.is_empty()).collect();
        (!said.is_empty()).then(|| row(&s.name, said.join("；")))
    };
    series.iter().filter_map(of_series).collect()
}

/// What took from the index, in one row.
fn causes(facts: &Facts) -> Option<Vec<String>> {
    let one = |c: &Cause| format!("{}（{}分）", c.label, super::standing::points(c.delta));
    let all: Vec<String> = facts.causes.iter().map(one).collect();
    (!all.is_empty()).then(|| row("指数下拉因素", all.join("；")))
}

/// The days of the letter, of what it follows, and of what lay on the days of what rose.
fn dates(facts: &Facts) -> Vec<Vec<String>> {
    let day = chinese_date;
    let warned =
        format!("{}起，{}；数据截至{}", day(facts.since), facts.level.label(), day(facts.as_of));
    let limits = format!("{}前反馈，{}前完成", day(facts.reply_by), day(facts.limit_by));
    let mut rows = vec![row("预警", warned), row("期限", limits)];
    rows.extend(facts.earlier.as_ref().map(|e| {
        let named = format!("{}（{}）", e.kind_name, e.number);
        let days = format!("{}印发，要求{}前反馈", day(e.issued), day(e.reply_by));
        row("前期文件", format!("{named}，{days}"))
    }));
    let circumstance =
        |c: &Circumstance| format!("{}（{}）", c.what, figures::days(c.from, c.to, None));
    let around: Vec<String> = facts.circumstances.iter().map(circumstance).collect();
    rows.extend((!around.is_empty()).then(|| row("期间情况", around.join("；"))));
    rows
}

/// The course of the first series that has one: eight weeks against what was expected, or a year's
/// four-week sums against those of the year before.
fn chart(series: &[Series], words: &Words) -> Option<Chart> {
    let of = |draw: fn(&str, &FindingText, &Words) -> Option<Chart>| {
        let mut found = series.iter().flat_map(|s| s.findings.iter().map(move |t| (s, t)));
        found.find_map(|(s, t)| draw(&s.name, t, words))
    };
    of(weeks).or_else(|| of(year))
}

/// The weeks of a spike. What was expected is known of its own weeks alone, on average.
fn weeks(name: &str, finding: &FindingText, words: &Words) -> Option<Chart> {
    let Detail::Spike(spike) = &finding.evidence.detail else { return None };
    let counts = spike.last_eight_weeks.clone();
    let n = Some(counts.len()).filter(|n| *n > 0)?;
    let window = spike.weeks.max(1).min(n);
    let expected = finding.evidence.expected.map(|x| x / window as f64);
    let end = |week: usize| finding.evidence.period_end - Days::new(7 * (n - 1 - week) as u64);
    let labels = (0..n).map(|week| label(end(week))).collect();
    let title =
        words.fill("", "chart_weeks", &Placeholders::from([("name", Some(name.to_owned()))]));
    let unit = words.unit(&finding.evidence.domain).to_owned();
    let alt = format!(
        "{title}：{}",
        counts
            .iter()
            .enumerate()
            .map(|(w, n)| format!("截至{}的一周{}", label(end(w)), said(*n, &unit)))
            .collect::<Vec<_>>()
            .join("，")
    );
    let line = |name: &str, values, stroke| Line { name: name.to_owned(), values, stroke };
    let normal = (0..n).map(|week| expected.filter(|_| week + window >= n)).collect();
    Some(Chart {
        title,
        unit,
        labels,
        lines: vec![line("实际", counts, Stroke::Solid), line("正常水平", normal, Stroke::Dashed)],
        alt,
    })
}

/// The last two years of a trend.
fn year(name: &str, finding: &FindingText, words: &Words) -> Option<Chart> {
    let Detail::Trend(trend) = &finding.evidence.detail else { return None };
    let sums = &trend.four_weeks;
    let last = sums.len().checked_sub(YEAR)?;
    let before = last.checked_sub(YEAR)?;
    let end = |at: usize| finding.evidence.period_end - Days::new(28 * (YEAR - 1 - at) as u64);
    let labels = (0..YEAR).map(|at| label(end(at))).collect();
    let title =
        words.fill("", "chart_year", &Placeholders::from([("name", Some(name.to_owned()))]));
    let unit = words.unit(&finding.evidence.domain).to_owned();
    let total = |of: &[Option<f64>]| figures::count(of.iter().flatten().sum());
    let (this, earlier) = (&sums[last..], &sums[before..last]);
    let alt =
        format!("{title}：近一年合计{}{unit}，上一年合计{}{unit}", total(this), total(earlier));
    let line = |name: &str, values: &[Option<f64>], stroke| Line {
        name: name.to_owned(),
        values: values.to_vec(),
        stroke,
    };
    Some(Chart {
        title,
        unit,
        labels,
        lines: vec![line("近一年", this, Stroke::Solid), line("上一年", earlier, Stroke::Dashed)],
        alt,
    })
}

fn said(count: Option<f64>, unit: &str) -> String {
    count.map_or("数据缺报或不计".to_owned(), |n| format!("{}{unit}", figures::count(n)))
}

/// A day on the axis.
fn label(day: NaiveDate) -> String {
    day.format("%-m/%-d").to_string()
}

/// How the figures came about, for those methods that were used, in small print.
fn notes(series: &[Series], words: &Words) -> String {
    let of_kind = |(kind, method, how): &(Kind, &str, &str)| {
        let mut findings = series.iter().flat_map(|s| &s.findings);
        let first = findings
            .find(|t| t.evidence.kind() == *kind && t.evidence.method.starts_with(*method))?;
        let method = words.method(&first.evidence.method);
        Some(format!("{}（{method}）：{how}", words.finding(kind.name())))
    };
    let used: String = HOW.iter().filter_map(of_kind).collect();
    let significance = significance(series, words).unwrap_or_default();
    format!("说明：{used}{significance}以上均为事件数量，不涉及任何个人信息。")
}

/// How findings of a kind and a method come about. Seasonal Mann–Kendall and PELT are those of
/// letters that earlier versions drafted.
const HOW: [(Kind, &str, &str); 6] = [
    (Kind::Spike, "", "按近年同期、季节、春节前后和长期趋势推算正常水平及区间；q值已作多重校正。"),
    (
        Kind::Trend,
        "house",
        "对截至当日的1至26周各时段一并检验，正常水平按上升前的水平和季节推算；q值已作多重校正，仍在走高的为持续上升。",
    ),
    (
        Kind::Change,
        "house",
        "对截至当日的1至26周各时段一并检验，正常水平按抬高前的水平和季节推算；q值已作多重校正。",
    ),
    (
        Kind::Trend,
        "seasonal_mann_kendall",
        "以每四周合计数检验近三年内同一季节的逐年变化；“上一年”为可比的前一年同等周数。",
    ),
    (Kind::Change, "pelt", "按周识别水平突变的时点，正常水平为此前水平延续至今的合计数。"),
    (Kind::Cluster, "", "在相邻乡镇和相近日期内比较实际与预期，p值由模拟得出。"),
];
