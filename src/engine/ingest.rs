//! Departments' files into the lake.

use std::path::{Path, PathBuf};

use chrono::TimeDelta;

use super::open::{Opened, Options};
use crate::workspace::Workspace;
use lake::error::{Error, Result};
use lake::ingest::{Intake, choose};
use lake::mask::PartyHasher;
use lake::{Lake, Landed, inbox, land};

/// What became of the files that were ingested.
#[derive(Default)]
pub struct Ingested {
    /// Files that landed, in order; one that several mappings take, once a mapping.
    pub landed: Vec<Landed>,
    /// Files that could not be read, with the reason, once a mapping that it is true of.
    pub failed: Vec<(PathBuf, Error)>,
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
    let waiting =
        if files.is_empty() { inbox::waiting(&workspace.inbox())? } else { files.to_vec() };
    let batch = Batch { files: &waiting, domain, mapping, from_inbox: files.is_empty(), history };
    ingest_batch(&opened, &batch, &mut |_, _| {})
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
    let hasher =
        PartyHasher::open(&workspace.root.join("party.key"), workspace.config.link_parties)?;
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
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        step(number + 1, &format!("ingest/{name}"));
        // Of the files of one run, the later in order is the later delivery.
        let earlier = TimeDelta::microseconds((batch.files.len() - number) as i64);
        let intake = Intake { clock: options.clock - earlier, ..intake };
        let (landed, errors) = land_file(lake, &intake, file, batch, &workspace.mappings())?;
        match (batch.from_inbox, errors.is_empty()) {
            (false, _) => {}
            (true, true) => inbox::done(&workspace.inbox(), file, &landed)?,
            (true, false) => inbox::failed(&workspace.inbox(), file, &landed, &errors)?,
        }
        ingested.landed.extend(landed);
        ingested.failed.extend(errors.into_iter().map(|error| (file.clone(), error)));
    }
    Ok(ingested)
}

/// Lands a file by each mapping that takes it; one that cannot does not stop the others. Returns
/// what landed, and why the others could not, each reason once.
///
/// # Errors
/// What concerns more than this file: a lake that cannot be written to.
fn land_file(
    lake: &Lake,
    intake: &Intake,
    file: &Path,
    batch: &Batch,
    mappings_dir: &Path,
) -> Result<(Vec<Landed>, Vec<Error>)> {
    let (mut landed, mut errors): (Vec<Landed>, Vec<Error>) = (Vec::new(), Vec::new());
    // A mapping or an argument that is wrong for one file concerns that file.
    let mut concerns_file = |error: Error| match error {
        Error::Input { .. } | Error::Usage { .. } | Error::Config { .. } => {
            if errors.iter().all(|known| known.to_string() != error.to_string()) {
                errors.push(error);
            }
            Ok(())
        }
        other => Err(other),
    };
    match choose(file, batch.domain, batch.mapping, mappings_dir) {
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
    Ok((landed, errors))
}
