//! One Delta table: append, replace, and which application transaction was seen.
//!
//! Only additions and removals of whole files; no MERGE, no deletion vectors, no column mapping.
//! The log is never cleaned, so that every version stays readable. After a commit, data and log are
//! fsynced: deltalake's own commits are atomic, not durable.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch, UInt32Array};
use datafusion::arrow::compute::{concat_batches, take_record_batch};
use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::arrow::row::{RowConverter, SortField};
use datafusion::parquet::basic::{Compression, ZstdLevel};
use datafusion::parquet::file::properties::WriterProperties;
use datafusion::parquet::schema::types::ColumnPath;
use deltalake::kernel::engine::arrow_conversion::TryIntoKernel;
use deltalake::kernel::transaction::{CommitBuilder, CommitProperties};
use deltalake::kernel::{Action, Add, StructType, Transaction};
use deltalake::logstore::get_actions;
use deltalake::operations::create::CreateBuilder;
use deltalake::protocol::{DeltaOperation, SaveMode};
use deltalake::writer::{DeltaWriter, RecordBatchWriter};
use deltalake::{DeltaTable, DeltaTableBuilder, DeltaTableError};
use tokio::runtime::Runtime;

use super::opened::{OpenTables, TransactionState};
use crate::error::{At, Error, Result};

/// Rows of one data file; a batch in memory is at most this long.
const ROWS_PER_FILE: usize = 262_144;
/// Rows of one row group: small, so that a late correction decodes little.
const ROWS_PER_GROUP: usize = 32_768;
/// Chance that a row group's bloom filter claims an `event_id` it does not hold.
const BLOOM_FALSE_POSITIVES: f64 = 1e-4;

/// Tag of a file in the log: the blake3 hash of its bytes.
const SEAL: &str = "blake3";

/// How a table's files are laid out.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// Rows of a file are sorted by these columns, so that statistics prune.
    pub sort: &'static [&'static str],
    /// Column with a bloom filter in every row group.
    pub bloom: Option<&'static str>,
}

/// A Delta table at rest in a local folder.
pub struct Table {
    name: String,
    folder: PathBuf,
    schema: SchemaRef,
    layout: Layout,
    inner: DeltaTable,
    opened: OpenTables,
    runtime: Arc<Runtime>,
}

/// One live data file and its statistics.
#[derive(Clone, Debug)]
pub struct DataFile {
    pub path: PathBuf,
    add: Add,
}

impl DataFile {
    /// Smallest and largest value of a column as the log has them, where it has them.
    pub fn bounds(&self, column: &str) -> Option<(serde_json::Value, serde_json::Value)> {
        let [bounds] = self.bounds_of([column]);
        bounds
    }

    /// The same of several columns, for which the log's line is read once.
    pub fn bounds_of<const N: usize>(
        &self,
        columns: [&str; N],
    ) -> [Option<(serde_json::Value, serde_json::Value)>; N] {
        let stats: serde_json::Value = self
            .add
            .stats
            .as_deref()
            .and_then(|stats| serde_json::from_str(stats).ok())
            .unwrap_or_default();
        columns.map(|column| {
            Some((stats["minValues"].get(column)?.clone(), stats["maxValues"].get(column)?.clone()))
        })
    }

    /// Whether the file holds the bytes it was sealed with; one that never was sealed does.
    ///
    /// # Errors
    /// [`Error::Io`] where it cannot be read.
    pub fn is_whole(&self) -> Result<bool> {
        let seal =
            self.add.tags.as_ref().and_then(|tags| tags.get(SEAL)).and_then(Option::as_deref);
        Ok(match seal {
            Some(seal) => hash(&self.path)? == seal,
            None => true,
        })
    }

    /// Rows in the file, where the log says.
    pub fn rows(&self) -> Option<u64> {
        let stats: serde_json::Value = serde_json::from_str(self.add.stats.as_deref()?).ok()?;
        stats["numRecords"].as_u64()
    }
}

