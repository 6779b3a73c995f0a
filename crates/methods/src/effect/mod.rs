//! What a letter brought about: counts after it against those before, and against areas without.

mod before_after;

pub use before_after::{BEFORE, BeforeAfterData, before_after};
