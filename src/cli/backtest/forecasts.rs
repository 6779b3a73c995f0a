//! `pingan backtest forecasts`

use chrono::NaiveDate;
use clap::Args;
use pingan::Result;
use pingan::engine::{ForecastsBacktest, ForecastsQuestion, backtest_forecasts};
use serde_json::Value;

use super::{command_line, progress, remarks, rounded};
use crate::cli::table::Rows;
use crate::cli::{Common, Format, Status, print};

#[derive(Args)]
pub struct ForecastsArgs {
    /// First day on which an origin may lie; default the first of the history
    #[arg(long, value_name = "DATE")]
    from: Option<NaiveDate>,
    /// Last one; default the last of which a stretch is over
    #[arg(long, value_name = "DATE")]
    to: Option<NaiveDate>,
}

pub fn run(common: &Common, args: &ForecastsArgs) -> Result<Status> {
    let context = common.open(None)?;
    let question = ForecastsQuestion { command: command_line(), from: args.from, to: args.to };
    let found =
        backtest_forecasts(&context.workspace, &context.options, &question, &mut progress(common))?;
    table(&found).print(common.format)?;
    if common.format == Format::Table {
        print(&remarks(&found.remarks, &found.folder))?;
    }
    let passed = found.controls.iter().all(|control| control.passed);
    Ok(if passed { Status::Done } else { Status::Negative })
}

fn table(found: &ForecastsBacktest) -> Rows {
    let within = format!("within {:.0} %", found.level * 100.0);
    let headers = ["weeks", "model", "forecasts", "CRPS", &within, "skill", "90 %", "p", "verdict"];
    let rows = found.judged.iter().map(|judged| {
        let compared = judged.house_against.difference.filter(|_| !judged.verdict().is_empty());
        vec![
            format!("{}–{}", judged.step * 4 - 3, judged.step * 4).into(),
            judged.model.into(),
            judged.cases.into(),
            rounded(judged.crps),
            rounded(judged.coverage),
            rounded(judged.skill),
            compared.map_or(Value::Null, |d| format!("{:+.3} to {:+.3}", d.lower, d.upper).into()),
            rounded(judged.p_adjusted),
            judged.verdict().into(),
        ]
    });
    Rows { headers: headers.map(str::to_owned).to_vec(), rows: rows.collect() }
}
