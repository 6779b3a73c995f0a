//! Scores of given periods, as of a time.

use chrono::Utc;
use datafusion::arrow::array::RecordBatch;

use super::open::{Opened, Options};
use super::stages::update_panel;
use crate::feeds::Coverage;
use crate::index::{self, Place, Selection, read_scores};
use crate::panel::Period;
use crate::workspace::Workspace;
use lake::{Error, Result};

/// Scored periods; their rows and ranking are read when they are asked for.
pub struct Indexed<'a> {
    pub coverage: Coverage,
    opened: Opened<'a>,
    model: &'a str,
    periods: &'a [Period],
}

impl Indexed<'_> {
    /// The periods' rows of `scores`, in order of period, area and node.
    ///
    /// # Errors
    /// [`Error::Delta`], [`Error::Query`].
    pub fn scores(&self) -> Result<Vec<RecordBatch>> {
        read_scores(&self.opened.lake, &self.opened.options.limits, self.model, self.periods)
    }

    /// The areas of the last period by rank.
    ///
    /// # Errors
    /// As [`Indexed::scores`].
    pub fn ranking(&self) -> Result<Vec<Place>> {
        self.periods.last().map_or(Ok(Vec::new()), |last| self.opened.ranking(self.model, last))
    }
}

/// Scores the given periods as of a time and writes them; the panel is brought up to date first.
/// The model is a file relative to the workspace.
///
/// # Errors
/// [`Error::Usage`] where nothing has been delivered, and as [`super::nightly`].
pub fn index<'a>(
    workspace: &'a Workspace,
    options: &'a Options,
    model: &'a str,
    periods: &'a [Period],
) -> Result<Indexed<'a>> {
    let opened = Opened::for_writing(workspace, options)?;
    opened.write_areas()?;
    update_panel(workspace, &opened.lake, options, &mut |_, _| {})?;
    let read = opened.model(model)?;
    let coverage = opened.coverage(&read.level, &options.as_of)?;
    if coverage.feeds.is_empty() {
        return Err(Error::nothing_known());
    }
    let names: Vec<&str> = periods.iter().map(|p| p.name.as_str()).collect();
    let as_of = options.as_of.instant.to_rfc3339();
    let args = format!("--model {model} --as-of {as_of} {}", names.join(" "));
    let job = opened.job("index", &args, &coverage, options.as_of);
    let scored = index::run(&job, &read, Selection::Given(periods))?;
    scored.run.record(&opened.lake, scored.rows, Utc::now())?;
    Ok(Indexed { coverage, opened, model, periods })
}
