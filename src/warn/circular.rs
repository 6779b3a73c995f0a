//! Which warnings of areas the circular letter of the county covers, so that not every area gets a
//! letter of its own beside it.

use super::settings::Settings;
use super::warning::{Evidence, Warning};

/// Whether all that rose last in an area rose in the county as a whole too, and not far beyond it.
/// `county` are the open warnings of the whole.
pub fn is_covered(warning: &Warning, county: &[&Warning], settings: &Settings) -> bool {
    let circular = county.iter().find(|w| w.topic == warning.topic && w.id != warning.id);
    circular.is_some_and(|whole| {
        warning.latest().all(|own| {
            let same = whole.evidence.iter().rev().find(|e| covers(e, own));
            same.is_some_and(|e| !stands_out(own, e, settings))
        })
    })
}

/// Whether evidence of the whole is about the series of an area's, or about one of the categories
/// that it adds up.
fn covers(whole: &Evidence, own: &Evidence) -> bool {
    whole.domain == own.domain && (own.category.is_empty() || whole.category == own.category)
}

/// Whether an area's rise is still large against what it would be had it risen as the whole has.
fn stands_out(own: &Evidence, whole: &Evidence, settings: &Settings) -> bool {
    let (Some(observed), Some(expected)) = (own.observed, own.expected) else { return true };
    let Some(ratio) = whole.ratio().filter(|ratio| ratio.is_finite()) else { return true };
    let as_the_whole = ratio * expected;
    observed >= settings.levels.large_ratio * as_the_whole
        && observed - as_the_whole >= settings.levels.large_excess
}
