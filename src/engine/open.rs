//! A workspace opened for one command: lake and register are read once, and every stage works on
//! them.

use std::cell::OnceCell;
use std::fs::{File, TryLockError};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use datafusion::arrow::array::{ArrayRef, Date32Array, Float64Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::Date32Type;

use super::names::Names;
use crate::feeds::Coverage;
use crate::index::{self, Model, Place};
use crate::job::Job;
use crate::panel::Period;
use crate::report::{Sources, Thresholds};
use crate::workspace::Workspace;
use crate::{detect, warn};
use lake::areas::{Area, EXPOSURES, Exposure, Exposures, Register, SIZES};
use lake::error::{At, Error, Result};
use lake::taxonomy::Taxonomy;
use lake::{AsOf, Derived, Lake, Limits};

/// How a command may work.
#[derive(Clone, Debug)]
pub struct Options {
    pub as_of: AsOf,
    /// Time of ingest: `recorded_at` of rows that bring none.
    pub clock: DateTime<Utc>,
    pub limits: Limits,
    pub seed: u64,
}

/// Refuses a day that has not come: what is done on it would be before all that is done until then.
///
/// # Errors
/// [`Error::Usage`].
pub(super) fn not_after_today(
    workspace: &Workspace,
    options: &Options,
    day: NaiveDate,
    what: &str,
) -> Result<()> {
    let today = options.clock.with_timezone(&workspace.time_zone()).date_naive();
    if day <= today {
        return Ok(());
    }
    let fix = "give a day up to today; has the computer the right date?";
    Err(Error::usage(format!("{what} {day} has not come: today is {today}"), fix))
}

/// An opened workspace. One that is opened for writing is locked until this is dropped.
pub(super) struct Opened<'a> {
    pub workspace: &'a Workspace,
    pub options: &'a Options,
    pub lake: Lake,
    pub register: Register,
    /// Read when it is first needed: a command that needs none runs where it is wrong.
    taxonomy: OnceCell<Taxonomy>,
    warning_rules: OnceCell<warn::Settings>,
    _lock: Option<File>,
}

impl<'a> Opened<'a> {
    /// Opens a workspace from which a command only reads.
    ///
    /// # Errors
    /// [`Error::Config`] where the register is wrong, [`Error::Delta`].
    pub fn for_reading(workspace: &'a Workspace, options: &'a Options) -> Result<Opened<'a>> {
        Opened::open(workspace, options, None)
    }

    /// Opens a workspace that a command writes to, and keeps other commands from writing.
    ///
    /// # Errors
    /// [`Error::Usage`] where another command is writing, and as [`Opened::for_reading`].
    pub fn for_writing(workspace: &'a Workspace, options: &'a Options) -> Result<Opened<'a>> {
        let lock = lock(workspace)?;
        Opened::open(workspace, options, Some(lock))
    }

    fn open(
        workspace: &'a Workspace,
        options: &'a Options,
        lock: Option<File>,
    ) -> Result<Opened<'a>> {
        let lake = Lake::open(&workspace.lake(), &options.limits)?;
        let register = Register::read(&workspace.areas_file())?.as_of(options.as_of.day)?;
        Ok(Opened {
            workspace,
            options,
            lake,
            register,
            taxonomy: OnceCell::new(),
            warning_rules: OnceCell::new(),
            _lock: lock,
        })
    }

    /// The code lists.
    ///
    /// # Errors
    /// [`Error::Config`] where the file is wrong.
    pub fn taxonomy(&self) -> Result<&Taxonomy> {
        match self.taxonomy.get() {
            Some(taxonomy) => Ok(taxonomy),
            None => {
                let taxonomy = self.workspace.taxonomy()?;
                Ok(self.taxonomy.get_or_init(|| taxonomy))
            }
        }
    }

    /// The warning rules.
    ///
    /// # Errors
    /// [`Error::Config`] where they are wrong.
    pub fn warning_rules(&self) -> Result<&warn::Settings> {
        match self.warning_rules.get() {
            Some(rules) => Ok(rules),
            None => {
                let rules = warn::Settings::read(self.workspace)?;
                Ok(self.warning_rules.get_or_init(|| rules))
            }
        }
    }

    /// What a report is made from, beside the lake.
    ///
    /// # Errors
    /// [`Error::Config`] where rules, code lists or thresholds are wrong.
    pub fn report_sources<'s>(&'s self, model: &'s Model) -> Result<Sources<'s>> {
        let (taxonomy, rules) = (self.taxonomy()?, self.warning_rules()?);
        let thresholds = Thresholds::read(self.workspace, taxonomy)?;
        let watch = self.detectors()?.watch;
        Ok(Sources { model, taxonomy, rules, thresholds, watch })
    }

    /// A model of the workspace, checked against the register; `file` is relative to the workspace.
    ///
    /// # Errors
    /// [`Error::Config`] where the model is wrong or the register has no area of its level.
    pub fn model(&self, file: &str) -> Result<Model> {
        let model = Model::read(self.workspace, file)?;
        index::check_level(self.workspace, &self.register, &model)?;
        Ok(model)
    }

    /// The detectors' settings, checked against the register.
    ///
    /// # Errors
    /// [`Error::Config`] where they are wrong or the register has no area of their level.
    pub fn detectors(&self) -> Result<detect::Settings> {
        let settings = detect::Settings::read(self.workspace)?;
        detect::check_level(self.workspace, &self.register, &settings)?;
        Ok(settings)
    }

    /// Names of areas, categories and topics, for what is printed after all work is done.
    ///
    /// # Errors
    /// [`Error::Config`] where the taxonomy is wrong.
    pub fn into_names(self) -> Result<Names> {
        self.taxonomy()?;
        // Findings are shown also where the warning rules are wrong.
        let _ = self.warning_rules();
        let taxonomy = self.taxonomy.into_inner().unwrap_or_default();
        Ok(Names::new(self.register, taxonomy, self.warning_rules.into_inner()))
    }

    /// Days that count of every feed, for areas of a level, as of a time.
    ///
    /// # Errors
    /// [`Error::Delta`], [`Error::Query`].
    pub fn coverage(&self, level: &str, as_of: &AsOf) -> Result<Coverage> {
        let zone = self.workspace.time_zone();
        Coverage::read(&self.lake, &self.register, level, as_of, zone, &self.options.limits)
    }

    /// The as-of time at which weeks and days are judged whole: a day that is not over is left out.
    pub fn last_whole_day(&self) -> AsOf {
        AsOf::at(self.options.as_of.instant, self.workspace.time_zone())
    }

    /// What a stage works on; `command` and `args` are for the table `runs`.
    pub fn job<'b>(
        &'b self,
        command: &'b str,
        args: &'b str,
        coverage: &'b Coverage,
        as_of: AsOf,
    ) -> Job<'b> {
        Job {
            workspace: self.workspace,
            lake: &self.lake,
            register: &self.register,
            coverage,
            as_of,
            limits: &self.options.limits,
            seed: self.options.seed,
            command,
            args,
        }
    }

    /// The areas of a scored period by rank, beside the period before it.
    ///
    /// # Errors
    /// [`Error::Delta`], [`Error::Query`].
    pub fn ranking(&self, model: &str, period: &Period) -> Result<Vec<Place>> {
        let (limits, before) = (&self.options.limits, period.before());
        let seed = self.options.seed;
        let known = Exposures::read(&self.workspace.exposures_file(), &self.register)?;
        let exposures = |code: &str| {
            let area = self.register.get(code);
            area.map_or_else(Exposure::default, |a| known.in_force(a, period.start.max(a.life().0)))
        };
        index::ranking(&self.lake, limits, model, [&period.name, &before.name], &exposures, seed)
    }

    /// Writes the register as the table `areas`, for queries, unless it is what was written last.
    ///
    /// # Errors
    /// [`Error::Delta`].
    pub fn write_areas(&self) -> Result<()> {
        const REGISTER: &str = "register";
        let areas = self.register.areas();
        let mut table = self.lake.derived(Derived::Areas)?;
        let hash = blake3::hash(format!("{areas:?}").as_bytes());
        let hash = i64::from_le_bytes(hash.as_bytes()[..8].try_into().unwrap_or_default());
        if table.transaction(REGISTER)? == Some(hash) {
            return Ok(());
        }
        let batch = area_rows(areas)?;
        table.replace(&batch, |_| true, &[(REGISTER.to_owned(), hash)])?;
        Ok(())
    }
}

