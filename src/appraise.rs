//! A model judged by what it scores: what its elements really weigh, and which of its choices the
//! ranking hangs on.

use crate::asked::Asked;
use crate::index;
use crate::index::audit::Element;
use crate::index::sensitivity::Sensitivity;
use crate::job::Job;
use crate::nightly::Options;
use crate::panel::Period;
use crate::workspace::Workspace;
use lake::{Error, Result};

/// Audits a model on periods. The panel is read as it stands; nothing is written.
///
/// # Errors
/// [`Error::Usage`] where nothing has been delivered or no area has an index, and as
/// [`crate::nightly::index`].
pub fn audit(
    workspace: &Workspace,
    options: &Options,
    model: &str,
    periods: &[Period],
) -> Result<Vec<Element>> {
    on(workspace, options, model, |job| index::audited(job, model, periods))
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
    on(workspace, options, model, |job| index::varied(job, model, period, rows))
}

fn on<T>(
    workspace: &Workspace,
    options: &Options,
    model: &str,
    ask: impl FnOnce(&Job) -> Result<T>,
) -> Result<T> {
    let asked = Asked::of(workspace, options, model)?;
    if asked.coverage.feeds.is_empty() {
        return Err(Error::nothing_known());
    }
    ask(&asked.job("index"))
}
