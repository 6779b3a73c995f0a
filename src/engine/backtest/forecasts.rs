//! Backtest of forecasts: each origin is opened as of its own day.

use std::path::PathBuf;

use chrono::{Days, NaiveDate};
use lake::{AsOf, Error, Result};

use super::super::open::{Opened, Options};
use super::{folder, named, provenance};
use crate::backtest::forecasts::{self, Case, Judged, StretchForecast};
use crate::backtest::{Control, Page, Replica, controls};
use crate::detect::watch::{Watched, Weeks};
use crate::detect::{DETECTORS, Settings, weekly_counts};
use crate::workspace::Workspace;

/// Days of a stretch, which is also from origin to origin, so that stretches of all are the same.
const STRETCH: u64 = 28;

/// What a backtest of forecasts is asked.
#[derive(Clone, Debug)]
pub struct ForecastsQuestion {
    /// The command line, for whoever repeats it.
    pub command: String,
    /// First and last day on which an origin may lie; the widest there is where absent.
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
}

/// What came of it.
pub struct ForecastsBacktest {
    pub origins: usize,
    /// Those with a forecast that could be judged.
    pub judged_origins: usize,
    pub judged: Vec<Judged>,
    /// Level of the intervals.
    pub level: f64,
    /// Domains of which times of recording are assumed, not given.
    pub assumed: Vec<String>,
    pub controls: Vec<Control>,
    /// What is to be known when reading it.
    pub remarks: Vec<String>,
    /// Where the results lie.
    pub folder: PathBuf,
}

/// Forecasts at every fourth week's end from what was known then, and judges by what came, as known
/// at the options' time. Nothing in the lake changes; results are written as tables and a page.
///
/// # Errors
/// [`Error::Usage`] where there is too little history; [`Error::Config`] where detectors are wrong.
pub fn backtest_forecasts(
    workspace: &Workspace,
    options: &Options,
    question: &ForecastsQuestion,
    progress: &mut dyn FnMut(&str),
) -> Result<ForecastsBacktest> {
    let opened = Opened::for_reading(workspace, options)?;
    let settings = opened.detectors()?;
    let end = opened.last_whole_day();
    let coverage = opened.coverage(&settings.level, &end)?;
    let first = coverage.first_day().ok_or_else(Error::nothing_known)?;
    let days = origins(question, first, end.day)?;
    let weeks = Weeks { last: end.day, count: (end.day - first).num_days().max(0) as usize / 7 };
    let job = opened.job("backtest forecasts", "", &coverage, end);
    let came = forecasts::outcomes(&weekly_counts(&job, &settings, &coverage.domains(), weeks)?);

    let mut said: Vec<Vec<StretchForecast>> = Vec::new();
    for day in &days {
        progress(&day.to_string());
        said.push(forecasts_at(workspace, options, &settings, *day)?);
    }
    let noise = noise(workspace, options, &settings, &days, &said)?;
    let cases: Vec<Vec<Case>> =
        said.into_iter().map(|of| forecasts::with_outcomes(of, &came)).collect();
    let outcome = forecasts::judge(&cases, options.seed);
    if outcome.judged_origins == 0 {
        return Err(Error::usage(
            format!("none of {} origins has a forecast by all models that is over", days.len()),
            "last year's month needs 14 months of history: give a later --from, or more history",
        ));
    }
    let folder = folder(workspace, "forecasts");
    forecasts::write(&folder, &days, &cases, &outcome)?;
    provenance(&question.command, &[(DETECTORS, &settings.hash)], &opened).write(
        &folder,
        &opened.lake,
        &named(&days),
    )?;
    let rows = forecasts::summaries(&outcome);
    let charts = forecasts::charts(&days, &cases, &outcome);
    let mut found = ForecastsBacktest {
        origins: days.len(),
        judged_origins: outcome.judged_origins,
        judged: outcome.judged,
        level: settings.forecast.level,
        assumed: super::assumed_histories(&opened, options)?,
        controls: vec![noise, shuffled(&cases, options.seed)],
        remarks: Vec::new(),
        folder,
    };
    found.remarks = remarks(&found);
    let page = Page {
        title: "预测回测",
        date: options.as_of.day,
        command: &question.command,
        header: forecasts::SUMMARY,
        rows: &rows,
        remarks: &found.remarks,
        charts,
    };
    page.write(workspace, &found.folder)?;
    Ok(found)
}

