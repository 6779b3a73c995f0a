//! `pingan query SQL`

use clap::Args;
use pingan::Result;
use pingan::engine::{QueryResult, query};

use super::table::Rows;
use super::{Common, Status};

/// Read-only SQL over all tables, as of any time
#[derive(Args)]
pub struct QueryArgs {
    /// NAME is a table's current events, NAME__all every version; `show tables` lists them
    sql: String,
    /// Month, such as 2026-01: the tables that queries of its report may join are there as well
    #[arg(long)]
    month: Option<String>,
}

pub fn run(common: &Common, args: &QueryArgs) -> Result<Status> {
    let context = common.open(None)?;
    let (workspace, options) = (&context.workspace, &context.options);
    let QueryResult { columns, batches } =
        query(workspace, options, args.month.as_deref(), &args.sql)?;
    Rows::from_batches(columns, &batches)?.print(common.format)?;
    Ok(Status::Done)
}
