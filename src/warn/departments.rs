//! Which departments lead in what a warning is about.

use super::settings::{Department, Settings};
use super::warning::Warning;

/// Departments that lead in any of what the last night of a warning found.
pub fn leading<'s>(
    settings: &'s Settings,
    warning: &Warning,
) -> impl Iterator<Item = &'s Department> {
    let leads = |d: &&Department| warning.latest().any(|e| d.leads_in(&e.domain, &e.category));
    settings.department.iter().filter(leads).collect::<Vec<_>>().into_iter()
}

/// Whether a department leads in all of it.
pub fn leads_in_all(department: &Department, warning: &Warning) -> bool {
    warning.latest().all(|e| department.leads_in(&e.domain, &e.category))
}
