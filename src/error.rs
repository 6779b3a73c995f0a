//! What the crates below refuse, as the one error that a command ends with.

use std::path::PathBuf;

use methods::Flaw;
use polars::error::PolarsError;
use render::TemplateError;

pub use lake::{Error, Result};

/// A method that cannot be applied, as [`Error::Usage`].
pub fn from_flaw(flaw: Flaw) -> Error {
    Error::usage(flaw.what, flaw.fix)
}

/// A template that cannot be filled in, as [`Error::Config`] with the part and line it is about.
pub fn from_template(e: TemplateError) -> Error {
    Error::Config { file: PathBuf::from(e.part), line: e.line, what: e.what, fix: e.fix }
}

/// Columns that make no frame, as [`Error::Frame`].
pub fn from_frame(e: PolarsError) -> Error {
    Error::Frame(Box::new(e))
}
