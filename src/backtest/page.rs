//! A backtest's result as one page with pictures, in the manner of the month's report.

use std::path::Path;

use chrono::NaiveDate;
use lake::Result;
use lake::files::replace;
use render::letter::Stroke;
use render::report::{
    Block, Cell as Shown, Chart, Format, Report, ReportTemplates, Section, Series, Shape, Table,
};

use super::files::{Cell, Row};
use crate::error::from_template;
use crate::workspace::Workspace;

/// What stands on it.
pub struct Page<'a> {
    pub title: &'a str,
    /// The as-of day of what came.
    pub date: NaiveDate,
    /// The command line.
    pub command: &'a str,
    /// Names of the summary's columns, between blanks, and its rows.
    pub header: &'a str,
    pub rows: &'a [Row],
    /// What is to be known when reading it.
    pub remarks: &'a [String],
    pub charts: Vec<Chart>,
}

impl Page<'_> {
    /// Writes `report.html` into a folder.
    ///
    /// # Errors
    /// [`lake::Error::Config`] where a workspace's own template is wrong, [`lake::Error::Io`].
    pub fn write(self, workspace: &Workspace, folder: &Path) -> Result<()> {
        let shown = |cell: &Cell| match cell {
            Cell::Text(text) => Shown::Text(text.clone()),
            Cell::Whole(count) => Shown::count(*count as f64),
            Cell::Number(value) => Shown::number(Some(*value), Format::Decimal(3), "—"),
            Cell::Flag(flag) => Shown::Text(flag.to_string()),
        };
        let table = Table {
            id: "summary".to_owned(),
            title: "汇总（summary.csv）".to_owned(),
            header: self.header.split_whitespace().map(str::to_owned).collect(),
            rows: self.rows.iter().map(|row| row.iter().map(shown).collect()).collect(),
            ..Table::default()
        };
        let remarks = self.remarks.iter().cloned().map(Block::Paragraph);
        let section = |heading: &str, blocks: Vec<Block>| Section {
            level: 1,
            heading: heading.to_owned(),
            blocks,
        };
        let report = Report {
            issuer: workspace.config.name.clone(),
            title: self.title.to_owned(),
            subtitle: format!("截至{}已知", render::letter::chinese_date(self.date)),
            date: self.date,
            sections: vec![
                section("结果", std::iter::once(Block::Table(table)).chain(remarks).collect()),
                section("图", self.charts.into_iter().map(Block::Chart).collect()),
                section("复现", vec![Block::Paragraph(self.command.to_owned())]),
            ],
        };
        let templates = ReportTemplates::read(&workspace.reports()).map_err(from_template)?;
        let page = templates.html(&report).map_err(from_template)?;
        replace(&folder.join("report.html"), page.as_bytes())
    }
}

/// A chart of bars, one a name.
pub fn bars(id: &str, title: &str, unit: &str, bars: Vec<(String, f64)>) -> Chart {
    let (labels, values): (Vec<String>, Vec<f64>) = bars.into_iter().unzip();
    chart(id, title, unit, Shape::Bars, labels, vec![(unit.to_owned(), values)])
}

/// A chart of lines over labels.
pub fn lines(
    id: &str,
    title: &str,
    unit: &str,
    labels: Vec<String>,
    lines: Vec<(String, Vec<f64>)>,
) -> Chart {
    chart(id, title, unit, Shape::Lines, labels, lines)
}

fn chart(
    id: &str,
    title: &str,
    unit: &str,
    shape: Shape,
    labels: Vec<String>,
    all: Vec<(String, Vec<f64>)>,
) -> Chart {
    let strokes = [Stroke::Solid, Stroke::Dashed, Stroke::Dotted];
    let series = all.into_iter().enumerate().map(|(at, (name, values))| Series {
        name,
        values: values.into_iter().map(|v| v.is_finite().then_some(v)).collect(),
        stroke: strokes[at % strokes.len()],
    });
    Chart {
        id: id.to_owned(),
        title: title.to_owned(),
        unit: unit.to_owned(),
        shape,
        labels,
        series: series.collect(),
        alt: format!("{title}；数字见同一目录的表"),
    }
}
