//! Results of a backtest of detectors as CSV.

use std::path::{Path, PathBuf};

use lake::Result;

use super::incidents::Incident;
use super::judged::{Judged, Nights, Outcome, Point, Replayed};
use crate::backtest::files::{Row, number, put};
use crate::detect::Kind;

/// Where the results lie.
pub struct Files {
    pub summary: PathBuf,
    pub curve: PathBuf,
    pub told: PathBuf,
}

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
) -> Result<Files> {
    Ok(Files {
        summary: put(
            folder,
            "summary.csv",
            "settings kind incidents found recall findings explained findings_of_whole \
             explained_of_whole precision false_a_township_year days before_end",
            outcome.judged.iter().map(summary).collect(),
        )?,
        curve: put(
            folder,
            "curve.csv",
            "settings q recall precision false_a_township_year",
            outcome.curve.iter().map(point).collect(),
        )?,
        told: put(
            folder,
            "told.csv",
            "settings night kind domain category area_code period_start period_end q within_rate \
             explained_by",
            all.iter().flat_map(|replayed| told(replayed, nights, incidents)).collect(),
        )?,
    })
}

fn summary(judged: &Judged) -> Row {
    let mut row = vec![judged.settings.clone(), judged.kind.map_or("all", Kind::name).to_owned()];
    row.extend([judged.incidents, judged.found].map(|n| n.to_string()));
    row.push(number(judged.recall()));
    let counts = [judged.episodes[0], judged.explained[0], judged.episodes[1], judged.explained[1]];
    row.extend(counts.map(|n| n.to_string()));
    let figures =
        [judged.precision(), judged.false_a_township_year, judged.days, judged.before_end];
    row.extend(figures.map(number));
    row
}

fn point(point: &Point) -> Row {
    let figures = [point.rate, point.recall, point.precision, point.false_a_township_year];
    std::iter::once(point.settings.clone()).chain(figures.map(number)).collect()
}

fn told(replayed: &Replayed, nights: &Nights, incidents: &[Incident]) -> Vec<Row> {
    let row = |told: &super::Told| {
        let by = incidents.iter().filter(|i| told.is_explained_by(i, &nights.whole));
        vec![
            replayed.name.clone(),
            told.night.to_string(),
            told.kind.name().to_owned(),
            told.domain.clone(),
            told.category.clone(),
            told.areas.iter().cloned().collect::<Vec<_>>().join("|"),
            told.period.0.to_string(),
            told.period.1.to_string(),
            number(told.q),
            told.is_within(replayed.rate).to_string(),
            by.map(|i| i.id.as_str()).collect::<Vec<_>>().join("|"),
        ]
    };
    replayed.told.iter().map(row).collect()
}
