//! The second line: what looks like a person's number is masked. The first is that the lake keeps no
//! text that could be one (`ingest::identity`, `label`).

use std::borrow::Cow;

/// What stands where something that identifies a person stood.
pub const MASK: &str = "***";

const PROVINCES: &str = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领";

/// Provinces of identity numbers (GB/T 2260), and 99, which stands for a made-up one.
const REGIONS: [u32; 37] = [
    11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52,
    53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83, 91, 99,
];

/// A day of birth from this year on needs the check digit: numbers of cases begin with a region and
/// a day as well.
const RECENT: u32 = 2016;

/// The text with identity numbers, mobile numbers, plates and mail addresses replaced by [`MASK`].
///
/// Identity numbers are those of GB 11643, in any spacing and alone or glued to other digits: one
/// digit may be wrong, but region and year of birth must be possible, or day and check digit right.
/// A mobile number may be written in groups. Names cannot be told from other words and stay.
pub fn mask(text: &str) -> Cow<'_, str> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if text.is_ascii() && digits < 11 && !text.contains('@') {
        return Cow::Borrowed(text);
    }
    let chars: Vec<char> = text.chars().map(narrow).collect();
    let mut out = String::new();
    let mut masked = false;
    let mut i = 0;
    while i < chars.len() {
        if let Some(length) = person_at(&chars, i) {
            out.push_str(MASK);
            masked = true;
            i += length;
        } else {
            out.push(chars[i]);
            i += 1;
        }
    }
    if masked { Cow::Owned(out) } else { Cow::Borrowed(text) }
}

/// Whether the text contains something [`mask`] would replace.
pub fn identifies(text: &str) -> bool {
    matches!(mask(text), Cow::Owned(_))
}

/// Whether the text holds a mark of a person that an office may have too, or that has the form of
/// other numbers: landlines, bank cards, passports and permits, names of accounts.
pub fn may_identify(text: &str) -> bool {
    let chars: Vec<char> = text.chars().map(narrow).collect();
    let words = chars.split(|c| !c.is_ascii_alphanumeric() && *c != '_' && *c != '-');
    identifies(text) || words.filter(|word| !word.is_empty()).any(is_mark)
}

fn narrow(c: char) -> char {
    match c {
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' | '－' | '＠' | '．' => {
            char::from_u32(c as u32 - 0xFEE0).unwrap_or(c)
        }
        '‐'..='―' => '-',
        '\u{a0}' | '\u{3000}' => ' ',
        _ => c,
    }
}

/// Length of the identifying run that starts at `i`, if one does.
fn person_at(chars: &[char], i: usize) -> Option<usize> {
    let before = |which: fn(&char) -> bool| i.checked_sub(1).is_some_and(|b| which(&chars[b]));
    let c = chars[i];
    if c.is_ascii_alphanumeric()
        && !before(is_of_address)
        && let Some(length) = address_at(chars, i)
    {
        return Some(length);
    }
    match c {
        _ if c.is_ascii_digit() && before(char::is_ascii_digit) => None,
        _ if c.is_ascii_digit() => number_at(chars, i),
        _ if PROVINCES.contains(c) => plate_at(chars, i),
        _ => None,
    }
}

/// Identity or mobile number beginning at `i`: among the digits that stand together, or among those
/// that blanks and hyphens part.
fn number_at(chars: &[char], i: usize) -> Option<usize> {
    let run = chars[i..].iter().take_while(|c| c.is_ascii_digit()).count();
    let plain = Digits::read(chars, i, 0);
    let parted = Digits::read(chars, i, 2);
    if plain.is_mark() {
        return Some(plain.length);
    }
    (run < 15 && parted.length > plain.length && parted.is_mark()).then_some(parted.length)
}

/// Digits beginning at a place, and their length in characters.
struct Digits {
    digits: Vec<u8>,
    /// The last digit is an X, as the check digit of an identity number may be.
    x: bool,
    length: usize,
}

