//! Names of areas, categories and topics, for people to read.

use crate::warn::Settings;
use lake::areas::Register;
use lake::taxonomy::Taxonomy;

/// Names of a workspace's codes.
pub struct Names {
    register: Register,
    taxonomy: Taxonomy,
    /// `None` where the warning rules are wrong: findings are shown all the same.
    warnings: Option<Settings>,
}

impl Names {
    /// Names by register, taxonomy and, where they can be read, the warning rules.
    pub(super) fn new(register: Register, taxonomy: Taxonomy, warnings: Option<Settings>) -> Names {
        Names { register, taxonomy, warnings }
    }

    /// An area's name; its code where the register has none.
    pub fn area<'a>(&'a self, code: &'a str) -> &'a str {
        self.register.get(code).map_or(code, |a| a.name.as_str())
    }

    /// The label of a domain's category; `全部` for all categories together, an empty code.
    pub fn category(&self, domain: &str, code: &str) -> String {
        if code.is_empty() {
            "全部".to_owned()
        } else {
            self.taxonomy.category(domain, code).unwrap_or(code).to_owned()
        }
    }

    /// The name of a warning's topic.
    pub fn topic<'a>(&'a self, id: &'a str) -> &'a str {
        self.warnings
            .iter()
            .flat_map(|w| &w.topic)
            .find(|t| t.id == id)
            .map_or(id, |t| t.name.as_str())
    }
}
