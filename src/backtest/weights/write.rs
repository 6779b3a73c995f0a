//! Results as CSV, for notebooks.

use std::path::{Path, PathBuf};

use lake::Result;
use methods::backtest::{Origin, Prediction};
use methods::verification::Interval;

use super::elements::Element;
use super::judged::{Judged, Outcome};
use crate::backtest::files::{Row, number, put};

/// Where the results lie.
pub struct Files {
    pub summary: PathBuf,
    pub figures: PathBuf,
    pub predictions: PathBuf,
    pub weights: PathBuf,
}

/// Writes them into a folder: one row a candidate, a candidate and origin, a candidate, origin and
/// area, and a candidate, origin and element.
///
/// # Errors
/// [`lake::Error::Io`].
pub fn write(
    folder: &Path,
    elements: &[Element],
    areas: &[String],
    origins: &[Origin],
    outcome: &Outcome,
) -> Result<Files> {
    let put = |name: &str, header: &str, rows: Vec<Row>| put(folder, name, header, rows);
    Ok(Files {
        summary: put(
            "summary.csv",
            "candidate origins rank_correlation hit_rate auc stability difference lower upper p \
             p_adjusted verdict",
            outcome.judged.iter().map(|judged| summary(judged, outcome.common)).collect(),
        )?,
        figures: put(
            "figures.csv",
            "candidate origin rank_correlation hit_rate auc",
            outcome.judged.iter().flat_map(|judged| figures(judged, origins)).collect(),
        )?,
        predictions: put(
            "predictions.csv",
            "candidate origin area_code prediction",
            outcome.judged.iter().flat_map(|judged| predictions(judged, origins, areas)).collect(),
        )?,
        weights: put(
            "weights.csv",
            "candidate origin element weight",
            outcome.judged.iter().flat_map(|judged| weights(judged, origins, elements)).collect(),
        )?,
    })
}

fn summary(judged: &Judged, common: usize) -> Row {
    let against = &judged.against_equal;
    let of = |read: fn(&Interval) -> f64| against.difference.as_ref().map_or(f64::NAN, read);
    let mut row = vec![judged.name.clone(), common.to_string()];
    row.extend(judged.means().map(number));
    row.extend([judged.stability, of(|d| d.mean), of(|d| d.lower), of(|d| d.upper)].map(number));
    row.extend([against.p, judged.p_adjusted].map(number));
    row.push(judged.verdict().to_owned());
    row
}

fn figures(judged: &Judged, origins: &[Origin]) -> Vec<Row> {
    let row = |(origin, figures): (&Origin, &methods::backtest::Figures)| {
        let cells = [figures.rank_correlation, figures.hit_rate, figures.auc].map(number);
        [&[judged.name.clone(), origin.name.clone()], &cells[..]].concat()
    };
    origins.iter().zip(&judged.figures).map(row).collect()
}

/// Origins at which a candidate said something, and what.
fn said<'a>(
    judged: &'a Judged,
    origins: &'a [Origin],
) -> impl Iterator<Item = (&'a Origin, &'a Prediction)> {
    let said = origins.iter().zip(&judged.predictions);
    said.filter_map(|(origin, prediction)| Some((origin, prediction.as_ref()?)))
}

fn predictions(judged: &Judged, origins: &[Origin], areas: &[String]) -> Vec<Row> {
    let of = |(origin, said): (&Origin, &Prediction)| -> Vec<Row> {
        let row = |(area, value): (&String, &f64)| {
            vec![judged.name.clone(), origin.name.clone(), area.clone(), number(*value)]
        };
        areas.iter().zip(&said.values).map(row).collect()
    };
    said(judged, origins).flat_map(of).collect()
}

fn weights(judged: &Judged, origins: &[Origin], elements: &[Element]) -> Vec<Row> {
    let of = |(origin, said): (&Origin, &Prediction)| -> Vec<Row> {
        let row = |(element, weight): (&Element, &f64)| {
            vec![judged.name.clone(), origin.name.clone(), element.name.clone(), number(*weight)]
        };
        elements.iter().zip(said.weights.iter().flatten()).map(row).collect()
    };
    said(judged, origins).flat_map(of).collect()
}
