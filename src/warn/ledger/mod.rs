//! The ledger: every step of every letter, appended and never edited, each with a hash over the one
//! before.

mod chain;
mod entry;
mod head;
mod note;
mod state;
mod step;
mod store;

#[cfg(test)]
pub(super) use chain::apply;
pub use chain::{Broken, verify};
pub use entry::{Entry, NewStep};
pub use head::Head;
pub(super) use head::{Noted, ROWS, misfits, noted};
pub use note::{Approval, Begun, Feedback, Hashes, Issue, Remark};
pub use state::{Issued, LetterState, letter_id};
pub use step::Step;
pub use store::Ledger;
pub(super) use store::{changed_files, check_length, read_rows};
