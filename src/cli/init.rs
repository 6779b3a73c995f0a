//! `pingan init`: a new workspace for any county.

use std::path::{Path, PathBuf};

use lake::areas::{Register, divisions};
use lake::error::At;
use pingan::workspace::{Config, Workspace};

use super::{Common, Status, print};

/// Make a workspace for a county
#[derive(clap::Args)]
pub struct InitArgs {
    /// Folder to make; it may exist if it is empty
    dir: PathBuf,
    /// Six-digit code of the county (GB/T 2260), such as 620981 for 玉门市
    #[arg(long, value_name = "CODE")]
    county: String,
}

pub fn run(common: &Common, args: &InitArgs) -> pingan::Result<Status> {
    let register = Register::new(divisions::county(&args.county)?)?;
    let config = Config {
        name: register.root().name.clone(),
        county: args.county.clone(),
        time_zone: chrono_tz::Asia::Shanghai,
        link_parties: false,
        party_key: Some(key_beside(&args.dir)?),
        roles: Vec::new(),
    };
    Workspace::create(&args.dir, &config, &register)?;
    if !common.quiet {
        print(&next_steps(args, &register))?;
    }
    Ok(Status::Done)
}

/// Where the key lies, seen from the workspace: beside it, under its name.
fn key_beside(dir: &Path) -> pingan::Result<PathBuf> {
    let whole = std::path::absolute(dir).at(dir)?;
    let name = whole.file_name().map_or("pingan".into(), |n| n.to_string_lossy().into_owned());
    Ok(Path::new("..").join(format!("{name}.party.key")))
}

fn next_steps(args: &InitArgs, register: &Register) -> String {
    let (dir, name) = (args.dir.display(), &register.root().name);
    let (towns, villages) =
        (register.at_level("township").count(), register.at_level("village").count());
    format!(
        "{dir}: workspace of {name} ({}), {towns} townships, {villages} villages\n\
         Next:\n  \
         1. fill in population (and households, vehicles, enterprises) in {dir}/areas.csv: rates are per resident\n  \
         2. drop the departments' files in {dir}/inbox\n  \
         3. pingan -w {dir} nightly\n\
         The key of the hashes that stand for persons will lie in {dir}.party.key: back it up, apart from the lake\n",
        register.root().code,
    )
}
