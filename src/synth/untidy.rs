//! The departments' untidy files of the last months, with a few rows that no ingest may accept.

use std::path::Path;

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};
use encoding_rs::GB18030;
use rand::RngExt;
use rand::rngs::ChaCha8Rng;
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError,
};

use crate::workspace::Workspace;
use lake::error::{At, Error, Result};
use lake::schema::DOMAINS;

use super::Span;
use super::county::County;
use super::layouts::{Form, Holds, LAYOUTS, Layout};
use super::parquet::EventFile;
use super::people;
use super::streams::stream;
use super::version::{Cell, Minute, Version};
use super::words::Words;

/// Bad rows among the rows of an untidy file.
const BAD: f64 = 0.003;

/// A row that must be refused.
pub struct BadRow {
    pub file: String,
    pub event_id: String,
    /// Their header.
    pub column: &'static str,
    pub what: &'static str,
}

/// What a cell of a department's file shows.
#[derive(Clone, Debug)]
enum Shown {
    Text(String),
    Number(f64),
    Time(NaiveDateTime),
}

/// Writes the mapping files.
///
/// # Errors
/// Where the folder cannot be written.
pub fn write_mappings(workspace: &Workspace) -> Result<()> {
    let folder = workspace.mappings();
    std::fs::create_dir_all(&folder).at(&folder)?;
    for layout in &LAYOUTS {
        let file = folder.join(format!("{}.toml", layout.domain));
        std::fs::write(&file, layout.mapping()).at(&file)?;
    }
    Ok(())
}

/// Writes what one domain's department recorded in a month; says which rows of it are bad.
///
/// # Errors
/// Where the file cannot be written or the taxonomy lacks a word.
pub fn write_month(
    workspace: &Workspace,
    span: &Span,
    county: &County,
    domain: usize,
    month: NaiveDate,
    rows: &[Version],
) -> Result<Vec<BadRow>> {
    let id = DOMAINS[domain].id;
    let month = month.format("%Y-%m").to_string();
    let Some(layout) = LAYOUTS.iter().find(|l| l.domain == id) else {
        let mut file = EventFile::create(
            &workspace.inbox().join(format!("{id}_{month}.parquet")),
            &DOMAINS[domain],
        )?;
        file.write(rows, county)?;
        file.close()?;
        return Ok(Vec::new());
    };
    let mut clerk = Clerk {
        layout,
        span,
        county,
        words: Words::load(workspace)?,
        rng: stream(span.seed, &["untidy", id, &month]),
        wide: false,
    };
    let mut table = rows.iter().map(|v| clerk.row(v)).collect::<Result<Vec<_>>>()?;
    let bad = clerk.spoil(rows, &mut table, &layout.file(&month))?;
    let file = workspace.inbox().join(layout.file(&month));
    let bytes = match layout.form {
        Form::GbkCsv => GB18030.encode(&csv(layout, &table, b',', &file)?).0.into_owned(),
        Form::SemicolonCsv => format!("\u{feff}{}", csv(layout, &table, b';', &file)?).into_bytes(),
        Form::WideDigitsCsv => csv(layout, &table, b',', &file)?.into_bytes(),
        Form::TitledXlsx => titled(layout, &month, &table).map_err(|e| unwritable(&file, &e))?,
        Form::TwoSheetsXlsx => two_sheets(layout, &table).map_err(|e| unwritable(&file, &e))?,
    };
    std::fs::write(&file, bytes).at(&file)?;
    Ok(bad)
}

/// Who fills in a department's file, in its manner.
struct Clerk<'a> {
    layout: &'static Layout,
    span: &'a Span,
    county: &'a County,
    words: Words,
    rng: ChaCha8Rng,
    /// Whether the row at hand is typed with full-width digits.
    wide: bool,
}

