//! The library's one error type: what is wrong, where, and what to do about it.

use std::path::{Path, PathBuf};

/// Result of the library.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can stop a command. Refused rows are not errors: they go to the `rejected`
/// table.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder could not be read or written.
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: std::io::Error },
    /// A file the user edits (pingan.toml, a model, a mapping, a pipeline, the register) says
    /// something that cannot be used.
    #[error("{}{}: {what}; {fix}", file.display(), line.map_or(String::new(), |l| format!(":{l}")))]
    Config { file: PathBuf, line: Option<usize>, what: String, fix: String },
    /// A file of data cannot be read at all (single bad rows are refused, not errors).
    #[error("{}: {what}; {fix}", file.display())]
    Input { file: PathBuf, what: String, fix: String },
    /// The arguments contradict each other or the workspace.
    #[error("{what}; {fix}")]
    Usage { what: String, fix: String },
    #[error("table {table}: {source}")]
    Delta { table: String, source: Box<deltalake::DeltaTableError> },
    #[error("query: {0}")]
    Query(Box<datafusion::error::DataFusionError>),
    #[error("arrow: {0}")]
    Arrow(#[from] datafusion::arrow::error::ArrowError),
    #[error("parquet: {0}")]
    Parquet(#[from] datafusion::parquet::errors::ParquetError),
    /// A frame of results could not be made.
    #[error("frame: {0}")]
    Frame(Box<dyn std::error::Error + Send + Sync>),
}

impl From<datafusion::error::DataFusionError> for Error {
    fn from(e: datafusion::error::DataFusionError) -> Self {
        Error::Query(Box::new(e))
    }
}

/// Attaches a path to an `std::io::Error`.
pub trait At<T> {
    /// Turns the I/O error into [`Error::Io`] at `path`.
    fn at(self, path: &Path) -> Result<T>;
}

impl<T> At<T> for std::io::Result<T> {
    fn at(self, path: &Path) -> Result<T> {
        self.map_err(|source| Error::Io { path: path.to_path_buf(), source })
    }
}

impl Error {
    /// A configuration error without a line.
    pub fn config(file: &Path, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Error::Config { file: file.to_path_buf(), line: None, what: what.into(), fix: fix.into() }
    }

    /// A file of data that cannot be read at all.
    pub fn input(file: &Path, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Error::Input { file: file.to_path_buf(), what: what.into(), fix: fix.into() }
    }

    /// Arguments that cannot be followed.
    pub fn usage(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Error::Usage { what: what.into(), fix: fix.into() }
    }

    /// The same, with another path for a file where it names that.
    pub fn with_path(self, file_named: &Path, shown: PathBuf) -> Self {
        match self {
            Error::Input { file, what, fix } if file == file_named => {
                Error::Input { file: shown, what, fix }
            }
            Error::Io { path, source } if path == file_named => Error::Io { path: shown, source },
            other => other,
        }
    }

    /// A question about a time at which nothing had been delivered yet.
    pub fn nothing_known() -> Self {
        Error::usage("no event is known as of then", "ingest something, or choose a later --as-of")
    }
}

/// Parses TOML, turning a failure into [`Error::Config`] with the line it stands on.
///
/// # Errors
/// [`Error::Config`] naming file and line where the text is not valid TOML or has unknown keys.
pub fn parse_toml<T: serde::de::DeserializeOwned>(file: &Path, text: &str) -> Result<T> {
    toml::from_str(text).map_err(|e| Error::Config {
        file: file.to_path_buf(),
        line: e.span().map(|s| text[..s.start.min(text.len())].matches('\n').count() + 1),
        what: e.message().replace('\n', " "),
        fix: "correct or remove it".into(),
    })
}