impl Digits {
    /// Reads digits with up to so many blanks or hyphens between two of them.
    fn read(chars: &[char], from: usize, gap: usize) -> Digits {
        let (mut digits, mut at) = (Vec::new(), from);
        let mut end = from;
        while let Some(c) = chars.get(at) {
            match c.to_digit(10) {
                Some(digit) => {
                    digits.push(digit as u8);
                    end = at + 1;
                }
                None if at - end < gap && matches!(c, ' ' | '-' | '.' | '·') => {}
                None => break,
            }
            at += 1;
        }
        let x = digits.len() == 17 && matches!(chars.get(end), Some('x' | 'X'));
        Digits { digits, x, length: end - from + usize::from(x) }
    }

    fn is_mark(&self) -> bool {
        let digits = self.digits.as_slice();
        match digits.len() {
            17 if self.x => identity(digits, 10),
            15 => identity_15(digits),
            11 => mobile(digits),
            12 => digits[0] == 0 && mobile(&digits[1..]),
            13 => digits[..2] == [8, 6] && mobile(&digits[2..]),
            18 => identity(&digits[..17], digits[17]),
            // Glued to another number.
            19.. => {
                let (first, last) = (&digits[..18], &digits[digits.len() - 18..]);
                [first, last].iter().any(|d| identity(&d[..17], d[17]))
            }
            _ => false,
        }
    }
}

/// Whether an identifier that [`identifies`] may be a case's number all the same: fifteen digits, or
/// eighteen whose last is no check digit or that have a day of this century, perhaps in groups.
pub fn may_be_case_number(id: &str) -> bool {
    let digits: Vec<u8> = id.bytes().filter(u8::is_ascii_digit).map(|b| b - b'0').collect();
    if !id.bytes().all(|b| b.is_ascii_digit() || b"-_/.".contains(&b)) {
        return false;
    }
    match digits.len() {
        15 => true,
        18 => {
            let right = check_digit(&digits[..17]) == u32::from(digits[17]);
            !right || number(&digits[6..10]) >= 2000
        }
        _ => false,
    }
}

/// Whether these are the first seventeen digits of an identity number, and its check digit.
fn identity(first: &[u8], check: u8) -> bool {
    let region = REGIONS.contains(&number(&first[..2]));
    let (year, day) = (number(&first[6..10]), date(&first[10..14]));
    let right = check_digit(first) == u32::from(check);
    match year {
        1850..RECENT => region || (right && day),
        RECENT..=2100 => right && day,
        _ => false,
    }
}

/// ISO 7064 MOD 11-2: the remainders 0…10 stand for 1 0 X 9 8 7 6 5 4 3 2.
fn check_digit(first: &[u8]) -> u32 {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = first.iter().zip(WEIGHTS).map(|(&d, w)| u32::from(d) * w).sum();
    (12 - sum % 11) % 11
}

fn identity_15(digits: &[u8]) -> bool {
    REGIONS.contains(&number(&digits[..2])) && date(&digits[8..12])
}

fn date(month_day: &[u8]) -> bool {
    (1..=12).contains(&number(&month_day[..2])) && (1..=31).contains(&number(&month_day[2..]))
}

fn number(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |n, &d| n * 10 + u32::from(d))
}

fn mobile(digits: &[u8]) -> bool {
    digits.len() == 11 && digits[0] == 1 && digits[1] >= 3
}

/// A plate: province, letter, perhaps a dot, five or six letters and digits of which at least two
/// are digits.
fn plate_at(chars: &[char], i: usize) -> Option<usize> {
    if !chars.get(i + 1)?.is_ascii_alphabetic() {
        return None;
    }
    let start = i + 2 + usize::from(matches!(chars.get(i + 2), Some('·' | '•' | '.' | ' ' | '-')));
    let body = chars.get(start..)?;
    let length = body.iter().take_while(|c| c.is_ascii_alphanumeric()).count();
    let digits = body[..length].iter().filter(|c| c.is_ascii_digit()).count();
    let tail = usize::from(matches!(body.get(length), Some('挂' | '学' | '警' | '港' | '澳')));
    ((length == 5 || length == 6 || (length == 4 && tail == 1)) && digits >= 2)
        .then_some(start - i + length + tail)
}

fn is_of_address(c: &char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+')
}

/// A mail address.
fn address_at(chars: &[char], i: usize) -> Option<usize> {
    let name = chars[i..].iter().take_while(|c| is_of_address(c)).count();
    let host = chars.get(i + name + 1..)?.iter().take_while(|c| is_of_address(c)).count();
    let there = chars.get(i + name) == Some(&'@')
        && chars[i + name + 1..][..host].iter().skip(1).any(|c| *c == '.');
    there.then_some(name + 1 + host)
}

