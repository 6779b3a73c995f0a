//! The ledger: every step of every letter, appended and never edited, each with a hash over the one
//! before.

mod entry;
mod head;
mod note;
mod state;
mod step;
mod store;
#[cfg(test)]
mod tests;

pub use entry::{Entry, NewStep};
pub use head::Head;
pub(super) use head::{Noted, ROWS, misfits, noted};
pub use note::{Approval, Begun, Feedback, Hashes, Issue, Remark};
#[cfg(test)]
pub(super) use state::apply;
pub use state::{Broken, Issued, LetterState, letter_id, verify};
pub use step::Step;
pub use store::Ledger;
pub(super) use store::{changed_files, check_length, read_rows};
