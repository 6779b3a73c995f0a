//! A waterfall chart: how a figure came from where it was to where it is, one bar a part.

use svg::Document;
use svg::node::element::{Group, Line, Rectangle, Title};

use super::text::{INK, decimal, minus, number, printable, signed, text, width};

/// What is drawn. A value that is missing (NaN) is written "–" and has no bar; a missing part moves
/// nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Waterfall {
    pub title: String,
    /// Label and value of the first bar.
    pub start: (String, f64),
    /// Label and signed amount of each part, in the order drawn; together they should lead from the
    /// start to the end.
    pub parts: Vec<(String, f64)>,
    /// Label and value of the last bar.
    pub end: (String, f64),
}

const FONT: &str = "Noto Sans CJK SC, Microsoft YaHei, sans-serif";
const WORSE: &str = "#c0392b";
const BETTER: &str = "#2e8b57";
const WHOLE: &str = "#4a5a6a";
const FAINT: &str = "#d5dade";

const SIZE: f64 = 14.0;
const TITLE_SIZE: f64 = 18.0;
const TICK_SIZE: f64 = 11.0;
const MARGIN: f64 = 16.0;
const GAP: f64 = 12.0;
const ROW: f64 = 28.0;
const BAR: f64 = 18.0;
const PLOT: f64 = 420.0;
const TOP: f64 = MARGIN + TITLE_SIZE + GAP;

/// A line of the chart: from where to where its bar goes, and how its value is written.
struct Row {
    label: String,
    value: String,
    bar: Option<(f64, f64)>,
    fill: &'static str,
}

/// The picture's columns, in pixels, and the scale of the bars.
struct Layout {
    width: f64,
    bottom: f64,
    plot: f64,
    low: f64,
    high: f64,
    step: f64,
}

/// The chart as SVG text; the same data give the same bytes.
///
/// Labels stand at the left, values at the right, each in a column as wide as its longest entry
/// (estimated: a full-width glyph is 1 em, any other 0.55 em), so that a long label widens the
/// picture. At most `most` parts are drawn (at least 1): of more, the largest `most − 1` in their
/// order, and the sum of the rest as one, called `rest` with their number. The scale need not hold
/// 0, since parts are small beside the whole; the first and last bar are then shown broken.
pub fn waterfall(chart: &Waterfall, most: usize, rest: &str) -> String {
    let rows = rows(chart, most.max(1), rest);
    let layout = layout(&chart.title, &rows);
    let height = layout.bottom + TICK_SIZE + GAP + MARGIN;
    let mut document = Document::new()
        .set("width", number(layout.width))
        .set("height", number(height))
        .set("viewBox", format!("0 0 {} {}", number(layout.width), number(height)))
        .set("font-family", FONT)
        .set("role", "img")
        .add(Title::new(printable(&chart.title)))
        .add(Rectangle::new().set("width", "100%").set("height", "100%").set("fill", "#ffffff"))
        .add(
            text(&chart.title, MARGIN, MARGIN + TITLE_SIZE * 0.85, TITLE_SIZE, "start")
                .set("font-weight", "bold"),
        )
        .add(axis(&layout));
    for (place, row) in rows.iter().enumerate() {
        document = document.add(drawn(row, rows.get(place + 1), TOP + ROW * place as f64, &layout));
    }
    format!("{document}\n")
}

fn rows(chart: &Waterfall, most: usize, rest: &str) -> Vec<Row> {
    let mut level = if chart.start.1.is_finite() { chart.start.1 } else { 0.0 };
    let mut rows = vec![whole(&chart.start)];
    for (label, delta) in folded(&chart.parts, most, rest) {
        let next = level + if delta.is_finite() { delta } else { 0.0 };
        let fill = if delta < 0.0 {
            WORSE
        } else if delta > 0.0 {
            BETTER
        } else {
            INK
        };
        rows.push(Row {
            label: printable(&label),
            value: signed(delta),
            bar: delta.is_finite().then_some((level, next)),
            fill,
        });
        level = next;
    }
    rows.push(whole(&chart.end));
    rows
}

