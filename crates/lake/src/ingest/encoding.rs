//! Which encoding a text file is in, and its bytes as lines.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read};

use encoding_rs::{BIG5, CoderResult, Decoder, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

/// A line (or a record of several) may have this many bytes; a longer one is no row of a table.
pub(crate) const LIMIT: usize = 1 << 20;

const CHUNK: usize = 1 << 16;

/// How to turn a file's bytes into lines.
#[derive(Clone, Copy)]
pub(crate) struct TextCoding {
    pub encoding: &'static Encoding,
    bom: usize,
    /// Old Macintosh files end their lines with a carriage return.
    end: u8,
    /// Lines of the part looked at are in UTF-8, others in GB18030.
    mixed: bool,
    /// Zero bytes among the part looked at make sense in no encoding.
    pub binary: bool,
}

/// Finds the encoding: UTF-16 by its byte order mark or by where its zeros stand, UTF-8 where most
/// lines beyond ASCII are, else what such bytes are likely to be in Chinese offices. Reads on until
/// it has seen something beyond ASCII, as an export may begin with pages of it.
pub(crate) fn detect(mut input: impl Read) -> io::Result<TextCoding> {
    let mut chunk = Vec::with_capacity(CHUNK);
    let mut first: Option<TextCoding> = None;
    loop {
        chunk.clear();
        let n = input.by_ref().take(CHUNK as u64).read_to_end(&mut chunk)?;
        let begins = first.is_none();
        let coding = *first.get_or_insert_with(|| TextCoding::of_begin(&chunk));
        if n == 0 || coding.is_wide() || coding.binary {
            return Ok(coding);
        }
        let text = if begins { &chunk[coding.bom..] } else { &chunk };
        if !text.is_ascii() {
            let (encoding, mixed) = guess(text, coding.end, n == CHUNK);
            return Ok(TextCoding { encoding, mixed, ..coding });
        }
    }
}

/// UTF-16 without a mark: what is ASCII in it has a zero beside it, on the same side. On the other
/// side a few characters have one, such as 一.
fn unmarked(chunk: &[u8]) -> Option<&'static Encoding> {
    let zeros = |from: usize| chunk.iter().skip(from).step_by(2).filter(|b| **b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let encoding = if even > odd { UTF_16BE } else { UTF_16LE };
    if even.max(odd) < 3 * even.min(odd) {
        return None;
    }
    let whole = &chunk[..chunk.len() & !1];
    let (text, wrong) = encoding.decode_without_bom_handling(whole);
    let strange = wrong || text.contains(|c: char| c.is_control() && !c.is_whitespace());
    (even.max(odd) * 20 > chunk.len() && !strange).then_some(encoding)
}

/// How likely encoding of lines, and whether lines of two encodings stand there.
fn guess(chunk: &[u8], end: u8, cut: bool) -> (&'static Encoding, bool) {
    // The last line is cut by the end of the chunk; a broken line among many good ones is one to
    // refuse, not another encoding.
    let mut lines: Vec<&[u8]> = chunk.split(|&b| b == end).filter(|l| !l.is_ascii()).collect();
    if lines.len() > 1 && cut {
        lines.pop();
    }
    let valid = lines.iter().filter(|l| std::str::from_utf8(l).is_ok()).count();
    let gb = |line: &&&[u8]| {
        std::str::from_utf8(line).is_err()
            && GB18030.decode_without_bom_handling_and_without_replacement(line).is_some()
    };
    let others = lines.iter().filter(gb).count();
    if valid >= MIXED && others >= MIXED {
        return (GB18030, true);
    }
    if valid * 2 > lines.len()
        || (lines.len() == 1 && std::str::from_utf8(chunk).is_err_and(|e| e.error_len().is_none()))
    {
        return (UTF_8, false);
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(chunk, true);
    let likely = detector.guess(Some(b"cn"), chardetng::Utf8Detection::Deny);
    let bad = |e: &'static Encoding| {
        lines
            .iter()
            .filter(|l| e.decode_without_bom_handling_and_without_replacement(l).is_none())
            .count()
    };
    let big5 = likely == BIG5 && bad(BIG5) < bad(GB18030).max(1);
    (if big5 { BIG5 } else { GB18030 }, false)
}

/// Lines in each of two encodings that make a file one of two that were joined.
const MIXED: usize = 3;

/// Bytes beyond ASCII that are UTF-8 by chance in no line of GB18030.
const CERTAIN: usize = 9;

impl TextCoding {
    fn of_begin(chunk: &[u8]) -> TextCoding {
        let end = if chunk.contains(&b'\r') && !chunk.contains(&b'\n') { b'\r' } else { b'\n' };
        let mark = Encoding::for_bom(chunk);
        let encoding = mark.map(|m| m.0).or_else(|| unmarked(chunk)).unwrap_or(UTF_8);
        let zeros = chunk.iter().filter(|&&b| b == 0).count();
        let coding =
            TextCoding { encoding, bom: mark.map_or(0, |m| m.1), end, mixed: false, binary: false };
        match coding.is_wide() {
            true => TextCoding { end: b'\n', ..coding },
            false => TextCoding { binary: zeros * 5 > chunk.len(), ..coding },
        }
    }

    /// The text of a line; none where its bytes are not text.
    pub fn decode<'l>(&self, line: &'l [u8]) -> Option<Cow<'l, str>> {
        if self.is_wide() {
            // Already turned into UTF-8, with this character for what could not be.
            let text = std::str::from_utf8(line).ok()?;
            return (!text.contains('\u{fffd}')).then_some(text.into());
        }
        self.encoding_of(line).decode_without_bom_handling_and_without_replacement(line)
    }

    /// The encoding of a line: UTF-8 also in a file in GB18030, where two files were joined.
    pub fn encoding_of(&self, line: &[u8]) -> &'static Encoding {
        let certain = || self.mixed || line.iter().filter(|b| !b.is_ascii()).count() >= CERTAIN;
        let joined = self.encoding == GB18030
            && !line.is_ascii()
            && std::str::from_utf8(line).is_ok()
            && certain();
        if joined { UTF_8 } else { self.encoding }
    }

    fn is_wide(&self) -> bool {
        self.encoding == UTF_16LE || self.encoding == UTF_16BE
    }

    /// The lines of the file, from its beginning.
    pub fn lines(self, mut input: Box<dyn Read>) -> io::Result<Lines> {
        let mut mark = [0; 3];
        input.read_exact(&mut mark[..self.bom])?;
        let input: Box<dyn BufRead> = if self.is_wide() {
            Box::new(BufReader::with_capacity(CHUNK, Utf16Reader::new(input, self.encoding)))
        } else {
            Box::new(BufReader::with_capacity(CHUNK, input))
        };
        Ok(Lines { input, end: self.end, number: 0, back: VecDeque::new() })
    }
}

