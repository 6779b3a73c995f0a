//! What is computed from the panel as it stands and not written: explanations, audits, sensitivity.

use super::audit::{Element, audit};
use super::explain::{Explanation, ScoredPeriod, Side, explain};
use super::grid::{Grid, Units};
use super::inputs::Inputs;
use super::intervals::{Draws, intervals};
use super::model::Model;
use super::score::{Recipe, score};
use super::sensitivity::{Sensitivity, sensitivity};
use crate::error::from_flaw;
use crate::job::Job;
use crate::panel::Period;
use lake::{Error, Result};
use methods::Flaw;
use methods::index::veto::Caps;

/// What is to be explained: a score against that of another period, or another area's.
#[derive(Clone, Debug)]
pub struct Question {
    /// Codes of areas among the units.
    pub area: String,
    pub against_area: String,
    pub period: Period,
    pub against: Period,
}

/// Explains the difference of the index.
///
/// # Errors
/// As [`super::run`]; [`Error::Usage`] where an area is not scored.
pub fn explain_difference(job: &Job, model: &Model, question: &Question) -> Result<Explanation> {
    let periods = [question.against.clone(), question.period.clone()];
    with_grids(job, model, &periods, |recipe, units, grids| {
        let [(_, against_caps), (grid, caps)] = grids else {
            return Err(from_flaw(Flaw::new("two periods are compared", "give two")));
        };
        let measured: Vec<_> = grids.iter().map(|(g, _)| recipe.measure(g, units)).collect();
        let scores = [score(recipe, &measured[0], against_caps), score(recipe, &measured[1], caps)];
        let draws = Draws::new(recipe, job.seed).map_err(from_flaw)?;
        let intervals = intervals(recipe, &grid.period.name, &measured[1], units, caps, &draws);
        let sides = [0, 1].map(|i| ScoredPeriod {
            grid: &grids[i].0,
            scores: &scores[i],
            caps: &grids[i].1,
            scales: &measured[i].scales,
        });
        let before = Side { scored: &sides[0], area: position(units, &question.against_area)? };
        let after = Side { scored: &sides[1], area: position(units, &question.area)? };
        explain(recipe, units, before, after, &intervals).map_err(from_flaw)
    })
}

/// Audits a model on periods ([`super::audit`]).
///
/// # Errors
/// As [`super::run`]; [`Error::Usage`] where no area has an index.
pub fn audit_periods(job: &Job, model: &Model, periods: &[Period]) -> Result<Vec<Element>> {
    with_grids(job, model, periods, |recipe, units, grids| {
        let scores: Vec<_> = grids
            .iter()
            .map(|(grid, caps)| score(recipe, &recipe.measure(grid, units), caps))
            .collect();
        audit(recipe, units, &scores).map_err(from_flaw)
    })
}

/// Scores a period under other choices than the model's ([`super::sensitivity`]), drawn for `rows`
/// rows of a sample.
///
/// # Errors
/// As [`audit_periods`], and for fewer than two rows.
pub fn vary_choices(job: &Job, model: &Model, period: &Period, rows: usize) -> Result<Sensitivity> {
    with_grids(job, model, std::slice::from_ref(period), |recipe, units, grids| match grids {
        [(grid, caps), ..] => {
            sensitivity(recipe, units, grid, caps, rows, job.seed).map_err(from_flaw)
        }
        [] => Err(from_flaw(Flaw::new("there is no period to score", "give one"))),
    })
}

/// Reads periods and calls a function with their grids and the caps of their vetoes.
pub(super) fn with_grids<T>(
    job: &Job,
    model: &Model,
    periods: &[Period],
    call: impl FnOnce(&Recipe, &Units, &[(Grid, Caps)]) -> Result<T>,
) -> Result<T> {
    let mut inputs = Inputs::read(job, model, periods)?;
    let model = inputs.complete(job, model).model;
    let recipe = Recipe::new(&model).map_err(from_flaw)?;
    inputs.add_pasts(&recipe);
    let grids = std::mem::take(&mut inputs.grids);
    let with_caps = |grid: Grid| {
        let caps = inputs.caps(job, &model, &grid.period);
        (grid, caps)
    };
    let grids: Vec<(Grid, Caps)> = grids.into_iter().map(with_caps).collect();
    call(&recipe, &inputs.units, &grids)
}

fn position(units: &Units, code: &str) -> Result<usize> {
    units.areas.iter().position(|a| a.code == code).ok_or_else(|| {
        Error::usage(
            format!("{code} is not scored"),
            "take an area of the level the model scores, or the county",
        )
    })
}
