//! The ledger: every step of every letter, appended and never edited, each with a hash over the one
//! before.

mod chain;
mod entry;
mod note;
mod state;
mod step;

pub(super) use chain::step;
pub use chain::{Broken, verify};
pub use entry::{Entry, NewStep};
pub use note::{Approval, Feedback, Issue, Remark};
pub use state::{Issued, LetterState, letter_id};
pub use step::Step;
