//! Backtests: each origin is opened as of its own end; nothing in the lake changes.

mod detectors;
mod forecasts;
mod letters;
mod replay;
mod weights;

use std::path::PathBuf;

use lake::schema::{DOMAINS, Domain};
use lake::{Result, Session};

use super::open::{Opened, Options};
use crate::workspace::Workspace;

pub use detectors::{DetectorsBacktest, DetectorsQuestion, backtest_detectors};
pub use forecasts::{ForecastsBacktest, ForecastsQuestion, backtest_forecasts};
pub use letters::{LettersBacktest, LettersQuestion, backtest_letters};
pub use replay::Replay;
pub use weights::{WeightsBacktest, WeightsQuestion, backtest_weights};

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
