//! Ids that begin anew: a ledger whose numbers run from 1 again each month brings ids that are in
//! the lake already, of other events.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Date32Type, Field, Schema};

use super::{DataFile, find_versions};
use crate::error::{Error, Result};

/// Ids of a file that are looked up.
const SAMPLE: usize = 200;

/// Fewer ids that were there say nothing.
const FEW: usize = 5;

/// Ids of a file, evenly taken from all its rows, with the days of their events.
#[derive(Default)]
pub(crate) struct IdSample {
    days: HashMap<String, i32>,
    /// One row in so many is taken.
    step: usize,
    rows: usize,
}

impl IdSample {
    /// Takes its part of a batch of events.
    pub fn add(&mut self, batch: &RecordBatch) {
        self.step = self.step.max(1);
        let (Some(ids), Some(days)) = (
            batch.column_by_name("event_id").map(|c| c.as_string::<i32>()),
            batch.column_by_name("day").map(|c| c.as_primitive::<Date32Type>()),
        ) else {
            return;
        };
        let mut row = (self.step - self.rows % self.step) % self.step;
        while row < batch.num_rows() {
            self.days.entry(ids.value(row).to_owned()).or_insert_with(|| days.value(row));
            row += self.step;
        }
        self.rows += batch.num_rows();
        while self.days.len() > SAMPLE {
            self.step *= 2;
            let mut ids: Vec<String> = self.days.keys().cloned().collect();
            ids.sort_unstable();
            ids.iter().step_by(2).for_each(|id| {
                self.days.remove(id);
            });
        }
    }

    /// Refuses a file whose ids are nearly all in the lake with other days.
    ///
    /// # Errors
    /// [`Error::Input`] with how many there are, and what to do.
    pub fn check(self, file: &Path, lake: &[DataFile]) -> Result<()> {
        let ids: Arc<HashSet<String>> = Arc::new(self.days.keys().cloned().collect());
        let field = |name, kind| Field::new(name, kind, true);
        let schema =
            Schema::new(vec![field("event_id", DataType::Utf8), field("day", DataType::Date32)]);
        let (mut there, mut same) = (HashSet::new(), HashSet::new());
        for batch in find_versions(lake, &ids, &Arc::new(schema))? {
            let days = batch.column(1).as_primitive::<Date32Type>();
            for (id, day) in batch.column(0).as_string::<i32>().iter().zip(days.iter()) {
                let Some(id) = id else { continue };
                there.insert(id.to_owned());
                if self.days.get(id).copied() == day {
                    same.insert(id.to_owned());
                }
            }
        }
        let other = there.len() - same.len();
        // Some events of any ledger are dated anew.
        if there.len() < FEW || other * 5 < there.len() * 4 || there.len() * 2 < ids.len() {
            return Ok(());
        }
        let what = format!(
            "{other} of {} ids were in the lake already, with other days: its numbers seem to begin anew",
            ids.len()
        );
        let fix = "make ids of columns that are unique together, as event_id = [\"年度\", \"编号\"] or \
                   [id] in the mapping, also of the files that came before";
        Err(Error::input(file, what, fix))
    }
}
