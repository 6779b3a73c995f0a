//! `pingan detect`

use clap::Args;
use pingan::Result;
use pingan::detect::Finding;
use pingan::engine::detect;
use serde_json::Value;

use super::findings::{NEWS, headers, row, set_aside, summary};
use super::table::Rows;
use super::{Common, Format, Status, print};

/// What is abnormal or rising as of a day: findings of every area, domain and category
#[derive(Args)]
pub struct DetectArgs {
    /// Also forecasts, and series of which nothing can be said
    #[arg(long)]
    all: bool,
}

pub fn run(common: &Common, args: &DetectArgs) -> Result<Status> {
    let context = common.open(None)?;
    let (night, names) = detect(&context.workspace, &context.options)?;
    let told: Vec<&Finding> =
        night.findings.iter().filter(|f| args.all || NEWS.contains(&f.kind())).collect();
    let mut rows: Vec<(f64, Vec<Value>)> =
        told.iter().map(|f| (f.q.min(1.0), row(f, &names))).collect();
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    Rows { headers: headers(), rows: rows.into_iter().map(|(_, row)| row).collect() }
        .print(common.format)?;
    if common.format == Format::Table {
        print(&format!("{}\n", summary(&night, night.as_of.day)))?;
        if let Some(by) = set_aside(&night) {
            print(&format!("set aside, so that no warning opens: {by}\n"))?;
        }
    }
    for notice in &night.notices {
        tracing::warn!("{notice}");
    }
    let news = night.findings.iter().any(|f| NEWS.contains(&f.kind()));
    Ok(if news { Status::Done } else { Status::Negative })
}
