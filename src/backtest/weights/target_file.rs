//! `models/target.toml`: the events that a backtest is judged by.

use std::path::Path;

use lake::areas::EXPOSURES;
use lake::error::{Error, Result, parse_toml};
use lake::schema::Domain;

use crate::workspace::Workspace;

/// The file, within a workspace or bundled.
pub const TARGET: &str = "models/target.toml";

/// Which events are the target, and what their number is held against.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetFile {
    /// What officials call them.
    pub label: String,
    /// Column of the register; counts are compared where it is absent.
    #[serde(default)]
    pub per: Option<String>,
    #[serde(rename = "event")]
    pub events: Vec<DomainEvents>,
}

/// Events of one domain.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DomainEvents {
    pub domain: String,
    /// SQL condition on the domain's columns.
    #[serde(rename = "where")]
    pub condition: String,
}

impl TargetFile {
    /// The workspace's own target, or the bundled one.
    ///
    /// # Errors
    /// [`Error::Config`] where the file is wrong.
    pub fn read(workspace: &Workspace) -> Result<TargetFile> {
        let (file, text) = workspace.text(TARGET)?;
        TargetFile::parse(&file, &text)
    }

    /// Reads and checks the file's text.
    ///
    /// # Errors
    /// [`Error::Config`] naming what is wrong.
    pub fn parse(file: &Path, text: &str) -> Result<TargetFile> {
        let target: TargetFile = parse_toml(file, text)?;
        let wrong = |what: String, fix: &str| Err(Error::config(file, what, fix));
        if target.events.is_empty() {
            return wrong("it names no events".into(), "add an [[event]] with domain and where");
        }
        if let Some(per) = target.per.as_deref().filter(|per| !EXPOSURES.contains(per)) {
            return wrong(
                format!("per = \"{per}\" is no column of the register"),
                "take population, households, vehicles, enterprises …, or leave it out",
            );
        }
        for events in &target.events {
            if Domain::find(&events.domain).is_none() {
                return wrong(
                    format!("domain = \"{}\" is none", events.domain),
                    "write one of the ten domains' ids",
                );
            }
        }
        let mut domains: Vec<&str> = target.events.iter().map(|e| e.domain.as_str()).collect();
        domains.sort_unstable();
        if let Some(twice) = domains.windows(2).find(|pair| pair[0] == pair[1]) {
            return wrong(
                format!("{} stands twice, so that an event could count twice", twice[0]),
                "join the conditions with `or`",
            );
        }
        Ok(target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_target_is_right_and_mistakes_are_named() {
        let text = include_str!("../../../models/target.toml");
        let file = Path::new("target.toml");
        assert_eq!(TargetFile::parse(file, text).unwrap().events.len(), 10);
        let error = |from: &str, to: &str| {
            TargetFile::parse(file, &text.replacen(from, to, 1)).unwrap_err().to_string()
        };
        assert!(error("\"traffic\"", "\"trafic\"").contains("trafic"));
        assert!(error("\"traffic\"", "\"disputes\"").contains("disputes stands twice"));
        assert!(error("population", "persons").contains("persons"));
        assert!(error("where =", "wehre =").contains("wehre"));
    }
}
