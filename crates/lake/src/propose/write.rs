//! The proposal as TOML.

use std::collections::HashMap;
use std::fmt::Write;

use super::Proposal;
use super::choice::Choice;
use super::columns::ColumnSummary;
use super::ids::{Id, IdKind, composite};
use super::sample::Sample;
use super::signs::{DateOrder, Signs};
use crate::ingest::spelled;
use crate::label::label;
use crate::mapping::{HeaderUnit, Unit};
use crate::mask::{MASK, may_identify};
use crate::schema::{Domain, Kind};
use crate::taxonomy::{CODED, CodeList, Taxonomy};

/// Unknown words listed for one column.
const WORDS: usize = 40;

/// What was seen of a file and chosen from it.
pub(super) struct View<'a> {
    pub sample: &'a Sample,
    pub seen: &'a [ColumnSummary],
    pub chosen: &'a [Choice],
    pub id: Option<&'a Id>,
    pub signs: &'a Signs,
}

impl View<'_> {
    /// A column's header as a text of TOML.
    fn header(&self, at: usize) -> String {
        quoted(&spelled(&self.seen[at].header))
    }

    fn find(&self, column: &str) -> Option<&Choice> {
        self.chosen.iter().find(|choice| choice.column == column)
    }

    fn list(&self, at: &[usize]) -> String {
        at.iter().map(|&i| self.header(i)).collect::<Vec<_>>().join(", ")
    }
}

pub(super) fn proposal(
    name: &str,
    domain: &'static Domain,
    why: &str,
    view: &View,
    taxonomy: &Taxonomy,
) -> Proposal {
    let needed = ["occurred_at", "area_code", "category"];
    let missing: Vec<&'static str> =
        needed.into_iter().filter(|column| view.find(column).is_none()).collect();
    let mut out = format!(
        "# Proposed from the header and the first {} rows of a file. Look it through, fill in what is open, save it in mappings/.\n\
         domain = {}   # {}, {why}\nfiles = [{}]\n",
        view.sample.rows.len(),
        quoted(domain.id),
        domain.label,
        quoted(&pattern(name)),
    );
    if label(name, &[]).contains(MASK) {
        out += "# What of the file's name could name a person is left out of `files`: put back what every delivery has.\n";
    }
    layout(&mut out, view);
    columns(&mut out, view, &missing, taxonomy.list("category", domain));
    units(&mut out, view, domain);
    for choice in view.chosen.iter().filter(|c| CODED.contains(&c.column)) {
        open_words(&mut out, choice, view, domain, taxonomy);
    }
    persons(&mut out, view);
    if view.find("event_id").is_none() {
        made_id(&mut out, domain, view);
    }
    left_out(&mut out, view);
    Proposal { text: out, missing }
}

/// How rows lie and dates are written, with what shows it.
fn layout(out: &mut String, view: &View) {
    let signs = view.signs;
    let rows = view.sample.rows.len();
    if signs.two_header_rows {
        out.push_str(
            "header_rows = 2   # cells of the second row stand under groups of the first\n",
        );
    }
    if !signs.fill_down.is_empty() {
        let at: Vec<usize> = signs.fill_down.iter().map(|(at, _)| *at).collect();
        let blanks: Vec<String> = signs.fill_down.iter().map(|(_, n)| n.to_string()).collect();
        let _ = writeln!(
            out,
            "fill_down = [{}]   # {} of {rows} cells are blank under a value, as merged cells are exported; remove it if they are not known",
            view.list(&at),
            blanks.join(" and "),
        );
    }
    if let Some(word) = signs.stop_at {
        let _ = writeln!(
            out,
            "stop_at = [{}]   # a row begins with it, and no event follows",
            quoted(word)
        );
    }
    if let Some((at, events)) = signs.group_by {
        let _ = writeln!(
            out,
            "group_by = {}   # {rows} rows have {events} ids; rows of one id stand together and differ in persons alone",
            view.header(at)
        );
    }
    dates(out, view);
}

