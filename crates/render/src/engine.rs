//! Templates and what goes into them: strict on names, safe in XML and HTML.

use minijinja::value::{Value, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior};

use super::text::printable;

/// Why a template cannot be filled: where it is wrong, what is wrong there, and what to do.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{part}{}: {what}; {fix}", line.map_or(String::new(), |l| format!(":{l}")))]
pub struct TemplateError {
    /// The file, or a part of it.
    pub part: String,
    /// The line, where the file has lines.
    pub line: Option<usize>,
    pub what: String,
    pub fix: String,
}

impl TemplateError {
    pub(super) fn new(
        part: &str,
        what: impl Into<String>,
        fix: impl Into<String>,
    ) -> TemplateError {
        TemplateError { part: part.to_owned(), line: None, what: what.into(), fix: fix.into() }
    }
}

/// Names that templates have of themselves.
const GLOBALS: &[&str] = &["dict", "namespace", "range"];

/// An engine in which an unknown name is an error wherever it stands, and values are escaped for
/// XML.
pub(super) fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_formatter(written);
    environment.set_debug(true);
    environment
}

/// Writes a value as text: nothing for none, and what XML cannot hold left out or escaped.
fn written(out: &mut Output, _: &mut State, value: &Value) -> Result<(), Error> {
    if value.is_safe() {
        return Ok(out.write_str(&value.to_string())?);
    }
    match value.kind() {
        ValueKind::None => Ok(()),
        ValueKind::Seq | ValueKind::Map | ValueKind::Iterable | ValueKind::Plain => {
            Err(Error::new(
                ErrorKind::InvalidOperation,
                "this is more than one text: loop over it, or name one of its fields",
            ))
        }
        _ => Ok(out.write_str(&escaped(&value.to_string()))?),
    }
}

/// Text as XML and HTML hold it, in elements and in attributes.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in printable(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Adds a template and holds its names against those there are.
///
/// # Errors
/// A [`TemplateError`] naming the part and the placeholder that is not understood, or the names
/// that are not known.
pub(super) fn add(
    environment: &mut Environment<'static>,
    part: &str,
    source: &str,
    known: &[&str],
) -> Result<(), TemplateError> {
    environment
        .add_template_owned(part.to_owned(), source.to_owned())
        .map_err(|e| in_words(part, source, &e, known))?;
    let template = environment.get_template(part).map_err(|e| in_words(part, source, &e, known))?;
    let mut unknown: Vec<String> = template
        .undeclared_variables(false)
        .into_iter()
        .filter(|name| !known.iter().chain(GLOBALS).any(|k| k == name))
        .collect();
    unknown.sort();
    match unknown.as_slice() {
        [] => Ok(()),
        names => {
            let line = names.first().and_then(|name| line_of(source, name));
            Err(TemplateError { line, ..unknown_name(part, &names.join(", "), known) })
        }
    }
}

/// Fills one template.
///
/// # Errors
/// A [`TemplateError`] naming the part and the placeholder.
pub(super) fn fill(
    environment: &Environment,
    part: &str,
    values: &Value,
    known: &[&str],
) -> Result<String, TemplateError> {
    let template = environment.get_template(part).map_err(|e| in_words(part, "", &e, known))?;
    template.render(values.clone()).map_err(|e| in_words(part, template.source(), &e, known))
}

fn in_words(part: &str, source: &str, error: &Error, known: &[&str]) -> TemplateError {
    let place = error.range().and_then(|range| placeholder(source, range));
    let told = match (error.kind(), place) {
        (ErrorKind::UndefinedError, Some(place))
            if root(&place).is_some_and(|name| known.contains(&name)) =>
        {
            let name = root(&place).unwrap_or_default();
            TemplateError::new(
                part,
                format!("{place}: there is no such field, or not in every letter"),
                format!(
                    "check the field; between {{% if {name} %}} and {{% endif %}} it is only looked for where there is {name}"
                ),
            )
        }
        (ErrorKind::UndefinedError, Some(place)) => unknown_name(part, &place, known),
        (_, place) => {
            let detail = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
            let place = place.map_or_else(String::new, |p| format!("{p}: "));
            TemplateError::new(
                part,
                format!("{place}{detail}"),
                "write {{ name }}, {% if name %} … {% endif %} or {% for x in names %} … {% endfor %}",
            )
        }
    };
    TemplateError { line: error.line(), ..told }
}

