//! Separated text: encoding, separator and header found by looking, one bad line never more than
//! itself.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use encoding_rs::{Encoding, GB18030};
use flate2::read::MultiGzDecoder;

use super::archive::Bounded;
use super::cell::{BadCell, Cell, plain};
use super::encoding::{LIMIT, Line, Lines, TextCoding, detect};
use super::kind::{Kind, by_head};
use super::split::{FieldSplitter, RecordState, Separator};
use super::visit::{FITS, HEAD, Visit, header_of, repeats};
use crate::error::{At, Error, Result};

/// Blank lines in a row that a table has at most.
const MOST_BLANK: u64 = 1_000_000;

/// Lines that a record with line breaks in its cells has at most.
const MOST_LINES: usize = 256;

/// Bytes that are read again at most, because a quote did not close.
const MOST_AGAIN: usize = 256 << 20;

/// Old programs end a text with it.
const END_OF_FILE: char = '\u{1a}';

/// A table with fewer columns has texts that look like its rows.
const NARROW: usize = 3;

const CUT_OFF: &str = "ask for it again";

/// Shows a text file to the visitor.
pub(super) fn read(file: &Path, visit: &mut dyn Visit) -> Result<()> {
    let open = || -> Result<Box<dyn Read>> { Ok(Box::new(File::open(file).at(file)?)) };
    let failed = |source: io::Error| Error::Io { path: file.to_path_buf(), source };
    read_from(file, &open, &failed, visit)
}

/// Shows a text file that is compressed with gzip to the visitor.
pub(super) fn read_zipped(file: &Path, visit: &mut dyn Visit) -> Result<()> {
    let open = || -> Result<Box<dyn Read>> {
        let input = File::open(file).at(file)?;
        let unpack = |packed| MultiGzDecoder::new(io::BufReader::new(packed));
        Ok(Box::new(Bounded::new(input, unpack)))
    };
    let failed = |e: io::Error| Error::input(file, format!("is damaged or cut off ({e})"), CUT_OFF);
    let mut head = Vec::new();
    open()?.take(512).read_to_end(&mut head).map_err(failed)?;
    match by_head(&head) {
        Kind::Text => read_from(file, &open, &failed, visit),
        Kind::Other(what, fix) => {
            Err(Error::input(file, format!("is {what}, compressed with gzip"), fix))
        }
        _ => {
            let fix = "unpack it and put the file that it holds into the inbox";
            Err(Error::input(file, "holds no text, compressed with gzip", fix))
        }
    }
}

fn read_from(
    file: &Path,
    open: &dyn Fn() -> Result<Box<dyn Read>>,
    failed: &dyn Fn(io::Error) -> Error,
    visit: &mut dyn Visit,
) -> Result<()> {
    let coding = detect(open()?).map_err(failed)?;
    if coding.binary {
        return Err(Error::input(file, "is not text", "save it as CSV in UTF-8"));
    }
    let named = |e: ReadError| match e {
        ReadError::Read(e) => failed(e),
        ReadError::Visit(e) => e,
        ReadError::Table(bad) => Error::input(file, bad.reason, bad.fix),
    };
    let mut lines = coding.lines(open()?).map_err(failed)?;
    match begin(&mut lines, coding, visit).map_err(named)? {
        Some(begun) => Records::new(lines, coding, begun, visit).run().map_err(named),
        None => Ok(()),
    }
}

