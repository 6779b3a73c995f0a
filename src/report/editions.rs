//! Editions of a month's report: what its tables said when, so that a second one says what moved,
//! and each month's which tables are new since the last.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use lake::error::{At, Error, Result};
use lake::files::replace;
use render::report::{Block, Cell, Report, Section, Table};
use serde::{Deserialize, Serialize};

use super::comparison::NONE;
use super::words::Words;

/// Figures that are listed at most; all are counted.
const LISTED: usize = 40;

/// A table as it was written.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct Written {
    id: String,
    title: String,
    definition: String,
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// All tables of a report as of a day.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Edition {
    as_of: NaiveDate,
    tables: Vec<Written>,
}

/// A figure that moved.
struct Moved {
    table: String,
    row: String,
    column: String,
    before: String,
    after: String,
}

fn file(folder: &Path, month: &str) -> PathBuf {
    folder.join(format!(".editions-{month}.json"))
}

fn read(folder: &Path, month: &str) -> Result<Vec<Edition>> {
    let file = file(folder, month);
    if !file.is_file() {
        return Ok(Vec::new());
    }
    let text = std::fs::read_to_string(&file).at(&file)?;
    serde_json::from_str(&text).map_err(|e| {
        Error::input(
            &file,
            format!("it cannot be read: {e}"),
            "remove it: the next report is then a first edition",
        )
    })
}

fn tables(report: &Report) -> Vec<Written> {
    let written = |table: &Table| Written {
        id: table.id.clone(),
        title: table.title.clone(),
        definition: table.definition.clone(),
        header: table.header.clone(),
        rows: table.rows.iter().map(|row| row.iter().map(Cell::text).collect()).collect(),
    };
    report.tables().map(written).collect()
}

/// The report with what moved since the edition before it, and which tables are new, changed or
/// gone since the last month's. The same report written again is the same edition.
///
/// # Errors
/// [`Error::Io`], [`Error::Input`] where what was written of an edition cannot be read.
pub fn with_editions(
    folder: &Path,
    [month, before]: [&str; 2],
    words: &Words,
    report: Report,
) -> Result<Report> {
    let mut editions = read(folder, month)?;
    let now = tables(&report);
    let known = editions.iter().position(|edition| edition.tables == now);
    let number = known.unwrap_or(editions.len());
    if known.is_none() {
        editions.push(Edition { as_of: report.date, tables: now.clone() });
        let json = serde_json::to_vec(&editions).unwrap_or_default();
        replace(&file(folder, month), &json)?;
    }
    let mut blocks = Vec::new();
    if let Some(earlier) = number.checked_sub(1).map(|at| &editions[at]) {
        blocks.extend(moved_since(earlier, &now, number + 1, words));
    }
    if let Some(last) = read(folder, before)?.last() {
        blocks.extend(tables_since(&last.tables, &now, words));
    }
    let mut report = report;
    if !blocks.is_empty() {
        report.sections.push(Section {
            level: 2,
            heading: words.fill("editions_heading", &[]),
            blocks,
        });
    }
    Ok(report)
}

fn moved_since(earlier: &Edition, now: &[Written], edition: usize, words: &Words) -> Vec<Block> {
    let moved = moved(&earlier.tables, now);
    let said = words.fill(
        "edition",
        &[
            ("edition", Some(edition.to_string())),
            ("before", Some(render::letter::chinese_date(earlier.as_of))),
            ("moved", Some(moved.len().to_string())),
        ],
    );
    let text = |text: &String| Cell::Text(text.clone());
    let row = |m: &Moved| [&m.table, &m.row, &m.column, &m.before, &m.after].map(text).to_vec();
    let table = Table {
        id: "与前一版变动".into(),
        title: "与前一版相比变动的数".into(),
        definition: format!("前一版和本版的同一格不同者，最多列{LISTED}项。"),
        header: ["表", "行", "列", "前一版", "本版"].map(str::to_owned).to_vec(),
        rows: moved.iter().take(LISTED).map(row).collect(),
    };
    let mut blocks = vec![Block::Paragraph(said)];
    if !table.rows.is_empty() {
        blocks.push(Block::Table(table));
    }
    blocks
}

/// Cells that differ, and rows that only one of the two has.
fn moved(before: &[Written], now: &[Written]) -> Vec<Moved> {
    let then = |table: &Written| before.iter().find(|t| t.id == table.id);
    now.iter().filter_map(|table| Some(moved_in(then(table)?, table))).flatten().collect()
}

fn moved_in(then: &Written, now: &Written) -> Vec<Moved> {
    let columns = key_columns(then).max(key_columns(now));
    let key = |row: &[String]| row[..columns.min(row.len())].join(" ");
    let find = |table: &Written, wanted: &str| table.rows.iter().position(|row| key(row) == wanted);
    let moved = |row: &[String], column: &str, before: &str, after: &str| Moved {
        table: now.title.clone(),
        row: key(row),
        column: column.to_owned(),
        before: before.to_owned(),
        after: after.to_owned(),
    };
    // What stands for a row that only one of the two has.
    let first = |row: &[String]| row.get(columns).cloned().unwrap_or_default();
    let mut found = Vec::new();
    for row in &now.rows {
        let Some(old) = find(then, &key(row)).map(|at| &then.rows[at]) else {
            found.push(moved(row, NONE, NONE, &first(row)));
            continue;
        };
        for (column, after) in now.header.iter().zip(row).skip(columns) {
            let at = then.header.iter().position(|h| h == column);
            let before = at.and_then(|at| old.get(at)).map_or(NONE, String::as_str);
            if before != after {
                found.push(moved(row, column, before, after));
            }
        }
    }
    let gone = then.rows.iter().filter(|row| find(now, &key(row)).is_none());
    found.extend(gone.map(|row| moved(row, NONE, &first(row), NONE)));
    found
}

