//! Checks rows: accepted ones leave in batches, refusals with their reasons.

mod ids;
mod laid_out;
mod totals;
mod values;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, TimeZone};

use super::bind::{self, Binding, Filled, Plan, Role};
use super::build::{Rows, Value};
use super::cell::{BadCell, Cell};
use super::codes::{Cache, ResolvedArea};
use super::identity::{self, LostDigits};
use super::rows::{self, Numbers, Shaper};
use super::visit::{FITS, HeaderRows, Visit};
use super::{BATCH, Intake, Origin, Refusal, RefusedBefore, Sink, Tally, shape};
use crate::error::{Error, Result};
use crate::label::{file_label, label};
use crate::mapping::Mapping;
use crate::mask::may_identify;
use crate::schema::Basis;

/// Refusals that are collected before the sink gets them.
const REFUSALS_AT_ONCE: usize = 1_000;

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

/// Reason of a row that lies a day or more after the time of ingest.
const FUTURE: &str = "in the future";

pub(super) struct RowChecker<'a> {
    file: PathBuf,
    mapping: &'a Mapping,
    intake: &'a Intake<'a>,
    sink: &'a mut dyn Sink,
    source: Arc<str>,
    /// Days from the event to its recording that are assumed.
    history: Option<u32>,
    /// Rows refused because they lie in the future.
    future: u64,
    /// Whether the workbook counts days from 1904, and how many dates without format it has.
    days_from_1904: bool,
    bare_days: u64,
    /// The total that is being read, where rows are totals.
    total: Option<Total>,
    batch_id: Arc<str>,
    /// What was refused of the file when it came before.
    again: Option<&'a RefusedBefore>,
    span: Span,
    plan: Plan,
    /// Where rows are not events as they stand.
    shaper: Option<Shaper>,
    /// Cells about persons in further rows of the event that is being read.
    persons: Vec<String>,
    /// Totals and notes below the table.
    notes: Numbers,
    /// Rows that belong to the event of the row before.
    joined: u64,
    /// Rows whose id the file has brought before.
    repeated: Numbers,
    /// The number of the sheet that is read, in a workbook.
    sheet: Option<u32>,
    tables: usize,
    /// What the best header among those refused lacks, and what it has.
    refused_header: Option<(Vec<String>, Vec<String>)>,
    rows: Rows,
    refusals: Vec<Refusal>,
    origins: Vec<Origin>,
    tally: Tally,
    lost_ids: LostDigits,
    lost_parties: LostDigits,
    /// Hashes of (event_id, recorded_at) seen.
    seen: HashSet<u128>,
    /// How often the columns an id is made of have come with the same content.
    made: HashMap<u128, u32>,
    codes: HashMap<&'static str, Cache<std::result::Result<Arc<str>, BadCell>>>,
    places: Cache<ResolvedArea>,
}

/// A month's events of an area and a category.
struct Total {
    count: i64,
    /// The word of the category, where its column names it.
    category: Option<String>,
}

/// Instants that can be true, in UTC microseconds.
struct Span {
    first: i64,
    clock: i64,
    /// Nothing falls due after this.
    due: i64,
    /// When the file's events can have happened, as its mapping states.
    stated: RangeInclusive<i64>,
}

/// A cell that cannot be taken.
struct Problem {
    column: String,
    shape: String,
    word: Option<String>,
    bad: BadCell,
    needed: bool,
}

