//! What templates see of a letter: the letter's own fields, and what follows from them.

use minijinja::value::{Serde, Value};
use serde::Serialize;

use super::layout::{Layout, TITLE_EM, layout};
use super::letter::{Chart, Letter, Stroke, Table, chinese_date, heading_numbers};
use super::title::title_lines;

/// Every name a template of a letter may use. `chart_drawing` is the chart as a run of the
/// document, `chart_svg` as a picture in a page.
pub const PLACEHOLDERS: &[&str] = &[
    "issuer",
    "number",
    "title",
    "title_lines",
    "addressee",
    "opening",
    "sections",
    "reply_by",
    "we",
    "contact",
    "ending",
    "signature",
    "date",
    "iso_date",
    "copy_to",
    "code",
    "annex",
    "chart",
    "chart_drawing",
    "chart_svg",
    "layout",
];

/// A letter as templates see it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Values<'a> {
    issuer: &'a str,
    number: &'a str,
    title: &'a str,
    title_lines: Vec<String>,
    addressee: &'a str,
    opening: &'a str,
    sections: Vec<NumberedSection<'a>>,
    reply_by: Option<&'a str>,
    we: &'a str,
    contact: Option<&'a str>,
    ending: Option<&'a str>,
    signature: &'a str,
    date: String,
    iso_date: String,
    copy_to: &'a [String],
    code: Option<&'a str>,
    annex: Option<AnnexValues<'a>>,
    pub(super) chart: Option<ChartValues<'a>>,
    pub(super) chart_drawing: Value,
    pub(super) chart_svg: Value,
    layout: Layout,
}

#[derive(Clone, Debug, Serialize)]
struct NumberedSection<'a> {
    level: u8,
    number: String,
    heading: &'a str,
    paragraphs: &'a [String],
}

#[derive(Clone, Debug, Serialize)]
struct AnnexValues<'a> {
    title: &'a str,
    title_lines: Vec<String>,
    tables: Vec<TableValues<'a>>,
    notes: &'a [String],
}

#[derive(Clone, Debug, Serialize)]
struct TableValues<'a> {
    caption: &'a str,
    /// Widths in twips, together those of the text block.
    columns: Vec<u32>,
    header: Vec<&'a str>,
    rows: Vec<Vec<&'a str>>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct ChartValues<'a> {
    title: &'a str,
    unit: &'a str,
    alt: &'a str,
    labels: &'a [String],
    lines: Vec<LineValues<'a>>,
}

#[derive(Clone, Debug, Serialize)]
struct LineValues<'a> {
    name: &'a str,
    stroke: Stroke,
    /// A value for each label; none where it is missing.
    values: Vec<Option<f64>>,
}

impl<'a> Values<'a> {
    /// The values without the chart's picture, which is each format's own.
    pub(super) fn new(letter: &'a Letter) -> Values<'a> {
        let numbers = heading_numbers(letter.sections.iter().map(|s| s.level));
        let sections =
            letter.sections.iter().zip(numbers).map(|(section, number)| NumberedSection {
                level: section.level.clamp(1, 4),
                number,
                heading: &section.heading,
                paragraphs: &section.paragraphs,
            });
        let annex = letter.annex.as_ref();
        Values {
            issuer: &letter.issuer,
            number: &letter.number,
            title: &letter.title,
            title_lines: title_lines(&letter.title, TITLE_EM),
            addressee: &letter.addressee,
            opening: &letter.opening,
            sections: sections.collect(),
            reply_by: letter.reply_by.as_deref(),
            we: &letter.we,
            contact: letter.contact.as_deref(),
            ending: letter.ending.as_deref(),
            signature: &letter.signature,
            date: chinese_date(letter.date),
            iso_date: letter.date.format("%Y-%m-%d").to_string(),
            copy_to: &letter.copy_to,
            code: letter.code.as_deref(),
            annex: annex.map(|annex| AnnexValues {
                title: &annex.title,
                title_lines: title_lines(&annex.title, TITLE_EM),
                tables: annex.tables.iter().map(table).collect(),
                notes: &annex.notes,
            }),
            chart: annex.and_then(|annex| annex.chart.as_ref()).map(chart),
            chart_drawing: Value::from(""),
            chart_svg: Value::from(""),
            layout: layout(letter),
        }
    }

    pub(super) fn value(&self) -> Value {
        Value::from(Serde(self))
    }
}

fn table(table: &Table) -> TableValues<'_> {
    let count = table.rows.iter().map(Vec::len).chain([table.header.len(), 1]).max().unwrap_or(1);
    TableValues {
        caption: &table.caption,
        columns: columns(&table.widths, count),
        header: row(&table.header, count),
        rows: table.rows.iter().map(|cells| row(cells, count)).collect(),
    }
}

fn row(cells: &[String], count: usize) -> Vec<&str> {
    (0..count).map(|i| cells.get(i).map_or("", String::as_str)).collect()
}

/// Shares as twips of the text block's 8,845; a share that is missing or makes no sense counts as
/// the mean of the others.
pub(super) fn columns(shares: &[f64], count: usize) -> Vec<u32> {
    const BLOCK: f64 = 8845.0;
    let sensible = |share: f64| share.is_finite() && share > 0.0;
    let known: Vec<f64> = shares.iter().take(count).copied().filter(|s| sensible(*s)).collect();
    let mean = if known.is_empty() { 1.0 } else { known.iter().sum::<f64>() / known.len() as f64 };
    let shares: Vec<f64> = (0..count)
        .map(|i| shares.get(i).copied().filter(|s| sensible(*s)).unwrap_or(mean))
        .collect();
    let total: f64 = shares.iter().sum();
    let (mut sum, mut before) = (0.0, 0.0);
    let width = |share: f64| {
        sum += share;
        let end = (sum / total * BLOCK).round();
        (end - std::mem::replace(&mut before, end)) as u32
    };
    shares.into_iter().map(width).collect()
}

fn chart(chart: &Chart) -> ChartValues<'_> {
    let lines = chart.lines.iter().map(|line| LineValues {
        name: &line.name,
        stroke: line.stroke,
        values: (0..chart.labels.len())
            .map(|i| line.values.get(i).copied().flatten().filter(|v| v.is_finite()))
            .collect(),
    });
    ChartValues {
        title: &chart.title,
        unit: &chart.unit,
        alt: &chart.alt,
        labels: &chart.labels,
        lines: lines.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_fill_the_text_block() {
        assert_eq!(columns(&[], 2).iter().sum::<u32>(), 8845);
        assert_eq!(columns(&[2.0, 1.0, 1.0], 3), [4423, 2211, 2211]);
        assert_eq!(columns(&[1.0, f64::NAN, -3.0], 3).iter().sum::<u32>(), 8845);
    }

    #[test]
    fn a_short_row_is_filled_and_a_long_one_widens_the_table() {
        let ragged = Table {
            header: vec!["a".into()],
            rows: vec![vec![], vec!["1".into(), "2".into()]],
            ..Table::default()
        };
        let values = table(&ragged);
        assert_eq!(values.header, ["a", ""]);
        assert_eq!(values.rows, [["", ""], ["1", "2"]]);
        assert_eq!(values.columns.len(), 2);
    }
}
