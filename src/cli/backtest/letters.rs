//! `pingan backtest letters`

use clap::Args;
use pingan::Result;
use pingan::engine::{LettersBacktest, LettersQuestion, backtest_letters};
use serde_json::Value;

use super::{ReplayArgs, command_line, progress, remarks, rounded};
use crate::cli::table::Rows;
use crate::cli::{Common, Format, Status, print};

#[derive(Args)]
pub struct LettersArgs {
    #[command(flatten)]
    replay: ReplayArgs,
    /// Letters a month that the centre can follow: which of them would have been kept
    #[arg(long, value_name = "N")]
    budget: Option<usize>,
}

pub fn run(common: &Common, args: &LettersArgs) -> Result<Status> {
    let context = common.open(None)?;
    let question = LettersQuestion {
        command: command_line(),
        replay: args.replay.question(),
        budget: args.budget,
    };
    let found =
        backtest_letters(&context.workspace, &context.options, &question, &mut progress(common))?;
    table(&found).print(common.format)?;
    if common.format == Format::Table {
        print(&remarks(&found.remarks, &found.folder))?;
    }
    let passed = found.controls.iter().all(|control| control.passed);
    Ok(if passed { Status::Done } else { Status::Negative })
}

fn table(found: &LettersBacktest) -> Rows {
    let headers = [
        "letters",
        "first",
        "further",
        "a township-month",
        "explained",
        "precision",
        "found",
        "recall",
        "days",
        "before the end",
    ];
    let rows = found.judged.iter().map(|judged| {
        vec![
            judged.letters.into(),
            judged.first.into(),
            judged.further.into(),
            rounded(judged.a_township_month),
            format!("{} of {}", judged.explained, judged.first).into(),
            rounded(judged.precision()),
            format!("{} of {}", judged.found, judged.incidents).into(),
            rounded(judged.recall()),
            if judged.days.is_nan() { Value::Null } else { (judged.days as i64).into() },
            rounded(judged.before_end),
        ]
    });
    Rows { headers: headers.map(str::to_owned).to_vec(), rows: rows.collect() }
}
