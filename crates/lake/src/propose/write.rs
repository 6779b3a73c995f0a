//! The proposal as TOML.

use std::collections::HashMap;
use std::fmt::Write;

use super::Proposal;
use super::columns::{Choice, ColumnSummary};
use super::sample::Sample;
use crate::mask::shown;
use crate::schema::Domain;
use crate::taxonomy::{CODED, Taxonomy};

/// Unknown words listed for one column.
const WORDS: usize = 40;

pub(super) fn proposal(
    name: &str,
    domain: &'static Domain,
    why: &str,
    sample: &Sample,
    seen: &[ColumnSummary],
    chosen: &[Choice],
    taxonomy: &Taxonomy,
) -> Proposal {
    let find = |column: &str| chosen.iter().find(|c| c.column == column);
    let missing: Vec<&'static str> = ["occurred_at", "area_code", "category"]
        .into_iter()
        .filter(|c| find(c).is_none())
        .collect();
    let mut out = format!(
        "# Proposed from the header and the first {} rows of {}. Look it through, fill in what is open, save it in mappings/.\n\
         domain = {}   # {}, {why}\nfiles = [{}]\n\n[columns]\n",
        sample.rows.len(),
        shown(name),
        quoted(domain.id),
        domain.label,
        quoted(&pattern(name)),
    );
    for choice in chosen {
        let headers: Vec<String> = choice.at.iter().map(|&i| quoted(&seen[i].header)).collect();
        let value = if headers.len() == 1 {
            headers[0].clone()
        } else {
            format!("[{}]", headers.join(", "))
        };
        let _ = writeln!(out, "{} = {value}   # {}", choice.column, choice.evidence);
    }
    for column in &missing {
        let _ = writeln!(out, "# {column} = \"\"   # needed, and no column looks like it");
    }
    for choice in chosen.iter().filter(|c| CODED.contains(&c.column)) {
        open_words(&mut out, choice, sample, domain, taxonomy);
    }
    let persons: Vec<String> =
        seen.iter().filter(|s| s.person).map(|s| quoted(&s.header)).collect();
    if !persons.is_empty() {
        let _ = write!(
            out,
            "\n[persons]   # by header, or identity numbers and telephones among the values\ncolumns = [{}]\n",
            persons.join(", ")
        );
    }
    if find("event_id").is_none() {
        made_id(&mut out, domain, seen, chosen);
    }
    left_out(&mut out, seen, chosen);
    Proposal { text: out, missing }
}

/// The words of a coded column that mean no code, commonest first, to be filled in.
fn open_words(
    out: &mut String,
    choice: &Choice,
    sample: &Sample,
    domain: &Domain,
    taxonomy: &Taxonomy,
) {
    let (Some(list), [at]) = (taxonomy.list(choice.column, domain), choice.at.as_slice()) else {
        return;
    };
    let mut counts: HashMap<String, usize> = HashMap::new();
    for cell in sample.column(*at) {
        let text = cell.to_text();
        if list.find(&text).is_none() {
            *counts.entry(shown(&text)).or_default() += 1;
        }
    }
    if counts.is_empty() {
        return;
    }
    let mut words: Vec<(String, usize)> = counts.into_iter().collect();
    words.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let known: Vec<String> = list.codes().map(|(code, label)| format!("{code} {label}")).collect();
    let _ = write!(
        out,
        "\n[words.{}]   # words that mean no code yet; the codes are {}\n",
        choice.column,
        known.join(", ")
    );
    for (word, rows) in words.iter().take(WORDS) {
        let near = list.nearest(word).map_or(String::new(), |n| format!("; perhaps {n}"));
        let _ = writeln!(out, "# {} = \"\"   # {rows} rows{near}", quoted(word));
    }
    if words.len() > WORDS {
        let _ = writeln!(out, "# and {} more", words.len() - WORDS);
    }
}

/// Where the file has no ids, those made of what tells its events apart.
fn made_id(out: &mut String, domain: &Domain, seen: &[ColumnSummary], chosen: &[Choice]) {
    let mut at: Vec<usize> = chosen
        .iter()
        .filter(|c| matches!(c.column, "occurred_at" | "area_code" | "category"))
        .flat_map(|c| c.at.iter().copied())
        .collect();
    at.sort_unstable();
    if at.is_empty() {
        return;
    }
    let headers: Vec<String> = at.iter().map(|&i| quoted(&seen[i].header)).collect();
    let _ = write!(
        out,
        "\n[id]   # no column looks like an id: one is made of these columns, which must not change once delivered\nprefix = {}\ncolumns = [{}]\n",
        quoted(domain.id),
        headers.join(", "),
    );
}

fn left_out(out: &mut String, seen: &[ColumnSummary], chosen: &[Choice]) {
    let used = |i: usize| {
        chosen.iter().any(|c| c.at.contains(&i)) || seen[i].person || seen[i].header.is_empty()
    };
    let names: Vec<String> =
        (0..seen.len()).filter(|&i| !used(i)).map(|i| quoted(&seen[i].header)).collect();
    if !names.is_empty() {
        let _ = write!(out, "\n# Not taken, and never stored: {}\n", names.join(", "));
    }
}

/// The file's name with a star for each run of digits: the next delivery will have others.
fn pattern(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        match c {
            '0'..='9' if out.ends_with('*') => {}
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
