//! Stages that several commands run: the panel, and detection.

use super::open::{Opened, Options};
use crate::detect::{self, Settings};
use crate::feeds::Coverage;
use crate::panel::{Increments, Pipeline, Update};
use crate::workspace::Workspace;
use lake::schema::Domain;
use lake::{Lake, Result};

/// Brings the panel up to the events, domain by domain; `step` hears the number and name of each.
/// What the domains before one that fails have written is committed.
///
/// # Errors
/// [`lake::Error::Config`] where a pipeline is wrong, [`lake::Error::Delta`],
/// [`lake::Error::Query`].
pub fn update_panel(
    workspace: &Workspace,
    lake: &Lake,
    options: &Options,
    step: &mut dyn FnMut(usize, &str),
) -> Result<Vec<Update>> {
    let domains: Vec<&'static Domain> = lake.domains().collect();
    let mut increments = Increments::default();
    let mut add = |(number, domain): (usize, &'static Domain)| {
        step(number + 1, &format!("panel/{}", domain.id));
        let pipeline = Pipeline::read(workspace, domain)?;
        increments.add(lake, &pipeline, workspace.time_zone(), &options.limits)
    };
    let updates: Result<Vec<Option<Update>>> =
        domains.into_iter().enumerate().map(&mut add).collect();
    increments.commit(lake)?;
    Ok(updates?.into_iter().flatten().collect())
}

/// Looks for what is abnormal or rising as of the last day that is over, and writes it; `None`
/// where nothing has been delivered. `known` is coverage as of the command's time and its level of
/// areas: it is used where it is what detection needs.
pub(super) fn detect_on(
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
