//! Results of a backtest of forecasts as CSV.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use lake::Result;
use methods::verification::Interval;

use super::cases::{Case, MODELS};
use super::judged::{Judged, Outcome};
use crate::backtest::files::{Row, number, put};

/// Where the results lie.
pub struct Files {
    pub summary: PathBuf,
    pub calibration: PathBuf,
    pub forecasts: PathBuf,
}

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
) -> Result<Files> {
    Ok(Files {
        summary: put(
            folder,
            "summary.csv",
            "step model forecasts crps coverage skill difference lower upper p p_adjusted verdict",
            outcome.judged.iter().map(summary).collect(),
        )?,
        calibration: put(
            folder,
            "calibration.csv",
            "step model bin height",
            outcome.judged.iter().flat_map(calibration).collect(),
        )?,
        forecasts: put(
            folder,
            "forecasts.csv",
            "origin area_code domain step period_start period_end model mean lower upper observed \
             crps share_below share_up_to",
            days.iter().zip(origins).flat_map(|(day, cases)| forecasts(*day, cases)).collect(),
        )?,
    })
}

fn summary(judged: &Judged) -> Row {
    let against = &judged.house_against;
    let of = |read: fn(&Interval) -> f64| against.difference.as_ref().map_or(f64::NAN, read);
    let mut row = vec![judged.step.to_string(), judged.model.to_owned(), judged.cases.to_string()];
    row.extend([judged.crps, judged.coverage, judged.skill].map(number));
    let compared = judged.model != MODELS[0];
    let figures = [of(|d| d.mean), of(|d| d.lower), of(|d| d.upper), against.p, judged.p_adjusted];
    row.extend(figures.map(|value| if compared { number(value) } else { String::new() }));
    row.push(judged.verdict().to_owned());
    row
}

fn calibration(judged: &Judged) -> Vec<Row> {
    let row = |(bin, height): (usize, &f64)| {
        let [step, bin] = [judged.step, bin + 1].map(|n| n.to_string());
        vec![step, judged.model.to_owned(), bin, number(*height)]
    };
    judged.pit.iter().enumerate().map(row).collect()
}

fn forecasts(origin: NaiveDate, cases: &[Case]) -> Vec<Row> {
    let of_model = |case: &Case, model: usize| {
        let (foretold, by) = (&case.foretold, &case.foretold.by[model]);
        let mut row = vec![
            origin.to_string(),
            foretold.series.area.clone(),
            foretold.series.domain.clone(),
            foretold.step.to_string(),
            foretold.stretch.0.to_string(),
            foretold.stretch.1.to_string(),
            MODELS[model].to_owned(),
        ];
        let (below, up_to) = case.shares[model];
        let judged = [case.observed, case.crps[model], below, up_to];
        row.extend([by.mean, by.lower, by.upper].into_iter().chain(judged).map(number));
        row
    };
    let of_case = |case| (0..MODELS.len()).map(move |model| of_model(case, model));
    cases.iter().flat_map(of_case).collect()
}
