//! An event's id: one spelling of it, and none that could be a person's mark.
//!
//! The lake keeps in clear only ids of forms that no person's mark has ([`is_case_number`]); every
//! other id is kept as a keyed hash, and the table `origins` leads back to the row it came from.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use super::cell::{BadCell, Cell, is_invisible};
use super::codes::formula;
use super::dates::{self, WrittenTime};
use crate::mask::{identifies, may_be_case_number};

/// An id may be this long, in bytes.
const LONGEST: usize = 128;

/// A spreadsheet keeps so many digits of a number.
const EXCEL_DIGITS: usize = 15;

/// Begins the hash that stands for an id.
const KEYED: &str = "h-";

/// Whether letters stand before a person's mark, not before a case's number.
fn is_mark(letters: &str) -> bool {
    matches!(
        letters,
        "CARD"
            | "DH"
            | "DY"
            | "HK"
            | "HZ"
            | "ID"
            | "JZ"
            | "MO"
            | "PASS"
            | "QQ"
            | "SFZ"
            | "SJ"
            | "TEL"
            | "TW"
            | "TXZ"
            | "VX"
            | "WB"
            | "WX"
            | "WXID"
            | "YHK"
    )
}

/// Whether numbers of a column have lost the digits after their fifteenth, as a spreadsheet that
/// opens a text file and saves it does to them.
#[derive(Default)]
pub(super) struct LostDigits {
    long: u64,
    zeros: u64,
    /// Cells that were found damaged.
    pub found: u64,
}

impl LostDigits {
    /// Whether the cell's number is damaged. One long number in ten ends in a nought by itself: it
    /// takes more of them than that.
    pub fn has(&mut self, cell: &Cell) -> bool {
        let lost = match cell {
            Cell::Float(x) => x.fract() != 0.0 || x.abs() >= 1e15,
            Cell::Text(text) => is_exponent(text) || self.ends_in_zeros(text),
            Cell::Int(n) if n.unsigned_abs() >= 10_u64.pow(EXCEL_DIGITS as u32) => {
                self.ends_in_zeros(&n.to_string())
            }
            _ => false,
        };
        self.found += u64::from(lost);
        lost
    }

    fn ends_in_zeros(&mut self, text: &str) -> bool {
        if text.len() <= EXCEL_DIGITS {
            return false;
        }
        let text = text.strip_suffix(".0").unwrap_or(text);
        let digits = text.trim_start_matches(['\'', '`']).as_bytes();
        if digits.len() <= EXCEL_DIGITS || !digits.iter().all(u8::is_ascii_digit) {
            return false;
        }
        let zeros = digits[EXCEL_DIGITS..].iter().all(|&b| b == b'0');
        self.long += 1;
        self.zeros += u64::from(zeros);
        zeros && self.zeros * 4 > self.long
    }
}

/// Whether a text is a number as spreadsheets shorten it: `2.02601E+14`.
fn is_exponent(text: &str) -> bool {
    let text = text.as_bytes();
    if !text.first().is_some_and(u8::is_ascii_digit) {
        return false;
    }
    let Some(at) = text.iter().position(|b| matches!(b, b'E' | b'e')) else { return false };
    let (number, exponent) = (&text[..at], &text[at + 1..]);
    let exponent = exponent.strip_prefix(b"+").unwrap_or_default();
    let digits = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
    digits(exponent) && number.iter().all(|b| b.is_ascii_digit() || *b == b'.')
}

/// Why a damaged id is refused.
pub(super) fn lost_digits() -> BadCell {
    BadCell::new(
        "a number that has lost digits",
        "ask for the file as it was exported: a spreadsheet keeps fifteen digits of a number, so the \
         column must be text; or make ids of other columns in the mapping's [id]",
    )
}

/// The one spelling of an identifier: no blanks, no marks that keep a spreadsheet's hands off it,
/// capitals, narrow characters, and no `.0` that a program left at a whole number.
pub(crate) fn spelling(text: &str) -> Cow<'_, str> {
    let plain = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b"-_/#".contains(&b);
    if text.bytes().all(plain) {
        return Cow::Borrowed(text);
    }
    let seen = |c: &char| !c.is_whitespace() && !is_invisible(*c);
    let text: String = text.nfkc().filter(seen).flat_map(char::to_uppercase).collect();
    let text = guarded(&text);
    let whole = text.split_once('.').filter(|(whole, rest)| {
        (1..=EXCEL_DIGITS).contains(&whole.len())
            && whole.bytes().all(|b| b.is_ascii_digit())
            && !rest.is_empty()
            && rest.bytes().all(|b| b == b'0')
    });
    Cow::Owned(whole.map_or(text, |(whole, _)| whole).to_owned())
}

/// The text within the marks that people put about a number so that a spreadsheet leaves it alone:
/// `'0012`, `="0012"`, `"0012"`.
pub(crate) fn guarded(text: &str) -> &str {
    let quotes = ['"', '\'', '`', '‘', '’', '“', '”'];
    text.strip_prefix('=').filter(|t| t.starts_with('"')).unwrap_or(text).trim_matches(quotes)
}