/// One line of a file.
#[derive(Default)]
pub(crate) struct Line {
    /// From 1.
    pub number: u64,
    /// Without its end; the first [`LIMIT`] bytes where it is longer.
    pub bytes: Vec<u8>,
    pub too_long: bool,
}

/// Lines, never holding more than [`LIMIT`] bytes of one.
pub(crate) struct Lines {
    input: Box<dyn BufRead>,
    end: u8,
    number: u64,
    back: VecDeque<Line>,
}

impl Lines {
    /// Reads the next line into `line`; false at the end.
    pub fn next(&mut self, line: &mut Line) -> io::Result<bool> {
        if let Some(back) = self.back.pop_front() {
            *line = back;
            return Ok(true);
        }
        line.bytes.clear();
        self.number += 1;
        line.number = self.number;
        let n = self.input.by_ref().take(LIMIT as u64 + 2).read_until(self.end, &mut line.bytes)?;
        if n == 0 {
            return Ok(false);
        }
        let whole = line.bytes.last() == Some(&self.end);
        if whole {
            line.bytes.pop();
            if self.end == b'\n' && line.bytes.last() == Some(&b'\r') {
                line.bytes.pop();
            }
        }
        line.too_long = line.bytes.len() > LIMIT;
        if line.too_long && !whole {
            self.input.skip_until(self.end)?;
        }
        Ok(true)
    }

