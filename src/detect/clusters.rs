//! Clusters: neighbouring areas and close days together, by the space-time permutation scan of each
//! domain.

use crate::error::from_flaw;
use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use ndarray::Array2;

use super::counts::watched_areas;
use super::detail::{self, Detail, known};
use super::finding::Finding;
use super::settings::Settings;
use super::watch::Key;
use crate::feeds::Coverage;
use crate::job::Job;
use lake::error::{At, Error, Result};
use methods::Flaw;
use methods::detect::neighbours::{Neighbours, Place, neighbours};
use methods::detect::scan::{Cluster, Outcome, Scan};

const METHOD: &str = "space_time_permutation";
/// Digitising noise of boundaries, km.
const TOLERANCE: f64 = 0.05;

/// Clusters of every domain that last to the day `last`, from its events by area of the watched
/// level and day; notices on the neighbourhood.
///
/// # Errors
/// [`Error::Input`] where `areas.geojson` cannot be used.
pub fn clusters(
    job: &Job,
    settings: &Settings,
    daily: &BTreeMap<String, Array2<u32>>,
    last: NaiveDate,
) -> Result<(Vec<Finding>, Vec<String>)> {
    let (near, notices) = neighbourhood(job, settings)?;
    let root = &job.register.root().code;
    let findings =
        scanned(daily, &near, job.coverage, root, last, settings, job.seed).map_err(from_flaw)?;
    Ok((findings, notices))
}

/// The first day that is looked at on the night of `last`.
pub fn first(settings: &Settings, last: NaiveDate) -> NaiveDate {
    last - Days::new(settings.clusters.days as u64 - 1)
}

/// Clusters of every domain that last to the day `last`, from each domain's events: the areas of
/// `near` × the days since [`first`].
///
/// # Errors
/// A [`Flaw`] where the settings make no scan.
pub fn scanned(
    daily: &BTreeMap<String, Array2<u32>>,
    near: &Neighbours,
    coverage: &Coverage,
    root: &str,
    last: NaiveDate,
    settings: &Settings,
    seed: u64,
) -> std::result::Result<Vec<Finding>, Flaw> {
    let first = first(settings, last);
    let scan = Scan::new(settings.clusters.scan.clone())?;
    // A hair's breadth above, so that rounding loses none that the recurrence interval below keeps.
    let commonest =
        settings.clusters.scan.every_days / settings.clusters.recurrence_days * (1.0 + 1e-9);
    let mut findings = Vec::new();
    for (domain, counts) in daily {
        // Late reports are late everywhere: they are in the margins, and no cluster.
        let delivered = coverage.delivered(domain, first, last);
        let usable: Vec<bool> = first
            .iter_days()
            .take(settings.clusters.days)
            .map(|d| delivered.contains(&d))
            .collect();
        let key = Key { area: root.to_owned(), domain: domain.to_owned(), category: String::new() };
        match scan.scan_up_to(counts.view(), &usable, near, seed, commonest)? {
            Outcome::NotAssessable(why) => {
                findings.push(Finding::not_assessable(&key, METHOD, (first, last), why))
            }
            Outcome::Clusters(found) => {
                let rare = found
                    .into_iter()
                    .filter(|c| c.recurrence_days >= settings.clusters.recurrence_days);
                findings.extend(rare.map(|c| cluster(&c, near, first, &key)));
            }
        }
    }
    Ok(findings)
}

/// A cluster of the scan as a finding of its middle area; `whole` is the series of the whole
/// county.
fn cluster(c: &Cluster, near: &Neighbours, first: NaiveDate, whole: &Key) -> Finding {
    let detail = detail::Cluster {
        areas: c.areas.iter().filter_map(|a| near.codes.get(*a)).cloned().collect(),
        area_names: None,
        km: known(c.km),
        recurrence_days: known(c.recurrence_days),
        log_likelihood_ratio: known(c.log_likelihood_ratio),
        overdispersion: known(c.overdispersion),
        p_monte_carlo: known(c.p_monte_carlo),
    };
    let period = (first + Days::new(c.days.0 as u64), first + Days::new(c.days.1 as u64));
    Finding {
        area_code: near.codes.get(c.centre).cloned().unwrap_or_default(),
        observed: c.observed as f64,
        expected: c.expected,
        p: c.p,
        ..Finding::new(whole, Detail::Cluster(detail), METHOD, period)
    }
}

/// The areas of the watched level and which of them touch: by `areas.geojson`, else by their
/// points, else by what is above them.
fn neighbourhood(job: &Job, settings: &Settings) -> Result<(Neighbours, Vec<String>)> {
    let file = job.workspace.root.join("areas.geojson");
    let geojson =
        if file.is_file() { Some(std::fs::read_to_string(&file).at(&file)?) } else { None };
    let place = |a: &lake::areas::Area| Place {
        code: a.code.clone(),
        parent: a.parent.clone(),
        lon_lat: a.lon.zip(a.lat),
    };
    let places: Vec<Place> =
        watched_areas(job.register, settings, job.as_of.day).map(place).collect();
    let found = neighbours(&places, geojson.as_deref(), TOLERANCE)
        .map_err(|flaw| Error::input(&file, flaw.what, flaw.fix))?;
    Ok((found.value, found.notices))
}
