//! The report's tables that are made from the panel, the scores, the findings and the letters.

mod cells;
mod counts;
mod delivery;
mod findings;
mod index;
mod letters;
mod overview;
mod rates;

pub use counts::{areas_by_domain, areas_of, categories, categories_by_month, domains, domains_of};
pub use delivery::{coverage, not_collected};
pub use findings::{associations, correlations, is_rise, outlook, outlook_review, rises};
pub use index::{areas, course, moved, points, profiles};
pub use letters::letters;
pub use overview::overview;
pub use rates::{proportions, two_up_two_down};
