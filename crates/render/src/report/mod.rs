//! What a report says, whatever it is about: headed sections of paragraphs, tables and charts.
//!
//! A figure is a number until it is written: one table becomes text in the DOCX and the page, and
//! numbers in the workbook.

mod charts;
mod docx;
mod page;
mod templates;
mod values;
mod workbook;

use chrono::NaiveDate;

use super::letter::Stroke;
use super::map::Map;
use super::text::minus;

pub(super) use charts::svg as chart_svg;
pub use templates::ReportTemplates;
pub use values::REPORT_PLACEHOLDERS;
#[cfg(feature = "pdf")]
pub(crate) use values::{Picture, Values as ReportValues};

/// A report (报告) of one office.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Who writes it.
    pub issuer: String,
    /// The title, unbroken.
    pub title: String,
    /// What stands below it: month, edition, as-of day.
    pub subtitle: String,
    /// The day it is dated.
    pub date: NaiveDate,
    pub sections: Vec<Section>,
}

impl Report {
    fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.sections.iter().flat_map(|section| &section.blocks)
    }

    /// Its tables, in order.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.blocks().filter_map(|b| if let Block::Table(table) = b { Some(table) } else { None })
    }

    /// Its charts, in order.
    pub fn charts(&self) -> impl Iterator<Item = &Chart> {
        self.blocks().filter_map(|b| if let Block::Chart(chart) = b { Some(chart) } else { None })
    }
}

/// A part under a heading, numbered by level: 一、 （一） 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Section {
    /// 1 to 3.
    pub level: u8,
    pub heading: String,
    pub blocks: Vec<Block>,
}

/// What a section consists of.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    Paragraph(String),
    /// Small print below a table.
    Note(String),
    Table(Table),
    Chart(Chart),
    Map(Map),
}

/// A table of figures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// A short name, unique in the report: the sheet's.
    pub id: String,
    pub title: String,
    /// What is counted, how, and against what; stands in the workbook's list of tables.
    pub definition: String,
    pub header: Vec<String>,
    pub rows: Vec<Vec<Cell>>,
}

/// One cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Text(String),
    Number(f64, Format),
    /// A number of a heat map, with its place in [`SHADES`].
    Shaded(f64, Format, usize),
    /// No figure, and why in a word or two: 未报送.
    Absent(&'static str),
}

/// Grounds of a heat map's cells, from light to dark, on which black text can be read; told apart
/// without colours too.
pub const SHADES: [&str; 5] = ["FFFFFF", "FBE7D9", "F6CBAA", "EFA877", "E58145"];

/// How a number is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Format {
    /// A whole number.
    Count,
    /// With so many decimals.
    Decimal(u8),
    /// A share of one as per cent, with one decimal.
    Percent,
    /// A relative change, 0.05 for 5 % more, with its sign.
    Change,
    /// A difference with its sign and one decimal.
    Difference,
    /// A p or q, with four decimals.
    Probability,
}

impl Cell {
    /// A whole number.
    pub fn count(n: f64) -> Cell {
        Cell::Number(n, Format::Count)
    }

    /// A number in a format; absent, with the word for it, where it is not finite or not there.
    pub fn number(value: Option<f64>, format: Format, absent: &'static str) -> Cell {
        match value.filter(|v| v.is_finite()) {
            Some(value) => Cell::Number(value, format),
            None => Cell::Absent(absent),
        }
    }

    /// The ground of a heat map's cell, as six hexadecimal digits.
    pub fn ground(&self) -> Option<&'static str> {
        match self {
            Cell::Shaded(.., shade) => SHADES.get(*shade).copied(),
            _ => None,
        }
    }

    /// As it stands in a text.
    pub fn text(&self) -> String {
        match self {
            Cell::Text(text) => text.clone(),
            Cell::Number(value, format) | Cell::Shaded(value, format, _) => format.text(*value),
            Cell::Absent(why) => (*why).to_owned(),
        }
    }
}

impl Format {
    /// A number as text.
    pub fn text(self, value: f64) -> String {
        let signed = |text: String| {
            let text = minus(&text);
            let zero = text.chars().all(|c| !('1'..='9').contains(&c));
            if text.starts_with('−') || zero { text } else { format!("+{text}") }
        };
        match self {
            Format::Count => minus(&format!("{value:.0}")),
            Format::Decimal(n) => minus(&format!("{value:.*}", usize::from(n))),
            Format::Percent => format!("{}%", minus(&format!("{:.1}", value * 100.0))),
            Format::Change => format!("{}%", signed(format!("{:.1}", value * 100.0))),
            Format::Difference => signed(format!("{value:.1}")),
            Format::Probability if value < 0.0001 => "<0.0001".to_owned(),
            Format::Probability => format!("{value:.4}"),
        }
    }

    /// As a spreadsheet's number format.
    fn code(self) -> String {
        match self {
            Format::Count => "0".to_owned(),
            Format::Decimal(0) => "0".to_owned(),
            Format::Decimal(n) => format!("0.{}", "0".repeat(usize::from(n))),
            Format::Percent => "0.0%".to_owned(),
            Format::Change => "+0.0%;-0.0%;0.0%".to_owned(),
            Format::Difference => "+0.0;-0.0;0.0".to_owned(),
            Format::Probability => "[<0.0001]\"<0.0001\";0.0000".to_owned(),
        }
    }
}

/// Series over a common row of labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// A short name, unique in the report.
    pub id: String,
    pub title: String,
    /// Unit of the values.
    pub unit: String,
    pub shape: Shape,
    pub labels: Vec<String>,
    pub series: Vec<Series>,
    /// What the picture shows, in words, for who cannot see it.
    pub alt: String,
}

/// What a chart draws.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Shape {
    /// Lines over time.
    Lines,
    /// Horizontal bars, the first label uppermost.
    Bars,
}

/// One series of a chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    pub name: String,
    /// One a label; a missing value is a gap.
    pub values: Vec<Option<f64>>,
    pub stroke: Stroke,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_with_their_sign_and_no_minus_before_nought() {
        let written = |v, f: Format| f.text(v);
        assert_eq!(written(0.0512, Format::Change), "+5.1%");
        assert_eq!(written(-0.0512, Format::Change), "−5.1%");
        assert_eq!(written(-0.0001, Format::Change), "0.0%");
        assert_eq!(written(-0.04, Format::Difference), "0.0");
        assert_eq!(written(1.25, Format::Decimal(1)), "1.2");
        assert_eq!(written(0.456, Format::Percent), "45.6%");
        assert_eq!(Cell::number(Some(f64::NAN), Format::Count, "未报送").text(), "未报送");
    }
}