impl Table {
    /// Opens the table in `folder`, creating it empty where there is none; one that is among the
    /// `opened` is not read again.
    ///
    /// # Errors
    /// [`Error::Delta`] where the log cannot be read or the folder not written.
    pub fn open(
        folder: &Path,
        schema: SchemaRef,
        layout: Layout,
        opened: &OpenTables,
        runtime: Arc<Runtime>,
    ) -> Result<Table> {
        let name = folder.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        std::fs::create_dir_all(folder).at(folder)?;
        let folder = folder.canonicalize().at(folder)?;
        let inner = match opened.find(&folder) {
            Some(inner) => inner,
            None => {
                let exists = folder.join("_delta_log").join("00000000000000000000.json").is_file();
                let inner = runtime.block_on(async {
                    if exists {
                        with_new_columns(load(&folder).await?, &schema).await
                    } else {
                        create(&folder, &name, &schema).await
                    }
                });
                let inner = inner.map_err(|e| failed(&name, e))?;
                opened.insert(&folder, &inner);
                inner
            }
        };
        Ok(Table { name, folder, schema, layout, inner, opened: opened.clone(), runtime })
    }

    /// Whether the table at rest has the columns it should; one that another version wrote may not.
    ///
    /// # Errors
    /// [`Error::Delta`] where the log cannot be read.
    pub fn is_of_this_version(&self) -> Result<bool> {
        let state = self.inner.snapshot().map_err(|e| failed(&self.name, e))?;
        let at_rest = state.schema();
        Ok(at_rest.fields().map(|f| f.name().as_str()).eq(self
            .schema
            .fields()
            .iter()
            .map(|f| f.name().as_str())))
    }

    /// Name of the table, also in queries.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Columns.
    pub fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    /// Version of the log that is loaded.
    pub fn version(&self) -> i64 {
        self.inner.version().map_or(-1, |v| v as i64)
    }

    /// Last version committed under an application transaction id.
    ///
    /// # Errors
    /// [`Error::Delta`] where the log cannot be read.
    pub fn transaction(&self, app_id: &str) -> Result<Option<i64>> {
        match self.opened.transaction(&self.folder, app_id)? {
            TransactionState::At(version) => Ok(Some(version)),
            TransactionState::Never => Ok(None),
            TransactionState::NotLately => {
                let log_store = self.inner.log_store();
                let state = self.inner.snapshot().map_err(|e| failed(&self.name, e))?;
                self.runtime
                    .block_on(state.transaction_version(log_store.as_ref(), app_id))
                    .map_err(|e| failed(&self.name, e))
            }
        }
    }

    /// The live files.
    ///
    /// # Errors
    /// [`Error::Delta`] where the log cannot be read.
    pub fn files(&self) -> Result<Vec<DataFile>> {
        let state = self.inner.snapshot().map_err(|e| failed(&self.name, e))?;
        // `add_action` is deprecated in favour of Arrow arrays, which have no place for a file to
        // be removed again.
        #[allow(deprecated)]
        let adds = state.log_data().into_iter().map(|view| view.add_action());
        let mut files: Vec<DataFile> = adds.map(|add| self.data_file(add)).collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }

