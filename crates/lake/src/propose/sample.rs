//! The first rows of a file, to look at.

use std::path::Path;

use super::words::HeaderWords;
use crate::error::{Error, Result};
use crate::ingest::formats::read;
use crate::ingest::visit::{HeaderRows, Visit};
use crate::ingest::{BadCell, Cell, rows, when};
use crate::mask::identifies;

/// Rows looked at.
const ROWS: usize = 2_000;

/// Header and first rows of a file's first table.
pub(super) struct Sample {
    pub header: Vec<String>,
    pub rows: Vec<Vec<Cell<'static>>>,
    /// The word of a total after which there is no event.
    pub stop: Option<&'static str>,
}

impl Sample {
    /// The cells of a column that are not empty.
    pub fn column(&self, i: usize) -> impl Iterator<Item = &Cell<'static>> {
        self.rows.iter().filter_map(move |r| r.get(i)).filter(|c| !c.is_empty())
    }
}

struct SampleVisitor<'w> {
    words: &'w HeaderWords,
    sample: Option<Sample>,
}

/// Reads the sample.
pub(super) fn read_sample(file: &Path, words: &HeaderWords) -> Result<Sample> {
    let mut visitor = SampleVisitor { words, sample: None };
    read(file, None, &mut visitor)?;
    visitor.sample.ok_or_else(|| {
        Error::input(file, "has no header", "give the columns names in one row above the data")
    })
}

impl Visit for SampleVisitor<'_> {
    /// Headers we know count most; then rows of many different words. A row that holds a value is
    /// no header, nor is one of words none of which is like a header.
    fn fit(&self, row: &[String]) -> u32 {
        if row.iter().any(|name| is_value(name)) || !self.is_like_header(row) {
            return 0;
        }
        let known = row.iter().filter(|h| self.words.known(h)).count();
        let mut words: Vec<&String> = row
            .iter()
            .filter(|h| h.chars().any(char::is_alphabetic) && h.chars().count() < 20)
            .collect();
        words.sort();
        words.dedup();
        (known * 1_000 + words.len()) as u32
    }

    fn header_rows(&self) -> HeaderRows {
        HeaderRows::OneOrTwo
    }

    fn table(&mut self, _: Option<u32>, header: &[String]) -> Result<bool> {
        let named = header.iter().filter(|h| !h.is_empty()).count();
        if self.fit(header) == 0
            || self.sample.as_ref().is_some_and(|s| !s.rows.is_empty())
            || named < 2
        {
            return Ok(false);
        }
        self.sample = Some(Sample { header: header.to_vec(), rows: Vec::new(), stop: None });
        Ok(true)
    }

    fn row(&mut self, _: u64, cells: &[Cell<'_>]) -> Result<bool> {
        if self.is_note(0, cells) {
            return Ok(true);
        }
        let Some(sample) = &mut self.sample else { return Ok(false) };
        sample.stop = None;
        sample.rows.push(cells.iter().map(|c| c.clone().into_owned()).collect());
        Ok(sample.rows.len() < ROWS)
    }

    fn is_note(&mut self, _: u64, cells: &[Cell<'_>]) -> bool {
        let Some(sample) = &mut self.sample else { return false };
        let filled = cells.iter().filter(|cell| !cell.is_empty()).count();
        let is = filled <= 1 + sample.header.len() / 3 && rows::begins_as_note(cells);
        if is && sample.stop.is_none() {
            sample.stop = rows::total(cells);
        }
        is
    }

    fn broken(&mut self, _: u64, _: BadCell) -> Result<()> {
        Ok(())
    }

    fn notice(&mut self, _: String) {}
}

impl SampleVisitor<'_> {
    fn is_like_header(&self, row: &[String]) -> bool {
        let ascii = |name: &&String| name.is_ascii() && name.chars().any(char::is_alphabetic);
        let named = row.iter().filter(|name| !name.is_empty()).count();
        row.iter().any(|name| self.words.is_like(name)) || row.iter().filter(ascii).count() == named
    }
}

/// Whether a cell of a header's row is a value: a date, a long number, or a person's.
fn is_value(name: &str) -> bool {
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    digits > 5 && (name.len() == digits || when(&Cell::from_text(name)).is_ok()) || identifies(name)
}
