//! Checks rows: accepted ones leave in batches, refusals with their reasons.

mod laid_out;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveTime, TimeZone};

use super::bind::{self, Binding, Plan, Role};
use super::build::{Rows, Value};
use super::cell::{BadCell, Cell};
use super::codes::{self, Cache, ResolvedArea};
use super::dates::WrittenTime;
use super::identity::{self, LostDigits};
use super::rows::{self, Numbers, Shaper};
use super::visit::{FITS, HeaderRows, Visit};
use super::{BATCH, Intake, Origin, Refusal, RefusedBefore, Sink, Tally, dates, numbers, shape};
use crate::error::{Error, Result};
use crate::label::{file_label, label};
use crate::mapping::Mapping;
use crate::mask::identifies;
use crate::schema::Basis;

/// Refusals that are collected before the sink gets them.
const REFUSALS_AT_ONCE: usize = 1_000;

const GRID: &str = "map the grid's code";

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

/// Days from the beginning of Excel's usual count to that of its other one, in 1904.
const DAYS_TO_1904: f64 = 1_462.0;

/// Reason of a row that lies a day or more after the time of ingest.
const FUTURE: &str = "in the future";

pub(super) struct RowChecker<'a> {
    file: PathBuf,
    mapping: &'a Mapping,
    intake: &'a Intake<'a>,
    sink: &'a mut dyn Sink,
    source: String,
    /// Days from the event to its recording that are assumed.
    history: Option<u32>,
    /// Rows refused because they lie in the future.
    future: u64,
    /// Whether the workbook counts days from 1904, and how many dates without format it has.
    days_from_1904: bool,
    bare_days: u64,
    /// The total that is being read, where rows are totals.
    total: Option<Total>,
    batch_id: String,
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
            source: mapping.source.clone(),
            history: intake.history.or(mapping.history),
            future: 0,
            days_from_1904: false,
            bare_days: 0,
            total: None,
            batch_id: batch_id.to_owned(),
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

    /// Says how many numbers a spreadsheet has spoilt.
    fn note_lost_digits(&mut self) {
        let found = |n: u64, what: &str| {
            (n > 0).then(|| format!("{n} {what} have lost digits: a spreadsheet keeps fifteen"))
        };
        self.tally.notices.extend(found(self.lost_ids.found, "ids"));
        let parties = found(self.lost_parties.found, "numbers of persons");
        self.tally
            .notices
            .extend(parties.map(|p| p + "; parties are known by their other columns"));
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
            let slot = match (binding.column.name, slot) {
                ("occurred_at", Value::Instant(t)) => {
                    occurred = Some(t);
                    Value::Instant(t)
                }
                ("recorded_at", Value::Instant(t)) if occurred.is_some_and(|o| t <= o - DAY) => {
                    let bad = BadCell::new(
                        "recorded a day or more before it occurred",
                        "correct one of the two times; the time of ingest was taken",
                    );
                    problems.push(self.problem(plan, binding, &binding.at, cells, bad));
                    basis = Basis::Delivery;
                    Value::Instant(self.span.clock)
                }
                ("recorded_at", _) if let Some((days, t)) = self.history.zip(occurred) => {
                    basis = Basis::Assumed;
                    let over = if self.total.is_some() { self.end_of_month(t) } else { t };
                    Value::Instant((over + i64::from(days) * DAY).min(self.span.clock))
                }
                ("recorded_at", Value::Null) => {
                    basis = Basis::Delivery;
                    Value::Instant(self.span.clock)
                }
                ("delivered_at", _) => Value::Instant(self.span.clock),
                ("recorded_basis", _) => Value::Text(Cow::Borrowed(basis.name())),
                ("count", _) => self.total.as_ref().map_or(Value::Null, |t| Value::Int(t.count)),
                ("withdrawn", Value::Null) => Value::Bool(false),
                ("day", _) => occurred.map_or(Value::Null, |t| self.day(t)),
                ("due_day", _) => match slots.last() {
                    Some(Value::Instant(t)) => self.day(*t),
                    _ => Value::Null,
                },
                ("source", _) => Value::Text(Cow::Borrowed("")),
                (_, slot) => slot,
            };
            slots.push(slot);
        }
        if self.total.is_some() {
            slots[0] = self.total_id(plan, &slots);
        }
        slots
    }

    /// What a total is known by: its source, month, area and category.
    fn total_id<'r>(&self, plan: &Plan, slots: &[Value]) -> Value<'r> {
        let mut id = self.source.clone();
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

    /// A row of totals: one total, or one a category. A blank count is not known, and no zero.
    fn totals_row(&mut self, plan: &Plan, number: u64, cells: &[Cell<'_>]) -> Result<()> {
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

    fn refuse_count(
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

    /// The last second of the month that begins then: before it nobody knew the month's total.
    fn end_of_month(&self, start: i64) -> i64 {
        let zone = self.intake.time_zone;
        let first =
            DateTime::from_timestamp_micros(start).map(|utc| utc.with_timezone(&zone).date_naive());
        let next = first.and_then(|day| day.checked_add_months(Months::new(1)));
        let end = next.and_then(|day| dates::instant(WrittenTime::Day(day), zone).ok());
        end.map_or(start, |end| end - SECOND)
    }

    /// One column's value in a row.
    fn value<'r>(
        &mut self,
        plan: &Plan,
        binding: &Binding,
        cells: &'r [Cell<'r>],
        problems: &mut Vec<Problem>,
    ) -> std::result::Result<Value<'r>, BadCell> {
        match binding.role {
            Role::Derived => {
                return Ok(if binding.column.name == "batch_id" {
                    Value::Text(Cow::Borrowed(""))
                } else {
                    Value::Null
                });
            }
            Role::EventId if self.total.is_some() => return Ok(Value::Text(Cow::Borrowed(""))),
            Role::EventId if !plan.id.is_empty() => {
                return Ok(Value::Text(self.made_id(plan, cells).into()));
            }
            Role::EventId if binding.at.len() > 1 => return self.joined_id(binding, cells),
            Role::PartyHash if !plan.persons.is_empty() => return Ok(self.party(plan, cells)),
            Role::Area => return self.area(plan, binding, cells, problems),
            Role::Instant if self.total.is_some() && binding.column.name == "occurred_at" => {
                let month = dates::month(binding.at.iter().map(|&i| &cells[i]))?;
                return self.possible(binding, dates::instant(month, self.intake.time_zone)?);
            }
            Role::Code if binding.column.name == "category" => {
                if let Some(word) = self.total.as_ref().and_then(|total| total.category.clone()) {
                    return self.code(binding, &Cell::from_text(&word));
                }
            }
            _ => {}
        }
        let stand_in = binding.otherwise.as_deref().map(Cell::from_text);
        let given = binding.at.first().map(|&i| &cells[i]).filter(|c| !c.is_empty());
        let Some(cell) = given.or(stand_in.as_ref()) else {
            return if binding.needed {
                Err(BadCell::new("empty", format!("fill in {}", binding.column.name)))
            } else {
                Ok(Value::Null)
            };
        };
        match binding.role {
            Role::EventId => self.event_id(&cells[binding.at[0]]),
            Role::Grid => self.grid(cell),
            Role::PartyHash => {
                codes::party_hash(cell).map(|t| Value::Text(self.intake.hasher.keyed(&t).into()))
            }
            Role::Code => self.code(binding, cell),
            Role::Instant => {
                let counted = self.counted_from_1900(cell);
                let cell = counted.as_ref().unwrap_or(cell);
                let time = given.and(binding.at.get(1)).map(|&i| &cells[i]);
                let when = dates::when_in(cell, binding.format.as_deref())?;
                let when = time.map_or(Ok(when), |time| dates::join(when, time))?;
                self.possible(binding, dates::instant(when, self.intake.time_zone)?)
            }
            Role::Int => numbers::whole(cell, binding.tens)
                .and_then(|n| possible_count(binding, n))
                .map(Value::Int),
            Role::Money => numbers::money(cell, binding.tens).map(Value::Money),
            Role::Bool => numbers::yes(cell).map(Value::Bool),
            Role::Area | Role::Derived => Ok(Value::Null),
        }
    }

    /// A date without format of a workbook that counts days from 1904, as others count it.
    fn counted_from_1900(&mut self, cell: &Cell) -> Option<Cell<'static>> {
        let days = match cell {
            Cell::Float(days) if self.days_from_1904 && *days >= 1.0 => *days,
            _ => return None,
        };
        self.bare_days += 1;
        Some(Cell::Float(days + DAYS_TO_1904))
    }

    fn possible(&self, binding: &Binding, t: i64) -> std::result::Result<Value<'static>, BadCell> {
        let fix = "correct the date";
        if t < self.span.first {
            return Err(BadCell::new("before 1990", fix));
        }
        if binding.column.name == "due_at" {
            return if t < self.span.due {
                Ok(Value::Instant(t))
            } else {
                Err(BadCell::new("due after 2099", fix))
            };
        }
        if binding.column.name == "occurred_at" && !self.span.stated.contains(&t) {
            return Err(BadCell::new(
                "outside the days its mapping states",
                "correct the date, or from and to of the mapping",
            ));
        }
        if t > self.span.clock + DAY {
            return Err(BadCell::new(
                FUTURE,
                "correct the date, or deliver the row when it has happened",
            ));
        }
        Ok(Value::Instant(t))
    }

    fn code(
        &mut self,
        binding: &Binding,
        cell: &Cell,
    ) -> std::result::Result<Value<'static>, BadCell> {
        if let Cell::Error(e) = cell {
            return Err(BadCell::new(e.clone(), "correct it in the source"));
        }
        let list = self.intake.taxonomy.list(binding.column.name, self.mapping.domain);
        let code = self
            .codes
            .entry(binding.column.name)
            .or_default()
            .get(&cell.to_text(), || codes::code(&cell.to_text(), binding, list))?;
        match binding.column.kind {
            crate::schema::Kind::Int => code
                .parse()
                .map(Value::Int)
                .map_err(|_| BadCell::new("no number", "correct models/taxonomy.toml")),
            _ => Ok(Value::Code(code)),
        }
    }

    /// An event's id in its one spelling, or the hash that stands for it.
    fn event_id<'r>(&mut self, cell: &'r Cell<'r>) -> std::result::Result<Value<'r>, BadCell> {
        let domain = self.mapping.domain.id;
        if self.lost_ids.has(cell) {
            return Err(identity::lost_digits());
        }
        Ok(Value::Text(identity::kept(identity::spelled_id(cell)?, domain, self.intake.hasher)))
    }

    /// The id that several columns make: each of them in its one spelling.
    fn joined_id<'r>(
        &mut self,
        binding: &Binding,
        cells: &[Cell],
    ) -> std::result::Result<Value<'r>, BadCell> {
        let mut parts = Vec::with_capacity(binding.at.len());
        for &at in &binding.at {
            if self.lost_ids.has(&cells[at]) {
                return Err(identity::lost_digits());
            }
            identity::spelled_id(&cells[at])?;
            parts.push(identity::part(&cells[at], self.intake.time_zone));
        }
        let id = Cow::Owned(parts.join("/"));
        Ok(Value::Text(identity::kept(id, self.mapping.domain.id, self.intake.hasher)))
    }

    /// A grid's code, or that of the area so named; a description could be an address or a name and
    /// is not kept.
    fn grid(&mut self, cell: &Cell) -> std::result::Result<Value<'static>, BadCell> {
        let written = cell.to_text();
        if codes::is_grid_code(&written, self.intake.register) {
            return Ok(Value::Text(written.into_owned().into()));
        }
        if identifies(&written) {
            return Err(BadCell::new("looks like an identity number, telephone or plate", GRID));
        }
        let place = self.places.get(&written, || codes::place(self.intake.register, &[&written]));
        place
            .code
            .map(Value::Code)
            .map_err(|_| BadCell::new("neither a code nor a grid of the register", GRID))
    }

    fn area(
        &mut self,
        plan: &Plan,
        binding: &Binding,
        cells: &[Cell],
        problems: &mut Vec<Problem>,
    ) -> std::result::Result<Value<'static>, BadCell> {
        if let Some(Cell::Error(e)) =
            binding.at.iter().map(|&i| &cells[i]).find(|c| matches!(c, Cell::Error(_)))
        {
            return Err(BadCell::new(e.clone(), "correct it in the source"));
        }
        let texts: Vec<Cow<str>> = binding.at.iter().map(|&i| cells[i].to_text()).collect();
        let mut pieces: Vec<&str> = texts.iter().map(|t| &**t).collect();
        if pieces.iter().all(|p| p.is_empty()) {
            pieces = binding.otherwise.as_deref().into_iter().collect();
        }
        let register = self.intake.register;
        let place = match pieces.as_slice() {
            [one] => self.places.get(one, || codes::place(register, &pieces)),
            _ => self.places.get(&pieces.join("\u{1f}"), || codes::place(register, &pieces)),
        };
        if let Some((i, bad)) = place.lost {
            let mut problem = self.problem(plan, binding, &binding.at[i..=i], cells, bad);
            problem.needed = false;
            problem.bad.fix += "; the coarser area was taken";
            problems.push(problem);
        }
        place.code.map(Value::Code)
    }

    /// The keyed hash of the parties: of what identifies them, less numbers that have lost digits.
    fn party(&mut self, plan: &Plan, cells: &[Cell]) -> Value<'static> {
        let lost = &mut self.lost_parties;
        let texts: Vec<Cow<str>> = plan
            .persons
            .iter()
            .filter(|&&i| !matches!(cells[i], Cell::Error(_)) && !lost.has(&cells[i]))
            .map(|&i| cells[i].to_text())
            .collect();
        let others = self.persons.iter().map(String::as_str);
        let texts = texts.iter().map(|t| &**t).chain(others).map(identity::guarded);
        match self.intake.hasher.hash(self.mapping.domain.id, texts) {
            Some(hash) => Value::Text(hash.into()),
            None => Value::Null,
        }
    }

    /// An id from the columns that tell events apart, each in its one spelling, and an ordinal
    /// among rows where they are the same. It goes through the key, as what was written there could
    /// be found again from a plain hash.
    fn made_id(&mut self, plan: &Plan, cells: &[Cell]) -> String {
        let mut text = String::new();
        for &i in &plan.id {
            text.push_str(&identity::part(&cells[i], self.intake.time_zone));
            text.push('\u{1f}');
        }
        let hash = self.intake.hasher.keyed(&text);
        let times = self.made.entry(hash128(hash.as_bytes())).or_insert(0);
        *times += 1;
        let prefix = self.mapping.id.as_ref().map_or("", |i| i.prefix.as_str());
        let ordinal = if *times > 1 { format!("-{times}") } else { String::new() };
        format!("{prefix}-{}{ordinal}", &hash[..16])
    }

    /// Whether this version of the event is the file's first.
    fn is_new(&mut self, slots: &[Value]) -> bool {
        let (Some(id), Some(Value::Instant(recorded))) = (slots[0].text(), slots.get(2)) else {
            return true;
        };
        let mut key = id.as_bytes().to_vec();
        key.extend(recorded.to_le_bytes());
        self.seen.insert(hash128(&key))
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

    fn event_row(&mut self, plan: &Plan, number: u64, cells: &[Cell<'_>]) -> Result<()> {
        let mut problems = Vec::new();
        let mut slots = self.check(plan, cells, &mut problems);
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
            let source = std::mem::take(&mut self.source);
            let batch_id = std::mem::take(&mut self.batch_id);
            for (slot, binding) in slots.iter_mut().zip(&plan.bindings) {
                match binding.column.name {
                    "source" => *slot = Value::Text(Cow::Borrowed(&source)),
                    "batch_id" => *slot = Value::Text(Cow::Borrowed(&batch_id)),
                    _ => {}
                }
            }
            self.rows.push(&slots);
            if let Some(id) =
                slots[0].text().filter(|id| !plan.id.is_empty() || identity::is_keyed(id))
            {
                self.origins.push(Origin {
                    event_id: id.to_owned(),
                    sheet: self.sheet,
                    row: number,
                });
            }
            let day = slots.iter().zip(&plan.bindings).find_map(|(slot, binding)| match slot {
                Value::Day(day) if binding.column.name == "day" => Some(*day),
                _ => None,
            });
            drop(slots);
            self.add_day(day);
            (self.source, self.batch_id) = (source, batch_id);
            self.tally.accepted += 1;
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

/// More persons in one event than live in a large county are a number of something else, such as a
/// telephone; a post is seen by more.
fn possible_count(binding: &Binding, n: i64) -> std::result::Result<i64, BadCell> {
    match n > 1_000_000 && binding.column.name != "reach" {
        true => Err(BadCell::new("too large to be true", "correct it in the source")),
        false => Ok(n),
    }
}

/// Whether a cell of a list column holds a word, and no number.
fn is_word(text: &str) -> bool {
    text.chars().count() <= 20 && !text.chars().any(char::is_numeric) && !identifies(text)
}

fn hash128(bytes: &[u8]) -> u128 {
    let hash = blake3::hash(bytes);
    u128::from_le_bytes(std::array::from_fn(|i| hash.as_bytes()[i]))
}
