//! `pingan nightly`

use chrono::{Days, NaiveDate};
use clap::Args;
use pingan::Result;
use pingan::index::{Place, ranking};
use pingan::lake::Lake;
use pingan::lake::schema::Domain;
use pingan::nightly::{Night, nightly};
use pingan::panel::{Period, State};
use serde_json::Value;

use super::context::Context;
use super::ingest::told;
use super::steps::Steps;
use super::table::Rows;
use super::{Common, Format, Status, print};

/// The main job: ingest, panel, index
#[derive(Args)]
pub struct NightlyArgs {
    /// The day whose night it is; default today
    #[arg(long)]
    pub date: Option<NaiveDate>,
}

pub fn run(common: &Common, args: &NightlyArgs) -> Result<Status> {
    let context = common.open(args.date)?;
    let mut steps = Steps::new(common);
    let night = nightly(&context.workspace, &context.options, &mut |step, of, what| steps.at(step, of, what));
    steps.end();
    let night = night?;
    report(common, &context, &night)?;
    Ok(if night.scored.is_some() && night.taken.failed.is_empty() { Status::Done } else { Status::Negative })
}

/// The night's end: the ranked table, then what an analyst must know about it, then what to do next.
fn report(common: &Common, context: &Context, night: &Night) -> Result<()> {
    let period = Period::month(context.options.as_of.day, context.options.as_of.day);
    let before = Period::month(period.start - Days::new(1), context.options.as_of.day);
    let lake = Lake::open(&context.workspace.lake(), &context.options.limits)?;
    let places = if night.scored.is_some() { ranking(&lake, &context.options.limits, &period.name, &before.name)? } else { Vec::new() };
    if common.format != Format::Table {
        return table(&places, &before, true).print(common.format);
    }
    if !places.is_empty() {
        print(&format!(
            "{} 平安指数 {} ({} to {}, as of {})\n",
            context.workspace.config.name, period.name, period.start, period.end, context.options.as_of.day
        ))?;
        table(&places, &before, false).print(Format::Table)?;
    }
    let (now, next) = remarks(context, night, &period);
    for line in now.iter().chain(&next) {
        print(&format!("{line}\n"))?;
    }
    Ok(())
}

fn table(places: &[Place], before: &Period, exact: bool) -> Rows {
    let headers = if exact {
        ["rank", "rank_lo", "rank_hi", "area_code", "name", "index", "lo", "hi", "band", "change", "worst_domain", "coverage"]
            .map(str::to_owned)
            .to_vec()
    } else {
        let change = format!("vs {}", before.name);
        ["rank", "90 %", "township", "index", "90 %", "band", &change, "worst domain", "coverage"].map(str::to_owned).to_vec()
    };
    Rows { headers, rows: places.iter().map(|p| if exact { exact_row(p) } else { row(p) }).collect() }
}

fn row(p: &Place) -> Vec<Value> {
    let label = |id: &str| Domain::find(id).map_or(id, |d| d.label).to_owned();
    vec![
        p.rank.map_or(Value::Null, Value::from),
        p.rank_interval.map_or(Value::Null, |(lo, hi)| format!("{lo}–{hi}").into()),
        p.name.clone().into(),
        p.score.map_or(Value::Null, |s| format!("{s:.1}").into()),
        p.score_interval.map_or(Value::Null, |(lo, hi)| format!("{lo:.1}–{hi:.1}").into()),
        p.band.clone().into(),
        p.change.map_or(Value::Null, |c| format!("{c:+.1}").into()),
        p.worst.as_ref().map_or(Value::Null, |(d, s)| format!("{} {s:.0}", label(d)).into()),
        format!("{:.0} %", 100.0 * p.coverage).into(),
    ]
}

