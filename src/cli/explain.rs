//! `pingan explain`: why a score is what it is.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use lake::areas::Register;
use lake::schema::Domain;
use lake::{Error, files};
use methods::index::posterior::IndicatorKind;
use pingan::Result;
use pingan::engine::{Comparison, Explained, MODEL, event, explain};
use pingan::index::explain::{Explanation, Figure, NodePart};
use pingan::index::{Model, Question};
use render::{Waterfall, waterfall};
use serde_json::{Value, json};

use super::table::Rows;
use super::{Common, Format, Status, event, print};

/// Parts that the picture shows by themselves.
const BARS: usize = 12;

/// Why an area's score is what it is, or differs: exact parts, down to the events
#[derive(Args)]
pub struct ExplainArgs {
    /// Code or name of the area; or the id of an event, for its file (一案一档): versions, times, what it
    /// counts in, letters
    area: String,
    /// 2026, 2026-Q1, 2026-01, 2026-01/xun1, 2026-W05, 2026-01-31 or 2026-01-31/28d; default the
    /// current month
    #[arg(long)]
    period: Option<String>,
    /// Another period, another area, or `mean` for the county as a whole; default the period before
    #[arg(long)]
    against: Option<String>,
    /// The model, relative to the workspace
    #[arg(long, value_name = "FILE", default_value = MODEL)]
    model: String,
    /// Also draws the parts as a waterfall into this SVG file
    #[arg(long, value_name = "SVG")]
    picture: Option<PathBuf>,
}

pub fn run(common: &Common, args: &ExplainArgs) -> Result<Status> {
    let context = common.open(None)?;
    let comparison = Comparison {
        area: &args.area,
        period: args.period.as_deref(),
        against: args.against.as_deref(),
    };
    let explained = explain(&context.workspace, &context.options, &args.model, &comparison);
    if let Err(Error::Usage { .. }) = &explained {
        let files = event(&context.workspace, &context.options, &args.area)?;
        if !files.is_empty() {
            event::rows(&context, &files).print(common.format)?;
            return Ok(Status::Done);
        }
    }
    let Explained { question, explanation, model, register } = explained?;
    let report = Report {
        question: &question,
        explanation: &explanation,
        model: &model,
        register: &register,
    };
    if let Some(file) = &args.picture {
        files::replace(file, waterfall(&report.picture(), BARS, "其他").as_bytes())?;
    }
    match common.format {
        Format::Table => report.as_text()?,
        Format::Json => print(&format!(
            "{}\n",
            serde_json::to_string_pretty(&report.as_json()).unwrap_or_default()
        ))?,
        Format::Csv => report.rows(true).print(Format::Csv)?,
    }
    Ok(if report.index().score.after.is_nan() { Status::Negative } else { Status::Done })
}

struct Report<'a> {
    question: &'a Question,
    explanation: &'a Explanation,
    model: &'a Model,
    register: &'a Register,
}

