//! Backtests: each origin is opened as of its own end; nothing in the lake changes.

mod detectors;
mod forecasts;
mod letters;
mod replay;
mod weights;

use std::path::PathBuf;

use chrono::NaiveDate;
use lake::schema::{DOMAINS, Domain};
use lake::{Result, Session};

use super::open::{Opened, Options};
use crate::backtest::{Control, Provenance};
use crate::workspace::Workspace;

pub use detectors::{DetectorsBacktest, DetectorsQuestion, backtest_detectors};
pub use forecasts::{ForecastsBacktest, ForecastsQuestion, backtest_forecasts};
pub use letters::{LettersBacktest, LettersQuestion, backtest_letters};
pub use replay::Replay;
pub use weights::{WeightsBacktest, WeightsQuestion, backtest_weights};

/// A backtest as it was asked: what reproduces its results.
fn provenance(command: &str, settings: &[(&str, &str)], opened: &Opened) -> Provenance {
    Provenance {
        command: command.to_owned(),
        settings: settings.iter().map(|(f, hash)| ((*f).to_owned(), (*hash).to_owned())).collect(),
        as_of: opened.options.as_of.instant.to_rfc3339(),
    }
}

/// Nights as names of origins.
fn named(nights: &[NaiveDate]) -> Vec<(String, NaiveDate)> {
    nights.iter().map(|night| (night.to_string(), *night)).collect()
}

/// Where a backtest's results lie.
fn folder(workspace: &Workspace, name: &str) -> PathBuf {
    workspace.root.join("out/backtests").join(name)
}

/// Domains of which some events' time of recording is assumed.
fn assumed_histories(opened: &Opened, options: &Options) -> Result<Vec<String>> {
    let session = Session::new(&opened.lake, &options.limits)?;
    session.register_lake(&opened.lake, &options.as_of)?;
    let is_assumed = |domain: &Domain| -> Result<bool> {
        let sql =
            format!("select 1 from {}__all where recorded_basis = 'assumed' limit 1", domain.id);
        Ok(session.collect(&sql)?.iter().any(|batch| batch.num_rows() > 0))
    };
    let mut assumed = Vec::new();
    for domain in &DOMAINS {
        if is_assumed(domain)? {
            assumed.push(domain.id.to_owned());
        }
    }
    Ok(assumed)
}

/// Remarks that every backtest makes: histories that are assumed, and what the controls say.
fn common_remarks(assumed: &[String], controls: &[Control]) -> Vec<String> {
    let control = |control: &Control| {
        let state = if control.passed { "as it should be" } else { "NOT AS IT SHOULD BE" };
        format!("Control, {}: {}: {state}", control.name, control.says)
    };
    let assumed = (!assumed.is_empty()).then(|| {
        format!(
            "Times of recording are assumed (--history), not given, so that origins may know more or less than they would have: {}",
            assumed.join(", ")
        )
    });
    assumed.into_iter().chain(controls.iter().map(control)).collect()
}
