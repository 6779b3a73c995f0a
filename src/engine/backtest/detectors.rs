//! Backtest of detectors: each night is opened as of its own end.

use std::path::PathBuf;

use chrono::NaiveDate;
use lake::error::At;
use lake::{AsOf, Error, Result};

use super::super::open::{Opened, Options};
use super::folder;
use super::replay::Replay;
use crate::backtest::detectors::{self, Files, Nights, Outcome, Replayed, Told, WIDEST};
use crate::backtest::{Control, Replica, controls};
use crate::detect::{Settings, find};
use crate::workspace::Workspace;

/// What a backtest of detectors is asked.
#[derive(Clone, Debug)]
pub struct DetectorsQuestion {
    pub replay: Replay,
    /// Files of settings that are compared with the workspace's own.
    pub settings: Vec<PathBuf>,
}

/// What came of it.
pub struct DetectorsBacktest {
    pub nights: Nights,
    /// Nights of which nothing was known.
    pub failed: Vec<NaiveDate>,
    pub outcome: Outcome,
    /// Domains of which times of recording are assumed, not given.
    pub assumed: Vec<String>,
    pub controls: Vec<Control>,
    pub files: Files,
}

/// Detects night after night, each from what was known then, and holds what was told against what
/// happened. Nothing in the lake changes; results are written as CSV.
///
/// # Errors
/// [`Error::Input`] where the file of incidents is wrong; [`Error::Usage`] where there is too little
/// history or nothing happened; [`Error::Config`] where settings are wrong.
pub fn backtest_detectors(
    workspace: &Workspace,
    options: &Options,
    question: &DetectorsQuestion,
    progress: &mut dyn FnMut(&str),
) -> Result<DetectorsBacktest> {
    let opened = Opened::for_reading(workspace, options)?;
    let settings = all_settings(&opened, question)?;
    let level = settings[0].1.level.clone();
    let (mut nights, incidents) = question.replay.read(&opened, &level)?;
    let mut all: Vec<Replayed> = settings
        .iter()
        .map(|(name, s)| Replayed { name: name.clone(), rate: s.q, told: Vec::new() })
        .collect();
    let mut failed = Vec::new();
    let only: Vec<&Settings> = settings.iter().map(|(_, settings)| settings).collect();
    for night in &nights.days {
        progress(&night.to_string());
        match told_at(workspace, options, &only, *night)? {
            Some(told) => all.iter_mut().zip(told).for_each(|(all, told)| all.told.extend(told)),
            None => failed.push(*night),
        }
    }
    nights.days.retain(|night| !failed.contains(night));
    let noise = noise(workspace, options, &only, &nights, &all)?;
    let outcome = detectors::judge(&nights, &incidents, &all, options.seed);
    let files =
        detectors::write(&folder(workspace, "detectors"), &nights, &incidents, &all, &outcome)?;
    let own = &all[0];
    let elsewhere = controls::elsewhere(&nights, &incidents, &own.within(own.rate), options.seed);
    Ok(DetectorsBacktest {
        controls: vec![noise, elsewhere],
        assumed: super::assumed_histories(&opened, options)?,
        nights,
        failed,
        outcome,
        files,
    })
}

/// The workspace's own settings first, each by a name.
fn all_settings(opened: &Opened, question: &DetectorsQuestion) -> Result<Vec<(String, Settings)>> {
    let mut all = vec![("detectors".to_owned(), opened.detectors()?)];
    for path in &question.settings {
        let text = std::fs::read_to_string(path).at(path)?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let settings = Settings::parse(path, &text)?;
        if all.iter().any(|(other, _)| *other == name) {
            let what = format!("two files of settings are called {name}");
            return Err(Error::config(path, what, "give each a name of its own"));
        }
        if settings.level != all[0].1.level {
            let what = format!("level {} is not {}", settings.level, all[0].1.level);
            return Err(Error::config(path, what, "watch the level of the workspace's own"));
        }
        all.push((name, settings));
    }
    Ok(all)
}

/// What each of the settings tells at the end of a day, from what was known then; `None` where
/// nothing was.
fn told_at(
    workspace: &Workspace,
    options: &Options,
    settings: &[&Settings],
    night: NaiveDate,
) -> Result<Option<Vec<Vec<Told>>>> {
    let as_of = AsOf::end_of(night, workspace.time_zone());
    let options = Options { as_of, ..options.clone() };
    let opened = Opened::for_reading(workspace, &options)?;
    let coverage = opened.coverage(&settings[0].level, &as_of)?;
    if coverage.feeds.is_empty() {
        return Ok(None);
    }
    let job = opened.job("backtest detectors", "", &coverage, as_of);
    let told = |settings: &&Settings| {
        let widest = Settings { q: WIDEST.max(settings.q), ..(*settings).clone() };
        let found = find(&job, &widest)?.findings;
        Ok(found.iter().filter_map(|finding| Told::new(finding, night)).collect())
    };
    settings.iter().map(told).collect::<Result<_>>().map(Some)
}

/// Of the first half of the nights the one on which most was told once more, with all that became known later replaced by noise.
fn noise(
    workspace: &Workspace,
    options: &Options,
    settings: &[&Settings],
    nights: &Nights,
    all: &[Replayed],
) -> Result<Control> {
    let count =
        |night: &NaiveDate| all.iter().flat_map(|r| &r.told).filter(|t| t.night == *night).count();
    let half = &nights.days[..nights.days.len().div_ceil(2)];
    let Some(night) = half.iter().copied().max_by_key(count) else {
        return Err(Error::nothing_known());
    };
    let replica = Replica::new(workspace)?;
    let as_of = AsOf::end_of(night, workspace.time_zone());
    replica.add_noise_after(&as_of, &options.limits)?;
    let again = told_at(&replica.workspace, options, settings, night)?.unwrap_or_default();
    let again: Vec<Told> = again.into_iter().flatten().collect();
    let said: Vec<&Told> =
        all.iter().flat_map(|replayed| replayed.told.iter().filter(|t| t.night == night)).collect();
    Ok(controls::compared(&said, &again, &format!("findings of {night}")))
}
