//! `reports/month/words.toml`: what the report says, as templates that are held against what they
//! may name when they are read.

use std::collections::BTreeMap;
use std::path::Path;

use minijinja::{Environment, UndefinedBehavior};
use serde::Deserialize;

use crate::workspace::Workspace;
use lake::error::{At, Error, Result, parse_toml};

/// The file, within a workspace or bundled.
pub const MONTH_WORDS: &str = "reports/month/words.toml";
const BUNDLED: &str = include_str!("../../reports/month/words.toml");

/// Every template by its name, and what it may name.
const TEMPLATES: &[(&str, &[&str])] = &[
    ("title", &["county", "month"]),
    ("subtitle", &["provisional", "as_of"]),
    ("overall_heading", &[]),
    ("index", &["month", "county", "score", "interval", "band", "before", "year_ago"]),
    ("no_index", &["month", "county"]),
    ("capped", &[]),
    ("points", &["base", "points"]),
    ("bands", &["of", "list"]),
    ("delivered", &["n", "names"]),
    ("not_delivered", &["names"]),
    ("not_whole", &["names"]),
    ("clear_up", &["base", "names"]),
    ("clear_down", &["base", "names"]),
    ("nothing_clear", &["base", "of"]),
    ("provisional", &["names"]),
    ("domains_heading", &[]),
    (
        "domain",
        &[
            "month",
            "count",
            "unit",
            "daily",
            "month_on_month",
            "before",
            "year_on_year",
            "year_ago",
            "clear",
            "mean",
        ],
    ),
    ("domain_none", &["month"]),
    ("largest", &["list"]),
    ("largest_item", &["name", "count", "unit", "share"]),
    ("areas_heading", &[]),
    ("highest", &["list"]),
    ("lowest", &["list"]),
    ("area_item", &["name", "score", "ranks"]),
    ("no_scores", &[]),
    ("risks_heading", &[]),
    ("found", &["n", "areas"]),
    ("none_found", &[]),
    ("not_detected", &[]),
    ("circumstances", &["list"]),
    ("circumstance_item", &["what", "days", "aside"]),
    ("causes", &["list"]),
    ("cause_item", &["label", "points"]),
    ("no_causes", &[]),
    ("outlook_heading", &[]),
    ("outlook", &["from", "to"]),
    ("no_outlook", &[]),
    ("letters_heading", &[]),
    ("letters", &["drafted", "issued", "answered", "as_of", "open", "overdue", "measures"]),
    ("no_letters", &[]),
    ("advice_heading", &[]),
    ("advice", &["areas", "topic", "measures"]),
    ("no_advice", &[]),
    ("annex_heading", &[]),
    ("annex", &["level"]),
    ("editions_heading", &[]),
    ("edition", &["edition", "before", "moved"]),
    ("tables_changed", &["added", "dropped", "changed"]),
];

/// The words of the report.
pub struct Words(Environment<'static>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    words: BTreeMap<String, String>,
}

impl Words {
    /// The workspace's own words, or the bundled ones.
    ///
    /// # Errors
    /// [`Error::Config`] naming the template and the placeholder that is not known.
    pub fn read(workspace: &Workspace) -> Result<Words> {
        let own = workspace.root.join(MONTH_WORDS);
        if !own.is_file() {
            return Words::parse(Path::new(MONTH_WORDS), BUNDLED);
        }
        Words::parse(&own, &std::fs::read_to_string(&own).at(&own)?)
    }

    /// Reads a file of words.
    ///
    /// # Errors
    /// As [`Words::read`].
    pub fn parse(file: &Path, text: &str) -> Result<Words> {
        let Raw { words } = parse_toml(file, text)?;
        let known: Vec<&str> = TEMPLATES.iter().map(|(name, _)| *name).collect();
        if let Some(name) = words.keys().find(|name| !known.contains(&name.as_str())) {
            let fix = format!("there are {}", known.join(", "));
            return Err(Error::config(file, format!("{name} is not known"), fix));
        }
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        for (name, placeholders) in TEMPLATES {
            let lacks =
                || Error::config(file, format!("it lacks {name}"), "take it from the bundled file");
            let source = words.get(*name).ok_or_else(lacks)?;
            let wrong = |what: String| {
                let line = text.lines().position(|l| l.contains(source.as_str())).map(|at| at + 1);
                let there_are =
                    if placeholders.is_empty() { "none".into() } else { placeholders.join(", ") };
                let fix = format!("there are {there_are}");
                let what = format!("{name}: {what}");
                Error::Config { file: file.to_path_buf(), line, what, fix }
            };
            environment
                .add_template_owned((*name).to_owned(), source.clone())
                .map_err(|e| wrong(e.to_string()))?;
            let template = environment.get_template(name).map_err(|e| wrong(e.to_string()))?;
            let named = template.undeclared_variables(false);
            let unknown = named.iter().find(|n| !placeholders.contains(&n.as_str()));
            if let Some(unknown) = unknown {
                return Err(wrong(format!("the placeholder {unknown} is not known")));
            }
            for value in [Some("1".to_owned()), None] {
                let all: BTreeMap<&str, Option<String>> =
                    placeholders.iter().map(|p| (*p, value.clone())).collect();
                template.render(all).map_err(|e| wrong(e.to_string()))?;
            }
        }
        Ok(Words(environment))
    }

    /// A template filled; a placeholder that is not given is none.
    pub fn fill(&self, name: &str, given: &[(&str, Option<String>)]) -> String {
        let placeholders =
            TEMPLATES.iter().find(|(known, _)| *known == name).map_or(&[][..], |t| t.1);
        let mut values: BTreeMap<&str, Option<String>> =
            placeholders.iter().map(|p| (*p, None)).collect();
        values.extend(given.iter().map(|(p, v)| (*p, v.clone())));
        let filled = self.0.get_template(name).and_then(|t| t.render(values));
        // Every template was filled once when it was read.
        filled.unwrap_or_default()
    }
}

#[cfg(test)]
pub(super) fn bundled() -> Words {
    Words::parse(Path::new(MONTH_WORDS), BUNDLED).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_placeholder_is_named_with_its_line_and_what_there_is() {
        let parse = |text: &str| {
            Words::parse(Path::new("w.toml"), text).map(|_| ()).unwrap_err().to_string()
        };
        let wrong = parse(&BUNDLED.replacen("{{ county }}", "{{ conty }}", 1));
        assert!(
            wrong.starts_with("w.toml:7: title: the placeholder conty is not known"),
            "{wrong}"
        );
        assert!(
            parse(&BUNDLED.replace("no_advice =", "no_advise ="))
                .contains("no_advise is not known")
        );
        assert!(
            bundled()
                .fill("clear_up", &[("base", Some("上月".into())), ("names", Some("信访".into()))])
                .contains("信访明显上升")
        );
    }
}
