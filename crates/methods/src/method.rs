//! Types that all methods share: a refusal, a result with notices, and parameters of a model file.

/// Why a method cannot be applied, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}; {fix}")]
pub struct Flaw {
    pub what: String,
    pub fix: String,
}

impl Flaw {
    /// A flaw from two clauses that make one sentence: `what; fix`.
    pub fn new(what: impl Into<String>, fix: impl Into<String>) -> Flaw {
        Flaw { what: what.into(), fix: fix.into() }
    }
}

/// A result with notices, one for each case in which the method departs from its formula (a
/// constant column, a zero under a logarithm …).
#[derive(Clone, Debug, PartialEq)]
pub struct Noted<T> {
    pub value: T,
    pub notices: Vec<String>,
}

impl<T> Noted<T> {
    /// A result without notices.
    pub fn plain(value: T) -> Noted<T> {
        Noted { value, notices: Vec::new() }
    }
}

/// Parameters of a method as a model file writes them, `{ method = "power", p = 0.5 }` without
/// `method`. Unknown ones are flaws.
pub type Params = toml::Table;
