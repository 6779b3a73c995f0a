//! Placeholders as office programs leave them, made such as a template engine reads.
//!
//! A word processor cuts `{{ title }}` into runs wherever spelling, language or formatting changes.
//! As Python's docxtpl does, the pieces are joined again; and `{%p … %}`, `{%tr … %}`, `{%tc … %}`,
//! `{%r … %}` (likewise with `{{`) take the place of the paragraph, row, cell or run they stand in,
//! so that a loop can go around it. <https://docxtpl.readthedocs.io/en/latest/>

use std::ops::Range;

use super::xml::{Token, tokens};
use crate::engine::TemplateError;

/// The part with its placeholders in one piece each.
///
/// # Errors
/// A placeholder that is opened and not closed within its paragraph.
pub(super) fn joined(part: &str, xml: &str) -> Result<String, TemplateError> {
    let tokens = tokens(xml);
    let mut texts: Vec<String> = tokens.iter().map(|t| t.written().to_owned()).collect();
    let mut paragraph: Vec<usize> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Open(_) | Token::Close(_) if token.name() == "w:p" => {
                join(part, &mut texts, &std::mem::take(&mut paragraph))?
            }
            Token::Text(_)
                if at
                    .checked_sub(1)
                    .and_then(|b| tokens.get(b))
                    .is_some_and(|t| matches!(t, Token::Open(_)) && t.name() == "w:t") =>
            {
                paragraph.push(at)
            }
            Token::Open("<w:t>") => set(&mut texts, at, "<w:t xml:space=\"preserve\">".to_owned()),
            _ => {}
        }
    }
    Ok(resolved(&hoisted(&texts.concat())))
}

fn set(texts: &mut [String], at: usize, text: String) {
    if let Some(place) = texts.get_mut(at) {
        *place = text;
    }
}

/// Moves every placeholder of a paragraph into the run it begins in.
fn join(part: &str, texts: &mut [String], run_texts: &[usize]) -> Result<(), TemplateError> {
    let whole: String =
        run_texts.iter().filter_map(|at| texts.get(*at)).map(String::as_str).collect();
    let spans = spans(part, &whole)?;
    let mut start = 0;
    for at in run_texts {
        let length = texts.get(*at).map_or(0, String::len);
        set(
            texts,
            *at,
            kept(&whole, &spans, start..start + length, |placeholder| {
                marked_chart(placeholder).to_owned()
            }),
        );
        start += length;
    }
    Ok(())
}

/// What a run, a range of the paragraph's text, keeps: what belongs to no span, and in place of
/// each span that begins in it what is written for it.
pub(super) fn kept(
    whole: &str,
    spans: &[(usize, usize)],
    run: Range<usize>,
    written: impl Fn(&str) -> String,
) -> String {
    let (start, end) = (run.start, run.end);
    let mut text = String::new();
    let mut at = start;
    for (from, to) in spans.iter().filter(|(from, to)| *to > start && *from < end) {
        text.push_str(whole.get(at..(*from).clamp(at, end)).unwrap_or_default());
        if *from >= start {
            text.push_str(&written(whole.get(*from..*to).unwrap_or_default()));
        }
        at = (*to).min(end);
    }
    text.push_str(whole.get(at..end).unwrap_or_default());
    text
}

/// Where placeholders begin and end.
fn spans(part: &str, text: &str) -> Result<Vec<(usize, usize)>, TemplateError> {
    let mut spans = Vec::new();
    let mut at = 0;
    while let Some((from, close)) = opening(text, at) {
        let inside = text.get(from..).unwrap_or_default();
        let Some(length) = inside.find(close) else {
            let shown: String = inside.chars().take(40).collect();
            return Err(TemplateError::new(
                part,
                format!("the placeholder {shown} is not closed"),
                format!("close it with {close} in the same paragraph"),
            ));
        };
        at = from + length + close.len();
        spans.push((from, at));
    }
    Ok(spans)
}

/// The next placeholder from `at` on, and what closes it.
fn opening(text: &str, at: usize) -> Option<(usize, &'static str)> {
    let rest = text.get(at..)?;
    [("{{", "}}"), ("{%", "%}"), ("{#", "#}")]
        .into_iter()
        .filter_map(|(open, close)| Some((at + rest.find(open)?, close)))
        .min()
}

/// A chart is a run of its own, whether it is marked so or not.
fn marked_chart(placeholder: &str) -> &str {
    let name = placeholder.trim_start_matches('{').trim_end_matches('}').trim();
    if name == "chart_drawing" { "{{r chart_drawing }}" } else { placeholder }
}

