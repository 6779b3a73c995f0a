//! The text of a letter that a person may have edited, read and mended whatever runs the office
//! program has cut it into.

use std::ops::Range;

use super::has_text;
use super::join::kept;
use super::xml::{Token, tokens, unescaped};
use super::zipped::{unzipped, utf8, zipped};
use crate::engine::{TemplateError, escaped};

/// A paragraph's text in pieces, in order.
#[derive(Debug, Default)]
struct Paragraph {
    pieces: Vec<Piece>,
    /// The outermost table cell it stands in, counted from 1.
    cell: Option<usize>,
    /// Whether it repeats, for old readers, what stands elsewhere.
    repeated: bool,
}

/// A piece of text, or a break or tab.
#[derive(Debug)]
struct Piece {
    /// Its place among the part's tokens; none for a break or tab.
    at: Option<usize>,
    text: String,
    /// Whether a field made it: a page number.
    field: bool,
}

/// The text of a DOCX: each paragraph, and each table cell as one (its paragraphs on lines of their
/// own), in the order headers, document, footers, notes. Line breaks and tabs are `\n` and `\t`.
/// Left out are empty paragraphs outside of tables, what is tracked as deleted, and in headers and
/// footers what fields show, that is, page numbers.
///
/// # Errors
/// A [`TemplateError`] where the file is no DOCX.
pub fn docx_text(docx: &[u8]) -> Result<Vec<String>, TemplateError> {
    let parts = unzipped(docx)?;
    let mut names: Vec<&String> = parts.keys().filter(|name| has_text(name)).collect();
    names.sort_by_key(|name| {
        ["word/header", "word/document", "word/foo"]
            .iter()
            .position(|first| name.starts_with(first))
            .unwrap_or(3)
    });
    let mut texts = Vec::new();
    for name in names {
        let edge = name.starts_with("word/header") || name.starts_with("word/footer");
        let content = utf8(name, parts.get(name).map(Vec::as_slice).unwrap_or_default())?;
        let mut before = None;
        for paragraph in paragraphs(&tokens(&content)).iter().filter(|p| !p.repeated) {
            let text: String = paragraph
                .pieces
                .iter()
                .filter(|p| !(edge && p.field))
                .map(|p| p.text.as_str())
                .collect();
            match texts.last_mut() {
                Some(cell) if paragraph.cell.is_some() && paragraph.cell == before => {
                    *cell = format!("{cell}\n{text}")
                }
                _ if paragraph.cell.is_none() && text.trim().is_empty() => {}
                _ => texts.push(text),
            }
            before = paragraph.cell;
        }
    }
    Ok(texts)
}

/// Replaces every occurrence of a text that stands within one paragraph of document, headers,
/// footers or notes, also where it is cut over runs; the run in which it begins gets the new one.
/// Everything else stays as it is. Answers the DOCX and how many were replaced; with none, it is
/// the one that was given.
///
/// # Errors
/// A [`TemplateError`] where the file is no DOCX.
pub fn docx_replace(docx: &[u8], from: &str, to: &str) -> Result<(Vec<u8>, usize), TemplateError> {
    let mut parts = unzipped(docx)?;
    let mut count = 0;
    for (name, content) in parts.iter_mut().filter(|(name, _)| has_text(name)) {
        let (replaced, found) = replaced(&utf8(name, content)?, from, to);
        if found > 0 {
            *content = replaced.into_bytes();
            count += found;
        }
    }
    Ok(if count == 0 { (docx.to_vec(), 0) } else { (zipped(&parts)?, count) })
}

/// A part with every occurrence replaced, and how many there were.
fn replaced(xml: &str, from: &str, to: &str) -> (String, usize) {
    let tokens = tokens(xml);
    let mut written: Vec<String> = tokens.iter().map(|t| t.written().to_owned()).collect();
    let mut count = 0;
    let paragraphs = paragraphs(&tokens);
    for run in paragraphs.iter().flat_map(|p| p.pieces.split(|piece| piece.at.is_none())) {
        let whole: String = run.iter().map(|p| p.text.as_str()).collect();
        let spans: Vec<(usize, usize)> = match from {
            "" => Vec::new(),
            _ => whole.match_indices(from).map(|(at, found)| (at, at + found.len())).collect(),
        };
        count += spans.len();
        let mut start = 0;
        for piece in run {
            let range = start..start + piece.text.len();
            start = range.end;
            if let Some(at) = piece.at.filter(|_| touched(&spans, &range)) {
                set_text(&mut written, at, &kept(&whole, &spans, range, |_| to.to_owned()));
            }
        }
    }
    (written.concat(), count)
}