fn exact_row(p: &Place) -> Vec<Value> {
    let float = |x: Option<f64>| x.map_or(Value::Null, Value::from);
    let whole = |x: Option<i64>| x.map_or(Value::Null, Value::from);
    vec![
        whole(p.rank),
        whole(p.rank_interval.map(|r| r.0)),
        whole(p.rank_interval.map(|r| r.1)),
        p.area_code.clone().into(),
        p.name.clone().into(),
        float(p.score),
        float(p.score_interval.map(|s| s.0)),
        float(p.score_interval.map(|s| s.1)),
        p.band.clone().into(),
        float(p.change),
        p.worst.as_ref().map_or(Value::Null, |(d, _)| d.clone().into()),
        p.coverage.into(),
    ]
}

/// What happened, and what to do next.
fn remarks(context: &Context, night: &Night, period: &Period) -> (Vec<String>, Vec<String>) {
    let (mut now, mut next) = (Vec::new(), Vec::new());
    if !night.taken.landed.is_empty() {
        now.push("\nFiles".to_owned());
        now.extend(night.taken.landed.iter().map(|l| format!("  {}", told(l))));
    }
    let refused: u64 = night.taken.landed.iter().filter_map(|l| l.tally.as_ref()).map(|t| t.refused_rows).sum();
    if refused > 0 {
        next.push(format!("  {refused} rows were refused: read inbox/done/*.report.txt, or `pingan query 'select * from rejected'`"));
    }
    for (file, error) in &night.taken.failed {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        now.push(format!("  {name}: failed: {error}"));
        next.push(format!("  mend inbox/failed/{name} and put it back into inbox/"));
    }
    now.push("\nFeeds".to_owned());
    now.extend(feeds(night, period));
    let absent: Vec<&str> = night.coverage.not_delivered().iter().map(|d| d.label).collect();
    if !absent.is_empty() {
        now.push(format!("  never delivered: {}", absent.join("、")));
    }
    match &night.scored {
        None => next.push(format!("  put departments' files into {} and run again", context.workspace.inbox().display())),
        Some(scored) => {
            if !scored.frozen_now.is_empty() {
                now.push(format!(
                    "\nGoalposts of {} indicators frozen in models/index.toml; old scores stay from now on",
                    scored.frozen_now.len()
                ));
            }
            if !scored.provisional.is_empty() {
                now.push(format!(
                    "\nGoalposts of {} indicators are provisional until {} months of their feeds are there: their scores still move",
                    scored.provisional.len(),
                    scored.model.reference.months
                ));
            }
        }
    }
    if !next.is_empty() {
        next.insert(0, "\nNext".to_owned());
    }
    (now, next)
}

/// One line a feed: on which of the period's days it counts, and why not on the others.
fn feeds(night: &Night, period: &Period) -> Vec<String> {
    let mut lines = Vec::new();
    for (id, (_, gaps)) in &night.coverage.feeds {
        let label = Domain::find(id).map_or(*id, |d| d.label);
        let counted = night.coverage.days(id, period.start, period.end).len();
        let mut line = format!("  {label}: {counted} of {} days count", period.days());
        for state in [State::Missing, State::Partial, State::Late] {
            let days: Vec<NaiveDate> = gaps.iter().filter(|g| g.state == state).map(|g| g.day).collect();
            let days: Vec<NaiveDate> = days.into_iter().filter(|d| (period.start..=period.end).contains(d)).collect();
            if !days.is_empty() {
                line.push_str(&format!("; {} {}", state.name(), spans(&days)));
            }
        }
        lines.push(line);
    }
    lines
}

/// `2026-01-03…05, 2026-01-09` of days in order.
pub fn spans(days: &[NaiveDate]) -> String {
    let mut spans: Vec<(NaiveDate, NaiveDate)> = Vec::new();
    for day in days {
        match spans.last_mut() {
            Some((_, last)) if *last + Days::new(1) == *day => *last = *day,
            _ => spans.push((*day, *day)),
        }
    }
    let told = |(from, to): &(NaiveDate, NaiveDate)| if from == to { from.to_string() } else { format!("{from}…{to}") };
    spans.iter().map(told).collect::<Vec<_>>().join(", ")
}
