//! The lake holds no person: what looks like one is masked, and a keyed hash stands for the parties
//! of an event.

use std::borrow::Cow;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;

use crate::error::{At, Error, Result};
use crate::taxonomy::fold;

/// What stands where something that identifies a person stood.
pub const MASK: &str = "***";

const PROVINCES: &str = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领";

/// The text with identity numbers, mobile numbers and plates replaced by [`MASK`].
///
/// Identity numbers are those of GB 11643 with a valid check digit, and the old 15-digit ones with
/// a possible date of birth; an 18-digit number with a wrong check digit is an ordinary number.
/// Names cannot be told from other words and stay.
pub fn mask(text: &str) -> Cow<'_, str> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if text.is_ascii() && digits < 11 {
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

/// A value fit to be shown in a report of refusals: masked, and cut after forty characters.
pub fn shown(text: &str) -> String {
    // Cutting first could cut an identity number in two, and half of one is still a birthday.
    let head: String = text.chars().take(400).collect();
    let masked = mask(&head);
    let clean: String =
        masked.chars().map(|c| if c.is_control() { ' ' } else { c }).take(40).collect();
    if masked.chars().count() > 40 { clean + "…" } else { clean }
}

fn narrow(c: char) -> char {
    match c {
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' | '－' => {
            char::from_u32(c as u32 - 0xFEE0).unwrap_or(c)
        }
        _ => c,
    }
}

/// Length of the identifying run that starts at `i`, if one does.
fn person_at(chars: &[char], i: usize) -> Option<usize> {
    if chars[i].is_ascii_digit() {
        let before = i.checked_sub(1).is_some_and(|b| chars[b].is_ascii_digit());
        if before { None } else { number_at(chars, i) }
    } else if PROVINCES.contains(chars[i]) {
        plate_at(chars, i)
    } else {
        None
    }
}

/// Identity or mobile number beginning at `i`; groups may be parted by single blanks or hyphens as
/// people write them.
fn number_at(chars: &[char], i: usize) -> Option<usize> {
    let run = chars[i..].iter().take_while(|c| c.is_ascii_digit()).count();
    let plain: Vec<u8> = chars[i..i + run].iter().map(|&c| c as u8 - b'0').collect();
    let x = matches!(chars.get(i + run), Some('x' | 'X'));
    match run {
        17 if x && identity_18(&plain, 10) => return Some(18),
        18 if identity_18(&plain[..17], plain[17]) => return Some(18),
        15 if identity_15(&plain) => return Some(15),
        11 if mobile(&plain) => return Some(11),
        13 if plain[..2] == [8, 6] && mobile(&plain[2..]) => return Some(13),
        _ => {}
    }
    grouped(chars, i, &[3, 4, 4]).filter(|(d, _)| mobile(d)).map(|(_, n)| n).or_else(|| {
        let (d, n) = grouped(chars, i, &[6, 8, 4])?;
        identity_18(&d[..17], d[17]).then_some(n)
    })
}

/// Digits in groups of these sizes with one blank or hyphen between, and the length in characters.
fn grouped(chars: &[char], i: usize, sizes: &[usize]) -> Option<(Vec<u8>, usize)> {
    let mut digits = Vec::with_capacity(18);
    let mut at = i;
    for (g, &size) in sizes.iter().enumerate() {
        if g > 0 {
            if !matches!(chars.get(at), Some(' ' | '-')) {
                return None;
            }
            at += 1;
        }
        for _ in 0..size {
            digits.push(chars.get(at)?.to_digit(10)? as u8);
            at += 1;
        }
    }
    let more = chars.get(at).is_some_and(char::is_ascii_digit);
    if more { None } else { Some((digits, at - i)) }
}

fn identity_18(first: &[u8], check: u8) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = first.iter().zip(WEIGHTS).map(|(&d, w)| u32::from(d) * w).sum();
    let year = number(&first[6..10]);
    // ISO 7064 MOD 11-2: the remainders 0…10 stand for 1 0 X 9 8 7 6 5 4 3 2.
    u32::from(check) == (12 - sum % 11) % 11
        && first[0] != 0
        && (1850..=2100).contains(&year)
        && date(&first[10..14])
}

fn identity_15(digits: &[u8]) -> bool {
    (1..=8).contains(&digits[0]) && date(&digits[8..12])
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
    if !chars.get(i + 1)?.is_ascii_uppercase() {
        return None;
    }
    let start = i + 2 + usize::from(matches!(chars.get(i + 2), Some('·' | '•' | '.' | ' ' | '-')));
    let body = chars.get(start..)?;
    let length = body.iter().take_while(|c| c.is_ascii_uppercase() || c.is_ascii_digit()).count();
    let digits = body[..length].iter().filter(|c| c.is_ascii_digit()).count();
    let tail = usize::from(matches!(body.get(length), Some('挂' | '学' | '警' | '港' | '澳')));
    ((length == 5 || length == 6 || (length == 4 && tail == 1)) && digits >= 2)
        .then_some(start - i + length + tail)
}

