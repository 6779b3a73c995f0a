//! What a letter brought about: the series after it, against a forecast of the night it was written
//! and against townships just under the threshold.

mod due;

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::facts::Facts;
use super::warning::Warning;
use methods::detect::forecast::{Figure, Forecast};
use methods::effect::{BEFORE, BeforeAfterData, before_after};

pub(super) use due::{Due, due};

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
    /// The forecast of the letter's night.
    pub forecast: Option<Predicted>,
    /// Why nothing can be said.
    pub reason: Option<String>,
}

/// A forecast of the weeks judged. Its interval is that of steps which miss together, the widest
/// there can be.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub struct Predicted {
    pub mean: f64,
    pub lower: f64,
    pub upper: f64,
}

/// Counts of one letter's series, week by week.
pub(super) struct WeeklyCounts {
    /// Areas of the level that is watched.
    pub codes: Vec<String>,
    /// One row an area; NaN where a feed did not deliver the whole week.
    pub counts: Vec<Vec<f64>>,
    /// Row of the letter's area; `None` where it is not of the watched level.
    pub treated: Option<usize>,
    /// Weeks up to the letter's night.
    pub night: usize,
}

/// The effect of a letter whose weeks are over. `counts` are those of its series, `None` where it
/// has none; areas with a warning on the same topic are no comparison. `level` is the coverage of
/// the intervals.
pub(super) fn evaluate(
    due: &Due,
    counts: Option<&WeeklyCounts>,
    warnings: &[Warning],
    level: f64,
) -> Effect {
    let mut effect = Effect {
        verdict: Verdict::NotAssessable,
        from: due.from,
        to: due.to,
        level,
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
    match counts {
        None => effect.reason = Some("来函事项不是事件数量的上升".to_owned()),
        Some(counts) => judge(&mut effect, due, counts, &warned(warnings, &due.facts, due.to)),
    }
    effect
}

/// Areas that had a warning on the letter's topic open at some time between its night and `to`:
/// what they did may be a letter's doing too. Of a circular that is every area.
fn warned<'a>(warnings: &'a [Warning], facts: &Facts, to: NaiveDate) -> BTreeSet<&'a str> {
    let open = |w: &&Warning| {
        w.topic == facts.topic
            && w.opened <= to
            && w.closed.is_none_or(|closed| closed >= facts.as_of)
    };
    let areas = |w: &'a Warning| {
        let parts = w.evidence.iter().flat_map(|e| &e.parts).map(|part| part.area_code.as_str());
        std::iter::once(w.area_code.as_str()).chain(parts)
    };
    warnings.iter().filter(open).flat_map(areas).collect()
}

fn judge(effect: &mut Effect, due: &Due, series: &WeeklyCounts, warned: &BTreeSet<&str>) {
    if due.facts.county_wide {
        effect.reason = Some("全县（市、区）同时上升，没有可作比较的乡镇（街道）".to_owned());
        return;
    }
    let Some(treated) = series.treated else {
        effect.reason = Some("没有该地区的数据".to_owned());
        return;
    };
    let night = series.night;
    let after = night + due.gap..night + due.gap + due.weeks;
    let own = &series.counts[treated];
    effect.forecast = predicted(&own[..night.min(own.len())], &after, own, effect.level);
    let eligible: Vec<bool> =
        series.codes.iter().map(|code| !warned.contains(code.as_str())).collect();
    let data = BeforeAfterData {
        counts: &series.counts,
        treated,
        eligible: &eligible,
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
                found.comparators.iter().filter_map(|i| series.codes.get(*i).cloned()).collect();
        }
    }
}

/// The forecast of the weeks `after` from those up to the night, over the weeks that are known;
/// `None` where the history is too short.
fn predicted(
    history: &[f64],
    after: &std::ops::Range<usize>,
    own: &[f64],
    level: f64,
) -> Option<Predicted> {
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
    let mut sum = Predicted { mean: 0.0, lower: 0.0, upper: 0.0 };
    for week in after.clone().filter(|w| own.get(*w).is_some_and(|n| !n.is_nan())) {
        let step = ahead.get((week - history.len()) / STEP)?;
        let share = 1.0 / STEP as f64;
        (sum.mean, sum.lower, sum.upper) = (
            sum.mean + share * step.mean,
            sum.lower + share * step.lower,
            sum.upper + share * step.upper,
        );
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::warn::part::Part;
    use crate::warn::warning::Level;

    #[test]
    fn a_circular_leaves_no_area_to_compare_with() {
        let mut facts = crate::warn::draft::tests::facts_of(&[("disputes", "", "spike")]);
        facts.topic = "disputes".into();
        let part = |code: &str| Part {
            area_code: code.into(),
            area_name: code.into(),
            observed: 3.0,
            expected: 2.0,
        };
        let warning = |parts: Vec<Part>| {
            let mut evidence = facts.risen[0].evidence.clone();
            evidence.parts = parts;
            Warning {
                id: "w".into(),
                area_code: "620981".into(),
                topic: "disputes".into(),
                level: Level::Blue,
                opened: facts.as_of,
                closed: None,
                evidence: vec![evidence],
            }
        };
        let areas = |warning: Warning| {
            let warnings = [warning];
            warned(&warnings, &facts, facts.reply_by).into_iter().map(str::to_owned).collect()
        };
        let whole: Vec<String> = areas(warning(vec![part("620981101"), part("620981102")]));
        assert_eq!(whole, ["620981", "620981101", "620981102"]);
        let one: Vec<String> = areas(warning(Vec::new()));
        assert_eq!(one, ["620981"]);
    }
}
