//! The stage's edge: reads the panel, keeps goalposts, writes `scores`.

use crate::error::from_flaw;
use lake::Derived;
use std::collections::BTreeMap;

use chrono::{Days, Utc};
use datafusion::arrow::array::RecordBatch;

use super::explain::{Explanation, Scored as ScoredPeriod, Side, explain};
use super::grid::Units;
use super::intervals::{Draws, intervals};
use super::keep;
use super::model::Model;
use super::prepare::{NewGoalposts, Prepared, months, prepare, unfrozen};
use super::score::{Recipe, score};
use super::veto_events::VetoEvents;
use crate::feeds::CoverageChange;
use crate::job::Job;
use crate::panel::{Period, Unit, touched_months};
use crate::runs::Run;
use crate::workspace::Workspace;
use lake::areas::Register;
use lake::{Error, Result};
use lake::{Lake, Limits, Session, TableName};

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
}

/// Which periods to score.
pub enum Selection<'a> {
    /// The months that changed since they were last scored, in the panel or in coverage, the last
    /// two, and the 28 days that end on the as-of day.
    Due(&'a CoverageChange<'a>),
    Given(&'a [Period]),
}

/// Reads a model of the workspace, or the bundled one; `relative` is its file in the workspace.
///
/// # Errors
/// [`Error::Config`] where it is wrong.
pub fn read_model(workspace: &Workspace, relative: &str) -> Result<Model> {
    let (file, text) = workspace.text(relative)?;
    Ok(Model { file: relative.to_owned(), ..Model::parse(&file, &text)? })
}

/// Scores periods and commits them to `scores`, one file a period.
///
/// # Errors
/// [`Error::Config`] where the model is wrong, [`Error::Delta`], [`Error::Query`],
/// [`Error::Frame`].
pub fn run(job: &Job, model: Model, selection: Selection) -> Result<Scored> {
    let wanted = match selection {
        Selection::Due(change) => due(job, &model, change)?,
        Selection::Given(periods) => periods.to_vec(),
    };
    let prepared = prepare(job, model, &with_those_before(job, &wanted), NewGoalposts::Freeze)?;
    let run = Run::new(
        job.command,
        job.args,
        Some(&prepared.model.hash),
        job.seed,
        &inputs(job)?,
        Utc::now(),
    );
    let transaction = (scored_under(&prepared.model), job.lake.derived(Derived::Panel)?.version());
    let rows = keep::write(job, &prepared, &wanted, &run, &[transaction])?;
    let Prepared { model, frozen_now, provisional, .. } = prepared;
    Ok(Scored { model, rows, run, frozen_now, provisional })
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
        format!(
            "the register has {}; change `level` in the model or the register",
            register.levels().join(", ")
        ),
    ))
}

/// Months that changed since they were last scored, the last two, and the 28 days that end on the
/// as-of day.
fn due(job: &Job, model: &Model, coverage: &CoverageChange) -> Result<Vec<Period>> {
    let (scores, panel) = (job.lake.derived(Derived::Scores)?, job.lake.derived(Derived::Panel)?);
    let mut periods = months(job);
    if let Some(version) =
        scores.transaction(&scored_under(model))?.filter(|_| unfrozen(job, model).is_empty())
    {
        if panel.version() < version {
            return Err(Error::usage("the panel is older than the scores", "run `pingan check`"));
        }
        let mut changed = touched_months(job.lake, version, job.limits)?;
        changed.extend(coverage.months());
        let settling = job.as_of.day - Days::new(SETTLING);
        periods.retain(|m| m.end >= settling || changed.contains(&m.start));
    }
    periods.push(Unit::Trailing.period(job.as_of.day, job.as_of.day));
    Ok(periods)
}

/// Application transaction that says up to which panel version the scores of a model reach.
fn scored_under(model: &Model) -> String {
    format!("scores:{}", model.hash)
}

/// Versions of the tables that were read.
fn inputs(job: &Job) -> Result<BTreeMap<String, i64>> {
    let mut inputs = BTreeMap::new();
    for domain in job.lake.domains() {
        inputs.insert(domain.id.to_owned(), job.lake.events(domain)?.version());
    }
    inputs.insert("panel".to_owned(), job.lake.derived(Derived::Panel)?.version());
    Ok(inputs)
}

/// The table that a model's rows go to: the night's own model has the plain one, any other one of
/// its own, so that trying one spoils nothing.
pub fn table_of(table: Derived, model_file: &str) -> TableName {
    if model_file == super::MODEL {
        return table.into();
    }
    let stem = std::path::Path::new(model_file)
        .file_stem()
        .map_or(String::new(), |s| s.to_string_lossy().to_lowercase());
    let plain: String =
        stem.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    table.of_model(&plain)
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

/// What is to be explained: a score against that of another period, or another area's.
#[derive(Clone, Debug)]
pub struct Question {
    /// Codes of areas among the units.
    pub area: String,
    pub against_area: String,
    pub period: Period,
    pub against: Period,
}

/// Explains the difference of the index; nothing is written.
///
/// # Errors
/// As [`run`]; [`Error::Usage`] where an area is not scored.
pub fn answer(job: &Job, model: Model, question: &Question) -> Result<(Explanation, Model)> {
    let periods = [question.against.clone(), question.period.clone()];
    let prepared = prepare(job, model, &periods, NewGoalposts::Discard)?;
    let Prepared { model, units, grids, .. } = &prepared;
    let recipe = Recipe::new(model).map_err(from_flaw)?;
    let vetoes = VetoEvents::find(model, job.lake, &periods, &job.as_of, job.limits)?;
    let caps: Vec<_> =
        grids.iter().map(|g| vetoes.caps(model, job.register, units, &g.period)).collect();
    let measured: Vec<_> = grids.iter().map(|g| recipe.measure(g, units)).collect();
    let scores: Vec<_> = measured.iter().zip(&caps).map(|(m, c)| score(&recipe, m, c)).collect();
    let draws = Draws::new(&recipe, job.seed).map_err(from_flaw)?;
    let intervals =
        intervals(&recipe, &grids[1].period.name, &measured[1], units, &caps[1], &draws);
    let sides = [0, 1].map(|i| ScoredPeriod {
        grid: &grids[i],
        scores: &scores[i],
        caps: &caps[i],
        scales: &measured[i].scales,
    });
    let before = Side { scored: &sides[0], area: place(units, &question.against_area)? };
    let after = Side { scored: &sides[1], area: place(units, &question.area)? };
    let explanation = explain(&recipe, units, before, after, &intervals).map_err(from_flaw)?;
    Ok((explanation, prepared.model))
}

fn place(units: &Units, code: &str) -> Result<usize> {
    units.areas.iter().position(|a| a.code == code).ok_or_else(|| {
        Error::usage(
            format!("{code} is not scored"),
            "take an area of the level the model scores, or the county",
        )
    })
}

/// The rows of `scores` of some periods, in order of period, area and node.
///
/// # Errors
/// [`Error::Delta`], [`Error::Query`].
pub fn read_scores(
    lake: &Lake,
    limits: &Limits,
    model_file: &str,
    periods: &[Period],
) -> Result<Vec<RecordBatch>> {
    let session = Session::new(lake, limits)?;
    session.register_table("scores", &lake.derived(table_of(Derived::Scores, model_file))?)?;
    let names: Vec<String> = periods.iter().map(|p| format!("'{}'", p.name)).collect();
    session.collect(&format!(
        "select * from scores where period in ({}) order by period_start, period, area_code, kind, node",
        names.join(", ")
    ))
}
