//! Departments' files in, checked record batches and refused rows out.
//!
//! A file of any size is read as a stream: [`read_file`] shows its rows to a checker that checks
//! each cell, hands accepted rows to the [`Sink`] in batches, and refusals with their reason and
//! what to do. A row is refused whole only where a needed cell (event_id, occurred_at, area_code,
//! category) cannot be taken, where the row itself cannot be read, or where the file brings it
//! twice; any other cell that cannot be taken is left empty and recorded, and its row lands.
//! Nothing is guessed, and a missing value is never zero.
//!
//! `recorded_at` is the time of ingest where the file has none, where it cannot be read, and where
//! it lies a day or more before `occurred_at`; up to a day before is taken for clocks that differ
//! and for days without a time. Of a history it is the event's time and a stated delay.
//! `recorded_basis` says which; `delivered_at` is the time of ingest.

mod again;
mod archive;
mod biff;
mod bind;
mod build;
mod cell;
mod checker;
mod codes;
mod compound;
mod dates;
mod encoding;
pub(crate) mod formats;
pub(crate) mod identity;
mod kind;
mod merged;
mod numbers;
mod numerals;
mod parquet;
mod refusals;
pub(crate) mod rows;
mod shape;
mod split;
#[cfg(test)]
mod tests;
mod text;
pub(crate) mod visit;
mod whole;
mod workbook;
mod xlsx;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use chrono::{DateTime, NaiveDate, Utc};
use datafusion::arrow::array::RecordBatch;

use crate::PartyHasher;
use crate::areas::Register;
use crate::error::{At, Error, Result};
use crate::files;
use crate::label::label;
use crate::mapping::{Mapping, NEEDED, read_folder};
use crate::schema::{DOMAINS, Domain};
use crate::taxonomy::{Taxonomy, fold};

pub use again::RefusedBefore;
pub(crate) use bind::spelled;
pub(crate) use cell::{BadCell, Cell, is_invisible};
pub(crate) use dates::when;
pub use identity::kept_id;
pub(crate) use numbers::{money, whole, yes};
pub use refusals::Refusals;
pub use shape::shape;

/// Rows of a batch handed to the sink, at most.
pub const BATCH: usize = 8_192;

/// What ingest needs to know, resolved once.
#[derive(Clone, Copy)]
pub struct Intake<'a> {
    pub register: &'a Register,
    pub taxonomy: &'a Taxonomy,
    /// In which days begin and times without zone are read.
    pub time_zone: chrono_tz::Tz,
    /// Time of ingest: `recorded_at` where the file has none, and the limit of what can have
    /// happened.
    pub clock: DateTime<Utc>,
    /// Days from the event to its recording that are assumed of every row, where the files are a
    /// history; else what their mapping says.
    pub history: Option<u32>,
    pub hasher: &'a PartyHasher,
}

/// Where accepted rows and refusals go.
pub trait Sink {
    /// Takes rows of the domain's schema, at most [`BATCH`].
    fn accept(&mut self, batch: RecordBatch) -> Result<()>;
    /// Takes refused rows and cells, in the order of the file.
    fn refuse(&mut self, refusals: &[Refusal]) -> Result<()>;
    /// Takes where the events come from whose id the lake does not hold in clear.
    fn trace(&mut self, origins: &[Origin]) -> Result<()>;
}

/// The row of a department's file that an event with a hash for its id comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    pub event_id: String,
    /// Which sheet of a workbook, from 1.
    pub sheet: Option<u32>,
    /// As in [`Refusal::row`].
    pub row: u64,
}

/// A row or cell that was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// From 1, as a person counts: the line of a text file where the row begins, the row Excel
    /// shows, the row of a Parquet file.
    pub row: u64,
    /// The header that the mapping names, after the number of the sheet in a workbook; empty where
    /// the row as a whole could not be read.
    pub column: String,
    /// The shape of the value ([`shape`]): the value itself stays in the department's file.
    pub shape: String,
    /// The word of a list column that means no code yet and holds no digit.
    pub word: Option<String>,
    pub reason: String,
    pub fix: String,
    /// The row did not land; else only this cell is empty.
    pub whole_row: bool,
}

/// What became of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows that are not blank, below the header.
    pub rows: u64,
    pub accepted: u64,
    pub refused_rows: u64,
    /// Rows that are no events, or of another mapping, as this one says.
    pub skipped: u64,
    /// First and last day of the events that were taken.
    pub days: Option<(NaiveDate, NaiveDate)>,
    /// Cells left empty in rows that landed.
    pub refused_cells: u64,
    /// What a person should know about the file as a whole.
    pub notices: Vec<String>,
}

