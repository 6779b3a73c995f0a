//! What the index reads: panel sums of the periods it scores, exposures, events of vetoes.

use super::freeze::{Completed, complete_goalposts, known_months};
use super::grid::{Grid, Past, ScoredAreas, exposure_columns, grids};
use super::model::Model;
use super::score::Recipe;
use super::scored_by::to_estimate;
use super::veto_events::VetoEvents;
use crate::error::from_flaw;
use crate::job::Job;
use crate::panel::{Period, window_sums};
use lake::Result;
use lake::areas::Exposures;
use methods::index::veto::Caps;
use ndarray::Array2;

/// Periods whose window sums are held at once: as many as a night of late corrections takes up
/// again, so that it reads the panel once.
const AT_ONCE: usize = 16;

/// What is read before periods are scored.
pub struct Inputs<'a> {
    pub units: ScoredAreas<'a>,
    /// Column of the register that each indicator is held against.
    columns: Vec<Option<String>>,
    /// Whether goalposts are to be estimated.
    estimate: bool,
    /// One a period, in the order of the periods.
    pub grids: Vec<Grid>,
    /// Grids of the other known months, where goalposts are to be estimated.
    other_months: Vec<Grid>,
    /// Grids of earlier periods, where the model compares with them.
    earlier: Vec<Grid>,
    vetoes: VetoEvents<'a>,
}

impl<'a> Inputs<'a> {
    /// Reads what a model needs to score periods, and to estimate the goalposts that it lacks.
    ///
    /// # Errors
    /// [`lake::Error::Config`] where the register or the model is wrong, [`lake::Error::Delta`],
    /// [`lake::Error::Query`].
    pub fn read(job: &Job<'a>, model: &'a Model, periods: &[Period]) -> Result<Inputs<'a>> {
        Inputs::read_for(job, model, periods, to_estimate(job, model)?)
    }

    /// As [`Inputs::read`]; goalposts are estimated only where it is said.
    ///
    /// # Errors
    /// As [`Inputs::read`].
    pub fn read_for(
        job: &Job<'a>,
        model: &'a Model,
        periods: &[Period],
        estimate: bool,
    ) -> Result<Inputs<'a>> {
        let units = ScoredAreas::new(model, job.register);
        let exposures = Exposures::read(&job.workspace.exposures_file(), job.register)?;
        let mut all = periods.to_vec();
        if estimate {
            let months = known_months(job.coverage, job.as_of.day);
            all.extend(months.into_iter().filter(|m| !periods.contains(m)));
        }
        let mut grids = read_grids(job, model, &units, &exposures, &all)?;
        let other_months = grids.split_off(periods.len());
        let recipe = Recipe::new(model).map_err(from_flaw)?;
        let with_past = recipe.normalisations.iter().any(|n| n.past().is_some());
        let earlier = if with_past { earlier_periods(periods) } else { Vec::new() };
        let earlier = read_grids(job, model, &units, &exposures, &earlier)?;
        let vetoes = VetoEvents::find(model, job.lake, periods, &job.as_of, job.limits)?;
        let columns = exposure_columns(model, &units, &exposures);
        let columns = columns.into_iter().map(|c| c.map(str::to_owned)).collect();
        Ok(Inputs { units, columns, estimate, grids, other_months, earlier, vetoes })
    }

    /// The model with the goalposts that it lacked, estimated on all known months.
    pub fn complete(&self, job: &Job, model: &Model) -> Completed {
        if !self.estimate {
            return Completed::unchanged(model);
        }
        let grids: Vec<&Grid> = self.grids.iter().chain(&self.other_months).collect();
        complete_goalposts(model, &self.units, &self.columns, &grids, job.coverage, job.as_of.day)
    }

    /// The caps of a period's vetoes.
    pub fn caps(&self, job: &Job, model: &Model, period: &Period) -> Caps {
        self.vetoes.caps(model, job.register, &self.units, period)
    }

    /// Gives the grids the figures of earlier periods, where the model compares with them.
    pub fn add_pasts(&mut self, recipe: &Recipe) {
        let figures: Vec<Array2<f64>> =
            self.earlier.iter().map(|g| recipe.posteriors(g).mapv(|p| p.mean)).collect();
        let earlier = &self.earlier;
        for grid in &mut self.grids {
            let figure = |period: &Period| {
                earlier.iter().position(|g| g.period == *period).map(|at| &figures[at])
            };
            if let [Some(one), Some(two), Some(three), Some(before)] =
                compared_with(&grid.period).each_ref().map(figure)
            {
                let mean = |at| mean_of_known([one[at], two[at], three[at]]);
                let three_years = Array2::from_shape_fn(one.dim(), mean);
                let (last_year, last_period) = (one.clone(), before.clone());
                grid.past = Some(Past { three_years, last_year, last_period });
            }
        }
    }
}

/// Reads periods and calls a function with their grids and the caps of their vetoes.
pub fn with_grids<T>(
    job: &Job,
    model: &Model,
    periods: &[Period],
    call: impl FnOnce(&Recipe, &ScoredAreas, &[(Grid, Caps)]) -> Result<T>,
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

/// The same period one, two and three years before, and the period before.
fn compared_with(period: &Period) -> [Period; 4] {
    [period.years_before(1), period.years_before(2), period.years_before(3), period.before()]
}

/// All periods that some are compared with, each once, in order of time.
fn earlier_periods(periods: &[Period]) -> Vec<Period> {
    let mut earlier: Vec<Period> = periods.iter().flat_map(compared_with).collect();
    earlier.sort_by(|a, b| (a.start, &a.name, a.end).cmp(&(b.start, &b.name, b.end)));
    earlier.dedup();
    earlier
}

fn mean_of_known(figures: [f64; 3]) -> f64 {
    let known: Vec<f64> = figures.into_iter().filter(|x| !x.is_nan()).collect();
    known.iter().sum::<f64>() / known.len() as f64
}

/// The grids of periods, in their order.
fn read_grids(
    job: &Job,
    model: &Model,
    units: &ScoredAreas,
    exposures: &Exposures,
    periods: &[Period],
) -> Result<Vec<Grid>> {
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
        all.extend(grids(model, units, exposures, &sums, some, job.coverage));
    }
    Ok(all)
}
