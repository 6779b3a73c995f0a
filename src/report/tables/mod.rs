//! The report's tables that are made from the panel, the scores, the findings and the letters.

mod cells;
mod counts;
mod delivery;
mod findings;
mod index;
mod letters;
mod rates;

pub use counts::{areas_by_domain, areas_of, categories, domains, domains_of};
pub use delivery::coverage;
pub use findings::{associations, is_rise, outlook, rises};
pub use index::{areas, course, moved, points};
pub use letters::letters;
pub use rates::{proportions, two_up_two_down};
