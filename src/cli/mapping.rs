//! `pingan mapping`: a mapping proposed for a department's file.

use std::io::Write;
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use lake::schema::{DOMAINS, Domain};
use pingan::engine::propose_mapping;
use pingan::workspace::Workspace;

use super::{Common, Status, print};

/// Propose what a department's columns and words mean, from its file's header and values
#[derive(clap::Args)]
pub struct MappingArgs {
    /// The department's file: csv, xlsx or parquet
    file: PathBuf,
    /// Which of the ten domains it is of; by default what its name or its categories point to
    #[arg(long, value_name = "DOMAIN", value_parser = domains())]
    domain: Option<String>,
}

/// Names of the domains.
fn domains() -> PossibleValuesParser {
    PossibleValuesParser::new(DOMAINS.iter().map(|domain| domain.id))
}

pub fn run(common: &Common, args: &MappingArgs) -> pingan::Result<Status> {
    let workspace = Workspace::open(&common.workspace)?;
    let domain = args.domain.as_deref().and_then(Domain::find);
    let proposal = propose_mapping(&workspace, &args.file, domain)?;
    print(&proposal.text)?;
    if proposal.missing.is_empty() {
        return Ok(Status::Done);
    }
    // The proposal went out; a closed standard error takes nothing from it.
    let _ = writeln!(
        std::io::stderr(),
        "no column looks like {}: fill it in by hand",
        proposal.missing.join(", ")
    );
    Ok(Status::Negative)
}
