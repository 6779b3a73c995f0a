//! The annex: every figure of the letter with the finding it comes from, and a chart.

use chrono::{Days, NaiveDate};

use super::series::{FindingText, Series};
use super::standing::IndexText;
use super::tables::table;
use super::words::{Placeholders, Words};
use super::{areas, figures};
use crate::detect::{Detail, Kind};
use crate::warn::facts::Facts;
use render::letter::{Annex, Chart, Line, Stroke, Table, chinese_date};

/// Four-week sums in a year.
const YEAR: usize = 13;

/// All that the text says, as tables, and the first series' course.
pub(super) fn annex(
    title: String,
    facts: &Facts,
    series: &[Series],
    index: Option<&IndexText>,
    words: &Words,
) -> Annex {
    let mut tables = vec![findings(series, words)];
    tables.extend(areas::tables(series, words));
    tables.extend(remarks(series));
    tables.extend(index.map(indices));
    if !facts.causes.is_empty() && facts.standing.is_some() {
        tables.push(table(
            "指数环比变动的主要下拉因素",
            &["因素", "影响（分）"],
            &[0.7, 0.3],
            causes(facts),
        ));
    }
    tables.push(table("时间和文号", &["事项", "内容"], &[0.4, 0.6], dates(facts)));
    let captions = |(n, table): (usize, Table)| Table {
        caption: format!("表{} {}", n + 1, table.caption),
        ..table
    };
    let tables = tables.into_iter().enumerate().map(captions).collect();
    Annex { title, tables, chart: chart(series, words), notes: notes(series) }
}

/// One row a finding.
fn findings(series: &[Series], words: &Words) -> Table {
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
            format!("{}：{}", words.finding(e.kind().name()), words.method(&e.method)),
            format!("{}至{}", chinese_date(e.period_start), chinese_date(e.period_end)),
            known(&t.observed),
            expected,
            known(&t.excess),
            said(&t.before),
            said(&t.last_year),
            e.q.or(e.p).map_or("—".to_owned(), |_| significance(t)),
        ]
    };
    let rows = series.iter().flat_map(|s| s.findings.iter().map(|t| row(&s.name, t))).collect();
    let header = [
        "项目",
        "研判方法",
        "起止日期",
        "实际",
        "预期（正常区间）",
        "超出",
        "环比",
        "同比",
        "显著性",
    ];
    table("上升情况", &header, &[0.10, 0.12, 0.15, 0.07, 0.12, 0.08, 0.14, 0.14, 0.08], rows)
}

/// q where it is known, else p.
fn significance(finding: &FindingText) -> String {
    match (finding.evidence.q, finding.evidence.p) {
        (Some(q), _) => format!("q值{}", figures::probability(q)),
        (None, Some(p)) => format!("p值{}", figures::probability(p)),
        (None, None) => "—".to_owned(),
    }
}

/// What the text says of a finding beyond its row.
fn remarks(series: &[Series]) -> Option<Table> {
    let of = |t: &FindingText| {
        let mut said = Vec::new();
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
    let row = |s: &Series| {
        let said: Vec<String> = s.findings.iter().map(of).filter(|said| !said.is_empty()).collect();
        (!said.is_empty()).then(|| vec![s.name.clone(), said.join("；")])
    };
    let rows: Vec<Vec<String>> = series.iter().filter_map(row).collect();
    (!rows.is_empty()).then(|| table("补充情况", &["项目", "情况"], &[0.3, 0.7], rows))
}

fn indices(index: &IndexText) -> Table {
    let row = |name: &str, value: &str| vec![name.to_owned(), value.to_owned()];
    let mut rows = vec![
        row("月份", &index.month),
        row("得分（分）", &index.score),
        row("环比", &index.month_on_month),
        row("同比", &index.year_on_year),
        row("位次", &format!("{}个乡镇（街道）中第{}位", index.of, index.rank)),
    ];
    rows.extend(index.ranks.as_ref().map(|ranks| row("位次90%区间", ranks)));
    rows.extend(index.band.as_ref().map(|band| row("等级", band)));
    table("平安指数", &["项目", "结果"], &[0.4, 0.6], rows)
}

fn causes(facts: &Facts) -> Vec<Vec<String>> {
    facts.causes.iter().map(|c| vec![c.label.clone(), super::standing::points(c.delta)]).collect()
}

fn dates(facts: &Facts) -> Vec<Vec<String>> {
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let mut rows = vec![
        row("预警起始", chinese_date(facts.since)),
        row("数据截至", chinese_date(facts.as_of)),
        row("预警等级", facts.level.label().to_owned()),
        row("反馈期限", chinese_date(facts.reply_by)),
        row("完成时限", chinese_date(facts.limit_by)),
    ];
    if let Some(earlier) = &facts.earlier {
        rows.push(row("前期文件", format!("{}（{}）", earlier.kind_name, earlier.number)));
        rows.push(row("前期印发", chinese_date(earlier.issued)));
        rows.push(row("前期反馈期限", chinese_date(earlier.reply_by)));
    }
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
    count.map_or("数据缺报".to_owned(), |n| format!("{}{unit}", figures::count(n)))
}

/// A day on the axis.
fn label(day: NaiveDate) -> String {
    day.format("%-m/%-d").to_string()
}

/// How the figures came about, for those methods that were used.
fn notes(series: &[Series]) -> Vec<String> {
    let used = |kind: Kind| series.iter().any(|s| s.has(kind));
    let mut notes = Vec::new();
    if used(Kind::Spike) {
        notes.push("近期突增：按近年同期、季节、春节前后和长期趋势推算正常水平及区间；显著性q值已对当次全部研判事项作多重校正，数值越小越不可能由偶然波动造成。");
    }
    if used(Kind::Trend) {
        notes.push("持续上升：以每四周合计数检验近三年内同一季节的逐年变化；“上一年”为可比的前一年同等周数。");
    }
    if used(Kind::Change) {
        notes.push("水平抬高：按周识别水平突变的时点，预期为此前水平延续至今的合计数。");
    }
    if used(Kind::Cluster) {
        notes.push("时空集中：在相邻乡镇和相近日期内比较实际与预期，显著性由模拟得出。");
    }
    notes.push("以上均为事件数量，不涉及任何个人信息。");
    notes.into_iter().map(str::to_owned).collect()
}