impl Clerk<'_> {
    fn row(&mut self, v: &Version) -> Result<Vec<Shown>> {
        self.wide = self.layout.form == Form::WideDigitsCsv && self.rng.random_bool(0.04);
        self.layout.columns.iter().map(|(_, holds)| self.show(*holds, v)).collect()
    }

    fn show(&mut self, holds: Holds, v: &Version) -> Result<Shown> {
        let township = &self.county.townships[v.township as usize];
        let person = || people::behind(v, self.span.seed);
        let text = match holds {
            Holds::Column(column) => return self.cell(column, v),
            Holds::Township => township.name.clone(),
            Holds::Village => {
                v.village.map_or(String::new(), |i| township.villages[i as usize].name.clone())
            }
            Holds::Name => person().name,
            Holds::Identity => person().identity,
            Holds::Phone => person().phone,
            Holds::Plate => format!("甘Z{:05}", v.serial % 100_000),
            Holds::Story => {
                let (who, what) = (
                    person(),
                    self.words.word(self.layout.domain, "category", v.category_code(), 0)?,
                );
                format!("{}（电话{}）反映{what}问题。模拟数据", who.name, who.phone)
            }
        };
        Ok(Shown::Text(text))
    }

    fn cell(&mut self, column: &'static str, v: &Version) -> Result<Shown> {
        let number = |n: f64, text: String| {
            if self.layout.form == Form::TitledXlsx { Shown::Number(n) } else { Shown::Text(text) }
        };
        let shown = match v.cell(column, self.county) {
            Cell::Empty => Shown::Text(String::new()),
            Cell::Text(s) => Shown::Text(s),
            Cell::Int(n) if matches!(column, "severity" | "satisfaction") => {
                Shown::Text(self.word(column, &n.to_string())?)
            }
            Cell::Int(n) => number(n as f64, n.to_string()),
            Cell::Code(code) => Shown::Text(self.word(column, code)?),
            Cell::Cents(c) => number(c as f64 / 100.0, format!("{}.{:02}", c / 100, c % 100)),
            Cell::Bool(b) => Shown::Text(if b { "是" } else { "否" }.into()),
            Cell::Instant(m) => self.time(m),
        };
        // Identifiers stay as they are: what differs in width would be another event to a
        // department's own system.
        Ok(match shown {
            Shown::Text(s) if self.wide && column != "event_id" => {
                Shown::Text(s.chars().map(widen).collect())
            }
            other => other,
        })
    }

    fn word(&mut self, column: &str, code: &str) -> Result<String> {
        let habit = self.rng.random_range(0..1000);
        match self.layout.own_word(column, code) {
            Some(own) if habit % 3 == 0 => Ok(own.to_owned()),
            _ => Ok(self.words.word(self.layout.domain, column, code, habit)?.to_owned()),
        }
    }

    fn time(&mut self, minute: Minute) -> Shown {
        let t = self.span.local(minute);
        let (y, m, d, h, min) = (t.year(), t.month(), t.day(), t.hour(), t.minute());
        match self.layout.form {
            Form::TitledXlsx => Shown::Time(t),
            Form::GbkCsv if self.rng.random_bool(0.6) => {
                Shown::Text(format!("{y}年{m}月{d}日 {h}:{min:02}"))
            }
            Form::GbkCsv => Shown::Text(format!("{y}/{m}/{d} {h}:{min:02}")),
            Form::SemicolonCsv => Shown::Text(t.format("%Y-%m-%d %H:%M:%S").to_string()),
            Form::WideDigitsCsv | Form::TwoSheetsXlsx => {
                Shown::Text(t.format("%Y-%m-%d %H:%M").to_string())
            }
        }
    }

    /// Puts bad rows among the good: copies of good ones under identifiers of their own, each with
    /// one thing wrong.
    fn spoil(
        &mut self,
        rows: &[Version],
        table: &mut Vec<Vec<Shown>>,
        file: &str,
    ) -> Result<Vec<BadRow>> {
        let count = if rows.is_empty() { 0 } else { (rows.len() as f64 * BAD).ceil() as usize };
        let mut bad = Vec::new();
        let turn = self.rng.random_range(0..3);
        for n in 0..count {
            let (column, what) = self.fault(turn + n);
            let version = &rows[self.rng.random_range(0..rows.len())];
            let mut row = self.row(version)?;
            let event_id = format!("{}-BAD{:02}", version.event_id(), n + 1);
            for (cell, (header, holds)) in row.iter_mut().zip(self.layout.columns) {
                if matches!(holds, Holds::Column("event_id")) {
                    *cell = Shown::Text(event_id.clone());
                } else if *header == column {
                    *cell = Shown::Text(wrong(what, cell));
                } else if matches!(holds, Holds::Village) && what == MISSPELT {
                    *cell = Shown::Text(String::new());
                }
            }
            table.insert(self.rng.random_range(0..=table.len()), row);
            bad.push(BadRow { file: file.to_owned(), event_id, column, what });
        }
        Ok(bad)
    }

    /// Header and kind of the `n`th fault: they take turns.
    fn fault(&self, n: usize) -> (&'static str, &'static str) {
        let header = |wanted: &[fn(&Holds) -> bool]| {
            wanted
                .iter()
                .find_map(|w| self.layout.columns.iter().find(|c| w(&c.1)).map(|c| c.0))
                .unwrap_or_default()
        };
        match n % 3 {
            0 => (
                header(&[
                    |h| matches!(h, Holds::Township),
                    |h| matches!(h, Holds::Column("area_code")),
                ]),
                MISSPELT,
            ),
            1 => (header(&[|h| matches!(h, Holds::Column("occurred_at"))]), IMPOSSIBLE),
            _ => (header(&[|h| matches!(h, Holds::Column("category"))]), EMPTY),
        }
    }
}

