//! The conductor: the night as one list of steps, in order.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use datafusion::arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray};

use crate::detect;
use crate::index::{self, Scored, Which};
use crate::job::Job;
use crate::panel::{self, Coverage, Increments, Period, Pipeline, Update};
use crate::warn;
use crate::workspace::Workspace;
use lake::areas::Register;
use lake::error::{At, Error, Result};
use lake::ingest::Intake;
use lake::mask::PartyHasher;
use lake::schema::Domain;
use lake::{AsOf, Derived, Lake, Landed, Limits, inbox, land};

pub use crate::index::MODEL;

/// How a command may work.
#[derive(Clone, Debug)]
pub struct Options {
    pub as_of: AsOf,
    /// Time of ingest: `recorded_at` of rows that bring none.
    pub clock: DateTime<Utc>,
    pub limits: Limits,
    pub seed: u64,
}

/// Hears which step the night is at: `(step, of how many, what)`.
pub type Progress<'a> = &'a mut dyn FnMut(usize, usize, &str);

/// What a night did.
pub struct Night {
    pub taken: Taken,
    /// Domains whose panel gained rows.
    pub updates: Vec<Update>,
    pub coverage: Coverage,
    /// `None` where no domain has ever delivered.
    pub scored: Option<Scored>,
    /// What is abnormal or rising; `None` where no domain has ever delivered.
    pub found: Option<detect::Night>,
    /// What became of warnings and letters; `None` where nothing was looked at.
    pub warned: Option<warn::Tonight>,
}

/// Runs the night: ingest, panel, coverage, index, detection, warnings and letters.
///
/// # Errors
/// Whatever stops a step. What the steps before committed stays; running again finishes the job.
pub fn nightly(workspace: &Workspace, options: &Options, progress: Progress) -> Result<Night> {
    let _lock = lock(workspace)?;
    let lake = Lake::open(&workspace.lake(), &options.limits)?;
    let register = Register::read(&workspace.areas_file())?;
    let files = inbox::waiting(&workspace.inbox())?;
    let steps = files.len() + lake::schema::DOMAINS.len() + 4;

    let batch = Batch { files: &files, domain: None, mapping: None, from_inbox: true };
    let taken = take_in(workspace, &lake, &register, &batch, options, &mut |n, what| {
        progress(n, steps, what)
    })?;
    write_areas(&lake, &register)?;
    let updates = update_panel(workspace, &lake, options, &mut |n, what| {
        progress(files.len() + n, steps, what)
    })?;
    progress(steps - 3, steps, "coverage");
    let model = index::read_model(workspace, MODEL)?;
    index::check_level(workspace, &register, &model)?;
    let settings = detect::Settings::read(workspace)?;
    detect::check_level(workspace, &register, &settings)?;
    let coverage = panel::feeds(&lake, &register, &model.level, &options.as_of, &options.limits)?;
    progress(steps - 2, steps, "index");
    let args = format!("--date {}", options.as_of.day);
    let call = Call {
        workspace,
        lake: &lake,
        register: &register,
        options,
        command: "nightly",
        args: &args,
    };
    let scored = score(&call, &coverage)?;
    // Not before, because the index tells by it which months' coverage has changed since it last
    // scored them.
    coverage.write(&lake)?;
    progress(steps - 1, steps, "detect");
    let found = look(&call, &settings, Some((&coverage, &model.level)))?;
    progress(steps, steps, "warn");
    let warned = found.as_ref().map(|_| warned(&call, &coverage)).transpose()?;
    Ok(Night { taken, updates, coverage, scored, found, warned })
}

/// Turns what was found up to the last day that is over into warnings and letters.
fn warned(call: &Call, coverage: &Coverage) -> Result<warn::Tonight> {
    warn::night(
        &call.job(coverage, AsOf::at(call.options.as_of.instant, call.workspace.time_zone())),
    )
}

/// What a command works on and how it was called.
pub(crate) struct Call<'a> {
    pub workspace: &'a Workspace,
    pub lake: &'a Lake,
    pub register: &'a Register,
    pub options: &'a Options,
    pub command: &'a str,
    pub args: &'a str,
}

