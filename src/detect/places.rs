//! Clusters: neighbouring areas and close days together, by the space-time permutation scan of each domain (METHOD.md §3.3).

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::{Date32Type, Int64Type};
use ndarray::Array2;
use serde_json::{Map, json};

use super::finding::{Finding, Kind};
use super::neighbours::{Neighbours, Place, neighbours};
use super::scan::{Cluster, Outcome, Scan};
use super::settings::Settings;
use super::watch::{text, whole};
use crate::error::{At, Error, Result};
use crate::job::Job;
use crate::lake::Session;
use crate::method::Flaw;
use crate::panel::{Coverage, register_area_map, register_panel};

const METHOD: &str = "space_time_permutation";
/// Digitising noise of boundaries, km.
const TOLERANCE: f64 = 0.05;

/// Clusters of every domain that last to the as-of day; notices on the neighbourhood.
///
/// # Errors
/// [`Error::Input`] where `areas.geojson` cannot be used, [`Error::Delta`], [`Error::Query`].
pub fn clusters(job: &Job, settings: &Settings) -> Result<(Vec<Finding>, Vec<String>)> {
    let (near, notices) = neighbourhood(job, settings)?;
    let last = job.as_of.day;
    let counts = daily(job, settings, &near, first(settings, last), last)?;
    let findings = scanned(&counts, &near, job.coverage, &job.register.root().code, last, settings, job.seed).map_err(told)?;
    Ok((findings, notices))
}

/// The first day that is looked at on the night of `last`.
pub fn first(settings: &Settings, last: NaiveDate) -> NaiveDate {
    last - Days::new(settings.clusters.days as u64 - 1)
}

/// Clusters of every domain that last to the day `last`, from each domain's events: the areas of `near` × the days since [`first`].
///
/// # Errors
/// A [`Flaw`] where the settings make no scan.
pub fn scanned(
    counts: &BTreeMap<String, Array2<u32>>,
    near: &Neighbours,
    coverage: &Coverage,
    root: &str,
    last: NaiveDate,
    settings: &Settings,
    seed: u64,
) -> Result<Vec<Finding>, Flaw> {
    let first = first(settings, last);
    let scan = Scan::new(settings.clusters.scan.clone())?;
    let mut findings = Vec::new();
    for (domain, counts) in counts {
        let delivered = coverage.days(domain, first, last);
        let usable: Vec<bool> = first.iter_days().take(settings.clusters.days).map(|d| delivered.contains(&d)).collect();
        let whole = |kind, reason: Option<String>| Finding {
            area_code: root.to_owned(),
            domain: domain.clone(),
            category: String::new(),
            kind,
            method: METHOD,
            period: (first, last),
            observed: f64::NAN,
            expected: f64::NAN,
            lower: f64::NAN,
            upper: f64::NAN,
            p: f64::NAN,
            q: f64::NAN,
            detail: reason.into_iter().map(|r| ("reason".to_owned(), json!(r))).collect(),
        };
        match scan.scan(counts.view(), &usable, near, seed)? {
            Outcome::NotAssessable(why) => findings.push(whole(Kind::NotAssessable, Some(why))),
            Outcome::Clusters(found) => {
                let rare = found.into_iter().filter(|c| c.recurrence_days >= settings.clusters.recurrence_days);
                findings.extend(rare.map(|c| cluster(&c, near, first, whole(Kind::Cluster, None))));
            }
        }
    }
    Ok(findings)
}

fn cluster(c: &Cluster, near: &Neighbours, first: NaiveDate, whole: Finding) -> Finding {
    let codes: Vec<&str> = c.areas.iter().filter_map(|a| near.codes.get(*a)).map(String::as_str).collect();
    let detail = Map::from_iter([
        ("areas".to_owned(), json!(codes)),
        ("km".to_owned(), json!(Some(c.km).filter(|km| km.is_finite()))),
        ("recurrence_days".to_owned(), json!(c.recurrence_days)),
        ("log_likelihood_ratio".to_owned(), json!(c.log_likelihood_ratio)),
        ("p_monte_carlo".to_owned(), json!(c.p_monte_carlo)),
    ]);
    Finding {
        area_code: near.codes.get(c.centre).cloned().unwrap_or_default(),
        period: (first + Days::new(c.days.0 as u64), first + Days::new(c.days.1 as u64)),
        observed: c.observed as f64,
        expected: c.expected,
        p: c.p,
        detail,
        ..whole
    }
}

/// The areas of the watched level and which of them touch: by `areas.geojson`, else by their points, else by what is above them.
fn neighbourhood(job: &Job, settings: &Settings) -> Result<(Neighbours, Vec<String>)> {
    let file = job.workspace.root.join("areas.geojson");
    let geojson = if file.is_file() { Some(std::fs::read_to_string(&file).at(&file)?) } else { None };
    let place = |a: &crate::areas::Area| Place { code: a.code.clone(), parent: a.parent.clone(), lon_lat: a.lon.zip(a.lat) };
    let places: Vec<Place> = job.register.at_level(&settings.level).map(place).collect();
    let found = neighbours(&places, geojson.as_deref(), TOLERANCE).map_err(|flaw| Error::input(&file, flaw.what, flaw.fix))?;
    Ok((found.value, found.notices))
}

fn told(flaw: Flaw) -> Error {
    Error::usage(flaw.what, flaw.fix)
}

/// Each domain's events, areas × days.
fn daily(job: &Job, settings: &Settings, near: &Neighbours, first: NaiveDate, last: NaiveDate) -> Result<BTreeMap<String, Array2<u32>>> {
    let session = Session::new(job.lake, job.limits)?;
    register_panel(&session, job.lake, &job.as_of)?;
    register_area_map(&session, job.register, &[&settings.level])?;
    let batches = session.collect(&format!(
        "select domain, area, day, cast(sum(num) as bigint) as n from panel join area_map on panel.area_code = area_map.area_code \
         where ({}) and day between date '{first}' and date '{last}' group by domain, area, day having sum(num) > 0",
        settings.watched()
    ))?;
    let rows: BTreeMap<&str, usize> = near.codes.iter().enumerate().map(|(i, c)| (c.as_str(), i)).collect();
    let mut found: BTreeMap<String, Array2<u32>> = BTreeMap::new();
    let from = (first - NaiveDate::default()).num_days() as i32;
    for batch in &batches {
        let [domain, area] = [text(batch, 0)?, text(batch, 1)?];
        let (day, n) = (batch.column(2).as_primitive::<Date32Type>(), whole(batch, 3)?);
        for row in 0..batch.num_rows() {
            let counts = found
                .entry(domain.as_string::<i32>().value(row).to_owned())
                .or_insert_with(|| Array2::zeros((near.codes.len(), settings.clusters.days)));
            let at = rows.get(area.as_string::<i32>().value(row)).map(|area| [*area, (day.value(row) - from).max(0) as usize]);
            if let Some(cell) = at.and_then(|at| counts.get_mut(at)) {
                *cell = u32::try_from(n.as_primitive::<Int64Type>().value(row)).unwrap_or(u32::MAX);
            }
        }
    }
    Ok(found)
}