/// A bar from 0, as far as the scale goes.
fn whole((label, value): &(String, f64)) -> Row {
    let written = if value.is_finite() { decimal(*value) } else { "–".to_owned() };
    Row {
        label: printable(label),
        value: written,
        bar: value.is_finite().then_some((0.0, *value)),
        fill: WHOLE,
    }
}

fn folded(parts: &[(String, f64)], most: usize, rest: &str) -> Vec<(String, f64)> {
    if parts.len() <= most {
        return parts.to_vec();
    }
    let mut order: Vec<usize> = (0..parts.len()).collect();
    // A missing part is folded first; equal ones keep their order.
    let size =
        |i: &usize| parts.get(*i).map(|(_, d)| d.abs()).filter(|d| d.is_finite()).unwrap_or(-1.0);
    order.sort_by(|a, b| size(b).total_cmp(&size(a)));
    let (kept, others) = order.split_at(most - 1);
    let mut drawn: Vec<(String, f64)> = parts
        .iter()
        .enumerate()
        .filter(|(i, _)| kept.contains(i))
        .map(|(_, p)| p.clone())
        .collect();
    let others: Vec<f64> = parts
        .iter()
        .enumerate()
        .filter(|(i, _)| others.contains(i))
        .map(|(_, (_, d))| *d)
        .collect();
    let known: Vec<f64> = others.iter().copied().filter(|d| d.is_finite()).collect();
    let sum = if known.is_empty() { f64::NAN } else { known.iter().sum() };
    drawn.push((format!("{rest} ({})", others.len()), sum));
    drawn
}

fn layout(title: &str, rows: &[Row]) -> Layout {
    let widest = |of: fn(&Row) -> &str| rows.iter().map(|r| width(of(r), SIZE)).fold(0.0, f64::max);
    let plot = MARGIN + widest(|r| &r.label) + GAP;
    let needed = plot + PLOT + GAP + widest(|r| &r.value) + MARGIN;
    let (low, high, step) = scale(rows);
    let titled = 2.0 * MARGIN + width(title, TITLE_SIZE) * 1.05;
    Layout {
        width: needed.max(titled).ceil(),
        bottom: TOP + ROW * rows.len() as f64,
        plot,
        low,
        high,
        step,
    }
}

/// Ends of the scale on whole steps, and the step (1, 2 or 5 times a power of ten), so that every
/// level between the bars is on it.
fn scale(rows: &[Row]) -> (f64, f64, f64) {
    let ends = rows
        .iter()
        .filter_map(|r| r.bar.map(|b| (r.fill == WHOLE, b)))
        .flat_map(|(whole, (from, to))| [if whole { to } else { from }, to]);
    let (low, high) =
        ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| (l.min(x), h.max(x)));
    if low > high {
        return (0.0, 1.0, 0.5);
    }
    let span = if high > low { high - low } else { high.abs().max(1.0) * 0.1 };
    let (low, high) = (low - span * 0.15, high + span * 0.05);
    let rough = (high - low) / 6.0;
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0]
        .into_iter()
        .map(|m| m * power)
        .find(|s| *s >= rough)
        .unwrap_or(10.0 * power);
    // A scale that nearly reaches 0 begins there.
    let low = if low > 0.0 && low < step { 0.0 } else { low };
    ((low / step).floor() * step, (high / step).ceil() * step, step)
}

impl Layout {
    fn x(&self, value: f64) -> f64 {
        self.plot + PLOT * (value.clamp(self.low, self.high) - self.low) / (self.high - self.low)
    }
}

fn axis(layout: &Layout) -> Group {
    let steps = ((layout.high - layout.low) / layout.step).round() as usize;
    let decimals = (-layout.step.log10().floor()).max(0.0) as usize;
    (0..=steps).fold(Group::new(), |group, i| {
        let value = layout.low + layout.step * i as f64;
        let x = layout.x(value);
        let written = minus(&format!("{value:.decimals$}"));
        group.add(line(x, TOP, x, layout.bottom, FAINT)).add(text(
            &written,
            x,
            layout.bottom + TICK_SIZE + 4.0,
            TICK_SIZE,
            "middle",
        ))
    })
}

