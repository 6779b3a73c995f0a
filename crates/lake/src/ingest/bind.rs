//! A mapping bound to a header: where each of our columns is found in the rows of this table.

use std::collections::{BTreeMap, HashMap};

use super::visit::JOINT;
use crate::mapping::{HeaderUnit, Mapping, NEEDED, Totals, Unit};
use crate::schema::{Column, Kind};
use crate::taxonomy::{CODED, fold};

/// What a column's cells are checked as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    EventId,
    Area,
    Grid,
    PartyHash,
    /// A code of the taxonomy, kept as text or (severity, satisfaction) as number.
    Code,
    /// When it happened, was recorded, falls due, and any other instant.
    Occurred,
    Recorded,
    Due,
    Instant,
    Int,
    Money,
    /// Whether a later version takes the event back: no word is no.
    Withdrawn,
    Bool,
    /// The engine fills it in.
    Filled(Filled),
}

/// Columns that no file brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Filled {
    Day,
    DueDay,
    Source,
    BatchId,
    DeliveredAt,
    RecordedBasis,
    Count,
}

/// One of our columns and where its cells are.
#[derive(Debug)]
pub(crate) struct Binding {
    pub column: &'static Column,
    pub role: Role,
    pub at: Vec<usize>,
    /// What stands in for an empty cell: the constant or the default.
    pub otherwise: Option<String>,
    /// The power of ten that numbers without a unit are in.
    pub tens: u32,
    /// The format of its dates, where they do not begin with the year.
    pub format: Option<String>,
    /// Their word, folded → our code.
    pub words: HashMap<String, String>,
    /// A row without it cannot land.
    pub needed: bool,
}

/// A mapping bound to one table.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// In the order of the domain's columns.
    pub bindings: Vec<Binding>,
    pub persons: Vec<usize>,
    pub id: Vec<usize>,
    /// Columns by whose words rows are left out, with the words.
    pub skip: Vec<(usize, Vec<String>)>,
    /// Columns without whose words they are left out.
    pub only: Vec<(usize, Vec<String>)>,
    /// Where rows are totals: the columns of the counts, with the word of the category where each
    /// has its own.
    pub counts: Vec<(usize, Option<String>)>,
    /// Columns whose blank cells take the value above.
    pub fill_down: Vec<usize>,
    /// The column whose adjacent rows of one value are one event.
    pub group_by: Option<usize>,
    /// Headers whose unit was applied, with it.
    pub units: Vec<(String, String)>,
    /// The power of ten that the counts of totals are in.
    pub count_tens: u32,
    /// Headers as found, after the number of the sheet in a workbook.
    pub names: Vec<String>,
    /// Headers that nothing maps.
    pub unused: Vec<String>,
}

/// Headers by folded name, those of two rows also by their last part where it is the only one; those
/// that stand twice are listed.
struct Header {
    at: HashMap<String, usize>,
    twice: Vec<String>,
}

impl Header {
    fn new(names: &[String]) -> Header {
        let mut header = Header { at: HashMap::new(), twice: Vec::new() };
        for (i, name) in names.iter().enumerate().filter(|(_, n)| !n.is_empty()) {
            let folded = fold(&spelled(name));
            if header.at.insert(folded.clone(), i).is_some() {
                header.twice.push(folded);
            }
        }
        header.add_parts(names);
        header
    }

    fn add_parts(&mut self, names: &[String]) {
        let mut parts: HashMap<String, Vec<usize>> = HashMap::new();
        for (i, name) in names.iter().enumerate() {
            if let Some((_, part)) = name.rsplit_once(JOINT) {
                parts.entry(fold(part)).or_default().push(i);
            }
        }
        for (part, at) in parts {
            if let [only] = at.as_slice() {
                self.at.entry(part).or_insert(*only);
            }
        }
    }
}

/// A header as people write it.
pub(crate) fn spelled(name: &str) -> String {
    name.replace(JOINT, "/")
}

/// Headers the mapping needs and the row lacks.
pub(crate) fn lacking<'m>(mapping: &'m Mapping, row: &[String]) -> Vec<&'m str> {
    let header = Header::new(row);
    needed(mapping).into_iter().filter(|h| !header.at.contains_key(&fold(h))).collect()
}

/// Headers a table must have: all the mapping names, or of our own names the four needed.
pub(crate) fn needed(mapping: &Mapping) -> Vec<&str> {
    if mapping.canonical { NEEDED.to_vec() } else { mapping.headers() }
}

/// Headers the mapping names that stand in the row more than once.
pub(crate) fn doubled<'m>(mapping: &'m Mapping, row: &[String]) -> Vec<&'m str> {
    let header = Header::new(row);
    mapping.headers().into_iter().filter(|h| header.twice.contains(&fold(h))).collect()
}

