//! What officials write for a code, from `models/taxonomy.toml`.

use std::collections::BTreeMap;
use std::path::Path;

use crate::workspace::Workspace;
use lake::error::{Error, Result, parse_toml};

type Spellings = BTreeMap<String, Vec<String>>;

/// The taxonomy's spellings.
#[derive(serde::Deserialize)]
pub struct Words {
    category: BTreeMap<String, Spellings>,
    #[serde(flatten)]
    lists: BTreeMap<String, Spellings>,
}

impl Words {
    /// Reads the workspace's taxonomy.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn load(workspace: &Workspace) -> Result<Words> {
        let (file, text) = workspace.text("models/taxonomy.toml")?;
        parse_toml(Path::new(&file), &text)
    }

    /// One of the spellings of a code in a column of a domain; `n` chooses which.
    ///
    /// # Errors
    /// Where the taxonomy lacks the code.
    pub fn word(&self, domain: &str, column: &str, code: &str, n: usize) -> Result<&str> {
        let list =
            if column == "category" { self.category.get(domain) } else { self.lists.get(column) };
        let spellings = list.and_then(|l| l.get(code)).filter(|s| !s.is_empty());
        let missing = || {
            Error::config(
                Path::new("models/taxonomy.toml"),
                format!("{column} of {domain} has no spelling for {code}"),
                "add a line for it",
            )
        };
        // Mostly the first spelling, every fifth time another: departments are not of one hand.
        spellings
            .map(|s| s[if n % 5 == 4 { (n / 5) % s.len() } else { 0 }].as_str())
            .ok_or_else(missing)
    }
}
