//! `pingan backtest weights`

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use pingan::Result;
use pingan::backtest::weights::Weighed;
use pingan::engine::{WeightsBacktest, WeightsQuestion, backtest_weights};
use pingan::index::Goalposts;
use serde_json::Value;

use super::{command_line, progress, remarks, rounded};
use crate::cli::table::Rows;
use crate::cli::{Common, Format, Status, print};

#[derive(Args)]
pub struct WeightsArgs {
    /// First month at whose end something is predicted; default the sixth of the history
    #[arg(long, value_name = "MONTH")]
    from: Option<String>,
    /// Last one; default the last whose horizon is over
    #[arg(long, value_name = "MONTH")]
    to: Option<String>,
    /// Months over which the target is counted
    #[arg(long, default_value_t = 1, value_name = "N")]
    horizon: usize,
    /// Months between an origin and its horizon
    #[arg(long, default_value_t = 0, value_name = "N")]
    embargo: usize,
    /// Goalposts and priors of each origin
    #[arg(long, value_enum, default_value_t = Posts::Anew)]
    goalposts: Posts,
    /// What is weighed
    #[arg(long, value_enum, default_value_t = Elements::Domains)]
    weigh: Elements,
    /// CSV of further sets of weights: a column `name` and one for each domain or domain.indicator
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Posts {
    /// Estimated from what was known then
    Anew,
    /// The model's frozen ones
    Held,
}

#[derive(Clone, Copy, ValueEnum)]
enum Elements {
    /// The model's domains
    Domains,
    /// Its indicators, side by side
    Indicators,
}

pub fn run(common: &Common, args: &WeightsArgs) -> Result<Status> {
    let context = common.open(None)?;
    let question = WeightsQuestion {
        command: command_line(),
        from: args.from.clone(),
        to: args.to.clone(),
        horizon: args.horizon,
        embargo: args.embargo,
        goalposts: match args.goalposts {
            Posts::Anew => Goalposts::Anew,
            Posts::Held => Goalposts::Held,
        },
        weighed: match args.weigh {
            Elements::Domains => Weighed::Domains,
            Elements::Indicators => Weighed::Indicators,
        },
        weights: args.weights.clone(),
    };
    let found =
        backtest_weights(&context.workspace, &context.options, &question, &mut progress(common))?;
    table(&found).print(common.format)?;
    if common.format == Format::Table {
        print(&remarks(&found.remarks, &found.folder))?;
    }
    let passed = found.controls.iter().all(|control| control.passed);
    Ok(if passed { Status::Done } else { Status::Negative })
}

fn table(found: &WeightsBacktest) -> Rows {
    let headers = [
        "weights",
        "rank correlation",
        "hits of a fifth",
        "AUC",
        "stability",
        "against equal",
        "90 %",
        "p",
        "verdict",
    ];
    let rows = found.judged.iter().map(|judged| {
        let mut row = vec![Value::from(judged.name.clone())];
        row.extend(judged.means().map(rounded));
        row.push(rounded(judged.stability));
        let against = judged.against_equal.difference.filter(|_| !judged.verdict().is_empty());
        row.push(against.map_or(Value::Null, |d| format!("{:+.3}", d.mean).into()));
        row.push(
            against.map_or(Value::Null, |d| format!("{:+.3} to {:+.3}", d.lower, d.upper).into()),
        );
        row.push(rounded(judged.p_adjusted));
        row.push(judged.verdict().into());
        row
    });
    Rows { headers: headers.map(str::to_owned).to_vec(), rows: rows.collect() }
}
