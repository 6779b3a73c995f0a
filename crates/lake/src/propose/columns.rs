//! What a file's columns look like, and which of ours each is likely to be.

use std::collections::HashSet;

use super::HeaderWords;
use super::sample::Sample;
use crate::areas::{Register, Unresolved};
use crate::ingest::{money, when, whole, yes};
use crate::mask::identifies;
use crate::schema::{DERIVED_COLUMNS, DOMAINS, Domain, Kind};
use crate::taxonomy::{CODED, Taxonomy};

/// What the values of one of the file's columns look like; shares are of the cells that are not
/// empty.
pub(super) struct ColumnSummary {
    pub header: String,
    pub filled: usize,
    pub person: bool,
    /// Persons' numbers among the values.
    identities: f64,
    unique: f64,
    dates: f64,
    areas: f64,
    /// Mean number of areas above those named: the finer, the more.
    pub depth: f64,
    whole: f64,
    money: f64,
    yes: f64,
    /// Share that are codes, for each coded column (category: for each domain).
    codes: Vec<(&'static str, Option<&'static str>, f64)>,
    id_like: f64,
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
        ColumnSummary {
            person: !header.is_empty() && (words.names_person(&header) || identities >= 0.3),
            filled: texts.len(),
            identities,
            unique: texts.iter().collect::<HashSet<_>>().len() as f64 / n,
            dates: share(&|k| when(cells[k]).is_ok()),
            areas: found.len() as f64 / n,
            depth: found.iter().sum::<usize>() as f64 / found.len().max(1) as f64,
            whole: share(&|k| whole(cells[k]).is_ok()),
            money: share(&|k| money(cells[k]).is_ok()),
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

    fn coded(&self, column: &str, domain: &Domain) -> f64 {
        self.codes
            .iter()
            .find(|(c, d, _)| *c == column && d.is_none_or(|d| d == domain.id))
            .map_or(0.0, |c| c.2)
    }

    /// How well the values fit one of our columns, 0 to 1, and in words.
    fn fits(&self, column: &str, kind: Kind, domain: &Domain) -> (f64, String) {
        let percent = |share: f64, what: &str| (share, format!("{:.0} % {what}", share * 100.0));
        match (column, kind) {
            ("event_id", _) => {
                percent(self.unique.min(self.id_like), "different and like numbers of cases")
            }
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

/// The domain a file's name or its categories point to, and why.
pub(super) fn domain(name: &str, seen: &[ColumnSummary]) -> Option<(&'static Domain, String)> {
    if let Some(domain) = DOMAINS.iter().find(|d| name.starts_with(d.id) || name.contains(d.label))
    {
        return Some((domain, "by the file's name".into()));
    }
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

/// One of our columns and those of the file it is likely to be.
pub(super) struct Choice {
    pub column: &'static str,
    pub at: Vec<usize>,
    pub evidence: String,
}

/// Chooses for each of our columns, needed ones first, the file's column that fits best by header
/// and values.
pub(super) fn choose(
    domain: &'static Domain,
    seen: &[ColumnSummary],
    words: &HeaderWords,
) -> Vec<Choice> {
    let mut taken: HashSet<usize> =
        (0..seen.len()).filter(|&i| seen[i].person || seen[i].header.is_empty()).collect();
    let mut chosen = Vec::new();
    let order = ["event_id", "occurred_at", "category", "area_code"];
    let others = domain
        .columns()
        .map(|c| c.name)
        .filter(|n| !order.contains(n) && !DERIVED_COLUMNS.contains(n));
    for name in order.into_iter().chain(others) {
        let Some(column) = domain.column(name) else { continue };
        let mut candidates: Vec<(f64, usize, String)> = (0..seen.len())
            .filter(|i| !taken.contains(i))
            .filter_map(|i| {
                candidate(&seen[i], name, column.kind, domain, words)
                    .map(|(score, why)| (score, i, why))
            })
            .collect();
        candidates.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let most = if name == "area_code" { 3 } else { 1 };
        candidates.truncate(most);
        // From coarse to fine.
        candidates.sort_by(|a, b| seen[a.1].depth.total_cmp(&seen[b.1].depth).then(a.1.cmp(&b.1)));
        if candidates.is_empty() {
            continue;
        }
        taken.extend(candidates.iter().map(|c| c.1));
        chosen.push(Choice {
            column: name,
            at: candidates.iter().map(|c| c.1).collect(),
            evidence: candidates.iter().map(|c| c.2.as_str()).collect::<Vec<_>>().join("; "),
        });
    }
    chosen
}

/// Score and evidence of one of the file's columns for one of ours; none where it is not likely.
fn candidate(
    seen: &ColumnSummary,
    column: &str,
    kind: Kind,
    domain: &Domain,
    words: &HeaderWords,
) -> Option<(f64, String)> {
    let named = words.names(column, &seen.header);
    let (fits, values) = seen.fits(column, kind, domain);
    if seen.filled == 0 {
        return (named == 1.0).then(|| (named, "header; no values to look at".into()));
    }
    // Numbers, dates and yes or no could be anything: without its header only what is telling by
    // itself counts.
    let telling = match column {
        "event_id" => {
            fits >= 0.99 && seen.dates < 0.5 && seen.identities == 0.0 && seen.money < 0.5
        }
        "occurred_at" => fits >= 0.8,
        "area_code" => fits >= 0.6,
        "category" => fits >= 0.5,
        _ => false,
    };
    let contradicted = match column {
        "event_id" => seen.unique < 0.5 || seen.identities > 0.0,
        // A department's words may all be new to the taxonomy.
        _ if CODED.contains(&column) => seen.unique > 0.8 && seen.filled > 20 && fits < 0.3,
        _ => fits < 0.3,
    };
    if contradicted || (named == 0.0 && !telling) {
        return None;
    }
    let why = if named == 1.0 {
        "header, "
    } else if named > 0.0 {
        "part of the header, "
    } else {
        ""
    };
    // One bad date among hundreds must not make another column the better one: values count in
    // tenths, then the likelier header wins.
    let likely = 2.0 * named + (fits * 10.0).round() / 10.0
        - words.place(column, &seen.header) as f64 / 1000.0;
    Some((likely, format!("{why}{values}")))
}
