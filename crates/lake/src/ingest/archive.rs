//! Bounds on what a packed file may become, and its checksums: looked at before anything of it is
//! read as a table.

use std::cell::Cell;
use std::fmt::Display;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::rc::Rc;

use zip::ZipArchive;

use crate::error::{At, Error, Result};

/// A ZIP archive may have this many entries, and a workbook this many sheets.
pub(super) const MOST_ENTRIES: usize = 10_000;
pub(super) const MOST_SHEETS: usize = 1_000;

/// Packed more tightly than this, a large file holds next to nothing but repetition: no table.
const MOST_RATIO: u64 = 100;
/// Up to this size nothing is said about how tightly it is packed.
const SMALL: u64 = 16 << 20;

/// What an archive may unpack to altogether, and the parts of it that are held in memory.
const MOST: u64 = 8 << 30;
const MOST_HELD: u64 = 512 << 20;

/// Memory that a string takes beside its text, for each of its two marks.
const STRING: u64 = 48;

/// Files that are held whole may have this size.
const MOST_WHOLE: u64 = 96 << 20;

/// Between two tags of XML there are at most so many bytes: a cell holds 32,767 characters.
const MOST_TEXT: usize = 8 << 20;

/// Merged cells that are read of a workbook.
const MOST_MERGED: u64 = 1_000_000;

const ASK: &str = "ask for the file again; something other than a table stands there";

/// Refuses archives with more entries than any workbook has.
pub(super) fn few_entries(file: &Path, entries: usize) -> Result<()> {
    if entries <= MOST_ENTRIES {
        return Ok(());
    }
    let what = format!("is an archive of {entries} files: at most {MOST_ENTRIES} are read");
    Err(Error::input(file, what, ASK))
}

/// Refuses workbooks with more sheets than are read.
pub(super) fn few_sheets(file: &Path, sheets: usize) -> Result<()> {
    if sheets <= MOST_SHEETS {
        return Ok(());
    }
    let what = format!("has {sheets} sheets: at most {MOST_SHEETS} are read");
    Err(Error::input(file, what, "split it into several files"))
}

/// The content of a file that is held whole.
pub(super) fn small(file: &Path) -> Result<Vec<u8>> {
    let size = std::fs::metadata(file).at(file)?.len();
    if size > MOST_WHOLE {
        let what = format!("has {} MiB: as .xls at most {} are read", size >> 20, MOST_WHOLE >> 20);
        return Err(Error::input(file, what, "open it in Excel and save it as .xlsx"));
    }
    std::fs::read(file).at(file)
}

/// Unpacks every entry of a ZIP archive once, into nothing: what it becomes must stay within
/// bounds, and its checksums must be right. `streamed` says which entries are never held in memory.
/// Says whether any of its tables has merged cells.
pub(super) fn check(file: &Path, streamed: impl Fn(&str) -> bool) -> Result<bool> {
    let mut archive = opened(file)?;
    few_entries(file, archive.len())?;
    let mut sizes = Sizes::default();
    let mut chunk = vec![0; 1 << 16];
    for i in 0..archive.len() {
        let mut entry = archive.by_index(i).map_err(|e| damaged(file, &e))?;
        let name = entry.name().map_err(|e| damaged(file, &e))?.replace('\\', "/").to_lowercase();
        sizes.begin(entry.compressed_size(), &name, streamed(&name));
        loop {
            let n = entry.read(&mut chunk).map_err(|e| damaged(file, &e))?;
            if n == 0 {
                break;
            }
            sizes.add(&chunk[..n]);
            sizes.check(file)?;
        }
    }
    Ok(sizes.merged > 0)
}

/// The text of one entry of an archive that [`check`] let pass.
pub(super) fn part(file: &Path, name: &str) -> Result<String> {
    let mut archive = opened(file)?;
    let mut text = String::new();
    let mut entry = archive.by_name(name).map_err(|e| damaged(file, &e))?;
    entry.read_to_string(&mut text).map_err(|e| damaged(file, &e))?;
    Ok(text)
}

