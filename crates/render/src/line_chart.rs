//! A line chart for pages.

use svg::Document;
use svg::node::element::path::Data;
use svg::node::element::{Circle, Group, Line as Rule, Path, Title};

use super::letter::{Chart, Line, Stroke};
use super::text::{number, printable, text, width};

// Small enough that on a phone the text is still read.
const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 320.0;
const SIZE: f64 = 15.0;
const MARGIN: f64 = 12.0;
const GAP: f64 = 8.0;
/// Length of a line in the legend.
const SAMPLE: f64 = 28.0;
const FAINT: &str = "#d5dade";
/// Fonts of a page's chart.
pub(super) const PAGE_FONTS: &str = "Noto Sans CJK SC, Microsoft YaHei, PingFang SC, sans-serif";

/// Greys and a red that stay apart in print without colour.
const INKS: [&str; 4] = ["#b3261e", "#4a5a6a", "#8a949e", "#1f6f8b"];

/// Where the plot lies, and its scale.
struct Plot {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
    high: f64,
    low: f64,
    step: f64,
    count: usize,
}

impl Plot {
    fn x(&self, at: usize) -> f64 {
        self.left + (self.right - self.left) * (at as f64 + 0.5) / self.count.max(1) as f64
    }

    fn y(&self, value: f64) -> f64 {
        self.bottom - (value - self.low) / (self.high - self.low) * (self.bottom - self.top)
    }
}

/// The chart as SVG text in one of some fonts; the same data give the same bytes. The scale holds
/// 0; a missing value is a gap.
pub(super) fn line_chart(chart: &Chart, fonts: &str) -> String {
    let plot = plot(chart);
    let mut document = Document::new()
        .set("viewBox", format!("0 0 {} {}", number(WIDTH), number(HEIGHT)))
        .set("width", "100%")
        .set("font-family", fonts)
        .set("role", "img")
        .set("aria-label", printable(&chart.alt))
        .add(Title::new(printable(&chart.title)))
        .add(legend(chart, &plot))
        .add(axis(chart, &plot));
    for (line, ink) in chart.lines.iter().zip(INKS.iter().cycle()) {
        document = document.add(drawn(line, ink, &plot));
    }
    format!("{document}\n")
}

/// The values there are; one that no scale can show counts as missing.
fn values(line: &Line) -> impl Iterator<Item = (usize, f64)> + '_ {
    line.values
        .iter()
        .enumerate()
        .filter_map(|(at, v)| v.filter(|v| v.abs() < 1e12).map(|v| (at, v)))
}

fn plot(chart: &Chart) -> Plot {
    let all = || chart.lines.iter().flat_map(|line| values(line).map(|(_, v)| v));
    let (low, high) = (all().fold(0.0, f64::min), all().fold(0.0, f64::max));
    let step = step((high - low).max(f64::MIN_POSITIVE));
    let (low, high) = ((low / step).floor() * step, ((high / step).ceil() * step).max(step));
    let widest = [low, high].map(|v| width(&number(v), SIZE)).into_iter().fold(0.0, f64::max);
    Plot {
        left: MARGIN + widest + GAP,
        right: WIDTH - MARGIN,
        // Below the legend and the unit.
        top: MARGIN + places(chart).last().map_or(0.0, |(_, y)| *y) + 2.5 * (SIZE + GAP),
        bottom: HEIGHT - MARGIN - SIZE - GAP,
        high,
        low,
        step,
        count: chart.labels.len(),
    }
}

/// A step of 1, 2 or 5 times a power of ten that makes about five of the span.
fn step(span: f64) -> f64 {
    if !(span.is_normal() && span < 1e300) || span < 1e-9 {
        return 1.0;
    }
    let power = 10f64.powf((span / 5.0).log10().floor());
    [1.0, 2.0, 5.0]
        .map(|f| f * power)
        .into_iter()
        .find(|s| span / s <= 5.0 + 1e-9)
        .unwrap_or(10.0 * power)
}

/// Where the entries of the legend begin, from the upper left corner of it: side by side, in as
/// many rows as it takes.
fn places(chart: &Chart) -> Vec<(f64, f64)> {
    let (mut x, mut y) = (0.0, 0.0);
    let place = |line: &Line| {
        let wide = SAMPLE + GAP + width(&line.name, SIZE);
        if x > 0.0 && x + wide > WIDTH - 2.0 * MARGIN {
            (x, y) = (0.0, y + SIZE + GAP);
        }
        let place = (x, y);
        x += wide + 2.0 * MARGIN;
        place
    };
    chart.lines.iter().map(place).collect()
}

