//! Separators, and records split into fields.

/// What stands between the fields of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Separator {
    Byte(u8),
    Text(&'static str),
    /// Two blanks or more.
    Blanks,
}

impl Separator {
    /// Separators that are looked for, the usual ones first.
    pub const KNOWN: [Separator; 9] = [
        Separator::Byte(b','),
        Separator::Byte(b'\t'),
        Separator::Byte(b';'),
        Separator::Byte(b'|'),
        Separator::Byte(b'^'),
        Separator::Byte(1),
        Separator::Text("，"),
        Separator::Text("、"),
        Separator::Blanks,
    ];

    /// The separator that a file's first line states, as Excel writes it: `sep=;`.
    pub fn stated(line: &str) -> Option<Separator> {
        let stated = line.trim_start_matches('\u{feff}').trim_matches(['"', '\r', ' ']);
        match stated.strip_prefix("sep=").or_else(|| stated.strip_prefix("SEP="))?.as_bytes() {
            [byte] if !byte.is_ascii_alphanumeric() && *byte != b'"' => {
                Some(Separator::Byte(*byte))
            }
            _ => None,
        }
    }

    /// Whether texts hold it only between quotes.
    pub fn is_usual(self) -> bool {
        Separator::KNOWN[..4].contains(&self)
    }

    /// What a person calls it.
    pub fn name(self) -> String {
        match self {
            Separator::Byte(1) => "the control character SOH (^A)".into(),
            Separator::Byte(byte) => format!("\"{}\"", char::from(byte)),
            Separator::Text(text) => format!("\"{text}\""),
            Separator::Blanks => "blanks".into(),
        }
    }

    /// Where it next begins and ends, from a place on.
    fn find(self, line: &str, from: usize) -> Option<(usize, usize)> {
        let bytes = line.as_bytes();
        match self {
            Separator::Byte(separator) => {
                let n = bytes[from..].iter().position(|&byte| byte == separator)?;
                Some((from + n, from + n + 1))
            }
            Separator::Text(text) => {
                let start = from + line[from..].find(text)?;
                Some((start, start + text.len()))
            }
            Separator::Blanks => {
                let start = from + line[from..].find("  ")?;
                Some((start, start + blanks(&bytes[start..])))
            }
        }
    }
}

fn blanks(bytes: &[u8]) -> usize {
    bytes.iter().take_while(|&&byte| byte == b' ').count()
}

pub(super) enum RecordState {
    /// The record is complete.
    Done,
    /// A quote is open.
    Open,
    /// Text follows a closing quote.
    Torn,
}

/// Splits records into fields, a line at a time.
pub(super) struct FieldSplitter {
    separator: Separator,
    width: usize,
    text: String,
    ends: Vec<usize>,
    pub open: bool,
}

impl FieldSplitter {
    pub fn new(separator: Separator, width: usize) -> FieldSplitter {
        FieldSplitter { separator, width, text: String::new(), ends: Vec::new(), open: false }
    }