    /// Files added by the commits after `version`. For append-only tables.
    ///
    /// # Errors
    /// [`Error::Delta`] where a commit is missing or unreadable.
    pub fn added_since(&self, version: i64) -> Result<Vec<DataFile>> {
        let log_store = self.inner.log_store();
        let mut files = Vec::new();
        for v in (version + 1).max(0) as u64..=self.version().max(0) as u64 {
            let bytes = self
                .runtime
                .block_on(log_store.read_commit_entry(v))
                .map_err(|e| failed(&self.name, e))?;
            let bytes =
                bytes.ok_or_else(|| failed(&self.name, DeltaTableError::InvalidVersion(v)))?;
            for action in get_actions(v, &bytes).map_err(|e| failed(&self.name, e))? {
                if let Action::Add(add) = action {
                    files.push(self.data_file(add));
                }
            }
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }

    fn data_file(&self, add: Add) -> DataFile {
        DataFile { path: self.folder.join(&add.path), add }
    }

    /// Starts writing new files; nothing is seen by anyone until [`Table::commit`].
    ///
    /// # Errors
    /// [`Error::Delta`] where the table cannot be written.
    pub fn appender(&self) -> Result<Appender> {
        let mut properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(ROWS_PER_GROUP));
        if let Some(column) = self.layout.bloom {
            let path = ColumnPath::from(column);
            properties = properties
                .set_column_bloom_filter_enabled(path.clone(), true)
                .set_column_bloom_filter_fpp(path.clone(), BLOOM_FALSE_POSITIVES)
                .set_column_bloom_filter_max_ndv(path, ROWS_PER_GROUP as u64);
        }
        let writer =
            RecordBatchWriter::for_table(&self.inner).map_err(|e| failed(&self.name, e))?;
        Ok(Appender {
            table: self.name.clone(),
            schema: self.schema.clone(),
            sort: self.layout.sort,
            writer: writer.with_writer_properties(properties.build()),
            runtime: self.runtime.clone(),
            pending: Vec::new(),
            pending_rows: 0,
            adds: Vec::new(),
            rows: 0,
        })
    }

    /// Makes additions, removals and application transactions visible together, then durable.
    ///
    /// # Errors
    /// [`Error::Delta`] where the commit loses against another writer or cannot be written.
    pub fn commit(
        &mut self,
        written: Written,
        remove: &[DataFile],
        transactions: &[(String, i64)],
    ) -> Result<i64> {
        for add in &written.adds {
            sync(&self.folder.join(&add.path))?;
        }
        sync(&self.folder)?;
        let mut actions: Vec<Action> = written.adds.into_iter().map(Action::Add).collect();
        actions.extend(remove.iter().map(|f| Action::Remove(removal(&f.add))));
        let named = transactions.iter().map(|(id, v)| Transaction::new(id, *v)).collect();
        let properties = CommitProperties::default()
            .with_application_transactions(named)
            .with_cleanup_expired_logs(Some(false));
        let operation = DeltaOperation::Write {
            mode: if remove.is_empty() { SaveMode::Append } else { SaveMode::Overwrite },
            partition_by: None,
            predicate: None,
        };
        let state = self.inner.snapshot().map_err(|e| failed(&self.name, e))?;
        let builder = CommitBuilder::from(properties).with_actions(actions);
        let commit = builder.build(Some(state), self.inner.log_store(), operation);
        let done =
            self.runtime.block_on(commit.into_future()).map_err(|e| failed(&self.name, e))?;
        let (log, version) = (self.folder.join("_delta_log"), done.version());
        // It is in the log, whether or not the disk takes it now.
        self.inner.state = Some(done.snapshot());
        self.opened.committed(&self.folder, &self.inner, transactions);
        sync(&log.join(format!("{version:020}.json")))?;
        sync(&log)?;
        Ok(self.version())
    }

    /// Replaces the rows of the files for which `replaced` holds by `batch`, in one commit.
    ///
    /// # Errors
    /// As [`Table::commit`].
    pub fn replace(
        &mut self,
        batch: &RecordBatch,
        replaced: impl Fn(&DataFile) -> bool,
        transactions: &[(String, i64)],
    ) -> Result<i64> {
        let old: Vec<DataFile> = self.files()?.into_iter().filter(replaced).collect();
        let mut appender = self.appender()?;
        appender.write(batch)?;
        let written = appender.finish()?;
        self.commit(written, &old, transactions)
    }
}

/// Files written but not yet committed; none to begin with.
#[derive(Default)]
pub struct Written {
    adds: Vec<Add>,
    /// Rows in them.
    pub rows: u64,
}

impl Written {
    /// The same with the hash of each file's bytes, which the log is to keep: see
    /// [`DataFile::is_whole`].
    ///
    /// # Errors
    /// [`Error::Io`] where a file cannot be read.
    pub fn sealed(mut self, table: &Table) -> Result<Written> {
        for add in &mut self.adds {
            let seal = hash(&table.folder.join(&add.path))?;
            add.tags.get_or_insert_default().insert(SEAL.to_owned(), Some(seal));
        }
        Ok(self)
    }

