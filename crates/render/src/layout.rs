//! How a letter falls on its pages: what must be reckoned before any office program opens it (GB/T
//! 9704-2012, 信函格式).
//!
//! Lengths in the answers are twips (1/20 pt), as in OOXML; in the reckoning, points.

use serde::Serialize;

use super::letter::{Letter, chinese_date, heading_numbers};
use super::text::width;
use super::title::title_lines;

/// Full-width characters on a line of the body, and of the title.
pub(super) const BODY_EM: f64 = 28.0;
pub(super) const TITLE_EM: f64 = 20.0;

/// Width of the text block: 156 mm.
const BLOCK: f64 = 442.25;
/// Where the text block begins and ends, from the upper edge of the paper: 37 and 262 mm.
const TOP: f64 = 104.88;
const BOTTOM: f64 = 742.68;
/// The mark's upper edge: 30 mm.
const MARK_TOP: f64 = 85.04;
/// From the mark's lower edge to the rule: 4 mm.
const MARK_TO_RULE: f64 = 11.34;
/// The rules with the space between them.
const RULES: f64 = 5.0;
/// The number with what is above it, and what stands above title and addressee.
const NUMBER: f64 = 33.35;
const ABOVE_TITLE: f64 = 44.8;
const TITLE_LINE: f64 = 34.0;
const ABOVE_ADDRESSEE: f64 = 18.5;
/// The pitch of the standard's 22 lines; less of it where the signature would else be driven over
/// the page.
const PITCH: f64 = 28.95;
const TIGHTER: [f64; 3] = [28.5, 28.0, 27.7];
/// Empty lines above the signature, that a seal has room.
const BLANKS: usize = 2;

/// Sizes and places that depend on the text.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct Layout {
    /// Size of the mark, in half points, and its exact line height.
    mark_size: u32,
    mark_line: u32,
    /// Space between the mark's line and the rules.
    rule_before: u32,
    /// Exact line height of the body: 579, or a little less.
    pitch: u32,
    /// Space above the signature.
    signature_before: u32,
    /// Left indent of signature and date; both are centred on what remains.
    signature_left: u32,
}

/// Reckons a letter's layout.
pub(super) fn layout(letter: &Letter) -> Layout {
    let size = mark_size(&letter.issuer);
    // Of a line of exact height four fifths lie above the baseline; ink of Song type reaches from
    // 0.845 em above it to 0.075 em below.
    let line = size * 1.056;
    let rule_before = (MARK_TO_RULE + 0.075 * size - 0.2 * line).max(0.0);
    let mark_lines = (width(&letter.issuer, size) / BLOCK).ceil().max(1.0);
    let title_height = TITLE_LINE * title_lines(&letter.title, TITLE_EM).len() as f64;
    let head = MARK_TOP
        + mark_lines * line
        + rule_before
        + RULES
        + NUMBER
        + ABOVE_TITLE
        + title_height
        + ABOVE_ADDRESSEE;
    let (pitch, blanks) = tightened(text_lines(letter), foot(letter), head);
    Layout {
        mark_size: (size * 2.0) as u32,
        mark_line: twips(line),
        rule_before: twips(rule_before),
        pitch: twips(pitch),
        signature_before: twips(blanks as f64 * pitch),
        signature_left: signature_left(&letter.signature, &chinese_date(letter.date)),
    }
}

fn twips(points: f64) -> u32 {
    (points * 20.0).round() as u32
}

/// As large as one line allows, within what looks like a mark: 16 to 42 pt, whole points.
fn mark_size(issuer: &str) -> f64 {
    (BLOCK / width(issuer, 1.0).max(1.0)).clamp(16.0, 42.0).floor()
}

/// The date ends four characters from the right, and the signature is centred on it; a long
/// signature moves both to the left.
fn signature_left(signature: &str, date: &str) -> u32 {
    const EM: f64 = 16.0;
    let centre = (4.0 + width(date, 1.0) / 2.0).max(width(signature, 1.0) / 2.0 + 0.25);
    twips((BLOCK - 2.0 * centre * EM).max(0.0))
}

/// Pitch and empty lines with which signature, date and the `foot` below them stand on a page that
/// has some of the text; the usual ones where none do, since then the last paragraph goes over with
/// them.
fn tightened(lines: usize, foot: f64, head: f64) -> (f64, usize) {
    let fits = |pitch: f64, blanks: usize| {
        room(lines, head, pitch) as f64 >= (blanks + 2) as f64 + foot / pitch
    };
    let tries = [(PITCH, BLANKS), (PITCH, 1)].into_iter().chain(TIGHTER.map(|pitch| (pitch, 1)));
    tries.into_iter().find(|(pitch, blanks)| fits(*pitch, *blanks)).unwrap_or((PITCH, BLANKS))
}

/// Height of copy-to and verification code, where they stand on the page of the signature: 4号
/// characters on lines of 24 pt, the text block less one character either side.
fn foot(letter: &Letter) -> f64 {
    const LINE: f64 = 24.0;
    let copies = format!("抄送：{}。", letter.copy_to.join("，"));
    let copies =
        if letter.copy_to.is_empty() { 0 } else { lines(&copies, 0.0, BLOCK / 14.0 - 5.0) };
    let count = copies + usize::from(letter.code.is_some());
    if letter.annex.is_none() && count > 0 { count as f64 * LINE + 2.0 } else { 0.0 }
}

