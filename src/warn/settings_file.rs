//! `models/warnings.toml`, read and checked.

use std::path::Path;

use super::checks;
use super::settings::Settings;
use crate::workspace::Workspace;
use lake::error::{Error, Result, parse_toml};

/// The file, within a workspace or bundled.
pub const WARNINGS: &str = "models/warnings.toml";

impl Settings {
    /// The workspace's rules, or the bundled ones.
    ///
    /// # Errors
    /// [`Error::Config`] naming what is wrong and how to mend it.
    pub fn read(workspace: &Workspace) -> Result<Settings> {
        let (file, text) = workspace.text(WARNINGS)?;
        let settings = Settings::parse(&file, &text)?;
        checks::check_categories(&settings, &workspace.taxonomy()?)
            .map_err(|flaw| Error::config(&file, flaw.what, flaw.fix))?;
        Ok(settings)
    }

    /// Rules from their text; `file` is for messages.
    ///
    /// # Errors
    /// As [`Settings::read`].
    pub fn parse(file: &Path, text: &str) -> Result<Settings> {
        let settings: Settings = parse_toml(file, text)?;
        checks::check(&settings).map_err(|flaw| Error::config(file, flaw.what, flaw.fix))?;
        Ok(settings)
    }
}
