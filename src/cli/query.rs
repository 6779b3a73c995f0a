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
}

pub fn run(common: &Common, args: &QueryArgs) -> Result<Status> {
    let context = common.open(None)?;
    let QueryResult { columns, batches } = query(&context.workspace, &context.options, &args.sql)?;
    Rows::from_batches(columns, &batches)?.print(common.format)?;
    Ok(Status::Done)
}