/// Reading fails by itself, because the visitor does, or because this is no table.
enum ReadError {
    Read(io::Error),
    Visit(Error),
    Table(BadCell),
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

/// A table whose header was found.
struct Begun {
    header: Vec<String>,
    separator: Separator,
}

/// Finds header and separator among the first lines and announces the table; none where its rows
/// are not wanted.
fn begin(
    lines: &mut Lines,
    coding: TextCoding,
    visit: &mut dyn Visit,
) -> Result<Option<Begun>, ReadError> {
    let mut head = first_lines(lines)?;
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
    let stated = texts.iter().flatten().next().and_then(|text| Separator::stated(text));
    // Under each separator, each row and the line after it.
    let mut best: Option<(u32, Begun, usize)> = None;
    for separator in stated.map_or(Separator::KNOWN.to_vec(), |stated| vec![stated]) {
        let rows: Vec<(Vec<String>, usize)> =
            (0..texts.len()).filter_map(|i| header_at(&texts, i, separator)).collect();
        let names: Vec<&[String]> = rows.iter().map(|r| r.0.as_slice()).collect();
        if let Some(found) = header_of(&names, visit)
            && best.as_ref().is_none_or(|b| found.fit > b.0)
        {
            let begun = Begun { header: found.names, separator };
            best = Some((found.fit, begun, rows[found.last].1));
        }
        if best.as_ref().is_some_and(|b| b.0 == FITS) {
            break;
        }
    }
    let nothing = Begun { header: Vec::new(), separator: Separator::Byte(b',') };
    let (begun, next) = best.map_or((nothing, head.len()), |(_, begun, next)| (begun, next));
    if !visit.table(None, &begun.header)? {
        return Ok(None);
    }
    if coding.encoding != encoding_rs::UTF_8 {
        visit.notice(format!("read as {}", coding.encoding.name()));
    }
    lines.put_back(head.split_off(next));
    Ok(Some(begun))
}

/// The first lines that are not blank.
fn first_lines(lines: &mut Lines) -> Result<Vec<Line>, ReadError> {
    let (mut head, mut line, mut blank) = (Vec::new(), Line::default(), 0);
    while head.len() < HEAD && lines.next(&mut line)? {
        if line.bytes.iter().all(u8::is_ascii_whitespace) {
            blank += 1;
            few_blank(blank)?;
            continue;
        }
        head.push(std::mem::take(&mut line));
    }
    Ok(head)
}

fn few_blank(blank: u64) -> Result<(), ReadError> {
    if blank < MOST_BLANK {
        return Ok(());
    }
    let what = format!("has {MOST_BLANK} blank lines one after the other");
    let fix = "ask for the file again; something other than a table stands there";
    Err(ReadError::Table(BadCell::new(what, fix)))
}

/// The row that begins at a line, and the line after it; none where the line is blank, unreadable
/// or its quote does not close.
fn header_at(
    texts: &[Option<String>],
    i: usize,
    separator: Separator,
) -> Option<(Vec<String>, usize)> {
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
                    split.fields().map(|field| plain(field).into_owned()).collect();
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
    header: Vec<String>,
    split: FieldSplitter,
    visit: &'v mut dyn Visit,
    /// The encoding of the first row beyond ASCII, where another may follow.
    encoding: Option<&'static Encoding>,
    /// Whether that was said.
    joined: bool,
    /// Rows that repeat the header.
    repeated: u64,
    /// Blank lines one after the other.
    blank: u64,
    /// Bytes that were read again.
    again: usize,
}

impl<'v> Records<'v> {
    fn new(lines: Lines, coding: TextCoding, begun: Begun, visit: &'v mut dyn Visit) -> Self {
        Records {
            lines,
            coding,
            split: FieldSplitter::new(begun.separator, begun.header.len()),
            header: begun.header,
            visit,
            encoding: None,
            joined: false,
            repeated: 0,
            blank: 0,
            again: 0,
        }
    }

    fn run(&mut self) -> Result<(), ReadError> {
        self.read()?;
        if self.repeated > 0 {
            let count = self.repeated;
            self.visit
                .notice(format!("the header stands again in {count} rows, which are left out"));
        }
        Ok(())
    }

