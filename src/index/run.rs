//! The stage's edge: reads the panel, keeps goalposts, writes `scores`.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, Utc};
use datafusion::arrow::array::RecordBatch;
use polars::prelude::*;

use super::freeze::freeze;
use super::intervals::add_intervals;
use super::model::Model;
use super::score::scores;
use super::values::values;
use crate::areas::{Exposures, Register};
use crate::error::{Error, Result};
use crate::files;
use crate::frame::to_arrow;
use crate::lake::{AsOf, Lake, Limits, Written, derived_schema};
use crate::panel::{Coverage, Period, changed_months, touched_months, window_sums};
use crate::runs::Run;
use crate::workspace::Workspace;

/// Draws of the Monte Carlo intervals.
const DRAWS: usize = 400;
/// Days back within which late reports still change what counts.
const SETTLING: u64 = 62;

/// What the scoring works on.
pub struct Job<'a> {
    pub workspace: &'a Workspace,
    pub lake: &'a Lake,
    pub register: &'a Register,
    pub coverage: &'a Coverage,
    pub as_of: AsOf,
    pub limits: &'a Limits,
    pub seed: u64,
    /// Command and arguments, for `runs`.
    pub command: &'a str,
    pub args: &'a str,
}

/// What was scored.
pub struct Scored {
    pub model: Model,
    /// Rows of `scores` that were written.
    pub batch: RecordBatch,
    pub run: Run,
    /// Indicators whose goalposts were frozen in this run.
    pub frozen_now: Vec<String>,
    /// Indicators whose reference months are not complete: their goalposts still move.
    pub provisional: Vec<String>,
}

/// Which periods to score.
pub enum Which {
    /// Those that changed since they were last scored, the current month and the 28 days that end on the as-of day.
    Due,
    /// These.
    These(Vec<Period>),
}

/// The model in force.
///
/// # Errors
/// [`Error::Config`] where it is wrong.
pub fn read_model(workspace: &Workspace, relative: &str) -> Result<Model> {
    let (file, text) = workspace.text(relative)?;
    Model::parse(&file, &text)
}

/// Scores periods and commits them to `scores`, one file a period.
///
/// # Errors
/// [`Error::Config`] where the model is wrong, [`Error::Delta`], [`Error::Query`], [`Error::Polars`].
pub fn run(job: &Job, relative: &str, which: Which) -> Result<Scored> {
    let mut model = read_model(job.workspace, relative)?;
    check_level(job.workspace, job.register, &model)?;
    let months = job.coverage.first_day().map_or(Vec::new(), |first| Period::months(first.min(job.as_of.day), job.as_of.day));
    let open = unfrozen(&model, job.coverage);
    let wanted = match which {
        Which::Due => due(job, &model, &months, !open.is_empty())?,
        Which::These(periods) => periods,
    };
    let mut computed = wanted.clone();
    if !open.is_empty() {
        computed.extend(months.iter().filter(|m| !wanted.contains(m)).cloned());
    }
    let levels: BTreeSet<&str> = [model.level.as_str(), job.register.root().level.as_str()].into();
    let levels: Vec<&str> = levels.into_iter().collect();
    let sums = window_sums(job.lake, job.register, &levels, &computed, job.coverage, &job.as_of, job.limits)?;
    let exposures = Exposures::read(&job.workspace.exposures_file(), job.register)?;
    let values = values(&model, job.register, &exposures, &sums, &computed, job.coverage)?;
    let (mut frozen_now, mut provisional) = (Vec::new(), Vec::new());
    if !open.is_empty() {
        let (frozen, complete) = freeze(&model, &values, job.coverage, &months, &job.as_of.day.to_string())?;
        provisional = frozen.indicator.keys().filter(|n| open.contains(*n) && !complete.contains(n)).cloned().collect();
        if !complete.is_empty() {
            let mut kept = frozen.clone();
            kept.indicator.retain(|node, _| !provisional.contains(node));
            model = keep(job.workspace, relative, &kept)?;
            frozen_now = complete;
        }
        model.frozen = Some(frozen);
    }
    let run = Run::new(job.command, job.args, Some(&model.hash), job.seed, &inputs(job)?, Utc::now());
    let scores = scores(&model, &values)?;
    let names: BTreeSet<&str> = wanted.iter().map(|p| p.name.as_str()).collect();
    let frame = add_intervals(&model, &values, scores, DRAWS, job.seed)?;
    let batch = stamped(&only(&frame, &names)?, &job.as_of, &run)?;
    write(job, &model, &wanted, &frame, &run)?;
    Ok(Scored { model, batch, run, frozen_now, provisional })
}

