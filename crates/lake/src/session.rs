//! DataFusion over the lake: bounded memory, files as tables, current and as-of views.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta};
use datafusion::arrow::array::{ArrayRef, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Schema, SchemaRef};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::datasource::MemTable;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{
    ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl,
};
use datafusion::error::DataFusionError;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::logical_expr::{LogicalPlan, ScalarUDF};
use datafusion::prelude::{DataFrame, SQLOptions, SessionConfig, SessionContext};
use tokio::runtime::Runtime;

use super::schema::Domain;
use super::{AsOf, DataFile, Lake, Table};
use crate::Derived;
use crate::error::{Error, Result};

/// What a command may use of the machine.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes DataFusion's operators may hold before they spill to disk.
    pub memory: usize,
    /// Threads.
    pub threads: usize,
}

impl Default for Limits {
    /// As much memory as the sums over a county of 1.5 million events need without spilling.
    fn default() -> Self {
        Limits {
            memory: 2 << 30,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
        }
    }
}

/// Batches that a query makes ahead of whoever takes them: as many as fill a data file, so that it
/// goes on while one is written.
const AHEAD: usize = 32;

/// A DataFusion session on a lake.
pub struct Session {
    context: SessionContext,
    runtime: Arc<Runtime>,
}

impl Session {
    /// A session with nothing registered.
    ///
    /// # Errors
    /// [`Error::Query`] where the spill folder cannot be made.
    pub fn new(lake: &Lake, limits: &Limits) -> Result<Session> {
        let mut config = SessionConfig::new()
            .with_target_partitions(limits.threads)
            .with_information_schema(true);
        let options = config.options_mut();
        options.execution.parquet.pushdown_filters = false;
        options.sql_parser.enable_ident_normalization = true;
        // Further passes find next to nothing in queries like ours, and cost as much as the first.
        options.optimizer.max_passes = 1;
        let runtime = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(FairSpillPool::new(limits.memory)))
            .build_arc()?;
        Ok(Session {
            context: SessionContext::new_with_config_rt(config, runtime),
            runtime: lake.runtime(),
        })
    }

    /// Makes Parquet files of one schema a table; no files make an empty one.
    ///
    /// # Errors
    /// [`Error::Query`].
    pub fn register_files(&self, name: &str, schema: SchemaRef, files: &[PathBuf]) -> Result<()> {
        if files.is_empty() {
            return self.register_batches(name, schema, Vec::new());
        }
        let urls: Result<Vec<ListingTableUrl>> = files
            .iter()
            .map(|f| Ok(ListingTableUrl::parse(f.to_string_lossy().as_ref())?))
            .collect();
        let options =
            ListingOptions::new(Arc::new(ParquetFormat::default())).with_file_extension(".parquet");
        let config = ListingTableConfig::new_with_multi_paths(urls?)
            .with_listing_options(options)
            .with_schema(viewed(&schema));
        self.context.deregister_table(name)?;
        self.context.register_table(name, Arc::new(ListingTable::try_new(config)?))?;
        Ok(())
    }

    /// Makes the live files of a lake's table a table.
    ///
    /// # Errors
    /// [`Error::Delta`], [`Error::Query`].
    pub fn register_table(&self, name: &str, table: &Table) -> Result<()> {
        let files: Vec<PathBuf> = table.files()?.into_iter().map(|f| f.path).collect();
        self.register_files(name, table.schema(), &files)
    }

    /// Makes batches in memory a table.
    ///
    /// # Errors
    /// [`Error::Query`].
    pub fn register_batches(
        &self,
        name: &str,
        schema: SchemaRef,
        batches: Vec<RecordBatch>,
    ) -> Result<()> {
        self.context.deregister_table(name)?;
        self.context.register_table(name, Arc::new(MemTable::try_new(schema, vec![batches])?))?;
        Ok(())
    }

    /// Makes a query a table.
    ///
    /// # Errors
    /// [`Error::Query`] where the SQL is wrong.
    pub fn register_view(&self, name: &str, sql: &str) -> Result<()> {
        self.register_plan(name, self.sql(sql)?)
    }

    /// Makes a planned query a table.
    ///
    /// # Errors
    /// [`Error::Query`].
    pub fn register_plan(&self, name: &str, plan: DataFrame) -> Result<()> {
        self.context.deregister_table(name)?;
        self.context.register_table(name, plan.into_view())?;
        Ok(())
    }

    /// Makes a function of ours callable from SQL.
    pub fn register_function(&self, function: ScalarUDF) {
        self.context.register_udf(function);
    }

    /// Plans a query that only reads.
    ///
    /// # Errors
    /// [`Error::Query`] where the SQL is wrong or would change something.
    pub fn sql(&self, sql: &str) -> Result<DataFrame> {
        let only_read = SQLOptions::new()
            .with_allow_ddl(false)
            .with_allow_dml(false)
            .with_allow_statements(false);
        Ok(self.runtime.block_on(self.context.sql_with_options(sql, only_read))?)
    }

    /// Runs a query.
    ///
    /// # Errors
    /// [`Error::Query`].
    pub fn collect(&self, sql: &str) -> Result<Vec<RecordBatch>> {
        self.run(self.sql(sql)?)
    }

    /// Runs a planned query.
    ///
    /// # Errors
    /// [`Error::Query`].
    pub fn run(&self, frame: DataFrame) -> Result<Vec<RecordBatch>> {
        Ok(self.runtime.block_on(frame.collect())?)
    }

    /// Runs a planned query, handing over one batch at a time, while the next are being made.
    ///
    /// # Errors
    /// [`Error::Query`], and whatever `each` returns.
    pub fn stream(
        &self,
        frame: DataFrame,
        mut each: impl FnMut(RecordBatch) -> Result<()>,
    ) -> Result<()> {
        use futures::StreamExt;
        let mut stream = self.runtime.block_on(frame.execute_stream())?;
        let (send, mut receive) = tokio::sync::mpsc::channel(AHEAD);
        let query = self.runtime.spawn(async move {
            while let Some(batch) = stream.next().await {
                // Whoever received has stopped, for a reason that it tells itself.
                if send.send(batch).await.is_err() {
                    break;
                }
            }
        });
        while let Some(batch) = receive.blocking_recv() {
            each(batch?)?;
        }
        // Without its last word, a query that broke off would look like one that ended.
        self.runtime.block_on(query).map_err(|e| DataFusionError::External(Box::new(e)))?;
        Ok(())
    }

    /// Registers every table of the lake as docs/interface.md names it: `NAME` the current events
    /// as of then, `NAME__all` every version known then.
    ///
    /// # Errors
    /// [`Error::Delta`], [`Error::Query`].
    pub fn register_lake(&self, lake: &Lake, as_of: &AsOf) -> Result<()> {
        for domain in &super::schema::DOMAINS {
            self.register_domain(lake, domain, as_of)?;
        }
        for name in lake.derived_tables() {
            self.register_table(&name.to_string(), &lake.derived(name)?)?;
        }
        if lake.has(Derived::Panel) {
            self.register_view(
                "panel",
                &format!("select * from panel where recorded_day <= date '{}'", as_of.day),
            )?;
        }
        Ok(())
    }

    fn register_domain(&self, lake: &Lake, domain: &'static Domain, as_of: &AsOf) -> Result<()> {
        let (id, all) = (domain.id, format!("{}__all", domain.id));
        let files =
            if lake.has_events(domain) { lake.events(domain)?.files()? } else { Vec::new() };
        let later = files.iter().any(|file| was_delivered_after(file, as_of));
        let paths: Vec<PathBuf> = files.into_iter().map(|f| f.path).collect();
        self.register_files(&all, domain.schema(), &paths)?;
        let instant = as_of.instant.to_rfc3339();
        let then = format!("arrow_cast('{instant}', 'Timestamp(Microsecond, Some(\"UTC\"))')");
        let columns = domain.columns().map(|c| c.name).collect::<Vec<_>>().join(", ");
        // A version that came again under the same `recorded_at` is known from its delivery on.
        let known = match later {
            true => format!(
                "select {columns} from {all} where recorded_at <= {then} \
                 and (delivered_at is null or delivered_at <= {then}) union all \
                 select {columns} from (select * from {all} where recorded_at <= {then} \
                 and delivered_at > {then}) as later \
                 left anti join (select event_id as id, recorded_at as recorded, \
                 delivered_at as delivered, batch_id as batch from {all} \
                 where recorded_at <= {then}) as earlier \
                 on event_id = id and recorded_at = recorded and (delivered is null \
                 or delivered < delivered_at or (delivered = delivered_at and batch < batch_id))"
            ),
            false => format!("select * from {all} where recorded_at <= {then}"),
        };
        self.register_view(&all, &known)?;
        self.register_view(
            id,
            &format!(
                "select {columns} from (select *, row_number() over (partition by event_id \
                 order by recorded_at desc, delivered_at desc nulls last, batch_id desc) as version \
                 from {all}) where version = 1 and not withdrawn"
            ),
        )
    }

    /// Puts the current events of a domain that fulfil a condition into memory, such columns of
    /// them, where the view of all current events was.
    ///
    /// The last time of recording of each event is found by a hash over three columns and those of
    /// the condition; only versions of that time are then read whole and ordered. So the cost
    /// grows with the events that are held and hardly with the history of the others.
    ///
    /// # Errors
    /// [`Error::Query`] where the condition is wrong.
    pub fn hold_current(&self, domain: &Domain, columns: &[&str], condition: &str) -> Result<()> {
        let (id, columns) = (domain.id, columns.join(", "));
        // One of several versions of the last time may fulfil it and another be the current one.
        let last = format!(
            "select event_id as id, max(recorded_at) as at from {id}__all group by event_id \
             having max(recorded_at) = max(case when {condition} then recorded_at end)"
        );
        let current = self.sql(&format!(
            "select {columns} from (select versions.*, row_number() over (partition by event_id \
             order by delivered_at desc nulls last, batch_id desc) as version from ({last}) as last \
             right semi join {id}__all as versions on event_id = id and recorded_at = at) \
             where version = 1 and not withdrawn and ({condition})"
        ))?;
        let schema = Arc::new(current.schema().as_arrow().clone());
        self.register_batches(id, schema, self.run(current)?)
    }
}

