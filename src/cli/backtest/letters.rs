//! `pingan backtest letters`

use clap::Args;
use pingan::Result;
use pingan::engine::{LettersBacktest, LettersQuestion, backtest_letters};
use serde_json::Value;

use super::{ReplayArgs, assumed, controls, progress, rounded};
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
    let question = LettersQuestion { replay: args.replay.question(), budget: args.budget };
    let found =
        backtest_letters(&context.workspace, &context.options, &question, &mut progress(common))?;
    table(&found).print(common.format)?;
    if common.format == Format::Table {
        print(&remarks(&found))?;
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

fn remarks(found: &LettersBacktest) -> String {
    let days = &found.nights.days;
    let mut text = format!(
        "\n{} nights from {} to {}; nobody acts on a letter: each stays a draft; explained: first letters that are about an incident; days: from its beginning to the letter, median\n",
        days.len(),
        days[0],
        days[days.len() - 1]
    );
    text += &assumed(&found.assumed);
    text += &controls(&found.controls);
    let folder = found.files.summary.parent().unwrap_or(&found.files.summary);
    text + &format!("Written: {}\n", folder.display())
}
