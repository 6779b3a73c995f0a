//! Results of a backtest of weights as tables.

use std::path::Path;

use lake::Result;
use methods::backtest::{Origin, Prediction};
use methods::verification::Interval;

use super::elements::Element;
use super::judged::{EQUAL, Judged, LEARNED, Outcome};
use crate::backtest::files::{Cell, Row, put};
use crate::backtest::page::{bars, lines};
use render::report::Chart;

/// Columns of the summary.
pub const SUMMARY: &str = "candidate origins rank_correlation hit_rate auc stability difference lower upper \
    p p_adjusted verdict";

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
) -> Result<()> {
    put(folder, "summary", SUMMARY, summaries(outcome))?;
    put(
        folder,
        "figures",
        "candidate origin rank_correlation hit_rate auc",
        outcome.judged.iter().flat_map(|judged| figures(judged, origins)),
    )?;
    put(
        folder,
        "predictions",
        "candidate origin area_code prediction",
        outcome.judged.iter().flat_map(|judged| predictions(judged, origins, areas)),
    )?;
    put(
        folder,
        "weights",
        "candidate origin element weight",
        outcome.judged.iter().flat_map(|judged| weights(judged, origins, elements)),
    )
}

/// Rows of the summary.
pub fn summaries(outcome: &Outcome) -> Vec<Row> {
    outcome.judged.iter().map(|judged| summary(judged, outcome.common)).collect()
}

/// Pictures of the result.
pub fn charts(origins: &[Origin], outcome: &Outcome) -> Vec<Chart> {
    const SHOWN: [&str; 3] = [EQUAL, LEARNED, "persistence"];
    let mean = |judged: &Judged| (judged.name.clone(), judged.means()[0]);
    let of_origins = |judged: &Judged| {
        let figures = judged.figures.iter().map(|figures| figures.rank_correlation);
        (judged.name.clone(), figures.collect())
    };
    let shown = outcome.judged.iter().filter(|judged| SHOWN.contains(&judged.name.as_str()));
    vec![
        bars(
            "rank_correlation",
            "各权重的平均秩相关",
            "秩相关",
            outcome.judged.iter().map(mean).collect(),
        ),
        lines(
            "origins",
            "逐月秩相关",
            "秩相关",
            origins.iter().map(|origin| origin.name.clone()).collect(),
            shown.map(of_origins).collect(),
        ),
    ]
}

fn summary(judged: &Judged, common: usize) -> Row {
    let against = &judged.against_equal;
    let of = |read: fn(&Interval) -> f64| against.difference.as_ref().map_or(f64::NAN, read);
    let mut row: Row = vec![(&judged.name).into(), common.into()];
    row.extend(judged.means().map(Cell::from));
    row.extend(
        [judged.stability, of(|d| d.mean), of(|d| d.lower), of(|d| d.upper)].map(Cell::from),
    );
    row.extend([against.p, judged.p_adjusted].map(Cell::from));
    row.push(judged.verdict().into());
    row
}

fn figures(judged: &Judged, origins: &[Origin]) -> Vec<Row> {
    let row = |(origin, figures): (&Origin, &methods::backtest::Figures)| {
        let mut row: Row = vec![(&judged.name).into(), (&origin.name).into()];
        row.extend([figures.rank_correlation, figures.hit_rate, figures.auc].map(Cell::from));
        row
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
            vec![(&judged.name).into(), (&origin.name).into(), area.into(), (*value).into()]
        };
        areas.iter().zip(&said.values).map(row).collect()
    };
    said(judged, origins).flat_map(of).collect()
}

fn weights(judged: &Judged, origins: &[Origin], elements: &[Element]) -> Vec<Row> {
    let of = |(origin, said): (&Origin, &Prediction)| -> Vec<Row> {
        let row = |(element, weight): (&Element, &f64)| {
            vec![
                (&judged.name).into(),
                (&origin.name).into(),
                (&element.name).into(),
                (*weight).into(),
            ]
        };
        elements.iter().zip(said.weights.iter().flatten()).map(row).collect()
    };
    said(judged, origins).flat_map(of).collect()
}