impl<'a> Call<'a> {
    /// What a stage is handed.
    pub fn job(&self, coverage: &'a Coverage, as_of: AsOf) -> Job<'a> {
        Job {
            workspace: self.workspace,
            lake: self.lake,
            register: self.register,
            coverage,
            as_of,
            limits: &self.options.limits,
            seed: self.options.seed,
            command: self.command,
            args: self.args,
        }
    }
}

/// Keeps a second night out; a killed one leaves no lock behind.
pub(crate) fn lock(workspace: &Workspace) -> Result<std::fs::File> {
    let folder = workspace.lake();
    std::fs::create_dir_all(&folder).at(&folder)?;
    let path = folder.join(".lock");
    let file = std::fs::File::create(&path).at(&path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(Error::usage(
            format!("another pingan is writing to {}", folder.display()),
            "wait until it is done, then run again",
        )),
        Err(std::fs::TryLockError::Error(e)) => Err(e).at(&path),
    }
}

/// What became of the files that were taken in.
#[derive(Default)]
pub struct Taken {
    /// Files that landed, in order.
    pub landed: Vec<Landed>,
    /// Files that could not be read, with the reason.
    pub failed: Vec<(PathBuf, Error)>,
}

/// Takes in the given files, or, where none is given, all of the inbox; what lay there moves to
/// `inbox/done` or `inbox/failed`.
///
/// # Errors
/// Whatever stops the taking in altogether; a file that cannot be read does not.
pub fn ingest(
    workspace: &Workspace,
    options: &Options,
    files: &[PathBuf],
    domain: Option<&str>,
    mapping: Option<&Path>,
) -> Result<Taken> {
    let _lock = lock(workspace)?;
    let lake = Lake::open(&workspace.lake(), &options.limits)?;
    let register = Register::read(&workspace.areas_file())?;
    let waiting =
        if files.is_empty() { inbox::waiting(&workspace.inbox())? } else { files.to_vec() };
    let batch = Batch { files: &waiting, domain, mapping, from_inbox: files.is_empty() };
    take_in(workspace, &lake, &register, &batch, options, &mut |_, _| {})
}

/// Files to take in, and what is said of them all.
struct Batch<'a> {
    files: &'a [PathBuf],
    domain: Option<&'a str>,
    mapping: Option<&'a Path>,
    from_inbox: bool,
}

