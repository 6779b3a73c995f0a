//! Results of a backtest of letters as tables.

use std::path::Path;

use chrono::NaiveDate;
use lake::Result;

use super::drafted::DraftedLetter;
use super::judged::{Judged, Outcome};
use crate::backtest::detectors::{Incident, Nights};
use crate::backtest::files::{Row, put};
use crate::backtest::page::lines;
use render::report::Chart;

/// Columns of the summary.
pub const SUMMARY: &str = "letters first further a_township_month explained precision incidents found \
    recall days before_end";

/// Writes them into a folder: one row a set of letters, and a letter.
///
/// # Errors
/// [`lake::Error::Io`].
pub fn write(
    folder: &Path,
    nights: &Nights,
    incidents: &[Incident],
    letters: &[DraftedLetter],
    outcome: &Outcome,
) -> Result<()> {
    put(folder, "summary", SUMMARY, summaries(outcome))?;
    let letters = letters.iter().zip(&outcome.kept);
    put(
        folder,
        "letters",
        "letter_id night area_code topic kind level excess further kept explained_by",
        letters.map(|(letter, kept)| row_of(letter, *kept, nights, incidents)),
    )
}

/// Rows of the summary.
pub fn summaries(outcome: &Outcome) -> Vec<Row> {
    outcome.judged.iter().map(summary).collect()
}

/// Pictures of the result: letters of each month.
pub fn charts(nights: &Nights, letters: &[DraftedLetter], outcome: &Outcome) -> Vec<Chart> {
    let month = |night: &NaiveDate| night.format("%Y-%m").to_string();
    let mut months: Vec<String> = nights.days.iter().map(month).collect();
    months.dedup();
    let count = |is_kept: bool| -> Vec<f64> {
        let of = letters.iter().zip(&outcome.kept).filter(|(_, kept)| **kept == is_kept);
        let of: Vec<String> = of.map(|(letter, _)| month(&letter.night)).collect();
        months.iter().map(|m| of.iter().filter(|n| *n == m).count() as f64).collect()
    };
    let mut all = vec![("办理".to_owned(), count(true))];
    if outcome.judged.len() > 1 {
        all.push(("缓办".to_owned(), count(false)));
    }
    vec![lines("letters", "逐月函件", "件", months.clone(), all)]
}

fn summary(judged: &Judged) -> Row {
    vec![
        judged.letters.into(),
        judged.first.into(),
        judged.further.into(),
        judged.a_township_month.into(),
        judged.explained.into(),
        judged.precision().into(),
        judged.incidents.into(),
        judged.found.into(),
        judged.recall().into(),
        judged.days.into(),
        judged.before_end.into(),
    ]
}

fn row_of(sent: &DraftedLetter, kept: bool, nights: &Nights, incidents: &[Incident]) -> Row {
    let by = incidents.iter().filter(|incident| sent.is_about(incident, &nights.whole));
    vec![
        (&sent.id).into(),
        sent.night.into(),
        (&sent.area).into(),
        (&sent.topic).into(),
        (&sent.kind).into(),
        sent.level.name().into(),
        sent.excess.into(),
        sent.is_further.into(),
        kept.into(),
        by.map(|i| i.id.as_str()).collect::<Vec<_>>().join("|").into(),
    ]
}
