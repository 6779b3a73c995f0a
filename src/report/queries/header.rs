//! The header of a query: what the table is called and counts, and what it needs.

use std::path::Path;

use include_dir::{Dir, include_dir};
use lake::areas::EXPOSURES;
use lake::error::{At, Error, Result};
use lake::schema::{DOMAINS, Domain};

static BUNDLED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/reports/month/tables");

/// Folder of the queries, within a workspace or bundled.
pub const QUERIES: &str = "reports/month/tables";

/// The part of the report that a table stands in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Part {
    Domains,
    Risks,
    Annex,
}

/// A column of a domain that sources may leave out, or one of `exposures` that the register may.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Needed {
    pub table: &'static str,
    pub column: &'static str,
}

/// One query.
#[derive(Clone, Debug)]
pub struct Query {
    /// The file's name without its ending.
    pub id: String,
    pub title: String,
    pub definition: String,
    /// Domains without which it says nothing: one of them must have delivered.
    pub domains: Vec<&'static Domain>,
    pub part: Part,
    /// Columns of events without all of which the table says nothing.
    pub requires: Vec<Needed>,
    /// Columns of the table, each with the columns of events without all of which it says nothing.
    pub columns: Vec<(String, Vec<Needed>)>,
    /// Column whose values become columns, and the column of what stands in them.
    pub pivot: Option<(String, String)>,
    pub sql: String,
}

impl Query {
    /// All columns that its header names.
    pub fn needed(&self) -> impl Iterator<Item = &Needed> {
        self.requires.iter().chain(self.columns.iter().flat_map(|(_, needed)| needed))
    }
}

/// The queries of a workspace: its own folder wins, file by file.
///
/// # Errors
/// [`Error::Config`] where a header lacks something or names what there is not.
pub fn read_queries(root: &Path) -> Result<Vec<Query>> {
    let mut files: Vec<(String, String)> = BUNDLED
        .files()
        .filter_map(|f| {
            let name = f.path().file_name()?.to_string_lossy().into_owned();
            Some((name, f.contents_utf8()?.to_owned()))
        })
        .collect();
    let own = root.join(QUERIES);
    if own.is_dir() {
        for entry in std::fs::read_dir(&own).at(&own)? {
            let path = entry.at(&own)?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if !name.ends_with(".sql") {
                continue;
            }
            let text = std::fs::read_to_string(&path).at(&path)?;
            files.retain(|(known, _)| *known != name);
            files.push((name, text));
        }
    }
    files.sort();
    files.iter().map(|(name, text)| parse(name, text)).collect()
}

fn parse(name: &str, text: &str) -> Result<Query> {
    let header = Header { file: Path::new(QUERIES).join(name), text };
    let part = match header.value("part")? {
        "domains" => Part::Domains,
        "risks" => Part::Risks,
        "annex" => Part::Annex,
        other => {
            return Err(
                header.wrong(format!("part: {other} is none"), "write domains, risks or annex")
            );
        }
    };
    let domains = header.value("domain")?.split_whitespace().map(|id| header.domain(id));
    let requires = header.values("requires").into_iter().flat_map(str::split_whitespace);
    let column = |value: &str| {
        let (name, needed): (Vec<&str>, Vec<&str>) =
            value.split_whitespace().partition(|word| !word.contains('.'));
        if name.is_empty() || needed.is_empty() {
            return Err(header.wrong(
                format!("column: {value} does not name a column and what it needs"),
                "write `-- column: NAME DOMAIN.COLUMN`",
            ));
        }
        let needed = needed.into_iter().map(|n| header.needed(n)).collect::<Result<_>>()?;
        Ok((name.join(" "), needed))
    };
    let pivot = |value: &str| match value.split_once(' ') {
        Some((names, values)) => Ok((names.to_owned(), values.trim().to_owned())),
        None => Err(header
            .wrong(format!("pivot: {value} names one column"), "write `-- pivot: NAMES VALUES`")),
    };
    Ok(Query {
        id: name.trim_end_matches(".sql").to_owned(),
        title: header.value("title")?.to_owned(),
        definition: header.value("definition")?.to_owned(),
        domains: domains.collect::<Result<_>>()?,
        part,
        requires: requires.map(|needed| header.needed(needed)).collect::<Result<_>>()?,
        columns: header.values("column").into_iter().map(column).collect::<Result<_>>()?,
        pivot: header.values("pivot").first().copied().map(pivot).transpose()?,
        sql: text.to_owned(),
    })
}

/// The lines `-- key: value` of a file.
struct Header<'a> {
    file: std::path::PathBuf,
    text: &'a str,
}

impl<'a> Header<'a> {
    fn values(&self, key: &str) -> Vec<&'a str> {
        let begin = format!("-- {key}:");
        let values = self.text.lines().filter_map(|line| line.strip_prefix(&begin));
        values.map(str::trim).filter(|value| !value.is_empty()).collect()
    }

    fn value(&self, key: &str) -> Result<&'a str> {
        self.values(key).first().copied().ok_or_else(|| {
            self.wrong(
                format!("its header lacks {key}"),
                &format!("write `-- {key}: …` above the SQL"),
            )
        })
    }

    fn domain(&self, id: &str) -> Result<&'static Domain> {
        Domain::find(id).ok_or_else(|| {
            let known: Vec<&str> = DOMAINS.iter().map(|d| d.id).collect();
            self.wrong(
                format!("there is no domain {id}"),
                &format!("there are {}", known.join(", ")),
            )
        })
    }

    fn needed(&self, written: &str) -> Result<Needed> {
        let (table, column) = written.split_once('.').ok_or_else(|| {
            self.wrong(format!("{written} is no column"), "write it like requests.unit")
        })?;
        let (table, column) = match EXPOSURES.iter().find(|c| table == "exposures" && **c == column)
        {
            Some(column) => ("exposures", Some(*column)),
            None => {
                let domain = self.domain(table)?;
                (domain.id, domain.column(column).map(|c| c.name))
            }
        };
        let column = column.ok_or_else(|| {
            self.wrong(
                format!("there is no {written}"),
                "docs/interface.md has the columns of every domain",
            )
        })?;
        Ok(Needed { table, column })
    }

    fn wrong(&self, what: String, fix: &str) -> Error {
        Error::config(&self.file, what, fix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bundled_query_has_its_header_and_one_that_lacks_it_is_named() {
        let queries = read_queries(Path::new("nowhere")).unwrap();
        assert!(queries.len() >= 9, "{}", queries.len());
        let error = |text: &str| parse("own.sql", text).unwrap_err().to_string();
        let lacks = error("-- title: x\nselect 1");
        assert!(lacks.contains("own.sql") && lacks.contains("lacks part"), "{lacks}");
        let head = "-- title: x\n-- definition: x\n-- domain: requests\n-- part: risks\n";
        let unknown = error(&format!("{head}-- requires: requests.units\nselect 1"));
        assert!(unknown.contains("no requests.units"), "{unknown}");
        let one = error(&format!("{head}-- column: requests.unit\nselect 1"));
        assert!(one.contains("NAME DOMAIN.COLUMN"), "{one}");
    }
}
