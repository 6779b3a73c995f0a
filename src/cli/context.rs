//! Low-level arguments resolved once into what the library takes.

use chrono::{NaiveDate, Utc};
use lake::Error;
use lake::{AsOf, Limits};
use pingan::Result;
use pingan::engine::Options;
use pingan::workspace::Workspace;

use super::Common;

/// The workspace and how to work on it.
pub struct Context {
    pub workspace: Workspace,
    pub options: Options,
}

impl Common {
    /// Opens the workspace; `date` is what a command itself was given as its day.
    pub fn open(&self, date: Option<NaiveDate>) -> Result<Context> {
        let workspace = Workspace::open(&self.workspace)?;
        let zone = workspace.time_zone();
        let now = Utc::now();
        let as_of = match (date, &self.as_of) {
            (Some(date), None) => AsOf::end_of(date, zone),
            (None, Some(text)) => AsOf::parse(text, zone)?,
            (None, None) => AsOf::now(now, zone),
            (Some(_), Some(_)) => {
                return Err(Error::usage(
                    "--date and --as-of say the same thing",
                    "give one of them",
                ));
            }
        };
        // A night replayed at a past date must not learn the date it is replayed on.
        let clock = now.min(as_of.instant);
        Ok(Context {
            workspace,
            options: Options { as_of, clock, limits: self.limits()?, seed: self.seed },
        })
    }

    /// Memory and threads.
    pub fn limits(&self) -> Result<Limits> {
        let mut limits = Limits::default();
        if let Some(memory) = &self.memory {
            limits.memory = bytes(memory).ok_or_else(|| {
                Error::usage(format!("--memory {memory} is no size"), "write 512M or 2G")
            })?;
        }
        if let Some(threads) = self.threads {
            limits.threads = threads.get();
        }
        Ok(limits)
    }
}

/// Bytes of `512M`, `2G`, `100000`.
fn bytes(text: &str) -> Option<usize> {
    let text = text.trim().trim_end_matches(['b', 'B']).trim_end_matches('i');
    let (number, unit) = match text.char_indices().last()? {
        (at, 'k' | 'K') => (&text[..at], 1 << 10),
        (at, 'm' | 'M') => (&text[..at], 1 << 20),
        (at, 'g' | 'G') => (&text[..at], 1 << 30),
        _ => (text, 1),
    };
    number.parse::<usize>().ok()?.checked_mul(unit).filter(|n| *n > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_as_people_write_them() {
        assert_eq!(bytes("512M"), Some(512 << 20));
        assert_eq!(bytes("2GiB"), Some(2 << 30));
        assert_eq!(bytes("0"), None);
        assert_eq!(bytes("much"), None);
    }
}
