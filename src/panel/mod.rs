//! Events → daily panel, through DataFusion; feed coverage and window sums, folded from the panel's
//! files.
//!
//! The panel is a ledger of signed increments (DESIGN.md, rule 4): what is known as of T is the sum
//! of what has `recorded_day <= T`.

mod coverage;
mod feeds;
mod increments;
mod keys;
mod period;
mod pipeline;
mod places;
mod rows;
mod versions;
mod window;

pub use coverage::{Feed, Gap, State, assess, usual_shares};
pub use feeds::{Coverage, CoverageChange, feeds};
pub use increments::{Increments, Standing, Update, check_sql, pending};
pub use period::{Period, Unit};
pub use pipeline::Pipeline;
pub use places::Places;
pub use rows::{Rows, Texts, Wanted, read};
pub use window::{Sums, touched_months, window_sums};