impl<'a> RowChecker<'a> {
    pub fn new(
        file: &Path,
        mapping: &'a Mapping,
        intake: &'a Intake<'a>,
        batch_id: &str,
        again: Option<&'a RefusedBefore>,
        sink: &'a mut dyn Sink,
    ) -> RowChecker<'a> {
        let begin = |day: NaiveDate| {
            let start = day.and_time(NaiveTime::MIN);
            intake
                .time_zone
                .from_local_datetime(&start)
                .earliest()
                .map_or(start.and_utc().timestamp_micros(), |t| t.timestamp_micros())
        };
        let year = |y: i32| begin(NaiveDate::from_ymd_opt(y, 1, 1).unwrap_or_default());
        let (from, to) = mapping.span;
        let stated = from.map_or(i64::MIN, begin)
            ..=to.and_then(|to| to.succ_opt()).map_or(i64::MAX, |day| begin(day) - 1);
        RowChecker {
            file: file.to_path_buf(),
            mapping,
            intake,
            sink,
            source: mapping.source.as_str().into(),
            history: intake.history.or(mapping.history),
            future: 0,
            days_from_1904: false,
            bare_days: 0,
            total: None,
            batch_id: batch_id.into(),
            again,
            span: Span {
                first: year(1990),
                clock: intake.clock.timestamp_micros(),
                due: year(2100),
                stated,
            },
            plan: Plan::default(),
            shaper: None,
            persons: Vec::new(),
            notes: Numbers::default(),
            joined: 0,
            repeated: Numbers::default(),
            sheet: None,
            tables: 0,
            refused_header: None,
            rows: Rows::new(mapping.domain),
            refusals: Vec::new(),
            origins: Vec::new(),
            tally: Tally::default(),
            lost_ids: LostDigits::default(),
            lost_parties: LostDigits::default(),
            seen: HashSet::new(),
            made: HashMap::new(),
            codes: HashMap::new(),
            places: Cache::default(),
        }
    }

    /// Gives the sink what is left.
    pub fn finish(mut self) -> Result<Tally> {
        self.finish_groups()?;
        if self.tables == 0 {
            let (lacks, found) = self.refused_header.take().unwrap_or_default();
            return Err(self.no_header(&lacks, &found));
        }
        if self.future > 0 && self.future == self.tally.rows - self.tally.skipped {
            let clock = self.intake.clock.with_timezone(&self.intake.time_zone).date_naive();
            let what = format!("every row lies in the future, seen from {clock}");
            let fix = "correct the dates or the night's --date, and deliver the file again";
            return Err(Error::input(&self.file, what, fix));
        }
        if self.bare_days > 0 {
            self.tally.notices.push(format!(
                "{} dates without date format were counted from 1904, as this workbook says",
                self.bare_days
            ));
        }
        self.note_rows();
        if self.tally.rows == 0 {
            self.tally.notices.push("has a header and no rows".into());
        }
        self.note_lost_digits();
        if let Some(again) = self.again {
            self.tally.rows = again.len();
            let what =
                "had landed before: of rows that were refused then, what can be taken now was";
            self.tally.notices.push(what.into());
        }
        self.flush_rows()?;
        self.flush_refusals()?;
        self.flush_origins()?;
        Ok(self.tally)
    }

    fn no_header(&self, lacks: &[String], found: &[String]) -> Error {
        let found: Vec<String> =
            found.iter().filter(|f| !f.is_empty()).take(40).map(|f| self.header(f)).collect();
        let needed =
            if lacks.is_empty() { bind::needed(self.mapping).join(", ") } else { lacks.join(", ") };
        let found = if found.is_empty() { "nothing".into() } else { found.join(", ") };
        let what = format!("no header with {needed} among the first rows; found {found}");
        if self.mapping.canonical {
            return Error::input(
                &self.file,
                what,
                format!(
                    "run `pingan mapping {}` and save what it proposes",
                    file_label(&self.file)
                ),
            );
        }
        Error::input(
            &self.file,
            what,
            format!("correct {}, or ask why the file has changed", self.mapping.file.display()),
        )
    }

    /// A header as found: one that the mapping names or that is made of words of offices, of any other
    /// its shape, as where the header is missing a row of persons stands in its place.
    fn header(&self, found: &str) -> String {
        let found = &*bind::spelled(found);
        let known = |name: &str| crate::taxonomy::fold(name) == crate::taxonomy::fold(found);
        let ours = self.mapping.domain.columns().any(|c| known(c.name));
        match ours || label(found, &[]) == found || self.mapping.headers().into_iter().any(known) {
            true => found.to_owned(),
            false => shape(found),
        }
    }

    fn flush_origins(&mut self) -> Result<()> {
        if !self.origins.is_empty() {
            self.sink.trace(&self.origins)?;
            self.origins.clear();
        }
        Ok(())
    }

    fn flush_rows(&mut self) -> Result<()> {
        if self.rows.len == 0 {
            return Ok(());
        }
        self.sink.accept(self.rows.take()?)
    }

    fn flush_refusals(&mut self) -> Result<()> {
        if self.refusals.is_empty() {
            return Ok(());
        }
        self.sink.refuse(&self.refusals)?;
        self.refusals.clear();
        Ok(())
    }

    /// Checks a row; problems of needed cells refuse it.
    fn check<'r>(
        &mut self,
        plan: &Plan,
        cells: &'r [Cell<'r>],
        problems: &mut Vec<Problem>,
    ) -> Vec<Value<'r>> {
        let mut slots: Vec<Value> = Vec::with_capacity(plan.bindings.len());
        let (mut occurred, mut basis) = (None, Basis::Given);
        for binding in &plan.bindings {
            let slot = match self.value(plan, binding, cells, problems) {
                Ok(slot) => slot,
                Err(bad) => {
                    problems.push(self.problem(plan, binding, &binding.at, cells, bad));
                    Value::Null
                }
            };
            let slot = match (binding.role, slot) {
                (Role::Occurred, Value::Instant(t)) => {
                    occurred = Some(t);
                    Value::Instant(t)
                }
                (Role::Recorded, Value::Instant(t)) if occurred.is_some_and(|o| t <= o - DAY) => {
                    let bad = BadCell::new(
                        "recorded a day or more before it occurred",
                        "correct one of the two times; the time of ingest was taken",
                    );
                    problems.push(self.problem(plan, binding, &binding.at, cells, bad));
                    basis = Basis::Delivery;
                    Value::Instant(self.span.clock)
                }
                (Role::Recorded, _) if let Some((days, t)) = self.history.zip(occurred) => {
                    basis = Basis::Assumed;
                    let over = if self.total.is_some() { self.end_of_month(t) } else { t };
                    Value::Instant((over + i64::from(days) * DAY).min(self.span.clock))
                }
                (Role::Recorded, Value::Null) => {
                    basis = Basis::Delivery;
                    Value::Instant(self.span.clock)
                }
                (Role::Filled(Filled::DeliveredAt), _) => Value::Instant(self.span.clock),
                (Role::Filled(Filled::RecordedBasis), _) => {
                    Value::Text(Cow::Borrowed(basis.name()))
                }
                (Role::Filled(Filled::Count), _) => {
                    self.total.as_ref().map_or(Value::Null, |t| Value::Int(t.count))
                }
                (Role::Withdrawn, Value::Null) => Value::Bool(false),
                (Role::Filled(Filled::Day), _) => occurred.map_or(Value::Null, |t| self.day(t)),
                (Role::Filled(Filled::DueDay), _) => match slots.last() {
                    Some(Value::Instant(t)) => self.day(*t),
                    _ => Value::Null,
                },
                (Role::Filled(Filled::Source), _) => Value::Code(self.source.clone()),
                (Role::Filled(Filled::BatchId), _) => Value::Code(self.batch_id.clone()),
                (_, slot) => slot,
            };
            slots.push(slot);
        }
        if self.total.is_some() {
            slots[0] = self.total_id(plan, &slots);
        }
        slots
    }

    fn problem(
        &self,
        plan: &Plan,
        binding: &Binding,
        at: &[usize],
        cells: &[Cell],
        bad: BadCell,
    ) -> Problem {
        let value = at
            .iter()
            .map(|&i| cells[i].to_text())
            .filter(|t| !t.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
        let secret = at.iter().any(|i| plan.persons.contains(i));
        let listed = binding.role == Role::Code && !secret && is_word(&value);
        let names: Vec<&str> = at.iter().map(|&i| plan.names[i].as_str()).collect();
        Problem {
            column: if names.is_empty() {
                binding.column.name.to_owned()
            } else {
                names.join(" + ")
            },
            shape: shape(&value),
            word: listed.then_some(value),
            needed: binding.needed,
            bad,
        }
    }

    fn day(&self, micros: i64) -> Value<'static> {
        let Some(utc) = DateTime::from_timestamp_micros(micros) else { return Value::Null };
        Value::Day(
            utc.with_timezone(&self.intake.time_zone).date_naive().num_days_from_ce() - 719_163,
        )
    }

    fn record(&mut self, number: u64, problems: Vec<Problem>, whole_row: bool) -> Result<()> {
        if whole_row {
            self.tally.refused_rows += 1;
        } else {
            self.tally.refused_cells += problems.len() as u64;
        }
        self.refusals.extend(problems.into_iter().map(|p| Refusal {
            row: number,
            column: p.column,
            shape: p.shape,
            word: p.word,
            reason: p.bad.reason,
            fix: p.bad.fix,
            whole_row,
        }));
        if self.refusals.len() >= REFUSALS_AT_ONCE { self.flush_refusals() } else { Ok(()) }
    }

    /// Whether the mapping says that such a row is no event, or none of its own.
    fn is_skipped(&self, plan: &Plan, cells: &[Cell<'_>]) -> bool {
        let holds = |(at, words): &(usize, Vec<String>)| {
            cells.get(*at).is_some_and(|cell| {
                let text = cell.to_text();
                words.iter().any(|word| text.contains(word.as_str()))
            })
        };
        plan.skip.iter().any(holds) || !plan.only.iter().all(holds)
    }

    fn row_with(&mut self, plan: &Plan, number: u64, cells: &[Cell<'_>]) -> Result<()> {
        if self.is_skipped(plan, cells) {
            self.tally.skipped += 1;
            return Ok(());
        }
        match plan.counts.is_empty() {
            true => self.event_row(plan, number, cells),
            false if rows::is_note(plan, cells) => self.note_row(number),
            false => self.totals_row(plan, number, cells),
        }
    }

    /// Keeps a row that may land for the next batch.
    fn keep(&mut self, plan: &Plan, number: u64, slots: &[Value]) {
        self.rows.push(slots);
        let traced = |id: &&str| !plan.id.is_empty() || identity::is_keyed(id);
        if let Some(id) = slots[0].text().filter(traced) {
            let event_id = id.to_owned();
            self.origins.push(Origin { event_id, sheet: self.sheet, row: number });
        }
        let day = slots.iter().zip(&plan.bindings).find_map(|(slot, binding)| match slot {
            Value::Day(day) if binding.role == Role::Filled(Filled::Day) => Some(*day),
            _ => None,
        });
        self.add_day(day);
        self.tally.accepted += 1;
    }

    fn event_row(&mut self, plan: &Plan, number: u64, cells: &[Cell<'_>]) -> Result<()> {
        let mut problems = Vec::new();
        let slots = self.check(plan, cells, &mut problems);
        let mut whole_row = problems.iter().any(|p| p.needed);
        if whole_row && rows::is_note(plan, cells) {
            return self.note_row(number);
        }
        let future = |p: &Problem| p.needed && p.bad.reason == FUTURE;
        self.future += u64::from(problems.iter().any(future));
        if !whole_row && !self.is_new(&slots) {
            whole_row = true;
            self.repeated.add(self.sheet, number);
            let bad = BadCell::new(
                "duplicate id in the same file",
                "remove the row; a correction needs a later recorded_at",
            );
            problems.push(self.problem(plan, &plan.bindings[0], &plan.bindings[0].at, cells, bad));
        }
        if let Some(again) = self.again {
            let Some(before) = again.count(self.sheet, number) else { return Ok(()) };
            if !whole_row && problems.len() >= before {
                return self.record(number, problems, false);
            }
        }
        if !whole_row {
            self.keep(plan, number, &slots);
        }
        if !problems.is_empty() {
            self.record(number, problems, whole_row)?;
        }
        if self.origins.len() >= BATCH {
            self.flush_origins()?;
        }
        if self.rows.len >= BATCH { self.flush_rows() } else { Ok(()) }
    }
}

impl RowChecker<'_> {
    /// Widens the span of days that were taken.
    fn add_day(&mut self, day: Option<i32>) {
        let Some(day) = day.and_then(|d| NaiveDate::from_num_days_from_ce_opt(d + 719_163)) else {
            return;
        };
        let (first, last) = self.tally.days.unwrap_or((day, day));
        self.tally.days = Some((first.min(day), last.max(day)));
    }
}

impl Visit for RowChecker<'_> {
    fn fit(&self, row: &[String]) -> u32 {
        let needed = bind::needed(self.mapping).len();
        match bind::lacking(self.mapping, row).len() {
            0 => FITS,
            lacking => (needed - lacking) as u32,
        }
    }

    fn table(&mut self, sheet: Option<u32>, header: &[String]) -> Result<bool> {
        self.finish_groups()?;
        let lacks = bind::lacking(self.mapping, header);
        self.sheet = sheet;
        if !lacks.is_empty() {
            if let Some(sheet) = self.sheet {
                self.tally.notices.push(format!(
                    "sheet {sheet} was left out: it has no header with {}",
                    lacks.join(", ")
                ));
            }
            if self.refused_header.as_ref().is_none_or(|(best, _)| lacks.len() < best.len()) {
                self.refused_header =
                    Some((lacks.iter().map(|l| l.to_string()).collect(), header.to_vec()));
            }
            return Ok(false);
        }
        let doubled = bind::doubled(self.mapping, header);
        if !doubled.is_empty() {
            let what = format!("the header has {} more than once", doubled.join(", "));
            return Err(Error::input(&self.file, what, "rename or remove one of the columns"));
        }
        self.plan = self.bound(header)?;
        self.shaper = Shaper::new(&self.mapping.layout, &self.plan);
        self.tables += 1;
        if self.mapping.canonical && !self.plan.unused.is_empty() {
            let names: Vec<String> = self.plan.unused.iter().map(|n| self.header(n)).collect();
            self.notice(format!("columns not taken: {}", names.join(", ")));
        }
        Ok(true)
    }

    fn header_rows(&self) -> HeaderRows {
        match self.mapping.layout.header_rows {
            Some(rows) => HeaderRows::Exactly(rows),
            None if self.mapping.canonical => HeaderRows::Exactly(1),
            None => HeaderRows::OneOrTwo,
        }
    }

    fn row(&mut self, number: u64, cells: &[Cell<'_>]) -> Result<bool> {
        if self.shaper.is_some() {
            return self.shaped_row(number, cells).map(|()| true);
        }
        self.tally.rows += 1;
        let plan = std::mem::take(&mut self.plan);
        let result = self.row_with(&plan, number, cells);
        self.plan = plan;
        result.map(|()| true)
    }

    /// What has another width is no event in any case: its beginning says that it is a note.
    fn is_note(&mut self, number: u64, cells: &[Cell<'_>]) -> bool {
        self.note_if(rows::begins_as_note(cells), number, cells)
    }

    fn broken(&mut self, number: u64, bad: BadCell) -> Result<()> {
        if self.is_note(number, &[]) {
            return Ok(());
        }
        self.tally.rows += 1;
        let column = self.sheet.map_or(String::new(), |s| format!("{s}!"));
        // The line may hold names: nothing of it is shown.
        let (shape, word) = (String::new(), None);
        self.record(number, vec![Problem { column, shape, word, bad, needed: true }], true)
    }

    fn notice(&mut self, text: String) {
        if !self.tally.notices.contains(&text) {
            self.tally.notices.push(text);
        }
    }

    fn days_from_1904(&mut self) {
        self.days_from_1904 = true;
    }
}

/// Whether a cell of a list column holds a word, and no number.
fn is_word(text: &str) -> bool {
    text.chars().count() <= 20 && !text.chars().any(char::is_numeric) && !may_identify(text)
}
