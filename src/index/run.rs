//! The stage from end to end: which periods are due, what is read, scored and written.

use std::collections::BTreeMap;

use chrono::{Days, Utc};

use super::freeze::{Completed, Open, known_months, without_goalposts};
use super::inputs::Inputs;
use super::model::Model;
use super::refreeze::{with_goalposts, write_model};
use super::scored_by::{SCORED_BY, SCORED_UP_TO, is_scored_by, scored_by, to_estimate};
use super::write::write_scores;
use crate::feeds::CoverageChange;
use crate::job::Job;
use crate::panel::{Period, Unit, touched_months};
use crate::runs::Run;
use lake::{Derived, Error, Result};

/// Days back within which late reports still change what counts.
const SETTLING: u64 = 62;

/// What was scored.
pub struct Scored {
    pub model: Model,
    /// Rows of `scores` that were written.
    pub rows: u64,
    pub run: Run,
    /// Indicators whose goalposts were frozen in this run.
    pub frozen_now: Vec<String>,
    /// Indicators whose reference months are not complete: their goalposts still move.
    pub provisional: Vec<String>,
    /// Indicators whose reference months are complete and give no goalposts, and why.
    pub unfrozen: Vec<(String, String)>,
}

/// Which periods to score.
pub enum Selection<'a> {
    /// The months that changed since they were last scored, in the panel or in coverage, the last
    /// two, and the 28 days that end on the as-of day; all months where model, register or
    /// exposures changed.
    Due(&'a CoverageChange<'a>),
    Given(&'a [Period]),
}

/// Scores periods and commits them to `scores`, one file a period. Goalposts that have become final
/// are written into the model's file.
///
/// # Errors
/// [`Error::Config`] where register or model are wrong, [`Error::Delta`], [`Error::Query`],
/// [`Error::Frame`].
pub fn run(job: &Job, model: &Model, selection: Selection) -> Result<Scored> {
    let (wanted, estimate) = match &selection {
        Selection::Due(change) => due(job, model, change)?,
        Selection::Given(periods) => (periods.to_vec(), to_estimate(job, model)?),
    };
    let inputs = Inputs::read_for(job, model, &with_those_before(job, &wanted), estimate)?;

    let completed = inputs.complete(job, model);
    let final_goalposts = completed.final_goalposts();
    let model = freeze_final(job, &completed)?;
    let Completed { frozen_now, provisional, unfrozen, .. } = completed;

    let run = Run::new(
        job.command,
        job.args,
        Some(&model.hash),
        job.seed,
        &table_versions(job)?,
        Utc::now(),
    );
    let transactions = match selection {
        Selection::Due(_) => vec![
            (
                SCORED_BY.to_owned(),
                scored_by(job, &Model { frozen: Some(final_goalposts), ..model.clone() })?,
            ),
            (SCORED_UP_TO.to_owned(), job.lake.derived(Derived::Panel)?.version()),
        ],
        // Other periods were not looked at.
        Selection::Given(_) => Vec::new(),
    };
    let rows = write_scores(job, &model, inputs, &wanted, &run, &transactions)?;
    Ok(Scored { model, rows, run, frozen_now, provisional, unfrozen })
}

/// The model to score by; its file is written where goalposts have become final.
fn freeze_final(job: &Job, completed: &Completed) -> Result<Model> {
    if completed.frozen_now.is_empty() {
        return Ok(completed.model.clone());
    }
    let model = with_goalposts(job.workspace, &completed.model, &completed.final_goalposts())?;
    write_model(job.workspace, &model)?;
    Ok(Model { frozen: completed.model.frozen.clone(), ..model })
}

/// Months that changed since they were last scored, the last two, and the 28 days that end on the
/// as-of day; and whether goalposts that the model lacks are to be estimated. All months are due
/// where goalposts may have moved, or what they are scored by is not what it was.
fn due(job: &Job, model: &Model, coverage: &CoverageChange) -> Result<(Vec<Period>, bool)> {
    let (scores, panel) = (job.lake.derived(Derived::Scores)?, job.lake.derived(Derived::Panel)?);
    let mut periods = known_months(job.coverage, job.as_of.day);
    let trailing = Unit::Trailing.period(job.as_of.day, job.as_of.day);
    let open = without_goalposts(model, job.coverage, job.as_of.day);
    let same = open.iter().all(|o| o.complete) && is_scored_by(job, model)?;
    let Some(version) = scores.transaction(SCORED_UP_TO)?.filter(|_| same) else {
        periods.push(trailing);
        return Ok((periods, !open.is_empty()));
    };
    if panel.version() < version {
        return Err(Error::usage("the panel is older than the scores", "run `pingan check`"));
    }
    let mut changed = touched_months(job.lake, version, job.limits)?;
    changed.extend(coverage.months());
    let in_reference = |open: &Open| open.months.iter().any(|m| changed.contains(&m.start));
    let estimate = open.iter().any(in_reference);
    if !estimate {
        let settling = job.as_of.day - Days::new(SETTLING);
        periods.retain(|m| m.end >= settling || changed.contains(&m.start));
    }
    periods.push(trailing);
    Ok((periods, estimate))
}

/// Versions of the tables that are read, for `runs`.
fn table_versions(job: &Job) -> Result<BTreeMap<String, i64>> {
    let mut versions = BTreeMap::new();
    for domain in job.lake.domains() {
        versions.insert(domain.id.to_owned(), job.lake.events(domain)?.version());
    }
    versions.insert("panel".to_owned(), job.lake.derived(Derived::Panel)?.version());
    Ok(versions)
}

/// The wanted periods, and before each the one it is compared with, where there are events of it.
fn with_those_before(job: &Job, wanted: &[Period]) -> Vec<Period> {
    let first = job.coverage.first_day();
    let mut all: Vec<Period> = Vec::with_capacity(wanted.len() + 1);
    for period in wanted {
        let before = period.before();
        if all.last() != Some(&before) && first.is_some_and(|first| before.end >= first) {
            all.push(before);
        }
        all.push(period.clone());
    }
    all
}
