//! `pingan index --freeze`: goalposts frozen anew, and what moves.

use pingan::Result;
use pingan::engine::{Names, refreeze};
use pingan::index::{GoalpostsChange, Refrozen};
use serde_json::Value;

use super::context::Context;
use super::table::Rows;
use super::{Common, Format, Status, print};

pub fn freeze(common: &Common, context: &Context, model: &str) -> Result<Status> {
    let (refrozen, names) = refreeze(&context.workspace, &context.options, model)?;
    if common.format != Format::Table {
        exact(&refrozen, &names).print(common.format)?;
        return Ok(Status::Done);
    }
    print(&format!("Goalposts frozen in {model}, as of {}\n", context.options.as_of.day))?;
    goalposts(&refrozen).print(Format::Table)?;
    print(&format!("\n平安指数 {} by the goalposts before and now\n", refrozen.period.name))?;
    index(&refrozen, &names).print(Format::Table)?;
    print(
        "\nWhat was frozen before stands as [[earlier]] in the file. The next night scores all months anew.\n",
    )?;
    Ok(Status::Done)
}

fn headers(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn goalposts(refrozen: &Refrozen) -> Rows {
    let span = |low_high: Option<(f64, f64)>| {
        let text = |(low, high): (f64, f64)| format!("{low:.4}–{high:.4}");
        Value::from(low_high.map_or_else(|| "–".to_owned(), text))
    };
    let row = |change: &GoalpostsChange| {
        let months = change.frozen.after.as_ref().map(|f| format!("{} to {}", f.from, f.to));
        let areas = change.frozen.after.as_ref().and_then(|f| f.areas);
        vec![
            change.node.clone().into(),
            change.label.clone().into(),
            span(change.frozen.before.as_ref().map(|f| (f.low, f.high))),
            span(change.frozen.after.as_ref().map(|f| (f.low, f.high))),
            months.or_else(|| change.why.clone()).map_or(Value::Null, Value::from),
            areas.map_or(Value::Null, Value::from),
        ]
    };
    Rows {
        headers: headers(&["", " ", "before", "now", "months, or why not", "areas"]),
        rows: delivered(refrozen).map(row).collect(),
    }
}

/// Indicators that had goalposts, have them, or have none for a reason: those whose domain
/// delivers.
fn delivered(refrozen: &Refrozen) -> impl Iterator<Item = &GoalpostsChange> {
    let some = |c: &&GoalpostsChange| {
        c.frozen.before.is_some() || c.frozen.after.is_some() || c.why.is_some()
    };
    refrozen.goalposts.iter().filter(some)
}

fn index(refrozen: &Refrozen, names: &Names) -> Rows {
    let text = |x: f64| Value::from(if x.is_nan() { "–".to_owned() } else { format!("{x:.1}") });
    let row = |(code, index): &(String, methods::index::decompose::Change<f64>)| {
        let change = index.delta();
        let change = if change.is_nan() { Value::Null } else { format!("{change:+.1}").into() };
        vec![names.area(code).into(), text(index.before), text(index.after), change]
    };
    Rows {
        headers: headers(&["", "before", "now", "change"]),
        rows: refrozen.index.iter().map(row).collect(),
    }
}

/// Goalposts and indices under one header.
fn exact(refrozen: &Refrozen, names: &Names) -> Rows {
    let number = |x: f64| if x.is_finite() { x.into() } else { Value::Null };
    let figure = |f: Option<f64>| f.map_or(Value::Null, number);
    let of_indicator = |c: &GoalpostsChange| {
        let (before, after) = (c.frozen.before.as_ref(), c.frozen.after.as_ref());
        vec![
            "goalposts".into(),
            c.node.clone().into(),
            c.label.clone().into(),
            figure(before.map(|f| f.low)),
            figure(before.map(|f| f.high)),
            figure(after.map(|f| f.low)),
            figure(after.map(|f| f.high)),
            Value::Null,
            Value::Null,
            c.why.clone().map_or(Value::Null, Value::from),
        ]
    };
    let of_area = |(code, index): &(String, methods::index::decompose::Change<f64>)| {
        let mut row = vec!["index".into(), code.clone().into(), names.area(code).into()];
        row.extend([const { Value::Null }; 4]);
        row.extend([number(index.before), number(index.after), Value::Null]);
        row
    };
    let rows = delivered(refrozen).map(of_indicator).chain(refrozen.index.iter().map(of_area));
    Rows {
        headers: headers(&[
            "what",
            "code",
            "name",
            "low_before",
            "high_before",
            "low",
            "high",
            "index_before",
            "index",
            "why",
        ]),
        rows: rows.collect(),
    }
}
