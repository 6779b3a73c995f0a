//! One county with one way of delivering, night after night through the engine.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use chrono::{Datelike, Days, Months, NaiveDate, TimeDelta};
use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type};
use lake::areas::Register;
use lake::{AsOf, Limits};
use pingan::detect::Kind;
use pingan::engine::{Ingested, MODEL, Night, Options, ingest, nightly, query, refreeze};
use pingan::synth::{Habit, Params, Practice, deliver};
use pingan::workspace::Workspace;

use crate::Done;

/// Mohe: six townships, fourteen villages.
const COUNTY: &str = "232701";
/// Who delivers; the other domains never do.
const DOMAINS: [&str; 3] = ["public_order", "petitions", "requests"];
/// Months of history before the first night, and events a month in all ten domains.
const HISTORY: u32 = 36;
const EVENTS: u32 = 1_400;
/// Days after the last day of events until what a department hands in monthly has come.
const LAST_DELIVERY: u64 = 4;
/// Nights after the first that are all judged.
const JUDGED: i64 = 10;

/// What is simulated, whatever the habits.
#[derive(Clone, Copy)]
pub struct Setting {
    pub seed: u64,
    /// Months of nights.
    pub months: u32,
    /// Every how many nights the whole night is run; on the others files are ingested.
    pub every: i64,
}

/// The first night.
fn first() -> NaiveDate {
    NaiveDate::from_ymd_opt(2025, 1, 1).unwrap_or_default()
}

impl Setting {
    fn params(&self) -> Params {
        Params {
            county: COUNTY.into(),
            from: first() - Months::new(HISTORY),
            to: first() + Months::new(self.months) - Days::new(1),
            events: (EVENTS * (HISTORY + self.months)) as usize,
            inbox_from: Some(first()),
            seed: self.seed,
            incidents: true,
            rises: Vec::new(),
        }
    }

    /// Days from the load to the last delivery.
    fn days(&self) -> impl Iterator<Item = NaiveDate> {
        let end = self.params().to + Days::new(LAST_DELIVERY);
        (first() - Days::new(1)).iter_days().take_while(move |day| *day <= end)
    }

    /// Whether the whole night is run: all of the first ones, those on which monthly files come and
    /// the ones after, the last, and every so many of the others.
    fn judged(&self, night: NaiveDate) -> bool {
        let number = (night - first()).num_days();
        number < JUDGED
            || number % self.every == 0
            || [3, 4].contains(&night.day())
            || night == self.params().to + Days::new(LAST_DELIVERY)
    }

    /// The night on which what a habit brings begins.
    pub fn begins(&self, habit: Habit) -> NaiveDate {
        first() + TimeDelta::days(habit.begins())
    }

    /// Simulated years of nights.
    pub fn years(&self) -> f64 {
        f64::from(self.months) / 12.0
    }
}

