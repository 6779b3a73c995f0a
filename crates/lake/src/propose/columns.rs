//! What a file's columns look like, and which of ours each is likely to be.

use std::collections::HashSet;

use super::sample::Sample;
use super::values::{counts_rows, short_date};
use super::words::HeaderWords;
use crate::areas::{Register, Unresolved};
use crate::ingest::{money, when, whole, yes};
use crate::mask::identifies;
use crate::schema::{DOMAINS, Domain, Kind};
use crate::taxonomy::{CODED, Taxonomy};

/// What the values of one of the file's columns look like; shares are of the cells that are not
/// empty.
pub(super) struct ColumnSummary {
    pub header: String,
    pub filled: usize,
    pub person: bool,
    /// Nothing is taken from it: officials, free text.
    pub left: bool,
    /// Persons' numbers among the values.
    pub identities: f64,
    pub unique: f64,
    /// Different values.
    pub distinct: usize,
    /// Mean length of the values in characters.
    pub length: f64,
    /// Whether its whole numbers count rows from 1 on.
    pub counts_rows: bool,
    /// Whether most amounts are small enough to be thousands or more of yuan.
    pub small: bool,
    pub dates: f64,
    areas: f64,
    /// Mean number of areas above those named: the finer, the more.
    pub depth: f64,
    pub whole: f64,
    pub money: f64,
    yes: f64,
    /// Share that are codes, for each coded column (category: for each domain).
    codes: Vec<(&'static str, Option<&'static str>, f64)>,
    pub id_like: f64,
}

impl ColumnSummary {
    pub fn new(
        sample: &Sample,
        i: usize,
        register: &Register,
        taxonomy: &Taxonomy,
        words: &HeaderWords,
    ) -> ColumnSummary {
        let header = sample.header[i].clone();
        let cells: Vec<_> = sample.column(i).collect();
        let texts: Vec<String> = cells.iter().map(|c| c.to_text().into_owned()).collect();
        let n = texts.len().max(1) as f64;
        let share = |which: &dyn Fn(usize) -> bool| {
            (0..texts.len()).filter(|&k| which(k)).count() as f64 / n
        };
        let identities = share(&|k| identifies(&texts[k]));
        let found: Vec<usize> = texts.iter().filter_map(|t| depth(register, t)).collect();
        let coded = |column: &'static str, domain: &'static Domain| {
            taxonomy
                .list(column, domain)
                .map_or(0.0, |list| share(&|k| list.find(&texts[k]).is_some()))
        };
        let mut codes: Vec<_> =
            DOMAINS.iter().map(|d| ("category", Some(d.id), coded("category", d))).collect();
        codes.extend(CODED.iter().skip(1).map(|c| (*c, None, coded(c, &DOMAINS[0]))));
        let different = texts.iter().collect::<HashSet<_>>().len();
        let is_date = |k: usize| when(cells[k]).is_ok() || short_date(&texts[k]).is_some();
        ColumnSummary {
            counts_rows: !cells.is_empty() && counts_rows(&cells),
            distinct: different,
            length: texts.iter().map(|t| t.chars().count()).sum::<usize>() as f64 / n,
            small: share(&|k| money(cells[k], 0).is_ok_and(|fen| fen < 100_000)) > 0.9,
            person: !header.is_empty() && (words.names_person(&header) || identities >= 0.3),
            left: words.is_left(&header),
            filled: texts.len(),
            identities,
            unique: different as f64 / n,
            dates: share(&is_date),
            areas: found.len() as f64 / n,
            // A column without values is of the finest unit, which is left blank most.
            depth: match found.len() {
                0 => f64::MAX,
                n => found.iter().sum::<usize>() as f64 / n as f64,
            },
            whole: share(&|k| whole(cells[k], 0).is_ok()),
            money: share(&|k| money(cells[k], 0).is_ok()),
            yes: share(&|k| yes(cells[k]).is_ok()),
            codes,
            id_like: share(&|k| {
                texts[k].len() <= 64
                    && texts[k].chars().any(|c| c.is_ascii_digit())
                    && !texts[k].contains(' ')
            }),
            header,
        }
    }

    /// Whether it may be one of ours: named, and of no person.
    pub fn is_open(&self) -> bool {
        !self.person && !self.left && !self.header.is_empty()
    }

    fn coded(&self, column: &str, domain: &Domain) -> f64 {
        self.codes
            .iter()
            .find(|(c, d, _)| *c == column && d.is_none_or(|d| d == domain.id))
            .map_or(0.0, |c| c.2)
    }

    /// How well the values fit one of our columns, 0 to 1, and in words.
    pub fn fits(&self, column: &str, kind: Kind, domain: &Domain) -> (f64, String) {
        let percent = |share: f64, what: &str| (share, format!("{:.0} % {what}", share * 100.0));
        match (column, kind) {
            ("area_code", _) => percent(self.areas, "areas of the register"),
            ("grid_code", _) => percent(self.id_like, "like codes"),
            ("party_hash", _) => percent(0.0, ""),
            (c, _) if CODED.contains(&c) => percent(self.coded(c, domain), "words of the taxonomy"),
            (_, Kind::Instant) => percent(self.dates, "dates"),
            (_, Kind::Int) => percent(self.whole, "whole numbers"),
            (_, Kind::Money) => percent(self.money, "amounts"),
            (_, Kind::Bool) => percent(self.yes, "yes or no"),
            _ => percent(0.0, ""),
        }
    }
}

/// How many areas lie above the one a text names; also where several bear the name.
fn depth(register: &Register, text: &str) -> Option<usize> {
    match register.resolve(text, None) {
        Ok(area) => Some(
            std::iter::successors(area.parent.as_deref(), |p| {
                register.get(p).and_then(|a| a.parent.as_deref())
            })
            .count(),
        ),
        // Names that recur are those of the finest units.
        Err(Unresolved::Ambiguous { .. }) => Some(register.levels().len()),
        Err(_) => None,
    }
}

/// The domain that a file's name, its categories or its headers point to, and why.
pub(super) fn domain(
    name: &str,
    seen: &[ColumnSummary],
    words: &HeaderWords,
) -> Option<(&'static Domain, String)> {
    let named = DOMAINS.iter().find(|d| name.starts_with(d.id) || name.contains(d.label));
    if let Some(domain) = named.or_else(|| words.domain(&[name])) {
        return Some((domain, "by the file's name".into()));
    }
    let headers: Vec<&str> = seen.iter().map(|s| s.header.as_str()).collect();
    by_categories(seen)
        .or_else(|| words.domain(&headers).map(|domain| (domain, "by its headers".into())))
}

/// The domain of whose categories a column is.
fn by_categories(seen: &[ColumnSummary]) -> Option<(&'static Domain, String)> {
    let share = |d: &Domain| {
        seen.iter().filter(|s| !s.person).map(|s| s.coded("category", d)).fold(0.0, f64::max)
    };
    let mut shares: Vec<(f64, &'static Domain)> = DOMAINS.iter().map(|d| (share(d), d)).collect();
    shares.sort_by(|a, b| b.0.total_cmp(&a.0));
    // Words such as 其他 are in every domain: the first must be well ahead.
    (shares[0].0 >= 0.3 && shares[0].0 >= shares[1].0 + 0.15).then(|| {
        (shares[0].1, format!("{:.0} % of a column are its categories", shares[0].0 * 100.0))
    })
}
