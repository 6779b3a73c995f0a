//! A mapping as it is written.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Deserialize;

use super::{CompositeId, DateFormats, Rhythm};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    pub domain: String,
    #[serde(default)]
    pub files: Vec<String>,
    #[serde(default)]
    pub also: bool,
    pub sheet: Option<String>,
    pub source: Option<String>,
    pub rhythm: Option<Rhythm>,
    pub history: Option<u32>,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    #[serde(default)]
    pub skip: BTreeMap<String, Headers>,
    #[serde(default)]
    pub only: BTreeMap<String, Headers>,
    pub header_rows: Option<usize>,
    pub fill_down: Option<Headers>,
    pub stop_at: Option<Headers>,
    pub group_by: Option<String>,
    pub date_format: Option<Formats>,
    #[serde(default)]
    pub unit: BTreeMap<String, String>,
    pub count: Option<Headers>,
    pub period: Option<TotalsPeriod>,
    #[serde(default)]
    pub columns: BTreeMap<String, Headers>,
    #[serde(default)]
    pub words: BTreeMap<String, BTreeMap<String, Scalar>>,
    #[serde(default)]
    pub default: BTreeMap<String, Scalar>,
    #[serde(default)]
    pub constant: BTreeMap<String, Scalar>,
    pub persons: Option<Persons>,
    pub id: Option<CompositeId>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a header or a list of headers")]
pub(super) enum Headers {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a text, a whole number, or true or false")]
pub(super) enum Scalar {
    Text(String),
    Int(i64),
    Bool(bool),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Persons {
    pub columns: Vec<String>,
}

impl Scalar {
    pub fn text(self) -> String {
        match self {
            Scalar::Text(t) => t,
            Scalar::Int(n) => n.to_string(),
            Scalar::Bool(b) => b.to_string(),
        }
    }
}

impl Headers {
    pub fn list(self) -> Vec<String> {
        match self {
            Headers::One(h) => vec![h],
            Headers::Many(h) => h,
        }
    }
}

/// What totals are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum TotalsPeriod {
    Month,
}

/// One format of dates, or one a column.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a format as in \"%d/%m/%Y\", or a table of them")]
pub(super) enum Formats {
    Every(String),
    Columns(BTreeMap<String, String>),
}

impl Formats {
    pub fn formats(self) -> DateFormats {
        match self {
            Formats::Every(format) => DateFormats { every: Some(format), ..Default::default() },
            Formats::Columns(columns) => DateFormats { every: None, columns },
        }
    }
}
