//! The night as one list of steps, in order.

use chrono::Utc;

use super::ingest::{Batch, Ingested, ingest_batch};
use super::names::Names;
use super::open::{Opened, Options, not_after_today};
use super::refreeze::last_whole_month;
use super::report;
use super::stages::{detect_on, update_panel};
use crate::feeds::{Coverage, CoverageChange};
use crate::index::{self, MODEL, Model, Place, Scored, Selection};
use crate::job::Job;
use crate::panel::{Period, Unit, Update};
use crate::report::{Document, is_scored, is_written};
use crate::workspace::Workspace;
use crate::{detect, warn};
use lake::inbox::{self, Waiting};
use lake::schema::DOMAINS;
use lake::{Derived, Result};

/// Hears which step the night is at: `(step, of how many, name)`.
pub type Progress<'a> = &'a mut dyn FnMut(usize, usize, &str);

/// What a night did.
pub struct Night {
    pub ingested: Ingested,
    /// Domains whose panel gained rows.
    pub updates: Vec<Update>,
    pub coverage: Coverage,
    /// `None` where no domain has ever delivered.
    pub scored: Option<Scored>,
    /// The month of the as-of day.
    pub month: Period,
    /// The areas of that month by rank; empty where nothing was scored.
    pub ranking: Vec<Place>,
    /// What is abnormal or rising; `None` where no domain has ever delivered.
    pub found: Option<detect::Detected>,
    /// What became of warnings and letters; `None` where nothing was detected.
    pub warned: Option<warn::Tonight>,
    /// The report of the last whole month, on the first night after it; what went wrong where it
    /// could not be written, which leaves the night as it is.
    pub report: Option<Result<Vec<Document>>>,
    pub names: Names,
}

/// Runs the night: ingest, panel, coverage, index, detection, warnings, letters, and on
/// the first night after a month its report.
///
/// # Errors
/// [`lake::Error::Usage`] for a night that has not come; whatever stops a step. What the steps
/// before committed stays; running again finishes the job.
pub fn nightly(workspace: &Workspace, options: &Options, progress: Progress) -> Result<Night> {
    not_after_today(workspace, options, options.as_of.day, "the night of")?;
    let opened = Opened::for_writing(workspace, options)?;
    let Waiting { files, left } = inbox::waiting(&workspace.inbox())?;
    let steps = files.len() + DOMAINS.len() + 5;
    let args = format!("--date {}", options.as_of.day);

    let batch =
        Batch { files: &files, domain: None, mapping: None, from_inbox: true, history: None };
    let ingested = ingest_batch(&opened, &batch, &mut |n, name| progress(n, steps, name))?;
    let ingested = Ingested { left, ..ingested };
    opened.write_areas()?;
    let updates = update_panel(workspace, &opened.lake, options, &mut |n, name| {
        progress(files.len() + n, steps, name)
    })?;

    progress(steps - 4, steps, "coverage");
    let model = opened.model(MODEL)?;
    let settings = opened.detectors()?;
    let coverage = opened.coverage(&model.level, &options.as_of)?;

    progress(steps - 3, steps, "index");
    let job = opened.job("nightly", &args, &coverage, options.as_of);
    let change = coverage.compare(&opened.lake, &options.limits)?;
    let delivered = !coverage.feeds.is_empty();
    let scored = delivered.then(|| score_due(&job, &model, &change)).transpose()?;
    change.write(&opened.lake)?;

    progress(steps - 2, steps, "detect");
    let found = detect_on(&opened, "nightly", &args, &settings, Some((&coverage, &model.level)))?;

    progress(steps - 1, steps, "warn");
    let job = opened.job("nightly", &args, &coverage, opened.last_whole_day());
    let warned = match &found {
        Some(_) => Some(warn::night(
            &job,
            &warn::Rules {
                settings: opened.warning_rules()?,
                detection: &settings,
                taxonomy: opened.taxonomy()?,
                model: &model,
            },
        )?),
        None => None,
    };

    progress(steps, steps, "report");
    let last = last_whole_month(options);
    let job = opened.job("report", &last.name, &coverage, options.as_of);
    let due = scored.is_some() && !is_written(workspace, &last.name) && is_scored(&job, &last)?;
    let report = due.then(|| report::write(&job, &opened.report_sources(&model)?, &last));

    let month = Unit::Month.period(options.as_of.day, options.as_of.day);
    let ranking = if scored.is_some() { opened.ranking(MODEL, &month)? } else { Vec::new() };
    let names = opened.into_names()?;
    Ok(Night { ingested, updates, coverage, scored, month, ranking, found, warned, report, names })
}

/// Scores the periods that are due and records the run. Its rows are those that `scores` has then:
/// a night that is killed and run again writes fewer, and must leave the same record.
fn score_due(job: &Job, model: &Model, change: &CoverageChange) -> Result<Scored> {
    let scored = index::run(job, model, Selection::Due(change))?;
    let files = job.lake.derived(Derived::Scores)?.files()?;
    scored.run.record(job.lake, files.iter().filter_map(|f| f.rows()).sum(), Utc::now())?;
    Ok(scored)
}
