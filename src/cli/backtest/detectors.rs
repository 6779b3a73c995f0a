//! `pingan backtest detectors`

use std::path::PathBuf;

use clap::Args;
use pingan::Result;
use pingan::detect::Kind;
use pingan::engine::{DetectorsBacktest, DetectorsQuestion, backtest_detectors};
use serde_json::Value;

use super::{ReplayArgs, command_line, progress, remarks, rounded};
use crate::cli::table::Rows;
use crate::cli::{Common, Format, Status, print};

#[derive(Args)]
pub struct DetectorsArgs {
    #[command(flatten)]
    replay: ReplayArgs,
    /// Another models/detectors.toml, compared on the same nights; several may be given
    #[arg(long, value_name = "FILE")]
    settings: Vec<PathBuf>,
}

pub fn run(common: &Common, args: &DetectorsArgs) -> Result<Status> {
    let context = common.open(None)?;
    let question = DetectorsQuestion {
        command: command_line(),
        replay: args.replay.question(),
        settings: args.settings.clone(),
    };
    let found =
        backtest_detectors(&context.workspace, &context.options, &question, &mut progress(common))?;
    table(&found).print(common.format)?;
    if common.format == Format::Table {
        print(&remarks(&found.remarks, &found.folder))?;
    }
    let passed = found.controls.iter().all(|control| control.passed);
    Ok(if passed { Status::Done } else { Status::Negative })
}

fn table(found: &DetectorsBacktest) -> Rows {
    let headers = [
        "settings",
        "kind",
        "found",
        "recall",
        "explained",
        "precision",
        "false a township-year",
        "days",
        "before the end",
    ];
    let rows = found.outcome.judged.iter().map(|judged| {
        let sum = |of: [usize; 2]| of.iter().sum::<usize>();
        vec![
            judged.settings.clone().into(),
            judged.kind.map_or("all", Kind::name).into(),
            format!("{} of {}", judged.found, judged.incidents).into(),
            rounded(judged.recall()),
            format!("{} of {}", sum(judged.explained), sum(judged.episodes)).into(),
            rounded(judged.precision()),
            rounded(judged.false_a_township_year),
            if judged.days.is_nan() { Value::Null } else { (judged.days as i64).into() },
            rounded(judged.before_end),
        ]
    });
    Rows { headers: headers.map(str::to_owned).to_vec(), rows: rows.collect() }
}
