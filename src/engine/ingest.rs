//! Departments' files into the lake.

use std::path::{Path, PathBuf};

use chrono::TimeDelta;

use super::open::{Opened, Options};
use crate::workspace::Workspace;
use lake::error::{Error, Result};
use lake::inbox::{self, Left, Waiting};
use lake::ingest::{Intake, choose};
use lake::{Derived, Lake, Landed, file_label, files, label, labelled, land};

/// What became of the files that were ingested.
#[derive(Default)]
pub struct Ingested {
    /// Files that landed, in order; one that several mappings take, once a mapping.
    pub landed: Vec<Landed>,
    /// Labels of files that could not be read, with the reason, once a mapping that it is true of.
    pub failed: Vec<(String, Error)>,
    /// What lies in the inbox and is no delivery.
    pub left: Vec<Left>,
}

/// Ingests the given files, or, where none is given, all of the inbox; what lay there moves to
/// `inbox/done` or `inbox/failed`. Domain and mapping, where given, are those of every file;
/// `history` is the delay in days that is assumed of every row.
///
/// # Errors
/// What stops the ingest altogether; a file that cannot be read does not.
pub fn ingest(
    workspace: &Workspace,
    options: &Options,
    files: &[PathBuf],
    domain: Option<&str>,
    mapping: Option<&Path>,
    history: Option<u32>,
) -> Result<Ingested> {
    let opened = Opened::for_writing(workspace, options)?;
    let waiting = match files {
        [] => inbox::waiting(&workspace.inbox())?,
        files => Waiting { files: files.to_vec(), left: Vec::new() },
    };
    let from_inbox = files.is_empty();
    let batch = Batch { files: &waiting.files, domain, mapping, from_inbox, history };
    let ingested = ingest_batch(&opened, &batch, &mut |_, _| {})?;
    Ok(Ingested { left: waiting.left, ..ingested })
}

/// Files to ingest, and what holds of them all.
pub(super) struct Batch<'a> {
    pub files: &'a [PathBuf],
    pub domain: Option<&'a str>,
    pub mapping: Option<&'a Path>,
    pub from_inbox: bool,
    /// Days from the event to its recording that are assumed of a history.
    pub history: Option<u32>,
}

/// Lands every file; one that cannot be read does not stop the others. `step` hears the number and
/// name of each.
pub(super) fn ingest_batch(
    opened: &Opened,
    batch: &Batch,
    step: &mut dyn FnMut(usize, &str),
) -> Result<Ingested> {
    let Opened { workspace, options, lake, register, .. } = opened;
    let taxonomy = opened.taxonomy()?;
    if !batch.files.is_empty() {
        keeps_no_clear_ids(lake)?;
    }
    let hasher = workspace.party_hasher()?;
    let intake = Intake {
        register,
        taxonomy,
        time_zone: workspace.time_zone(),
        clock: options.clock,
        history: batch.history,
        hasher: &hasher,
    };
    let mut ingested = Ingested::default();
    for (number, file) in batch.files.iter().enumerate() {
        step(number + 1, &format!("ingest/{}", file_label(file)));
        // Of the files of one run, the later in order is the later delivery.
        let earlier = TimeDelta::microseconds((batch.files.len() - number) as i64);
        let intake = Intake { clock: options.clock - earlier, ..intake };
        let LandedFile { label, landed, errors } =
            land_file(lake, &intake, file, batch, &workspace.mappings())?;
        let moved = match (batch.from_inbox, errors.is_empty()) {
            (false, _) => Ok(()),
            (true, true) => inbox::done(&workspace.inbox(), file, &landed),
            (true, false) => inbox::failed(&workspace.inbox(), file, &landed, &errors),
        };
        ingested.landed.extend(landed);
        // A file that cannot be moved, or that somebody took away, is read again the next night.
        let errors = errors.into_iter().chain(moved.err());
        ingested.failed.extend(errors.map(|error| (label.clone(), error)));
    }
    Ok(ingested)
}

/// Refuses a lake of an earlier version, which kept every id in clear: a case that came again would
/// be another event.
fn keeps_no_clear_ids(lake: &Lake) -> Result<()> {
    if !lake.has(Derived::Origins) && lake.domains().next().is_some() {
        let what =
            "the lake was written by an earlier version, which kept ids that could name a person";
        let fix = "make a new workspace with the same areas.csv, mappings and party.key, and ingest the \
                   files of inbox/done there in the order in which they came";
        return Err(Error::usage(what, fix));
    }
    lake.derived(Derived::Origins).map(drop)
}

/// What became of one file under all its mappings.
struct LandedFile {
    /// Its name, without what could name a person.
    label: String,
    landed: Vec<Landed>,
    /// Why it could not be read by others, each reason once.
    errors: Vec<Error>,
}

/// Lands a file by each mapping that takes it; one that cannot does not stop the others.
///
/// # Errors
/// What concerns more than this file: a lake that cannot be written to.
fn land_file(
    lake: &Lake,
    intake: &Intake,
    file: &Path,
    batch: &Batch,
    mappings_dir: &Path,
) -> Result<LandedFile> {
    let (mut landed, mut errors): (Vec<Landed>, Vec<Error>) = (Vec::new(), Vec::new());
    let mappings = choose(file, batch.domain, batch.mapping, mappings_dir);
    let patterns: Vec<String> =
        mappings.iter().flatten().flat_map(|mapping| mapping.files.clone()).collect();
    // A department's file may be named after a person.
    let mut concerns_file = |error: Error| {
        if !is_of_file(&error, file) {
            return Err(error);
        }
        let error = error.with_path(file, labelled(file, &patterns));
        if errors.iter().all(|known| known.to_string() != error.to_string()) {
            errors.push(error);
        }
        Ok(())
    };
    match mappings {
        Ok(mappings) => {
            for mapping in &mappings {
                match land(lake, intake, file, mapping) {
                    Ok(done) => landed.push(done),
                    Err(error) => concerns_file(error)?,
                }
            }
        }
        Err(error) => concerns_file(error)?,
    }
    Ok(LandedFile { label: label(&files::name(file), &patterns), landed, errors })
}

/// Whether an error is about one file: it cannot be read or held in columns, or a mapping or an
/// argument is wrong for it. All others are about the lake.
fn is_of_file(error: &Error, file: &Path) -> bool {
    match error {
        Error::Input { .. } | Error::Usage { .. } | Error::Config { .. } | Error::Arrow(_) => true,
        Error::Io { path, .. } => path.starts_with(file),
        _ => false,
    }
}
