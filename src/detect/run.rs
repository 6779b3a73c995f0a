//! The stage from end to end: counts are read, methods applied, findings written.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, Utc};

use super::aside::{self, LeftOut};
use super::detail::{Detail, Kind};
use super::finding::{Finding, to_batch};
use super::settings::{DETECTORS, Settings};
use super::watch::{Key, Watched, Weeks};
use super::{clusters, counts, links, outlook, parties, rises, slow};
use crate::circumstances::Circumstances;
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
    /// How many findings each circumstance sets aside, by what it is called.
    pub set_aside: BTreeMap<String, usize>,
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

/// Findings, forecasts and what could not be assessed as of a time, not yet written.
pub struct Found {
    pub findings: Vec<Finding>,
    /// Series watched.
    pub series: usize,
    /// How many findings each circumstance sets aside, by what it is called.
    pub set_aside: BTreeMap<String, usize>,
    pub notices: Vec<String>,
}

/// Applies every method to the watched series as of the job's day and replaces that day's rows of
/// `findings`.
///
/// # Errors
/// As [`find`].
pub fn run(job: &Job, settings: &Settings) -> Result<Detected> {
    let Found { findings, series, set_aside, notices } = find(job, settings)?;
    let run = write(job, settings, &findings)?;
    Ok(Detected { findings, series, set_aside, as_of: job.as_of, notices, run })
}

/// Applies every method to the watched series as of the job's day.
///
/// # Errors
/// [`Error::Config`] where `areas.geojson` or `circumstances.csv` is wrong, [`Error::Usage`] where
/// the settings make no model, [`Error::Delta`], [`Error::Query`].
pub fn find(job: &Job, settings: &Settings) -> Result<Found> {
    let circumstances = Circumstances::read(job.workspace)?;
    let mut night = Night {
        job,
        settings,
        circumstances: &circumstances,
        findings: Vec::new(),
        notices: settings.notices(),
        series: 0,
    };
    let today = job.as_of.day;
    let judged = job.coverage.feeds.iter().filter(|(_, feed)| feed.is_judged(today));
    let mut by_last: BTreeMap<NaiveDate, BTreeSet<&'static str>> =
        BTreeMap::from([(today, BTreeSet::new())]);
    for (domain, feed) in judged {
        by_last.entry(feed.through(today)).or_default().insert(domain);
    }
    for (last, domains) in by_last {
        night.apply_methods(last, &domains)?;
    }
    let Night { mut findings, notices, series, .. } = night;
    findings.extend(waiting(job, settings));
    findings.extend(never_delivered(job, settings));
    add_feed_reasons(&mut findings, job);
    aside::add_reasons(&mut findings, &circumstances, job.register);
    let set_aside = aside::tally(&findings, &circumstances, job.register);
    Ok(Found { findings, series, set_aside, notices })
}

/// What is found while domain after domain is judged.
struct Night<'a> {
    job: &'a Job<'a>,
    settings: &'a Settings,
    circumstances: &'a Circumstances,
    findings: Vec<Finding>,
    notices: Vec<String>,
    series: usize,
}

impl Night<'_> {
    /// Applies every method to the weeks of some domains that end on the same day: today, or the last day of which a
    /// source in batches has delivered what it had.
    fn apply_methods(&mut self, last: NaiveDate, domains: &BTreeSet<&'static str>) -> Result<()> {
        let Night { job, settings, circumstances, .. } = *self;
        let weeks = Weeks { last, count: settings.weeks };
        let days = counts::Days { recorded: lateness::DAYS, of_area: settings.clusters.days };
        let mut counts = counts::read(job, settings, domains, weeks, days)?;
        LeftOut { circumstances, register: job.register, settings, last }
            .leave_out(&mut counts)
            .map_err(from_flaw)?;
        let watched = Watched {
            series: counts.weekly,
            ..Watched::new(weeks, &job.register.root().code, job.coverage, domains)
        };
        let reported = lateness::shares(counts.recorded, job.coverage, &settings.delay, last);
        let settled = slow::settled(&watched);
        let findings = &mut self.findings;
        findings.extend(rises::rises(&watched, settings, &reported).map_err(from_flaw)?);
        findings.extend(outlook::forecasts(&settled, weeks, settings));
        let (clusters, notices) = clusters::clusters(job, settings, &counts.daily, last)?;
        findings.extend(clusters);
        if last == job.as_of.day && settings.associations.every.due(last) {
            findings.extend(
                links::associations(&settled, &watched, settings, job.seed).map_err(from_flaw)?,
            );
            findings.extend(parties::shared(job, last, settings.q)?);
        }
        findings.extend(absent(settings, &watched, domains));
        self.notices
            .extend(notices.into_iter().filter(|n| !self.notices.contains(n)).collect::<Vec<_>>());
        self.series += watched.series.len();
        Ok(())
    }
}

