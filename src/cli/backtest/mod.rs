//! `pingan backtest`

mod forecasts;
mod weights;

use clap::{Args, Subcommand};
use pingan::Result;
use pingan::backtest::Control;
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
    /// Forecasts of counts, beside persistence and last year
    Forecasts(forecasts::ForecastsArgs),
}

pub fn run(common: &Common, args: &BacktestArgs) -> Result<Status> {
    match &args.what {
        What::Weights(args) => weights::run(common, args),
        What::Forecasts(args) => forecasts::run(common, args),
    }
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

/// Names the domains of which times of recording are assumed.
fn assumed(domains: &[String]) -> String {
    if domains.is_empty() {
        return String::new();
    }
    format!(
        "Times of recording are assumed (--history), not given, so that origins may know more or less than they would have: {}\n",
        domains.join(", ")
    )
}

/// What the controls say, a line each.
fn controls(controls: &[Control]) -> String {
    let line = |control: &Control| {
        let state = if control.passed { "as it should be" } else { "NOT AS IT SHOULD BE" };
        format!("Control, {}: {}: {state}\n", control.name, control.says)
    };
    controls.iter().map(line).collect()
}

/// Three decimals, nothing where there is no number.
fn rounded(value: f64) -> Value {
    match value.is_finite() {
        true => Value::from(format!("{value:.3}")),
        false => Value::Null,
    }
}
