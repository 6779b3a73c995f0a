//! `models/detectors.toml`: what is watched, and how it is judged.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{Datelike, NaiveDate};
use serde::Deserialize;

use crate::workspace::Workspace;
use lake::error::{Error, Result, parse_toml};
use lake::schema::Domain;
use methods::Flaw;
use methods::detect::association::AssociationParams;
use methods::detect::delay::Delay;
use methods::detect::forecast::Forecast;
use methods::detect::house::HouseParams;
use methods::detect::scan::{Scan, ScanParams};

/// Where the settings lie, relative to the workspace.
pub const DETECTORS: &str = "models/detectors.toml";

/// The file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Level of the areas that are watched; the county is watched beside them.
    pub level: String,
    /// Weeks of history read.
    pub weeks: usize,
    /// False discovery rate of a night, over the rises of all series; associations and shared
    /// parties have it each by themselves.
    pub q: f64,
    /// Each domain's indicator that is watched, all categories together and each by itself.
    pub watch: BTreeMap<String, String>,
    /// The house detector, on the weeks.
    pub spikes: HouseParams,
    /// Late reports.
    pub delay: Delay,
    #[serde(default)]
    pub rises: Rises,
    /// Sections of earlier versions, in whose place `[rises]` stands.
    #[serde(default)]
    pub trends: Option<toml::Table>,
    #[serde(default)]
    pub changes: Option<toml::Table>,
    /// Neighbouring areas and close days together, on each domain's days.
    pub clusters: Clusters,
    pub forecast: Forecast,
    /// What follows what.
    #[serde(default)]
    pub associations: Associations,
    /// Hash of the text it was read from.
    #[serde(skip)]
    pub hash: String,
    /// Line of each domain in `[watch]`.
    #[serde(skip)]
    pub lines: BTreeMap<String, usize>,
}

/// The share of false ones among what a night finds, up to which a finding is told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FalseDiscoveryRate(pub f64);

impl FalseDiscoveryRate {
    /// Whether a finding's q, where it has one, is within the rate.
    pub fn admits(self, q: Option<f64>) -> bool {
        q.is_some_and(|q| q <= self.0)
    }
}

/// Rises of all lengths together.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rises {
    /// A rise lasts for as many weeks in a row as its p is at most this.
    pub keep: f64,
}

impl Default for Rises {
    fn default() -> Self {
        Rises { keep: 0.001 }
    }
}

/// The scan, and how far back it looks.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clusters {
    /// Days of the table.
    pub days: usize,
    /// A cluster is told where one so rare is expected once in so many days at most often, in all
    /// scans of a night.
    pub recurrence_days: f64,
    pub scan: ScanParams,
}

/// Lagged rank correlation of the county's series, domain by domain and category by category, on
/// weeks.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Associations {
    pub every: Every,
    /// Fewest events a year of each of the two.
    pub least: f64,
    pub test: AssociationParams,
}

impl Default for Associations {
    fn default() -> Self {
        Associations { every: Every::Month, least: 52.0, test: AssociationParams::default() }
    }
}

/// On which nights something costly is done.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Every {
    Night,
    /// On the night that ends a calendar month.
    Month,
    Never,
}

impl Every {
    /// Whether it is due on the night of that day.
    pub fn due(self, day: NaiveDate) -> bool {
        match self {
            Every::Night => true,
            Every::Month => day.succ_opt().is_some_and(|next| next.day() == 1),
            Every::Never => false,
        }
    }
}

impl Settings {
    /// The settings in force, checked.
    ///
    /// # Errors
    /// [`Error::Config`] where one is wrong.
    pub fn read(workspace: &Workspace) -> Result<Settings> {
        let (file, text) = workspace.text(DETECTORS)?;
        Settings::parse(&file, &text)
    }

    /// The same from a text; `file` is named in errors.
    ///
    /// # Errors
    /// As [`Settings::read`].
    pub fn parse(file: &Path, text: &str) -> Result<Settings> {
        let mut settings: Settings = parse_toml(file, text)?;
        settings.hash = blake3::hash(text.as_bytes()).to_hex()[..16].to_owned();
        settings.lines = lines(text);
        settings.check().map_err(|flaw| Error::config(file, flaw.what, flaw.fix))?;
        Ok(settings)
    }

    /// The false discovery rate in force.
    pub fn false_discovery_rate(&self) -> FalseDiscoveryRate {
        FalseDiscoveryRate(self.q)
    }

