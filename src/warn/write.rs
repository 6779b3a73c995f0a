//! The stage's writing edge: warnings, then the ledger, then documents, then what follows from the
//! ledger, so that a night cut short is finished by running it again.

use std::sync::Arc;

use chrono::NaiveDate;
use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray};

use super::documents::Documents;
use super::inputs::NIGHT;
use super::ledger::{Ledger, NewStep, Step};
use super::warning::Warning;
use crate::job::Job;
use lake::{AsOf, Derived, Error, Result};

/// Writes what a night came to: its warnings, `None` where they are as they were, and its steps.
/// Comes back with what is to be said of documents that cannot be written again.
///
/// # Errors
/// [`Error::Usage`] where a step may not follow, [`Error::Delta`], [`Error::Io`].
pub(super) fn write(
    job: &Job,
    warnings: Option<&[Warning]>,
    steps: &[NewStep],
    ledger: &mut Ledger,
    documents: &Documents,
) -> Result<Vec<String>> {
    if let Some(warnings) = warnings {
        write_warnings(job, warnings, job.as_of.day)?;
    }
    for step in steps.iter().filter(|s| s.step == Step::Draft) {
        documents.remove_draft(&step.letter_id)?;
    }
    ledger.append(steps)?;
    let notices = documents.restore(ledger.letters().values())?;
    ledger.follow()?;
    Ok(notices)
}

/// Replaces the table `warnings`, and notes the night.
fn write_warnings(job: &Job, warnings: &[Warning], night: NaiveDate) -> Result<()> {
    let zone = job.workspace.time_zone();
    let text = |of: &dyn Fn(&Warning) -> String| {
        Arc::new(StringArray::from_iter_values(warnings.iter().map(of))) as ArrayRef
    };
    let end = |day: NaiveDate| AsOf::end_of(day, zone).instant.timestamp_micros();
    let at = |of: fn(&Warning) -> Option<NaiveDate>| {
        Arc::new(
            TimestampMicrosecondArray::from_iter(warnings.iter().map(|w| of(w).map(end)))
                .with_timezone("UTC"),
        ) as ArrayRef
    };
    let evidence: Vec<String> = warnings
        .iter()
        .map(|w| serde_json::to_string(&w.evidence))
        .collect::<std::result::Result<_, _>>()
        .map_err(|e| {
            Error::usage(format!("a warning's evidence cannot be written: {e}"), "report this")
        })?;
    let columns = vec![
        text(&|w| w.id.clone()),
        text(&|w| w.area_code.clone()),
        text(&|w| w.topic.clone()),
        text(&|w| w.level.name().to_owned()),
        at(|w| Some(w.opened)),
        at(|w| w.closed),
        Arc::new(StringArray::from(evidence)),
    ];
    let days = (night - NaiveDate::default()).num_days();
    job.lake.derived(Derived::Warnings)?.replace(
        &RecordBatch::try_new(Derived::Warnings.schema(), columns)?,
        |_| true,
        &[(NIGHT.to_owned(), days)],
    )?;
    Ok(())
}
