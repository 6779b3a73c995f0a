//! As much of XML as a template needs: its tags and texts in order, and whether every tag is
//! closed.

/// A piece of XML, as it is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Token<'a> {
    Text(&'a str),
    Open(&'a str),
    Close(&'a str),
    /// An empty element, a comment, an instruction or character data.
    Other(&'a str),
}

impl<'a> Token<'a> {
    /// The piece as it is written.
    pub(super) fn written(&self) -> &'a str {
        match self {
            Token::Text(s) | Token::Open(s) | Token::Close(s) | Token::Other(s) => s,
        }
    }

    /// Name of the element, prefix included.
    pub(super) fn name(&self) -> &'a str {
        let inner = self.written().trim_start_matches(['<', '/']);
        inner
            .split(|c: char| c.is_whitespace() || matches!(c, '>' | '/'))
            .next()
            .unwrap_or_default()
    }
}

/// The pieces in order; together they are the whole.
pub(super) fn tokens(xml: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = xml;
    while !rest.is_empty() {
        let length = if rest.starts_with('<') {
            tag_length(rest)
        } else {
            rest.find('<').unwrap_or(rest.len())
        };
        let (piece, after) = rest.split_at(length);
        tokens.push(match piece {
            p if !p.starts_with('<') => Token::Text(p),
            p if p.starts_with("</") => Token::Close(p),
            p if p.ends_with("/>") || p.starts_with("<!") || p.starts_with("<?") => Token::Other(p),
            p => Token::Open(p),
        });
        rest = after;
    }
    tokens
}

/// Length of the tag a text begins with; a `>` in quotation marks does not end it.
fn tag_length(text: &str) -> usize {
    for (start, end) in [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")] {
        if text.starts_with(start) {
            return text.find(end).map_or(text.len(), |at| at + end.len());
        }
    }
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(q), c) if q == c => quote = None,
            (None, '>') => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Whether every element is closed where it was opened.
///
/// # Errors
/// What was found where what was due.
pub(crate) fn balanced(xml: &str) -> Result<(), String> {
    let mut open: Vec<&str> = Vec::new();
    for token in tokens(xml) {
        match token {
            Token::Open(_) => open.push(token.name()),
            Token::Close(written) => match open.pop() {
                Some(name) if name == token.name() => {}
                Some(name) => return Err(format!("{written} stands where </{name}> was due")),
                None => return Err(format!("{written} closes what was not opened")),
            },
            Token::Text(_) | Token::Other(_) => {}
        }
    }
    open.last().map_or(Ok(()), |name| Err(format!("<{name}> is not closed")))
}

/// A text without entities.
pub(super) fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let known = after.split_once(';').and_then(|(name, rest)| Some((character(name)?, rest)));
        let (c, after) = known.unwrap_or(('&', after));
        out.push(c);
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The character an entity stands for.
fn character(entity: &str) -> Option<char> {
    match entity {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = entity.strip_prefix('#')?;
            let number = number
                .strip_prefix('x')
                .map_or_else(|| number.parse(), |hex| u32::from_str_radix(hex, 16))
                .ok()?;
            char::from_u32(number)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pieces_are_the_whole() {
        let xml = "<?xml version=\"1.0\"?><!-- a > b --><w:p a='>'><w:t xml:space=\"preserve\">平安</w:t><w:br/></w:p> ";
        let tokens = tokens(xml);
        assert_eq!(tokens.iter().map(Token::written).collect::<String>(), xml);
        assert_eq!(
            tokens
                .iter()
                .filter(|t| matches!(t, Token::Open(_)))
                .map(Token::name)
                .collect::<Vec<_>>(),
            ["w:p", "w:t"]
        );
    }

    #[test]
    fn entities_are_resolved_once() {
        assert_eq!(
            unescaped("a &lt;&amp;lt;&#39;&#x5e73;&nosuch; & b&"),
            "a <&lt;'平&nosuch; & b&"
        );
    }

    #[test]
    fn an_element_that_is_not_closed_is_found() {
        assert_eq!(balanced("<a><b/><c>x</c></a>"), Ok(()));
        assert_eq!(balanced("<a><b></a>"), Err("</a> stands where </b> was due".into()));
        assert!(balanced("<a>").is_err() && balanced("</a>").is_err() && balanced("<a").is_err());
    }
}
