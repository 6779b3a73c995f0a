//! Events at rest: the register of areas, schemas, ingest, tables, as-of views. The only crate that
//! awaits.

pub mod areas;
mod asof;
mod bloom;
mod columns;
mod derived;
pub mod error;
pub mod files;
pub mod inbox;
pub mod ingest;
mod label;
mod land;
pub mod mapping;
pub mod mask;
mod opened;
mod party;
pub mod propose;
mod rejected;
mod restarted;
pub mod schema;
mod session;
mod table;
pub mod taxonomy;

pub use error::{Error, Result};

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::runtime::Runtime;

pub use asof::AsOf;
pub use bloom::{event_ids, find_versions};
pub use columns::Columns;
pub use derived::{Derived, TableName};
pub use label::{file_label, label, labelled, masked_pieces, plain_number};
pub use land::{Landed, land};
pub use opened::OpenTables;
pub use party::PartyHasher;
pub use session::{Limits, Session, columns_read, explain_sql, quoted, text};
pub use table::{Appender, DataFile, Layout, Table, Written};

pub use schema::{DOMAINS, Domain};

/// Order of the panel's rows: the feeds' counts of all days lie together, and so do the days of
/// each indicator.
pub const PANEL_ORDER: [&str; 5] = ["indicator", "day", "area_code", "category", "recorded_day"];

/// The folder of Delta tables of a workspace. A table is seen as it was when it was first opened,
/// with what was committed through here since.
#[derive(Clone, Debug)]
pub struct Lake {
    root: PathBuf,
    opened: OpenTables,
    runtime: Arc<Runtime>,
}

impl Lake {
    /// The lake in `root`; tables are made when first written.
    ///
    /// # Errors
    /// [`Error::Io`] where no thread pool can be started.
    pub fn open(root: &Path, limits: &Limits) -> Result<Lake> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(limits.threads)
            .enable_all()
            .build();
        let runtime = runtime.map_err(|source| Error::Io { path: root.to_path_buf(), source })?;
        Ok(Lake {
            root: root.to_path_buf(),
            opened: OpenTables::default(),
            runtime: Arc::new(runtime),
        })
    }

    /// The event table of a domain, made empty where there is none.
    ///
    /// # Errors
    /// [`Error::Delta`].
    pub fn events(&self, domain: &Domain) -> Result<Table> {
        let layout = Layout { sort: &["occurred_at", "event_id"], bloom: Some("event_id") };
        Table::open(
            &self.root.join(domain.id),
            domain.schema(),
            layout,
            &self.opened,
            self.runtime.clone(),
        )
    }

    /// A derived table, made empty where there is none.
    ///
    /// # Errors
    /// [`Error::Delta`]; [`Error::Usage`] where another version of pingan has written it.
    pub fn derived(&self, name: impl Into<TableName>) -> Result<Table> {
        let name = name.into();
        let folder = self.root.join(name.to_string());
        let sort: &[&str] = if name.table == Derived::Panel { &PANEL_ORDER } else { &[] };
        let layout = Layout { sort, bloom: None };
        let schema = name.table.schema();
        let table = Table::open(&folder, schema, layout, &self.opened, self.runtime.clone())?;
        if table.is_of_this_version()? {
            return Ok(table);
        }
        Err(Error::usage(
            format!(
                "{} was written by another version of pingan and has other columns",
                folder.display()
            ),
            format!("remove {} and run again: it is made anew", folder.display()),
        ))
    }

    /// Whether a derived table has ever been written.
    pub fn has(&self, name: impl Into<TableName>) -> bool {
        self.is_table(&name.into().to_string())
    }

    /// Whether a domain's events have ever been written.
    pub fn has_events(&self, domain: &Domain) -> bool {
        self.is_table(domain.id)
    }

    fn is_table(&self, folder: &str) -> bool {
        self.root.join(folder).join("_delta_log").is_dir()
    }

    /// The derived tables that were ever written, those of other models among them, by name.
    pub fn derived_tables(&self) -> Vec<TableName> {
        let folders = std::fs::read_dir(&self.root).into_iter().flatten().flatten();
        let mut names: Vec<TableName> = folders
            .filter_map(|f| TableName::parse(&f.file_name().to_string_lossy()))
            .filter(|name| self.has(name.clone()))
            .collect();
        names.sort_by_key(TableName::to_string);
        names
    }

    /// The domains that have a table.
    pub fn domains(&self) -> impl Iterator<Item = &'static Domain> + '_ {
        DOMAINS.iter().filter(|d| self.has_events(d))
    }

    /// Threads of the asynchronous edge: DataFusion and deltalake.
    pub(crate) fn runtime(&self) -> Arc<Runtime> {
        self.runtime.clone()
    }
}