/// Whether the register has areas of the level that the model scores.
///
/// # Errors
/// [`Error::Config`] where it has none.
pub fn check_level(workspace: &Workspace, register: &Register, model: &Model) -> Result<()> {
    if register.at_level(&model.level).next().is_some() {
        return Ok(());
    }
    Err(Error::config(
        &workspace.areas_file(),
        format!("no area is of level {}, which the model scores", model.level),
        format!("the register has {}; change `level` in the model or the register", register.levels().join(", ")),
    ))
}

/// Indicators without goalposts whose domain delivers.
fn unfrozen(model: &Model, coverage: &Coverage) -> BTreeSet<String> {
    let has = |node: &String| model.frozen.as_ref().is_some_and(|f| f.indicator.contains_key(node));
    model.indicators().filter(|(d, _, node)| coverage.feeds.contains_key(d.id.as_str()) && !has(node)).map(|(_, _, node)| node).collect()
}

fn due(job: &Job, model: &Model, months: &[Period], all: bool) -> Result<Vec<Period>> {
    let scores = job.lake.derived("scores")?;
    let panel = job.lake.derived("panel")?;
    let mut periods: Vec<Period> = match scores.transaction(&scored_under(model))? {
        Some(version) if !all => {
            let mut changed = touched_months(job.lake, version, job.limits)?;
            changed.extend(changed_months(job.lake, job.coverage, job.limits)?);
            if panel.version() < version {
                return Err(Error::usage("the panel is older than the scores", "run `pingan check`"));
            }
            let settling = job.as_of.day - Days::new(SETTLING);
            months.iter().filter(|m| m.end >= settling || changed.contains(&m.start)).cloned().collect()
        }
        _ => months.to_vec(),
    };
    periods.push(Period::trailing(job.as_of.day));
    Ok(periods)
}

/// Application transaction that says up to which panel version the scores of a model reach.
fn scored_under(model: &Model) -> String {
    format!("scores:{}", model.hash)
}

/// Writes the goalposts into the workspace's own model file and reads it again.
fn keep(workspace: &Workspace, relative: &str, frozen: &super::freeze::Frozen) -> Result<Model> {
    let (_, text) = workspace.text(relative)?;
    let file = workspace.root.join(relative);
    files::replace(&file, frozen.written_into(&text).as_bytes())?;
    read_model(workspace, relative)
}

/// Versions of the tables that were read.
fn inputs(job: &Job) -> Result<BTreeMap<String, i64>> {
    let mut inputs = BTreeMap::new();
    for domain in job.lake.domains() {
        inputs.insert(domain.id.to_owned(), job.lake.events(domain)?.version());
    }
    inputs.insert("panel".to_owned(), job.lake.derived("panel")?.version());
    Ok(inputs)
}

fn only(frame: &DataFrame, periods: &BTreeSet<&str>) -> Result<DataFrame> {
    let wanted: BooleanChunked = frame.column("period")?.str()?.iter().map(|p| p.is_some_and(|p| periods.contains(p))).collect();
    Ok(frame.filter(&wanted)?)
}

/// One file a period, all in one commit with the files they replace.
fn write(job: &Job, model: &Model, periods: &[Period], frame: &DataFrame, run: &Run) -> Result<()> {
    let mut table = job.lake.derived("scores")?;
    let mut written = Written::nothing();
    for period in periods {
        let rows = only(frame, &[period.name.as_str()].into())?;
        let mut appender = table.appender()?;
        appender.write(&stamped(&rows, &job.as_of, run)?)?;
        written = written.join(appender.finish()?);
    }
    let names: BTreeSet<&str> = periods.iter().map(|p| p.name.as_str()).collect();
    let replaced: Vec<_> = table
        .files()?
        .into_iter()
        .filter(|f| f.bounds("period").is_some_and(|(low, _)| low.as_str().is_some_and(|p| names.contains(p))))
        .collect();
    table.commit(written, &replaced, &[(scored_under(model), job.lake.derived("panel")?.version())])?;
    Ok(())
}

fn stamped(rows: &DataFrame, as_of: &AsOf, run: &Run) -> Result<RecordBatch> {
    let Some(schema) = derived_schema("scores") else { return Err(Error::usage("there is no table scores", "see INTERFACE.md")) };
    let height = rows.height();
    let mut with_run = rows.clone();
    with_run.with_column(Column::new("run_id".into(), vec![run.id.as_str(); height]))?;
    with_run.with_column(Column::new("as_of".into(), vec![as_of.instant.timestamp_micros(); height]))?;
    to_arrow(&with_run, &schema)
}
