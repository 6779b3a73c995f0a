//! A copy of a workspace to try things in: what was delivered and how it is read, and nothing of
//! what came of it.

use std::fs;
use std::path::Path;

use datafusion::arrow::compute::cast;
use datafusion::arrow::record_batch::RecordBatch;
use lake::error::{At, Result};
use lake::schema::DOMAINS;
use lake::{AsOf, Derived, Lake, Limits, Session};
use tempfile::TempDir;

use crate::workspace::Workspace;

/// What a workspace is read by, beside its register and its lake.
const READ: [&str; 8] = [
    "pingan.toml",
    "areas.csv",
    "exposures.csv",
    "circumstances.csv",
    "areas.geojson",
    "models",
    "pipelines",
    "reports",
];
/// Tables of what was delivered, beside those of the domains.
const DELIVERED: [Derived; 2] = [Derived::Panel, Derived::Deliveries];

/// The copy; it is gone with this.
pub struct Replica {
    pub workspace: Workspace,
    _folder: TempDir,
}

impl Replica {
    /// Copies a workspace into a folder of its own output; files of the lake, which never change,
    /// are the same ones.
    ///
    /// # Errors
    /// [`lake::Error::Io`] where it cannot be written.
    pub fn new(workspace: &Workspace) -> Result<Replica> {
        let into = workspace.root.join("out/backtests");
        fs::create_dir_all(&into).at(&into)?;
        let folder = tempfile::Builder::new().prefix("replica-").tempdir_in(&into).at(&into)?;
        let root = folder.path();
        for name in READ {
            copy(&workspace.root.join(name), &root.join(name))?;
        }
        for made in ["inbox", "lake", "out", "mappings"] {
            fs::create_dir(root.join(made)).at(root)?;
        }
        let tables = DOMAINS.iter().map(|d| d.id).chain(DELIVERED.map(Derived::name));
        for table in tables {
            copy(&workspace.lake().join(table), &root.join("lake").join(table))?;
        }
        Ok(Replica { workspace: Workspace::open(root)?, _folder: folder })
    }

    /// Replaces every figure of the panel that became known after then by noise.
    ///
    /// # Errors
    /// [`lake::Error::Delta`], [`lake::Error::Query`].
    pub fn add_noise_after(&self, then: &AsOf, limits: &Limits) -> Result<()> {
        let lake = Lake::open(&self.workspace.lake(), limits)?;
        let mut panel = lake.derived(Derived::Panel)?;
        let session = Session::new(&lake, limits)?;
        session.register_table("panel", &panel)?;
        let noisy = |name: &str| match name {
            "num" | "den" => format!(
                "case when recorded_day > date '{}' then cast(random() * 50 as bigint) \
                 else {name} end as {name}",
                then.day
            ),
            name => name.to_owned(),
        };
        let schema = panel.schema();
        let columns: Vec<String> = schema.fields().iter().map(|f| noisy(f.name())).collect();
        let frame = session.sql(&format!("select {} from panel", columns.join(", ")))?;
        let old = panel.files()?;
        let mut appender = panel.appender()?;
        session.stream(frame, |batch| {
            let columns = batch.columns().iter().zip(schema.fields());
            let columns: std::result::Result<Vec<_>, _> =
                columns.map(|(column, field)| cast(column, field.data_type())).collect();
            appender.write(&RecordBatch::try_new(schema.clone(), columns?)?)
        })?;
        panel.commit(appender.finish()?, &old, &[])?;
        Ok(())
    }
}

/// Copies a file or a folder, where it is there; Parquet files as links.
fn copy(from: &Path, to: &Path) -> Result<()> {
    if from.is_dir() {
        fs::create_dir(to).at(to)?;
        for entry in fs::read_dir(from).at(from)? {
            let name = entry.at(from)?.file_name();
            copy(&from.join(&name), &to.join(&name))?;
        }
    } else if from.is_file() {
        let never_changes = from.extension().is_some_and(|kind| kind == "parquet");
        if !(never_changes && fs::hard_link(from, to).is_ok()) {
            fs::copy(from, to).at(to)?;
        }
    }
    Ok(())
}
