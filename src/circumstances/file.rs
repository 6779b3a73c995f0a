//! `circumstances.csv`: reading with the line of whatever is wrong.

use std::path::Path;

use chrono::NaiveDate;
use csv::StringRecord;

use super::{Circumstance, Effect};
use crate::notes::{NOTES, Vocabulary};
use crate::workspace::Workspace;
use lake::areas::Register;
use lake::error::{At, Error, Result};
use lake::files::decoded;
use lake::mask;
use lake::schema::DOMAINS;
use methods::Flaw;

const COLUMNS: [&str; 6] = ["from", "to", "areas", "domains", "what", "effect"];
const REQUIRED: [&str; 3] = ["from", "what", "effect"];
/// Characters that `what` may have.
const LONGEST: usize = 30;
/// What stands between two areas or domains.
const SEPARATORS: [char; 3] = [';', '；', '、'];
/// Before a storm's name, and the longest such name: names of storms are in no list of words.
const STORM: &str = "台风“";
const LONGEST_STORM: usize = 5;

/// The rows of the file.
///
/// # Errors
/// [`Error::Config`] with the line where the file is wrong, [`Error::Io`] where it cannot be read.
pub(super) fn read(file: &Path, workspace: &Workspace) -> Result<Vec<Circumstance>> {
    let register = Register::read(&workspace.areas_file())?;
    let vocabulary = Vocabulary::read(workspace)?;
    let text = decoded(std::fs::read(file).at(file)?);
    rows(&text, &register, &vocabulary).map_err(|(line, flaw)| Error::Config {
        file: file.to_path_buf(),
        line,
        what: flaw.what,
        fix: flaw.fix,
    })
}

/// A flaw and its line.
type Wrong = (Option<usize>, Flaw);

fn rows(
    text: &str,
    register: &Register,
    vocabulary: &Vocabulary,
) -> Result<Vec<Circumstance>, Wrong> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|e| broken(&e))?.clone();
    check_header(&header).map_err(|flaw| (Some(1), flaw))?;
    let mut found: Vec<(Option<usize>, Circumstance)> = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| broken(&e))?;
        let line = record.position().map(|p| p.line() as usize);
        if record.iter().all(str::is_empty) {
            continue;
        }
        let row = Row { header: &header, record: &record, register, vocabulary };
        let one = row.circumstance().map_err(|flaw| (line, flaw))?;
        if let Some((first, _)) = found.iter().find(|(_, known)| *known == one) {
            let first = first.map_or(String::new(), |line| format!(" of line {line}"));
            return Err((line, Flaw::new(format!("the row repeats that{first}"), "remove one")));
        }
        found.push((line, one));
    }
    let mut rows: Vec<Circumstance> = found.into_iter().map(|(_, row)| row).collect();
    rows.sort_by_key(|c| (c.from, c.to));
    Ok(rows)
}

fn broken(e: &csv::Error) -> Wrong {
    let line = e.position().map(|p| p.line() as usize);
    let what = match e.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("the row has {len} cells, the header {expected_len}")
        }
        _ => "the row cannot be read".to_owned(),
    };
    (
        line,
        Flaw::new(what, "give every row as many cells as the header, a comma within one in quotes"),
    )
}

fn check_header(header: &StringRecord) -> Result<(), Flaw> {
    let fix = format!("use {}", COLUMNS.join(","));
    if let Some(at) = header.iter().position(|h| !COLUMNS.contains(&h)) {
        return Err(Flaw::new(format!("the header's cell {} is no column", at + 1), fix));
    }
    let count = |name: &str| header.iter().filter(|h| *h == name).count();
    if let Some(lacks) = REQUIRED.into_iter().find(|name| count(name) == 0) {
        return Err(Flaw::new(format!("column {lacks} is missing"), fix));
    }
    match COLUMNS.into_iter().find(|name| count(name) > 1) {
        Some(twice) => Err(Flaw::new(format!("column {twice} is there twice"), "remove one")),
        None => Ok(()),
    }
}

/// A row while it is read. Its messages never quote a cell, which may hold anything.
struct Row<'a> {
    header: &'a StringRecord,
    record: &'a StringRecord,
    register: &'a Register,
    vocabulary: &'a Vocabulary,
}

