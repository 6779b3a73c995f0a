//! Horizontal bars for pages.

use svg::Document;
use svg::node::element::{Group, Rectangle, Title};

use super::report::Chart;
use super::text::{number, printable, text, width};

const WIDTH: f64 = 480.0;
const SIZE: f64 = 14.0;
const MARGIN: f64 = 10.0;
const GAP: f64 = 8.0;
/// Height of a bar with the space below it.
const PITCH: f64 = 24.0;
const BAR: f64 = 15.0;
const INK: &str = "#4a5a6a";

/// Decimals that figures of bars are written with: two where none is above 1, as of correlations.
pub(super) fn decimals(values: &[Option<f64>]) -> usize {
    if values.iter().flatten().all(|v| v.abs() <= 1.0) { 2 } else { 1 }
}

/// The first series of a chart as SVG text, a bar a label with its figure behind it; the same data
/// give the same bytes. The scale begins at 0; where a value is missing stands a dash.
pub(super) fn bar_chart(chart: &Chart, fonts: &str) -> String {
    let values = chart.series.first().map_or(&[][..], |s| &s.values);
    let value = |at: usize| values.get(at).copied().flatten().filter(|v| v.is_finite());
    let count = chart.labels.len();
    let highest = (0..count).filter_map(value).fold(0.0, f64::max).max(f64::MIN_POSITIVE);
    let decimals = decimals(values);
    let written = |at: usize| value(at).map_or("–".to_owned(), |v| format!("{v:.decimals$}"));
    let left = chart.labels.iter().map(|l| width(l, SIZE)).fold(0.0, f64::max) + MARGIN + GAP;
    let behind = (0..count).map(|at| width(&written(at), SIZE)).fold(0.0, f64::max) + GAP;
    let room = (WIDTH - MARGIN - left - behind).max(PITCH);
    let top = MARGIN + SIZE + GAP;
    let height = top + PITCH * count as f64 + MARGIN;
    let mut bars = Group::new().add(text(&chart.unit, MARGIN, MARGIN + SIZE, SIZE, "start"));
    for (at, label) in chart.labels.iter().enumerate() {
        let y = top + PITCH * at as f64;
        let long = value(at).map_or(0.0, |v| (v.max(0.0) / highest) * room);
        let bar = Rectangle::new()
            .set("x", number(left))
            .set("y", number(y))
            .set("width", number(long))
            .set("height", number(BAR))
            .set("fill", INK);
        let line = y + BAR * 0.85;
        bars = bars.add(text(label, left - GAP, line, SIZE, "end"));
        // A bar without length is none.
        if long > 0.0 {
            bars = bars.add(bar);
        }
        bars = bars.add(text(&written(at), left + long + GAP / 2.0, line, SIZE, "start"));
    }
    let document = Document::new()
        .set("viewBox", format!("0 0 {} {}", number(WIDTH), number(height)))
        .set("width", "100%")
        .set("font-family", fonts)
        .set("role", "img")
        .set("aria-label", printable(&chart.alt))
        .add(Title::new(printable(&chart.title)))
        .add(bars);
    format!("{document}\n")
}
