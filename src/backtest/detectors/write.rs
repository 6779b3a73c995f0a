//! Results of a backtest of detectors as tables.

use std::path::Path;

use lake::Result;

use super::episodes::Alarm;
use super::incidents::Incident;
use super::judged::{Judged, Nights, Outcome, Point, Replayed};
use crate::backtest::files::{Cell, Row, put};
use crate::backtest::page::lines;
use crate::detect::Kind;
use render::report::Chart;

/// Columns of the summary.
pub const SUMMARY: &str = "settings kind incidents found recall findings explained findings_of_whole \
    explained_of_whole precision false_a_township_year days before_end";

/// Writes them into a folder: one row a file of settings and kind, a file of settings and false
/// discovery rate, and a finding of a night.
///
/// # Errors
/// [`lake::Error::Io`].
pub fn write(
    folder: &Path,
    nights: &Nights,
    incidents: &[Incident],
    all: &[Replayed],
    outcome: &Outcome,
) -> Result<()> {
    put(folder, "summary", SUMMARY, summaries(outcome))?;
    put(
        folder,
        "curve",
        "settings q recall precision false_a_township_year",
        outcome.curve.iter().map(point),
    )?;
    let alarms = all.iter().flat_map(|replayed| {
        replayed.alarms.iter().map(move |alarm| row_of(alarm, replayed, nights, incidents))
    });
    put(
        folder,
        "alarms",
        "settings night kind domain category area_code period_start period_end q within_rate \
         explained_by",
        alarms,
    )
}

/// Rows of the summary.
pub fn summaries(outcome: &Outcome) -> Vec<Row> {
    outcome.judged.iter().map(summary).collect()
}

/// Pictures of the result: the operating curve of each file of settings.
pub fn charts(all: &[Replayed], outcome: &Outcome) -> Vec<Chart> {
    let chart = |(at, replayed): (usize, &Replayed)| {
        let of = |read: fn(&Point) -> f64| -> Vec<f64> {
            outcome.curve.iter().filter(|p| p.settings == replayed.name).map(read).collect()
        };
        let rates = of(|point| point.rate);
        lines(
            &format!("curve{at}"),
            &format!("{}：查全率与查准率随误报率上限", replayed.name),
            "比例",
            rates.iter().map(|rate| rate.to_string()).collect(),
            vec![
                ("查全率".to_owned(), of(|point| point.recall)),
                ("查准率".to_owned(), of(|point| point.precision)),
            ],
        )
    };
    all.iter().enumerate().map(chart).collect()
}

fn summary(judged: &Judged) -> Row {
    vec![
        (&judged.settings).into(),
        judged.kind.map_or("all", Kind::name).into(),
        judged.incidents.into(),
        judged.found.into(),
        judged.recall().into(),
        judged.episodes[0].into(),
        judged.explained[0].into(),
        judged.episodes[1].into(),
        judged.explained[1].into(),
        judged.precision().into(),
        judged.false_a_township_year.into(),
        judged.days.into(),
        judged.before_end.into(),
    ]
}

fn point(point: &Point) -> Row {
    let figures = [point.rate, point.recall, point.precision, point.false_a_township_year];
    std::iter::once((&point.settings).into()).chain(figures.map(Cell::from)).collect()
}

fn row_of(alarm: &Alarm, replayed: &Replayed, nights: &Nights, incidents: &[Incident]) -> Row {
    let by = incidents.iter().filter(|i| alarm.is_explained_by(i, &nights.whole));
    vec![
        (&replayed.name).into(),
        alarm.night.into(),
        alarm.kind.name().into(),
        (&alarm.domain).into(),
        (&alarm.category).into(),
        alarm.areas.iter().cloned().collect::<Vec<_>>().join("|").into(),
        alarm.period.0.into(),
        alarm.period.1.into(),
        alarm.q.into(),
        alarm.is_within(replayed.rate).into(),
        by.map(|i| i.id.as_str()).collect::<Vec<_>>().join("|").into(),
    ]
}
