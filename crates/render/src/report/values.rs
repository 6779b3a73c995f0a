//! What templates see of a report.

use std::borrow::Cow;

use minijinja::value::{Serde, Value};
use serde::Serialize;

use super::charts::ChartValues;
use super::{Block, Cell, Chart, Report, Section, Table};
use crate::letter::{chinese_date, heading_numbers};
use crate::map::Map;
use crate::text::width;
use crate::title::title_lines;
use crate::values;

/// Every name a template of a report may use.
pub const REPORT_PLACEHOLDERS: &[&str] = &[
    "issuer",
    "title",
    "title_lines",
    "subtitle",
    "date",
    "iso_date",
    "sections",
    "charts",
    "chart",
    "map",
];

/// Full-width characters on a line of the title.
const TITLE_EM: f64 = 20.0;
/// Rows of a table that a document shows; of a longer one the first and the last half of them.
const MOST_ROWS: usize = 60;
/// Columns of a table from which its characters are smaller.
const MANY_COLUMNS: usize = 9;

/// A report as templates see it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Values<'a> {
    issuer: &'a str,
    title: &'a str,
    title_lines: Vec<String>,
    subtitle: &'a str,
    date: String,
    iso_date: String,
    sections: Vec<SectionValues<'a>>,
    /// Charts in order, which parts of the package list.
    pub(super) charts: Vec<ChartValues<'a>>,
}

#[derive(Clone, Debug, Serialize)]
struct SectionValues<'a> {
    level: u8,
    number: String,
    heading: &'a str,
    /// Counts sections from 1: what the table of contents refers to.
    n: usize,
    blocks: Vec<BlockValues<'a>>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum BlockValues<'a> {
    Paragraph {
        text: &'a str,
    },
    Note {
        text: &'a str,
    },
    Table {
        n: usize,
        id: &'a str,
        title: &'a str,
        header: &'a [String],
        rows: Vec<Vec<CellValues>>,
        /// Widths in twips, together those of the text block.
        columns: Vec<u32>,
        many: bool,
    },
    /// A chart or a map.
    Chart {
        /// Counts pictures from 1.
        n: usize,
        title: &'a str,
        picture: Value,
    },
}

/// What a format makes a picture of.
#[derive(Clone, Copy)]
pub(crate) enum Picture<'a> {
    Chart(&'a Chart, &'a ChartValues<'a>),
    /// A map, and its place among the pictures.
    Map(&'a Map, usize),
}

#[derive(Clone, Debug, Serialize)]
struct CellValues {
    text: String,
    /// `text`, `number` or `absent`.
    kind: &'static str,
    /// Of a heat map's cell, as six hexadecimal digits.
    ground: Option<&'static str>,
}

impl<'a> Values<'a> {
    /// The values; `show` makes a picture as the format does.
    pub(crate) fn new(
        report: &'a Report,
        show: &dyn Fn(Picture) -> Result<String, crate::TemplateError>,
    ) -> Result<Values<'a>, crate::TemplateError> {
        let (mut tables, mut pictures, mut charts) = (0, 0, Vec::new());
        let mut sections = Vec::new();
        for ((n, section), number) in
            report.sections.iter().enumerate().zip(heading_numbers(levels(&report.sections)))
        {
            let mut blocks = Vec::new();
            for block in &section.blocks {
                blocks.push(match block {
                    Block::Paragraph(text) => BlockValues::Paragraph { text },
                    Block::Note(text) => BlockValues::Note { text },
                    Block::Table(table) => {
                        tables += 1;
                        table_values(table, tables)
                    }
                    Block::Chart(chart) => {
                        let values = ChartValues::new(chart, charts.len() + 1);
                        let shown = show(Picture::Chart(chart, &values))?;
                        charts.push(values);
                        pictures += 1;
                        let picture = Value::from_safe_string(shown);
                        BlockValues::Chart { n: pictures, title: &chart.title, picture }
                    }
                    Block::Map(map) => {
                        pictures += 1;
                        let picture = Value::from_safe_string(show(Picture::Map(map, pictures))?);
                        BlockValues::Chart { n: pictures, title: &map.title, picture }
                    }
                });
            }
            let (level, heading) = (level(section), section.heading.as_str());
            sections.push(SectionValues { level, number, heading, n: n + 1, blocks });
        }
        Ok(Values {
            issuer: &report.issuer,
            title: &report.title,
            title_lines: title_lines(&report.title, TITLE_EM),
            subtitle: &report.subtitle,
            date: chinese_date(report.date),
            iso_date: report.date.format("%Y-%m-%d").to_string(),
            sections,
            charts,
        })
    }

    pub(super) fn value(&self) -> Value {
        Value::from(Serde(self))
    }
}