/// Label, bar, value, and the thread from the bar's end to the next row's.
fn drawn(row: &Row, next: Option<&Row>, top: f64, layout: &Layout) -> Group {
    let baseline = top + ROW / 2.0 + SIZE * 0.36;
    let colour = if row.bar.is_none() || row.fill == WHOLE { INK } else { row.fill };
    let group = Group::new()
        .add(text(&row.label, layout.plot - GAP, baseline, SIZE, "end"))
        .add(text(&row.value, layout.width - MARGIN, baseline, SIZE, "end").set("fill", colour));
    let Some((from, to)) = row.bar else { return group };
    let (left, right) = (layout.x(from.min(to)), layout.x(from.max(to)));
    let bar = top + (ROW - BAR) / 2.0;
    let group = group.add(
        Rectangle::new()
            .set("x", number(left))
            .set("y", number(bar))
            // The least part is still to be seen.
            .set("width", number((right - left).max(1.0)))
            .set("height", number(BAR))
            .set("fill", row.fill),
    );
    // A bar that does not begin at its 0 is shown broken.
    let group = match row.fill == WHOLE && !(layout.low..=layout.high).contains(&0.0) {
        true => group.add(broken(if layout.low > 0.0 { left + GAP } else { right - GAP }, bar)),
        false => group,
    };
    match next {
        Some(_) => group.add(line(layout.x(to), bar + BAR, layout.x(to), bar + ROW, WHOLE)),
        None => group,
    }
}

/// A white slash across a bar.
fn broken(x: f64, bar: f64) -> Line {
    line(x - 3.0, bar + BAR + 1.0, x + 3.0, bar - 1.0, "#ffffff").set("stroke-width", 4)
}

