//! The stage's reading edge: all that a night of warnings and letters needs of the lake, as plain
//! types. Only what a night asks for is read: the index where a letter is drafted, weekly counts
//! where a letter is judged.

mod days;
mod findings;
mod month;
mod parts;
mod warnings;
mod weeks;

pub(super) use days::add_timing;
pub(super) use findings::{found, lives};
pub(super) use month::last_month;
pub use parts::parts_of;
pub(super) use warnings::{NIGHT, before};
pub(super) use weeks::weekly_counts;
