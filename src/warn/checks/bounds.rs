//! What ids and figures of the rules may be.

use std::collections::BTreeSet;

use methods::Flaw;

/// Ids stand in the names of files, so they are plain.
pub(super) fn unique<'a>(what: &str, ids: impl Iterator<Item = &'a str>) -> Result<(), Flaw> {
    let mut seen = BTreeSet::new();
    for id in ids {
        if id.is_empty()
            || !id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        {
            return Err(Flaw::new(
                format!("{what} id = \"{id}\" is no id"),
                "use small letters, digits and _",
            ));
        }
        if !seen.insert(id) {
            return Err(Flaw::new(
                format!("{what} id = \"{id}\" stands twice"),
                "give each its own",
            ));
        }
    }
    Ok(())
}

/// A number of days that can be used.
pub(super) fn whole(key: &str, days: u32) -> Result<(), Flaw> {
    if (1..=3660).contains(&days) {
        Ok(())
    } else {
        Err(Flaw::new(format!("{key} = {days} cannot be used"), "give 1 to 3660"))
    }
}

/// A share strictly between 0 and 1.
pub(super) fn share(key: &str, share: f64) -> Result<(), Flaw> {
    let fix = "give a share between 0 and 1";
    if share > 0.0 && share < 1.0 {
        Ok(())
    } else {
        Err(Flaw::new(format!("{key} = {share} is no share"), fix))
    }
}

/// A figure of `least` or more.
pub(super) fn not_below(key: &str, value: f64, least: f64) -> Result<(), Flaw> {
    let fix = format!("give {least} or more");
    if value.is_finite() && value >= least {
        Ok(())
    } else {
        Err(Flaw::new(format!("{key} = {value} is too low"), fix))
    }
}