fn touched(spans: &[(usize, usize)], range: &Range<usize>) -> bool {
    spans.iter().any(|(from, to)| *from < range.end && *to > range.start)
}

/// Writes a run's text; spaces at its ends need a mark to be kept.
fn set_text(written: &mut [String], at: usize, text: &str) {
    if let Some(place) = written.get_mut(at) {
        *place = escaped(text);
    }
    if let Some(tag) = at
        .checked_sub(1)
        .and_then(|before| written.get_mut(before))
        .filter(|tag| *tag == "<w:t>" && text.trim() != text)
    {
        *tag = "<w:t xml:space=\"preserve\">".to_owned();
    }
}

/// Where the reading of a part is.
#[derive(Debug, Default)]
struct Place {
    /// Paragraphs begun and not ended; one within another is a text box.
    open: Vec<Paragraph>,
    properties: usize,
    fields: usize,
    fallbacks: usize,
    /// Cells begun and not ended, and all that were begun as outermost.
    cells: usize,
    outermost: usize,
}

/// The paragraphs of a part, in the order in which they end.
fn paragraphs(tokens: &[Token]) -> Vec<Paragraph> {
    let mut place = Place::default();
    let mut done = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match (token, token.name()) {
            (Token::Open(tag) | Token::Other(tag), "w:fldChar") => place.field(tag),
            (Token::Open(_), name) => place.begin(name),
            (Token::Close(_), "w:p") => done.extend(place.open.pop()),
            (Token::Close(_), name) => place.end(name),
            (Token::Other(_), "w:p") => done.push(place.paragraph()),
            (Token::Other(_), "w:br" | "w:cr") => place.piece(None, "\n".into()),
            (Token::Other(_), "w:tab") if place.properties == 0 => place.piece(None, "\t".into()),
            (Token::Text(text), _)
                if at.checked_sub(1).and_then(|b| tokens.get(b)).is_some_and(opens_text) =>
            {
                place.piece(Some(at), unescaped(text));
            }
            _ => {}
        }
    }
    done
}

fn opens_text(token: &Token) -> bool {
    matches!(token, Token::Open(_)) && token.name() == "w:t"
}