/// Lands every file; one that cannot be read does not stop the others.
fn take_in(
    workspace: &Workspace,
    lake: &Lake,
    register: &Register,
    batch: &Batch,
    options: &Options,
    step: &mut dyn FnMut(usize, &str),
) -> Result<Taken> {
    let taxonomy = workspace.taxonomy()?;
    let hasher =
        PartyHasher::open(&workspace.root.join("party.key"), workspace.config.link_parties)?;
    let intake = Intake {
        register,
        taxonomy: &taxonomy,
        time_zone: workspace.time_zone(),
        clock: options.clock,
        hasher: &hasher,
    };
    let mut taken = Taken::default();
    for (number, file) in batch.files.iter().enumerate() {
        step(
            number + 1,
            &format!("ingest/{}", file.file_name().unwrap_or_default().to_string_lossy()),
        );
        match land(lake, &intake, file, batch.domain, batch.mapping, &workspace.mappings()) {
            Ok(landed) => {
                if batch.from_inbox {
                    inbox::done(&workspace.inbox(), file, &landed)?;
                }
                taken.landed.push(landed);
            }
            // A mapping or an argument that is wrong for one file is that file's matter; a lake
            // that cannot be written is everybody's.
            Err(error @ (Error::Input { .. } | Error::Usage { .. } | Error::Config { .. })) => {
                if batch.from_inbox {
                    inbox::failed(&workspace.inbox(), file, &error)?;
                }
                taken.failed.push((file.clone(), error));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(taken)
}

/// Brings the panel up to the events, domain by domain. What the domains before one that fails have
/// written is committed.
///
/// # Errors
/// [`Error::Config`] where a pipeline is wrong, [`Error::Delta`], [`Error::Query`].
pub fn update_panel(
    workspace: &Workspace,
    lake: &Lake,
    options: &Options,
    step: &mut dyn FnMut(usize, &str),
) -> Result<Vec<Update>> {
    let domains: Vec<&'static Domain> = lake.domains().collect();
    let mut increments = Increments::default();
    let mut add = |(number, domain): (usize, &'static Domain)| {
        step(number + 1, &format!("panel/{}", domain.id));
        let pipeline = Pipeline::of(workspace, domain)?;
        increments.add(lake, &pipeline, workspace.time_zone(), &options.limits)
    };
    let updates: Result<Vec<Option<Update>>> =
        domains.into_iter().enumerate().map(&mut add).collect();
    increments.commit(lake)?;
    Ok(updates?.into_iter().flatten().collect())
}

fn score(call: &Call, coverage: &Coverage) -> Result<Option<Scored>> {
    if coverage.feeds.is_empty() {
        return Ok(None);
    }
    let scored = index::run(&call.job(coverage, call.options.as_of), MODEL, Which::Due)?;
    let rows = call.lake.derived(Derived::Scores)?.files()?.iter().filter_map(|f| f.rows()).sum();
    scored.run.record(call.lake, rows, Utc::now())?;
    Ok(Some(scored))
}

/// Looks for what is abnormal or rising as of the last day that is over, and keeps it. `known` is
/// coverage that has been read already, and of which level of areas: it is not read again where it
/// is the same.
fn look(
    call: &Call,
    settings: &detect::Settings,
    known: Option<(&Coverage, &str)>,
) -> Result<Option<detect::Night>> {
    // Weeks and days are judged whole: a day that is not over is not looked at.
    let as_of = AsOf::at(call.options.as_of.instant, call.workspace.time_zone());
    let read;
    let coverage = match known {
        Some((coverage, level)) if level == settings.level && as_of == call.options.as_of => {
            coverage
        }
        _ => {
            read = panel::feeds(
                call.lake,
                call.register,
                &settings.level,
                &as_of,
                &call.options.limits,
            )?;
            &read
        }
    };
    if coverage.feeds.is_empty() {
        return Ok(None);
    }
    detect::run(&call.job(coverage, as_of), settings).map(Some)
}

/// Scores the given periods as of a time and keeps them; the panel is brought up to date first.
/// Also says which days counted.
///
/// # Errors
/// [`Error::Usage`] where nothing has been delivered, and as [`nightly`].
pub fn index(
    workspace: &Workspace,
    options: &Options,
    model: &str,
    periods: Vec<Period>,
) -> Result<Coverage> {
    let _lock = lock(workspace)?;
    let lake = Lake::open(&workspace.lake(), &options.limits)?;
    let register = Register::read(&workspace.areas_file())?;
    write_areas(&lake, &register)?;
    update_panel(workspace, &lake, options, &mut |_, _| {})?;
    let read = index::read_model(workspace, model)?;
    index::check_level(workspace, &register, &read)?;
    let coverage = panel::feeds(&lake, &register, &read.level, &options.as_of, &options.limits)?;
    if coverage.feeds.is_empty() {
        return Err(Error::nothing_known());
    }
    let names: Vec<&str> = periods.iter().map(|p| p.name.as_str()).collect();
    let args = format!(
        "--model {model} --as-of {} {}",
        options.as_of.instant.to_rfc3339(),
        names.join(" ")
    );
    let call = Call {
        workspace,
        lake: &lake,
        register: &register,
        options,
        command: "index",
        args: &args,
    };
    let scored = index::run(&call.job(&coverage, options.as_of), model, Which::These(periods))?;
    scored.run.record(&lake, scored.rows, Utc::now())?;
    Ok(coverage)
}

/// Looks for what is abnormal or rising as of a time and keeps it; the panel is brought up to date
/// first.
///
/// # Errors
/// [`Error::Usage`] where nothing has been delivered, and as [`nightly`].
pub fn detect(workspace: &Workspace, options: &Options) -> Result<detect::Night> {
    let _lock = lock(workspace)?;
    let lake = Lake::open(&workspace.lake(), &options.limits)?;
    let register = Register::read(&workspace.areas_file())?;
    let settings = detect::Settings::read(workspace)?;
    detect::check_level(workspace, &register, &settings)?;
    update_panel(workspace, &lake, options, &mut |_, _| {})?;
    let args = format!("--as-of {}", options.as_of.instant.to_rfc3339());
    let call = Call {
        workspace,
        lake: &lake,
        register: &register,
        options,
        command: "detect",
        args: &args,
    };
    look(&call, &settings, None)?.ok_or_else(Error::nothing_known)
}

/// The register as a table, for queries; where it is what was written last, nothing is.
fn write_areas(lake: &Lake, register: &Register) -> Result<()> {
    const REGISTER: &str = "register";
    let areas = register.areas();
    let mut table = lake.derived(Derived::Areas)?;
    let hash = blake3::hash(format!("{areas:?}").as_bytes());
    let hash = i64::from_le_bytes(hash.as_bytes()[..8].try_into().unwrap_or_default());
    if table.transaction(REGISTER)? == Some(hash) {
        return Ok(());
    }
    let text = |f: fn(&lake::areas::Area) -> Option<String>| {
        Arc::new(StringArray::from_iter(areas.iter().map(f))) as ArrayRef
    };
    let float = |f: fn(&lake::areas::Area) -> Option<f64>| {
        Arc::new(Float64Array::from_iter(areas.iter().map(f))) as ArrayRef
    };
    let columns = vec![
        text(|a| Some(a.code.clone())),
        text(|a| Some(a.name.clone())),
        text(|a| Some(a.level.clone())),
        text(|a| a.parent.clone()),
        float(|a| a.population),
        float(|a| a.households),
        float(|a| a.vehicles),
        float(|a| a.enterprises),
        float(|a| a.lon),
        float(|a| a.lat),
        text(|a| (!a.aliases.is_empty()).then(|| a.aliases.join("|"))),
    ];
    table.replace(
        &RecordBatch::try_new(Derived::Areas.schema(), columns)?,
        |_| true,
        &[(REGISTER.to_owned(), hash)],
    )?;
    Ok(())
}