    /// Puts lines back, to be read again in their order.
    pub fn put_back(&mut self, lines: Vec<Line>) {
        for line in lines.into_iter().rev() {
            self.back.push_front(line);
        }
    }
}

/// UTF-16 as UTF-8.
struct Utf16Reader<R> {
    input: R,
    decoder: Decoder,
    raw: Vec<u8>,
    from: usize,
    ended: bool,
    finished: bool,
}

impl<R: Read> Utf16Reader<R> {
    fn new(input: R, encoding: &'static Encoding) -> Self {
        Utf16Reader {
            input,
            decoder: encoding.new_decoder_without_bom_handling(),
            raw: Vec::new(),
            from: 0,
            ended: false,
            finished: false,
        }
    }
}

impl<R: Read> Read for Utf16Reader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.from == self.raw.len() && !self.ended {
                self.raw.clear();
                self.from = 0;
                self.ended =
                    self.input.by_ref().take(CHUNK as u64).read_to_end(&mut self.raw)? == 0;
            }
            if self.finished {
                return Ok(0);
            }
            let (result, read, written, _) =
                self.decoder.decode_to_utf8(&self.raw[self.from..], out, self.ended);
            self.from += read;
            self.finished = self.ended && result == CoderResult::InputEmpty;
            if written > 0 || self.finished || (result == CoderResult::OutputFull && read == 0) {
                return Ok(written);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_of(bytes: &[u8]) -> (&'static str, Vec<Option<String>>) {
        let coding = detect(bytes).unwrap();
        let mut lines = coding.lines(Box::new(io::Cursor::new(bytes.to_vec()))).unwrap();
        let (mut line, mut all) = (Line::default(), Vec::new());
        while lines.next(&mut line).unwrap() {
            all.push(if line.too_long {
                None
            } else {
                coding.decode(&line.bytes).map(|t| t.into_owned())
            });
        }
        (coding.encoding.name(), all)
    }

    #[test]
    fn encodings_of_chinese_offices() {
        let text = "纠纷编号,乡镇\r\n一,玉门镇\r\n二,赤金镇";
        let lines = ["纠纷编号,乡镇", "一,玉门镇", "二,赤金镇"].map(|l| Some(l.to_owned()));
        let wide = |le: bool| -> Vec<u8> {
            let units = std::iter::once(0xfeff).chain(text.encode_utf16());
            units.flat_map(|u| if le { u.to_le_bytes() } else { u.to_be_bytes() }).collect()
        };
        let gb = GB18030.encode(text).0.into_owned();
        for (bytes, name) in [
            (text.as_bytes().to_vec(), "UTF-8"),
            ([b"\xef\xbb\xbf", text.as_bytes()].concat(), "UTF-8"),
            (gb, "gb18030"),
            (wide(true), "UTF-16LE"),
            (wide(false), "UTF-16BE"),
        ] {
            let (found, read) = lines_of(&bytes);
            assert_eq!(found, name);
            assert_eq!(read, lines, "{name}");
        }
    }

    #[test]
    fn marks_that_lie_and_marks_that_lack() {
        let text = "纠纷编号,乡镇\n一,玉门镇\n二,赤金镇\n三,下西号镇";
        let gb = GB18030.encode(text).0.into_owned();
        let wide = |le: bool| -> Vec<u8> {
            let bytes = |u: u16| if le { u.to_le_bytes() } else { u.to_be_bytes() };
            text.encode_utf16().flat_map(bytes).collect()
        };
        let lines: Vec<Option<String>> = text.lines().map(|l| Some(l.to_owned())).collect();
        for (bytes, name) in [
            ([b"\xef\xbb\xbf".as_slice(), &gb].concat(), "gb18030"),
            (wide(true), "UTF-16LE"),
            (wide(false), "UTF-16BE"),
        ] {
            assert_eq!(lines_of(&bytes), (name, lines.clone()), "{name}");
        }
        // Zeros on one side alone do not make UTF-16.
        for binary in [vec![0u8; 64], (0..=255).flat_map(|b: u8| [b, 0, 0]).collect()] {
            assert!(detect(&*binary).unwrap().binary);
        }
        let one = "A1,玉门镇\nA2,\0,x\nA3,赤金镇\n".repeat(4);
        assert_eq!(detect(one.as_bytes()).unwrap().encoding, UTF_8);
    }

    #[test]
    fn lines_of_two_encodings_are_each_read_as_they_are() {
        let lines = ["编号,乡镇,简要情况", "一,玉门镇,双方发生争执", "二,赤金镇,下周再约双方面谈"];
        let gb: Vec<u8> =
            lines.iter().flat_map(|l| GB18030.encode(&format!("{l}\n")).0.into_owned()).collect();
        let utf8: Vec<u8> = lines.iter().flat_map(|l| format!("{l}\n").into_bytes()).collect();
        let all = lines.iter().chain(&lines).map(|l| Some((*l).to_owned())).collect::<Vec<_>>();
        assert_eq!(lines_of(&[gb.clone(), utf8.clone()].concat()).1, all);
        assert_eq!(lines_of(&[utf8, gb].concat()).1, all);
    }

    #[test]
    fn pages_of_ascii_do_not_hide_the_encoding() {
        let mut bytes = b"id,town\n".to_vec();
        (0..20_000).for_each(|i| bytes.extend(format!("{i},6209\n").bytes()));
        bytes.extend(GB18030.encode("末,玉门镇\n").0.iter());
        let (name, lines) = lines_of(&bytes);
        assert_eq!(name, "gb18030");
        assert_eq!(lines.last().unwrap().as_deref(), Some("末,玉门镇"));
    }

    #[test]
    fn one_broken_line_is_not_another_encoding() {
        let mut bytes = "一,玉门镇\n二,".as_bytes().to_vec();
        bytes.extend(b"\xd3\xf1\xc3\xc5\n");
        bytes.extend("三,玉门镇\n".as_bytes());
        let (name, lines) = lines_of(&bytes);
        assert_eq!(name, "UTF-8");
        assert_eq!(lines, [Some("一,玉门镇".into()), None, Some("三,玉门镇".into())]);
    }

    #[test]
    fn a_line_without_end_is_not_held() {
        struct EndlessZeros(u64);
        impl Read for EndlessZeros {
            fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
                let n = (self.0).min(out.len() as u64) as usize;
                out[..n].fill(b'x');
                self.0 -= n as u64;
                Ok(n)
            }
        }
        let input = io::Cursor::new(b"a\n".to_vec())
            .chain(EndlessZeros(200 << 20))
            .chain(io::Cursor::new(b"\nb\n".to_vec()));
        let coding = TextCoding::of_begin(b"a\n");
        let mut lines = coding.lines(Box::new(input)).unwrap();
        let mut line = Line::default();
        assert!(lines.next(&mut line).unwrap() && line.bytes == b"a");
        assert!(lines.next(&mut line).unwrap() && line.too_long && line.number == 2);
        assert!(line.bytes.capacity() <= 4 * LIMIT, "held {}", line.bytes.capacity());
        assert!(
            lines.next(&mut line).unwrap()
                && line.bytes == b"b"
                && !line.too_long
                && line.number == 3
        );
        assert!(!lines.next(&mut line).unwrap());
    }
}
