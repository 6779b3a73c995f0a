//! `pingan backtest`

mod detectors;
mod forecasts;
mod letters;
mod weights;

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use pingan::Result;
use pingan::engine::Replay;
use serde_json::Value;

use super::{Common, Format, Status};

/// What other choices would have warned of: rolling origins, each from what was known then
#[derive(Args)]
pub struct BacktestArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Weights of domains or indicators, by how well the index ranks what is to come
    Weights(weights::WeightsArgs),
    /// Detectors, by what is known to have happened
    Detectors(detectors::DetectorsArgs),
    /// Letters that the warnings' rules would have drafted, by what is known to have happened
    Letters(letters::LettersArgs),
    /// Forecasts of counts, beside persistence and last year
    Forecasts(forecasts::ForecastsArgs),
}

/// Which nights are replayed, and what they are held against.
#[derive(Args)]
struct ReplayArgs {
    /// CSV of what happened: area_code, domain, category, from, to; default truth/incidents.csv of
    /// the workspace
    #[arg(long, value_name = "FILE")]
    truth: Option<PathBuf>,
    /// First night; default a year after the first event
    #[arg(long, value_name = "DATE")]
    from: Option<NaiveDate>,
    /// Last night; default the last day that is over
    #[arg(long, value_name = "DATE")]
    to: Option<NaiveDate>,
    /// Days from night to night
    #[arg(long, default_value_t = 7, value_name = "N")]
    every: u64,
}

impl ReplayArgs {
    fn question(&self) -> Replay {
        Replay { truth: self.truth.clone(), from: self.from, to: self.to, every: self.every }
    }
}

pub fn run(common: &Common, args: &BacktestArgs) -> Result<Status> {
    match &args.what {
        What::Weights(args) => weights::run(common, args),
        What::Detectors(args) => detectors::run(common, args),
        What::Letters(args) => letters::run(common, args),
        What::Forecasts(args) => forecasts::run(common, args),
    }
}

/// The command line as it was given, quoted where it must be.
fn command_line() -> String {
    let quoted =
        |argument: String| match argument.contains(|c: char| c.is_whitespace() || c == '\'') {
            true => format!("'{}'", argument.replace('\'', "'\\''")),
            false => argument,
        };
    let arguments = std::env::args_os().skip(1).map(|a| quoted(a.to_string_lossy().into_owned()));
    std::iter::once("pingan".to_owned()).chain(arguments).collect::<Vec<_>>().join(" ")
}

/// Names each origin as it is reached, where somebody looks on.
fn progress(common: &Common) -> impl FnMut(&str) + use<> {
    let quiet = common.quiet || common.format != Format::Table;
    move |origin: &str| {
        if !quiet {
            eprintln!("origin {origin}");
        }
    }
}

/// What is to be known when reading a result, and where it lies.
fn remarks(lines: &[String], folder: &Path) -> String {
    format!("\n{}\nWritten: {}\n", lines.join("\n"), folder.display())
}

/// Three decimals, nothing where there is no number.
fn rounded(value: f64) -> Value {
    match value.is_finite() {
        true => Value::from(format!("{value:.3}")),
        false => Value::Null,
    }
}