/// The one format of all dates that do not begin with the year.
fn dates(out: &mut String, view: &View) {
    let Some(&(_, _, sign)) = view.signs.dates.first() else { return };
    let at: Vec<usize> = view.signs.dates.iter().map(|date| date.0).collect();
    let has = |order| view.signs.dates.iter().any(|date| date.1 == order);
    let (day, month) = (format!("%d{sign}%m{sign}%Y"), format!("%m{sign}%d{sign}%Y"));
    let list = view.list(&at);
    let _ = match (has(DateOrder::DayFirst), has(DateOrder::MonthFirst)) {
        (true, false) => writeln!(
            out,
            "date_format = {}   # of {list}: the first number is above 12 in some rows",
            quoted(&day)
        ),
        (false, true) => writeln!(
            out,
            "date_format = {}   # of {list}: the second number is above 12 in some rows",
            quoted(&month)
        ),
        _ => writeln!(
            out,
            "# date_format = {}   # day first, or {} month first? {list} does not say: ask the department; until then its rows are refused",
            quoted(&day),
            quoted(&month)
        ),
    };
}

fn columns(out: &mut String, view: &View, missing: &[&str], codes: Option<&CodeList>) {
    out.push_str("\n[columns]\n");
    for choice in view.chosen {
        let headers = view.list(&choice.at);
        let value = if choice.at.len() == 1 { headers } else { format!("[{headers}]") };
        let _ = writeln!(out, "{} = {value}   # {}", choice.column, choice.evidence);
    }
    for column in missing {
        let _ = writeln!(out, "# {column} = \"\"   # needed, and no column looks like it");
    }
    if let (true, Some(list)) = (missing.contains(&"category"), codes) {
        let known = spelled_codes(list);
        let _ = write!(
            out,
            "# [constant]   # or this, where all rows are of one kind; the codes are {known}\n# category = \"\"\n"
        );
    }
}

/// Units that headers name; where amounts are small and their header says nothing, a question.
fn units(out: &mut String, view: &View, domain: &Domain) {
    let mut known = String::new();
    for choice in view.chosen {
        let kind = domain.column(choice.column).map(|c| c.kind);
        let Some(kind) = kind.filter(|k| matches!(k, Kind::Money | Kind::Int)) else { continue };
        if CODED.contains(&choice.column) {
            continue;
        }
        let seen = &view.seen[choice.at[0]];
        match Unit::in_header(&spelled(&seen.header), kind) {
            HeaderUnit::Known(_, unit) => {
                let unit = quoted(&unit);
                let _ = writeln!(known, "{} = {unit}   # the header says so", choice.column);
            }
            HeaderUnit::Foreign(money) => {
                let _ = writeln!(known, "# {} is in {money}: no yuan; remove it", choice.column);
            }
            HeaderUnit::None if kind == Kind::Money && seen.small && !says_yuan(&seen.header) => {
                let _ = writeln!(
                    known,
                    "# {} = \"万元\"   # amounts are below 1,000 and the header says no unit: are they yuan?",
                    choice.column
                );
            }
            HeaderUnit::None => {}
        }
    }
    if !known.is_empty() {
        let _ = write!(out, "\n[unit]\n{known}");
    }
}

fn says_yuan(header: &str) -> bool {
    header.contains('元')
}

/// The words of a coded column that mean no code, commonest first, to be filled in. Words with
/// digits, words of one row and columns that are no list are not shown: persons may stand there.
fn open_words(
    out: &mut String,
    choice: &Choice,
    view: &View,
    domain: &Domain,
    taxonomy: &Taxonomy,
) {
    let (Some(list), [at]) = (taxonomy.list(choice.column, domain), choice.at.as_slice()) else {
        return;
    };
    let mut counts: HashMap<String, usize> = HashMap::new();
    for cell in view.sample.column(*at) {
        let text = cell.to_text();
        if list.find(&text).is_none() {
            *counts.entry(text.into_owned()).or_default() += 1;
        }
    }
    if counts.is_empty() {
        return;
    }
    let known = spelled_codes(list);
    let _ = write!(
        out,
        "\n[words.{}]   # words that mean no code yet; the codes are {}\n",
        choice.column, known
    );
    let seen = &view.seen[*at];
    let is_list = seen.distinct * 2 <= seen.filled && seen.length <= 12.0;
    let unknown = counts.len();
    let mut words: Vec<(String, usize)> =
        counts.into_iter().filter(|(word, rows)| is_list && *rows > 1 && is_word(word)).collect();
    words.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    words.truncate(WORDS);
    for (word, rows) in &words {
        let near = list.nearest(word).map_or(String::new(), |n| format!("; perhaps {n}"));
        let _ = writeln!(out, "# {} = \"\"   # {rows} rows{near}", quoted(word));
    }
    let more = unknown - words.len();
    if more > 0 {
        let _ = writeln!(
            out,
            "# and {more} more, not shown here (rare, long or with digits): see the column in the file"
        );
    }
}

