//! `pingan query SQL`

use clap::Args;
use lake::{Lake, Session, explain_sql};
use pingan::Result;

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
    let lake = Lake::open(&context.workspace.lake(), &context.options.limits)?;
    let session = Session::new(&lake, &context.options.limits)?;
    session.register_lake(&lake, &context.options.as_of)?;
    let frame = session.sql(&args.sql).map_err(|e| explain_sql(e, &args.sql))?;
    let headers = frame.schema().fields().iter().map(|f| f.name().clone()).collect();
    let batches = session.run(frame).map_err(|e| explain_sql(e, &args.sql))?;
    Rows::from_batches(headers, &batches)?.print(common.format)?;
    Ok(Status::Done)
}
