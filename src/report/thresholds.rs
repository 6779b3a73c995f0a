//! `models/month.toml`: limits and thresholds of the report's tables.

use std::collections::BTreeMap;
use std::path::Path;

use lake::error::{Error, Result, parse_toml};
use lake::schema::DOMAINS;
use lake::taxonomy::Taxonomy;

use crate::workspace::Workspace;

/// The file, within a workspace or bundled.
pub const THRESHOLDS: &str = "models/month.toml";

/// What tables hold cases and sectors against.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    pub limits: Case,
    /// Days from acceptance to the end, by grade.
    pub grade_days: BTreeMap<String, f64>,
    pub high: Risk,
    pub medium: Risk,
    pub lead: Lead,
    pub rows: Rows,
}

/// Limits of a case's way.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub accept_hours: f64,
    pub triage_hours: f64,
    pub resolve_days: f64,
    pub relapse_days: f64,
}

/// What makes a sector's risk what it is called; one is enough.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Risk {
    pub persons: f64,
    /// CNY.
    pub amount: f64,
    /// Cases of severity 1 or 2, collective ones, ones beyond level.
    pub grave: f64,
    /// Share of the areas that are scored in which it was seen.
    pub spread: f64,
}

/// What makes an open case one for an official of the county.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lead {
    pub persons: f64,
    /// CNY.
    pub amount: f64,
}

/// Rows of the longest lists.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rows {
    pub matters: u32,
    pub cases: u32,
}

impl Thresholds {
    /// The workspace's own thresholds, or the bundled ones.
    ///
    /// # Errors
    /// [`Error::Config`] where the file is wrong, or a grade is none of the taxonomy.
    pub fn read(workspace: &Workspace, taxonomy: &Taxonomy) -> Result<Thresholds> {
        let (file, text) = workspace.text(THRESHOLDS)?;
        let limits = Thresholds::parse(&file, &text)?;
        let grades = taxonomy.list("grade", &DOMAINS[0]);
        let unknown = |code: &&String| grades.is_none_or(|list| !list.has(code));
        match limits.grade_days.keys().find(unknown) {
            Some(code) => Err(Error::config(
                &file,
                format!("grade_days.{code} is no grade"),
                "use a code of grade in models/taxonomy.toml",
            )),
            None => Ok(limits),
        }
    }

    /// The thresholds a text gives.
    ///
    /// # Errors
    /// [`Error::Config`] where a key lacks or is unknown, or a limit is below zero.
    pub fn parse(file: &Path, text: &str) -> Result<Thresholds> {
        let limits: Thresholds = parse_toml(file, text)?;
        let is_wrong = |limit: f64| limit.is_nan() || limit < 0.0;
        let below = limits.named().into_iter().find(|(_, limit)| is_wrong(*limit));
        let grade = limits.grade_days.iter().find(|(_, days)| is_wrong(**days));
        match below.map(|(name, _)| name.to_owned()).or(grade.map(|(code, _)| code.clone())) {
            Some(name) => Err(Error::config(
                file,
                format!("{name} is below zero"),
                "give it a number that is not",
            )),
            None => Ok(limits),
        }
    }

    /// Limits and thresholds as columns of the table `limits`.
    pub fn named(&self) -> [(&'static str, f64); 16] {
        let Thresholds { limits, high, medium, lead, rows, .. } = self;
        [
            ("accept_hours", limits.accept_hours),
            ("triage_hours", limits.triage_hours),
            ("resolve_days", limits.resolve_days),
            ("relapse_days", limits.relapse_days),
            ("high_persons", high.persons),
            ("high_amount", high.amount),
            ("high_grave", high.grave),
            ("high_spread", high.spread),
            ("medium_persons", medium.persons),
            ("medium_amount", medium.amount),
            ("medium_grave", medium.grave),
            ("medium_spread", medium.spread),
            ("lead_persons", lead.persons),
            ("lead_amount", lead.amount),
            ("matters", f64::from(rows.matters)),
            ("cases", f64::from(rows.cases)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_below_zero_and_one_that_is_none_are_named() {
        let text = include_str!("../../models/month.toml");
        let read = |text: &str| Thresholds::parse(Path::new("month.toml"), text);
        assert!(read(text).is_ok());
        let error = |from, to| read(&text.replace(from, to)).unwrap_err().to_string();
        let below = error("relapse_days = 90", "relapse_days = -1");
        assert!(below.contains("relapse_days is below zero"), "{below}");
        let unknown = error("relapse_days", "lapse_days");
        assert!(unknown.contains("lapse_days"), "{unknown}");
        assert!(error("special = 30", "special = nan").contains("special"));
    }
}
