//! `pingan nightly`

use std::collections::BTreeMap;

use chrono::NaiveDate;
use clap::Args;
use pingan::Result;
use pingan::engine::{Ingested, Night, nightly};
use pingan::index::Scored;

use super::context::Context;
use super::ingest::{landed_line, left_line};
use super::ranking::{both_ends, feeds, table};
use super::report::document_line;
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
    let reported = !matches!(night.report, Some(Err(_)));
    Ok(if night.scored.is_some() && night.ingested.failed.is_empty() && reported {
        Status::Done
    } else {
        Status::Negative
    })
}

/// The night's end: the ranked table, then what an analyst must know about it, then what to do
/// next.
fn report(common: &Common, context: &Context, night: &Night) -> Result<()> {
    let (period, before) = (&night.month, night.month.before());
    if common.format != Format::Table {
        return table(&night.ranking, &before.name, true).print(common.format);
    }
    if !night.ranking.is_empty() {
        print(&format!(
            "{} 平安指数 {} ({} to {}, as of {})\n",
            context.workspace.config.name,
            period.name,
            period.start,
            period.end,
            context.options.as_of.day
        ))?;
        both_ends(table(&night.ranking, &before.name, false)).print(Format::Table)?;
    }
    let (now, next) = remarks(context, night);
    for line in now.iter().chain(&next) {
        print(&format!("{line}\n"))?;
    }
    Ok(())
}

/// Indicators that have no goalposts, by the reason.
fn unfrozen(scored: &Scored) -> Vec<String> {
    let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (node, why) in &scored.unfrozen {
        by_reason.entry(why).or_default().push(node);
    }
    let line =
        |(why, nodes): (&str, Vec<&str>)| format!("\nNot scored, {why}: {}", nodes.join(", "));
    by_reason.into_iter().map(line).collect()
}

/// What happened, and what to do next.
fn remarks(context: &Context, night: &Night) -> (Vec<String>, Vec<String>) {
    let (mut now, mut next) = (Vec::new(), Vec::new());
    let Ingested { landed, left, .. } = &night.ingested;
    if !landed.is_empty() || !left.is_empty() {
        now.push("\nFiles".to_owned());
        now.extend(landed.iter().map(|l| format!("  {}", landed_line(l))));
        now.extend(left.iter().map(|l| format!("  {}", left_line(l))));
    }
    let refused: u64 =
        night.ingested.landed.iter().filter_map(|l| l.tally.as_ref()).map(|t| t.refused_rows).sum();
    if refused > 0 {
        next.push(format!(
            "  {refused} rows were refused: read inbox/done/*.report.txt, or \
             `pingan query 'select * from rejected'`"
        ));
    }
    for (name, error) in &night.ingested.failed {
        now.push(format!("  {name}: failed: {error}"));
        let mend = format!("  mend inbox/failed/{name} and put it back into inbox/");
        if !next.contains(&mend) {
            next.push(mend);
        }
    }
    for update in night.updates.iter().filter(|update| update.changed > 0) {
        now.push(format!(
            "  {}: {} versions changed under an unchanged recorded_at: known from their delivery on",
            update.domain.label, update.changed
        ));
    }
    now.push("\nFeeds".to_owned());
    now.extend(feeds(&night.coverage, &night.month));
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
            now.extend(unfrozen(scored));
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
        now.extend(findings::lines(found, &night.names, found.as_of.day));
    }
    if let Some(tonight) = &night.warned {
        super::tonight::remarks(&night.names, tonight, &mut now, &mut next);
    }
    match &night.report {
        Some(Ok(documents)) => {
            now.push("\nReport of the month".to_owned());
            now.extend(documents.iter().map(|d| format!("  {}", document_line(d))));
        }
        Some(Err(error)) => {
            now.push(format!("\nReport of the month: not written: {error}"));
            next.push("  mend that, then `pingan report month`".to_owned());
        }
        None => {}
    }
    if !next.is_empty() {
        next.insert(0, "\nNext".to_owned());
    }
    (now, next)
}
