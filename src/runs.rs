//! Provenance: one row of the table `runs` for each command that writes. Rows of other tables name
//! it by `run_id`.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use datafusion::arrow::array::{Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};

use lake::Result;
use lake::{Derived, Lake};

/// One run of a command that writes.
#[derive(Clone, Debug)]
pub struct Run {
    /// Hash of everything below but the clock: the same inputs are the same run.
    pub id: String,
    command: String,
    args: String,
    model_hash: Option<String>,
    seed: u64,
    inputs: String,
    started_at: DateTime<Utc>,
}

impl Run {
    /// A run of `command` with `args` on the tables as they are; `inputs` are table versions.
    pub fn new(
        command: &str,
        args: &str,
        model_hash: Option<&str>,
        seed: u64,
        inputs: &BTreeMap<String, i64>,
        now: DateTime<Utc>,
    ) -> Run {
        let inputs = serde_json::to_string(inputs).unwrap_or_default();
        let mut hasher = blake3::Hasher::new();
        for part in [
            command,
            args,
            env!("CARGO_PKG_VERSION"),
            model_hash.unwrap_or(""),
            &seed.to_string(),
            &inputs,
        ] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        Run {
            id: hasher.finalize().to_hex()[..16].to_owned(),
            command: command.to_owned(),
            args: args.to_owned(),
            model_hash: model_hash.map(str::to_owned),
            seed,
            inputs,
            started_at: now,
        }
    }

    /// Writes the run's row, unless the same run has left one before.
    ///
    /// # Errors
    /// [`lake::Error::Delta`].
    pub fn record(&self, lake: &Lake, rows: u64, now: DateTime<Utc>) -> Result<()> {
        let mut table = lake.derived(Derived::Runs)?;
        let transaction = format!("run:{}", self.id);
        if table.transaction(&transaction)?.is_some() {
            return Ok(());
        }
        let text = |value: &str| Arc::new(StringArray::from(vec![value.to_owned()]));
        let instant = |at: DateTime<Utc>| {
            Arc::new(
                TimestampMicrosecondArray::from(vec![at.timestamp_micros()]).with_timezone("UTC"),
            )
        };
        let batch = RecordBatch::try_new(
            Derived::Runs.schema(),
            vec![
                text(&self.id),
                instant(self.started_at),
                instant(now),
                text(&self.command),
                text(&self.args),
                text(env!("CARGO_PKG_VERSION")),
                Arc::new(StringArray::from(vec![self.model_hash.clone()])),
                Arc::new(Int64Array::from(vec![self.seed as i64])),
                text(&self.inputs),
                Arc::new(Int64Array::from(vec![rows as i64])),
            ],
        )?;
        let mut appender = table.appender()?;
        appender.write(&batch)?;
        let written = appender.finish()?;
        table.commit(written, &[], &[(transaction, 1)])?;
        Ok(())
    }
}
