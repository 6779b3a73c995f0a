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

/// Longer texts are no values, and stay as they are: 32,767 characters are the most in Excel.
const LONGEST: usize = 4 * 32_767;

/// Text without the blanks about it and without characters that nobody sees; line breaks and
/// blanks of other kinds are one blank.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    // Most cells are short, in ASCII, and have nothing to take out.
    let bytes = text.as_bytes();
    let is_seen = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_graphic);
    if is_seen(bytes.first())
        && is_seen(bytes.last())
        && bytes.iter().fold(true, |all, byte| all & (b' '..0x7f).contains(byte))
    {
        return Cow::Borrowed(text);
    }
    let text = text.trim_matches(|c: char| c.is_whitespace() || is_invisible(c));
    if text.len() > LONGEST {
        return Cow::Borrowed(text);
    }
    let suspect = match text.is_ascii() {
        true => text.bytes().fold(false, |any, byte| any | (byte < b' ')),
        false => text.bytes().fold(false, |any, byte| any | SUSPECT[usize::from(byte)]),
    };
    if !suspect || !text.chars().any(|c| c != ' ' && (c.is_whitespace() || is_invisible(c))) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(seen(text))
}

/// Characters without width: marks of order and of joining, soft hyphens, byte order marks.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fe0e}' | '\u{fe0f}'
    )
}

/// First bytes of what [`plain`] takes out or turns into a blank, in UTF-8.
const SUSPECT: [bool; 256] = {
    let mut suspect = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        suspect[byte] = true;
        byte += 1;
    }
    (suspect[0xc2], suspect[0xe1], suspect[0xe2]) = (true, true, true);
    (suspect[0xe3], suspect[0xef]) = (true, true);
    suspect
};

fn seen(text: &str) -> String {
    let mut seen = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if c.is_whitespace() {
            let behind = rest.trim_start();
            let blanks = &rest[..rest.len() - behind.len()];
            seen.push_str(if blanks.bytes().all(|byte| byte == b' ') { blanks } else { " " });
            rest = behind;
        } else {
            if !is_invisible(c) {
                seen.push(c);
            }
            rest = &rest[c.len_utf8()..];
        }
    }
    seen
}

impl<'a> Cell<'a> {
    /// Text as [`plain`] has it; blank and dashes are empty, Excel's errors are errors.
    pub fn from_text(text: &'a str) -> Cell<'a> {
        let text = plain(text);
        if text.is_empty() || (text.len() <= 6 && BLANKS.contains(&&*text)) {
            Cell::Empty
        } else if text.starts_with('#') && EXCEL_ERRORS.contains(&&*text) {
            Cell::Error(format!("the Excel error {text}"))
        } else {
            Cell::Text(text)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_does_not_matter() {
        for (written, expected) in [
            ("玉门镇", "玉门镇"),
            ("玉\u{200b}门镇\u{200e}", "玉门镇"),
            ("\u{feff}编号", "编号"),
            ("JF\u{ad}2026\u{2060}01", "JF202601"),
            ("玉门镇\u{a0}南门村", "玉门镇 南门村"),
            ("玉门镇\u{3000}\u{3000}南门村\u{3000}", "玉门镇 南门村"),
            ("第一行\r\n第二行", "第一行 第二行"),
            ("a\n\tb", "a b"),
            ("a  b", "a  b"),
            ("a，b、c", "a，b、c"),
            ("\u{200b}\u{200e}\u{a0}", ""),
            ("2026-01-01\u{202f}08:00", "2026-01-01 08:00"),
            ("A\u{7}2", "A\u{7}2"),
        ] {
            assert_eq!(plain(written), expected, "{written:?}");
        }
        assert_eq!(Cell::from_text("\u{200b}-\u{200b}"), Cell::Empty);
        assert!(matches!(plain("邻里，纠纷"), Cow::Borrowed(_)));
    }
}
