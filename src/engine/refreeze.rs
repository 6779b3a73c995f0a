//! Goalposts frozen anew.

use chrono::Days;

use super::names::Names;
use super::open::{Opened, Options};
use super::stages::update_panel;
use crate::index::{self, Refrozen};
use crate::panel::{Period, Unit};
use crate::workspace::Workspace;
use lake::{Error, Result};

/// Freezes the goalposts of a model anew, writes its file, and says what moves by it, the index in
/// the last whole month. The scores are written anew by the next night.
///
/// # Errors
/// [`Error::Usage`] where nothing has been delivered, and as [`super::nightly`].
pub fn refreeze(
    workspace: &Workspace,
    options: &Options,
    model: &str,
) -> Result<(Refrozen, Names)> {
    let opened = Opened::for_writing(workspace, options)?;
    update_panel(workspace, &opened.lake, options, &mut |_, _| {})?;
    let read = opened.model(model)?;
    let coverage = opened.coverage(&read.level, &options.as_of)?;
    if coverage.feeds.is_empty() {
        return Err(Error::nothing_known());
    }
    let job = opened.job("index", "--freeze", &coverage, options.as_of);
    let refrozen = index::refreeze(&job, &read, &last_whole_month(options))?;
    index::write_refrozen(&job, &refrozen)?;
    Ok((refrozen, opened.into_names()?))
}

/// The last month that is over on the as-of day.
pub(super) fn last_whole_month(options: &Options) -> Period {
    let day = options.as_of.day;
    let month = Unit::Month.period(day, day);
    match Unit::Month.period(day + Days::new(1), day + Days::new(1)).start == month.start {
        true => month.before(),
        false => month,
    }
}
