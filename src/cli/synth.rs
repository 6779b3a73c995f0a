//! `pingan synth`: a workspace with a simulated county.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;
use pingan::synth::{CountyRise, Params, Practice, deliver, synth};

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
    /// A habit of departments, of all or of one domain's; may be repeated. Files then come in
    /// deliveries/NIGHT/ instead of inbox/
    #[arg(long, value_name = "HABIT[:DOMAIN]")]
    habit: Vec<Practice>,
    /// A rise in all townships, from a day on: disputes/wage_arrears@2026-01-01=1.5; may be repeated
    #[arg(long, value_name = "DOMAIN/CATEGORY@DATE=RATIO")]
    rise: Vec<CountyRise>,
    /// No bursts, rises or new levels of single townships
    #[arg(long)]
    without_incidents: bool,
    /// The county of the habits with each event delivered on the night it was recorded
    #[arg(long)]
    control: bool,
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
        incidents: !args.without_incidents,
        rises: args.rise.clone(),
    };
    let delivered = args.control || !args.habit.is_empty();
    let s = match delivered {
        true => deliver(&args.dir, &params, &args.habit, args.control)?,
        false => synth(&args.dir, &params)?,
    };
    let folder = if delivered { "deliveries/" } else { "inbox/" };
    if !common.quiet {
        print(&format!(
            "{}: {} townships, {} events in {} rows, {} incidents with {} of the events, {} files in {folder}, {} bad rows among them\n",
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