impl Place {
    fn begin(&mut self, name: &str) {
        match name {
            "w:p" => self.open.push(self.paragraph()),
            "w:pPr" => self.properties += 1,
            "w:fldSimple" => self.fields += 1,
            "mc:Fallback" => self.fallbacks += 1,
            "w:tc" => {
                self.outermost += usize::from(self.cells == 0);
                self.cells += 1;
            }
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        let count = match name {
            "w:pPr" => &mut self.properties,
            "w:fldSimple" => &mut self.fields,
            "mc:Fallback" => &mut self.fallbacks,
            "w:tc" => &mut self.cells,
            _ => return,
        };
        *count = count.saturating_sub(1);
    }

    /// A field begins or ends; its text stands between.
    fn field(&mut self, tag: &str) {
        if tag.contains("\"begin\"") {
            self.fields += 1;
        } else if tag.contains("\"end\"") {
            self.fields = self.fields.saturating_sub(1);
        }
    }

    fn paragraph(&self) -> Paragraph {
        Paragraph {
            pieces: Vec::new(),
            cell: (self.cells > 0).then_some(self.outermost),
            repeated: self.fallbacks > 0,
        }
    }

    fn piece(&mut self, at: Option<usize>, text: String) {
        let field = self.fields > 0;
        if let Some(paragraph) = self.open.last_mut() {
            paragraph.pieces.push(Piece { at, text, field });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::zipped::Parts;
    use super::*;

    /// A paragraph of runs; `|` in place of a run is a line break.
    fn p(runs: &[&str]) -> String {
        let run = |r: &&str| {
            if *r == "|" {
                "<w:r><w:br/></w:r>".into()
            } else {
                format!("<w:r><w:rPr><w:b/></w:rPr><w:t>{r}</w:t></w:r>")
            }
        };
        format!(
            "<w:p><w:pPr><w:tabs><w:tab w:val=\"left\"/></w:tabs></w:pPr>{}</w:p>",
            runs.iter().map(run).collect::<String>()
        )
    }

    fn docx(body: &str, footer: &str) -> Vec<u8> {
        let parts: Parts = [
            ("word/document.xml", body),
            ("word/header1.xml", p(&["某中心"]).as_str()),
            ("word/footer1.xml", footer),
            ("word/styles.xml", p(&["〔〕"]).as_str()),
        ]
        .map(|(name, xml)| (name.to_owned(), format!("<w:x>{xml}</w:x>").into_bytes()))
        .into();
        zipped(&parts).unwrap()
    }

    fn cell(paragraphs: &[String]) -> String {
        format!("<w:tc>{}</w:tc>", paragraphs.concat())
    }

    #[test]
    fn text_comes_in_order_with_cells_as_one_and_without_page_numbers() {
        let inner = format!("<w:tbl><w:tr>{}</w:tr></w:tbl>", cell(&[p(&["内"])]));
        let cells = [
            cell(&[p(&["甲&amp;", "乙"]), p(&["2"])]),
            cell(&["<w:p/>".into()]),
            cell(&[p(&["外"]), inner]),
        ]
        .concat();
        let body = format!(
            "{}<w:p/>{}<w:tbl><w:tr>{cells}</w:tr></w:tbl>{}",
            p(&["关于", "|", "的函"]),
            p(&[" "]),
            p(&["完"])
        );
        let field = "<w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:t>7</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r>";
        let footer =
            p(&["第"]).replace("</w:p>", &format!("{field}<w:r><w:t>页</w:t></w:r></w:p>"));
        let found = docx_text(&docx(&body, &footer)).unwrap();
        assert_eq!(found, ["某中心", "关于\n的函", "甲&乙\n2", "", "外\n内", "完", "第页"]);
    }

    #[test]
    fn what_is_tracked_as_deleted_or_repeated_for_old_readers_is_not_read() {
        let deleted = "<w:p><w:del><w:r><w:delText>旧</w:delText></w:r></w:del><w:ins><w:r><w:t>新</w:t></w:r></w:ins></w:p>";
        let boxed = |text: &str| format!("<w:txbxContent>{}</w:txbxContent>", p(&[text]));
        let shape = format!(
            "<mc:AlternateContent><mc:Choice>{}</mc:Choice><mc:Fallback>{}</mc:Fallback></mc:AlternateContent>",
            boxed("框"),
            boxed("框")
        );
        let body = format!("{deleted}<w:p><w:r>{shape}</w:r><w:r><w:t>文</w:t></w:r></w:p>");
        assert_eq!(docx_text(&docx(&body, "")).unwrap(), ["某中心", "新", "框", "文"]);
    }

    #[test]
    fn a_text_cut_over_runs_is_replaced_and_nothing_else_changes() {
        let body = [
            p(&["某函〔20", "26〕", "待编", "号，见〔2026〕待编号"]),
            p(&["〔2026〕待", "|", "编号"]),
            p(&["a &lt;b"]),
        ]
        .concat();
        let before = docx(&body, &p(&["〔2026〕待编号"]));
        let (after, count) = docx_replace(&before, "〔2026〕待编号", "〔2026〕<15>号 ").unwrap();
        assert_eq!(
            count, 3,
            "twice in the first paragraph, once in the footer, not across a line break, not in styles"
        );
        assert_eq!(
            docx_text(&after).unwrap()[1..],
            [
                "某函〔2026〕<15>号 ，见〔2026〕<15>号 ",
                "〔2026〕待\n编号",
                "a <b",
                "〔2026〕<15>号 "
            ]
        );
        let (old, new) = (unzipped(&before).unwrap(), unzipped(&after).unwrap());
        assert_eq!(
            (&old["word/styles.xml"], &old["word/header1.xml"]),
            (&new["word/styles.xml"], &new["word/header1.xml"])
        );
        let document = String::from_utf8(new["word/document.xml"].clone()).unwrap();
        assert!(
            document.contains("<w:t xml:space=\"preserve\">某函〔2026〕&lt;15&gt;号 </w:t>")
                && document.contains("<w:t>a &lt;b</w:t>"),
            "{document}"
        );
        assert_eq!(
            document.matches("<w:b/>").count(),
            String::from_utf8_lossy(&old["word/document.xml"]).matches("<w:b/>").count()
        );
    }

    #[test]
    fn a_text_that_is_not_there_leaves_the_file_as_it_was() {
        let before = docx(&p(&["文"]), "");
        assert_eq!(docx_replace(&before, "无", "有").unwrap(), (before.clone(), 0));
        assert_eq!(docx_replace(&before, "", "有").unwrap(), (before, 0));
        assert!(docx_text(b"no zip").is_err() && docx_replace(b"no zip", "a", "b").is_err());
    }
}
