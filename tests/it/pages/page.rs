//! A page of Markdown as sections and tables.

use std::path::Path;

/// The text of a file of the repository.
pub fn file(path: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}

/// docs/interface.md.
pub fn interface() -> String {
    file("docs/interface.md")
}

/// The level of a heading line; 0 for any other line.
fn level(line: &str) -> usize {
    let hashes = line.chars().take_while(|c| *c == '#').count();
    if line[hashes..].starts_with(' ') { hashes } else { 0 }
}

/// Headings of a page, without those within code.
pub fn headings(page: &str) -> Vec<&str> {
    let mut code = false;
    let mut headings = Vec::new();
    for line in page.lines() {
        code ^= line.starts_with("```");
        if !code && level(line) > 0 {
            headings.push(line[level(line)..].trim());
        }
    }
    headings
}

/// The lines under a heading, those of its subsections included; `None` where there is none of
/// that text.
pub fn section<'a>(page: &'a str, heading: &str) -> Option<Vec<&'a str>> {
    let mut lines = page.lines().skip_while(|l| level(l) == 0 || l[level(l)..].trim() != heading);
    let own = level(lines.next()?);
    let mut code = false;
    let within = lines.take_while(|line| {
        code ^= line.starts_with("```");
        code || level(line) == 0 || level(line) > own
    });
    Some(within.collect())
}

/// The section of a heading that must be there.
pub fn under<'a>(page: &'a str, heading: &str) -> Vec<&'a str> {
    section(page, heading).unwrap_or_else(|| panic!("docs/interface.md has no section {heading}"))
}

/// A table: the cells of its header, and of its rows.
#[derive(Debug, Default)]
pub struct Table {
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// The tables among some lines.
pub fn tables(lines: &[&str]) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    let mut within = false;
    for line in lines {
        if !line.starts_with('|') {
            within = false;
        } else if !within {
            tables.push(Table { header: cells(line), rows: Vec::new() });
            within = true;
        } else if let Some(table) = tables.last_mut().filter(|_| !line.starts_with("|---")) {
            table.rows.push(cells(line));
        }
    }
    tables
}

/// Rows of the tables whose header begins with these cells.
pub fn rows(lines: &[&str], header: &[&str]) -> Vec<Vec<String>> {
    let found = tables(lines).into_iter().filter(|t| t.header.starts_with(&owned(header)));
    found.flat_map(|t| t.rows).collect()
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|t| (*t).to_owned()).collect()
}

/// Cells of a line, `\|` being a bar within one.
fn cells(line: &str) -> Vec<String> {
    let hidden = line.trim().replace("\\|", "\u{1}");
    let inner = hidden.trim_matches('|');
    inner.split('|').map(|cell| cell.trim().replace('\u{1}', "|")).collect()
}

/// What stands between backticks.
pub fn names(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}