/// A section's level, of which there are three.
fn level(section: &Section) -> u8 {
    section.level.clamp(1, 3)
}

fn levels(sections: &[Section]) -> impl Iterator<Item = u8> {
    sections.iter().map(level)
}

fn table_values(table: &Table, n: usize) -> BlockValues<'_> {
    let cell = |cell: &Cell| CellValues {
        text: cell.text(),
        kind: match cell {
            Cell::Text(_) => "text",
            Cell::Number(..) | Cell::Shaded(..) => "number",
            Cell::Absent(_) => "absent",
        },
        ground: cell.ground(),
    };
    BlockValues::Table {
        n,
        id: &table.id,
        title: &table.title,
        header: &table.header,
        rows: shown(table).iter().map(|row| row.iter().map(cell).collect()).collect(),
        columns: columns(table),
        many: table.header.len() >= MANY_COLUMNS,
    }
}

/// The rows that a document shows: all, or where they are many those at both ends, which are what
/// a reader looks for, with a row between them that says how many are in the workbook alone.
fn shown(table: &Table) -> Cow<'_, [Vec<Cell>]> {
    let left_out = table.rows.len().saturating_sub(MOST_ROWS);
    // A row that says one is left out is as long as that one.
    if left_out < 2 {
        return Cow::Borrowed(&table.rows);
    }
    let (first, last) = (&table.rows[..MOST_ROWS / 2], &table.rows[MOST_ROWS / 2 + left_out..]);
    let mut gap = vec![Cell::Absent("…"); table.header.len()];
    if let Some(cell) = gap.first_mut() {
        *cell = Cell::Text(format!("（略{left_out}行，见工作簿）"));
    }
    Cow::Owned([first, &[gap], last].concat())
}

/// Widths in twips, by the widest text of each column, which may break once it is long.
fn columns(table: &Table) -> Vec<u32> {
    const LEAST: f64 = 2.5;
    const MOST: f64 = 14.0;
    const SHORT: f64 = 4.0;
    let widest = |at: usize| {
        let cells = table.rows.iter().filter_map(|row| row.get(at)).map(|c| width(&c.text(), 1.0));
        // A long header may break in two lines.
        let header = table.header.get(at).map_or(0.0, |h| width(h, 1.0));
        let header = if header > SHORT { (header / 2.0).ceil().max(SHORT) } else { header };
        (cells.fold(header, f64::max) + 1.0).clamp(LEAST, MOST)
    };
    let count = table.header.len();
    let wide: Vec<f64> = (0..count).map(widest).collect();
    values::columns(&wide, count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_numbered_within_their_parent() {
        let section = |level| Section { level, ..Section::default() };
        let numbered = heading_numbers(levels(&[1, 2, 2, 1, 2, 3].map(section)));
        assert_eq!(numbered, ["一、", "（一）", "（二）", "二、", "（一）", "1."]);
    }

    #[test]
    fn of_a_long_table_both_ends_are_shown_and_what_is_left_out_is_said() {
        let of = |rows: usize| Table {
            header: ["乡镇", "件数"].map(str::to_owned).to_vec(),
            rows: (0..rows).map(|n| vec![Cell::Text(n.to_string()), Cell::count(1.0)]).collect(),
            ..Table::default()
        };
        assert_eq!(shown(&of(61)).len(), 61);
        let table = of(1400);
        let rows = shown(&table);
        assert_eq!(rows.len(), 61);
        assert_eq!((rows[29][0].text(), rows[31][0].text()), ("29".into(), "1370".into()));
        assert_eq!(rows[30][0].text(), "（略1340行，见工作簿）");
        assert_eq!(rows[60][0].text(), "1399");
    }

    #[test]
    fn columns_fill_the_text_block() {
        let table = Table {
            header: ["乡镇", "件数"].map(str::to_owned).to_vec(),
            rows: vec![vec![Cell::Text("下西号镇".into()), Cell::count(12.0)]],
            ..Table::default()
        };
        let wide = columns(&table);
        assert_eq!(wide.iter().sum::<u32>(), 8845);
        assert!(wide[0] > wide[1]);
    }
}
