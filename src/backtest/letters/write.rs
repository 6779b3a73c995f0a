//! Results of a backtest of letters as CSV.

use std::path::{Path, PathBuf};

use lake::Result;

use super::judged::{Judged, Outcome};
use super::sent::Sent;
use crate::backtest::detectors::{Incident, Nights};
use crate::backtest::files::{Row, number, put};

/// Where the results lie.
pub struct Files {
    pub summary: PathBuf,
    pub letters: PathBuf,
}

/// Writes them into a folder: one row a set of letters, and a letter.
///
/// # Errors
/// [`lake::Error::Io`].
pub fn write(
    folder: &Path,
    nights: &Nights,
    incidents: &[Incident],
    letters: &[Sent],
    outcome: &Outcome,
) -> Result<Files> {
    let letter = |(sent, kept): (&Sent, &bool)| letter(sent, *kept, nights, incidents);
    Ok(Files {
        summary: put(
            folder,
            "summary.csv",
            "letters first further a_township_month explained precision incidents found recall \
             days before_end",
            outcome.judged.iter().map(summary).collect(),
        )?,
        letters: put(
            folder,
            "letters.csv",
            "letter_id night area_code topic kind level excess further kept explained_by",
            letters.iter().zip(&outcome.kept).map(letter).collect(),
        )?,
    })
}

fn summary(judged: &Judged) -> Row {
    vec![
        judged.letters.to_owned(),
        judged.first.to_string(),
        judged.further.to_string(),
        number(judged.a_township_month),
        judged.explained.to_string(),
        number(judged.precision()),
        judged.incidents.to_string(),
        judged.found.to_string(),
        number(judged.recall()),
        number(judged.days),
        number(judged.before_end),
    ]
}

fn letter(sent: &Sent, kept: bool, nights: &Nights, incidents: &[Incident]) -> Row {
    let by = incidents.iter().filter(|incident| sent.is_about(incident, &nights.whole));
    vec![
        sent.id.clone(),
        sent.night.to_string(),
        sent.area.clone(),
        sent.topic.clone(),
        sent.kind.clone(),
        sent.level.name().to_owned(),
        number(sent.excess),
        sent.is_further.to_string(),
        kept.to_string(),
        by.map(|i| i.id.as_str()).collect::<Vec<_>>().join("|"),
    ]
}
