//! How a department wrote an area → the area, or why not. Nothing is guessed: what fits two areas
//! fits none.

use unicode_normalization::UnicodeNormalization;

use super::fold::{canonical, fold};
use super::names::Tier;
use super::{Area, Register};
use crate::error::Result;

/// Candidates an [`Unresolved::Ambiguous`] names at most: a country has hundreds of 新民村.
const CANDIDATES: usize = 8;
/// What makes the text after an area's name an address, where it follows within so many characters.
const ADDRESS: (&str, usize) = ("路街巷弄号段村里社", 12);
/// Levels of which an unknown place may be an area that the register lacks.
const COUNTIES_AND_ABOVE: [&str; 3] = ["province", "city", "county"];
/// How names of areas down to townships end.
const UNITS: [&str; 9] = ["镇", "乡", "街道", "办事处", "县", "市", "旗", "自治区", "新区"];
/// What means the whole of a register.
const WHOLE: &str = "市直 县直 区直 旗直 州直 市级 县级 区级 全市 全县 全区 本市 本县 本区";

/// Why a written area was not resolved; never guessed.
#[derive(Clone, Debug, PartialEq)]
pub enum Unresolved {
    Empty,
    /// It is in another county than the register.
    OtherCounty,
    Unknown {
        suggestion: Option<String>,
    },
    /// The candidates (the first eight in code order) as `name (code)`.
    Ambiguous {
        candidates: Vec<String>,
    },
    /// Two areas in one cell.
    Several {
        names: Vec<String>,
    },
}

/// Positions of areas, or why there is none.
type Found = Result<usize, Unresolved>;

impl Register {
    /// Resolves how a department wrote an area; `within` limits the search to an area's subtree (a
    /// village name within a township), where the area itself is meant only if nothing below it can
    /// be.
    ///
    /// Understood, the first that fits: a code (as a number, or filled up with zeros); the full
    /// name; an alias; the name with its committee or office styled otherwise; the name without its
    /// suffix; any of these behind the names of areas above; a full name before an address; a
    /// township's full name before a village, an office or a building. Of two areas that are written
    /// the same way, one inside the other, the outer one is meant. What an area was called before,
    /// as in 赤金镇(原赤金公社), is left out.
    ///
    /// # Errors
    /// [`Unresolved`] says why; an unknown `within` contains nothing.
    pub fn resolve(&self, written: &str, within: Option<&str>) -> Result<&Area, Unresolved> {
        let text = without_former(&fold(written));
        if text.is_empty() {
            return Err(Unresolved::Empty);
        }
        let scope = match within {
            Some(code) => self.index(code).ok_or(Unresolved::Unknown { suggestion: None })?,
            None => self.root,
        };
        let search = NameSearch { register: self, scope, inside: within.is_some() };
        let found = search
            .code(written.trim(), &text)
            .or_else(|| search.named(&text, scope, search.inside))
            .or_else(|| search.listed(written))
            .or_else(|| search.path(&text, scope))
            .or_else(|| self.is_of_another_county(&text).then_some(Err(Unresolved::OtherCounty)))
            .or_else(|| search.behind_unknown(&text));
        let found = found
            .unwrap_or_else(|| Err(Unresolved::Unknown { suggestion: search.suggestion(&text) }));
        found.map(|i| &self.areas[i])
    }
}

struct NameSearch<'a> {
    register: &'a Register,
    scope: usize,
    /// Whether the caller gave the scope.
    inside: bool,
}