/// Placeholders as the engine reads them: entities resolved, quotation marks straight.
fn resolved(xml: &str) -> String {
    let mut out = String::with_capacity(xml.len());
    let mut at = 0;
    while let Some((from, close)) = opening(xml, at) {
        let Some(length) = xml.get(from..).and_then(|inside| inside.find(close)) else { break };
        let end = from + length + close.len();
        out.push_str(xml.get(at..from).unwrap_or_default());
        let text = xml.get(from..end).unwrap_or_default();
        let text = text
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&apos;", "'")
            .replace("&amp;", "&");
        out.push_str(
            &text.replace(['“', '”'], "\"").replace(['‘', '’'], "'").replace('\u{a0}', " "),
        );
        at = end;
    }
    out.push_str(xml.get(at..).unwrap_or_default());
    out
}

/// Puts `{%p … %}` and its like in place of the elements they stand in.
fn hoisted(xml: &str) -> String {
    let mut out = String::with_capacity(xml.len());
    let mut open: Vec<usize> = Vec::new();
    for token in tokens(xml) {
        let element =
            token.name().strip_prefix("w:").filter(|n| matches!(*n, "p" | "tr" | "tc" | "r"));
        if matches!(token, Token::Open(_)) && element.is_some() {
            open.push(out.len());
        }
        out.push_str(token.written());
        let (Token::Close(_), Some(element)) = (token, element) else { continue };
        let Some(start) = open.pop() else { continue };
        let statements = marked(out.get(start..).unwrap_or_default(), element);
        if !statements.is_empty() {
            out.truncate(start);
            out.push_str(&statements);
        }
    }
    out
}

/// The placeholders of an element's text that are marked for it, without their mark.
fn marked(content: &str, element: &str) -> String {
    let mut found = String::new();
    let mut at = 0;
    while let Some((from, close)) = opening(content, at) {
        let inside = content.get(from..).unwrap_or_default();
        let Some(length) = inside.find(close) else { break };
        at = from + length + close.len();
        let (bracket, body) = inside.get(..length + close.len()).unwrap_or_default().split_at(2);
        if let Some(body) =
            body.strip_prefix(element).filter(|b| b.starts_with(char::is_whitespace))
        {
            found.push_str(bracket);
            found.push_str(body);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(xml: &str) -> String {
        joined("word/document.xml", xml).unwrap()
    }

    #[test]
    fn a_placeholder_cut_into_runs_is_joined_and_the_rest_keeps_its_run() {
        let cut = "<w:p><w:r><w:t>致{</w:t></w:r><w:proofErr/><w:r><w:t>{ ti</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>tle }</w:t></w:r><w:r><w:t>}：</w:t></w:r></w:p>";
        let joined = done(cut);
        assert!(
            joined.contains(">致{{ title }}</w:t>") && joined.contains(">：</w:t>"),
            "{joined}"
        );
        assert_eq!(super::super::xml::balanced(&joined), Ok(()));
        assert_eq!(joined.matches("<w:r>").count(), 4);
    }

    #[test]
    fn marks_take_the_place_of_paragraph_row_cell_and_run() {
        let p = "<w:p><w:r><w:t>{%p for s in </w:t></w:r><w:r><w:t>sections %}</w:t></w:r></w:p><w:p><w:r><w:t>{{ s }}</w:t></w:r></w:p><w:p><w:r><w:t>{%p endfor %}</w:t></w:r></w:p>";
        assert_eq!(
            done(p),
            "{% for s in sections %}<w:p><w:r><w:t xml:space=\"preserve\">{{ s }}</w:t></w:r></w:p>{% endfor %}"
        );
        let tr = "<w:tr><w:tc><w:p><w:r><w:t>{%tr endfor %}</w:t></w:r></w:p></w:tc></w:tr>";
        assert_eq!(done(tr), "{% endfor %}");
        let r = "<w:p><w:r><w:t>{{ chart_drawing }}</w:t></w:r></w:p>";
        assert_eq!(done(r), "<w:p>{{ chart_drawing }}</w:p>");
    }

    #[test]
    fn office_quotation_marks_and_entities_are_resolved_in_placeholders_only() {
        let text = "<w:p><w:r><w:t>“甲”&amp;{% if code == “a” and 1 &lt; 2 %}</w:t></w:r></w:p>";
        assert!(done(text).contains("“甲”&amp;{% if code == \"a\" and 1 < 2 %}"));
    }

    #[test]
    fn an_unclosed_placeholder_is_named() {
        let error = joined(
            "word/header1.xml",
            "<w:p><w:r><w:t>{{ title }</w:t></w:r></w:p><w:p><w:r><w:t>}</w:t></w:r></w:p>",
        )
        .unwrap_err();
        assert!(
            error.to_string().contains("{{ title }") && error.part == "word/header1.xml",
            "{error}"
        );
    }
}
