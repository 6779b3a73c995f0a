//! Scores of one month from what was known at its end, for backtests: nothing is written.

use ndarray::{Array2, s};

use super::inputs::Inputs;
use super::model::Model;
use super::score::{Recipe, score};
use crate::error::from_flaw;
use crate::job::Job;
use crate::panel::Period;
use lake::Result;

/// Where goalposts and priors come from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Goalposts {
    /// Estimated at the origin from what was known then.
    Anew,
    /// The model's frozen ones, estimated on months that an early origin had not seen.
    Held,
}

/// Scores as an origin knew them; NaN: no score.
pub struct OriginScores {
    /// Codes of the areas that are ranked, the rows of both matrices.
    pub areas: Vec<String>,
    /// Areas × domains.
    pub domains: Array2<f64>,
    /// Areas × indicators.
    pub indicators: Array2<f64>,
}

/// Scores a month as of the job's time.
///
/// # Errors
/// [`lake::Error::Config`] where register or model are wrong, [`lake::Error::Delta`],
/// [`lake::Error::Query`].
pub fn at_origin(
    job: &Job,
    model: &Model,
    month: &Period,
    goalposts: Goalposts,
) -> Result<OriginScores> {
    let anew = Model { frozen: None, ..model.clone() };
    let model = if goalposts == Goalposts::Anew { &anew } else { model };
    let periods = [month.before(), month.clone()];
    let mut inputs = match goalposts {
        Goalposts::Anew => Inputs::read_for(job, model, &periods, true)?,
        Goalposts::Held => Inputs::read(job, model, &periods)?,
    };
    let completed = inputs.complete(job, model).model;
    let recipe = Recipe::new(&completed).map_err(from_flaw)?;
    inputs.add_pasts(&recipe);
    let grid = &inputs.grids[1];
    let caps = inputs.caps(job, model, month);
    let scores = score(&recipe, &recipe.measure(grid, &inputs.units), &caps);
    let ranked: Vec<usize> = (0..inputs.units.areas.len())
        .filter(|area| inputs.units.ranked[*area] && inputs.units.lives(*area, month))
        .collect();
    let rows = |all: ndarray::ArrayView2<f64>| all.select(ndarray::Axis(0), &ranked);
    let domains = scores.node.ncols() - 1;
    Ok(OriginScores {
        areas: ranked.iter().map(|area| inputs.units.areas[*area].code.clone()).collect(),
        domains: rows(scores.node.slice(s![.., ..domains])),
        indicators: rows(scores.leaf.view()),
    })
}