/// Reads a file, checks it and hands it on. What the sink got counts only when this returns `Ok`: a
/// file that turns out damaged in its middle is an error. Of a file that comes `again`, only rows are
/// handed on of which more can be taken than before.
///
/// # Errors
/// [`Error::Input`] where the file as a whole cannot be read or lacks a column the mapping names,
/// [`Error::Config`] where the mapping is wrong, [`Error::Usage`] where `domain` is not the
/// mapping's, and what the sink returns.
pub fn read_file(
    file: &Path,
    domain: Option<&'static Domain>,
    mapping: &Mapping,
    intake: &Intake,
    batch_id: &str,
    again: Option<&RefusedBefore>,
    sink: &mut dyn Sink,
) -> Result<Tally> {
    if let Some(domain) = domain.filter(|d| d.id != mapping.domain.id) {
        return Err(other_domain(mapping, domain.id));
    }
    mapping.check(intake.taxonomy)?;
    let mut checker = checker::RowChecker::new(file, mapping, intake, batch_id, again, sink);
    formats::read(file, mapping.sheet.as_deref(), &mut checker)?;
    checker.finish()
}

/// The mappings that a file is read by: the one given; else the one in the folder whose `files` fit
/// its name, or, where its headers are our own names, that of the domain given or of the one its
/// name begins with, and after it those that fit and say `also`.
///
/// # Errors
/// [`Error::Usage`] where two mappings fit of which none says `also`, or the domain is unknown or
/// another, [`Error::Config`] where a mapping for this file is wrong, or one of which nobody can
/// tell what it is for and no other is for this file, [`Error::Input`] where nothing says what the
/// columns mean.
pub fn choose(
    file: &Path,
    domain: Option<&str>,
    mapping: Option<&Path>,
    mappings_dir: &Path,
) -> Result<Vec<Mapping>> {
    let wanted = domain.map(known_domain).transpose()?;
    let name = files::name(file);
    if let Some(path) = mapping {
        let mapping = Mapping::load(path)?;
        return match wanted.filter(|d| d.id != mapping.domain.id) {
            Some(wanted) => Err(other_domain(&mapping, wanted.id)),
            None => Ok(vec![mapping]),
        };
    }
    let mut fitting = fitting(&name, wanted, mappings_dir)?;
    let alone = wanted.is_some() && !fitting.is_empty();
    if alone || fitting.first().is_some_and(|mapping| !mapping.also) {
        return Ok(fitting);
    }
    let unknown = |what: String| {
        Error::input(
            file,
            what,
            "run `pingan mapping` on it and save what it proposes in mappings/",
        )
    };
    if !has_canonical_header(file)? {
        if let Some(also) = fitting.first() {
            let what = format!(
                "{} takes this file beside another mapping, and there is none",
                also.file.display()
            );
            return Err(Error::input(
                file,
                what,
                "leave out `also` in it, or save the mapping that the file is for in mappings/",
            ));
        }
        let needed = NEEDED.join(", ");
        return Err(unknown(format!(
            "no mapping is for this file and its headers are not {needed}"
        )));
    }
    let Some(domain) = wanted.or_else(|| domain_of(&name)) else {
        let known = DOMAINS.each_ref().map(|d| d.id).join(", ");
        return Err(Error::input(
            file,
            "nothing says which domain this file is of",
            format!("give --domain, one of {known}"),
        ));
    };
    fitting.insert(0, Mapping::canonical(file, domain));
    Ok(fitting)
}

fn known_domain(id: &str) -> Result<&'static Domain> {
    Domain::find(id).ok_or_else(|| {
        let known = DOMAINS.each_ref().map(|d| d.id).join(", ");
        Error::usage(format!("there is no domain {id:?}"), format!("use one of {known}"))
    })
}

fn other_domain(mapping: &Mapping, domain: &str) -> Error {
    let what = format!("{} is for {}, not for {domain}", mapping.file.display(), mapping.domain.id);
    Error::usage(what, "leave --domain out, or give another mapping")
}