/// Codes with what officials read for them.
fn spelled_codes(list: &CodeList) -> String {
    list.codes().map(|(code, label)| format!("{code} {label}")).collect::<Vec<_>>().join(", ")
}

/// Whether a word is short and holds no digit, sign of an address of the net, or person's number.
fn is_word(word: &str) -> bool {
    word.chars().count() <= 20
        && !word.chars().any(|c| c.is_numeric() || c == '@' || c.is_control())
        && !may_identify(word)
}

fn persons(out: &mut String, view: &View) {
    let at: Vec<usize> = (0..view.seen.len()).filter(|&i| view.seen[i].person).collect();
    if !at.is_empty() {
        let _ = write!(
            out,
            "\n[persons]   # by header, or identity numbers and telephones among the values\ncolumns = [{}]\n",
            view.list(&at)
        );
    }
}

/// Where the file has no ids that tell its events apart, those made of columns that do.
fn made_id(out: &mut String, domain: &Domain, view: &View) {
    let candidates = id_columns(view);
    if candidates.is_empty() {
        return;
    }
    let (at, unique) = composite(view.sample, &candidates);
    let why = match view.id {
        Some(id) if id.kind == IdKind::Running => format!(
            "{} counts the rows from 1 and begins anew in each file: one is made of these columns",
            view.header(id.at)
        ),
        Some(id) if id.kind == IdKind::Damaged => format!(
            "{} has lost digits in a spreadsheet: ask for it as text; until then one is made of these columns",
            view.header(id.at)
        ),
        _ => "no column is the number of a case: one is made of these columns".to_owned(),
    };
    let apart = match unique {
        true => "they tell all rows apart",
        false => "rows that are alike in them are numbered",
    };
    let _ = write!(
        out,
        "\n[id]   # {why}, which must not change once delivered; {apart}\nprefix = {}\ncolumns = [{}]\n",
        quoted(domain.id),
        view.list(&at),
    );
}

/// Columns an id can be made of, those that change least first: date, area, category, then the
/// number that counts rows and what else is known of the event. None is about persons.
fn id_columns(view: &View) -> Vec<usize> {
    let mut at: Vec<usize> = ["occurred_at", "area_code", "category"]
        .iter()
        .filter_map(|column| view.find(column))
        .flat_map(|choice| choice.at.iter().copied())
        .collect();
    if at.is_empty() {
        return at;
    }
    let running = (0..view.seen.len()).find(|&i| view.seen[i].counts_rows && is_free(view, i));
    at.extend(running);
    for column in ["recorded_at", "amount"] {
        at.extend(view.find(column).into_iter().flat_map(|choice| choice.at.iter().copied()));
    }
    let mut kept: Vec<usize> = Vec::new();
    at.retain(|i| {
        !kept.contains(i) && {
            kept.push(*i);
            true
        }
    });
    at
}

/// Whether a column has a header, is chosen for none of ours and is about no person.
fn is_free(view: &View, i: usize) -> bool {
    view.seen[i].is_open() && view.chosen.iter().all(|c| !c.at.contains(&i))
}

fn left_out(out: &mut String, view: &View) {
    let free = |i: &usize| is_free(view, *i) || (view.seen[*i].left && !view.seen[*i].person);
    let at: Vec<usize> = (0..view.seen.len()).filter(free).collect();
    if !at.is_empty() {
        let _ = write!(out, "\n# Not taken, and never stored: {}\n", view.list(&at));
    }
}

/// The file's name with a star for each run of digits and for what could name a person: the next
/// delivery will have others.
fn pattern(name: &str) -> String {
    let mut out = String::new();
    for c in label(name, &[]).replace(MASK, "*").chars() {
        match c {
            '0'..='9' | '*' if out.ends_with('*') => {}
            '0'..='9' => out.push('*'),
            c => out.push(c),
        }
    }
    out
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
