//! What a letter brought about: the series after it, against a forecast of the night it was written
//! and against townships just under the threshold.

mod series;

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use methods::effect::{BEFORE, BeforeAfterData, before_after};
use series::Courses;

use super::facts::Facts;
use super::settings::Settings;
use crate::job::Job;
use lake::Result;
use methods::detect::forecast::{Figure, Forecast};

/// Weeks of a step of the forecast, and such steps a year.
const STEP: usize = 4;
const STEPS_A_YEAR: usize = 13;
/// Steps that a forecast reaches at most.
const FARTHEST: usize = 24;

/// What became of the series a letter was about.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// By more than chance, against townships without a letter.
    Fell,
    /// Neither fell nor rose by more than chance.
    NoSign,
    /// Went on rising.
    Rose,
    /// Nothing can be said, with the reason.
    NotAssessable,
}

impl Verdict {
    /// The word in tables.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Fell => "fell",
            Verdict::NoSign => "no_sign",
            Verdict::Rose => "rose",
            Verdict::NotAssessable => "not_assessable",
        }
    }

    /// What officials read.
    pub fn label(self) -> &'static str {
        match self {
            Verdict::Fell => "下降超出偶然波动",
            Verdict::NoSign => "未见明显变化",
            Verdict::Rose => "继续上升",
            Verdict::NotAssessable => "无法评估",
        }
    }
}

/// The effect of one letter. Counts are sums over the weeks that are known.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Effect {
    pub verdict: Verdict,
    /// First and last day judged.
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// Coverage of the intervals.
    pub level: f64,
    /// Over the four weeks up to the letter's night.
    pub before: Option<f64>,
    pub observed: Option<f64>,
    /// What the townships without a letter let one expect, and observed by it with its interval.
    pub expected: Option<f64>,
    pub ratio: Option<f64>,
    pub lower: Option<f64>,
    pub upper: Option<f64>,
    /// Codes of those townships.
    pub comparators: Vec<String>,
    /// What was foretold on the letter's night.
    pub forecast: Option<Foretold>,
    /// Why nothing can be said.
    pub reason: Option<String>,
}

/// A forecast of the weeks judged. Its interval is that of steps which miss together, the widest
/// there can be.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct Foretold {
    pub mean: f64,
    pub lower: f64,
    pub upper: f64,
}

/// Judges the weeks after the answer, or after the day by which it was asked for. `None` while they
/// are not over, or not wholly reported.
///
/// # Errors
/// [`lake::Error::Config`] where the settings of detection are wrong, [`lake::Error::Delta`],
/// [`lake::Error::Query`].
pub(super) fn evaluate(
    job: &Job,
    settings: &Settings,
    facts: &Facts,
    answered: Option<NaiveDate>,
) -> Result<Option<Effect>> {
    let first = answered.unwrap_or(facts.reply_by).max(facts.as_of);
    // Weeks are those of the letter's night: they end on its weekday.
    let gap = ((first - facts.as_of).num_days().max(0) as usize).div_ceil(7);
    let weeks = settings.evaluation.weeks.max(1);
    let day = |week: usize| facts.as_of + Days::new(7 * week as u64);
    let (from, to) = (day(gap) + Days::new(1), day(gap + weeks));
    if to > job.as_of.day {
        return Ok(None);
    }
    let mut effect = Effect {
        verdict: Verdict::NotAssessable,
        from,
        to,
        level: settings.evaluation.level,
        before: None,
        observed: None,
        expected: None,
        ratio: None,
        lower: None,
        upper: None,
        comparators: Vec::new(),
        forecast: None,
        reason: None,
    };
    let watched = series::of(facts);
    if watched.is_empty() {
        effect.reason = Some("来函事项不是事件数量的上升".to_owned());
        return Ok(Some(effect));
    }
    if watched.iter().any(|(domain, _)| series::is_late(job, domain, from, to)) {
        return Ok(None);
    }
    let courses = series::read(job, facts, &watched, to)?;
    judge(&mut effect, &courses, gap, weeks);
    Ok(Some(effect))
}

fn judge(effect: &mut Effect, courses: &Courses, gap: usize, weeks: usize) {
    let Some(treated) = courses.treated else {
        effect.reason = Some("没有该地区的数据".to_owned());
        return;
    };
    let night = courses.night;
    let after = night + gap..night + gap + weeks;
    let own = &courses.counts[treated];
    effect.forecast = foretold(&own[..night.min(own.len())], &after, own, effect.level);
    let data = BeforeAfterData {
        counts: &courses.counts,
        treated,
        eligible: &courses.eligible,
        night,
        after: after.clone(),
        level: effect.level,
    };
    match before_after(&data) {
        Err(reason) => {
            let known = |weeks: std::ops::Range<usize>| {
                own.get(weeks).map(|w| w.iter().filter(|n| !n.is_nan()).sum())
            };
            (effect.before, effect.observed) =
                (known(night.saturating_sub(BEFORE)..night), known(after));
            effect.reason = Some(reason);
        }
        Ok(found) => {
            effect.verdict = match (found.lower, found.upper) {
                (_, upper) if upper < 1.0 => Verdict::Fell,
                (lower, _) if lower > 1.0 => Verdict::Rose,
                _ => Verdict::NoSign,
            };
            (effect.before, effect.observed, effect.expected) =
                (Some(found.before), Some(found.observed), Some(found.expected));
            (effect.ratio, effect.lower, effect.upper) =
                (Some(found.ratio), Some(found.lower), Some(found.upper));
            effect.comparators =
                found.comparators.iter().filter_map(|i| courses.codes.get(*i).cloned()).collect();
        }
    }
}

/// What the weeks up to the night foretold of the weeks `after`, of those that are known; `None`
/// where the history is too short.
fn foretold(
    history: &[f64],
    after: &std::ops::Range<usize>,
    own: &[f64],
    level: f64,
) -> Option<Foretold> {
    let whole = history.len() / STEP * STEP;
    let sums: Vec<f64> =
        history[history.len() - whole..].chunks(STEP).map(|w| w.iter().sum()).collect();
    let first = sums.iter().position(|n| !n.is_nan())?;
    let horizon = (after.end - history.len()).div_ceil(STEP);
    if horizon > FARTHEST {
        return None;
    }
    let forecast = Forecast { freq: STEPS_A_YEAR, horizon, level, ..Forecast::default() };
    let ahead = forecast.fit(&sums[first..], Figure::Count).ok()?.value.predict();
    let mut told = Foretold { mean: 0.0, lower: 0.0, upper: 0.0 };
    for week in after.clone().filter(|w| own.get(*w).is_some_and(|n| !n.is_nan())) {
        let step = ahead.get((week - history.len()) / STEP)?;
        let share = 1.0 / STEP as f64;
        (told.mean, told.lower, told.upper) = (
            told.mean + share * step.mean,
            told.lower + share * step.lower,
            told.upper + share * step.upper,
        );
    }
    Some(told)
}
