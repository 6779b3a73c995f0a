//! Charts of a report: what their templates see, and the picture in a page.

use serde::Serialize;

use super::{Chart, Shape};
use crate::bar_chart::{bar_chart, decimals};
use crate::letter::{self, Line, Stroke};
use crate::line_chart::line_chart;

/// A chart as templates see it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ChartValues<'a> {
    /// Counts charts from 1.
    pub(super) n: usize,
    title: &'a str,
    unit: &'a str,
    alt: &'a str,
    bars: bool,
    /// Whether there are more bars than the page has room for at their usual height: their names
    /// are smaller, lest an office program leave out every second one.
    crowded: bool,
    labels: &'a [String],
    series: Vec<SeriesValues<'a>>,
    /// How the figures of bars are written, as spreadsheets say it.
    figures: &'static str,
    /// Height of the picture in EMU: bars need room each.
    height: u64,
}

#[derive(Clone, Debug, Serialize)]
struct SeriesValues<'a> {
    name: &'a str,
    stroke: Stroke,
    values: Vec<Option<f64>>,
    /// Column of the workbook.
    column: String,
}

impl<'a> ChartValues<'a> {
    pub(super) fn new(chart: &'a Chart, n: usize) -> ChartValues<'a> {
        const LINES_HEIGHT: u64 = 2_880_000;
        const BAR: u64 = 250_000;
        const MOST_HEIGHT: u64 = 8_000_000;
        let bars_height = chart.labels.len() as u64 * BAR + 900_000;
        let series = chart.series.iter().enumerate().map(|(at, series)| SeriesValues {
            name: &series.name,
            stroke: series.stroke,
            values: finite(&series.values, chart.labels.len()),
            column: char::from(b'B' + (at % 24) as u8).to_string(),
        });
        ChartValues {
            n,
            title: &chart.title,
            unit: &chart.unit,
            alt: &chart.alt,
            bars: chart.shape == Shape::Bars,
            crowded: chart.shape == Shape::Bars && bars_height > MOST_HEIGHT,
            labels: &chart.labels,
            figures: match chart.series.first().map_or(1, |s| decimals(&s.values)) {
                2 => "0.00",
                _ => "0.0",
            },
            series: series.collect(),
            height: match chart.shape {
                Shape::Lines => LINES_HEIGHT,
                Shape::Bars => bars_height.clamp(1_600_000, MOST_HEIGHT),
            },
        }
    }
}

/// A value for each label; none where it is missing.
pub(super) fn finite(values: &[Option<f64>], count: usize) -> Vec<Option<f64>> {
    (0..count).map(|i| values.get(i).copied().flatten().filter(|v| v.is_finite())).collect()
}

/// The chart as SVG text, in the fonts of these names.
pub(crate) fn svg(chart: &Chart, fonts: &str) -> String {
    match chart.shape {
        Shape::Bars => bar_chart(chart, fonts),
        Shape::Lines => {
            let line = |s: &super::Series| Line {
                name: s.name.clone(),
                values: s.values.clone(),
                stroke: s.stroke,
            };
            let lines = letter::Chart {
                title: chart.title.clone(),
                unit: chart.unit.clone(),
                labels: chart.labels.clone(),
                lines: chart.series.iter().map(line).collect(),
                alt: chart.alt.clone(),
            };
            line_chart(&lines, fonts)
        }
    }
}