/// Lines left on the last page that has text.
fn room(lines: usize, head: f64, pitch: f64) -> usize {
    let first = ((BOTTOM - head) / pitch).floor().max(0.0) as usize;
    let page = ((BOTTOM - TOP) / pitch).floor() as usize;
    match lines.checked_sub(first) {
        None | Some(0) => first - lines,
        Some(over) => (page - over % page) % page,
    }
}

/// Lines from the addressee to what stands above the signature.
fn text_lines(letter: &Letter) -> usize {
    let indented = |text: &str| lines(text, 2.0, BODY_EM);
    let sections =
        letter.sections.iter().zip(heading_numbers(letter.sections.iter().map(|s| s.level))).map(
            |(section, number)| {
                let heading = format!("{number}{}", section.heading);
                match section.paragraphs.split_first() {
                    Some((first, rest)) if section.level > 1 => {
                        indented(&format!("{heading}{first}"))
                            + rest.iter().map(|p| indented(p)).sum::<usize>()
                    }
                    _ => {
                        indented(&heading)
                            + section.paragraphs.iter().map(|p| indented(p)).sum::<usize>()
                    }
                }
            },
        );
    let reply = letter
        .reply_by
        .as_ref()
        .map(|by| indented(&format!("请于{by}前将落实情况书面反馈{}。", letter.we)));
    let contact = letter.contact.as_ref().map(|contact| indented(&format!("联系人：{contact}")));
    let ending = letter.ending.as_ref().map(|ending| indented(ending));
    // An empty line stands above the name of the annex.
    let annex = letter
        .annex
        .as_ref()
        .map(|annex| 1 + lines(&format!("附件：{}", annex.title), 2.0, BODY_EM));
    let closing = [reply, contact, ending, annex].into_iter().flatten().sum::<usize>();
    lines(&format!("{}：", letter.addressee), 0.0, BODY_EM)
        + indented(&letter.opening)
        + sections.sum::<usize>()
        + closing
}

/// How many lines a paragraph takes, in lines of `em` full-width characters of which the first is
/// indented by `indent`. Runs of Latin letters and figures are not torn, and no line begins with a
/// closing mark.
pub(super) fn lines(text: &str, indent: f64, em: f64) -> usize {
    const CLOSING: &str = "，。、；：？！）》」』”’〉】〕%";
    let (mut count, mut used) = (1, indent);
    for piece in pieces(text) {
        let wide = width(&piece, 1.0);
        if used + wide > em + 1e-9 {
            count += 1;
            // A closing mark takes the character before it along.
            used = if piece.starts_with(|c| CLOSING.contains(c)) { 1.0 } else { 0.0 };
            if wide > em {
                count += (wide / em).ceil() as usize - 1;
            }
        }
        used += wide;
    }
    count
}

/// Characters, and runs of those that stay together.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    for c in text.chars() {
        let joins =
            |p: &String| c.is_ascii_graphic() && p.ends_with(|l: char| l.is_ascii_graphic());
        match pieces.last_mut() {
            Some(last) if joins(last) => last.push(c),
            _ => pieces.push(c.to_string()),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_holds_28_characters() {
        assert_eq!(lines(&"平".repeat(28), 0.0, BODY_EM), 1);
        assert_eq!(lines(&"平".repeat(27), 2.0, BODY_EM), 2);
        assert_eq!(lines("", 2.0, BODY_EM), 1);
        assert_eq!(lines(&format!("{}2026年", "平".repeat(27)), 0.0, BODY_EM), 2);
        assert_eq!(lines(&format!("{}，{}", "平".repeat(28), "安".repeat(26)), 0.0, BODY_EM), 2);
        assert_eq!(lines(&format!("{}，{}", "平".repeat(28), "安".repeat(27)), 0.0, BODY_EM), 3);
    }

    #[test]
    fn the_signature_is_never_reckoned_alone() {
        let head = 330.0;
        let first = ((BOTTOM - head) / PITCH) as usize;
        assert_eq!(tightened(first - 4, 0.0, head), (PITCH, 2));
        assert_eq!(tightened(first - 3, 0.0, head), (PITCH, 1));
        // Two lines over the edge of the page: a tighter pitch where that helps, else the last
        // paragraph goes over.
        let (pitch, blanks) = tightened(first + 22 - 2, 0.0, head);
        assert_eq!((pitch < PITCH, blanks), (true, 1));
        for lines in 0..200 {
            let (pitch, blanks) = tightened(lines, 0.0, head);
            assert!(room(lines, head, pitch) >= blanks + 2 || (pitch, blanks) == (PITCH, BLANKS));
        }
    }

    #[test]
    fn the_mark_shrinks_with_its_length_and_the_signature_stays_on_the_paper() {
        assert_eq!([8, 13, 24, 40].map(|n| mark_size(&"某".repeat(n))), [42.0, 34.0, 18.0, 16.0]);
        assert_eq!(mark_size(""), 42.0);
        let date = "2026年2月3日";
        assert!(signature_left("某市综治中心", date) > signature_left(&"某".repeat(20), date));
        assert_eq!(signature_left(&"某".repeat(60), date), 0);
    }
}
