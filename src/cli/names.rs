//! What codes and ids are called, for people to read.

use lake::areas::Register;
use lake::schema::Domain;
use lake::taxonomy::Taxonomy;
use pingan::Result;
use pingan::warn::Settings;
use pingan::workspace::Workspace;

/// The names of a workspace.
pub struct Names {
    register: Register,
    taxonomy: Taxonomy,
    /// `None` where they are wrong: who only looks at findings need not mend them first.
    warnings: Option<Settings>,
}

impl Names {
    pub fn of(workspace: &Workspace) -> Result<Names> {
        Ok(Names {
            register: Register::read(&workspace.areas_file())?,
            taxonomy: workspace.taxonomy()?,
            warnings: Settings::read(workspace).ok(),
        })
    }

    pub fn area<'a>(&'a self, code: &'a str) -> &'a str {
        self.register.get(code).map_or(code, |a| a.name.as_str())
    }

    /// A domain's category; all of them together where it is empty.
    pub fn category(&self, domain: &str, code: &str) -> String {
        let label = || {
            Domain::find(domain).and_then(|domain| {
                self.taxonomy.list("category", domain)?.label(code).map(str::to_owned)
            })
        };
        if code.is_empty() {
            "全部".to_owned()
        } else {
            label().unwrap_or_else(|| code.to_owned())
        }
    }

    /// What a warning is about.
    pub fn topic<'a>(&'a self, id: &'a str) -> &'a str {
        self.warnings
            .iter()
            .flat_map(|w| &w.topic)
            .find(|t| t.id == id)
            .map_or(id, |t| t.name.as_str())
    }
}
