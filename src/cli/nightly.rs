//! `pingan nightly`

use chrono::NaiveDate;
use clap::Args;
use lake::Lake;
use pingan::Result;
use pingan::index::ranking;
use pingan::nightly::{MODEL, Night, nightly};
use pingan::panel::{Period, Unit};

use super::context::Context;
use super::ingest::told;
use super::names::Names;
use super::ranking::{feeds, table};
use super::steps::Steps;
use super::{Common, Format, Status, findings, print};

/// The main job: ingest, panel, index, detect, warn
#[derive(Args)]
pub struct NightlyArgs {
    /// The day whose night it is; default today
    #[arg(long)]
    pub date: Option<NaiveDate>,
}

pub fn run(common: &Common, args: &NightlyArgs) -> Result<Status> {
    let context = common.open(args.date)?;
    let mut steps = Steps::new(common);
    let night = nightly(&context.workspace, &context.options, &mut |step, of, what| {
        steps.at(step, of, what)
    });
    steps.end();
    let night = night?;
    report(common, &context, &night)?;
    Ok(if night.scored.is_some() && night.taken.failed.is_empty() {
        Status::Done
    } else {
        Status::Negative
    })
}

/// The night's end: the ranked table, then what an analyst must know about it, then what to do
/// next.
fn report(common: &Common, context: &Context, night: &Night) -> Result<()> {
    let period = Unit::Month.period(context.options.as_of.day, context.options.as_of.day);
    let before = Unit::Month.before(&period);
    let lake = Lake::open(&context.workspace.lake(), &context.options.limits)?;
    let places = if night.scored.is_some() {
        ranking(&lake, &context.options.limits, MODEL, &period.name, &before.name, common.seed)?
    } else {
        Vec::new()
    };
    if common.format != Format::Table {
        return table(&places, &before.name, true).print(common.format);
    }
    if !places.is_empty() {
        print(&format!(
            "{} 平安指数 {} ({} to {}, as of {})\n",
            context.workspace.config.name,
            period.name,
            period.start,
            period.end,
            context.options.as_of.day
        ))?;
        table(&places, &before.name, false).print(Format::Table)?;
    }
    let (now, next) = remarks(context, night, &period, &Names::of(&context.workspace)?);
    for line in now.iter().chain(&next) {
        print(&format!("{line}\n"))?;
    }
    Ok(())
}

/// What happened, and what to do next.
fn remarks(
    context: &Context,
    night: &Night,
    period: &Period,
    names: &Names,
) -> (Vec<String>, Vec<String>) {
    let (mut now, mut next) = (Vec::new(), Vec::new());
    if !night.taken.landed.is_empty() {
        now.push("\nFiles".to_owned());
        now.extend(night.taken.landed.iter().map(|l| format!("  {}", told(l))));
    }
    let refused: u64 =
        night.taken.landed.iter().filter_map(|l| l.tally.as_ref()).map(|t| t.refused_rows).sum();
    if refused > 0 {
        next.push(format!("  {refused} rows were refused: read inbox/done/*.report.txt, or `pingan query 'select * from rejected'`"));
    }
    for (file, error) in &night.taken.failed {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        now.push(format!("  {name}: failed: {error}"));
        next.push(format!("  mend inbox/failed/{name} and put it back into inbox/"));
    }
    now.push("\nFeeds".to_owned());
    now.extend(feeds(&night.coverage, period));
    let absent: Vec<&str> = night.coverage.not_delivered().iter().map(|d| d.label).collect();
    if !absent.is_empty() {
        now.push(format!("  never delivered: {}", absent.join("、")));
    }
    match &night.scored {
        None => next.push(format!(
            "  put departments' files into {} and run again",
            context.workspace.inbox().display()
        )),
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
    if let Some(found) = &night.found {
        now.extend(findings::told(found, names, found.as_of.day));
    }
    if let Some(tonight) = &night.warned {
        super::tonight::remarks(names, tonight, &mut now, &mut next);
    }
    if !next.is_empty() {
        next.insert(0, "\nNext".to_owned());
    }
    (now, next)
}