/// Whether a file of events may hold one that was delivered after then.
fn was_delivered_after(file: &DataFile, as_of: &AsOf) -> bool {
    let last = file.bounds("delivered_at").and_then(|(_, last)| {
        DateTime::parse_from_rfc3339(last.as_str()?).ok().map(|last| last.to_utc())
    });
    // The log cuts instants to milliseconds.
    last.is_some_and(|last| last + TimeDelta::milliseconds(1) > as_of.instant)
}

/// The schema with text as views: short strings are then grouped and sorted without being copied
/// one by one.
fn viewed(schema: &SchemaRef) -> SchemaRef {
    let fields = schema.fields().iter().map(|field| match field.data_type() {
        DataType::Utf8 => Arc::new(field.as_ref().clone().with_data_type(DataType::Utf8View)),
        _ => field.clone(),
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// A column of text, as the files of a table or an empty table have it.
///
/// # Errors
/// [`Error::Arrow`] where it is none.
pub fn text(batch: &RecordBatch, column: usize) -> Result<ArrayRef> {
    Ok(cast(batch.column(column), &DataType::Utf8View)?)
}

/// A text as it stands between quotation marks of SQL.
pub fn quoted(text: &str) -> String {
    text.replace('\'', "''")
}

/// A query error in the user's own SQL, told with the SQL.
pub fn explain_sql(error: Error, sql: &str) -> Error {
    match error {
        Error::Query(e) => {
            Error::usage(format!("{e} in: {sql}"), "`pingan query 'show tables'` lists the tables")
        }
        other => other,
    }
}

/// The columns of tables at rest that a planned query reads, by the table's name.
///
/// # Errors
/// [`Error::Query`].
pub fn columns_read(plan: &DataFrame) -> Result<HashMap<String, HashSet<String>>> {
    let plan = plan.clone().into_optimized_plan()?;
    let mut read: HashMap<String, HashSet<String>> = HashMap::new();
    plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node {
            let columns = scan.projected_schema.fields().iter().map(|f| f.name().clone());
            read.entry(scan.table_name.table().to_owned()).or_default().extend(columns);
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(read)
}
