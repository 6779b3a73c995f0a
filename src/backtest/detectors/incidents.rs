//! What is known to have happened: simulated, or recorded by people.

use std::path::Path;

use chrono::NaiveDate;
use lake::areas::Register;
use lake::error::{At, Error, Result};
use lake::schema::Domain;
use lake::taxonomy::Taxonomy;

/// An outage is to be reported as missing; no finding is about it.
const OUTAGE: &str = "outage";

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Incident {
    /// Its name in the file, or its line.
    pub id: String,
    pub domain: String,
    /// Empty: of all categories.
    pub category: String,
    /// Codes of areas of the watched level, or of the whole.
    pub areas: Vec<String>,
    pub from: NaiveDate,
    pub to: NaiveDate,
}

/// Reads a CSV with the columns `area_code` (several between `|`), `domain`, `category`, `from`,
/// `to` (or `start`, `end`), and `id` or `incident_id` and `kind` where there are some. Outages are
/// left out. Of an area below the watched level the area above it is taken.
///
/// # Errors
/// [`Error::Input`] where a column is not there or a cell is none of what it should be.
pub fn read_incidents(
    path: &Path,
    register: &Register,
    taxonomy: &Taxonomy,
    level: &str,
) -> Result<Vec<Incident>> {
    let text = std::fs::read_to_string(path).at(path)?;
    let wrong = |what: String, fix: &str| Error::input(path, what, fix);
    let not_csv = |e: csv::Error| wrong(e.to_string(), "write a CSV in UTF-8 with a header");
    let text = text.trim_start_matches('\u{feff}').as_bytes();
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text);
    let header = reader.headers().map_err(not_csv)?.clone();
    let find = |names: &[&str]| header.iter().position(|h| names.contains(&h));
    let column = |names: &[&str]| {
        find(names).ok_or_else(|| wrong(format!("there is no column {}", names[0]), "add it"))
    };
    let (area, domain, category) =
        (column(&["area_code"])?, column(&["domain"])?, column(&["category"])?);
    let (from, to) = (column(&["from", "start"])?, column(&["to", "end"])?);
    let (id, kind) = (find(&["id", "incident_id"]), find(&["kind"]));
    let mut incidents = Vec::new();
    for record in reader.records() {
        let record = record.map_err(not_csv)?;
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |at: usize| record.get(at).unwrap_or_default();
        if kind.is_some_and(|at| cell(at) == OUTAGE) {
            continue;
        }
        let bad = |at: usize, is: &str| {
            wrong(
                format!("line {line}: {} \"{}\" is {is}", &header[at], cell(at)),
                "correct it, or leave the line out",
            )
        };
        let day = |at: usize| cell(at).parse::<NaiveDate>().map_err(|_| bad(at, "no day"));
        let of_domain = Domain::find(cell(domain)).ok_or_else(|| bad(domain, "no domain"))?;
        let is_known = taxonomy.list("category", of_domain).is_some_and(|l| l.has(cell(category)));
        if !cell(category).is_empty() && !is_known {
            return Err(bad(category, "no category of its domain"));
        }
        let areas = cell(area).split('|').map(|code| {
            let known =
                register.get(code.trim()).ok_or_else(|| bad(area, "not in the register"))?;
            let above = register.ancestor_at(&known.code, level).unwrap_or(known);
            Ok(above.code.clone())
        });
        let incident = Incident {
            id: id.map_or_else(|| format!("line {line}"), |at| cell(at).to_owned()),
            domain: cell(domain).to_owned(),
            category: cell(category).to_owned(),
            areas: areas.collect::<Result<Vec<String>>>()?,
            from: day(from)?,
            to: day(to)?,
        };
        if incident.to < incident.from {
            return Err(bad(to, "before its beginning"));
        }
        incidents.push(incident);
    }
    incidents.sort_by(|a, b| (a.from, &a.id).cmp(&(b.from, &b.id)));
    Ok(incidents)
}