impl Row<'_> {
    fn circumstance(&self) -> Result<Circumstance, Flaw> {
        let from = self.day("from")?;
        let from = from.ok_or_else(|| Flaw::new("from is empty", "give the first day"))?;
        let to = self.day("to")?.unwrap_or(from);
        if to < from {
            return Err(Flaw::new(
                format!("from, {from}, is after to, {to}"),
                "exchange them, or correct one",
            ));
        }
        let what = self.what()?.to_owned();
        let (areas, domains) = (self.areas()?, self.domains()?);
        Ok(Circumstance { from, to, areas, domains, what, effect: self.effect()? })
    }

    fn cell(&self, column: &str) -> &str {
        let at = self.header.iter().position(|h| h == column);
        at.and_then(|at| self.record.get(at)).unwrap_or("")
    }

    /// A day, as `2025-07-12` or as spreadsheets write it, `2025/7/12`.
    fn day(&self, column: &str) -> Result<Option<NaiveDate>, Flaw> {
        let written = self.cell(column);
        let day = NaiveDate::parse_from_str(&written.replace('/', "-"), "%Y-%m-%d");
        match day {
            _ if written.is_empty() => Ok(None),
            Ok(day) => Ok(Some(day)),
            Err(_) => Err(Flaw::new(format!("{column} is no day"), "write it as 2025-07-12")),
        }
    }

    fn what(&self) -> Result<&str, Flaw> {
        let what = self.cell("what");
        let length = what.chars().count();
        if what.is_empty() {
            return Err(Flaw::new("what is empty", "say what it was, as 台风“海葵” or 人口普查"));
        }
        if length > LONGEST {
            let what = format!("what has {length} characters, and letters have room for {LONGEST}");
            return Err(Flaw::new(what, "shorten it"));
        }
        if mask::identifies(what) {
            let fix = "leave identity numbers, mobile numbers and plates out";
            return Err(Flaw::new("what holds a person's number", fix));
        }
        let plain = without_storm(what);
        if self.vocabulary.is_plain(&plain) {
            return Ok(what);
        }
        let masked = self.vocabulary.masked(&plain);
        let what = format!("what holds words that could name a person: {masked}");
        Err(Flaw::new(what, format!("leave persons out, or take its words into {NOTES}")))
    }

    /// Codes of the areas named, in order.
    fn areas(&self) -> Result<Vec<String>, Flaw> {
        let code = |(at, named): (usize, &str)| {
            let is_it = |area: &&lake::areas::Area| {
                area.code == named || area.name == named || area.aliases.iter().any(|a| a == named)
            };
            let mut found = self.register.areas().iter().filter(is_it);
            match (found.next(), found.next()) {
                (Some(area), None) => Ok(area.code.clone()),
                (Some(_), Some(_)) => Err(Flaw::new(
                    format!("name {} of areas is of several areas", at + 1),
                    "give the code of the one meant",
                )),
                (None, _) => Err(Flaw::new(
                    format!("name {} of areas is no area of areas.csv", at + 1),
                    "give codes or full names, with ; or 、 between them, or nothing for the whole county",
                )),
            }
        };
        pieces(self.cell("areas")).map(code).collect::<Result<_, Flaw>>().map(in_order)
    }

    /// Ids of the domains named, in order.
    fn domains(&self) -> Result<Vec<&'static str>, Flaw> {
        let id = |(at, named): (usize, &str)| {
            let domain = DOMAINS.iter().find(|d| d.id == named || d.label == named);
            domain.map(|d| d.id).ok_or_else(|| {
                let known: Vec<String> =
                    DOMAINS.iter().map(|d| format!("{} {}", d.id, d.label)).collect();
                let what = format!("name {} of domains is no domain", at + 1);
                Flaw::new(what, format!("give ids or labels of {}", known.join(", ")))
            })
        };
        pieces(self.cell("domains")).map(id).collect::<Result<_, Flaw>>().map(in_order)
    }

    fn effect(&self) -> Result<Effect, Flaw> {
        match self.cell("effect") {
            "note" | "注明" => Ok(Effect::Note),
            "set aside" | "不计" => Ok(Effect::SetAside),
            _ => Err(Flaw::new("effect is none", "give note (注明) or set aside (不计)")),
        }
    }
}

/// What stands between separators, with its place.
fn pieces(cell: &str) -> impl Iterator<Item = (usize, &str)> {
    cell.split(SEPARATORS).map(str::trim).filter(|piece| !piece.is_empty()).enumerate()
}

fn in_order<T: Ord>(mut names: Vec<T>) -> Vec<T> {
    names.sort_unstable();
    names.dedup();
    names
}

/// The text without the name in 台风“…”.
fn without_storm(what: &str) -> String {
    let name = what.split_once(STORM).and_then(|(before, rest)| {
        let (name, after) = rest.split_once('”')?;
        let short = (1..=LONGEST_STORM).contains(&name.chars().count());
        let plain = name.chars().all(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        (short && plain).then(|| format!("{before}台风{after}"))
    });
    name.unwrap_or_else(|| what.to_owned())
}

#[cfg(test)]
mod tests;