/// Rows of the table `areas`.
fn area_rows(areas: &[Area]) -> Result<RecordBatch> {
    let text = |field: fn(&Area) -> Option<String>| {
        Arc::new(StringArray::from_iter(areas.iter().map(field))) as ArrayRef
    };
    let float = |field: fn(&Area) -> Option<f64>| {
        Arc::new(Float64Array::from_iter(areas.iter().map(field))) as ArrayRef
    };
    let day = |field: fn(&Area) -> Option<NaiveDate>| {
        let days = areas.iter().map(|a| field(a).map(Date32Type::from_naive_date));
        Arc::new(Date32Array::from_iter(days)) as ArrayRef
    };
    let exposure = |name: &&str| {
        let figures = areas.iter().map(|a| a.exposure.get(name));
        Arc::new(Float64Array::from_iter(figures)) as ArrayRef
    };
    let (first, later) = EXPOSURES.split_at(SIZES.len());
    let mut columns = vec![
        text(|a| Some(a.code.clone())),
        text(|a| Some(a.name.clone())),
        text(|a| Some(a.level.clone())),
        text(|a| a.parent.clone()),
    ];
    columns.extend(first.iter().map(exposure));
    columns.extend([
        float(|a| a.lon),
        float(|a| a.lat),
        text(|a| (!a.aliases.is_empty()).then(|| a.aliases.join("|"))),
        day(|a| a.valid_from),
        day(|a| a.valid_to),
        text(|a| a.successor.clone()),
    ]);
    columns.extend(later.iter().map(exposure));
    Ok(RecordBatch::try_new(Derived::Areas.schema(), columns)?)
}

/// Keeps other commands from writing to a workspace while the file is held; a killed command leaves
/// no lock behind.
///
/// # Errors
/// [`Error::Usage`] where another command is writing.
pub(super) fn lock(workspace: &Workspace) -> Result<File> {
    let folder = workspace.lake();
    std::fs::create_dir_all(&folder).at(&folder)?;
    let path = folder.join(".lock");
    let file = File::create(&path).at(&path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::usage(
            format!("another pingan is writing to {}", folder.display()),
            "wait until it is done, then run again",
        )),
        Err(TryLockError::Error(e)) => Err(e).at(&path),
    }
}