/// Month, area and node.
pub type Key = (String, String, String);
/// Scores; `None` where there is none.
pub type Scores = BTreeMap<Key, Option<f64>>;
/// Night, area and topic.
pub type Letter = (NaiveDate, String, String);
/// Area, domain, category and kind of a finding.
pub type Found = (String, String, String, &'static str);

/// What came of it.
#[derive(Default)]
pub struct Outcome {
    /// Codes of the register that the run began with.
    pub areas: BTreeSet<String>,
    /// Of completed months, as of the last night.
    pub scores: Scores,
    /// What was found on each night that was judged.
    pub findings: BTreeMap<NaiveDate, BTreeSet<Found>>,
    /// Each letter drafted, in order.
    pub letters: Vec<Letter>,
    /// Files that could not be read, why the first could not, and rows that were refused.
    pub failed: usize,
    pub why: Option<String>,
    pub refused: u64,
}

/// Simulates the county and runs its nights. With `freeze_anew`, goalposts are frozen anew before the
/// last of them, as a centre does where `pingan check` says that they rest on too little.
pub fn replay(
    setting: &Setting,
    practices: &[Practice],
    control: bool,
    freeze_anew: bool,
) -> Done<Outcome> {
    let folder = tempfile::tempdir()?;
    let root = folder.path().join("county");
    deliver(&root, &setting.params(), practices, control)?;
    let workspace = Workspace::open(&root)?;
    let register = Register::read(&workspace.areas_file())?;
    let areas = register.areas().iter().map(|a| a.code.clone()).collect();
    let mut outcome = Outcome { areas, ..Outcome::default() };
    let last = setting.days().last().unwrap_or_default();
    for night in setting.days() {
        let files = come_in(&workspace, night)?;
        let options = options(&workspace, night);
        if freeze_anew && night == last {
            refreeze(&workspace, &options, MODEL)?;
        }
        if setting.judged(night) {
            let done = nightly(&workspace, &options, &mut |_, _, _| {})?;
            outcome.night(night, &done);
        } else if files > 0 {
            outcome.taken(&ingest(&workspace, &options, &[], None, None, None)?);
        }
    }
    outcome.scores = scores(&workspace, &options(&workspace, last), setting.params().to)?;
    Ok(outcome)
}

impl Outcome {
    fn taken(&mut self, ingested: &Ingested) {
        self.failed += ingested.failed.len();
        if let (None, Some((_, error))) = (&self.why, ingested.failed.first()) {
            self.why = Some(error.to_string());
        }
        self.refused += ingested
            .landed
            .iter()
            .filter_map(|l| l.tally.as_ref())
            .map(|t| t.refused_rows)
            .sum::<u64>();
    }

    fn night(&mut self, night: NaiveDate, done: &Night) {
        self.taken(&done.ingested);
        let said = |kind| !matches!(kind, Kind::NotAssessable | Kind::Forecast);
        let findings = done.found.iter().flat_map(|d| &d.findings).filter(|f| said(f.kind()));
        let found = findings
            .map(|f| (f.area_code.clone(), f.domain.clone(), f.category.clone(), f.kind().name()))
            .collect();
        self.findings.insert(night, found);
        let drafted = done.warned.iter().flat_map(|w| &w.drafted);
        let letters = drafted.map(|l| (night, l.facts.area_code.clone(), l.facts.topic.clone()));
        self.letters.extend(letters);
    }
}

/// Moves a night's files into the inbox, and its register, if any, in the old one's place; says how
/// many files.
fn come_in(workspace: &Workspace, night: NaiveDate) -> Done<usize> {
    let register = workspace.root.join("registers").join(night.to_string()).join("areas.csv");
    if register.is_file() {
        std::fs::copy(register, workspace.areas_file())?;
    }
    let folder = workspace.root.join("deliveries").join(night.to_string());
    let mut moved = 0;
    if !folder.is_dir() {
        return Ok(moved);
    }
    for file in std::fs::read_dir(folder)? {
        let file: PathBuf = file?.path();
        let name = file.file_name().unwrap_or_default();
        if DOMAINS.iter().any(|domain| name.to_string_lossy().starts_with(domain)) {
            std::fs::rename(&file, workspace.inbox().join(Path::new(name)))?;
            moved += 1;
        }
    }
    Ok(moved)
}

fn options(workspace: &Workspace, night: NaiveDate) -> Options {
    let as_of = AsOf::end_of(night, workspace.time_zone());
    let limits = Limits { threads: 1, ..Limits::default() };
    Options { clock: as_of.instant, as_of, limits, seed: 1 }
}

/// The scores of the months that are over, but the last: what it would have recorded after the last
/// simulated day is in no file.
fn scores(workspace: &Workspace, options: &Options, to: NaiveDate) -> Done<Scores> {
    let to = to - Days::new(31);
    let sql = format!(
        "select period, area_code, node, score from scores
         where period ~ '^[0-9]{{4}}-[0-9]{{2}}$' and period_end <= date '{to}'"
    );
    let mut scores = Scores::new();
    for batch in query(workspace, options, None, &sql)?.batches {
        let [periods, areas, nodes] = [0, 1, 2].map(|column| text(&batch, column));
        let (periods, areas, nodes) = (periods?, areas?, nodes?);
        let figures = batch.column(3).as_primitive::<Float64Type>();
        for row in 0..batch.num_rows() {
            let key =
                [&periods, &areas, &nodes].map(|c| c.as_string::<i32>().value(row).to_owned());
            let score = figures.is_valid(row).then(|| figures.value(row));
            scores.insert(key.into(), score);
        }
    }
    Ok(scores)
}

fn text(batch: &RecordBatch, column: usize) -> Done<ArrayRef> {
    Ok(cast(batch.column(column), &DataType::Utf8)?)
}