/// The spelling of the id that one cell holds.
pub(super) fn spelled_id<'c>(cell: &'c Cell) -> Result<Cow<'c, str>, BadCell> {
    if let Cell::Error(e) = cell {
        return Err(BadCell::new(e.clone(), "correct it in the source"));
    }
    let id = match cell {
        Cell::Text(text) => {
            formula(text)?;
            spelling(text)
        }
        _ => Cow::Owned(spelling(&cell.to_text()).into_owned()),
    };
    if id.is_empty() {
        return Err(BadCell::new("empty", "fill it in"));
    }
    if id.len() > LONGEST {
        return Err(BadCell::new(
            format!("longer than {LONGEST} bytes"),
            "map the column that holds the number, not a description",
        ));
    }
    if id.chars().any(char::is_control) {
        return Err(BadCell::new("contains control characters", "remove them in the source"));
    }
    if identifies(&id) && !may_be_case_number(&id) {
        return Err(BadCell::new(
            "looks like an identity number, telephone or plate",
            "map an id that does not identify a person",
        ));
    }
    Ok(id)
}

/// A cell as a part of an id that is made of several: a date in one spelling, whatever the way it
/// was written in.
pub(super) fn part(cell: &Cell, zone: chrono_tz::Tz) -> String {
    let dated = match cell {
        Cell::Text(text) => {
            text.starts_with(|c: char| c.is_ascii_digit()) && text.contains(['-', '/', '.', '年'])
        }
        Cell::Date(_) | Cell::Local(_) | Cell::Instant(_) => true,
        _ => false,
    };
    let when = if dated { dates::when(cell).ok() } else { None };
    match when {
        Some(WrittenTime::Instant(at)) => day_or_time(at.with_timezone(&zone).naive_local()),
        Some(WrittenTime::Local(at)) => day_or_time(at),
        Some(WrittenTime::Day(day)) => day.to_string(),
        None => spelling(&cell.to_text()).into_owned(),
    }
}

fn day_or_time(at: chrono::NaiveDateTime) -> String {
    match at.time() == chrono::NaiveTime::MIN {
        true => at.date().to_string(),
        false => at.to_string(),
    }
}

/// What the lake has for an id as a person writes it.
pub fn kept_id(written: &str, domain: &str, hasher: &crate::PartyHasher) -> String {
    kept(spelling(written), domain, hasher).into_owned()
}

/// What stands for an id of the domain in the lake: itself where its form is that of a case's
/// number, else a keyed hash.
pub(crate) fn kept<'i>(
    id: Cow<'i, str>,
    domain: &str,
    hasher: &crate::PartyHasher,
) -> Cow<'i, str> {
    if is_case_number(&id) {
        return id;
    }
    let hash = hasher.keyed(&format!("id\u{1f}{domain}\u{1f}{id}"));
    Cow::Owned(format!("{KEYED}{}", &hash[..24]))
}

