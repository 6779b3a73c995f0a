//! Backtest of letters: the nights are run on a copy of the workspace, each as of its own end.

use chrono::NaiveDate;
use lake::{AsOf, Result};

use super::super::night::nightly;
use super::super::open::{Opened, Options};
use super::folder;
use super::replay::Replay;
use crate::backtest::detectors::{Nights, Told};
use crate::backtest::letters::{self, Files, Judged, Sent};
use crate::backtest::{Control, Replica, controls};
use crate::workspace::Workspace;

/// What a backtest of letters is asked.
#[derive(Clone, Debug)]
pub struct LettersQuestion {
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
    pub files: Files,
}

/// Runs night after night on a copy of the workspace, each from what was known then, and holds the
/// letters that are drafted against what happened. Nobody acts on them: each stays a draft. Nothing
/// in the lake changes; results are written as CSV.
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
    let level = opened.detectors()?.level;
    let (nights, incidents) = question.replay.read(&opened, &level)?;
    let assumed = super::assumed_histories(&opened, options)?;
    let copy = Replica::new(workspace)?;
    let letters = drafted(&copy.workspace, options, &nights.days, progress)?;
    let noise = noise(workspace, options, &nights, &letters)?;
    let outcome = letters::judge(&nights, &incidents, &letters, question.budget);
    let files =
        letters::write(&folder(workspace, "letters"), &nights, &incidents, &letters, &outcome)?;
    let told: Vec<&Told> = letters.iter().flat_map(|letter| &letter.told).collect();
    let elsewhere = controls::elsewhere(&nights, &incidents, &told, options.seed);
    Ok(LettersBacktest {
        nights,
        judged: outcome.judged,
        assumed,
        controls: vec![noise, elsewhere],
        files,
    })
}

/// The letters that some nights draft, one after the other.
fn drafted(
    workspace: &Workspace,
    options: &Options,
    nights: &[NaiveDate],
    progress: &mut dyn FnMut(&str),
) -> Result<Vec<Sent>> {
    let mut letters = Vec::new();
    for night in nights {
        progress(&night.to_string());
        let as_of = AsOf::end_of(*night, workspace.time_zone());
        let options = Options { as_of, ..options.clone() };
        let done = nightly(workspace, &options, &mut |_, _, _| {})?;
        let drafted = done.warned.map(|tonight| tonight.drafted).unwrap_or_default();
        letters.extend(drafted.iter().map(|letter| Sent::new(letter, *night)));
    }
    Ok(letters)
}

/// The first half of the nights once more, with all that became known later replaced by noise.
fn noise(
    workspace: &Workspace,
    options: &Options,
    nights: &Nights,
    letters: &[Sent],
) -> Result<Control> {
    let half = &nights.days[..nights.days.len().div_ceil(2)];
    let last = half[half.len() - 1];
    let replica = Replica::new(workspace)?;
    replica.add_noise_after(&AsOf::end_of(last, workspace.time_zone()), &options.limits)?;
    let again = drafted(&replica.workspace, options, half, &mut |_| {})?;
    let said: Vec<&Sent> = letters.iter().filter(|letter| letter.night <= last).collect();
    Ok(controls::compared(&said, &again, &format!("letters up to {last}")))
}