impl NameSearch<'_> {
    fn area(&self, i: usize) -> &Area {
        &self.register.areas[i]
    }

    /// By code, or by a former code that an area has as alias. Digits that are neither in the scope
    /// are answered here: no name looks like six digits.
    fn code(&self, raw: &str, text: &str) -> Option<Found> {
        let within =
            |code: &str| self.register.index(code).filter(|&i| self.register.below(i, self.scope));
        if let Some(i) = within(raw).or_else(|| within(text)) {
            return Some(Ok(i));
        }
        let coded = self.register.names().coded(text).iter().copied();
        let coded: Vec<usize> = coded.filter(|&i| self.register.below(i, self.scope)).collect();
        if !coded.is_empty() {
            return Some(self.one_of(coded));
        }
        let mut digits = text
            .split_once('.')
            .filter(|(_, tail)| tail.chars().all(|c| c == '0'))
            .map_or(text, |(whole, _)| whole);
        if digits.len() < 6 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let whole = digits;
        loop {
            if let Some(i) = within(digits) {
                return Some(Ok(i));
            }
            if let Some(found) = self.named(digits, self.scope, self.inside) {
                return Some(found);
            }
            let filling = if digits.len() > 6 { "000" } else { "00" };
            match digits.strip_suffix(filling) {
                Some(shorter) if !shorter.is_empty() => digits = shorter,
                _ if self.register.is_of_another_county(whole) => {
                    return Some(Err(Unresolved::OtherCounty));
                }
                _ => return Some(Err(Unresolved::Unknown { suggestion: None })),
            }
        }
    }

    /// The whole text as one area's name, below `scope` before `scope` itself where `below_first`.
    fn named(&self, text: &str, scope: usize, below_first: bool) -> Option<Found> {
        let mut found = self.register.names().find(text);
        found.retain(|&(_, i)| self.register.below(i, scope));
        let nearest = found.iter().map(|f| f.0).min()?;
        let mut areas: Vec<usize> =
            found.into_iter().filter(|f| f.0 == nearest).map(|f| f.1).collect();
        if below_first && areas.iter().any(|&i| i != scope) {
            areas.retain(|&i| i != scope);
        }
        Some(self.one_of(areas))
    }

    /// The area that contains all the others.
    fn one_of(&self, mut areas: Vec<usize>) -> Found {
        areas.sort_unstable();
        areas.dedup();
        let outer = areas
            .iter()
            .copied()
            .find(|&outer| areas.iter().all(|&i| self.register.below(i, outer)));
        outer.ok_or_else(|| Unresolved::Ambiguous {
            candidates: areas
                .iter()
                .take(CANDIDATES)
                .map(|&i| format!("{} ({})", self.area(i).name, self.area(i).code))
                .collect(),
        })
    }

    /// Names of one level with separators between: several areas, unless they are all the same.
    fn listed(&self, written: &str) -> Option<Found> {
        let plain: String = written.nfkc().collect();
        let parts = plain
            .split(|c: char| c.is_whitespace() || ",、;/|+&".contains(c))
            .map(fold)
            .filter(|p| !p.is_empty());
        let areas = parts
            .map(|p| self.named(&p, self.scope, self.inside)?.ok())
            .collect::<Option<Vec<usize>>>()?;
        let first = *areas.first()?;
        if areas.iter().all(|&i| i == first) {
            return Some(Ok(first));
        }
        let level = &self.area(first).level;
        areas.iter().all(|&i| self.area(i).level == *level).then(|| Err(self.several(&areas)))
    }

    fn several(&self, areas: &[usize]) -> Unresolved {
        let mut names: Vec<String> = Vec::new();
        for &i in areas {
            if !names.contains(&self.area(i).name) {
                names.push(self.area(i).name.clone());
            }
        }
        Unresolved::Several { names }
    }

    /// The text begins with an area's name: what follows is an area below it, an address in it,
    /// another area, or unusable.
    fn path(&self, text: &str, scope: usize) -> Option<Found> {
        let mut refused = None;
        for (tier, areas, rest) in self.beginnings(text, scope) {
            let outcomes: Vec<Found> = areas
                .iter()
                .map(|&i| self.followed(i, &rest, scope, tier != Tier::Short))
                .collect();
            match self.outcome(outcomes) {
                Err(unknown @ Unresolved::Unknown { .. }) if tier != Tier::Short => {
                    refused = refused.or(Some(Err(unknown)))
                }
                Err(Unresolved::Unknown { .. }) => {}
                decided => return Some(decided),
            }
        }
        refused
    }

    /// The names `text` begins with and what follows each: full forms before short ones, longer
    /// before shorter. A scope's own ancestors count.
    fn beginnings(&self, text: &str, scope: usize) -> Vec<(Tier, Vec<usize>, String)> {
        let mut found = Vec::new();
        let cuts: Vec<usize> = text
            .char_indices()
            .map(|(at, c)| at + c.len_utf8())
            .take(self.register.names().longest)
            .collect();
        for &cut in cuts.iter().rev() {
            let mut areas = self.register.names().find(&text[..cut]);
            areas.retain(|&(_, i)| self.register.below(i, scope) || self.register.below(scope, i));
            if let Some(nearest) = areas.iter().map(|f| f.0).min() {
                let areas = areas.into_iter().filter(|f| f.0 == nearest).map(|f| f.1).collect();
                found.push((nearest, areas, fold(&text[cut..])));
            }
        }
        found.sort_by_key(|(tier, ..)| *tier == Tier::Short);
        found
    }

    /// What `rest` after the name of `area` means. A short name (`full` false) is trusted only
    /// before the name of an area below.
    fn followed(&self, area: usize, rest: &str, scope: usize, full: bool) -> Found {
        let inner = if self.register.below(area, scope) { area } else { scope };
        if rest.chars().count() >= 2 {
            match self.named(rest, inner, true).or_else(|| self.path(rest, inner)) {
                Some(Err(Unresolved::Unknown { .. })) | None => {}
                Some(decided) => return decided,
            }
        }
        if !full || inner != area {
            return Err(Unresolved::Unknown { suggestion: None });
        }
        if let Some(several) = self.siblings(area, rest) {
            return Err(several);
        }
        if is_address(rest) {
            return Ok(area);
        }
        self.landmark(area, rest).unwrap_or_else(|| {
            let near = self.near(rest, area).unwrap_or_else(|| self.area(area).name.clone());
            Err(Unresolved::Unknown { suggestion: Some(near) })
        })
    }

    /// The areas of the same level whose full names follow one another in `rest`.
    fn siblings(&self, area: usize, rest: &str) -> Option<Unresolved> {
        let mut areas = vec![area];
        let mut rest = rest.to_owned();
        loop {
            let next = self.beginnings(&rest, self.register.root).into_iter().find_map(
                |(tier, areas, after)| {
                    let same =
                        areas.into_iter().find(|&i| self.area(i).level == self.area(area).level)?;
                    (tier != Tier::Short).then_some((same, after))
                },
            );
            match next {
                Some((i, after)) => {
                    areas.push(i);
                    rest = after;
                }
                None => break,
            }
        }
        areas.iter().any(|&i| i != area).then(|| self.several(&areas))
    }

    /// A village, an office or a building without a word of an address, after the full name of a
    /// township or of an area below one. Where it has the name of another area of the level, nobody
    /// can tell; `None` where it may be an area that the register lacks.
    fn landmark(&self, area: usize, rest: &str) -> Option<Found> {
        let above = COUNTIES_AND_ABOVE.contains(&self.area(area).level.as_str());
        if above || rest.chars().count() < 2 {
            return None;
        }
        if let Some(other) = self.other_in(area, rest) {
            return Some(Err(self.several(&[area, other])));
        }
        let unit = canonical(rest);
        (!UNITS.iter().any(|end| unit.ends_with(end))).then_some(Ok(area))
    }

    /// Another area of the same level that a text names anywhere, in short at its beginning.
    fn other_in(&self, area: usize, text: &str) -> Option<usize> {
        let other = |i: &usize| *i != area && self.area(*i).level == self.area(area).level;
        text.char_indices().find_map(|(at, _)| {
            let found = self.beginnings(&text[at..], self.register.root).into_iter();
            let mut named = found.filter(|(tier, ..)| at == 0 || *tier != Tier::Short);
            named.find_map(|(_, areas, _)| areas.into_iter().find(other))
        })
    }

    /// One answer from those of several areas of the same name: the ones that make sense of the
    /// text count.
    fn outcome(&self, outcomes: Vec<Found>) -> Found {
        let (good, bad): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
        match good.is_empty() {
            false => self.one_of(good.into_iter().flatten().collect()),
            true => {
                let telling = bad
                    .iter()
                    .position(|b| !matches!(b, Err(Unresolved::Unknown { .. })))
                    .unwrap_or(0);
                bad.into_iter()
                    .nth(telling)
                    .unwrap_or(Err(Unresolved::Unknown { suggestion: None }))
            }
        }
    }

    /// Names the register does not have (province, city) in front of one that it has, which
    /// contains what follows or is the root.
    fn behind_unknown(&self, text: &str) -> Option<Found> {
        for (at, _) in text.char_indices().skip(1) {
            let tail = &text[at..];
            if fold(tail) == fold(&self.area(self.register.root).name)
                && self.scope == self.register.root
            {
                return Some(Ok(self.scope));
            }
            for (tier, areas, rest) in self.beginnings(tail, self.scope) {
                let above = areas
                    .into_iter()
                    .filter(|&i| tier == Tier::Full && !self.register.children[i].is_empty());
                let outcomes: Vec<Found> = above.map(|i| self.contained(i, &rest)).collect();
                match self.outcome(outcomes) {
                    Err(Unresolved::Unknown { .. }) => {}
                    decided => return Some(decided),
                }
            }
        }
        None
    }

    /// What may be meant: a name that is near, else the root where the text means all of it.
    fn suggestion(&self, text: &str) -> Option<String> {
        let text = text.strip_prefix(['原', '旧']).unwrap_or(text);
        let whole = WHOLE.split(' ').any(|word| text.starts_with(word));
        self.near(text, self.scope).or_else(|| whole.then(|| self.register.root().name.clone()))
    }

    /// The nearest name in an area; else the one whose short form the text begins with, as where a
    /// town became a sub-district.
    fn near(&self, text: &str, within: usize) -> Option<String> {
        let inside = |i: usize| self.register.below(i, within);
        let names = self.register.names();
        names.nearest(text, &self.register.areas, inside).or_else(|| {
            let mut found = self.beginnings(text, within).into_iter();
            let (_, areas, _) = found.find(|(_, areas, rest)| {
                let characters = text.chars().count() - rest.chars().count();
                characters > 1 && areas.iter().any(|&i| inside(i))
            })?;
            self.one_of(areas).ok().map(|i| self.area(i).name.clone())
        })
    }

    fn contained(&self, area: usize, rest: &str) -> Found {
        let inner = if self.register.below(area, self.scope) { area } else { self.scope };
        let found = self.named(rest, inner, true).or_else(|| self.path(rest, inner));
        found.unwrap_or(Err(Unresolved::Unknown { suggestion: None }))
    }
}

/// A text without what an area was called before: 赤金镇(原赤金公社) is 赤金镇.
fn without_former(text: &str) -> String {
    let Some((before, former)) = text.split_once("(原") else { return text.to_owned() };
    let after = former.split_once(')').map_or("", |(_, after)| after);
    fold(&format!("{before}{after}"))
}

fn is_address(rest: &str) -> bool {
    let (words, reach) = ADDRESS;
    // A sub-district that the register lacks is no street.
    let unknown = canonical(rest).ends_with("街道");
    !unknown
        && rest
            .chars()
            .take(reach)
            .enumerate()
            .any(|(at, c)| c.is_ascii_digit() || (at > 0 && words.contains(c)))
}

#[cfg(test)]
mod tests;
