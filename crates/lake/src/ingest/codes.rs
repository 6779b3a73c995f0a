//! Codes, areas and identifiers: what is looked up, and remembered for each way of writing it.

use std::collections::HashMap;
use std::sync::Arc;

use super::bind::Binding;
use super::cell::{BadCell, Cell};
use crate::areas::{Register, Unresolved};
use crate::taxonomy::{CodeList, fold};

/// Spellings remembered of one column; then the memory begins anew.
const REMEMBERED: usize = 1 << 16;

/// Bytes that the name or address of an area has at most: two hundred Chinese characters.
const LONGEST_AREA: usize = 600;

/// What lookups have answered, by spelling.
pub(crate) struct Cache<V> {
    known: HashMap<String, V>,
}

impl<V> Default for Cache<V> {
    fn default() -> Self {
        Cache { known: HashMap::new() }
    }
}

impl<V: Clone> Cache<V> {
    /// The answer for a spelling, looked up where it is new.
    pub fn get(&mut self, key: &str, look_up: impl FnOnce() -> V) -> V {
        if let Some(known) = self.known.get(key) {
            return known.clone();
        }
        if self.known.len() >= REMEMBERED {
            self.known.clear();
        }
        let answer = look_up();
        self.known.insert(key.to_owned(), answer.clone());
        answer
    }
}

/// The code a department's word means: its mapping's words first, then the taxonomy.
pub(crate) fn code(
    written: &str,
    binding: &Binding,
    list: Option<&CodeList>,
) -> Result<Arc<str>, BadCell> {
    formula(written)?;
    let folded = fold(written);
    let column = binding.column.name;
    let Some(list) = list else {
        return Err(BadCell::new(
            format!("there is no list of codes for {column}"),
            "add it to models/taxonomy.toml",
        ));
    };
    let word = binding.words.get(&folded).map_or(written, String::as_str);
    if let Some(code) = list.find(word) {
        return Ok(code.into());
    }
    let fix = match list.nearest(written) {
        Some(near) => {
            format!("perhaps {near}; else add the word under [words.{column}] in the mapping")
        }
        None => format!(
            "add the word under [words.{column}] in the mapping, or as an alias in models/taxonomy.toml"
        ),
    };
    Err(BadCell::new(format!("no code of {column}"), fix))
}

/// What became of a way of writing an area.
#[derive(Clone)]
pub(crate) struct ResolvedArea {
    pub code: Result<Arc<str>, BadCell>,
    /// Which of the pieces (from coarse to fine) could not be resolved although a coarser one
    /// could.
    pub lost: Option<(usize, BadCell)>,
}

/// Resolves an area written in pieces from coarse to fine, each within the one before. A finer
/// piece that does not resolve leaves the coarser area.
pub(crate) fn place(register: &Register, pieces: &[&str]) -> ResolvedArea {
    if pieces.iter().any(|piece| piece.len() > LONGEST_AREA) {
        let bad = BadCell::new("too long for an area", "map the column that names the area");
        return ResolvedArea { code: Err(bad), lost: None };
    }
    let mut found: Option<String> = None;
    for (i, piece) in pieces.iter().enumerate().filter(|(_, p)| !p.is_empty()) {
        let answer = formula(piece)
            .and_then(|()| register.resolve(piece, found.as_deref()).map_err(unresolved));
        match (answer, &found) {
            (Ok(area), _) => found = Some(area.code.clone()),
            (Err(bad), Some(code)) => {
                return ResolvedArea { code: Ok(code.as_str().into()), lost: Some((i, bad)) };
            }
            (Err(bad), None) => return ResolvedArea { code: Err(bad), lost: None },
        }
    }
    ResolvedArea {
        code: found.map(Arc::from).ok_or_else(|| BadCell::new("empty", "fill in the area")),
        lost: None,
    }
}

fn unresolved(why: Unresolved) -> BadCell {
    match why {
        Unresolved::Empty => BadCell::new("empty", "fill in the area"),
        Unresolved::OtherCounty => BadCell::new(
            "of another county",
            "deliver it to that county, or add the area to areas.csv",
        ),
        Unresolved::Unknown { suggestion: Some(near) } => BadCell::new(
            "no such area in the register",
            format!("perhaps {near}; else add an alias in areas.csv"),
        ),
        Unresolved::Unknown { suggestion: None } => {
            BadCell::new("no such area in the register", "correct it, or add an alias in areas.csv")
        }
        Unresolved::Ambiguous { candidates } => BadCell::new(
            format!("several areas have this name: {}", candidates.join(", ")),
            "write the code, or map the township's column before it",
        ),
        Unresolved::Several { names } => BadCell::new(
            format!("names several areas: {}", names.join(", ")),
            "name the one where it happened",
        ),
    }
}

/// Whether a text is a grid's code: an area's code and up to five digits after it, or up to three
/// letters and four digits, as in G01 and W-0012. Neither form is that of a person's mark.
pub(crate) fn is_grid_code(text: &str, register: &Register) -> bool {
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    let parted = |t: &str| t.trim_start_matches(['-', '_', '#', '.']).to_owned();
    if let Some((area, number)) = [12, 9].iter().find_map(|&n| text.split_at_checked(n))
        && register.get(area).is_some()
    {
        let number = parted(number);
        return (1..=5).contains(&number.len()) && digits(&number);
    }
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let number = parted(&text[letters..]);
    letters <= 3 && (1..=4).contains(&number.len()) && digits(&number)
}

/// Text that a spreadsheet would run. `="00123"` is a way of keeping zeros, not a formula.
pub(super) fn formula(text: &str) -> Result<(), BadCell> {
    if text.starts_with('=') && literal(text).is_none() {
        return Err(BadCell::new("a formula, not a value", "export values instead of formulas"));
    }
    Ok(())
}

fn literal(text: &str) -> Option<&str> {
    text.strip_prefix("=\"")?.strip_suffix('"').filter(|t| !t.contains('"'))
}

/// A party hash that a file brings itself.
pub(crate) fn party_hash(cell: &Cell) -> Result<String, BadCell> {
    let text = cell.to_text();
    let letters = text.bytes().any(|b| b.is_ascii_alphabetic());
    if (16..=64).contains(&text.len()) && letters && text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(text.to_ascii_lowercase());
    }
    Err(BadCell::new(
        "no hash",
        "give 16 to 64 hexadecimal digits, or map the columns under [persons]",
    ))
}