    /// Joins what several appenders of one table wrote.
    pub fn join(mut self, other: Written) -> Written {
        self.adds.extend(other.adds);
        self.rows += other.rows;
        self
    }
}

/// Writes batches to new data files of a table, in bounded memory.
pub struct Appender {
    table: String,
    schema: SchemaRef,
    sort: &'static [&'static str],
    writer: RecordBatchWriter,
    runtime: Arc<Runtime>,
    pending: Vec<RecordBatch>,
    pending_rows: usize,
    adds: Vec<Add>,
    rows: u64,
}

impl Appender {
    /// The same for rows that come in the table's order: they are not sorted again.
    pub fn in_order(self) -> Appender {
        Appender { sort: &[], ..self }
    }

    /// Takes one batch of the table's schema.
    ///
    /// # Errors
    /// [`Error::Delta`] where a file cannot be written.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.pending_rows += batch.num_rows();
        self.rows += batch.num_rows() as u64;
        self.pending.push(batch.clone());
        if self.pending_rows >= ROWS_PER_FILE { self.flush() } else { Ok(()) }
    }

    /// Writes what is pending and hands over the files.
    ///
    /// # Errors
    /// As [`Appender::write`].
    pub fn finish(mut self) -> Result<Written> {
        self.flush()?;
        Ok(Written { adds: self.adds, rows: self.rows })
    }

    fn flush(&mut self) -> Result<()> {
        if self.pending_rows == 0 {
            return Ok(());
        }
        let batch = sorted(&concat_batches(&self.schema, &self.pending)?, self.sort)?;
        self.pending.clear();
        self.pending_rows = 0;
        let adds = self.runtime.block_on(async {
            self.writer.write(batch).await?;
            self.writer.flush().await
        });
        self.adds.extend(adds.map_err(|e| failed(&self.table, e))?);
        Ok(())
    }
}

/// Rows in the order of these columns; equal ones stay as they came. Compared as bytes, which is
/// several times quicker than column by column.
fn sorted(batch: &RecordBatch, by: &[&str]) -> Result<RecordBatch> {
    let columns: Vec<ArrayRef> =
        by.iter().filter_map(|name| batch.column_by_name(name)).cloned().collect();
    if columns.is_empty() {
        return Ok(batch.clone());
    }
    let converter =
        RowConverter::new(columns.iter().map(|c| SortField::new(c.data_type().clone())).collect())?;
    let rows = converter.convert_columns(&columns)?;
    let mut order: Vec<u32> = (0..batch.num_rows() as u32).collect();
    order.sort_by(|a, b| rows.row(*a as usize).cmp(&rows.row(*b as usize)));
    Ok(take_record_batch(batch, &UInt32Array::from(order))?)
}

fn removal(add: &Add) -> deltalake::kernel::Remove {
    deltalake::kernel::Remove {
        path: add.path.clone(),
        data_change: true,
        deletion_timestamp: Some(add.modification_time),
        extended_file_metadata: Some(true),
        partition_values: Some(add.partition_values.clone()),
        size: Some(add.size),
        tags: None,
        deletion_vector: None,
        base_row_id: None,
        default_row_commit_version: None,
    }
}

async fn load(folder: &Path) -> std::result::Result<DeltaTable, DeltaTableError> {
    DeltaTableBuilder::from_url(url_of(folder)?)?.load().await
}

