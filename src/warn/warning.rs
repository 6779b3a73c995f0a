//! A warning: what rose in one area on one topic, since when, and how serious it is.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::part::Part;
use crate::detect::{Detail, Kind};
use methods::Flaw;

/// How serious a warning is, as officials colour it: 蓝 黄 橙 红.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// A confirmed rise.
    Blue,
    /// A larger one, or one that lasts two periods.
    Yellow,
    /// One that lasts three periods, or stands beside others in the same area.
    Orange,
    /// A veto event, or a rise that goes on after a letter.
    Red,
}

impl Level {
    /// All, the least serious first.
    pub const ALL: [Level; 4] = [Level::Blue, Level::Yellow, Level::Orange, Level::Red];

    /// The level of that word in tables.
    pub fn find(name: &str) -> Option<Level> {
        Level::ALL.into_iter().find(|l| l.name() == name)
    }

    /// The word in tables.
    pub fn name(self) -> &'static str {
        match self {
            Level::Blue => "blue",
            Level::Yellow => "yellow",
            Level::Orange => "orange",
            Level::Red => "red",
        }
    }

    /// The word in letters.
    pub fn label(self) -> &'static str {
        match self {
            Level::Blue => "蓝色",
            Level::Yellow => "黄色",
            Level::Orange => "橙色",
            Level::Red => "红色",
        }
    }
}

/// A row of `findings` that stands behind a warning, as it was on the night that found it, or a cap
/// of the index (a veto), whose `category` is the veto's id.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Evidence {
    /// The as-of day of the night that found it.
    pub night: NaiveDate,
    pub domain: String,
    /// Empty for all categories together.
    pub category: String,
    pub method: String,
    pub period_start: NaiveDate,
    pub period_end: NaiveDate,
    pub observed: Option<f64>,
    pub expected: Option<f64>,
    pub lower: Option<f64>,
    pub upper: Option<f64>,
    pub p: Option<f64>,
    pub q: Option<f64>,
    /// The kind, and what it says beyond its figures.
    pub detail: Detail,
    /// What each area has of it, where the area is the whole county.
    pub parts: Vec<Part>,
}

/// Evidence as JSON has it: the kind stands beside the detail and says of which type that is.
#[derive(Deserialize, Serialize)]
struct Written {
    #[serde(rename = "told")]
    night: NaiveDate,
    domain: String,
    category: String,
    kind: String,
    method: String,
    period_start: NaiveDate,
    period_end: NaiveDate,
    observed: Option<f64>,
    expected: Option<f64>,
    lower: Option<f64>,
    upper: Option<f64>,
    p: Option<f64>,
    q: Option<f64>,
    detail: Value,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    parts: Vec<Part>,
}

impl TryFrom<Written> for Evidence {
    type Error = Flaw;

    fn try_from(written: Written) -> Result<Evidence, Flaw> {
        let detail = Detail::from_json(&written.kind, &written.method, written.detail)?;
        Ok(Evidence {
            night: written.night,
            domain: written.domain,
            category: written.category,
            method: written.method,
            period_start: written.period_start,
            period_end: written.period_end,
            observed: written.observed,
            expected: written.expected,
            lower: written.lower,
            upper: written.upper,
            p: written.p,
            q: written.q,
            detail,
            parts: written.parts,
        })
    }
}

impl From<Evidence> for Written {
    fn from(evidence: Evidence) -> Written {
        Written {
            night: evidence.night,
            kind: evidence.kind().name().to_owned(),
            detail: evidence.detail.to_json(),
            domain: evidence.domain,
            category: evidence.category,
            method: evidence.method,
            period_start: evidence.period_start,
            period_end: evidence.period_end,
            observed: evidence.observed,
            expected: evidence.expected,
            lower: evidence.lower,
            upper: evidence.upper,
            p: evidence.p,
            q: evidence.q,
            parts: evidence.parts,
        }
    }
}

/// Evidence that a night found in an area.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    pub area_code: String,
    pub evidence: Evidence,
}

/// What is open, or was, in one area on one topic; a row of `warnings`, whose `findings` are the
/// evidence as JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct Warning {
    /// Made of area, topic and the day it was opened, so that the same night gives the same.
    pub id: String,
    pub area_code: String,
    pub topic: String,
    pub level: Level,
    pub opened: NaiveDate,
    pub closed: Option<NaiveDate>,
    /// In order of the nights; of one series and kind, the first and the last night of each period.
    pub evidence: Vec<Evidence>,
}

impl Evidence {
    /// The sort of thing that was found.
    pub fn kind(&self) -> Kind {
        self.detail.kind()
    }

    /// Cases beyond what was expected, where both are known.
    pub fn excess(&self) -> Option<f64> {
        Some(self.observed? - self.expected?)
    }

    /// How many times as many as expected; infinite where none were.
    pub fn ratio(&self) -> Option<f64> {
        let (observed, expected) = (self.observed?, self.expected?);
        Some(if expected > 0.0 { observed / expected } else { f64::INFINITY })
    }

    /// Days it looks at.
    pub fn days(&self) -> i64 {
        (self.period_end - self.period_start).num_days() + 1
    }
}

impl Warning {
    /// The id of what was opened in an area on a topic on a day.
    pub fn id_of(area_code: &str, topic: &str, opened: NaiveDate) -> String {
        format!("{area_code}-{topic}-{}", opened.format("%Y%m%d"))
    }

    /// The last night that found any of it.
    pub fn last_night(&self) -> NaiveDate {
        self.evidence.iter().map(|e| e.night).max().unwrap_or(self.opened)
    }

    /// Cases beyond what was expected, of what the last night found the most.
    pub fn excess(&self) -> f64 {
        self.latest().filter_map(Evidence::excess).fold(0.0, f64::max)
    }

    /// The evidence of the last night that found any.
    pub fn latest(&self) -> impl Iterator<Item = &Evidence> + Clone {
        let last = self.evidence.iter().map(|e| e.night).max();
        self.evidence.iter().filter(move |e| Some(e.night) == last)
    }
}
