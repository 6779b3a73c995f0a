//! Backtest of detectors: each night is opened as of its own end.

use std::path::PathBuf;

use chrono::NaiveDate;
use lake::error::At;
use lake::{AsOf, Error, Result};

use super::super::open::{Opened, Options};
use super::replay::Replay;
use super::{folder, named, provenance};
use crate::backtest::detectors::{self, Alarm, Nights, Outcome, Replayed, WIDEST};
use crate::backtest::{Control, Page, Replica, controls};
use crate::detect::{Settings, find};
use crate::workspace::Workspace;
use methods::backtest::{Comparison, Verdict};

/// What a backtest of detectors is asked.
#[derive(Clone, Debug)]
pub struct DetectorsQuestion {
    /// The command line, for whoever repeats it.
    pub command: String,
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
    /// What is to be known when reading it.
    pub remarks: Vec<String>,
    /// Where the results lie.
    pub folder: PathBuf,
}

/// Detects night after night, each from what was known then, and holds the alarms against what
/// happened. Nothing in the lake changes; results are written as tables and a page.
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
        .map(|(name, s)| Replayed { name: name.clone(), rate: s.q, alarms: Vec::new() })
        .collect();
    let mut failed = Vec::new();
    let only: Vec<&Settings> = settings.iter().map(|(_, settings)| settings).collect();
    for night in &nights.days {
        progress(&night.to_string());
        match alarms_at(workspace, options, &only, *night)? {
            Some(alarms) => {
                all.iter_mut().zip(alarms).for_each(|(all, alarms)| all.alarms.extend(alarms));
            }
            None => failed.push(*night),
        }
    }
    nights.days.retain(|night| !failed.contains(night));
    let noise = noise(workspace, options, &only, &nights, &all)?;
    let outcome = detectors::judge(&nights, &incidents, &all, options.seed);
    let folder = folder(workspace, "detectors");
    detectors::write(&folder, &nights, &incidents, &all, &outcome)?;
    let hashes: Vec<(&str, &str)> =
        settings.iter().map(|(name, s)| (name.as_str(), s.hash.as_str())).collect();
    provenance(&question.command, &hashes, &opened).write(
        &folder,
        &opened.lake,
        &named(&nights.days),
    )?;
    let own = &all[0];
    let elsewhere = controls::elsewhere(&nights, &incidents, &own.within(own.rate), options.seed);
    let (rows, charts) = (detectors::summaries(&outcome), detectors::charts(&all, &outcome));
    let mut found = DetectorsBacktest {
        controls: vec![noise, elsewhere],
        assumed: super::assumed_histories(&opened, options)?,
        nights,
        failed,
        outcome,
        remarks: Vec::new(),
        folder,
    };
    found.remarks = remarks(&found);
    let page = Page {
        title: "监测回测",
        date: options.as_of.day,
        command: &question.command,
        header: detectors::SUMMARY,
        rows: &rows,
        remarks: &found.remarks,
        charts,
    };
    page.write(workspace, &found.folder)?;
    Ok(found)
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

/// The alarms of each of the settings at the end of a day, from what was known then; `None` where
/// nothing was.
fn alarms_at(
    workspace: &Workspace,
    options: &Options,
    settings: &[&Settings],
    night: NaiveDate,
) -> Result<Option<Vec<Vec<Alarm>>>> {
    let as_of = AsOf::end_of(night, workspace.time_zone());
    let options = Options { as_of, ..options.clone() };
    let opened = Opened::for_reading(workspace, &options)?;
    let coverage = opened.coverage(&settings[0].level, &as_of)?;
    if coverage.feeds.is_empty() {
        return Ok(None);
    }
    let job = opened.job("backtest detectors", "", &coverage, as_of);
    let alarms = |settings: &&Settings| {
        let widest = Settings { q: WIDEST.max(settings.q), ..(*settings).clone() };
        let found = find(&job, &widest)?.findings;
        Ok(found.iter().filter_map(|finding| Alarm::new(finding, night)).collect())
    };
    settings.iter().map(alarms).collect::<Result<_>>().map(Some)
}

/// Of the first half of the nights the one with most alarms once more, with all that became known
/// later replaced by noise.
fn noise(
    workspace: &Workspace,
    options: &Options,
    settings: &[&Settings],
    nights: &Nights,
    all: &[Replayed],
) -> Result<Control> {
    let count = |night: &NaiveDate| {
        all.iter().flat_map(|r| &r.alarms).filter(|t| t.night == *night).count()
    };
    let half = &nights.days[..nights.days.len().div_ceil(2)];
    let Some(night) = half.iter().copied().max_by_key(count) else {
        return Err(Error::nothing_known());
    };
    let replica = Replica::new(workspace)?;
    let as_of = AsOf::end_of(night, workspace.time_zone());
    replica.add_noise_after(&as_of, &options.limits)?;
    let again = alarms_at(&replica.workspace, options, settings, night)?.unwrap_or_default();
    let again: Vec<Alarm> = again.into_iter().flatten().collect();
    let said: Vec<&Alarm> = all
        .iter()
        .flat_map(|replayed| replayed.alarms.iter().filter(|t| t.night == night))
        .collect();
    Ok(controls::compared(&said, &again, &format!("findings of {night}")))
}

/// What is to be known when reading the result.
fn remarks(found: &DetectorsBacktest) -> Vec<String> {
    let days = &found.nights.days;
    let mut lines = vec![format!(
        "{} nights from {} to {}; explained: of distinct findings, those that an incident explains; days: from the beginning to the first alarm, median",
        days.len(),
        days[0],
        days[days.len() - 1]
    )];
    if !found.failed.is_empty() {
        let failed = found.failed.len();
        lines.push(format!("Not judged: {failed} nights of which nothing was known"));
    }
    lines.extend(found.outcome.against.iter().map(|against| {
        format!(
            "{} against {}: recall {}; false findings a night {}",
            against.settings,
            found.outcome.judged[0].settings,
            compared(&against.recall, against.p_adjusted[0], 1.0),
            compared(&against.false_findings, against.p_adjusted[1], -1.0),
        )
    }));
    lines.extend(super::common_remarks(&found.assumed, &found.controls));
    lines
}

/// A difference with its interval and verdict; `sign` turns it back where less is better.
fn compared(comparison: &Comparison, p: f64, sign: f64) -> String {
    let Some(difference) = comparison.difference else { return "too few to compare".to_owned() };
    if difference.lower == difference.upper {
        return format!("{:+.3}: the same throughout", sign * difference.mean);
    }
    let (mut low, mut high) = (sign * difference.lower, sign * difference.upper);
    if low > high {
        (low, high) = (high, low);
    }
    let verdict = match comparison.verdict {
        Verdict::Better if p < 0.1 => "better",
        Verdict::Worse if p < 0.1 => "worse",
        _ => "no difference",
    };
    format!("{:+.3} ({low:+.3} to {high:+.3}, p {p:.3}): {verdict}", sign * difference.mean)
}