/// The name before the first dot or bracket of a placeholder, where there is one.
fn root(placeholder: &str) -> Option<&str> {
    let inside = placeholder.trim_start_matches(['{', '%']).trim_start();
    inside.split_once(['.', '[']).map(|(name, _)| name)
}

fn unknown_name(part: &str, name: &str, known: &[&str]) -> TemplateError {
    TemplateError::new(
        part,
        format!("the placeholder {name} is not known"),
        format!("there are {}", known.join(", ")),
    )
}

/// The first line with placeholders on which a name stands.
fn line_of(source: &str, name: &str) -> Option<usize> {
    let named = |line: &str| line.contains(name) && (line.contains("{{") || line.contains("{%"));
    source.lines().position(named).map(|at| at + 1)
}

/// The placeholder around a range of the source, from its opening brackets to its closing ones; a
/// little of the source where there are none.
fn placeholder(source: &str, range: std::ops::Range<usize>) -> Option<String> {
    let at = |i: usize| {
        (0..=i.min(source.len())).rev().find(|i| source.is_char_boundary(*i)).unwrap_or(0)
    };
    let (start, end) = (at(range.start), at(range.end.max(range.start)));
    let head = source.get(..at(end.min(start + 2)))?;
    let open = head.rfind("{{").max(head.rfind("{%")).unwrap_or(start);
    let tail = source.get(start.max(open)..)?;
    let close = [tail.find("}}"), tail.find("%}")].into_iter().flatten().min();
    let whole = source.get(open..close.map_or(end, |c| start.max(open) + c + 2))?;
    Some(whole.chars().take(80).collect())
}

#[cfg(test)]
mod tests {
    use minijinja::context;

    use super::*;

    fn filled(source: &str) -> Result<String, TemplateError> {
        let mut environment = environment();
        let known = ["title", "rows"];
        add(&mut environment, "word/document.xml", source, &known)?;
        fill(
            &environment,
            "word/document.xml",
            &context! { title => "a\u{1}<b>&\"c\"\n", rows => [1, 2] },
            &known,
        )
    }

    #[test]
    fn text_cannot_break_xml() {
        assert_eq!(filled("<t>{{ title }}</t>").unwrap(), "<t>a&lt;b&gt;&amp;&quot;c&quot; </t>");
        assert_eq!(
            filled(
                "{% for r in rows %}{{ r }}{% if not loop.last %},{% endif %}{% endfor %}{{ none }}"
            )
            .unwrap(),
            "1,2"
        );
    }

    #[test]
    fn a_wrong_placeholder_is_named_with_its_part() {
        let error = filled("<t>{% if false %}{{ titel }}{% endif %}</t>").unwrap_err();
        assert_eq!(
            error.to_string(),
            "word/document.xml:1: the placeholder titel is not known; there are title, rows"
        );
        let error = filled("<t>\n{% for r in rows %}\n{{ r.nmae }}{% endfor %}</t>").unwrap_err();
        assert!(error.what.contains("{{ r.nmae }}") && error.line == Some(3), "{error}");
        for (source, part) in [
            ("{{ title", "{{ title"),
            ("{% for r in rows %}", "for"),
            ("{{ title|nosuch }}", "nosuch"),
            ("{{ rows }}", "{{ rows }}"),
        ] {
            let error = filled(source).unwrap_err();
            assert!(error.to_string().contains(part), "{error}");
        }
    }
}
