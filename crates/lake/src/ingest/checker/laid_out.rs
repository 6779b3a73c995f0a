//! Tables that are laid out for people: headers with units, rows that together are one event, totals
//! and notes.

use super::RowChecker;
use crate::error::{Error, Result};
use crate::ingest::bind::{self, Plan};
use crate::ingest::cell::Cell;
use crate::ingest::rows::{self, Group};
use crate::ingest::visit::JOINT;

impl RowChecker<'_> {
    /// The mapping bound to a header. Its units are said; amounts in foreign money are no yuan.
    pub(super) fn bound(&mut self, header: &[String]) -> Result<Plan> {
        if let Some((name, money)) = bind::foreign(self.mapping, header) {
            let what = format!("amounts under {} are in {money}", bind::spelled(&name));
            let fix = "deliver them in yuan, or leave the column out of the mapping";
            return Err(Error::input(&self.file, what, fix));
        }
        let plan = bind::bind(self.mapping, self.sheet, header);
        for (name, unit) in &plan.units {
            let notice =
                format!("numbers under {} are in {unit}, as the header says", bind::spelled(name));
            self.tally.notices.push(notice);
        }
        let unasked = self.mapping.layout.header_rows.is_none();
        if unasked && header.iter().any(|name| name.contains(JOINT)) {
            let notice = "its header is of two rows: say `header_rows = 2` in the mapping";
            self.tally.notices.push(notice.into());
        }
        Ok(plan)
    }

    /// A row that is no event but a total or a note.
    pub(super) fn note_row(&mut self, number: u64) -> Result<()> {
        self.tally.skipped += 1;
        self.notes.add(self.sheet, number);
        Ok(())
    }

    /// Counts a row as a note where it is one, or stands below the end of the table.
    pub(super) fn note_if(&mut self, is_note: bool, number: u64, cells: &[Cell<'_>]) -> bool {
        let ended = self.shaper.as_mut().is_some_and(|shaper| shaper.has_ended(cells));
        if ended || is_note {
            self.tally.rows += 1;
            self.tally.skipped += 1;
            self.notes.add(self.sheet, number);
        }
        ended || is_note
    }

    pub(super) fn shaped_row(&mut self, number: u64, cells: &[Cell<'_>]) -> Result<()> {
        if self.note_if(rows::is_note(&self.plan, cells), number, cells) {
            return Ok(());
        }
        match self.shaper.as_mut().and_then(|shaper| shaper.next(number, cells)) {
            Some(group) => self.group(group),
            None => Ok(()),
        }
    }

    /// An event of several rows, which count as one.
    pub(super) fn group(&mut self, group: Group) -> Result<()> {
        self.tally.rows += 1;
        self.joined += group.rows - 1;
        self.persons = group.persons;
        let plan = std::mem::take(&mut self.plan);
        let result = self.row_with(&plan, group.number, &group.cells);
        self.plan = plan;
        self.persons.clear();
        result
    }

    /// Takes the table's last event.
    pub(super) fn finish_groups(&mut self) -> Result<()> {
        let Some(mut shaper) = self.shaper.take() else { return Ok(()) };
        if let Some(group) = shaper.last() {
            self.group(group)?;
        }
        if !shaper.differing.is_empty() {
            let names: Vec<String> =
                shaper.differing.iter().map(|&i| self.header(&self.plan.names[i])).collect();
            self.tally.notices.push(format!(
                "rows of one event differ in {}: the first was taken",
                names.join(", ")
            ));
        }
        Ok(())
    }

    /// Says of rows that are no events of their own what they are.
    pub(super) fn note_rows(&mut self) {
        let notices = &mut self.tally.notices;
        if self.notes.count > 0 {
            let (one, more) =
                ("is a total or a note and no event", "are totals or notes and no events");
            notices.push(self.notes.sentence(one, more));
        }
        match self.joined {
            0 => {}
            1 => notices.push("1 row belongs to the event of the row before".into()),
            n => notices.push(format!("{n} rows belong to the event of the row before")),
        }
        if self.repeated.count > 0 {
            let id = self.mapping.columns.get("event_id").and_then(|headers| headers.first());
            let hint =
                id.filter(|_| !self.mapping.persons.is_empty()).map_or(String::new(), |id| {
                    format!("; where a row is one person of an event, say `group_by = {id:?}`")
                });
            let (one, more) = ("repeats an id of the file", "repeat an id of the file");
            notices.push(self.repeated.sentence(one, more) + &hint);
        }
    }
}
