//! The table `warnings`: read, and replaced in one commit a night.

use std::sync::Arc;

use chrono::NaiveDate;
use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray};

use super::columns::{Cells, instant};
use super::warning::{Level, Warning};
use crate::job::Job;
use lake::{AsOf, Derived, Session};
use lake::{Error, Result};

/// Application transaction under which the last night is noted, as days since 1970.
const NIGHT: &str = "warn:night";

/// The warnings so far, and the last night that turned them.
pub(super) fn read(job: &Job) -> Result<(Vec<Warning>, Option<NaiveDate>)> {
    let table = job.lake.derived(Derived::Warnings)?;
    let last =
        table.transaction(NIGHT)?.map(|days| NaiveDate::default() + chrono::TimeDelta::days(days));
    let session = Session::new(job.lake, job.limits)?;
    session.register_table("warnings", &table)?;
    let zone = job.workspace.time_zone();
    let mut warnings = Vec::new();
    for batch in session.collect("select * from warnings order by warning_id")? {
        let cells = Cells(&batch);
        let [id, area, topic] =
            [cells.text("warning_id")?, cells.text("area_code")?, cells.text("topic")?];
        let [level, findings] = [cells.text("level")?, cells.text("findings")?];
        let [opened, closed] = [cells.instant("opened_at")?, cells.instant("closed_at")?];
        let day = |at: Option<chrono::DateTime<chrono::Utc>>| {
            at.map(|t| t.with_timezone(&zone).date_naive())
        };
        for row in 0..batch.num_rows() {
            let unreadable = |what: String| {
                let folder = job.workspace.lake().join("warnings");
                Error::input(
                    &folder,
                    format!("warning {}: {what}", id.value(row)),
                    "restore the table from a backup",
                )
            };
            warnings.push(Warning {
                id: id.value(row).to_owned(),
                area_code: area.value(row).to_owned(),
                topic: topic.value(row).to_owned(),
                level: Level::find(level.value(row))
                    .ok_or_else(|| unreadable(format!("there is no level {}", level.value(row))))?,
                opened: day(instant(&opened, row))
                    .ok_or_else(|| unreadable("it was never opened".into()))?,
                closed: day(instant(&closed, row)),
                evidence: serde_json::from_str(findings.value(row))
                    .map_err(|e| unreadable(e.to_string()))?,
            });
        }
    }
    Ok((warnings, last))
}

/// Puts the warnings in the place of those before, and notes the night.
pub(super) fn write(job: &Job, warnings: &[Warning], night: NaiveDate) -> Result<()> {
    let zone = job.workspace.time_zone();
    let text = |of: &dyn Fn(&Warning) -> String| {
        Arc::new(StringArray::from_iter_values(warnings.iter().map(of))) as ArrayRef
    };
    let end = |day: NaiveDate| AsOf::end_of(day, zone).instant.timestamp_micros();
    let at = |of: fn(&Warning) -> Option<NaiveDate>| {
        Arc::new(
            TimestampMicrosecondArray::from_iter(warnings.iter().map(|w| of(w).map(end)))
                .with_timezone("UTC"),
        ) as ArrayRef
    };
    let columns = vec![
        text(&|w| w.id.clone()),
        text(&|w| w.area_code.clone()),
        text(&|w| w.topic.clone()),
        text(&|w| w.level.name().to_owned()),
        at(|w| Some(w.opened)),
        at(|w| w.closed),
        text(&|w| serde_json::to_string(&w.evidence).unwrap_or_default()),
    ];
    let days = (night - NaiveDate::default()).num_days();
    job.lake.derived(Derived::Warnings)?.replace(
        &RecordBatch::try_new(Derived::Warnings.schema(), columns)?,
        |_| true,
        &[(NIGHT.to_owned(), days)],
    )?;
    Ok(())
}
