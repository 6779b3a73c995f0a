//! `pingan index --audit` and `--sensitivity`: a model judged by what it scores.

use pingan::Result;
use pingan::engine;
use pingan::index::audit::{Element, Flag};
use pingan::index::sensitivity::{Choice, Sensitivity, Standing};
use pingan::panel::Period;
use serde_json::{Value, json};

use super::context::Context;
use super::table::Rows;
use super::{Common, Format, Status, print};

const LEGEND: &str = "\
weight: among its siblings. in index: as the model has it; as it bears: where what has no score passes its weight on.
r: Pearson's correlation with the node above it, and with the index. alpha: Cronbach's, of what it is made of.
rank change: how many places the townships move, on average, without it. Scores are those before any veto.
negative: r above below −0.4; weak: below 0.3; says the same: a correlation with a sibling above 0.9.
";

pub fn audit(
    common: &Common,
    context: &Context,
    model: &str,
    periods: &[Period],
) -> Result<Status> {
    let elements = engine::audit(&context.workspace, &context.options, model, periods)?;
    if common.format != Format::Table {
        element_table_exact(&elements).print(common.format)?;
        return Ok(Status::Done);
    }
    let (first, last) = (&periods[0], &periods[periods.len() - 1]);
    let span =
        if first == last { first.name.clone() } else { format!("{} to {}", first.name, last.name) };
    print(&format!("{} 平安指数: {model} audited on {span}\n", context.workspace.config.name))?;
    element_table(&elements).print(Format::Table)?;
    print(&format!("\n{LEGEND}"))?;
    Ok(Status::Done)
}

pub fn sensitivity(
    common: &Common,
    context: &Context,
    model: &str,
    period: &Period,
    rows: usize,
) -> Result<Status> {
    let found = engine::sensitivity(&context.workspace, &context.options, model, period, rows)?;
    for notice in &found.notices {
        tracing::warn!("{notice}");
    }
    match common.format {
        Format::Table => {
            let name = &context.workspace.config.name;
            let Sensitivity { rows, runs, seed, moved, .. } = &found;
            print(&format!(
                "{name} 平安指数 {}: {model} scored {runs} times, N = {rows} rows, seed {seed}\nOn average a township moves {moved:.1} places from its rank.\n\n",
                period.name
            ))?;
            choice_table(&found.choices).print(Format::Table)?;
            print(
                "\nalone: the share of the movement that the choice explains by itself (Sobol, first order); with others: and with all it acts on (total).\n\n",
            )?;
            standing_table(&found.areas).print(Format::Table)?;
        }
        Format::Json => print(&format!(
            "{}\n",
            serde_json::to_string_pretty(&as_json(&found)).unwrap_or_default()
        ))?,
        Format::Csv => as_rows(&found).print(Format::Csv)?,
    }
    Ok(Status::Done)
}

fn number(x: f64) -> Value {
    if x.is_finite() { x.into() } else { Value::Null }
}

fn rounded(x: f64, decimals: usize) -> Value {
    if x.is_finite() { format!("{x:.decimals$}").into() } else { Value::Null }
}

fn span((low, high): (f64, f64), decimals: usize) -> Value {
    if low.is_finite() && high.is_finite() {
        format!("{low:.decimals$}–{high:.decimals$}").into()
    } else {
        Value::Null
    }
}

fn headers<const N: usize>(names: [&str; N]) -> Vec<String> {
    names.map(str::to_owned).to_vec()
}

fn flag(flag: &Flag) -> String {
    match flag {
        Flag::Negative => "negative".to_owned(),
        Flag::Weak => "weak".to_owned(),
        Flag::Colinear(with) => format!("says the same as {with}"),
    }
}

fn flags(element: &Element) -> String {
    element.flags.iter().map(flag).collect::<Vec<_>>().join(", ")
}

fn element_table(elements: &[Element]) -> Rows {
    let percent =
        |x: f64| if x.is_finite() { format!("{:.1} %", 100.0 * x).into() } else { Value::Null };
    let row = |e: &Element| {
        let name = if e.kind == "indicator" { format!("  {}", e.node) } else { e.node.clone() };
        vec![
            name.into(),
            percent(e.weight),
            percent(e.nominal),
            percent(e.effective),
            percent(e.scored),
            rounded(e.with_parent, 2),
            rounded(e.with_index, 2),
            rounded(e.alpha, 2),
            rounded(e.rank_change, 2),
            flags(e).into(),
        ]
    };
    let headers = headers([
        "element",
        "weight",
        "in index",
        "as it bears",
        "scored",
        "r above",
        "r index",
        "alpha",
        "rank change",
        "look at",
    ]);
    Rows { headers, rows: elements.iter().map(row).collect() }
}