fn legend(chart: &Chart, plot: &Plot) -> Group {
    let mut group = Group::new();
    for ((line, (x, y)), ink) in chart.lines.iter().zip(places(chart)).zip(INKS.iter().cycle()) {
        let (x, y) = (MARGIN + x, MARGIN + y);
        let middle = number(y + SIZE * 0.6);
        let sample = Rule::new()
            .set("x1", number(x))
            .set("x2", number(x + SAMPLE))
            .set("y1", middle.clone())
            .set("y2", middle);
        group = group.add(stroked(sample, line.stroke, ink)).add(text(
            &line.name,
            x + SAMPLE + GAP,
            y + SIZE * 0.95,
            SIZE,
            "start",
        ));
    }
    group.add(text(&chart.unit, MARGIN, plot.top - SIZE, SIZE, "start"))
}

fn axis(chart: &Chart, plot: &Plot) -> Group {
    let mut group = Group::new();
    let steps = ((plot.high - plot.low) / plot.step).round().clamp(1.0, 20.0) as usize;
    for i in 0..=steps {
        let value = plot.low + plot.step * i as f64;
        let y = number(plot.y(value));
        let rule = Rule::new()
            .set("x1", number(plot.left))
            .set("x2", number(plot.right))
            .set("y1", y.clone())
            .set("y2", y);
        group = group.add(rule.set("stroke", FAINT)).add(text(
            &number(value),
            plot.left - GAP,
            plot.y(value) + SIZE * 0.36,
            SIZE,
            "end",
        ));
    }
    let room = (plot.right - plot.left) / chart.labels.len().max(1) as f64;
    let widest = chart.labels.iter().map(|l| width(l, SIZE)).fold(0.0, f64::max) + GAP;
    let every = (widest / room).ceil().max(1.0) as usize;
    let last = chart.labels.len().saturating_sub(1);
    // The last label is always written, since the letter is about it.
    for (at, label) in
        chart.labels.iter().enumerate().filter(|(at, _)| (last - at).is_multiple_of(every))
    {
        group = group.add(text(label, plot.x(at), HEIGHT - MARGIN - SIZE * 0.2, SIZE, "middle"));
    }
    group
}

fn drawn(line: &Line, ink: &str, plot: &Plot) -> Group {
    let mut data = Data::new();
    let mut before = None;
    let mut dots = Group::new();
    for (at, value) in values(line).filter(|(at, _)| *at < plot.count) {
        let place = (plot.x(at), plot.y(value));
        let place = ((place.0 * 100.0).round() / 100.0, (place.1 * 100.0).round() / 100.0);
        data = if before.is_some_and(|b| b + 1 == at) {
            data.line_to(place)
        } else {
            data.move_to(place)
        };
        before = Some(at);
        if line.stroke == Stroke::Solid {
            dots = dots.add(
                Circle::new().set("cx", place.0).set("cy", place.1).set("r", 3).set("fill", ink),
            );
        }
    }
    Group::new()
        .add(stroked(Path::new().set("d", data).set("fill", "none"), line.stroke, ink))
        .add(dots)
}

/// An element drawn with a line's stroke.
fn stroked<E: svg::node::Node>(mut element: E, stroke: Stroke, ink: &str) -> E {
    element.assign("stroke", ink);
    element.assign("stroke-width", "2");
    match stroke {
        Stroke::Solid => {}
        Stroke::Dashed => element.assign("stroke-dasharray", "8 5"),
        Stroke::Dotted => element.assign("stroke-dasharray", "2 4"),
    }
    element
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(values: &[Option<f64>]) -> Chart {
        let labels = (1..=values.len()).map(|m| format!("{m}月")).collect();
        let line =
            Line { name: "实际 <1>".into(), values: values.to_vec(), stroke: Stroke::Dashed };
        Chart {
            title: "劳务纠纷".into(),
            unit: "件".into(),
            labels,
            lines: vec![line],
            alt: "a & b".into(),
        }
    }

    #[test]
    fn a_missing_value_is_a_gap_and_never_a_zero() {
        let svg = line_chart(
            &chart(&[Some(1.0), None, Some(3.0), Some(4.0), Some(f64::NAN)]),
            PAGE_FONTS,
        );
        let path = svg.lines().find(|l| l.contains("<path")).unwrap();
        assert_eq!((path.matches('M').count(), path.matches('L').count()), (2, 1), "{path}");
        assert!(svg.contains("实际 &lt;1&gt;") && svg.contains("a &amp; b"), "{svg}");
    }

    #[test]
    fn every_figure_has_a_picture() {
        for values in [
            &[][..],
            &[None],
            &[Some(0.0)],
            &[Some(f64::MAX), Some(f64::MIN)],
            &[Some(1e-12)],
            &[Some(-3.0), Some(12.5)],
        ] {
            let svg = line_chart(&chart(values), PAGE_FONTS);
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{values:?}: {svg}");
        }
        assert_eq!([3.0, 12.0, 26.0, 100.0].map(step), [1.0, 5.0, 10.0, 20.0]);
    }
}
