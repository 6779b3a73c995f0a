//! What each area has of a rise of the whole county.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::detect::slow::settled;
use crate::detect::{self, Watched, Weeks};
use crate::job::Job;
use crate::warn::part::Part;
use crate::warn::spread::{AreaWeeks, parts};
use crate::warn::warning::Evidence;
use lake::Result;
use lake::areas::{Area, Register};

/// Weeks before a rise by which what was expected of the whole is divided.
const YEAR: usize = 52;

/// Adds to evidence about the whole county what each area has of it.
///
/// # Errors
/// [`lake::Error::Delta`], [`lake::Error::Query`].
pub(in crate::warn) fn add_parts(
    job: &Job,
    detection: &detect::Settings,
    evidence: &mut [&mut Evidence],
) -> Result<()> {
    let mut wanted: BTreeMap<NaiveDate, (BTreeSet<&'static str>, usize)> = BTreeMap::new();
    for e in evidence.iter() {
        let Some((domain, _)) = job.coverage.feeds.get_key_value(e.domain.as_str()) else {
            continue;
        };
        let (domains, most) = wanted.entry(e.period_end).or_default();
        domains.insert(domain);
        *most = (*most).max(window(e));
    }
    for (last, (domains, most)) in wanted {
        let weeks = Weeks { last, count: most + YEAR };
        let watched = detect::weekly_counts(job, detection, &domains, weeks)?;
        let of_these =
            |e: &&mut &mut Evidence| e.period_end == last && domains.contains(e.domain.as_str());
        for e in evidence.iter_mut().filter(of_these) {
            e.parts = parts_of(&watched, job.register, &detection.level, e);
        }
    }
    Ok(())
}

/// What each area of a level has of a rise of the whole, from weekly counts that end with it.
pub fn parts_of(
    watched: &Watched,
    register: &Register,
    level: &str,
    evidence: &Evidence,
) -> Vec<Part> {
    let Some(expected) = evidence.expected else { return Vec::new() };
    let mut counted: BTreeMap<&str, Vec<f64>> = weeks_counted(watched, evidence)
        .into_iter()
        .filter(|(key, _)| key.domain == evidence.domain && key.category == evidence.category)
        .map(|(key, counts)| (key.area.as_str(), counts))
        .collect();
    // An area without a series has had no such case.
    let area = |area: &Area| AreaWeeks {
        area_code: area.code.clone(),
        area_name: area.name.clone(),
        counts: counted
            .remove(area.code.as_str())
            .unwrap_or_else(|| vec![0.0; watched.weeks.count]),
    };
    let living = register.at_level(level).filter(|area| area.lives_on(watched.weeks.last));
    let areas: Vec<AreaWeeks> = living.map(area).collect();
    parts(&areas, window(evidence), YEAR, expected)
}

/// The weeks by which a finding judges: those that were delivered; of a trend over years those that
/// are whole, and of which no more is to come.
fn weeks_counted<'a>(
    watched: &'a Watched,
    evidence: &Evidence,
) -> Vec<(&'a detect::Key, Vec<f64>)> {
    match evidence.detail.is_over_years() {
        true => settled(watched),
        false => watched.delivered(),
    }
}

/// Weeks of a rise. What a trend over years counts is its last year.
fn window(evidence: &Evidence) -> usize {
    match evidence.detail.is_over_years() {
        true => YEAR,
        false => usize::try_from(evidence.days()).map_or(0, |days| days.div_ceil(7)),
    }
}
