//! What the stages after the panel are handed: where they read, as of when, within which limits,
//! and what `runs` is to say of it.

use crate::feeds::Coverage;
use crate::workspace::Workspace;
use lake::areas::Register;
use lake::{AsOf, Lake, Limits};

/// What a stage after the panel works on.
pub struct Job<'a> {
    pub workspace: &'a Workspace,
    pub lake: &'a Lake,
    pub register: &'a Register,
    pub coverage: &'a Coverage,
    pub as_of: AsOf,
    pub limits: &'a Limits,
    pub seed: u64,
    /// Command and arguments, for `runs`.
    pub command: &'a str,
    pub args: &'a str,
}
