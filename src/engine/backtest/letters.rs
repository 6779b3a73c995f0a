//! Backtest of letters: the nights are run on a copy of the workspace, each as of its own end.

use std::path::PathBuf;

use chrono::NaiveDate;
use lake::{AsOf, Result};

use super::super::night::nightly;
use super::super::open::{Opened, Options};
use super::replay::Replay;
use super::{folder, named, provenance};
use crate::backtest::detectors::{Alarm, Nights};
use crate::backtest::letters::{self, DraftedLetter, Judged};
use crate::backtest::{Control, Page, Replica, controls};
use crate::detect::DETECTORS;
use crate::index::MODEL;
use crate::warn::WARNINGS;
use crate::workspace::Workspace;

/// What a backtest of letters is asked.
#[derive(Clone, Debug)]
pub struct LettersQuestion {
    /// The command line, for whoever repeats it.
    pub command: String,
    pub replay: Replay,
    /// Letters a month that the centre can follow.
    pub budget: Option<usize>,
}

/// What came of it.
pub struct LettersBacktest {
    pub nights: Nights,
    pub judged: Vec<Judged>,
    /// Domains of which times of recording are assumed, not given.
    pub assumed: Vec<String>,
    pub controls: Vec<Control>,
    /// What is to be known when reading it.
    pub remarks: Vec<String>,
    /// Where the results lie.
    pub folder: PathBuf,
}

/// Runs night after night on a copy of the workspace, each from what was known then, and holds the
/// letters that are drafted against what happened. Nobody acts on them: each stays a draft. Nothing
/// in the lake changes; results are written as tables and a page.
///
/// # Errors
/// As [`super::backtest_detectors`], and [`lake::Error::Config`] where the warnings' rules are
/// wrong.
pub fn backtest_letters(
    workspace: &Workspace,
    options: &Options,
    question: &LettersQuestion,
    progress: &mut dyn FnMut(&str),
) -> Result<LettersBacktest> {
    let opened = Opened::for_reading(workspace, options)?;
    let settings = opened.detectors()?;
    let (nights, incidents) = question.replay.read(&opened, &settings.level)?;
    let assumed = super::assumed_histories(&opened, options)?;
    let copy = Replica::new(workspace)?;
    let letters = drafted(&copy.workspace, options, &nights.days, progress)?;
    let noise = noise(workspace, options, &nights, &letters)?;
    let outcome = letters::judge(&nights, &incidents, &letters, question.budget);
    let folder = folder(workspace, "letters");
    letters::write(&folder, &nights, &incidents, &letters, &outcome)?;
    let (_, rules) = workspace.text(WARNINGS)?;
    let hashes = [
        (MODEL, opened.model(MODEL)?.hash),
        (DETECTORS, settings.hash),
        (WARNINGS, blake3::hash(rules.as_bytes()).to_hex()[..16].to_owned()),
    ];
    let hashes = hashes.each_ref().map(|(file, hash)| (*file, hash.as_str()));
    provenance(&question.command, &hashes, &opened).write(
        &folder,
        &opened.lake,
        &named(&nights.days),
    )?;
    let alarms: Vec<&Alarm> = letters.iter().flat_map(|letter| &letter.alarms).collect();
    let elsewhere = controls::elsewhere(&nights, &incidents, &alarms, options.seed);
    let rows = letters::summaries(&outcome);
    let charts = letters::charts(&nights, &letters, &outcome);
    let mut found = LettersBacktest {
        nights,
        judged: outcome.judged,
        assumed,
        controls: vec![noise, elsewhere],
        remarks: Vec::new(),
        folder,
    };
    found.remarks = remarks(&found);
    let page = Page {
        title: "函件回测",
        date: options.as_of.day,
        command: &question.command,
        header: letters::SUMMARY,
        rows: &rows,
        remarks: &found.remarks,
        charts,
    };
    page.write(workspace, &found.folder)?;
    Ok(found)
}

/// The letters that some nights draft, one after the other.
fn drafted(
    workspace: &Workspace,
    options: &Options,
    nights: &[NaiveDate],
    progress: &mut dyn FnMut(&str),
) -> Result<Vec<DraftedLetter>> {
    let mut letters = Vec::new();
    for night in nights {
        progress(&night.to_string());
        let as_of = AsOf::end_of(*night, workspace.time_zone());
        let options = Options { as_of, ..options.clone() };
        let done = nightly(workspace, &options, &mut |_, _, _| {})?;
        let drafted = done.warned.map(|tonight| tonight.drafted).unwrap_or_default();
        letters.extend(drafted.iter().map(|letter| DraftedLetter::new(letter, *night)));
    }
    Ok(letters)
}

/// The first half of the nights once more, with all that became known later replaced by noise.
fn noise(
    workspace: &Workspace,
    options: &Options,
    nights: &Nights,
    letters: &[DraftedLetter],
) -> Result<Control> {
    let half = &nights.days[..nights.days.len().div_ceil(2)];
    let last = half[half.len() - 1];
    let replica = Replica::new(workspace)?;
    replica.add_noise_after(&AsOf::end_of(last, workspace.time_zone()), &options.limits)?;
    let again = drafted(&replica.workspace, options, half, &mut |_| {})?;
    let said: Vec<&DraftedLetter> = letters.iter().filter(|letter| letter.night <= last).collect();
    Ok(controls::compared(&said, &again, &format!("letters up to {last}")))
}

/// What is to be known when reading the result.
fn remarks(found: &LettersBacktest) -> Vec<String> {
    let days = &found.nights.days;
    let mut lines = vec![format!(
        "{} nights from {} to {}; nobody acts on a letter: each stays a draft; explained: first letters that are about an incident; days: from its beginning to the letter, median",
        days.len(),
        days[0],
        days[days.len() - 1]
    )];
    lines.extend(super::common_remarks(&found.assumed, &found.controls));
    lines
}
