//! What is abnormal or rising, as of a time.

use super::names::Names;
use super::open::{Opened, Options};
use super::stages::{detect_on, update_panel};
use crate::detect;
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
    update_panel(workspace, &opened.lake, options, &mut |_, _| {})?;
    let args = format!("--as-of {}", options.as_of.instant.to_rfc3339());
    let found = detect_on(&opened, "detect", &args, &settings, None)?;
    let found = found.ok_or_else(Error::nothing_known)?;
    Ok((found, opened.into_names()?))
}
