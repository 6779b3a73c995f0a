//! What `check` has to say of one thing.

use lake::Error;

/// One thing found.
#[derive(Debug)]
pub struct Remark {
    /// It must be mended; otherwise it is good to know.
    pub wrong: bool,
    /// What it is about: a file or a table.
    pub about: String,
    pub what: String,
    pub fix: String,
}

impl Remark {
    pub(super) fn wrong(
        about: impl Into<String>,
        what: impl Into<String>,
        fix: impl Into<String>,
    ) -> Remark {
        Remark { wrong: true, about: about.into(), what: what.into(), fix: fix.into() }
    }

    pub(super) fn note(
        about: impl Into<String>,
        what: impl Into<String>,
        fix: impl Into<String>,
    ) -> Remark {
        Remark { wrong: false, about: about.into(), what: what.into(), fix: fix.into() }
    }

    pub(super) fn from_error(about: &str, error: &Error) -> Remark {
        match error {
            Error::Config { file, line, what, fix } => {
                let line = line.map_or(String::new(), |l| format!(":{l}"));
                Remark::wrong(format!("{}{line}", file.display()), what, fix)
            }
            Error::Usage { what, fix } => Remark::wrong(about, what, fix),
            Error::Input { file, what, fix } => {
                Remark::wrong(file.display().to_string(), what, fix)
            }
            other => Remark::wrong(about, other.to_string(), "see the message"),
        }
    }
}