/// Turns what identifies persons into one keyed hash; the key lives outside the lake.
pub struct PartyHasher {
    key: [u8; 32],
    link_domains: bool,
}

impl PartyHasher {
    /// Opens the key at `path`, or makes one of random bytes there, readable by its owner alone.
    /// With `link_domains` the same parties get the same hash in every domain, else one for each.
    ///
    /// # Errors
    /// [`Error::Config`] where others may read the key or it is not 32 bytes long, [`Error::Io`]
    /// where it cannot be read or made.
    pub fn open(path: &Path, link_domains: bool) -> Result<PartyHasher> {
        if !path.exists() {
            create_key(path)?;
        }
        check_mode(path)?;
        let mut bytes = Vec::new();
        File::open(path).at(path)?.take(64).read_to_end(&mut bytes).at(path)?;
        let key = bytes.try_into().map_err(|b: Vec<u8>| {
            Error::config(
                path,
                format!("the key of the party hashes has {} bytes instead of 32", b.len()),
                "restore it from your backup; without it new events cannot be linked with old ones",
            )
        })?;
        Ok(PartyHasher { key, link_domains })
    }

    /// The hash that stands for these parties in this domain, 32 hex characters; none where every
    /// value is empty. Order, blanks, width and case do not matter, and several persons in one cell
    /// (、 , ; between them) are taken one by one.
    pub fn hash<'v>(&self, domain: &str, values: impl Iterator<Item = &'v str>) -> Option<String> {
        let mut parts: Vec<String> = values
            .flat_map(|v| v.split(['、', ',', '，', ';', '；']))
            .map(fold)
            .filter(|v| !v.is_empty())
            .collect();
        if parts.is_empty() {
            return None;
        }
        parts.sort_unstable();
        let mut text = if self.link_domains { String::new() } else { domain.to_owned() };
        for part in parts {
            text.push('\u{1f}');
            text.push_str(&part);
        }
        Some(self.keyed(&text))
    }

    /// A keyed hash of any text, 32 hex characters.
    pub fn keyed(&self, text: &str) -> String {
        blake3::keyed_hash(&self.key, text.as_bytes()).to_hex()[..32].to_owned()
    }
}

/// Written beside its place and linked there, so that two processes agree on one key and none sees
/// half of it.
fn create_key(path: &Path) -> Result<()> {
    let draft = path.with_extension(format!("key.{}", std::process::id()));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft).at(&draft)?;
    file.write_all(&rand::random::<[u8; 32]>()).at(&draft)?;
    file.sync_all().at(&draft)?;
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft).at(&draft)?;
    match linked {
        Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => Err(e).at(path),
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn check_mode(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).at(path)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(Error::config(
            path,
            format!("the key of the party hashes has mode {mode:o}: others may read it"),
            format!("chmod 600 {}", path.display()),
        ));
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_mode(_: &Path) -> Result<()> {
    Ok(())
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
        ] {
            assert_eq!(mask(text), masked, "{text}");
        }
    }

    #[test]
    fn ordinary_numbers_stay() {
        // A wrong check digit, a case number, a long run, a number that is no mobile, an area, a
        // day.
        for text in [
            "110105194912310021",
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
    fn shown_is_cut_after_masking() {
        let text = format!("{}11010519491231002X", "甲".repeat(30));
        assert_eq!(shown(&text), format!("{}***", "甲".repeat(30)));
        assert_eq!(shown(&"乙".repeat(50)), format!("{}…", "乙".repeat(40)));
    }

    #[test]
    fn key_is_made_once_and_must_be_private() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("party.key");
        let one = PartyHasher::open(&path, false).unwrap();
        let two = PartyHasher::open(&path, false).unwrap();
        let linked = PartyHasher::open(&path, true).unwrap();
        let hash = |h: &PartyHasher, d: &str, v: &[&str]| h.hash(d, v.iter().copied());
        assert_eq!(
            hash(&one, "disputes", &["张三", "13800138000"]),
            hash(&two, "disputes", &[" 13800138000", "", "张 三"])
        );
        assert_eq!(
            hash(&one, "disputes", &["张三、李四"]),
            hash(&one, "disputes", &["李四", "张三"])
        );
        assert_ne!(hash(&one, "disputes", &["张三"]), hash(&one, "petitions", &["张三"]));
        assert_eq!(hash(&linked, "disputes", &["张三"]), hash(&linked, "petitions", &["张三"]));
        assert_eq!(hash(&one, "disputes", &["", " "]), None);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
            assert!(
                PartyHasher::open(&path, false).is_err_and(|e| e.to_string().contains("chmod 600"))
            );
        }
    }
}
