//! The stage's edge: reads what is watched, asks the methods, writes `findings`.

use std::collections::BTreeMap;

use chrono::Utc;

use super::finding::{Finding, Kind, to_batch};
use super::settings::{DETECTORS, Settings};
use super::watch::Weeks;
use super::{lateness, outlook, places, rises, watch};
use crate::error::{Error, Result};
use crate::job::Job;
use crate::lake::derived_schema;
use crate::runs::Run;

/// What a night's detection found.
pub struct Night {
    /// Findings, forecasts and what could not be assessed.
    pub findings: Vec<Finding>,
    /// Series watched.
    pub series: usize,
    pub notices: Vec<String>,
    pub run: Run,
}

impl Night {
    /// Findings of a kind.
    pub fn of(&self, kind: Kind) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |f| f.kind == kind)
    }
}

/// Looks at everything as of the job's day and replaces that day's rows of `findings`.
///
/// # Errors
/// [`Error::Config`] where the settings are wrong, [`Error::Delta`], [`Error::Query`].
pub fn run(job: &Job, settings: &Settings) -> Result<Night> {
    if job.register.at_level(&settings.level).next().is_none() {
        let what = format!("no area is of level {}, which is watched", settings.level);
        let fix = format!("the register has {}; change `level`", job.register.levels().join(", "));
        return Err(Error::config(&job.workspace.root.join(DETECTORS), what, fix));
    }
    let weeks = Weeks { last: job.as_of.day, count: settings.weeks };
    let watched = watch::read(job, settings, weeks)?;
    let reported = lateness::reported(job, settings, weeks)?;
    let mut findings = rises::rises(&watched, settings, &reported).map_err(|flaw| Error::usage(flaw.what, flaw.fix))?;
    findings.extend(outlook::forecasts(&watched, settings));
    let (clusters, notices) = places::clusters(job, settings)?;
    findings.extend(clusters);
    let run = write(job, settings, &findings)?;
    Ok(Night { findings, series: watched.series.len(), notices, run })
}

/// Puts the findings in the place of those of the same as-of time.
fn write(job: &Job, settings: &Settings, findings: &[Finding]) -> Result<Run> {
    let inputs = BTreeMap::from([("panel".to_owned(), job.lake.derived("panel")?.version())]);
    let run = Run::new(job.command, job.args, Some(&settings.hash), job.seed, &inputs, Utc::now());
    if let Some(schema) = derived_schema("findings") {
        let batch = to_batch(findings, &job.as_of, &run.id, schema)?;
        let same = job.as_of.instant.timestamp_millis();
        let of_this = |f: &crate::lake::DataFile| f.bounds("as_of").is_some_and(|(low, _)| millis(&low) == Some(same));
        job.lake.derived("findings")?.replace(&batch, of_this, &[])?;
    }
    run.record(job.lake, findings.len() as u64, Utc::now())?;
    Ok(run)
}

/// An instant as Delta's statistics write it, to the millisecond.
fn millis(value: &serde_json::Value) -> Option<i64> {
    chrono::DateTime::parse_from_rfc3339(value.as_str()?).ok().map(|t| t.timestamp_millis())
}