/// The first columns that together tell the rows of a table apart; all where none do.
fn key_columns(table: &Written) -> usize {
    let tell_apart = |columns: &usize| {
        let keys = table.rows.iter().map(|row| &row[..(*columns).min(row.len())]);
        keys.collect::<BTreeSet<_>>().len() == table.rows.len()
    };
    (1..table.header.len()).find(tell_apart).unwrap_or(table.header.len())
}

/// Which tables there were not in the last month's report, which are gone, and which count
/// otherwise.
fn tables_since(before: &[Written], now: &[Written], words: &Words) -> Option<Block> {
    let missing = |of: &[Written], from: &[Written]| -> Vec<String> {
        let gone = of.iter().filter(|t| !from.iter().any(|o| o.id == t.id));
        gone.map(|t| t.title.clone()).collect()
    };
    let otherwise = now.iter().filter(|t| {
        before.iter().any(|o| {
            o.id == t.id && (o.definition != t.definition || o.header.len() != t.header.len())
        })
    });
    let list = |names: Vec<String>| (!names.is_empty()).then(|| names.join("、"));
    let given = [
        ("added", list(missing(now, before))),
        ("dropped", list(missing(before, now))),
        ("changed", list(otherwise.map(|t| t.title.clone()).collect())),
    ];
    let any = given.iter().any(|(_, names)| names.is_some());
    any.then(|| Block::Paragraph(words.fill("tables_changed", &given)))
}

#[cfg(test)]
mod tests {
    use super::super::words::bundled;
    use super::*;

    fn report(day: u32, count: f64) -> Report {
        let table = Table {
            id: "甲".into(),
            title: "甲表".into(),
            header: vec!["类型".into(), "本月".into()],
            rows: vec![vec![Cell::Text("盗窃".into()), Cell::count(count)]],
            ..Table::default()
        };
        let blocks = vec![Block::Table(table)];
        let date = NaiveDate::from_ymd_opt(2026, 2, day).unwrap();
        Report {
            date,
            sections: vec![Section { level: 1, blocks, ..Section::default() }],
            ..Report::default()
        }
    }

    #[test]
    fn a_second_edition_says_what_moved_and_the_same_again_is_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let edition = |report| {
            with_editions(folder.path(), ["2026-01", "2025-12"], &bundled(), report).unwrap()
        };
        assert_eq!(edition(report(1, 5.0)).sections.len(), 1);
        let second = edition(report(4, 7.0));
        let Block::Table(moved) = &second.sections[1].blocks[1] else { panic!("no table") };
        let row: Vec<String> = moved.rows[0].iter().map(Cell::text).collect();
        assert_eq!(row, ["甲表", "盗窃", "本月", "5", "7"]);
        assert_eq!(edition(report(9, 7.0)).sections[1], second.sections[1]);
        assert_eq!(edition(report(9, 5.0)).sections.len(), 1, "the first again");
    }

    #[test]
    fn rows_are_told_apart_by_as_many_columns_as_it_takes() {
        let table = |rows: &[[&str; 3]]| Written {
            id: "甲".into(),
            title: "甲表".into(),
            definition: String::new(),
            header: ["区域", "类型", "实际"].map(str::to_owned).to_vec(),
            rows: rows.iter().map(|row| row.map(str::to_owned).to_vec()).collect(),
        };
        let then =
            table(&[["城关镇", "邻里", "9"], ["城关镇", "欠薪", "7"], ["河口镇", "邻里", "5"]]);
        let now =
            table(&[["城关镇", "欠薪", "8"], ["城关镇", "邻里", "9"], ["河口镇", "欠薪", "6"]]);
        let moved = moved_in(&then, &now);
        let rows: Vec<[&str; 4]> = moved
            .iter()
            .map(|m| [m.row.as_str(), m.column.as_str(), m.before.as_str(), m.after.as_str()])
            .collect();
        let (changed, came) = (["城关镇 欠薪", "实际", "7", "8"], ["河口镇 欠薪", NONE, NONE, "6"]);
        assert_eq!(rows, [changed, came, ["河口镇 邻里", NONE, "5", NONE]]);
    }

    #[test]
    fn tables_that_are_new_or_gone_since_the_last_month_are_named() {
        let folder = tempfile::tempdir().unwrap();
        with_editions(folder.path(), ["2025-12", "2025-11"], &bundled(), report(1, 5.0)).unwrap();
        let mut next = report(1, 6.0);
        if let Block::Table(table) = &mut next.sections[0].blocks[0] {
            (table.id, table.title) = ("乙".into(), "乙表".into());
        }
        let next = with_editions(folder.path(), ["2026-01", "2025-12"], &bundled(), next).unwrap();
        let Block::Paragraph(said) = &next.sections[1].blocks[0] else { panic!("no text") };
        assert!(said.contains("新增乙表") && said.contains("不再列甲表"), "{said}");
    }
}
