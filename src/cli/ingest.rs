//! `pingan ingest [FILE…]`

use std::path::PathBuf;

use clap::Args;
use lake::Landed;
use lake::inbox::Left;
use pingan::Result;
use pingan::engine::ingest;

use super::{Common, Status, print};

/// Check, map, mask and append departments' files
#[derive(Args)]
pub struct IngestArgs {
    /// Files to take, which stay where they are; by default all of inbox/
    files: Vec<PathBuf>,
    /// Domain of the files
    #[arg(long)]
    domain: Option<String>,
    /// Mapping of the files
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// The files are a history: every row counts as recorded so many days after it happened (3
    /// unless given), so that nights before today can be replayed
    #[arg(long, value_name = "DAYS", num_args = 0..=1, default_missing_value = "3")]
    history: Option<u32>,
    /// Exit 1 where anything was refused
    #[arg(long)]
    strict: bool,
}

pub fn run(common: &Common, args: &IngestArgs) -> Result<Status> {
    let context = common.open(None)?;
    let mut ingested = ingest(
        &context.workspace,
        &context.options,
        &args.files,
        args.domain.as_deref(),
        args.mapping.as_deref(),
        args.history,
    )?;
    for left in &ingested.left {
        print(&format!("{}\n", left_line(left)))?;
    }
    for landed in &ingested.landed {
        print(&format!("{}\n", landed_line(landed)))?;
        for line in landed.refusals.lines().lines() {
            print(&format!("  {line}\n"))?;
        }
    }
    if ingested.landed.is_empty()
        && let Some((_, error)) = ingested.failed.pop()
    {
        for (_, other) in &ingested.failed {
            eprintln!("error: {other}");
        }
        return Err(error);
    }
    for (_, error) in &ingested.failed {
        print(&format!("failed: {error}\n"))?;
    }
    let refused = ingested
        .landed
        .iter()
        .any(|l| l.tally.as_ref().is_some_and(|t| t.refused_rows + t.refused_cells > 0));
    Ok(if !ingested.failed.is_empty() || (args.strict && refused) {
        Status::Negative
    } else {
        Status::Done
    })
}

/// One line on what lies in the inbox and was not taken.
pub fn left_line(left: &Left) -> String {
    format!("{}: left lying in inbox/, it is {}", left.name, left.what)
}

/// One line on what became of a file.
pub fn landed_line(landed: &Landed) -> String {
    let Some(tally) = &landed.tally else {
        let domain = landed.domain.id;
        return format!("{}: had landed in {domain} before, nothing done", landed.file);
    };
    // A row of totals is one a category.
    let accepted = match tally.accepted > tally.rows {
        true => format!("{} totals of {} rows", tally.accepted, tally.rows),
        false => format!("{} of {} rows", tally.accepted, tally.rows),
    };
    let mut line = format!("{}: {accepted} accepted into {}", landed.file, landed.domain.id);
    if tally.skipped > 0 {
        line.push_str(&format!(", {} left out", tally.skipped));
    }
    if tally.refused_rows > 0 {
        line.push_str(&format!(", {} refused", tally.refused_rows));
    }
    if tally.refused_cells > 0 {
        line.push_str(&format!(", {} cells left empty", tally.refused_cells));
    }
    for notice in &tally.notices {
        line.push_str(&format!("; {notice}"));
    }
    line
}
