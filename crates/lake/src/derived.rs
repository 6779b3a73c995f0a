//! Tables the engine derives, and their columns (docs/interface.md).

use std::fmt;
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};

/// Stands between a table's name and that of a model which is not the night's own:
/// `scores_of_huizhou`.
const OF_MODEL: &str = "_of_";

/// A table that the engine derives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Derived {
    /// The register of areas.
    Areas,
    /// Signed increments of every indicator, by area and day.
    Panel,
    /// Days on which a feed did not deliver what was to be expected.
    Coverage,
    /// The index, its domains and indicators, by period and area.
    Scores,
    /// Parts of every change of the index against the period before.
    Contributions,
    /// What detection found as of a night.
    Findings,
    /// What is open, or was, in an area on a topic.
    Warnings,
    /// Where each letter stands.
    Letters,
    /// Every step of every letter.
    Ledger,
    /// Files that landed: from which source, when, and of which days.
    Deliveries,
    /// Which row of a department's file an event comes from whose id the lake has no clear text of.
    Origins,
    /// Refused rows and cells, with reason and fix.
    Rejected,
    /// Every run that wrote something.
    Runs,
}

impl Derived {
    /// All of them, in the order in which they are made.
    pub const ALL: [Derived; 13] = [
        Derived::Areas,
        Derived::Panel,
        Derived::Coverage,
        Derived::Scores,
        Derived::Contributions,
        Derived::Findings,
        Derived::Warnings,
        Derived::Letters,
        Derived::Ledger,
        Derived::Deliveries,
        Derived::Origins,
        Derived::Rejected,
        Derived::Runs,
    ];

