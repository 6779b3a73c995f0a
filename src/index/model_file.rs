//! A model's file: read, held against the register, written with final goalposts.

use super::goalposts::Frozen;
use super::model::Model;
use crate::workspace::Workspace;
use lake::areas::Register;
use lake::{Error, Result, files};

/// The model the night scores by, relative to the workspace.
pub const MODEL: &str = "models/index.toml";

/// Reads a model of the workspace, or the bundled one; `relative` is its file in the workspace.
///
/// # Errors
/// [`Error::Config`] where it is wrong.
pub fn read_model(workspace: &Workspace, relative: &str) -> Result<Model> {
    let (file, text) = workspace.text(relative)?;
    Ok(Model { file: relative.to_owned(), ..Model::parse(&file, &text)? })
}

/// Whether the register has areas of the level that the model scores.
///
/// # Errors
/// [`Error::Config`] where it has none.
pub fn check_level(workspace: &Workspace, register: &Register, model: &Model) -> Result<()> {
    if register.at_level(&model.level).next().is_some() {
        return Ok(());
    }
    Err(Error::config(
        &workspace.areas_file(),
        format!("no area is of level {}, which the model scores", model.level),
        format!(
            "the register has {}; change `level` in the model or the register",
            register.levels().join(", ")
        ),
    ))
}

/// The model as its file reads with these goalposts, and with what `model` says was frozen
/// earlier.
///
/// # Errors
/// [`Error::Config`] where that text is no model.
pub fn with_goalposts(workspace: &Workspace, model: &Model, frozen: &Frozen) -> Result<Model> {
    let text = frozen.written_into(&model.text, &model.earlier);
    let read = Model::parse(&workspace.root.join(&model.file), &text)?;
    Ok(Model { file: model.file.clone(), ..read })
}

/// Writes the model's text into the workspace's own file.
///
/// # Errors
/// [`Error::Io`].
pub fn write_model(workspace: &Workspace, model: &Model) -> Result<()> {
    files::replace(&workspace.root.join(&model.file), model.text.as_bytes())
}