    fn read(&mut self) -> Result<(), ReadError> {
        let mut line = Line::default();
        while self.lines.next(&mut line)? {
            self.split.clear();
            let fed = match self.text_fed(&line) {
                Ok(Some(fed)) => fed,
                Ok(None) => {
                    self.blank += 1;
                    few_blank(self.blank)?;
                    continue;
                }
                Err(bad) => {
                    self.visit.broken(line.number, bad)?;
                    continue;
                }
            };
            self.blank = 0;
            self.say_joined(&line);
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

    /// Feeds a line to the splitter; none for a blank one that begins no record, and for the mark
    /// that old programs set at a file's end.
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
        let is_nothing = |c: char| c.is_whitespace() || c == END_OF_FILE;
        if !self.split.open && text.trim_matches(is_nothing).is_empty() {
            return Ok(None);
        }
        Ok(Some(self.split.feed(&text)))
    }

    /// Says once from which row on a file in GB18030 is in UTF-8, or the other way round.
    fn say_joined(&mut self, line: &Line) {
        if self.joined || self.coding.encoding != GB18030 || line.bytes.is_ascii() {
            return;
        }
        let now = self.coding.encoding_of(&line.bytes);
        self.joined = *self.encoding.get_or_insert(now) != now;
        if self.joined {
            let (row, now) = (line.number, now.name());
            self.visit.notice(format!("in {now} from row {row} on: files in two encodings joined"));
        }
    }

    /// A quote is open at the line's end: takes the lines up to where it closes, if that makes a
    /// row of the right width that swallows no other. If not, only the first line is lost, and
    /// reading goes on behind it.
    fn gather(&mut self, first: &Line) -> Result<bool, ReadError> {
        let mut taken = Vec::new();
        let mut size = first.bytes.len();
        let most = LIMIT.min(MOST_AGAIN.saturating_sub(self.again));
        loop {
            let mut line = Line::default();
            let there = self.lines.next(&mut line)?;
            size += line.bytes.len();
            let fed = if !there || size > most || taken.len() >= MOST_LINES {
                Ok(Some(RecordState::Torn))
            } else {
                self.text_fed(&line)
            };
            if there {
                taken.push(line);
            }
            let reason = match fed {
                Ok(Some(RecordState::Open)) => continue,
                Ok(Some(RecordState::Done)) if self.split.width_fits() => {
                    match self.swallowed(first, &taken) {
                        None => return self.row(first.number),
                        Some(last) => format!("a quote that swallows the rows up to {last}"),
                    }
                }
                _ => "a quote that is opened and never closed".to_owned(),
            };
            self.again += size;
            self.lines.put_back(taken);
            let fix = "close it, or double the quotes that belong to the text";
            self.visit.broken(first.number, BadCell::new(reason, fix))?;
            return Ok(true);
        }
    }

    /// The last of the rows that a record of several lines would swallow: lines within it, or its
    /// first and its last, that by themselves have as many fields as the header.
    fn swallowed(&self, first: &Line, taken: &[Line]) -> Option<u64> {
        let (last, inner) = taken.split_last()?;
        let is_row = |line: &Line| {
            let text = self.coding.decode(&line.bytes);
            text.is_some_and(|text| self.split.separators(&text) + 1 == self.split.width())
        };
        let swallows = inner.iter().any(is_row) || (is_row(first) && is_row(last));
        (self.split.width() >= NARROW && swallows).then_some(last.number)
    }

    fn row(&mut self, number: u64) -> Result<bool, ReadError> {
        if self.split.fields().all(|f| Cell::from_text(f).is_empty()) {
            return Ok(true);
        }
        if !self.split.width_fits() {
            let cells: Vec<Cell> = self.split.fields().map(Cell::from_text).collect();
            if !self.visit.is_note(number, &cells) {
                self.uneven(number)?;
            }
            return Ok(true);
        }
        let width = self.split.width();
        let cells: Vec<Cell> = self.split.fields().take(width).map(Cell::from_text).collect();
        if repeats(&self.header, &cells) {
            self.repeated += 1;
            return Ok(true);
        }
        Ok(self.visit.row(number, &cells)?)
    }

    /// A row with more or fewer fields than the header. Where the separator is one that texts hold
    /// too, nobody knows which fields are whole: then this is no table.
    fn uneven(&mut self, number: u64) -> Result<(), ReadError> {
        let (count, width) = (self.split.fields().count(), self.split.width());
        let what = format!("{count} fields where the header has {width}");
        let separator = self.split.separator();
        if separator.is_usual() {
            let bad = BadCell::new(what, "put fields that contain the separator in quotes");
            return Ok(self.visit.broken(number, bad)?);
        }
        let what = format!("is separated by {}, and row {number} has {what}", separator.name());
        let fix = "export it as CSV, with commas and with quotes about its texts";
        Err(ReadError::Table(BadCell::new(what, fix)))
    }
}