/// A ZIP archive, its table of entries read.
pub(super) fn opened(file: &Path) -> Result<ZipArchive<BufReader<File>>> {
    let input = BufReader::new(File::open(file).at(file)?);
    ZipArchive::new(input).map_err(|e| damaged(file, &e))
}

fn damaged(file: &Path, e: &dyn Display) -> Error {
    let what = format!("cannot be read as a workbook or ZIP archive ({e})");
    Error::input(file, what, "it was damaged or cut off on its way: ask for it again")
}

/// What an archive has unpacked to so far.
#[derive(Default)]
struct Sizes {
    /// The entry that is being unpacked, its bytes in the archive, and whether it is streamed.
    entry: u64,
    packed: u64,
    streamed: bool,
    /// Whether it is XML: pictures have no tags.
    xml: bool,
    /// All entries, and what is held in memory of them.
    whole: u64,
    held: u64,
    /// Bytes since the last tag of XML began, and tags of merged cells.
    text: usize,
    merged: u64,
}

impl Sizes {
    fn begin(&mut self, packed: u64, name: &str, streamed: bool) {
        (self.entry, self.packed, self.streamed, self.text) = (0, packed, streamed, 0);
        self.xml = name.ends_with(".xml") || name.ends_with(".rels");
    }

    fn add(&mut self, chunk: &[u8]) {
        let size = chunk.len() as u64;
        self.entry += size;
        self.whole += size;
        if !self.streamed {
            let marks = chunk.windows(3).filter(|w| *w == b"si>" || *w == b"si/").count();
            self.held += size + marks as u64 * STRING;
        }
        if !self.xml {
            return;
        }
        self.merged += memchr::memmem::find_iter(chunk, b"mergeCell ").count() as u64;
        self.text = match memchr::memrchr(b'<', chunk) {
            Some(last) => chunk.len() - last,
            None => self.text + chunk.len(),
        };
    }

    fn check(&self, file: &Path) -> Result<()> {
        let (what, fix) = if self.entry > SMALL && self.entry / MOST_RATIO > self.packed {
            (format!("holds a part that unpacks to more than {MOST_RATIO} times its size"), ASK)
        } else if self.whole > MOST {
            (format!("unpacks to more than {} GiB", MOST >> 30), "split it into several files")
        } else if self.text > MOST_TEXT {
            (format!("holds a text of more than {} MiB", MOST_TEXT >> 20), ASK)
        } else if self.merged > MOST_MERGED {
            (format!("has more than {MOST_MERGED} merged cells"), ASK)
        } else if self.held > MOST_HELD {
            let what = format!("holds texts that take more than {} MiB", MOST_HELD >> 20);
            (what, "split it into several files, or save it as CSV")
        } else {
            return Ok(());
        };
        Err(Error::input(file, what, fix))
    }
}

/// Reads what a packed stream becomes, as long as it stays within bounds.
pub(super) struct Bounded<R> {
    unpacked: R,
    packed: Rc<Cell<u64>>,
    size: u64,
}

impl<R: Read> Bounded<R> {
    /// Of a packed stream and what unpacks it.
    pub fn new<P: Read>(packed: P, unpack: impl FnOnce(Counted<P>) -> R) -> Bounded<R> {
        let count = Rc::new(Cell::new(0));
        let unpacked = unpack(Counted { input: packed, count: count.clone() });
        Bounded { unpacked, packed: count, size: 0 }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.unpacked.read(out)?;
        self.size += n as u64;
        if self.size > SMALL && self.size / MOST_RATIO > self.packed.get() {
            let what = format!("it unpacks to more than {MOST_RATIO} times its size");
            return Err(io::Error::new(io::ErrorKind::InvalidData, what));
        }
        Ok(n)
    }
}

/// Counts what is read.
pub(super) struct Counted<R> {
    input: R,
    count: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.input.read(out)?;
        self.count.set(self.count.get() + n as u64);
        Ok(n)
    }
}
