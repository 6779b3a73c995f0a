//! By what all months of `scores` were scored, so that a night scores anew only what changed.

use super::freeze::without_goalposts;
use super::model::{MODEL, Model};
use crate::job::Job;
use lake::areas::{Area, Exposures};
use lake::{Derived, Result};

/// Application transaction of `scores`: by what all its months were scored, as a hash.
pub const SCORED_BY: &str = "scored_by";
/// Application transaction of `scores`: the panel's version up to which they were.
pub const SCORED_UP_TO: &str = "scored_up_to";

/// Whether goalposts that a model lacks are to be estimated: not where it lacks none, nor where the
/// last night has tried and their reference months are complete, so that they give none today.
///
/// # Errors
/// As [`scored_by`], and [`lake::Error::Delta`].
pub fn to_estimate(job: &Job, model: &Model) -> Result<bool> {
    let open = without_goalposts(model, job.coverage, job.as_of.day);
    let tried = !open.is_empty() && open.iter().all(|o| o.complete) && is_scored_by(job, model)?;
    Ok(!open.is_empty() && !tried)
}

/// Whether the last night scored by what is in force now.
///
/// # Errors
/// As [`scored_by`], and [`lake::Error::Delta`].
pub fn is_scored_by(job: &Job, model: &Model) -> Result<bool> {
    if model.file != MODEL || !job.lake.has(Derived::Scores) {
        return Ok(false);
    }
    let by = job.lake.derived(Derived::Scores)?.transaction(SCORED_BY)?;
    Ok(by == Some(scored_by(job, model)?))
}

/// Hash of what all months are scored by: the model, what register and exposures say of the areas
/// that are scored, and the reference months of the goalposts that are lacking.
///
/// # Errors
/// [`lake::Error::Config`] where the exposures are wrong.
pub fn scored_by(job: &Job, model: &Model) -> Result<i64> {
    let mut hasher = blake3::Hasher::new();
    hasher.update(model.hash.as_bytes());
    for area in job.register.areas() {
        let Area { code, level, parent, exposure, .. } = area;
        let heir = job.register.heir(code).map(|heir| &heir.code);
        let of_area = (code, level, parent, exposure.figures, area.life(), heir);
        hasher.update(format!("{of_area:?}\n").as_bytes());
    }
    let exposures = Exposures::read(&job.workspace.exposures_file(), job.register)?;
    hasher.update(format!("{exposures:?}\n").as_bytes());
    for open in without_goalposts(model, job.coverage, job.as_of.day) {
        let months: Vec<&str> = open.months.iter().map(|m| m.name.as_str()).collect();
        hasher.update(format!("{} {}\n", open.node, months.join(" ")).as_bytes());
    }
    let hash = hasher.finalize();
    Ok(i64::from_le_bytes(hash.as_bytes()[..8].try_into().unwrap_or_default()))
}
