//! Every form a register's names can be written in, for look-up, and what is nearest to a
//! misspelled one.

use std::collections::HashMap;

use super::Area;
use super::fold::{canonical, fold, stem, without_peoples};

/// How far a form is from the name; the nearer form wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    Full,
    Alias,
    /// The committee or office styled otherwise.
    Canonical,
    /// Without suffix.
    Short,
}

/// The forms of all names of a register, by position of the area.
#[derive(Clone, Debug)]
pub struct Names {
    forms: HashMap<String, Vec<(Tier, u32)>>,
    /// Folded codes with letters in them, which may be typed in either case.
    codes: HashMap<String, Vec<usize>>,
    character_sets: Vec<CharacterSet>,
    /// Characters of the longest form.
    pub longest: usize,
}

/// What rules most names out as near misses without looking at them: the length and a set of hashed
/// characters.
#[derive(Clone, Copy, Debug)]
struct CharacterSet {
    chars: u64,
    length: u32,
}

impl CharacterSet {
    fn new(text: &str) -> CharacterSet {
        let bit = |c: char| 1 << ((c as u32).wrapping_mul(0x9E37_79B1) >> 26);
        CharacterSet {
            chars: text.chars().fold(0, |set, c| set | bit(c)),
            length: text.chars().count() as u32,
        }
    }

    /// False only where more than `edits` characters have to change.
    fn may_be_near(self, other: CharacterSet, edits: u32) -> bool {
        let lacks = |a: CharacterSet, b: CharacterSet| (a.chars & !b.chars).count_ones() <= edits;
        self.length.abs_diff(other.length) <= edits && lacks(self, other) && lacks(other, self)
    }
}

impl Names {
    pub fn new(areas: &[Area]) -> Names {
        let mut names = Names {
            forms: HashMap::with_capacity(areas.len() * 2),
            codes: HashMap::new(),
            character_sets: Vec::with_capacity(areas.len()),
            longest: 0,
        };
        for (i, area) in areas.iter().enumerate() {
            names.add(i as u32, area);
        }
        names
    }

    fn add(&mut self, i: u32, area: &Area) {
        let full = fold(&area.name);
        let plain = canonical(&full);
        if area.code.bytes().any(|b| b.is_ascii_alphabetic()) {
            self.codes.entry(fold(&area.code)).or_default().push(i as usize);
        }
        self.character_sets.push(CharacterSet::new(&plain));
        for alias in &area.aliases {
            self.put(fold(alias), Tier::Alias, i);
        }
        if let Some(short) = stem(&plain) {
            self.put(short.to_owned(), Tier::Short, i);
        }
        if let Some(usual) = without_peoples(&plain) {
            self.put(stem(&usual).unwrap_or_default().to_owned(), Tier::Short, i);
            self.put(usual, Tier::Short, i);
        }
        if plain != full {
            self.put(plain, Tier::Canonical, i);
        }
        self.put(full, Tier::Full, i);
    }

    fn put(&mut self, form: String, tier: Tier, i: u32) {
        if !form.is_empty() {
            self.longest = self.longest.max(form.chars().count());
            self.forms.entry(form).or_default().push((tier, i));
        }
    }

    /// Areas whose code has letters and folds to this.
    pub fn coded(&self, folded: &str) -> &[usize] {
        self.codes.get(folded).map_or(&[], Vec::as_slice)
    }

    /// Areas that can be written so, each with its form's tier; `folded` has gone through `fold`.
    pub fn find(&self, folded: &str) -> Vec<(Tier, usize)> {
        let plain = canonical(folded);
        let styled = if plain == folded { None } else { self.forms.get(&plain) };
        let direct = self.forms.get(folded).into_iter().flatten().copied();
        let restyled =
            styled.into_iter().flatten().map(|&(tier, i)| (tier.max(Tier::Canonical), i));
        direct.chain(restyled).map(|(tier, i)| (tier, i as usize)).collect()
    }

    /// The one name nearest to what was written, among the areas `eligible`: at most one edit from
    /// a name of up to three characters, two from a longer one. `None` where nothing is near or two
    /// names are equally so.
    pub fn nearest(
        &self,
        folded: &str,
        areas: &[Area],
        eligible: impl Fn(usize) -> bool,
    ) -> Option<String> {
        let written = canonical(folded);
        let sketch = CharacterSet::new(&written);
        let mut best: Option<(usize, &str)> = None;
        let mut tied = false;
        for (i, other) in self.character_sets.iter().enumerate() {
            let edits = if other.length <= 3 { 1 } else { 2 };
            if !sketch.may_be_near(*other, edits) || !eligible(i) {
                continue;
            }
            let distance = strsim::levenshtein(&written, &canonical(&fold(&areas[i].name)));
            match best {
                _ if distance > edits as usize => {}
                Some((least, _)) if distance > least => {}
                Some((least, name)) if distance == least => tied |= name != areas[i].name,
                _ => (best, tied) = (Some((distance, areas[i].name.as_str())), false),
            }
        }
        best.filter(|_| !tied).map(|(_, name)| name.to_owned())
    }
}
