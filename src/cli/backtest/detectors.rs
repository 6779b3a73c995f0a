//! `pingan backtest detectors`

use std::path::PathBuf;

use clap::Args;
use methods::backtest::{Comparison, Verdict};
use pingan::Result;
use pingan::detect::Kind;
use pingan::engine::{DetectorsBacktest, DetectorsQuestion, backtest_detectors};
use serde_json::Value;

use super::{ReplayArgs, assumed, controls, progress, rounded};
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
    let question =
        DetectorsQuestion { replay: args.replay.question(), settings: args.settings.clone() };
    let found =
        backtest_detectors(&context.workspace, &context.options, &question, &mut progress(common))?;
    table(&found).print(common.format)?;
    if common.format == Format::Table {
        print(&remarks(&found))?;
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

fn remarks(found: &DetectorsBacktest) -> String {
    let days = &found.nights.days;
    let (first, last) = (days[0], days[days.len() - 1]);
    let mut text = format!(
        "\n{} nights from {first} to {last}; explained: of distinct findings, those that an incident explains; days: from the beginning to the night that told it, median\n",
        days.len()
    );
    if !found.failed.is_empty() {
        text += &format!("Not judged: {} nights of which nothing was known\n", found.failed.len());
    }
    for against in &found.outcome.against {
        text += &format!(
            "{} against {}: recall {}; false findings a night {}\n",
            against.settings,
            found.outcome.judged[0].settings,
            compared(&against.recall, against.p_adjusted[0], 1.0),
            compared(&against.false_findings, against.p_adjusted[1], -1.0),
        );
    }
    text += &assumed(&found.assumed);
    text += &controls(&found.controls);
    let folder = found.files.summary.parent().unwrap_or(&found.files.summary);
    text + &format!("Written: {}\n", folder.display())
}

/// A difference with its interval and verdict; `sign` turns it back where less is better.
fn compared(comparison: &Comparison, p: f64, sign: f64) -> String {
    let Some(difference) = comparison.difference else { return "too few to compare".to_owned() };
    let (mut low, mut high) = (sign * difference.lower, sign * difference.upper);
    if low > high {
        (low, high) = (high, low);
    }
    let verdict = match comparison.verdict {
        Verdict::Better if p < 0.1 => "better",
        Verdict::Worse if p < 0.1 => "worse",
        _ => "no difference",
    };
    format!("{:+.3} ({low:+.3} to {high:+.3}, p {p:.3}): {verdict}", sign * difference.mean)
}