    /// Name of the table, as queries and the folder of the lake have it.
    pub fn name(self) -> &'static str {
        match self {
            Derived::Areas => "areas",
            Derived::Panel => "panel",
            Derived::Coverage => "coverage",
            Derived::Scores => "scores",
            Derived::Contributions => "contributions",
            Derived::Findings => "findings",
            Derived::Warnings => "warnings",
            Derived::Letters => "letters",
            Derived::Ledger => "ledger",
            Derived::Deliveries => "deliveries",
            Derived::Origins => "origins",
            Derived::Rejected => "rejected",
            Derived::Runs => "runs",
        }
    }

    /// The table of a model that is not the night's own, so that trying one spoils nothing.
    pub fn of_model(self, model: &str) -> TableName {
        TableName { table: self, model: Some(model.to_owned()) }
    }

    /// Columns with their types; a required one is never null.
    pub fn schema(self) -> SchemaRef {
        use DataType::{Date32, Float64, Int64, Utf8};
        let instant = || DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        let fields = match self {
            Derived::Areas => vec![
                required("code", Utf8),
                required("name", Utf8),
                required("level", Utf8),
                optional("parent", Utf8),
                optional("population", Float64),
                optional("households", Float64),
                optional("vehicles", Float64),
                optional("enterprises", Float64),
                optional("lon", Float64),
                optional("lat", Float64),
                optional("aliases", Utf8),
                optional("valid_from", Date32),
                optional("valid_to", Date32),
                optional("successor", Utf8),
                optional("floating_population", Float64),
                optional("rental_houses", Float64),
                optional("hotels", Float64),
                optional("grids", Float64),
                optional("grid_workers", Float64),
                optional("mediation_rooms", Float64),
            ],
            Derived::Panel => vec![
                required("day", Date32),
                required("recorded_day", Date32),
                required("area_code", Utf8),
                required("domain", Utf8),
                required("indicator", Utf8),
                required("category", Utf8),
                required("num", Int64),
                required("den", Int64),
                optional("source", Utf8),
                optional("recorded_basis", Utf8),
            ],
            Derived::Coverage => vec![
                required("domain", Utf8),
                required("day", Date32),
                optional("area_code", Utf8),
                required("state", Utf8),
                required("reason", Utf8),
                optional("expected", Float64),
                optional("observed", Float64),
                optional("source", Utf8),
            ],
            Derived::Scores => vec![
                required("period", Utf8),
                required("period_start", Date32),
                required("period_end", Date32),
                required("area_code", Utf8),
                required("node", Utf8),
                required("kind", Utf8),
                optional("raw", Float64),
                optional("exposure", Float64),
                optional("score", Float64),
                optional("score_lo", Float64),
                optional("score_hi", Float64),
                optional("rank", Int64),
                optional("rank_lo", Int64),
                optional("rank_hi", Int64),
                optional("band", Utf8),
                optional("bands", Utf8),
                optional("weight", Float64),
                required("coverage", Float64),
                optional("capped_by", Utf8),
                optional("uncapped", Float64),
                required("as_of", instant()),
                required("run_id", Utf8),
            ],
            Derived::Contributions => vec![
                required("period", Utf8),
                required("against", Utf8),
                required("area_code", Utf8),
                required("node", Utf8),
                required("part", Utf8),
                required("delta", Float64),
                required("as_of", instant()),
                required("run_id", Utf8),
            ],
            Derived::Findings => vec![
                required("as_of", instant()),
                required("area_code", Utf8),
                required("domain", Utf8),
                required("category", Utf8),
                required("kind", Utf8),
                required("method", Utf8),
                required("period_start", Date32),
                required("period_end", Date32),
                optional("observed", Float64),
                optional("expected", Float64),
                optional("lower", Float64),
                optional("upper", Float64),
                optional("excess", Float64),
                optional("p", Float64),
                optional("q", Float64),
                required("detail", Utf8),
                required("run_id", Utf8),
            ],
            Derived::Warnings => vec![
                required("warning_id", Utf8),
                required("area_code", Utf8),
                required("topic", Utf8),
                required("level", Utf8),
                required("opened_at", instant()),
                optional("closed_at", instant()),
                required("findings", Utf8),
            ],
            Derived::Letters => vec![
                required("letter_id", Utf8),
                optional("number", Utf8),
                required("kind", Utf8),
                required("warning_id", Utf8),
                required("area_code", Utf8),
                required("level", Utf8),
                required("deadline", Date32),
                required("status", Utf8),
            ],
            Derived::Ledger => vec![
                required("seq", Int64),
                required("letter_id", Utf8),
                required("at", instant()),
                required("actor", Utf8),
                required("step", Utf8),
                required("note", Utf8),
                required("prev_hash", Utf8),
                required("hash", Utf8),
            ],
            Derived::Deliveries => vec![
                required("domain", Utf8),
                required("source", Utf8),
                required("batch_id", Utf8),
                required("file", Utf8),
                required("delivered_at", instant()),
                required("rows", Int64),
                optional("first_day", Date32),
                optional("last_day", Date32),
                optional("rhythm", Utf8),
                optional("period", Utf8),
                optional("digest", Utf8),
            ],
            Derived::Origins => vec![
                required("domain", Utf8),
                required("event_id", Utf8),
                required("batch_id", Utf8),
                optional("sheet", Int64),
                required("row", Int64),
            ],
            Derived::Rejected => vec![
                required("batch_id", Utf8),
                required("file", Utf8),
                required("row", Int64),
                required("column", Utf8),
                optional("shape", Utf8),
                required("reason", Utf8),
                required("fix", Utf8),
            ],
            Derived::Runs => vec![
                required("run_id", Utf8),
                required("started_at", instant()),
                required("finished_at", instant()),
                required("command", Utf8),
                required("args", Utf8),
                required("version", Utf8),
                optional("model_hash", Utf8),
                required("seed", Int64),
                required("inputs", Utf8),
                required("rows", Int64),
            ],
        };
        Arc::new(Schema::new(fields))
    }
}

/// Which derived table: the night's own, or that of another model.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TableName {
    pub table: Derived,
    /// `None` for the night's own model.
    pub model: Option<String>,
}

impl TableName {
    /// The table of that name; `None` where it is none of the derived ones.
    pub fn parse(name: &str) -> Option<TableName> {
        let (base, model) = match name.split_once(OF_MODEL) {
            Some((base, model)) => (base, Some(model.to_owned())),
            None => (name, None),
        };
        let table = Derived::ALL.into_iter().find(|t| t.name() == base)?;
        Some(TableName { table, model })
    }
}

impl From<Derived> for TableName {
    fn from(table: Derived) -> TableName {
        TableName { table, model: None }
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match &self.model {
            None => f.write_str(self.table.name()),
            Some(model) => write!(f, "{}{OF_MODEL}{model}", self.table.name()),
        }
    }
}

fn required(name: &str, kind: DataType) -> Field {
    Field::new(name, kind, false)
}

fn optional(name: &str, kind: DataType) -> Field {
    Field::new(name, kind, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_written_is_read_again() {
        for table in Derived::ALL {
            for name in [TableName::from(table), table.of_model("huizhou")] {
                assert_eq!(TableName::parse(&name.to_string()), Some(name));
            }
        }
        assert_eq!(Derived::Scores.of_model("huizhou").to_string(), "scores_of_huizhou");
        assert_eq!(TableName::parse("disputes"), None);
    }
}
