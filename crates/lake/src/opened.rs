//! The tables that a command has opened, and the last application transactions of each: a log is
//! read once, however often it is asked.
//!
//! To replay the log of a table costs more than a night brings into it, and a night opens most
//! tables several times and asks the panel's for every domain.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use deltalake::DeltaTable;
use serde::Deserialize;

use crate::error::{At, Result};

/// The tables that were opened, by folder, each as it was then or as the last commit since has left
/// it.
#[derive(Clone, Debug, Default)]
pub struct OpenTables(Arc<Mutex<HashMap<PathBuf, OpenTable>>>);

#[derive(Debug)]
struct OpenTable {
    table: DeltaTable,
    transactions: Option<Transactions>,
}

/// Application transactions of the commits after a checkpoint, the last version of each.
#[derive(Debug)]
struct Transactions {
    /// Whether there is no checkpoint, so that these are all.
    all: bool,
    versions: HashMap<String, i64>,
}

/// What is known of an application transaction.
pub(super) enum TransactionState {
    At(i64),
    Never,
    /// Not since the last checkpoint; what was before stands in that.
    NotLately,
}

impl OpenTables {
    pub(super) fn find(&self, folder: &Path) -> Option<DeltaTable> {
        self.lock().get(folder).map(|known| known.table.clone())
    }

    pub(super) fn insert(&self, folder: &Path, table: &DeltaTable) {
        self.lock()
            .insert(folder.to_path_buf(), OpenTable { table: table.clone(), transactions: None });
    }

    /// The table as a commit of these application transactions has left it.
    pub(super) fn committed(
        &self,
        folder: &Path,
        table: &DeltaTable,
        transactions: &[(String, i64)],
    ) {
        if let Some(known) = self.lock().get_mut(folder) {
            known.table = table.clone();
            if let Some(seen) = &mut known.transactions {
                seen.versions.extend(transactions.iter().cloned());
            }
        }
    }

    /// The last version under which a transaction was committed to a table that was opened, what
    /// was committed through here since included.
    ///
    /// # Errors
    /// [`crate::Error::Io`] where a commit cannot be read.
    pub(super) fn transaction(&self, folder: &Path, app_id: &str) -> Result<TransactionState> {
        let mut tables = self.lock();
        let Some(known) = tables.get_mut(folder) else { return Ok(TransactionState::NotLately) };
        let seen = match &mut known.transactions {
            Some(seen) => seen,
            none => none.insert(Transactions::read(
                &folder.join("_delta_log"),
                known.table.version().map_or(-1, |v| v as i64),
            )?),
        };
        Ok(match seen.versions.get(app_id) {
            Some(version) => TransactionState::At(*version),
            None if seen.all => TransactionState::Never,
            None => TransactionState::NotLately,
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<PathBuf, OpenTable>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Transactions {
    fn read(log: &Path, upto: i64) -> Result<Transactions> {
        let checkpoint = std::fs::read(log.join("_last_checkpoint")).ok();
        let checkpoint =
            checkpoint.and_then(|text| serde_json::from_slice::<Checkpoint>(&text).ok());
        let first = checkpoint.map_or(0, |c| c.version + 1);
        let mut versions = HashMap::new();
        for version in first..=upto {
            let file = log.join(format!("{version:020}.json"));
            let text = std::fs::read(&file).at(&file)?;
            // A line that is no such action is none of ours to judge: whoever opened the table has
            // read it.
            let actions = text
                .split(|byte| *byte == b'\n')
                .filter_map(|line| serde_json::from_slice::<Action>(line).ok()?.txn);
            versions.extend(actions.map(|txn| (txn.app_id, txn.version)));
        }
        Ok(Transactions { all: first == 0, versions })
    }
}

/// `_last_checkpoint` of the Delta protocol, as far as it is needed.
#[derive(Deserialize)]
struct Checkpoint {
    version: i64,
}

/// One line of a commit of the Delta protocol, as far as it is needed.
#[derive(Deserialize)]
struct Action {
    txn: Option<Txn>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Txn {
    app_id: String,
    version: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_version_of_each_transaction_after_a_checkpoint_is_known() {
        let log = tempfile::tempdir().unwrap();
        let commit = |version: i64, lines: &str| {
            std::fs::write(log.path().join(format!("{version:020}.json")), lines).unwrap()
        };
        commit(
            0,
            "{\"protocol\":{\"minReaderVersion\":1}}\n{\"txn\":{\"appId\":\"a\",\"version\":1}}",
        );
        commit(
            1,
            "{\"txn\":{\"appId\":\"b\",\"version\":7,\"lastUpdated\":3}}\n\n{\"add\":{\"path\":\"x\",\"stats\":\"{}\"}}\n",
        );
        commit(2, "{\"txn\":{\"appId\":\"a\",\"version\":2}}");
        let all = Transactions::read(log.path(), 2).unwrap();
        assert!(
            all.all && all.versions == HashMap::from([("a".into(), 2), ("b".into(), 7)]),
            "{all:?}"
        );
        assert_eq!(Transactions::read(log.path(), 1).unwrap().versions["a"], 1);
        std::fs::write(log.path().join("_last_checkpoint"), "{\"version\":1,\"size\":9}").unwrap();
        let tail = Transactions::read(log.path(), 2).unwrap();
        assert!(!tail.all && tail.versions == HashMap::from([("a".into(), 2)]), "{tail:?}");
        assert!(
            Transactions::read(log.path(), 3).is_err(),
            "a commit that is missing is not passed over"
        );
    }
}