/// Whether the id is a hash that [`kept`] put in its place.
pub(crate) fn is_keyed(id: &str) -> bool {
    id.strip_prefix(KEYED)
        .is_some_and(|hash| hash.len() == 24 && hash.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// Whether an id has the form of a case's number, which no mark of a person has: neither identity
/// number, passport, permit, licence, plate, card, telephone, address nor the name of an account.
///
/// These are UUIDs; up to five letters and digits; twelve digits and more that begin with a year
/// and a month of this century; letters and such a date; and groups parted by `-`, `_`, `/` of
/// which the first begins with two letters.
fn is_case_number(id: &str) -> bool {
    let bytes = id.as_bytes();
    if id.len() > 48 || !bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"-_/".contains(b)) {
        return false;
    }
    let letters = bytes.iter().take_while(|b| b.is_ascii_uppercase()).count();
    if is_mark(&id[..letters]) {
        return false;
    }
    let rest = &id[letters..];
    let digits = rest.bytes().all(|b| b.is_ascii_digit());
    match (letters, digits) {
        (0, true) => rest.len() < 5 || (rest.len() >= 12 && is_dated(rest)),
        (1, true) => id.len() <= 5 || (rest.len() >= 11 && is_dated(rest)),
        (2..=4, true) => id.len() <= 5 || (rest.len() >= 9 && is_dated(rest)),
        (1..=4, false) if id.len() <= 5 => true,
        (2..=4, false) => has_groups(rest),
        _ => is_uuid(id),
    }
}

/// Whether digits begin with a year and a month from 2000 to 2039: no region of an identity number
/// and no bank begins so.
fn is_dated(digits: &str) -> bool {
    let part = |from: usize, to: usize| digits.get(from..to).and_then(|p| p.parse::<u32>().ok());
    part(0, 4).is_some_and(|year| (2000..2040).contains(&year))
        && part(4, 6).is_some_and(|month| (1..=12).contains(&month))
}

/// Whether what follows the letters is groups of a few digits each: `10-000465`, `-2026-00017`.
fn has_groups(rest: &str) -> bool {
    let mut groups = rest.split(['-', '_', '/']);
    let first = groups.next().unwrap_or_default();
    let group = |g: &str| {
        let digits = g.trim_start_matches(|c: char| c.is_ascii_uppercase());
        let plain = g.len() - digits.len() <= 3 && digits.bytes().all(|b| b.is_ascii_digit());
        plain && !g.is_empty() && (digits.len() <= 6 || (digits.len() <= 12 && is_dated(digits)))
    };
    let mut others = 0;
    let plain = (first.is_empty() || group(first))
        && groups.all(|g| {
            others += 1;
            group(g)
        });
    // Two letters, a hyphen and a number could be a passport's.
    plain && (others > 1 || (others == 1 && !first.is_empty()))
}

fn is_uuid(id: &str) -> bool {
    let sizes = id.split('-').map(str::len);
    sizes.eq([8, 4, 4, 4, 12]) && id.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_numbers_are_kept_and_marks_of_persons_are_not() {
        for id in [
            "1",
            "30",
            "A1",
            "JF001",
            "2026",
            "JF2026010001",
            "DI10-000465",
            "TR06-000471-BAD01",
            "202601050930001",
            "WO-2026-00017",
            "XF2026/01/0007",
            "F202601050001",
            "0F8FAD5B-D9CB-469F-A165-70867728950E",
        ] {
            assert!(is_case_number(id), "{id}");
        }
        for mark in [
            "张三",
            "13800138000",
            "0937-3399887",
            "3399887",
            "99999919500101000X",
            "E12345678",
            "EA1234567",
            "EA-1234567",
            "H12345678",
            "H1234567890",
            "A123456(7)",
            "F12345",
            "FD12345",
            "6217000000000000000",
            "629900000000",
            "QQ12345",
            "1234567890",
            "WXID_TE0000",
            "ZHANG1985",
            "LILEI-1985",
            "WANG1985",
            "WX-8888-66",
            "TESTER0@EXAMPLE.COM",
            "铁人路18号",
            "AUS110080010112",
            "1-101",
            "20260105",
            "2026010001",
            "RE-001976",
            "甘F12345",
        ] {
            assert!(!is_case_number(mark), "{mark}");
        }
    }

    #[test]
    fn one_id_has_one_spelling() {
        for written in [
            "JF001",
            "'JF001",
            "=\"JF001\"",
            "\"JF001\"",
            "\tJF001",
            "`JF001",
            "ｊｆ００１",
            "jf001 ",
            "JF\u{200b}001",
            "‘JF001’",
        ] {
            assert_eq!(spelling(written), "JF001", "{written}");
        }
        assert_eq!(spelling("202601000.0"), "202601000");
        assert_eq!(spelling("1.5"), "1.5");
        assert_eq!(spelling("玉信〔2026〕12号"), "玉信〔2026〕12号");
    }

    #[test]
    fn numbers_that_lost_digits_are_seen() {
        let lost = |texts: &[&str]| {
            let mut lost = LostDigits::default();
            texts.iter().filter(|t| lost.has(&Cell::from_text(t))).count()
        };
        assert_eq!(lost(&["2.02601E+14", "9.99999E+17", "1E+15", "2.0e+14"]), 4);
        assert_eq!(lost(&["202601010000001000", "202601010000002000", "202601010000003000"]), 3);
        assert_eq!(lost(&["202601010000001000.0"]), 1);
        // One of a hundred ends in noughts by itself.
        let serials: Vec<String> = (1..2_000).map(|n| format!("2026010100000{n:05}")).collect();
        assert_eq!(lost(&serials.iter().map(String::as_str).collect::<Vec<_>>()), 0);
        assert_eq!(lost(&["2E3", "E10", "12E", "JF2E+5", "202601010001"]), 0);
        let mut floats = LostDigits::default();
        assert!(floats.has(&Cell::Float(2.02601e17)) && floats.has(&Cell::Float(1.5)));
        assert!(!floats.has(&Cell::Float(202601.0)) && !floats.has(&Cell::Int(1)));
    }

    #[test]
    fn a_date_is_one_part_however_it_is_written() {
        let zone = chrono_tz::Asia::Shanghai;
        let day = chrono::NaiveDate::from_ymd_opt(2026, 7, 1).unwrap();
        for cell in [
            Cell::from_text("2026/7/1"),
            Cell::from_text("2026-07-01"),
            Cell::from_text("2026年7月1日"),
            Cell::from_text("2026-07-01 00:00"),
            Cell::Date(day),
            Cell::Local(day.and_time(chrono::NaiveTime::MIN)),
        ] {
            assert_eq!(part(&cell, zone), "2026-07-01", "{cell:?}");
        }
        assert_eq!(part(&Cell::from_text("1.5"), zone), "1.5");
        assert_eq!(part(&Cell::Float(3.0), zone), "3");
    }
}
