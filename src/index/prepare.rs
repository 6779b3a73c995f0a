//! A model and the grids of the periods it is to score, goalposts found.

use crate::error::from_flaw;
use std::collections::BTreeSet;

use ndarray::Array2;

use super::freeze::{Frozen, freeze};
use super::grid::{Grid, Past, Units, grids};
use super::model::Model;
use super::run::read_model;
use super::score::Recipe;
use crate::job::Job;
use crate::panel::{Period, Unit, window_sums};
use crate::workspace::Workspace;
use lake::Result;
use lake::areas::Exposures;
use lake::files;

/// Periods whose window sums are held at once: as many as a night of late corrections takes up
/// again, so that it reads the panel once.
const AT_ONCE: usize = 16;

/// All that scoring needs.
pub struct Prepared<'a> {
    pub model: Model,
    pub units: Units<'a>,
    /// One a period, in the order asked for.
    pub grids: Vec<Grid>,
    /// Indicators whose goalposts were frozen now.
    pub frozen_now: Vec<String>,
    /// Indicators whose reference months are not complete: their goalposts still move.
    pub provisional: Vec<String>,
}

/// What becomes of goalposts that are found while a model is prepared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewGoalposts {
    /// Those whose reference months are complete are written into the model's file.
    Freeze,
    /// They serve this command alone.
    Discard,
}

/// Reads the grids of `periods` and, where indicators have no goalposts yet, those of all months
/// known, to find them.
///
/// # Errors
/// [`lake::Error::Config`] where the register or the model is wrong, [`lake::Error::Delta`],
/// [`lake::Error::Query`], [`lake::Error::Frame`].
pub fn prepare<'a>(
    job: &Job<'a>,
    mut model: Model,
    periods: &[Period],
    new: NewGoalposts,
) -> Result<Prepared<'a>> {
    let units = Units::of(&model, job.register);
    let months = months(job);
    let open = unfrozen(job, &model);
    let mut computed = periods.to_vec();
    if !open.is_empty() {
        computed.extend(months.iter().filter(|m| !periods.contains(m)).cloned());
    }
    let mut grids = read_grids(job, &model, &units, &computed)?;
    let (mut frozen_now, mut provisional) = (Vec::new(), Vec::new());
    if !open.is_empty() {
        let (frozen, complete) =
            freeze(&model, &units, &grids, job.coverage, &months, &job.as_of.day.to_string());
        provisional = frozen
            .indicator
            .keys()
            .filter(|n| open.contains(*n) && !complete.contains(n))
            .cloned()
            .collect();
        if new == NewGoalposts::Freeze && !complete.is_empty() {
            let mut final_ones = frozen.clone();
            final_ones.indicator.retain(|node, _| !provisional.contains(node));
            model = write_goalposts(job.workspace, &model.file, &final_ones)?;
            frozen_now = complete;
        }
        model.frozen = Some(frozen);
    }
    grids.truncate(periods.len());
    add_pasts(job, &model, &units, &mut grids)?;
    Ok(Prepared { model, units, grids, frozen_now, provisional })
}

/// Every month from the first event known to the as-of day.
pub fn months(job: &Job) -> Vec<Period> {
    job.coverage
        .first_day()
        .map_or(Vec::new(), |first| Unit::Month.periods(first.min(job.as_of.day), job.as_of.day))
}

/// Indicators without goalposts whose domain delivers.
pub fn unfrozen(job: &Job, model: &Model) -> BTreeSet<String> {
    let has = |node: &String| model.frozen.as_ref().is_some_and(|f| f.indicator.contains_key(node));
    let delivers = |domain: &str| job.coverage.feeds.contains_key(domain);
    model
        .indicators()
        .filter(|(d, _, node)| delivers(&d.id) && !has(node))
        .map(|(_, _, node)| node)
        .collect()
}

/// Gives the grids the figures of earlier periods, where the model compares with them.
fn add_pasts(job: &Job, model: &Model, units: &Units, grids: &mut [Grid]) -> Result<()> {
    let recipe = Recipe::new(model).map_err(from_flaw)?;
    if recipe.rulers.iter().all(|r| r.past().is_none()) {
        return Ok(());
    }
    let earlier =
        |p: &Period| [p.years_before(1), p.years_before(2), p.years_before(3), p.before()];
    let mut wanted: Vec<Period> = grids.iter().flat_map(|g| earlier(&g.period)).collect();
    wanted.sort_by(|a, b| (a.start, &a.name, a.end).cmp(&(b.start, &b.name, b.end)));
    wanted.dedup();
    let read = read_grids(job, model, units, &wanted)?;
    let figures: Vec<Array2<f64>> =
        read.iter().map(|g| recipe.posteriors(g).mapv(|p| p.mean)).collect();
    for grid in grids {
        let of = |period: &Period| wanted.iter().position(|p| p == period).map(|i| &figures[i]);
        if let [Some(one), Some(two), Some(three), Some(before)] =
            earlier(&grid.period).each_ref().map(of)
        {
            let three_years =
                Array2::from_shape_fn(one.dim(), |at| mean_of_known([one[at], two[at], three[at]]));
            grid.past =
                Some(Past { three_years, last_year: one.clone(), last_period: before.clone() });
        }
    }
    Ok(())
}

fn mean_of_known(figures: [f64; 3]) -> f64 {
    let known: Vec<f64> = figures.into_iter().filter(|x| !x.is_nan()).collect();
    known.iter().sum::<f64>() / known.len() as f64
}

/// The grids of periods, in their order.
fn read_grids(job: &Job, model: &Model, units: &Units, periods: &[Period]) -> Result<Vec<Grid>> {
    let exposures = Exposures::read(&job.workspace.exposures_file(), job.register)?;
    let mut all = Vec::with_capacity(periods.len());
    for some in periods.chunks(AT_ONCE) {
        let sums = window_sums(
            job.lake,
            job.register,
            &units.areas,
            some,
            &job.coverage.counted_days(some),
            &job.as_of,
            job.limits,
        )?;
        all.extend(grids(model, job.register, units, &exposures, &sums, some, job.coverage));
    }
    Ok(all)
}

/// Writes goalposts into the workspace's own model file and reads it again.
fn write_goalposts(workspace: &Workspace, relative: &str, frozen: &Frozen) -> Result<Model> {
    let (_, text) = workspace.text(relative)?;
    let file = workspace.root.join(relative);
    files::replace(&file, frozen.written_into(&text).as_bytes())?;
    read_model(workspace, relative)
}
