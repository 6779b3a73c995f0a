//! Separated text: encoding, separator and header found by looking, one bad line never more than
//! itself.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use super::cell::{BadCell, Cell};
use super::encoding::{LIMIT, Line, Lines, TextCoding, detect};
use super::visit::{FITS, HEAD, Visit, header_of};
use crate::error::{At, Error, Result};

const SEPARATORS: [u8; 4] = [b',', b'\t', b';', b'|'];

/// Shows a text file, compressed with gzip or not, to the visitor.
pub(crate) fn read(file: &Path, zipped: bool, visit: &mut dyn Visit) -> Result<()> {
    let failed = |e: io::Error| unreadable(file, zipped, e);
    let coding = detect(open(file, zipped)?).map_err(failed)?;
    if coding.zeros > 0.2 {
        return Err(Error::input(
            file,
            "is not text, or UTF-16 without byte order mark",
            "save it as CSV in UTF-8",
        ));
    }
    let mut lines = coding.lines(open(file, zipped)?).map_err(failed)?;
    let Some(split) = begin(&mut lines, coding, visit).map_err(|e| e.named(file, zipped))? else {
        return Ok(());
    };
    Records { lines, coding, split, visit }.run().map_err(|e| e.named(file, zipped))
}

fn open(file: &Path, zipped: bool) -> Result<Box<dyn Read>> {
    let input = File::open(file).at(file)?;
    Ok(if zipped {
        Box::new(MultiGzDecoder::new(io::BufReader::new(input)))
    } else {
        Box::new(input)
    })
}

fn unreadable(file: &Path, zipped: bool, e: io::Error) -> Error {
    if zipped {
        Error::input(file, format!("is damaged or cut off ({e})"), "ask for it again")
    } else {
        Error::Io { path: file.to_path_buf(), source: e }
    }
}

/// Reading fails by itself or because the visitor does.
enum ReadError {
    Read(io::Error),
    Visit(Error),
}

impl From<io::Error> for ReadError {
    fn from(e: io::Error) -> Self {
        ReadError::Read(e)
    }
}

impl From<Error> for ReadError {
    fn from(e: Error) -> Self {
        ReadError::Visit(e)
    }
}

impl ReadError {
    fn named(self, file: &Path, zipped: bool) -> Error {
        match self {
            ReadError::Read(e) => unreadable(file, zipped, e),
            ReadError::Visit(e) => e,
        }
    }
}

/// Finds header and separator among the first lines and announces the table; none where its rows
/// are not wanted.
fn begin(
    lines: &mut Lines,
    coding: TextCoding,
    visit: &mut dyn Visit,
) -> Result<Option<FieldSplitter>, ReadError> {
    let mut head = Vec::new();
    let mut line = Line::default();
    while head.len() < HEAD && lines.next(&mut line)? {
        head.push(std::mem::take(&mut line));
    }
    let texts: Vec<Option<String>> = head
        .iter()
        .map(|l| {
            if l.too_long || l.bytes.contains(&0) {
                None
            } else {
                coding.decode(&l.bytes).map(|t| t.into_owned())
            }
        })
        .collect();
    // Under each separator, each row and the line after it.
    let mut best: Option<(u32, u8, Vec<String>, usize)> = None;
    for separator in SEPARATORS {
        let rows: Vec<(Vec<String>, usize)> =
            (0..texts.len()).filter_map(|i| header_at(&texts, i, separator)).collect();
        if let Some((i, fit)) = header_of(rows.iter().map(|r| r.0.as_slice()), visit)
            && best.as_ref().is_none_or(|b| fit > b.0)
        {
            let (names, next) = rows[i].clone();
            best = Some((fit, separator, names, next));
        }
        if best.as_ref().is_some_and(|b| b.0 == FITS) {
            break;
        }
    }
    let (separator, header, next) =
        best.map_or((b',', Vec::new(), head.len()), |(_, s, h, n)| (s, h, n));
    if !visit.table(None, &header)? {
        return Ok(None);
    }
    if coding.encoding != encoding_rs::UTF_8 {
        visit.notice(format!("read as {}", coding.encoding.name()));
    }
    lines.put_back(head.split_off(next));
    Ok(Some(FieldSplitter::new(separator, header.len())))
}

/// The row that begins at a line, and the line after it; none where the line is blank, unreadable
/// or its quote does not close.
fn header_at(texts: &[Option<String>], i: usize, separator: u8) -> Option<(Vec<String>, usize)> {
    let mut split = FieldSplitter::new(separator, 0);
    for (next, text) in texts.iter().enumerate().skip(i) {
        let text = text.as_ref()?;
        if next == i && text.trim().is_empty() {
            return None;
        }
        match split.feed(text) {
            RecordState::Open => {}
            RecordState::Torn => return None,
            RecordState::Done => {
                let mut names: Vec<String> =
                    split.fields().map(|f| f.trim().trim_matches('\u{feff}').to_owned()).collect();
                while names.last().is_some_and(String::is_empty) {
                    names.pop();
                }
                return Some((names, next + 1));
            }
        }
    }
    None
}

struct Records<'v> {
    lines: Lines,
    coding: TextCoding,
    split: FieldSplitter,
    visit: &'v mut dyn Visit,
}

