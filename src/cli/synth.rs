//! `pingan synth`: a workspace with a simulated county.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;
use pingan::synth::{Params, synth};

use super::{Common, Status, print};

/// Make a workspace with a simulated county whose truth is known
#[derive(Args, Clone, Debug)]
pub struct SynthArgs {
    /// Folder of the new workspace
    dir: PathBuf,
    /// Six-digit code of the county
    #[arg(long, value_name = "CODE")]
    county: String,
    /// First day on which events occur
    #[arg(long, value_name = "DATE")]
    from: NaiveDate,
    /// Last day on which events occur and are recorded
    #[arg(long, value_name = "DATE")]
    to: NaiveDate,
    /// Events in all
    #[arg(long, value_name = "N")]
    events: usize,
    /// What is recorded from this day on comes in the departments' untidy files; default the last
    /// two calendar months
    #[arg(long, value_name = "DATE")]
    inbox_from: Option<NaiveDate>,
}

/// Simulates the county and says what was written.
pub fn run(common: &Common, args: &SynthArgs) -> pingan::Result<Status> {
    let params = Params {
        county: args.county.clone(),
        from: args.from,
        to: args.to,
        events: args.events,
        inbox_from: args.inbox_from,
        seed: common.seed,
    };
    let s = synth(&args.dir, &params)?;
    if !common.quiet {
        print(&format!(
            "{}: {} townships, {} events in {} rows, {} incidents with {} of the events, {} files in inbox/, {} bad rows among them\n",
            args.dir.display(),
            s.townships,
            s.events,
            s.versions,
            s.incidents,
            s.injected,
            s.files,
            s.bad_rows
        ))?;
    }
    Ok(Status::Done)
}
