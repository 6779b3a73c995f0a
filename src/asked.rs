//! A workspace opened for a question about its index: the panel is read as it stands, and nothing
//! is written.

use crate::index;
use crate::job::Job;
use crate::nightly::{Call, Options};
use crate::panel::{self, Coverage};
use crate::workspace::Workspace;
use lake::Lake;
use lake::Result;
use lake::areas::Register;

/// What a question is answered from.
pub struct Asked<'a> {
    workspace: &'a Workspace,
    options: &'a Options,
    lake: Lake,
    pub register: Register,
    /// Days that count, of the areas that the model scores.
    pub coverage: Coverage,
}

impl<'a> Asked<'a> {
    /// Opens lake and register, and reads which days count for a model.
    ///
    /// # Errors
    /// [`lake::Error::Config`] where model or register are wrong, [`lake::Error::Delta`],
    /// [`lake::Error::Query`].
    pub fn of(workspace: &'a Workspace, options: &'a Options, model: &str) -> Result<Asked<'a>> {
        let lake = Lake::open(&workspace.lake(), &options.limits)?;
        let register = Register::read(&workspace.areas_file())?;
        let read = index::read_model(workspace, model)?;
        index::check_level(workspace, &register, &read)?;
        let coverage =
            panel::feeds(&lake, &register, &read.level, &options.as_of, &options.limits)?;
        Ok(Asked { workspace, options, lake, register, coverage })
    }

    /// What the stage that answers is handed.
    pub fn job(&self, command: &'a str) -> Job<'_> {
        let call = Call {
            workspace: self.workspace,
            lake: &self.lake,
            register: &self.register,
            options: self.options,
            command,
            args: "",
        };
        call.job(&self.coverage, self.options.as_of)
    }
}
