//! What is abnormal or rising, as of a time.

use super::names::Names;
use super::open::{Opened, Options};
use crate::detect::{self, Settings};
use crate::feeds::Coverage;
use crate::workspace::Workspace;
use lake::{Error, Result};

/// Looks for what is abnormal or rising as of a time and writes it; the panel is brought up to date
/// first. Comes with the names of what is found.
///
/// # Errors
/// [`Error::Usage`] where nothing has been delivered, and as [`super::nightly`].
pub fn detect(workspace: &Workspace, options: &Options) -> Result<(detect::Detected, Names)> {
    let opened = Opened::for_writing(workspace, options)?;
    let settings = opened.detectors()?;
    opened.update_panel(&mut |_, _| {})?;
    let args = format!("--as-of {}", options.as_of.instant.to_rfc3339());
    let found = find(&opened, "detect", &args, &settings, None)?;
    let found = found.ok_or_else(Error::nothing_known)?;
    Ok((found, opened.into_names()?))
}

/// Looks for what is abnormal or rising as of the last day that is over, and writes it; `None`
/// where nothing has been delivered. `known` is coverage as of the command's time and its level of
/// areas: it is used where it is what detection needs.
pub(super) fn find(
    opened: &Opened,
    command: &str,
    args: &str,
    settings: &Settings,
    known: Option<(&Coverage, &str)>,
) -> Result<Option<detect::Detected>> {
    let as_of = opened.last_whole_day();
    let read;
    let coverage = match known {
        Some((coverage, level)) if level == settings.level && as_of == opened.options.as_of => {
            coverage
        }
        _ => {
            read = opened.coverage(&settings.level, &as_of)?;
            &read
        }
    };
    if coverage.feeds.is_empty() {
        return Ok(None);
    }
    detect::run(&opened.job(command, args, coverage, as_of), settings).map(Some)
}