/// The table with the columns that this version of pingan has added at the end, which old rows do
/// not fill. Any other difference is left: see [`Table::is_of_this_version`].
async fn with_new_columns(
    table: DeltaTable,
    schema: &SchemaRef,
) -> std::result::Result<DeltaTable, DeltaTableError> {
    let at_rest: Vec<String> =
        table.snapshot()?.schema().fields().map(|f| f.name().to_owned()).collect();
    let fields = schema.fields();
    let (same, added) = fields.split_at(at_rest.len().min(fields.len()));
    let begins = same.iter().map(|f| f.name()).eq(at_rest.iter());
    if !begins || added.is_empty() || !added.iter().all(|f| f.is_nullable()) {
        return Ok(table);
    }
    let added: StructType = (&Schema::new(added.to_vec())).try_into_kernel()?;
    let properties = CommitProperties::default().with_cleanup_expired_logs(Some(false));
    let fields: Vec<_> = added.fields().cloned().collect();
    table.add_columns().with_fields(fields).with_commit_properties(properties).await
}

async fn create(
    folder: &Path,
    name: &str,
    schema: &SchemaRef,
) -> std::result::Result<DeltaTable, DeltaTableError> {
    let kernel: StructType = schema.as_ref().try_into_kernel()?;
    CreateBuilder::new()
        .with_location(url_of(folder)?.to_string())
        .with_table_name(name)
        .with_columns(kernel.fields().cloned())
        .with_save_mode(SaveMode::Ignore)
        .with_configuration(HashMap::from([(
            "delta.enableExpiredLogCleanup".to_owned(),
            Some("false".to_owned()),
        )]))
        .await
}

fn url_of(folder: &Path) -> std::result::Result<url::Url, DeltaTableError> {
    url::Url::from_directory_path(folder)
        .map_err(|()| DeltaTableError::InvalidTableLocation(folder.display().to_string()))
}

fn failed(table: &str, source: DeltaTableError) -> Error {
    Error::Delta { table: table.to_owned(), source: Box::new(source) }
}

fn hash(path: &Path) -> Result<String> {
    Ok(blake3::hash(&std::fs::read(path).at(path)?).to_hex().to_string())
}

/// fsync of a file or a folder.
fn sync(path: &Path) -> Result<()> {
    std::fs::File::open(path).at(path)?.sync_all().at(path)
}

#[cfg(test)]
mod tests {
    use datafusion::arrow::array::{Int64Array, StringArray};
    use datafusion::arrow::datatypes::{DataType, Field};

    use super::*;
    use crate::{Lake, Limits, Session};

    #[test]
    fn a_table_of_an_earlier_version_gets_the_columns_that_were_added_at_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let lake = Lake::open(folder.path(), &Limits::default()).unwrap();
        let fields = [
            Field::new("id", DataType::Utf8, false),
            Field::new("count", DataType::Int64, true),
            Field::new("source", DataType::Utf8, true),
        ];
        let schema = |columns: usize| Arc::new(Schema::new(fields[..columns].to_vec()));
        let open = |columns: usize| {
            let layout = Layout { sort: &[], bloom: None };
            let (path, opened) = (folder.path().join("t"), OpenTables::default());
            Table::open(&path, schema(columns), layout, &opened, lake.runtime()).unwrap()
        };
        let append = |table: &mut Table, columns: Vec<ArrayRef>| {
            let mut appender = table.appender().unwrap();
            appender.write(&RecordBatch::try_new(table.schema(), columns).unwrap()).unwrap();
            table.commit(appender.finish().unwrap(), &[], &[]).unwrap();
        };
        let text = |value: &str| Arc::new(StringArray::from(vec![value])) as ArrayRef;
        append(&mut open(1), vec![text("old")]);

        let mut table = open(3);
        assert!(table.is_of_this_version().unwrap());
        let count = Arc::new(Int64Array::from(vec![7])) as ArrayRef;
        append(&mut table, vec![text("new"), count, text("s")]);
        let session = Session::new(&lake, &Limits::default()).unwrap();
        session.register_table("t", &open(3)).unwrap();
        let rows = session.collect("select id, count, source from t order by id").unwrap();
        let rows = concat_batches(&rows[0].schema(), &rows).unwrap();
        assert_eq!((rows.num_rows(), rows.column(1).null_count()), (2, 1));
        // An earlier version of pingan does not take what it does not know.
        assert!(!open(1).is_of_this_version().unwrap());
    }
}
