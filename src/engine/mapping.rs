//! A mapping proposed for a department's file.

use std::path::Path;

use crate::workspace::Workspace;
use lake::Result;
use lake::areas::Register;
use lake::propose::{HeaderWords, Proposal, propose};
use lake::schema::Domain;

/// Proposes what the columns and values of a file mean. Nothing is written.
///
/// # Errors
/// [`lake::Error::Input`] where the file cannot be read, [`lake::Error::Config`] where register,
/// taxonomy or header words are wrong.
pub fn propose_mapping(
    workspace: &Workspace,
    file: &Path,
    domain: Option<&'static Domain>,
) -> Result<Proposal> {
    let register = Register::read(&workspace.areas_file())?;
    let taxonomy = workspace.taxonomy()?;
    let words = read_header_words(workspace)?;
    propose(file, domain, &register, &taxonomy, &words)
}

/// The headers departments use.
pub(crate) const HEADERS: &str = "models/headers.toml";

/// Reads what headers mean.
///
/// # Errors
/// [`lake::Error::Config`] where the table is wrong.
pub(crate) fn read_header_words(workspace: &Workspace) -> Result<HeaderWords> {
    let (file, text) = workspace.text(HEADERS)?;
    HeaderWords::parse(&file, &text)
}