impl Report<'_> {
    fn index(&self) -> &NodePart {
        &self.explanation.nodes[0]
    }

    fn name(&self, code: &str) -> String {
        self.register.get(code).map_or(code.to_owned(), |a| a.name.clone())
    }

    /// What it is held against: `2025-12`, or another area's name.
    fn other(&self) -> String {
        if self.question.against_area == self.question.area {
            self.question.against.name.clone()
        } else {
            self.name(&self.question.against_area)
        }
    }

    fn as_text(&self) -> Result<()> {
        print(&self.headline())?;
        self.rows(false).print(Format::Table)?;
        print(&self.argument())
    }

    fn headline(&self) -> String {
        let (index, period) = (self.index(), &self.question.period);
        let mut text = format!(
            "{} 平安指数 {} ({} to {}): ",
            self.name(&self.question.area),
            period.name,
            period.start,
            period.end
        );
        if index.score.after.is_nan() {
            let known = self.explanation.nodes.iter().any(|s| !s.score.after.is_nan());
            let why = self.explanation.nodes.iter().find_map(|s| s.unscored.as_ref());
            return match why.filter(|_| !known) {
                Some(why) => format!("{text}数据不足, nothing is scored: {why}\n"),
                None => text + "数据不足, too little is known for a score\n",
            };
        }
        let band = self.model.band_of(index.score.after).map_or("", |b| b.name.as_str());
        text += &format!(
            "{:.1} {band}, 90 % {:.1}–{:.1}",
            index.score.after, index.interval.0, index.interval.1
        );
        let (rank, low, high) = self.explanation.rank;
        if !rank.is_nan() {
            text += &format!(", rank {rank} (90 % {low}–{high})");
        }
        if index.score.before.is_nan() {
            return text + &format!("; {} has no score to compare with\n", self.other());
        }
        text + &format!(
            "; {}: {:.1}; difference {:+.2}\n",
            self.other(),
            index.score.before,
            index.delta
        )
    }

    /// The largest parts in words, and what capped the score.
    fn argument(&self) -> String {
        let mut lines = String::new();
        if let Some((by, uncapped)) = &self.index().capped {
            lines += &format!("\nCapped by {by}; it would have been {uncapped:.1}\n");
        }
        let mut leading: Vec<&NodePart> = self
            .explanation
            .nodes
            .iter()
            .filter(|s| s.kind == "indicator" && s.delta.abs() >= 0.05)
            .collect();
        leading.sort_by(|a, b| b.delta.abs().total_cmp(&a.delta.abs()));
        for (sign, word) in [(-1.0, "down"), (1.0, "up")] {
            let some: Vec<String> = leading
                .iter()
                .filter(|s| s.delta * sign > 0.0)
                .take(4)
                .map(|s| self.phrase(s))
                .collect();
            if !some.is_empty() {
                lines += &format!("\nWhat pulls it {word}: {}\n", some.join("; "));
            }
        }
        let mut unscored: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for node_part in &self.explanation.nodes {
            if let Some(why) = &node_part.unscored {
                unscored.entry(why).or_default().push(named(node_part));
            }
        }
        for (why, nodes) in unscored {
            lines += &format!("\nNot scored, {why}: {}\n", nodes.join("、"));
        }
        if let Some(first) = leading.first() {
            lines += &format!(
                "\nThe events beneath {}:\n  pingan query \"{}\"\n",
                first.label,
                self.query(first)
            );
        }
        lines
    }

    fn phrase(&self, node_part: &NodePart) -> String {
        let why = match (
            &node_part.figure,
            node_part.score.before.is_nan(),
            node_part.score.after.is_nan(),
        ) {
            (_, true, _) => "not assessable then".to_owned(),
            (_, _, true) => "not assessable now".to_owned(),
            (Some(f), ..) => {
                format!(
                    "{} against {}; counted {}",
                    figure_text(f, true),
                    figure_text(f, false),
                    counted(f)
                )
            }
            (None, ..) => String::new(),
        };
        format!("{} {:+.2} ({why})", named(node_part), node_part.delta)
    }

    fn rows(&self, exact: bool) -> Rows {
        let other = self.other();
        let headers = if exact {
            [
                "node",
                "label",
                "before",
                "after",
                "lo",
                "hi",
                "weight",
                "delta",
                "parts",
                "num_before",
                "num_after",
                "n_before",
                "n_after",
                "query",
            ]
            .map(str::to_owned)
            .to_vec()
        } else {
            ["", "score", &other, "90 %", "weight", "part", "figure", &other, "counted"]
                .map(str::to_owned)
                .to_vec()
        };
        let rows = self
            .explanation
            .nodes
            .iter()
            .map(|s| if exact { self.exact_row(s) } else { row(s) })
            .collect();
        Rows { headers, rows }
    }

    fn exact_row(&self, s: &NodePart) -> Vec<Value> {
        let figure =
            |f: fn(&Figure) -> f64| s.figure.as_ref().map_or(Value::Null, |x| number(f(x)));
        vec![
            s.node.clone().into(),
            s.label.clone().into(),
            number(s.score.before),
            number(s.score.after),
            number(s.interval.0),
            number(s.interval.1),
            number(s.weight),
            number(s.delta),
            s.parts
                .iter()
                .map(|(name, delta)| format!("{name} {delta:?}"))
                .collect::<Vec<_>>()
                .join("; ")
                .into(),
            figure(|f| f.num.before),
            figure(|f| f.num.after),
            figure(|f| f.n.before),
            figure(|f| f.n.after),
            if s.kind == "indicator" { self.query(s).into() } else { Value::Null },
        ]
    }

    fn as_json(&self) -> Value {
        let question = self.question;
        let (rank, low, high) = self.explanation.rank;
        let nodes: Vec<Value> = self.explanation.nodes.iter().map(|s| self.json_of(s)).collect();
        json!({
            "area": question.area, "name": self.name(&question.area),
            "period": question.period.name,
            "against_area": question.against_area, "against": question.against.name,
            "rank": number(rank), "rank_lo": number(low), "rank_hi": number(high), "nodes": nodes,
        })
    }

    fn json_of(&self, s: &NodePart) -> Value {
        let parts: serde_json::Map<String, Value> =
            s.parts.iter().map(|(name, delta)| (name.clone(), number(*delta))).collect();
        let figure = s.figure.as_ref().map(|f| {
            json!({
                "num": [number(f.num.before), number(f.num.after)],
                "n": [number(f.n.before), number(f.n.after)],
                "raw": [number(f.raw.before), number(f.raw.after)],
                "per": f.per, "query": self.query(s),
            })
        });
        let capped = s
            .capped
            .as_ref()
            .map(|(by, uncapped)| json!({"by": by, "uncapped": number(*uncapped)}));
        json!({
            "node": s.node, "label": s.label, "kind": s.kind,
            "score": [number(s.score.before), number(s.score.after)],
            "lo": number(s.interval.0), "hi": number(s.interval.1),
            "weight": number(s.weight), "delta": number(s.delta),
            "parts": parts, "figure": figure, "capped": capped, "unscored": s.unscored,
        })
    }

    /// The events that an indicator counts, or is counted against.
    fn query(&self, node_part: &NodePart) -> String {
        let domain = node_part.node.split('.').next().unwrap_or_default();
        let period = &self.question.period;
        let days = format!("between date '{}' and date '{}'", period.start, period.end);
        let figure = node_part.figure.as_ref();
        let due = Domain::find(domain).is_some_and(|d| d.column("due_day").is_some())
            && figure.is_some_and(|f| f.measure != "events");
        let when =
            if due { format!("(day {days} or due_day {days})") } else { format!("day {days}") };
        let categories = figure
            .and_then(|f| f.categories.as_ref())
            .map_or(String::new(), |c| format!(" and category in ('{}')", c.join("', '")));
        format!(
            "select * from {domain} where {} and {when}{categories} order by day",
            self.within()
        )
    }

    /// Condition on the codes of the area and all below it.
    fn within(&self) -> String {
        let area = &self.question.area;
        let below = || {
            self.register
                .areas()
                .iter()
                .filter(|a| self.register.is_within(&a.code, area))
                .map(|a| a.code.as_str())
        };
        let outside =
            self.register.areas().iter().any(|a| {
                a.code.starts_with(area.as_str()) && !self.register.is_within(&a.code, area)
            });
        if !outside && below().all(|code| code.starts_with(area.as_str())) {
            return format!("area_code like '{area}%'");
        }
        format!("area_code in ('{}')", below().collect::<Vec<_>>().join("', '"))
    }

    fn picture(&self) -> Waterfall {
        let index = self.index();
        let indicators = self
            .explanation
            .nodes
            .iter()
            .filter(|s| s.kind == "indicator" && s.delta != 0.0 && !s.delta.is_nan());
        let mut parts: Vec<(String, f64)> = indicators
            .map(|s| {
                let domain = s.node.split('.').next().unwrap_or_default();
                (
                    format!("{}·{}", Domain::find(domain).map_or(domain, |d| d.label), s.label),
                    s.delta,
                )
            })
            .collect();
        for node_part in self.explanation.nodes.iter().filter(|s| s.kind != "indicator") {
            parts.extend(node_part.parts.iter().filter(|(_, delta)| *delta != 0.0).map(
                |(name, delta)| {
                    (
                        format!(
                            "{}·{}",
                            node_part.label,
                            if name == "veto" { "一票否决" } else { name }
                        ),
                        *delta,
                    )
                },
            ));
        }
        parts.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
        Waterfall {
            title: format!(
                "{} 平安指数 {} 与 {}",
                self.name(&self.question.area),
                self.question.period.name,
                self.other()
            ),
            start: (self.other(), index.score.before),
            parts,
            end: (self.question.period.name.clone(), index.score.after),
        }
    }
}