/// The mappings of a folder that fit a file's name, first the one that does not say `also`, where
/// there is one. What a broken mapping leaves open is its error: a file that it is for, and a file
/// that no other is for, where nobody can tell what it is for.
fn fitting(name: &str, wanted: Option<&'static Domain>, folder: &Path) -> Result<Vec<Mapping>> {
    let (mut found, mut unclear): (Vec<Mapping>, Option<Error>) = (Vec::new(), None);
    for read in read_folder(folder)? {
        let mapping = match read {
            Ok(mapping) => mapping,
            Err(broken) if wanted.is_some_and(|d| broken.is_of_another(d)) => continue,
            Err(broken) => match broken.is_for(name) {
                Some(true) => return Err(*broken.error),
                Some(false) => continue,
                None => {
                    unclear.get_or_insert(*broken.error);
                    continue;
                }
            },
        };
        if !mapping.is_for(name) || wanted.is_some_and(|d| d.id != mapping.domain.id) {
            continue;
        }
        if mapping.also {
            found.push(mapping);
            continue;
        }
        if let Some(first) = found.first().filter(|first| !first.also) {
            return Err(both_for(first, &mapping, name));
        }
        found.insert(0, mapping);
    }
    match unclear {
        Some(error) if found.first().is_none_or(|first| first.also) => Err(error),
        _ => Ok(found),
    }
}

fn both_for(first: &Mapping, second: &Mapping, name: &str) -> Error {
    let what = format!(
        "{} and {} are both for {}",
        first.file.display(),
        second.file.display(),
        label(name, &second.files)
    );
    let fix = "narrow `files` in one of them, give --mapping, or, where the file feeds both, say \
               `also = true` in one";
    Error::usage(what, fix)
}

/// The domain a file's name begins with, as in `disputes-2024.parquet`.
fn domain_of(name: &str) -> Option<&'static Domain> {
    let rest = |d: &Domain| {
        name.strip_prefix(d.id)
            .is_some_and(|r| !r.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    };
    DOMAINS
        .iter()
        .find(|d| rest(d))
        .or_else(|| DOMAINS.iter().find(|d| name.starts_with(&format!("{}_", d.id))))
}

/// Whether one of the file's first rows has our four needed names.
fn has_canonical_header(file: &Path) -> Result<bool> {
    struct HeaderProbe(bool);
    impl visit::Visit for HeaderProbe {
        fn fit(&self, row: &[String]) -> u32 {
            let there = NEEDED.iter().filter(|n| row.iter().any(|h| fold(h) == **n)).count();
            if there == NEEDED.len() { visit::FITS } else { there as u32 }
        }
        fn table(&mut self, _: Option<u32>, header: &[String]) -> Result<bool> {
            self.0 |= self.fit(header) == visit::FITS;
            Ok(false)
        }
        fn row(&mut self, _: u64, _: &[Cell<'_>]) -> Result<bool> {
            Ok(false)
        }
        fn broken(&mut self, _: u64, _: BadCell) -> Result<()> {
            Ok(())
        }
        fn notice(&mut self, _: String) {}
    }
    let mut probe = HeaderProbe(false);
    formats::read(file, None, &mut probe)?;
    Ok(probe.0)
}

/// What a batch is known by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchId {
    /// A hash of the file's bytes, the mapping's text, the domain, and the delay that is assumed of
    /// it: the same file twice is the same batch.
    pub id: String,
    /// The blake3 hash of the file's bytes, as `b3sum` prints it.
    pub digest: String,
}

/// Reads the file for what its batch is known by.
///
/// # Errors
/// [`Error::Io`] where the file cannot be read.
pub fn batch_id(
    file: &Path,
    mapping: &Mapping,
    domain: &Domain,
    history: Option<u32>,
) -> Result<BatchId> {
    let (mut hasher, mut digest) = (blake3::Hasher::new(), blake3::Hasher::new());
    // A history that had landed without its assumed times may land again with them.
    let history = history.map(|days| format!("\nhistory {days}")).unwrap_or_default();
    for part in [domain.id, &format!("{}{history}", mapping.text)] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let mut chunk = vec![0; 1 << 16];
    for part in formats::parts(file)? {
        // Where a partitioned folder has a file is part of what it says.
        if let Some(place) = part.strip_prefix(file).ok().filter(|_| part != file) {
            hasher.update(place.as_os_str().as_encoded_bytes());
        }
        let mut input = File::open(&part).at(&part)?;
        loop {
            let n = input.read(&mut chunk).at(&part)?;
            if n == 0 {
                break;
            }
            hasher.update(&chunk[..n]);
            digest.update(&chunk[..n]);
        }
    }
    let id = hasher.finalize().to_hex()[..16].to_owned();
    Ok(BatchId { id, digest: digest.finalize().to_hex().to_string() })
}