    pub fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
        self.open = false;
    }

    pub fn separator(&self) -> Separator {
        self.separator
    }

    /// Fields of the header.
    pub fn width(&self) -> usize {
        self.width
    }

    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.ends.iter().scan(0, |from, &to| {
            let field = &self.text[*from..to];
            *from = to;
            Some(field)
        })
    }

    /// Empty fields beyond the header's last are an exporter's habit and do no harm.
    pub fn width_fits(&self) -> bool {
        self.ends.len() == self.width
            || (self.ends.len() > self.width
                && self.fields().skip(self.width).all(|f| f.trim().is_empty()))
    }

    /// Separators of a line, whether between quotes or not.
    pub fn separators(&self, line: &str) -> usize {
        let (mut count, mut from) = (0, 0);
        while let Some((_, next)) = self.separator.find(line, from) {
            (count, from) = (count + 1, next);
        }
        count
    }

    /// Blanks about a quote, which do not belong to the field.
    fn padding(&self, bytes: &[u8]) -> usize {
        if self.separator == Separator::Blanks { 0 } else { blanks(bytes) }
    }

    pub fn feed(&mut self, line: &str) -> RecordState {
        let line = if self.separator == Separator::Blanks { line.trim() } else { line };
        let bytes = line.as_bytes();
        let mut i = 0;
        loop {
            if !self.open {
                let quote = i + self.padding(&bytes[i..]);
                if bytes.get(quote) == Some(&b'"') {
                    i = quote + 1;
                    self.open = true;
                } else {
                    let found = self.separator.find(line, i);
                    self.text.push_str(&line[i..found.map_or(bytes.len(), |f| f.0)]);
                    self.ends.push(self.text.len());
                    let Some((_, next)) = found else { return RecordState::Done };
                    i = next;
                    continue;
                }
            }
            let Some(n) = bytes[i..].iter().position(|&b| b == b'"') else {
                self.text.push_str(&line[i..]);
                self.text.push('\n');
                return RecordState::Open;
            };
            self.text.push_str(&line[i..i + n]);
            i += n + 1;
            if bytes.get(i) == Some(&b'"') {
                self.text.push('"');
                i += 1;
                continue;
            }
            self.open = false;
            i += self.padding(&bytes[i..]);
            self.ends.push(self.text.len());
            if i == bytes.len() {
                return RecordState::Done;
            }
            match self.separator.find(line, i) {
                Some((start, next)) if start == i => i = next,
                _ => return RecordState::Torn,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(lines: &[&str]) -> (Vec<String>, &'static str) {
        let mut split = FieldSplitter::new(Separator::Byte(b','), 0);
        let mut end = "none";
        for line in lines {
            end = match split.feed(line) {
                RecordState::Done => "done",
                RecordState::Open => "open",
                RecordState::Torn => "torn",
            };
        }
        (split.fields().map(str::to_owned).collect(), end)
    }

    #[test]
    fn fields_and_quotes() {
        let done =
            |fields: &[&str]| (fields.iter().map(|f| f.to_string()).collect::<Vec<_>>(), "done");
        assert_eq!(split(&["a,b,,c"]), done(&["a", "b", "", "c"]));
        assert_eq!(split(&["a,"]), done(&["a", ""]));
        assert_eq!(split(&["\"a,b\", \"c\"\"d\" ,e"]), done(&["a,b", "c\"d", "e"]));
        assert_eq!(split(&["1,\"two", "lines\",3"]), done(&["1", "two\nlines", "3"]));
        assert_eq!(split(&["5'10\",b"]), done(&["5'10\"", "b"]));
        assert_eq!(split(&["a,\"b"]).1, "open");
        assert_eq!(split(&["a,\"b\"c,d"]).1, "torn");
    }

    #[test]
    fn separators_of_every_kind() {
        let fields = |separator, line: &str| -> Vec<String> {
            let mut split = FieldSplitter::new(separator, 0);
            split.feed(line);
            split.fields().map(str::to_owned).collect()
        };
        for (separator, line, expected) in [
            (Separator::Byte(1), "a\u{1}b\u{1}", vec!["a", "b", ""]),
            (Separator::Byte(b'^'), "a^\"b^c\"^d", vec!["a", "b^c", "d"]),
            (Separator::Text("，"), "a，b c，", vec!["a", "b c", ""]),
            (Separator::Text("、"), "一、\"二、三\" 、四", vec!["一", "二、三", "四"]),
            (Separator::Blanks, " a  2026-01-01 08:00    c ", vec!["a", "2026-01-01 08:00", "c"]),
            (Separator::Blanks, "\"a  b\"  c", vec!["a  b", "c"]),
        ] {
            assert_eq!(fields(separator, line), expected, "{separator:?}");
        }
        for (line, stated) in [
            ("sep=;", Some(b';')),
            ("\u{feff}sep=~", Some(b'~')),
            ("\"sep=|\"", Some(b'|')),
            ("sep=\t", Some(b'\t')),
            ("sep=ab", None),
            ("separator", None),
        ] {
            assert_eq!(Separator::stated(line), stated.map(Separator::Byte), "{line}");
        }
    }
}
