//! `pingan check`

use clap::Args;
use pingan::Result;
use pingan::engine::check;

use super::table::Rows;
use super::{Common, Format, Status, print};

/// What is wrong in configuration, models, pipelines and lake, and the fix
#[derive(Args)]
pub struct CheckArgs {}

pub fn run(common: &Common, _: &CheckArgs) -> Result<Status> {
    let context = common.open(None)?;
    let remarks = check(&context.workspace, &context.options);
    let wrong = remarks.iter().any(|r| r.wrong);
    if common.format == Format::Table {
        for r in &remarks {
            print(&format!(
                "{} {}: {}; {}\n",
                if r.wrong { "wrong" } else { "note " },
                r.about,
                r.what,
                r.fix
            ))?;
        }
        if !wrong {
            print("nothing is wrong\n")?;
        }
    } else {
        let headers = ["state", "about", "what", "fix"].map(str::to_owned).to_vec();
        let row = |r: &pingan::engine::Remark| {
            vec![
                (if r.wrong { "wrong" } else { "note" }).into(),
                r.about.clone().into(),
                r.what.clone().into(),
                r.fix.clone().into(),
            ]
        };
        Rows { headers, rows: remarks.iter().map(row).collect() }.print(common.format)?;
    }
    Ok(if wrong { Status::Negative } else { Status::Done })
}
