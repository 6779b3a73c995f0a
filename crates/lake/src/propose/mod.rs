//! A mapping proposed from a file's header and values. Every guess carries its evidence; what is
//! not known is left to the reader.

mod choice;
mod columns;
mod ids;
mod sample;
mod signs;
#[cfg(test)]
mod tests;
mod values;
mod words;
mod write;

use std::path::Path;

use crate::areas::Register;
use crate::error::{Error, Result};
use crate::schema::{DOMAINS, Domain};
use crate::taxonomy::Taxonomy;

use columns::ColumnSummary;
use signs::Signs;

pub use words::HeaderWords;

/// A mapping to be looked through and saved.
#[derive(Debug)]
pub struct Proposal {
    /// TOML with comments; a mapping that can be used where nothing is missing.
    pub text: String,
    /// Needed columns for which the file has no candidate.
    pub missing: Vec<&'static str>,
}

/// Proposes a mapping for a file; the domain is the one given, or that the file's name or its
/// categories point to.
///
/// # Errors
/// [`Error::Input`] where the file cannot be read or has no header, [`Error::Usage`] where nothing
/// points to a domain.
pub fn propose(
    file: &Path,
    domain: Option<&'static Domain>,
    register: &Register,
    taxonomy: &Taxonomy,
    words: &HeaderWords,
) -> Result<Proposal> {
    let sample = sample::read_sample(file, words)?;
    let seen: Vec<ColumnSummary> = (0..sample.header.len())
        .map(|i| ColumnSummary::new(&sample, i, register, taxonomy, words))
        .collect();
    let name = crate::files::name(file);
    let (domain, why) = match domain {
        Some(domain) => (domain, "given".to_owned()),
        None => columns::domain(&name, &seen, words).ok_or_else(|| {
            let known = DOMAINS.each_ref().map(|d| d.id).join(", ");
            Error::usage(
                "neither the file's name nor its headers and values say which domain it is of",
                format!("give --domain, one of {known}"),
            )
        })?,
    };
    let id = ids::find(&sample, &seen, words);
    let chosen = choice::choose(domain, &seen, words, id.as_ref());
    let signs = Signs::read(&sample, &seen, id.as_ref(), &chosen);
    let view = write::View {
        sample: &sample,
        seen: &seen,
        chosen: &chosen,
        id: id.as_ref(),
        signs: &signs,
    };
    Ok(write::proposal(&name, domain, &why, &view, taxonomy))
}
