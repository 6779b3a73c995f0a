//! The stage from end to end: counts are read, methods applied, findings written.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Utc;

use super::detail::{Detail, Kind};
use super::finding::{Finding, to_batch};
use super::settings::{DETECTORS, Settings};
use super::watch::{Key, Watched, Weeks};
use super::{clusters, counts, links, outlook, parties, rises, slow};
use crate::error::from_flaw;
use crate::feeds::lateness;
use crate::job::Job;
use crate::runs::Run;
use crate::workspace::Workspace;
use lake::areas::Register;
use lake::{AsOf, Derived};
use lake::{Error, Result};

/// What a night's detection found.
pub struct Detected {
    /// Findings, forecasts and what could not be assessed.
    pub findings: Vec<Finding>,
    /// Series watched.
    pub series: usize,
    /// As of when.
    pub as_of: AsOf,
    pub notices: Vec<String>,
    pub run: Run,
}

impl Detected {
    /// Findings of a kind.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |f| f.kind() == kind)
    }
}

/// Applies every method to the watched series as of the job's day and replaces that day's rows of
/// `findings`.
///
/// # Errors
/// [`Error::Config`] where `areas.geojson` is wrong, [`Error::Usage`] where the settings make no
/// model, [`Error::Delta`], [`Error::Query`].
pub fn run(job: &Job, settings: &Settings) -> Result<Detected> {
    let weeks = Weeks { last: job.as_of.day, count: settings.weeks };
    let days = counts::Days { recorded: lateness::DAYS, of_area: settings.clusters.days };
    let counts = counts::read(job, settings, weeks, days)?;
    let watched = Watched {
        series: counts.weekly,
        ..Watched::new(weeks, &job.register.root().code, job.coverage)
    };
    let reported = lateness::shares(counts.recorded, job.coverage, &settings.delay, weeks.last);
    let settled = slow::settled(&watched);
    let mut findings = rises::rises(&watched, &settled, settings, &reported).map_err(from_flaw)?;
    findings.extend(outlook::forecasts(&settled, weeks, settings));
    let (clusters, notices) = clusters::clusters(job, settings, &counts.daily)?;
    findings.extend(clusters);
    if settings.associations.every.due(job.as_of.day) {
        findings.extend(
            links::associations(&settled, &watched, settings, job.seed).map_err(from_flaw)?,
        );
        findings.extend(parties::shared(job, weeks.last, settings.q)?);
    }
    findings.extend(absent(job, settings, &watched));
    add_feed_reasons(&mut findings, job);
    let run = write(job, settings, &findings)?;
    Ok(Detected { findings, series: watched.series.len(), as_of: job.as_of, notices, run })
}

/// Whether the register has areas of the level that is watched.
///
/// # Errors
/// [`Error::Config`] where it has none.
pub fn check_level(workspace: &Workspace, register: &Register, settings: &Settings) -> Result<()> {
    if register.at_level(&settings.level).next().is_some() {
        return Ok(());
    }
    let what = format!("no area is of level {}, which is watched", settings.level);
    let fix = format!("the register has {}; change `level`", register.levels().join(", "));
    Err(Error::config(&workspace.root.join(DETECTORS), what, fix))
}

/// Watched domains without any series: whether they are quiet is not known.
fn absent(job: &Job, settings: &Settings, watched: &Watched) -> Vec<Finding> {
    let weeks = watched.weeks;
    let seen: BTreeSet<&str> = watched.series.keys().map(|key| key.domain.as_str()).collect();
    let without = settings.watch.iter().filter(|(domain, _)| !seen.contains(domain.as_str()));
    let finding = |(domain, indicator): (&String, &String)| {
        let key =
            Key { area: watched.root.clone(), domain: domain.clone(), category: String::new() };
        let reason = if job.coverage.feeds.contains_key(domain.as_str()) {
            format!(
                "nothing was counted: no {indicator} of the last {} weeks are known",
                weeks.count
            )
        } else {
            "never delivered: no event of the domain is known".to_owned()
        };
        Finding::not_assessable(&key, "coverage", (weeks.start(0), weeks.last), reason)
    };
    without.map(finding).collect()
}

/// Adds the reasons of coverage to findings of what cannot be assessed.
fn add_feed_reasons(findings: &mut [Finding], job: &Job) {
    for finding in findings.iter_mut() {
        let Finding { domain, period: (first, last), detail, .. } = finding;
        if let Detail::NotAssessable(silent) = detail {
            let reasons = job.coverage.reasons(domain, *first, *last);
            silent.feed = reasons.into_iter().map(str::to_owned).collect();
        }
    }
}

/// Replaces the findings of the same as-of time.
fn write(job: &Job, settings: &Settings, findings: &[Finding]) -> Result<Run> {
    let inputs =
        BTreeMap::from([("panel".to_owned(), job.lake.derived(Derived::Panel)?.version())]);
    let run = Run::new(job.command, job.args, Some(&settings.hash), job.seed, &inputs, Utc::now());
    let batch = to_batch(findings, &job.as_of, &run.id, Derived::Findings.schema())?;
    let same = job.as_of.instant.timestamp_millis();
    let same_as_of =
        |f: &lake::DataFile| f.bounds("as_of").is_some_and(|(low, _)| millis(&low) == Some(same));
    job.lake.derived(Derived::Findings)?.replace(&batch, same_as_of, &[])?;
    run.record(job.lake, findings.len() as u64, Utc::now())?;
    Ok(run)
}

/// An instant as Delta's statistics write it, to the millisecond.
fn millis(value: &serde_json::Value) -> Option<i64> {
    chrono::DateTime::parse_from_rfc3339(value.as_str()?).ok().map(|t| t.timestamp_millis())
}
