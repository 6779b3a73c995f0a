//! `pingan site`

use std::path::PathBuf;

use clap::Args;
use pingan::Result;
use pingan::engine::site;

use super::{Common, Status, print};

/// Pages to open from disk: the index, every township, every domain, the letters
#[derive(Args)]
pub struct SiteArgs {
    /// Folder to write; default out/site of the workspace
    dir: Option<PathBuf>,
}

pub fn run(common: &Common, args: &SiteArgs) -> Result<Status> {
    let context = common.open(None)?;
    let folder = args.dir.clone().unwrap_or_else(|| context.workspace.root.join("out/site"));
    let first = site(&context.workspace, &context.options, &folder)?;
    print(&format!("{}\n", first.display()))?;
    Ok(Status::Done)
}