/// An indicator with its domain.
fn named(indicator: &NodePart) -> String {
    let domain = indicator.node.split('.').next().unwrap_or_default();
    format!("{}·{}", Domain::find(domain).map_or(domain, |d| d.label), indicator.label)
}

fn number(x: f64) -> Value {
    if x.is_finite() { x.into() } else { Value::Null }
}

fn row(s: &NodePart) -> Vec<Value> {
    let text = |x: f64, digits: usize| {
        if x.is_nan() { "–".into() } else { Value::from(format!("{x:.digits$}")) }
    };
    let indent = match s.kind {
        "index" => "",
        "domain" => "  ",
        _ => "    ",
    };
    let figure =
        |after: bool| s.figure.as_ref().map_or(Value::Null, |f| figure_text(f, after).into());
    vec![
        format!("{indent}{}", s.label).into(),
        text(s.score.after, 1),
        text(s.score.before, 1),
        if s.interval.0.is_nan() {
            Value::Null
        } else {
            format!("{:.1}–{:.1}", s.interval.0, s.interval.1).into()
        },
        if s.weight.is_nan() { Value::Null } else { format!("{:.1} %", 100.0 * s.weight).into() },
        if s.delta.is_nan() || s.score.before.is_nan() && s.score.after.is_nan() {
            Value::Null
        } else {
            format!("{:+.2}", s.delta).into()
        },
        figure(true),
        figure(false),
        s.figure.as_ref().map_or(Value::Null, |f| counted(f).into()),
    ]
}

/// A figure in its own unit.
fn figure_text(figure: &Figure, after: bool) -> String {
    let raw = if after { figure.raw.after } else { figure.raw.before };
    if raw.is_nan() {
        return "–".to_owned();
    }
    match figure.kind {
        IndicatorKind::Proportion => format!("{:.1} %", 100.0 * raw),
        _ if figure.per == 1.0 => format!("{raw:.2}"),
        IndicatorKind::Ratio => format!("{raw:.2} per {}", figure.per),
        _ => format!("{raw:.1} per {} and year", figure.per),
    }
}

/// What was counted: `31 of 40 against 28 of 35` for a proportion, else the numbers alone.
fn counted(figure: &Figure) -> String {
    let side = |num: f64, n: f64| match figure.kind {
        _ if num.is_nan() => "–".to_owned(),
        IndicatorKind::Proportion | IndicatorKind::Ratio if n.is_nan() => "0 of 0".to_owned(),
        IndicatorKind::Proportion | IndicatorKind::Ratio => format!("{num:.0} of {n:.0}"),
        _ => format!("{num:.0}"),
    };
    format!(
        "{} against {}",
        side(figure.num.after, figure.n.after),
        side(figure.num.before, figure.n.before)
    )
}
