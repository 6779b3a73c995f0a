//! Periods scored one after the other and written: one file a period in `scores` and
//! `contributions`.

use std::collections::BTreeSet;

use chrono::Days;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use polars::prelude::*;

use super::contributions;
use super::explain::ScoredPeriod;
use super::grid::{Grid, ScoredAreas};
use super::inputs::Inputs;
use super::intervals::{Draws, Intervals, intervals};
use super::model::Model;
use super::score::{Measured, Recipe, Scores, score};
use super::score_tables::table_of;
use super::tabulate;
use crate::error::{from_flaw, from_frame};
use crate::frame::to_arrow;
use crate::job::Job;
use crate::panel::Period;
use crate::runs::Run;
use lake::Result;
use lake::{AsOf, DataFile, Derived, Table, TableName, Written};
use methods::index::veto::Caps;

/// Scores the periods that were read, and takes apart how each wanted one differs from the one
/// before it in time. While a period is written the next is being scored. Everything is committed
/// at the end, `scores` with these application transactions. Returns the rows of `scores`.
///
/// # Errors
/// [`lake::Error::Config`] where the model names a wrong method, [`lake::Error::Delta`],
/// [`lake::Error::Frame`].
pub fn write_scores(
    job: &Job,
    model: &Model,
    mut inputs: Inputs,
    wanted: &[Period],
    run: &Run,
    transactions: &[(String, i64)],
) -> Result<u64> {
    let recipe = &Recipe::new(model).map_err(from_flaw)?;
    let draws = Draws::new(recipe, job.seed).map_err(from_flaw)?;
    inputs.add_pasts(recipe);
    let (inputs, units) = (&inputs, &inputs.units);
    let mut writer = Writer {
        job,
        run,
        recipe,
        units,
        scores: Output::open(job, table_of(Derived::Scores, &model.file))?,
        contributions: Output::open(job, table_of(Derived::Contributions, &model.file))?,
    };
    let (mut before, mut last): (Option<PeriodResult>, Option<PeriodResult>) = (None, None);
    for grid in inputs.grids.iter().map(Some).chain([None]) {
        let score_next = || {
            let grid = grid?;
            let draws = wanted.contains(&grid.period).then_some(&draws);
            let caps = inputs.caps(job, model, &grid.period);
            Some(PeriodResult::new(recipe, units, grid, caps, draws))
        };
        let (next, written) =
            rayon::join(score_next, || writer.write(before.as_ref(), last.as_ref()));
        written?;
        before = std::mem::replace(&mut last, next);
    }
    writer.contributions.commit(wanted, &[])?;
    writer.scores.commit(wanted, transactions)
}

/// One scored period; without intervals where another is only compared with it.
struct PeriodResult<'a> {
    grid: &'a Grid,
    scores: Scores,
    measured: Measured,
    caps: Caps,
    intervals: Option<Intervals>,
}

impl<'a> PeriodResult<'a> {
    fn new(
        recipe: &Recipe,
        units: &ScoredAreas,
        grid: &'a Grid,
        caps: Caps,
        draws: Option<&Draws>,
    ) -> PeriodResult<'a> {
        let measured = recipe.measure(grid, units);
        let intervals =
            draws.map(|draws| intervals(recipe, &grid.period.name, &measured, units, &caps, draws));
        let scores = score(recipe, &measured, &caps);
        PeriodResult { grid, scores, measured, caps, intervals }
    }

    fn scored(&self) -> ScoredPeriod<'_> {
        ScoredPeriod {
            grid: self.grid,
            scores: &self.scores,
            caps: &self.caps,
            scales: &self.measured.scales,
        }
    }

    fn follows(&self, other: &PeriodResult) -> bool {
        other.grid.period.end + Days::new(1) == self.grid.period.start
    }
}

/// Writes the rows of scored periods.
struct Writer<'a> {
    job: &'a Job<'a>,
    run: &'a Run,
    recipe: &'a Recipe<'a>,
    units: &'a ScoredAreas<'a>,
    scores: Output,
    contributions: Output,
}

impl Writer<'_> {
    /// Writes the rows of a period, and of its difference from the one scored before where it
    /// follows that in time.
    fn write(
        &mut self,
        before: Option<&PeriodResult>,
        period: Option<&PeriodResult>,
    ) -> Result<()> {
        let (recipe, units) = (self.recipe, self.units);
        let Some((period, intervals)) = period.and_then(|p| Some((p, p.intervals.as_ref()?)))
        else {
            return Ok(());
        };
        let rows = tabulate::Period {
            recipe,
            units,
            grid: period.grid,
            scores: &period.scores,
            intervals,
            caps: &period.caps,
        };
        self.scores.write(self.job, &tabulate::rows(&rows)?, self.run)?;
        if let Some(before) = before.filter(|before| period.follows(before)) {
            self.contributions.write(
                self.job,
                &contributions::rows(recipe, units, &before.scored(), &period.scored())?,
                self.run,
            )?;
        }
        Ok(())
    }
}

/// A derived table whose files of some periods are being replaced.
struct Output {
    table: Table,
    written: Written,
}

impl Output {
    fn open(job: &Job, name: TableName) -> Result<Output> {
        Ok(Output { table: job.lake.derived(name)?, written: Written::default() })
    }

    /// Writes one period's rows to a file of their own.
    fn write(&mut self, job: &Job, rows: &DataFrame, run: &Run) -> Result<()> {
        let mut appender = self.table.appender()?;
        appender.write(&stamped(rows, &job.as_of, run, &self.table.schema())?)?;
        self.written = std::mem::take(&mut self.written).join(appender.finish()?);
        Ok(())
    }

    /// Puts the new files in the place of all that the table held of these periods; says how many
    /// rows they have.
    fn commit(mut self, periods: &[Period], transactions: &[(String, i64)]) -> Result<u64> {
        let names: BTreeSet<&str> = periods.iter().map(|p| p.name.as_str()).collect();
        let of_these = |f: &DataFile| {
            f.bounds("period")
                .is_some_and(|(low, _)| low.as_str().is_some_and(|p| names.contains(p)))
        };
        let replaced: Vec<DataFile> = self.table.files()?.into_iter().filter(of_these).collect();
        let rows = self.written.rows;
        self.table.commit(self.written, &replaced, transactions)?;
        Ok(rows)
    }
}

fn stamped(rows: &DataFrame, as_of: &AsOf, run: &Run, schema: &SchemaRef) -> Result<RecordBatch> {
    let height = rows.height();
    let mut with_run = rows.clone();
    with_run
        .with_column(Column::new("run_id".into(), vec![run.id.as_str(); height]))
        .and_then(|f| {
            let as_of = vec![as_of.instant.timestamp_micros(); height];
            f.with_column(Column::new("as_of".into(), as_of))
        })
        .map_err(from_frame)?;
    to_arrow(&with_run, schema)
}
