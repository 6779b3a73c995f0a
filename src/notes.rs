//! Words that may stand in the ledger: what people write to a letter, without what could name a
//! person.

use std::collections::HashSet;
use std::path::Path;

use serde::Deserialize;

use crate::workspace::Workspace;
use lake::areas::Register;
use lake::error::{Result, parse_toml};
use lake::schema::DOMAINS;
use lake::taxonomy::{CODED, Taxonomy};
use lake::{masked_pieces, plain_number};

/// Where the list of words is.
pub const NOTES: &str = "models/notes.toml";

/// Digits in a row that are a figure, and no part of a person's number.
const FIGURE: usize = 4;

/// `models/notes.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    offices: Vec<String>,
    roles: Vec<String>,
    words: Vec<String>,
}

/// The words that notes are made of.
#[derive(Clone)]
pub struct Vocabulary {
    words: HashSet<Vec<char>>,
    longest: usize,
}

impl Vocabulary {
    /// Reads the workspace's list, and takes the names of its areas and the labels of its codes to
    /// it.
    ///
    /// # Errors
    /// [`lake::Error::Config`] where list, register or code lists are wrong.
    pub fn read(workspace: &Workspace) -> Result<Vocabulary> {
        let register = Register::read(&workspace.areas_file())?;
        Ok(Vocabulary::listed(workspace)?.with_names(&register, &workspace.taxonomy()?))
    }

    /// Reads the workspace's list alone.
    ///
    /// # Errors
    /// [`lake::Error::Config`] where the file is wrong.
    pub fn listed(workspace: &Workspace) -> Result<Vocabulary> {
        let (file, text) = workspace.text(NOTES)?;
        Vocabulary::parse(&file, &text)
    }

    /// Reads a list.
    ///
    /// # Errors
    /// [`lake::Error::Config`] where the file is wrong.
    pub fn parse(file: &Path, text: &str) -> Result<Vocabulary> {
        let Raw { offices, roles, words } = parse_toml(file, text)?;
        let mut vocabulary = Vocabulary { words: HashSet::new(), longest: 0 };
        vocabulary.add([offices, roles, words].iter().flatten().map(String::as_str));
        Ok(vocabulary)
    }

    /// The same with the names of areas and the labels of codes.
    fn with_names(mut self, register: &Register, taxonomy: &Taxonomy) -> Vocabulary {
        let areas = register.areas().iter().map(|area| area.name.as_str());
        let lists = DOMAINS
            .iter()
            .flat_map(|domain| CODED.iter().filter_map(|column| taxonomy.list(column, domain)));
        let labels = lists.flat_map(|list| list.codes().map(|(_, label)| label));
        self.add(areas.chain(labels));
        self
    }

    /// The same with more words.
    pub fn with<'w>(&self, words: impl Iterator<Item = &'w str>) -> Vocabulary {
        let mut vocabulary = self.clone();
        vocabulary.add(words);
        vocabulary
    }

    fn add<'w>(&mut self, words: impl Iterator<Item = &'w str>) {
        self.words.extend(words.map(|word| word.chars().collect()));
        self.longest = self.words.iter().map(Vec::len).max().unwrap_or_default();
    }

    /// The text with [`MASK`] for all that is no word of the list, no short number and no date.
    pub fn masked(&self, text: &str) -> String {
        masked_pieces(text, |rest| self.next(rest))
    }

    /// Whether the text is made of the list's words alone.
    pub fn is_plain(&self, text: &str) -> bool {
        self.masked(text) == text
    }

    /// Whether the piece that begins there is kept, and how long it is.
    fn next(&self, rest: &[char]) -> (bool, usize) {
        let c = rest[0];
        if c.is_ascii_digit() {
            return plain_number(rest, FIGURE);
        }
        if let Some(length) =
            (1..=self.longest.min(rest.len())).rev().find(|&n| self.words.contains(&rest[..n]))
        {
            return (true, length);
        }
        if c.is_alphanumeric() {
            let run = |c: &&char| c.is_ascii_alphanumeric();
            let length = rest.iter().take_while(run).count().max(1);
            return (false, length);
        }
        (!matches!(c, '@' | '#' | '*'), 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lake::mask::MASK;

    fn vocabulary() -> Vocabulary {
        let folder = tempfile::tempdir().unwrap();
        let areas = folder.path().join("areas.csv");
        let text = "code,name,level,parent,population\n620981,玉门市,county,,\n620981101,赤金镇,township,620981,\n";
        std::fs::write(&areas, text).unwrap();
        let taxonomy = include_str!("../models/taxonomy.toml");
        let words = include_str!("../models/notes.toml");
        Vocabulary::parse(Path::new("notes.toml"), words).unwrap().with_names(
            &Register::read(&areas).unwrap(),
            &Taxonomy::parse(Path::new("taxonomy.toml"), taxonomy).unwrap(),
        )
    }

    #[test]
    fn what_offices_write_stays() {
        let vocabulary = vocabulary();
        for text in [
            "已排查化解",
            "逐村排查，共120件，已化解115件（95.8%）",
            "赤金镇综治办",
            "综治中心主任",
            "2026年2月10日前办结",
            "",
        ] {
            assert_eq!(vocabulary.masked(text), text);
            assert!(vocabulary.is_plain(text));
        }
    }

    #[test]
    fn what_could_name_a_person_goes() {
        let vocabulary = vocabulary();
        for (text, masked) in [
            ("张伟已化解", "***已化解"),
            ("诸葛亮、司马懿双方和解", "***、***双方和解"),
            ("电话13800138000", "***"),
            ("微信 wxid_te0000", "*** ***_***"),
            ("0937-3399887", "***"),
            ("甘F12345", "***"),
            ("ouyang1985", "***"),
        ] {
            let found = vocabulary.masked(text);
            let plain = |t: &str| {
                t.replace(['_', ' '], "")
                    .replace(&MASK.repeat(2), MASK)
                    .replace(&MASK.repeat(2), MASK)
            };
            assert_eq!(plain(&found), plain(masked), "{text}");
            assert!(!vocabulary.is_plain(text));
        }
    }
}
