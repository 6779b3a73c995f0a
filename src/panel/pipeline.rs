//! A domain's SQL: which text is in force, and its hash.

use std::path::PathBuf;

use crate::workspace::Workspace;
use lake::Result;
use lake::schema::Domain;

/// The columns a pipeline must yield, and nothing else.
pub const COLUMNS: [&str; 7] =
    ["day", "recorded_day", "area_code", "indicator", "category", "num", "den"];

/// The indicator that every pipeline yields: its domain's events.
pub const EVENTS: &str = "events";

/// Ends the name of the indicator that says of how many events another one is not known:
/// `collective_unknown` beside `collective`. Its `num` is the events that do not say whether, or
/// how much, they add to it; its `den` those of them that need not, as a traffic violation need not
/// say that nobody was killed. Where a pipeline yields none, every event says it.
pub const UNKNOWN: &str = "_unknown";

/// How the panel is made beside the SQL: one that an earlier version of pingan made another way is
/// made anew. 2: each row says its source, and versions know their delivery.
const LAYOUT: u32 = 2;

/// `pipelines/<domain>.sql`: events in, one row per area, day, recorded day, indicator and category
/// out.
#[derive(Clone, Debug)]
pub struct Pipeline {
    pub domain: &'static Domain,
    /// Where the text stands, for messages.
    pub file: PathBuf,
    pub sql: String,
}

impl Pipeline {
    /// The workspace's own SQL of a domain, else the bundled one.
    ///
    /// # Errors
    /// [`lake::Error::Io`] where the own copy cannot be read.
    pub fn read(workspace: &Workspace, domain: &'static Domain) -> Result<Pipeline> {
        let (file, sql) = workspace.text(&format!("pipelines/{}.sql", domain.id))?;
        Ok(Pipeline { domain, file, sql })
    }

    /// Application transaction under which the panel records how far this very text has processed
    /// the domain's events.
    pub fn transaction(&self) -> String {
        let hash = blake3::hash(self.sql.as_bytes()).to_hex();
        format!("panel:{LAYOUT}:{}:{}", self.domain.id, &hash[..16])
    }

    /// Whether the text names that indicator outside of comments, without which it cannot yield it.
    pub fn names(&self, indicator: &str) -> bool {
        let quoted = format!("'{indicator}'");
        self.sql
            .lines()
            .any(|line| line.split("--").next().is_some_and(|code| code.contains(&quoted)))
    }
}