impl Records<'_> {
    fn run(&mut self) -> Result<(), ReadError> {
        let mut line = Line::default();
        while self.lines.next(&mut line)? {
            self.split.clear();
            let fed = match self.text_fed(&line) {
                Ok(Some(fed)) => fed,
                Ok(None) => continue,
                Err(bad) => {
                    self.visit.broken(line.number, bad)?;
                    continue;
                }
            };
            let more = match fed {
                RecordState::Done => self.row(line.number)?,
                RecordState::Open => self.gather(&line)?,
                RecordState::Torn => {
                    let bad = BadCell::new(
                        "a quote is closed in the middle of a field",
                        "double the quotes that belong to the text",
                    );
                    self.visit.broken(line.number, bad)?;
                    true
                }
            };
            if !more {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Feeds a line to the splitter; none for a blank one that begins no record.
    fn text_fed(&mut self, line: &Line) -> Result<Option<RecordState>, BadCell> {
        if line.too_long {
            return Err(BadCell::new(
                format!("a line longer than {} MiB, the most a row may have", LIMIT >> 20),
                "ask for the file again; something other than a table stands there",
            ));
        }
        if line.bytes.contains(&0) {
            return Err(BadCell::new(
                "a zero byte in the line",
                "ask for the file again; it was damaged",
            ));
        }
        let text = self.coding.decode(&line.bytes).ok_or_else(|| {
            BadCell::new(
                format!("bytes that are not {}", self.coding.encoding.name()),
                "save the file in one encoding, best UTF-8",
            )
        })?;
        if !self.split.open && text.trim().is_empty() {
            return Ok(None);
        }
        Ok(Some(self.split.feed(&text)))
    }

    /// A quote is open at the line's end: takes the lines up to where it closes, if that makes a
    /// row of the right width. If not, only the first line is lost, and reading goes on behind it.
    fn gather(&mut self, first: &Line) -> Result<bool, ReadError> {
        let mut taken = Vec::new();
        let mut size = first.bytes.len();
        loop {
            let mut line = Line::default();
            let there = self.lines.next(&mut line)?;
            size += line.bytes.len();
            let fed = if !there || size > LIMIT {
                Ok(Some(RecordState::Torn))
            } else {
                self.text_fed(&line)
            };
            if there {
                taken.push(line);
            }
            match fed {
                Ok(Some(RecordState::Open)) => {}
                Ok(Some(RecordState::Done)) if self.split.width_fits() => {
                    return Ok(self.row(first.number)?);
                }
                _ => {
                    self.lines.put_back(taken);
                    let bad = BadCell::new(
                        "a quote that is opened and never closed",
                        "close it, or double the quotes that belong to the text",
                    );
                    self.visit.broken(first.number, bad)?;
                    return Ok(true);
                }
            }
        }
    }

    fn row(&mut self, number: u64) -> Result<bool> {
        if self.split.fields().all(|f| Cell::from_text(f).is_empty()) {
            return Ok(true);
        }
        if !self.split.width_fits() {
            let what = format!(
                "{} fields where the header has {}",
                self.split.ends.len(),
                self.split.width
            );
            self.visit.broken(
                number,
                BadCell::new(what, "put fields that contain the separator in quotes"),
            )?;
            return Ok(true);
        }
        let cells: Vec<Cell> =
            self.split.fields().take(self.split.width).map(Cell::from_text).collect();
        self.visit.row(number, &cells)
    }
}

enum RecordState {
    /// The record is complete.
    Done,
    /// A quote is open.
    Open,
    /// Text follows a closing quote.
    Torn,
}

/// Splits records into fields, a line at a time.
struct FieldSplitter {
    separator: u8,
    width: usize,
    text: String,
    ends: Vec<usize>,
    open: bool,
}

impl FieldSplitter {
    fn new(separator: u8, width: usize) -> FieldSplitter {
        FieldSplitter { separator, width, text: String::new(), ends: Vec::new(), open: false }
    }

    fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
        self.open = false;
    }

    fn fields(&self) -> impl Iterator<Item = &str> {
        self.ends.iter().scan(0, |from, &to| {
            let field = &self.text[*from..to];
            *from = to;
            Some(field)
        })
    }

    /// Empty fields beyond the header's last are an exporter's habit and do no harm.
    fn width_fits(&self) -> bool {
        self.ends.len() == self.width
            || (self.ends.len() > self.width
                && self.fields().skip(self.width).all(|f| f.trim().is_empty()))
    }

    fn feed(&mut self, line: &str) -> RecordState {
        let bytes = line.as_bytes();
        let mut i = 0;
        loop {
            if !self.open {
                let blanks = bytes[i..].iter().take_while(|&&b| b == b' ').count();
                if bytes.get(i + blanks) == Some(&b'"') {
                    i += blanks + 1;
                    self.open = true;
                } else {
                    let end = bytes[i..]
                        .iter()
                        .position(|&b| b == self.separator)
                        .map_or(bytes.len(), |n| i + n);
                    self.text.push_str(&line[i..end]);
                    self.ends.push(self.text.len());
                    if end == bytes.len() {
                        return RecordState::Done;
                    }
                    i = end + 1;
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
            i += bytes[i..].iter().take_while(|&&b| b == b' ').count();
            self.ends.push(self.text.len());
            match bytes.get(i) {
                None => return RecordState::Done,
                Some(&b) if b == self.separator => i += 1,
                Some(_) => return RecordState::Torn,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(lines: &[&str]) -> (Vec<String>, &'static str) {
        let mut split = FieldSplitter::new(b',', 0);
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
}
