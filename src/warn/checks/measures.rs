//! What can be wrong with measures.

use std::collections::BTreeSet;

use super::bounds::unique;
use crate::warn::settings::MeasureCode;
use lake::mask;
use methods::Flaw;

/// Whether ids are ids and no word means two measures.
///
/// # Errors
/// The first [`Flaw`], with its key.
pub(super) fn check(measures: &[MeasureCode]) -> Result<(), Flaw> {
    unique("[[measure]]", measures.iter().map(|m| m.id.as_str()))?;
    let mut seen = BTreeSet::new();
    for measure in measures {
        let at = |what: &str| format!("[[measure]] {}: {what}", measure.id);
        for word in std::iter::once(&measure.name).chain(&measure.also) {
            if word.trim().is_empty() {
                return Err(Flaw::new(at("a word is empty"), "write what is done, such as 大排查"));
            }
            if mask::identifies(word) {
                let what = at("holds what looks like a person's number");
                return Err(Flaw::new(what, "write what is done, not by whom"));
            }
            if word.contains([',', '=']) {
                let what = at(&format!("\"{word}\" has a comma or ="));
                return Err(Flaw::new(what, "--measures could not be read: leave them out"));
            }
            if !seen.insert(word) {
                let what = at(&format!("\"{word}\" is another measure's word too"));
                return Err(Flaw::new(what, "give each measure its own words"));
            }
        }
    }
    Ok(())
}
