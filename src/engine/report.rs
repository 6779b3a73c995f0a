//! The monthly report.

use chrono::NaiveDate;
use lake::{Error, Result};

use super::open::{Opened, Options};
use crate::index::MODEL;
use crate::job::Job;
use crate::panel::{Period, Unit};
use crate::report::{self, Document, Inputs, Sources, Words};
use crate::workspace::Workspace;

/// Writes the report of a month (`2026-01`), as of the options' time.
///
/// # Errors
/// [`Error::Usage`] where the text is no month, the month is not over, or it has not been scored;
/// [`Error::Config`] where words, queries or templates are wrong.
pub fn report_month(
    workspace: &Workspace,
    options: &Options,
    month: &str,
) -> Result<Vec<Document>> {
    let month = month_over(month, options)?;
    with_job("report", workspace, options, &month, |job, sources| write(job, sources, &month))
}

/// The month of a name such as `2026-01`.
///
/// # Errors
/// [`Error::Usage`] where the text is none.
pub(super) fn month_named(text: &str) -> Result<Period> {
    let first = format!("{text}-01").parse::<NaiveDate>().ok();
    first
        .map(|day| Unit::Month.period(day, NaiveDate::MAX))
        .filter(|period| period.name == text)
        .ok_or_else(|| Error::usage(format!("{text} is no month"), "write it like 2026-01"))
}

/// A month that is over on the as-of day.
///
/// # Errors
/// [`Error::Usage`] where the text is none.
pub(super) fn month_over(month: &str, options: &Options) -> Result<Period> {
    let (month, known) = (month_named(month)?, options.as_of.day);
    if month.end > known {
        return Err(Error::usage(
            format!("{} is not over on {known}", month.name),
            format!("give a month up to {}", Unit::Month.period(known, known).before().name),
        ));
    }
    Ok(month)
}

/// Opens a workspace for a command about a month, and gives its job what the month rests on.
///
/// # Errors
/// [`Error::Usage`] where nothing is known of any feed, and whatever `run` returns.
pub(super) fn with_job<T>(
    command: &str,
    workspace: &Workspace,
    options: &Options,
    month: &Period,
    run: impl FnOnce(&Job, &Sources) -> Result<T>,
) -> Result<T> {
    let opened = Opened::for_reading(workspace, options)?;
    let model = opened.model(MODEL)?;
    let coverage = opened.coverage(&model.level, &options.as_of)?;
    if coverage.feeds.is_empty() {
        return Err(Error::nothing_known());
    }
    let job = opened.job(command, &month.name, &coverage, options.as_of);
    run(&job, &opened.report_sources(&model)?)
}

/// Makes and writes the report of a month.
pub(super) fn write(job: &Job, sources: &Sources, month: &Period) -> Result<Vec<Document>> {
    let words = Words::read(job.workspace)?;
    let queries = report::read_queries(&job.workspace.root)?;
    let inputs = Inputs::read(job, sources, month)?;
    let issuer = sources.rules.issuer.signature(&inputs.areas[0].name);
    let report = report::month(&inputs, &words, &queries, &issuer)?;
    let months = [month.name.as_str(), &month.before().name];
    let report = report::with_editions(&report::folder(job.workspace), months, &words, report)?;
    report::write(job.workspace, &month.name, &report)
}