const MISSPELT: &str = "unknown area";
const IMPOSSIBLE: &str = "impossible date";
const EMPTY: &str = "empty required cell";

fn wrong(what: &str, cell: &Shown) -> String {
    match (what, cell) {
        (IMPOSSIBLE, _) => "2025-02-30".into(),
        // The second character mistaken, as when picking from a list of homophones.
        (MISSPELT, Shown::Text(name)) => {
            name.chars().enumerate().map(|(i, c)| if i == 1 { '镜' } else { c }).collect()
        }
        _ => String::new(),
    }
}

fn widen(c: char) -> char {
    match c {
        '0'..='9' => char::from_u32(c as u32 - '0' as u32 + '０' as u32).unwrap_or(c),
        _ => c,
    }
}

fn csv(layout: &Layout, table: &[Vec<Shown>], delimiter: u8, file: &Path) -> Result<String> {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(delimiter)
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    let broken = |e: csv::Error| unwritable(file, &e);
    writer.write_record(layout.columns.iter().map(|c| c.0)).map_err(broken)?;
    for row in table {
        let cells = row.iter().map(|cell| match cell {
            Shown::Text(s) => s.clone(),
            Shown::Number(n) => n.to_string(),
            Shown::Time(t) => t.format("%Y-%m-%d %H:%M").to_string(),
        });
        writer.write_record(cells).map_err(broken)?;
    }
    let bytes = writer.into_inner().map_err(|e| unwritable(file, e.error()))?;
    String::from_utf8(bytes).map_err(|e| unwritable(file, &e))
}

/// One sheet under a merged title, an empty line between.
fn titled(layout: &Layout, month: &str, table: &[Vec<Shown>]) -> Result<Vec<u8>, XlsxError> {
    let mut book = workbook()?;
    let sheet = book.add_worksheet();
    let centred = Format::new().set_bold().set_align(FormatAlign::Center);
    let title = format!("{}（{month}，模拟数据）", layout.title);
    sheet.set_name("登记表")?.merge_range(
        0,
        0,
        0,
        layout.columns.len() as u16 - 1,
        &title,
        &centred,
    )?;
    fill(sheet, 2, layout, table)?;
    book.save_to_buffer()
}

/// The first half of the rows on one sheet, the rest on another.
fn two_sheets(layout: &Layout, table: &[Vec<Shown>]) -> Result<Vec<u8>, XlsxError> {
    let mut book = workbook()?;
    let (first, second) = table.split_at(table.len() / 2);
    for (name, rows) in [("上半月", first), ("下半月", second)] {
        fill(book.add_worksheet().set_name(name)?, 0, layout, rows)?;
    }
    book.save_to_buffer()
}

/// A workbook whose bytes do not depend on today.
fn workbook() -> Result<Workbook, XlsxError> {
    let mut book = Workbook::new();
    book.set_properties(
        &DocProperties::new()
            .set_author("pingan synth")
            .set_creation_datetime(&ExcelDateTime::from_ymd(2000, 1, 1)?),
    );
    Ok(book)
}

fn fill(
    sheet: &mut Worksheet,
    top: u32,
    layout: &Layout,
    table: &[Vec<Shown>],
) -> Result<(), XlsxError> {
    let dated = Format::new().set_num_format("yyyy/m/d h:mm");
    for (x, (header, _)) in layout.columns.iter().enumerate() {
        sheet.write_string(top, x as u16, *header)?;
    }
    for (y, row) in table.iter().enumerate() {
        for (x, cell) in row.iter().enumerate() {
            let (y, x) = (top + 1 + y as u32, x as u16);
            match cell {
                Shown::Text(s) if s.is_empty() => {}
                Shown::Text(s) => {
                    sheet.write_string(y, x, s)?;
                }
                Shown::Number(n) => {
                    sheet.write_number(y, x, *n)?;
                }
                Shown::Time(t) => {
                    let day =
                        ExcelDateTime::from_ymd(t.year() as u16, t.month() as u8, t.day() as u8)?;
                    sheet.write_datetime_with_format(
                        y,
                        x,
                        &day.and_hms(t.hour() as u16, t.minute() as u8, 0)?,
                        &dated,
                    )?;
                }
            }
        }
    }
    Ok(())
}

fn unwritable(file: &Path, e: &dyn std::fmt::Display) -> Error {
    Error::input(file, format!("cannot be written: {e}"), "report it with the command that was run")
}