    /// What the file sets without effect.
    pub fn notices(&self) -> Vec<String> {
        let sections = [("trends", &self.trends), ("changes", &self.changes)];
        let without_effect = |(name, section): (&str, &Option<toml::Table>)| {
            let notice = format!(
                "{DETECTORS}: [{name}] has no effect any more, rises of all lengths are one test ([rises]): remove it"
            );
            section.is_some().then_some(notice)
        };
        sections.into_iter().filter_map(without_effect).collect()
    }

    fn check(&self) -> Result<(), Flaw> {
        if let Some(unknown) = self.watch.keys().find(|d| Domain::find(d).is_none()) {
            return Err(Flaw::new(
                format!("[watch] there is no domain \"{unknown}\""),
                "correct or remove it",
            ));
        }
        let plain = |name: &str| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        if let Some((domain, indicator)) = self.watch.iter().find(|(_, i)| !plain(i)) {
            return Err(Flaw::new(
                format!("[watch] {domain} = \"{indicator}\" is no indicator"),
                "name one of its pipeline, such as events",
            ));
        }
        if !(self.q > 0.0 && self.q < 1.0) {
            return Err(Flaw::new(
                format!("q = {} is no false discovery rate", self.q),
                "give a share between 0 and 1, such as 0.1",
            ));
        }
        if !(8..=1040).contains(&self.weeks) {
            return Err(Flaw::new(
                format!("weeks = {} is no history", self.weeks),
                "give between 8 and 1040, five years are 261",
            ));
        }
        if self.clusters.days < 2 * self.clusters.scan.max_days || self.clusters.days > 3660 {
            let what = format!("[clusters] days = {} cannot be looked at", self.clusters.days);
            return Err(Flaw::new(what, "give at least twice the scan's max_days, at most 3660"));
        }
        if !(self.rises.keep > 0.0 && self.rises.keep <= 0.5) {
            let what = format!("[rises] keep = {} is no p", self.rises.keep);
            return Err(Flaw::new(what, "give a chance above 0 and at most 0.5, such as 0.001"));
        }
        if !self.clusters.scan.prospective {
            let what = "[clusters.scan] prospective = false knows no recurrence interval, so that nothing would be told";
            return Err(Flaw::new(what, "leave it out"));
        }
        if !self.spikes.reported.is_empty() || !self.spikes.reported_error.is_empty() {
            let what = "[spikes] reported is learned from the panel";
            return Err(Flaw::new(what, "leave reported and reported_error out"));
        }
        self.forecast.check()?;
        self.delay.check()?;
        self.spikes.rule(52)?;
        if !(self.associations.least >= 0.0 && self.associations.test.max_lag <= 52) {
            return Err(Flaw::new(
                "[associations] least or max_lag makes no sense",
                "give a number of events a year, and at most 52 weeks",
            ));
        }
        self.associations.test.check()?;
        Scan::new(self.clusters.scan.clone()).map(|_| ())
    }
}

/// The line on which each domain stands in `[watch]`, from 1.
fn lines(text: &str) -> BTreeMap<String, usize> {
    #[derive(Deserialize)]
    struct Watched {
        watch: BTreeMap<String, toml::Spanned<String>>,
    }
    let line = |at: usize| text.get(..at).map_or(1, |before| before.matches('\n').count() + 1);
    let watched = toml::from_str(text).unwrap_or(Watched { watch: BTreeMap::new() }).watch;
    watched.into_iter().map(|(domain, indicator)| (domain, line(indicator.span().start))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_ends_on_its_last_day() {
        let due = |day: &str| Every::Month.due(day.parse().unwrap());
        assert!(
            due("2024-02-29")
                && due("2025-02-28")
                && due("2025-12-31")
                && !due("2024-02-28")
                && !due("2025-12-30")
        );
        assert!(
            Every::Night.due("2024-02-01".parse().unwrap())
                && !Every::Never.due("2024-02-29".parse().unwrap())
        );
    }

    #[test]
    fn the_shipped_settings_hold_and_know_their_lines() {
        let text = include_str!("../../models/detectors.toml");
        let settings = Settings::parse(Path::new("detectors.toml"), text).unwrap();
        let line = text.lines().nth(settings.lines["key_groups"] - 1).unwrap();
        assert_eq!(line, "key_groups = \"incidents\"");
        assert_eq!(settings.lines.len(), settings.watch.len());
    }
}