/// Binds a mapping to a header that lacks nothing.
pub(crate) fn bind(mapping: &Mapping, sheet: Option<u32>, names: &[String]) -> Plan {
    let header = Header::new(names);
    let find = |headers: &[String]| {
        headers.iter().filter_map(|h| header.at.get(&fold(h)).copied()).collect::<Vec<_>>()
    };
    let mut bindings: Vec<Binding> = mapping
        .domain
        .columns()
        .map(|column| Binding {
            column,
            role: role(column),
            at: mapping.columns.get(column.name).map(|h| find(h)).unwrap_or_default(),
            tens: mapping.unit.get(column.name).map_or(0, |unit| unit.tens),
            format: mapping.date_format.find(column.name).map(str::to_owned),
            otherwise: mapping
                .constant
                .get(column.name)
                .or_else(|| mapping.default.get(column.name))
                .cloned(),
            words: mapping
                .words
                .get(column.name)
                .map(|w| w.iter().map(|(k, v)| (fold(k), v.clone())).collect())
                .unwrap_or_default(),
            needed: NEEDED.contains(&column.name),
        })
        .collect();
    let mut units = units(mapping, &mut bindings, names);
    let persons = find(&mapping.persons);
    let id = mapping.id.as_ref().map(|i| find(&i.columns)).unwrap_or_default();
    let with_words = |columns: &BTreeMap<String, Vec<String>>| -> Vec<(usize, Vec<String>)> {
        let column = |(name, words): (&String, &Vec<String>)| {
            Some((*header.at.get(&fold(name))?, words.clone()))
        };
        columns.iter().filter_map(column).collect()
    };
    let (skip, only) = (with_words(&mapping.skip), with_words(&mapping.only));
    let count = |name: &String, word: Option<&String>| {
        header.at.get(&fold(name)).map(|at| (*at, word.cloned()))
    };
    let counts: Vec<(usize, Option<String>)> = match &mapping.totals {
        Some(Totals::Column(name)) => count(name, None).into_iter().collect(),
        Some(Totals::Categories(names)) => {
            names.iter().filter_map(|name| count(name, Some(name))).collect()
        }
        None => Vec::new(),
    };
    let mut count_tens = 0;
    if let (Some(Totals::Column(_)), Some((at, _))) = (&mapping.totals, counts.first())
        && let HeaderUnit::Known(unit, written) = Unit::in_header(&spelled(&names[*at]), Kind::Int)
    {
        count_tens = unit.tens;
        units.push((spelled(&names[*at]), written));
    }
    let fill_down = find(&mapping.layout.fill_down);
    let group_by = mapping.layout.group_by.as_ref().and_then(|h| header.at.get(&fold(h)).copied());
    let used = |i: &usize| {
        bindings.iter().any(|b| b.at.contains(i))
            || persons.contains(i)
            || id.contains(i)
            || skip.iter().chain(&only).any(|(at, _)| at == i)
            || counts.iter().any(|(at, _)| at == i)
            || fill_down.contains(i)
            || group_by == Some(*i)
    };
    Plan {
        unused: (0..names.len())
            .filter(|i| !used(i) && !names[*i].is_empty())
            .map(|i| spelled(&names[i]))
            .collect(),
        names: names
            .iter()
            .map(|n| sheet.map_or_else(|| spelled(n), |s| format!("{s}!{}", spelled(n))))
            .collect(),
        bindings,
        persons,
        id,
        skip,
        only,
        counts,
        fill_down,
        group_by,
        units,
        count_tens,
    }
}

/// Gives columns the unit their header names where the mapping says none, and tells which. A
/// canonical header is our own name and has none.
fn units(mapping: &Mapping, bindings: &mut [Binding], names: &[String]) -> Vec<(String, String)> {
    let mut applied = Vec::new();
    for binding in bindings.iter_mut().filter(|b| matches!(b.role, Role::Money | Role::Int)) {
        let Some(header) = binding.at.first().map(|&i| spelled(&names[i])) else { continue };
        if mapping.unit.contains_key(binding.column.name) {
            continue;
        }
        if let HeaderUnit::Known(unit, written) = Unit::in_header(&header, binding.column.kind) {
            binding.tens = unit.tens;
            applied.push((header, written));
        }
    }
    applied
}

/// The header of a column of amounts in foreign money, where the mapping says no unit.
pub(crate) fn foreign(mapping: &Mapping, names: &[String]) -> Option<(String, String)> {
    let header = Header::new(names);
    let of_money = mapping.domain.columns().filter(|c| c.kind == Kind::Money);
    let amounts = of_money.filter(|c| !mapping.unit.contains_key(c.name));
    let headers = amounts.filter_map(|c| mapping.columns.get(c.name)?.first());
    let mut found = headers.filter_map(|h| header.at.get(&fold(h)).map(|&i| spelled(&names[i])));
    found.find_map(|name| match Unit::in_header(&name, Kind::Money) {
        HeaderUnit::Foreign(money) => Some((name, money)),
        _ => None,
    })
}

fn role(column: &Column) -> Role {
    if let Some(filled) = filled(column.name) {
        return Role::Filled(filled);
    }
    match (column.name, column.kind) {
        ("event_id", _) => Role::EventId,
        ("area_code", _) => Role::Area,
        ("grid_code", _) => Role::Grid,
        ("party_hash", _) => Role::PartyHash,
        ("occurred_at", _) => Role::Occurred,
        ("recorded_at", _) => Role::Recorded,
        ("due_at", _) => Role::Due,
        ("withdrawn", _) => Role::Withdrawn,
        (_, Kind::Text) => Role::Code,
        (name, _) if CODED.contains(&name) => Role::Code,
        (_, Kind::Instant | Kind::Day) => Role::Instant,
        (_, Kind::Int) => Role::Int,
        (_, Kind::Money) => Role::Money,
        (_, Kind::Bool) => Role::Bool,
    }
}

fn filled(name: &str) -> Option<Filled> {
    Some(match name {
        "day" => Filled::Day,
        "due_day" => Filled::DueDay,
        "source" => Filled::Source,
        "batch_id" => Filled::BatchId,
        "delivered_at" => Filled::DeliveredAt,
        "recorded_basis" => Filled::RecordedBasis,
        "count" => Filled::Count,
        _ => return None,
    })
}