fn element_table_exact(elements: &[Element]) -> Rows {
    let row = |e: &Element| {
        let figures = [
            e.weight,
            e.nominal,
            e.effective,
            e.scored,
            e.with_parent,
            e.with_index,
            e.alpha,
            e.score_change,
            e.rank_change,
        ];
        let mut row = vec![e.node.clone().into(), e.kind.into()];
        row.extend(figures.map(number));
        row.push(flags(e).into());
        row
    };
    let headers = headers([
        "node",
        "kind",
        "weight",
        "weight_in_index",
        "effective_weight",
        "scored",
        "r_parent",
        "r_index",
        "alpha",
        "score_change",
        "rank_change",
        "flags",
    ]);
    Rows { headers, rows: elements.iter().map(row).collect() }
}

fn choice_table(choices: &[Choice]) -> Rows {
    let row = |c: &Choice| {
        let tried = c.alternatives.join(", ").into();
        vec![
            c.name.into(),
            tried,
            rounded(c.first, 2),
            span(c.first_interval, 2),
            rounded(c.total, 2),
            span(c.total_interval, 2),
        ]
    };
    let headers =
        headers(["choice", "tried, the model's own first", "alone", "90 %", "with others", "90 %"]);
    Rows { headers, rows: choices.iter().map(row).collect() }
}

fn standing_table(areas: &[Standing]) -> Rows {
    let row = |s: &Standing| {
        let r = &s.ranks;
        vec![
            rounded(r.nominal, 0),
            s.name.clone().into(),
            rounded(r.mean, 1),
            rounded(r.median, 0),
            span((r.q5, r.q95), 0),
        ]
    };
    Rows {
        headers: headers(["rank", "township", "mean rank", "median", "90 %"]),
        rows: areas.iter().map(row).collect(),
    }
}

fn as_json(found: &Sensitivity) -> Value {
    let choice = |c: &Choice| {
        json!({
            "choice": c.name, "alternatives": c.alternatives,
            "first": number(c.first),
            "first_lo": number(c.first_interval.0), "first_hi": number(c.first_interval.1),
            "total": number(c.total),
            "total_lo": number(c.total_interval.0), "total_hi": number(c.total_interval.1),
        })
    };
    let area = |s: &Standing| {
        let r = &s.ranks;
        json!({
            "area_code": s.code, "name": s.name, "rank": number(r.nominal),
            "mean_rank": number(r.mean), "median_rank": number(r.median),
            "rank_lo": number(r.q5), "rank_hi": number(r.q95), "runs_ranked": r.ranked,
        })
    };
    json!({
        "rows": found.rows, "runs": found.runs, "seed": found.seed,
        "mean_abs_rank_change": number(found.moved),
        "choices": found.choices.iter().map(choice).collect::<Vec<_>>(),
        "areas": found.areas.iter().map(area).collect::<Vec<_>>(),
    })
}

/// Choices and areas as lines of one table.
fn as_rows(found: &Sensitivity) -> Rows {
    let headers = headers([
        "kind",
        "id",
        "name",
        "rank",
        "mean_rank",
        "median_rank",
        "rank_lo",
        "rank_hi",
        "first",
        "first_lo",
        "first_hi",
        "total",
        "total_lo",
        "total_hi",
        "runs",
        "seed",
    ]);
    let line = |names: [Value; 3], figures: [f64; 11]| {
        let mut row = names.to_vec();
        row.extend(figures.map(number));
        row.extend([found.runs.into(), found.seed.into()]);
        row
    };
    let none = f64::NAN;
    let choice = |c: &Choice| {
        let ((first_lo, first_hi), (total_lo, total_hi)) = (c.first_interval, c.total_interval);
        let figures = [
            none, none, none, none, none, c.first, first_lo, first_hi, c.total, total_lo, total_hi,
        ];
        line(["choice".into(), c.name.into(), c.alternatives.join(", ").into()], figures)
    };
    let area = |s: &Standing| {
        let r = &s.ranks;
        let figures =
            [r.nominal, r.mean, r.median, r.q5, r.q95, none, none, none, none, none, none];
        line(["area".into(), s.code.clone().into(), s.name.clone().into()], figures)
    };
    Rows {
        headers,
        rows: found.choices.iter().map(choice).chain(found.areas.iter().map(area)).collect(),
    }
}
