//! The first rows of a file, for visitor at.

use std::path::Path;

use super::HeaderWords;
use crate::error::{Error, Result};
use crate::ingest::source::visit;
use crate::ingest::visit::Visit;
use crate::ingest::{BadCell, Cell};

/// Rows looked at.
const ROWS: usize = 2_000;

/// Header and first rows of a file's first table.
pub(super) struct Sample {
    pub header: Vec<String>,
    pub rows: Vec<Vec<Cell<'static>>>,
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
    visit(file, None, &mut visitor)?;
    visitor.sample.ok_or_else(|| {
        Error::input(file, "has no header", "give the columns names in one row above the data")
    })
}

impl Visit for SampleVisitor<'_> {
    /// Headers we know count most; then rows of many different words.
    fn fit(&self, row: &[String]) -> u32 {
        let known = row.iter().filter(|h| self.words.known(h)).count();
        let mut words: Vec<&String> = row
            .iter()
            .filter(|h| h.chars().any(char::is_alphabetic) && h.chars().count() < 20)
            .collect();
        words.sort();
        words.dedup();
        (known * 1_000 + words.len()) as u32
    }

    fn table(&mut self, _: Option<&str>, header: &[String]) -> Result<bool> {
        let named = header.iter().filter(|h| !h.is_empty()).count();
        if self.sample.as_ref().is_some_and(|s| !s.rows.is_empty()) || named < 2 {
            return Ok(false);
        }
        self.sample = Some(Sample { header: header.to_vec(), rows: Vec::new() });
        Ok(true)
    }

    fn row(&mut self, _: u64, cells: &[Cell<'_>]) -> Result<bool> {
        let Some(sample) = &mut self.sample else { return Ok(false) };
        sample.rows.push(cells.iter().map(|c| c.clone().into_owned()).collect());
        Ok(sample.rows.len() < ROWS)
    }

    fn broken(&mut self, _: u64, _: BadCell) -> Result<()> {
        Ok(())
    }

    fn notice(&mut self, _: String) {}
}