/// Days at whose ends is forecast, whole stretches before the end, oldest first.
fn origins(
    question: &ForecastsQuestion,
    first: NaiveDate,
    end: NaiveDate,
) -> Result<Vec<NaiveDate>> {
    let from = question.from.unwrap_or(first).max(first);
    let to = question.to.unwrap_or(end);
    let mut days: Vec<NaiveDate> = (1..)
        .map_while(|back| end.checked_sub_days(Days::new(STRETCH * back)))
        .take_while(|day| *day >= from)
        .filter(|day| *day <= to)
        .collect();
    days.reverse();
    if days.is_empty() {
        return Err(Error::usage(
            format!("no stretch of {STRETCH} days lies between {from} and {to}"),
            format!("what is known begins on {first} and ends on {end}"),
        ));
    }
    Ok(days)
}

/// What can be said at the end of a day from what was known then.
fn forecasts_at(
    workspace: &Workspace,
    options: &Options,
    settings: &Settings,
    day: NaiveDate,
) -> Result<Vec<StretchForecast>> {
    Ok(forecasts::forecasts(&watched_at(workspace, options, settings, day)?, settings))
}

fn watched_at(
    workspace: &Workspace,
    options: &Options,
    settings: &Settings,
    day: NaiveDate,
) -> Result<Watched> {
    let as_of = AsOf::end_of(day, workspace.time_zone());
    let options = Options { as_of, ..options.clone() };
    let opened = Opened::for_reading(workspace, &options)?;
    let coverage = opened.coverage(&settings.level, &as_of)?;
    let job = opened.job("backtest forecasts", "", &coverage, as_of);
    let weeks = Weeks { last: day, count: settings.weeks };
    weekly_counts(&job, settings, &coverage.domains(), weeks)
}

/// The middle origin's forecasts once more, with all that became known later replaced by noise.
fn noise(
    workspace: &Workspace,
    options: &Options,
    settings: &Settings,
    days: &[NaiveDate],
    said: &[Vec<StretchForecast>],
) -> Result<Control> {
    let middle = days.len() / 2;
    let replica = Replica::new(workspace)?;
    let as_of = AsOf::end_of(days[middle], workspace.time_zone());
    replica.add_noise_after(&as_of, &options.limits)?;
    let again = forecasts_at(&replica.workspace, options, settings, days[middle])?;
    let all = said[middle].len().max(again.len());
    let same = said[middle].iter().zip(&again).filter(|(a, b)| a == b).count();
    Ok(controls::noise(all - same, all, &format!("forecasts of {}", days[middle])))
}

/// What came shuffled among the series of one domain and step.
fn shuffled(origins: &[Vec<Case>], seed: u64) -> Control {
    let mut pairs = Vec::new();
    for cases in origins {
        let domains: std::collections::BTreeSet<&str> =
            cases.iter().map(|case| case.forecast.series.domain.as_str()).collect();
        for domain in domains {
            let of = cases.iter().filter(|case| {
                case.is_known() && case.forecast.step == 1 && case.forecast.series.domain == domain
            });
            let (said, came): (Vec<f64>, Vec<f64>) =
                of.map(|case| (case.forecast.by[0].mean, case.observed)).unzip();
            if came.len() > 1 {
                pairs.push((vec![said.into()], came.into()));
            }
        }
    }
    controls::shuffled(&pairs, seed)
}

/// What is to be known when reading the result.
fn remarks(found: &ForecastsBacktest) -> Vec<String> {
    let mut lines = vec![
        "CRPS in events, less is better; skill: the share of a model's score that the house's forecast spares; 90 %: by how much, an origin".to_owned(),
        format!(
            "{} of {} origins are judged, those at which every model says something of what has come; p by Diebold and Mariano, adjusted for the number of comparisons (Holm)",
            found.judged_origins, found.origins
        ),
    ];
    lines.extend(super::common_remarks(&found.assumed, &found.controls));
    lines
}
