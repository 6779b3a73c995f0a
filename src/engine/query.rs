//! Read-only SQL over all tables.

use super::open::Options;
use crate::workspace::Workspace;
use datafusion::arrow::array::RecordBatch;
use lake::{Lake, Result, Session, explain_sql};

/// Rows of a query, and the names of its columns, which are there where no row is.
pub struct QueryResult {
    pub columns: Vec<String>,
    pub batches: Vec<RecordBatch>,
}

/// Runs SQL over all tables of a workspace as they were known at the as-of time.
///
/// # Errors
/// [`lake::Error::Query`] where the SQL cannot be run, [`lake::Error::Delta`].
pub fn query(workspace: &Workspace, options: &Options, sql: &str) -> Result<QueryResult> {
    let lake = Lake::open(&workspace.lake(), &options.limits)?;
    let session = Session::new(&lake, &options.limits)?;
    session.register_lake(&lake, &options.as_of)?;
    let frame = session.sql(sql).map_err(|e| explain_sql(e, sql))?;
    let columns = frame.schema().fields().iter().map(|f| f.name().clone()).collect();
    let batches = session.run(frame).map_err(|e| explain_sql(e, sql))?;
    Ok(QueryResult { columns, batches })
}
