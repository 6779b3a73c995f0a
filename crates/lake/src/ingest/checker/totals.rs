//! Rows that are counts of a month's events.

use chrono::{DateTime, Months};

use super::{Problem, RowChecker, SECOND, Total};
use crate::error::Result;
use crate::ingest::bind::Plan;
use crate::ingest::build::Value;
use crate::ingest::cell::{BadCell, Cell};
use crate::ingest::dates::{self, WrittenTime};
use crate::ingest::{numbers, shape};

impl RowChecker<'_> {
    /// A row of totals: one total, or one a category. A blank count is not known, and no zero.
    pub(super) fn totals_row(
        &mut self,
        plan: &Plan,
        number: u64,
        cells: &[Cell<'_>],
    ) -> Result<()> {
        for (at, category) in &plan.counts {
            let Some(cell) = cells.get(*at).filter(|cell| !cell.is_empty()) else {
                if category.is_none() {
                    let bad = BadCell::new("empty", "fill in the count; none is 0");
                    self.refuse_count(plan, number, *at, cells, bad)?;
                }
                continue;
            };
            match numbers::whole(cell, plan.count_tens) {
                Ok(count) => {
                    self.total = Some(Total { count, category: category.clone() });
                    self.event_row(plan, number, cells)?;
                    self.total = None;
                }
                Err(bad) => self.refuse_count(plan, number, *at, cells, bad)?,
            }
        }
        Ok(())
    }

    pub(super) fn refuse_count(
        &mut self,
        plan: &Plan,
        number: u64,
        at: usize,
        cells: &[Cell],
        bad: BadCell,
    ) -> Result<()> {
        let problem = Problem {
            column: plan.names[at].clone(),
            shape: shape(&cells[at].to_text()),
            word: None,
            bad,
            needed: true,
        };
        self.record(number, vec![problem], true)
    }

    /// What a total is known by: its source, month, area and category.
    pub(super) fn total_id<'r>(&self, plan: &Plan, slots: &[Value]) -> Value<'r> {
        let mut id = self.source.to_string();
        for (slot, binding) in slots.iter().zip(&plan.bindings) {
            match (binding.column.name, slot) {
                ("day", Value::Day(day)) => id.push_str(&format!("/{day}")),
                ("area_code" | "category", slot) => {
                    id.push_str(&format!("/{}", slot.text().unwrap_or_default()));
                }
                _ => {}
            }
        }
        Value::Text(format!("total-{}", &blake3::hash(id.as_bytes()).to_hex()[..24]).into())
    }

    /// The last second of the month that begins then: before it nobody knew the month's total.
    pub(super) fn end_of_month(&self, start: i64) -> i64 {
        let zone = self.intake.time_zone;
        let first =
            DateTime::from_timestamp_micros(start).map(|utc| utc.with_timezone(&zone).date_naive());
        let next = first.and_then(|day| day.checked_add_months(Months::new(1)));
        let end = next.and_then(|day| dates::instant(WrittenTime::Day(day), zone).ok());
        end.map_or(start, |end| end - SECOND)
    }
}
