//! A cell as its file holds it, and what is said when it cannot be taken.

use std::borrow::Cow;

use chrono::{NaiveDate, NaiveDateTime};

/// One cell, typed as far as the file types it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell<'a> {
    Empty,
    Text(Cow<'a, str>),
    Int(i64),
    Float(f64),
    /// Unscaled value and number of decimals.
    Decimal(i128, i8),
    Bool(bool),
    /// UTC microseconds.
    Instant(i64),
    /// A time without zone.
    Local(NaiveDateTime),
    Date(NaiveDate),
    /// The file says that there is no value, or it is not one we can hold: why.
    Error(String),
}

/// Why a cell is not taken, and what to do.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct BadCell {
    pub reason: String,
    pub fix: String,
}

impl BadCell {
    pub fn new(reason: impl Into<String>, fix: impl Into<String>) -> BadCell {
        BadCell { reason: reason.into(), fix: fix.into() }
    }
}

/// Departments' ways of leaving a cell empty.
const BLANKS: &[&str] = &["-", "--", "—", "——", "/", "\\", "\\N", "null", "NULL", "N/A", "n/a"];

const EXCEL_ERRORS: &[&str] = &["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"];

impl<'a> Cell<'a> {
    /// Text without the blanks about it; blank and dashes are empty, Excel's errors are errors.
    pub fn from_text(text: &'a str) -> Cell<'a> {
        let text =
            text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}' || c == '\u{200b}');
        if text.is_empty() || (text.len() <= 6 && BLANKS.contains(&text)) {
            Cell::Empty
        } else if text.starts_with('#') && EXCEL_ERRORS.contains(&text) {
            Cell::Error(format!("the Excel error {text}"))
        } else {
            Cell::Text(Cow::Borrowed(text))
        }
    }

    pub fn is_empty(&self) -> bool {
        matches!(self, Cell::Empty)
    }

    /// The cell as a person would write it.
    pub fn to_text(&self) -> Cow<'_, str> {
        match self {
            Cell::Empty => Cow::Borrowed(""),
            Cell::Text(t) => Cow::Borrowed(t),
            Cell::Int(n) => Cow::Owned(n.to_string()),
            // Excel knows no whole numbers: 620981 is stored as 620981.0.
            Cell::Float(x) if x.fract() == 0.0 && x.abs() < 1e15 => Cow::Owned(format!("{x:.0}")),
            Cell::Float(x) => Cow::Owned(x.to_string()),
            Cell::Decimal(n, scale) => Cow::Owned(decimal_text(*n, *scale)),
            Cell::Bool(b) => Cow::Borrowed(if *b { "true" } else { "false" }),
            Cell::Instant(us) => Cow::Owned(
                chrono::DateTime::from_timestamp_micros(*us)
                    .map(|t| t.to_rfc3339())
                    .unwrap_or_else(|| us.to_string()),
            ),
            Cell::Local(t) => Cow::Owned(t.format("%Y-%m-%d %H:%M:%S").to_string()),
            Cell::Date(d) => Cow::Owned(d.to_string()),
            Cell::Error(e) => Cow::Borrowed(e),
        }
    }

    /// The same cell, owning its text.
    pub fn into_owned(self) -> Cell<'static> {
        match self {
            Cell::Text(t) => Cell::Text(Cow::Owned(t.into_owned())),
            Cell::Empty => Cell::Empty,
            Cell::Int(n) => Cell::Int(n),
            Cell::Float(x) => Cell::Float(x),
            Cell::Decimal(n, s) => Cell::Decimal(n, s),
            Cell::Bool(b) => Cell::Bool(b),
            Cell::Instant(t) => Cell::Instant(t),
            Cell::Local(t) => Cell::Local(t),
            Cell::Date(d) => Cell::Date(d),
            Cell::Error(e) => Cell::Error(e),
        }
    }
}

fn decimal_text(n: i128, scale: i8) -> String {
    let scale = usize::try_from(scale).unwrap_or(0);
    let digits = format!("{:0>width$}", n.unsigned_abs(), width = scale + 1);
    let (whole, part) = digits.split_at(digits.len() - scale);
    let part = part.trim_end_matches('0');
    format!(
        "{}{whole}{}{part}",
        if n < 0 { "-" } else { "" },
        if part.is_empty() { "" } else { "." }
    )
}