/// Whether a word is a landline, bank card, passport, permit or account.
fn is_mark(word: &[char]) -> bool {
    let digits: Vec<u8> = word.iter().filter_map(|c| c.to_digit(10)).map(|d| d as u8).collect();
    let letters: String = word.iter().take_while(|c| c.is_ascii_alphabetic()).collect();
    let letters = letters.to_ascii_uppercase();
    let after = word.len() - letters.len() == digits.len();
    match (letters.as_str(), digits.len()) {
        ("", 10..=12) => digits[0] == 0,
        ("", 7 | 8) => digits[0] >= 2 && !is_day(&digits),
        ("", 16..=19) => word.len() == digits.len() && luhn(&digits),
        ("E" | "G" | "D" | "S" | "P" | "C" | "W" | "H" | "M", 8 | 10) => after,
        ("QQ" | "WX" | "VX" | "WXID" | "WB", _) => true,
        (two, 7) => two.len() == 2 && after && two.starts_with('E'),
        _ => false,
    }
}

fn is_day(digits: &[u8]) -> bool {
    digits.len() == 8 && (1900..2100).contains(&number(&digits[..4])) && date(&digits[4..])
}

/// The check of ISO/IEC 7812, which the numbers of bank cards pass.
fn luhn(digits: &[u8]) -> bool {
    let double = |d: u8| if d > 4 { d * 2 - 9 } else { d * 2 };
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, &d)| u32::from(if i % 2 == 1 { double(d) } else { d }))
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identity_numbers_phones_and_plates_go() {
        for (text, masked) in [
            ("11010519491231002X", "***"),
            ("身份证11010519491231002x。", "身份证***。"),
            ("１１０１０５１９４９１２３１００２Ｘ", "***"),
            ("440524188001010014", "***"),
            ("电话13800138000转", "电话***转"),
            ("138-0013-8000", "***"),
            ("+8613800138000", "+***"),
            ("130503670401001", "***"),
            ("京A·12345 撞 川AD12345", "*** 撞 ***"),
            ("甘F1234挂", "***"),
            // One wrong digit, of the check or of the day; any spacing; glued to a telephone.
            ("110105194912310021", "***"),
            ("11010519491291002X", "***"),
            ("110105 1949 1231 002X", "***"),
            ("1101-0519-4912-3100-2X", "***"),
            ("99999919500705005315400001234", "***"),
            ("15400001234999999195007050053", "***"),
            ("1 3 8 0 0 1 3 8 0 0 0", "***"),
            ("138—0013—8000", "***"),
            ("013800138000", "***"),
            ("甘f12345", "***"),
            ("粤bd12345，", "***，"),
            ("tester0@example.com来信", "***来信"),
            ("ｔｅｓｔ＠ｅｘａｍｐｌｅ．ｃｏｍ", "***"),
        ] {
            assert_eq!(mask(text), masked, "{text}");
        }
    }

    #[test]
    fn ordinary_numbers_stay() {
        // Numbers of cases, of which one has a region and a day, a long run, a number that is no
        // mobile, an area, a day.
        for text in [
            "202601050930001234",
            "620981202601050019",
            "620981101-2023-01-01-0",
            "620981101-2023-02-11-3",
            "202601050930001",
            "JF20250301000123",
            "138001380001",
            "12345678901",
            "620981001001",
            "2025-03-01 08:05",
            "青A区",
        ] {
            assert_eq!(mask(text), text);
            assert!(!identifies(text));
        }
    }
    #[test]
    fn what_an_office_may_have_too_is_looked_for_where_it_matters() {
        for text in [
            "0937-3399887",
            "09373399887",
            "3399887",
            "6228480402564890018",
            "E12345678",
            "g12345678",
            "EA1234567",
            "H1234567890",
            "wxid_te0000",
            "QQ:123456",
            "13800138000",
        ] {
            assert!(may_identify(text), "{text}");
        }
        for text in ["20260105", "JF2026010001", "赤金镇", "DI10-000465", "12", "2026-01-05", "G01"]
        {
            assert!(!may_identify(text), "{text}");
        }
    }
}
