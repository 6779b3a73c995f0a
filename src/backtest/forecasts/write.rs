//! Results of a backtest of forecasts as tables.

use std::path::Path;

use chrono::NaiveDate;
use lake::Result;
use methods::stats::descriptive::mean;
use methods::verification::Interval;
use ndarray::Array1;
use render::report::Chart;

use super::cases::{Case, MODELS};
use super::judged::{Judged, Outcome};
use crate::backtest::files::{Cell, Row, put};
use crate::backtest::page::{bars, lines};

/// Columns of the summary.
pub const SUMMARY: &str = "step model forecasts crps coverage skill difference lower upper p p_adjusted \
    verdict";

/// Writes them into a folder: one row a step and model, a step, model and bin, and an origin,
/// series, step and model.
///
/// # Errors
/// [`lake::Error::Io`].
pub fn write(
    folder: &Path,
    days: &[NaiveDate],
    origins: &[Vec<Case>],
    outcome: &Outcome,
) -> Result<()> {
    put(folder, "summary", SUMMARY, summaries(outcome))?;
    put(
        folder,
        "calibration",
        "step model bin height",
        outcome.judged.iter().flat_map(calibration),
    )?;
    let of_origins = days.iter().zip(origins);
    put(
        folder,
        "forecasts",
        "origin area_code domain step period_start period_end model mean lower upper observed crps \
         share_below share_up_to",
        of_origins.flat_map(|(day, cases)| forecasts(*day, cases)),
    )
}

/// Rows of the summary.
pub fn summaries(outcome: &Outcome) -> Vec<Row> {
    outcome.judged.iter().map(summary).collect()
}

/// Pictures of the result: of the next stretch.
pub fn charts(days: &[NaiveDate], origins: &[Vec<Case>], outcome: &Outcome) -> Vec<Chart> {
    let next = outcome.judged.iter().find(|judged| judged.step == 1);
    let pit = next.map_or(&[][..], |judged| judged.pit.as_slice());
    let bin = |(at, height): (usize, &f64)| {
        (format!("{:.1}–{:.1}", at as f64 / 10.0, (at + 1) as f64 / 10.0), *height)
    };
    let of_model = |model: usize| {
        let mean_of = |cases: &Vec<Case>| {
            let of = cases.iter().filter(|case| case.forecast.step == 1 && case.is_known());
            mean(of.map(|case| case.crps[model]).collect::<Array1<f64>>().view())
        };
        (MODELS[model].to_owned(), origins.iter().map(mean_of).collect())
    };
    vec![
        lines(
            "crps",
            "逐期预测误差（后四周）",
            "CRPS",
            days.iter().map(|day| day.to_string()).collect(),
            (0..MODELS.len()).map(of_model).collect(),
        ),
        bars(
            "calibration",
            "概率积分变换直方图（后四周，本引擎；均为1即校准）",
            "高度",
            pit.iter().enumerate().map(bin).collect(),
        ),
    ]
}

fn summary(judged: &Judged) -> Row {
    let against = &judged.house_against;
    let of = |read: fn(&Interval) -> f64| against.difference.as_ref().map_or(f64::NAN, read);
    let mut row: Row = vec![judged.step.into(), judged.model.into(), judged.cases.into()];
    row.extend([judged.crps, judged.coverage, judged.skill].map(Cell::from));
    let compared = judged.model != MODELS[0];
    let figures = [of(|d| d.mean), of(|d| d.lower), of(|d| d.upper), against.p, judged.p_adjusted];
    row.extend(figures.map(|value| Cell::from(if compared { value } else { f64::NAN })));
    row.push(judged.verdict().into());
    row
}

fn calibration(judged: &Judged) -> Vec<Row> {
    let row = |(bin, height): (usize, &f64)| {
        vec![judged.step.into(), judged.model.into(), (bin + 1).into(), (*height).into()]
    };
    judged.pit.iter().enumerate().map(row).collect()
}

fn forecasts(origin: NaiveDate, cases: &[Case]) -> Vec<Row> {
    let of_model = |case: &Case, model: usize| {
        let (forecast, by) = (&case.forecast, &case.forecast.by[model]);
        let mut row: Row = vec![
            origin.into(),
            (&forecast.series.area).into(),
            (&forecast.series.domain).into(),
            forecast.step.into(),
            forecast.stretch.0.into(),
            forecast.stretch.1.into(),
            MODELS[model].into(),
        ];
        let (below, up_to) = case.shares[model];
        let judged = [case.observed, case.crps[model], below, up_to];
        row.extend([by.mean, by.lower, by.upper].into_iter().chain(judged).map(Cell::from));
        row
    };
    let of_case = |case| (0..MODELS.len()).map(move |model| of_model(case, model));
    cases.iter().flat_map(of_case).collect()
}
