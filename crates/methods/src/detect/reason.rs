//! Why a time point cannot be judged, in words an official understands.

/// A history too short, and by how much: `needed` points must lie before the point in question,
/// `there` do.
pub fn history_too_short(method: &str, needed: usize, there: usize) -> String {
    format!(
        "history too short: {method} needs {needed} points before this one, {there} are there, {} are missing",
        needed.saturating_sub(there)
    )
}

/// Points of the reference period that the feed did not deliver.
pub fn gaps_in_reference(missing: usize, of: usize) -> String {
    format!("{missing} of the {of} points of the reference period are missing")
}

/// The feed did not deliver the point itself.
pub const NO_POINT: &str = "the figure of this time point is missing";

/// Figures so large that they cannot be added up.
pub const TOO_LARGE: &str = "the figures are too large to be computed with";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_counted() {
        assert!(
            history_too_short("EARS C1", 7, 4)
                .ends_with("needs 7 points before this one, 4 are there, 3 are missing")
        );
        assert!(gaps_in_reference(2, 7).starts_with("2 of the 7"));
    }
}
