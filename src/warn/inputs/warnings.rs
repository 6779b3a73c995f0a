//! The warnings as the last night left them.

use chrono::{DateTime, NaiveDate, Utc};

use crate::job::Job;
use crate::warn::warning::{Level, Warning};
use lake::{Columns, Derived, Error, Result, Session};

/// Application transaction of `warnings` that notes the last night, as days since 1970.
pub(in crate::warn) const NIGHT: &str = "warn:night";

/// The table `warnings`, and the last night that wrote it.
pub(in crate::warn) struct Before {
    pub warnings: Vec<Warning>,
    pub night: Option<NaiveDate>,
}

/// Reads the warnings so far.
///
/// # Errors
/// [`Error::Input`] where a row cannot be read, [`Error::Delta`], [`Error::Query`].
pub(in crate::warn) fn before(job: &Job) -> Result<Before> {
    let table = job.lake.derived(Derived::Warnings)?;
    let days = table.transaction(NIGHT)?;
    let night = days.map(|days| NaiveDate::default() + chrono::TimeDelta::days(days));
    let session = Session::new(job.lake, job.limits)?;
    session.register_table("warnings", &table)?;
    let mut warnings = Vec::new();
    for batch in session.collect("select * from warnings order by warning_id")? {
        let columns = Columns::new(&batch);
        let [ids, areas, topics, levels, findings] =
            ["warning_id", "area_code", "topic", "level", "findings"]
                .map(|name| columns.required_text(name));
        let (ids, areas, topics, levels, findings) = (ids?, areas?, topics?, levels?, findings?);
        let (opened, closed) = (columns.instant("opened_at")?, columns.instant("closed_at")?);
        let zone = job.workspace.time_zone();
        let day = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive();
        for row in 0..batch.num_rows() {
            let unreadable = |what: String| {
                let folder = job.workspace.lake().join("warnings");
                let what = format!("warning {}: {what}", ids[row]);
                Error::input(&folder, what, "restore the table from a backup")
            };
            let level = Level::find(&levels[row])
                .ok_or_else(|| unreadable(format!("there is no level {}", levels[row])))?;
            let opened = opened[row].ok_or_else(|| unreadable("it was never opened".into()))?;
            warnings.push(Warning {
                id: ids[row].clone(),
                area_code: areas[row].clone(),
                topic: topics[row].clone(),
                level,
                opened: day(opened),
                closed: closed[row].map(day),
                evidence: serde_json::from_str(&findings[row])
                    .map_err(|e| unreadable(e.to_string()))?,
            });
        }
    }
    Ok(Before { warnings, night })
}

impl Before {
    /// The warnings without what the night of `day` added to them. A night that is run again takes
    /// that from `findings` anew: figures that went through the text of the table may differ in
    /// their last digit, and a letter drafted after a kill would not be the same.
    pub(in crate::warn) fn without(&self, day: NaiveDate) -> Vec<Warning> {
        if self.night != Some(day) {
            return self.warnings.clone();
        }
        let earlier = self.warnings.iter().filter(|w| w.opened != day).cloned();
        let trimmed = earlier.map(|mut w| {
            w.evidence.retain(|e| e.night != day);
            w.closed = w.closed.filter(|closed| *closed != day);
            w
        });
        trimmed.collect()
    }
}
