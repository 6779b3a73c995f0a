//! A model judged by what it scores: what its elements really weigh, and which of its choices the
//! ranking depends on.

use super::open::{Opened, Options};
use crate::index::audit::Element;
use crate::index::sensitivity::Sensitivity;
use crate::index::{self, Model};
use crate::job::Job;
use crate::panel::Period;
use crate::workspace::Workspace;
use lake::{Error, Result};

/// Audits a model on periods. The panel is read as it stands; nothing is written.
///
/// # Errors
/// [`Error::Usage`] where nothing has been delivered or no area has an index, and as
/// [`super::index()`].
pub fn audit(
    workspace: &Workspace,
    options: &Options,
    model: &str,
    periods: &[Period],
) -> Result<Vec<Element>> {
    with_model(workspace, options, model, |job, model| index::audit_periods(job, model, periods))
}

/// Scores a period under other choices than the model's, drawn for `rows` rows of a sample. The
/// panel is read as it stands; nothing is written.
///
/// # Errors
/// As [`audit`], and [`Error::Usage`] for fewer than two rows.
pub fn sensitivity(
    workspace: &Workspace,
    options: &Options,
    model: &str,
    period: &Period,
    rows: usize,
) -> Result<Sensitivity> {
    with_model(workspace, options, model, |job, model| {
        index::vary_choices(job, model, period, rows)
    })
}

/// Opens a workspace for reading and calls a function with a job and a model.
fn with_model<T>(
    workspace: &Workspace,
    options: &Options,
    model: &str,
    call: impl FnOnce(&Job, &Model) -> Result<T>,
) -> Result<T> {
    let opened = Opened::for_reading(workspace, options)?;
    let model = opened.model(model)?;
    let coverage = opened.coverage(&model.level, &options.as_of)?;
    if coverage.feeds.is_empty() {
        return Err(Error::nothing_known());
    }
    call(&opened.job("index", "", &coverage, options.as_of), &model)
}
