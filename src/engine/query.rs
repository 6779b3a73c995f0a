//! Read-only SQL over all tables.

use super::open::Options;
use super::report::{month_over, with_job};
use crate::report::{self, Inputs};
use crate::workspace::Workspace;
use datafusion::arrow::array::RecordBatch;
use lake::{Lake, Result, Session, explain_sql};

/// Rows of a query, and the names of its columns, which are there where no row is.
pub struct QueryResult {
    pub columns: Vec<String>,
    pub batches: Vec<RecordBatch>,
}

/// Runs SQL over all tables of a workspace as they were known at the as-of time; with a month
/// (`2026-01`) over those of its report as well.
///
/// # Errors
/// [`lake::Error::Query`] where the SQL cannot be run, [`lake::Error::Delta`]; of a month as
/// [`super::report_month`].
pub fn query(
    workspace: &Workspace,
    options: &Options,
    month: Option<&str>,
    sql: &str,
) -> Result<QueryResult> {
    let Some(month) = month else {
        let lake = Lake::open(&workspace.lake(), &options.limits)?;
        let session = Session::new(&lake, &options.limits)?;
        session.register_lake(&lake, &options.as_of)?;
        return run(&session, sql);
    };
    let month = month_over(month, options)?;
    with_job("query", workspace, options, &month, |job, sources| {
        run(&report::session(&Inputs::read(job, sources, &month)?)?, sql)
    })
}

fn run(session: &Session, sql: &str) -> Result<QueryResult> {
    let frame = session.sql(sql).map_err(|e| explain_sql(e, sql))?;
    let columns = frame.schema().fields().iter().map(|f| f.name().clone()).collect();
    let batches = session.run(frame).map_err(|e| explain_sql(e, sql))?;
    Ok(QueryResult { columns, batches })
}
