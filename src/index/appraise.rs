//! The edge of what judges a model by what it scores: reads the periods, writes nothing.

use super::audit::{Element, audit};
use super::grid::{Grid, Units};
use super::model::Model;
use super::prepare::{NewGoalposts, Prepared, prepare};
use super::score::{Recipe, score};
use super::sensitivity::{Sensitivity, sensitivity};
use super::veto_events::VetoEvents;
use crate::error::from_flaw;
use crate::job::Job;
use crate::panel::Period;
use lake::Result;
use methods::Flaw;
use methods::index::veto::Caps;

/// Audits a model on the periods asked for ([`super::audit`]).
///
/// # Errors
/// As [`super::run`]; [`lake::Error::Usage`] where no area has an index.
pub fn audit_periods(job: &Job, model: Model, periods: &[Period]) -> Result<Vec<Element>> {
    with_grids(job, model, periods, |recipe, units, grids| {
        let scores: Vec<_> = grids
            .iter()
            .map(|(grid, caps)| score(recipe, &recipe.measure(grid, units), caps))
            .collect();
        audit(recipe, units, &scores)
    })
}

/// Scores a period under other choices than the model's ([`super::sensitivity`]), drawn for `rows`
/// rows of a sample.
///
/// # Errors
/// As [`audit_periods`], and for fewer than two rows.
pub fn vary_choices(job: &Job, model: Model, period: &Period, rows: usize) -> Result<Sensitivity> {
    with_grids(job, model, std::slice::from_ref(period), |recipe, units, grids| match grids {
        [(grid, caps), ..] => sensitivity(recipe, units, grid, caps, rows, job.seed),
        [] => Err(Flaw::new("there is no period to score", "give one")),
    })
}

/// Calls a function with the grids of periods and the caps of their vetoes.
fn with_grids<T>(
    job: &Job,
    model: Model,
    periods: &[Period],
    call: impl FnOnce(&Recipe, &Units, &[(Grid, Caps)]) -> std::result::Result<T, Flaw>,
) -> Result<T> {
    let prepared = prepare(job, model, periods, NewGoalposts::Discard)?;
    let Prepared { model, units, grids, .. } = prepared;
    let recipe = Recipe::new(&model).map_err(from_flaw)?;
    let vetoes = VetoEvents::find(&model, job.lake, periods, &job.as_of, job.limits)?;
    let with_caps = |grid: Grid| {
        let caps = vetoes.caps(&model, job.register, &units, &grid.period);
        (grid, caps)
    };
    let grids: Vec<(Grid, Caps)> = grids.into_iter().map(with_caps).collect();
    call(&recipe, &units, &grids).map_err(from_flaw)
}