/// The weekly counts of some domains' watched series that end on a day, as known at the job's time.
///
/// # Errors
/// [`Error::Delta`], [`Error::Query`].
pub fn weekly_counts(
    job: &Job,
    settings: &Settings,
    domains: &BTreeSet<&'static str>,
    weeks: Weeks,
) -> Result<Watched> {
    let days = counts::Days { recorded: 0, of_area: 0 };
    let counts = counts::read(job, settings, domains, weeks, days)?;
    let root = &job.register.root().code;
    Ok(Watched { series: counts.weekly, ..Watched::new(weeks, root, job.coverage, domains) })
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

/// Watched domains of these without any series: whether they are quiet is not known.
fn absent(
    settings: &Settings,
    watched: &Watched,
    domains: &BTreeSet<&'static str>,
) -> Vec<Finding> {
    let weeks = watched.weeks;
    let seen: BTreeSet<&str> = watched.series.keys().map(|key| key.domain.as_str()).collect();
    let finding = |(domain, indicator): (&String, &String)| {
        let reason = format!(
            "nothing was counted: no {indicator} of the last {} weeks are known",
            weeks.count
        );
        let period = (weeks.start(0), weeks.last);
        Finding::not_assessable(&whole(&watched.root, domain), "coverage", period, &reason)
    };
    let among = |domain: &str| domains.contains(domain) && !seen.contains(domain);
    settings.watch.iter().filter(|(domain, _)| among(domain)).map(finding).collect()
}

/// Watched domains that come in batches, of which none came today.
fn waiting(job: &Job, settings: &Settings) -> Vec<Finding> {
    let today = job.as_of.day;
    let of_domain = |domain: &String| {
        let feed = job.coverage.feeds.get(domain.as_str()).filter(|feed| !feed.is_judged(today))?;
        if feed.is_totals() {
            let key = whole(&job.register.root().code, domain);
            let reason = "its totals of months say nothing of weeks";
            return Some(Finding::not_assessable(&key, "coverage", (today, today), reason));
        }
        let through = feed.through(today);
        let overdue =
            feed.overdue().map_or(String::new(), |day| format!(", overdue from {day} on"));
        let reason = format!(
            "it comes in batches and is judged when one has come: delivered up to {through}{overdue}"
        );
        let key = whole(&job.register.root().code, domain);
        let first = (through + chrono::Days::new(1)).min(today);
        Some(Finding::not_assessable(&key, "coverage", (first, today), &reason))
    };
    settings.watch.keys().filter_map(of_domain).collect()
}

/// Watched domains of which no event is known.
fn never_delivered(job: &Job, settings: &Settings) -> Vec<Finding> {
    let weeks = Weeks { last: job.as_of.day, count: settings.weeks };
    let unknown = |domain: &&String| !job.coverage.feeds.contains_key(domain.as_str());
    let finding = |domain: &String| {
        let key = whole(&job.register.root().code, domain);
        let reason = "never delivered: no event of the domain is known";
        Finding::not_assessable(&key, "coverage", (weeks.start(0), weeks.last), reason)
    };
    settings.watch.keys().filter(unknown).map(finding).collect()
}

/// A domain's series of the whole.
fn whole(root: &str, domain: &str) -> Key {
    Key { area: root.to_owned(), domain: domain.to_owned(), category: String::new() }
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