fn line(x1: f64, y1: f64, x2: f64, y2: f64, stroke: &str) -> Line {
    Line::new()
        .set("x1", number(x1))
        .set("y1", number(y1))
        .set("x2", number(x2))
        .set("y2", number(y2))
        .set("stroke", stroke)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(parts: &[(&str, f64)]) -> Waterfall {
        let end = 78.5 + parts.iter().map(|(_, d)| d).filter(|d| !d.is_nan()).sum::<f64>();
        let parts = parts.iter().map(|(l, d)| ((*l).to_owned(), *d)).collect();
        Waterfall {
            title: "为什么变了 <A & B>".into(),
            start: ("5月".into(), 78.5),
            parts,
            end: ("6月".into(), end),
        }
    }

    /// Attribute of every element of that name.
    fn all(svg: &str, element: &str, attribute: &str) -> Vec<String> {
        let lines = svg.lines().filter(|l| l.trim_start().starts_with(&format!("<{element} ")));
        lines
            .filter_map(|l| {
                l.split(&format!(" {attribute}=\"")).nth(1)?.split('"').next().map(str::to_owned)
            })
            .collect()
    }

    #[test]
    fn worse_is_red_better_is_green_and_the_bars_meet() {
        let svg = waterfall(&chart(&[("盗窃", -3.0), ("交通", 1.25)]), 10, "其他");
        assert_eq!(all(&svg, "rect", "fill"), ["#ffffff", WHOLE, WORSE, BETTER, WHOLE]);
        assert!(svg.contains("−3.00") && svg.contains("+1.25") && svg.contains("76.75"));
        // The background has no place and a width in per cent.
        let edges = |name: &str| {
            all(&svg, "rect", name).iter().filter_map(|v| v.parse().ok()).collect::<Vec<f64>>()
        };
        let (x, width) = (edges("x"), edges("width"));
        assert!(
            (x[0] + width[0] - x[1] - width[1]).abs() < 0.03,
            "the first part begins where the start ends"
        );
        assert!((x[1] - x[2]).abs() < 0.03, "the second begins where the first ends");
        assert!(
            (x[2] + width[2] - x[3] - width[3]).abs() < 0.03,
            "the end is where the last part leads"
        );
        assert!((width[1] / width[2] - 2.4).abs() < 0.01);
    }

    #[test]
    fn a_bar_that_does_not_begin_at_0_is_broken() {
        let slashes =
            |chart: &Waterfall| all(&waterfall(chart, 9, "其他"), "line", "stroke-width").len();
        assert_eq!((slashes(&chart(&[("a", -3.0)])), slashes(&chart(&[("a", -78.5)]))), (2, 0));
    }

    #[test]
    fn the_same_data_give_the_same_bytes() {
        let data = chart(&[("a", -3.0), ("b", 1.25), ("c", 0.0)]);
        assert!(
            (0..20)
                .all(|_| waterfall(&data, 10, "others") == waterfall(&data.clone(), 10, "others"))
        );
    }

    #[test]
    fn the_smallest_parts_are_folded_into_one() {
        let parts = [("a", 0.1), ("b", -4.0), ("c", f64::NAN), ("d", 2.0), ("e", 0.2)];
        let folded = folded(&chart(&parts).parts, 3, "其他");
        let labels: Vec<&str> = folded.iter().map(|(l, _)| l.as_str()).collect();
        assert_eq!(labels, ["b", "d", "其他 (3)"]);
        assert!((folded[2].1 - 0.3).abs() < 1e-12);
        assert_eq!(all(&waterfall(&chart(&parts), 0, "其他"), "rect", "x").len(), 3);
    }

    #[test]
    fn nothing_is_cut_or_overlaps() {
        let long =
            "石龙镇街道办事处第十二村民委员会 · 电信网络诈骗既遂案件数 (per 10,000 residents)";
        let data = chart(&[(long, -12345.678), ("b", 1.0)]);
        let svg = waterfall(&data, 10, "其他");
        let layout = layout(&data.title, &rows(&data, 10, "其他"));
        assert!(layout.plot - GAP - width(long, SIZE) >= MARGIN - 1e-9);
        assert!(
            layout.plot + PLOT + GAP + width("−12345.68", SIZE) <= layout.width - MARGIN + 1e-9
        );
        for (x, w) in all(&svg, "rect", "x").iter().zip(&all(&svg, "rect", "width")[1..]) {
            let (x, w): (f64, f64) = (x.parse().unwrap(), w.parse().unwrap());
            assert!(x >= layout.plot - 0.01 && x + w <= layout.plot + PLOT + 1.01);
        }
    }

    #[test]
    fn a_missing_figure_has_no_bar() {
        let mut data = chart(&[("a", f64::NAN)]);
        assert_eq!(all(&waterfall(&data, 10, "其他"), "rect", "x").len(), 2);
        (data.start.1, data.end.1) = (f64::NAN, f64::NAN);
        let svg = waterfall(&data, 10, "其他");
        assert_eq!((all(&svg, "rect", "x").len(), svg.matches('–').count()), (0, 3));
    }

    #[test]
    fn text_cannot_break_the_picture() {
        let mut data = chart(&[("a\u{1}<b>\n\"c\"", 0.001)]);
        data.end.1 = -0.001;
        let svg = waterfall(&data, 10, "其他");
        assert!(
            svg.contains("为什么变了 &lt;A &amp; B&gt;") && svg.contains("a&lt;b&gt; \"c\""),
            "{svg}"
        );
        assert!(!svg.contains("−0.00") && !svg.contains("+0.00"));
    }

    #[test]
    fn the_scale_holds_every_level() {
        let of = |parts: &[(&str, f64)]| scale(&rows(&chart(parts), 99, ""));
        let (low, high, _) = of(&[("a", -3.0), ("b", 9.0)]);
        assert!((70.0..75.5).contains(&low) && (84.5..90.0).contains(&high));
        let (low, high, _) = of(&[("a", -100.0)]);
        assert!(low <= -21.5 && high >= 78.5);
        let (low, high, step) = of(&[]);
        assert!(low < 78.5 && high > 78.5 && step > 0.0);
    }
}
