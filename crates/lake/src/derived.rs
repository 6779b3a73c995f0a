//! Columns of the tables the engine derives (INTERFACE.md, Tables).

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};

/// Names of the derived tables that this version writes.
pub const DERIVED_TABLES: [&str; 11] = [
    "areas",
    "panel",
    "coverage",
    "scores",
    "contributions",
    "findings",
    "warnings",
    "letters",
    "ledger",
    "rejected",
    "runs",
];

/// Stands between a table's name and that of a model which is not the night's own:
/// `scores_of_huizhou`.
pub const OF_MODEL: &str = "_of_";

/// Schema of a derived table.
pub fn derived_schema(name: &str) -> Option<SchemaRef> {
    use DataType::{Date32, Float64, Int64, Utf8};
    let instant = || DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    let fields = match name.split_once(OF_MODEL).map_or(name, |(base, _)| base) {
        "areas" => vec![
            need("code", Utf8),
            need("name", Utf8),
            need("level", Utf8),
            may("parent", Utf8),
            may("population", Float64),
            may("households", Float64),
            may("vehicles", Float64),
            may("enterprises", Float64),
            may("lon", Float64),
            may("lat", Float64),
            may("aliases", Utf8),
        ],
        "panel" => vec![
            need("day", Date32),
            need("recorded_day", Date32),
            need("area_code", Utf8),
            need("domain", Utf8),
            need("indicator", Utf8),
            need("category", Utf8),
            need("num", Int64),
            need("den", Int64),
        ],
        "coverage" => vec![
            need("domain", Utf8),
            need("day", Date32),
            may("area_code", Utf8),
            need("state", Utf8),
            need("reason", Utf8),
            may("expected", Float64),
            may("observed", Float64),
        ],
        "scores" => vec![
            need("period", Utf8),
            need("period_start", Date32),
            need("period_end", Date32),
            need("area_code", Utf8),
            need("node", Utf8),
            need("kind", Utf8),
            may("raw", Float64),
            may("exposure", Float64),
            may("score", Float64),
            may("score_lo", Float64),
            may("score_hi", Float64),
            may("rank", Int64),
            may("rank_lo", Int64),
            may("rank_hi", Int64),
            may("band", Utf8),
            may("bands", Utf8),
            may("weight", Float64),
            need("coverage", Float64),
            may("capped_by", Utf8),
            may("uncapped", Float64),
            need("as_of", instant()),
            need("run_id", Utf8),
        ],
        "contributions" => vec![
            need("period", Utf8),
            need("against", Utf8),
            need("area_code", Utf8),
            need("node", Utf8),
            need("part", Utf8),
            need("delta", Float64),
            need("as_of", instant()),
            need("run_id", Utf8),
        ],
        "findings" => vec![
            need("as_of", instant()),
            need("area_code", Utf8),
            need("domain", Utf8),
            need("category", Utf8),
            need("kind", Utf8),
            need("method", Utf8),
            need("period_start", Date32),
            need("period_end", Date32),
            may("observed", Float64),
            may("expected", Float64),
            may("lower", Float64),
            may("upper", Float64),
            may("excess", Float64),
            may("p", Float64),
            may("q", Float64),
            need("detail", Utf8),
            need("run_id", Utf8),
        ],
        "warnings" => vec![
            need("warning_id", Utf8),
            need("area_code", Utf8),
            need("topic", Utf8),
            need("level", Utf8),
            need("opened_at", instant()),
            may("closed_at", instant()),
            need("findings", Utf8),
        ],
        "letters" => vec![
            need("letter_id", Utf8),
            may("number", Utf8),
            need("kind", Utf8),
            need("warning_id", Utf8),
            need("area_code", Utf8),
            need("level", Utf8),
            need("deadline", Date32),
            need("status", Utf8),
        ],
        "ledger" => vec![
            need("seq", Int64),
            need("letter_id", Utf8),
            need("at", instant()),
            need("actor", Utf8),
            need("step", Utf8),
            need("note", Utf8),
            need("prev_hash", Utf8),
            need("hash", Utf8),
        ],
        "rejected" => vec![
            need("batch_id", Utf8),
            need("file", Utf8),
            need("row", Int64),
            need("column", Utf8),
            may("value", Utf8),
            need("reason", Utf8),
            need("fix", Utf8),
        ],
        "runs" => vec![
            need("run_id", Utf8),
            need("started_at", instant()),
            need("finished_at", instant()),
            need("command", Utf8),
            need("args", Utf8),
            need("version", Utf8),
            may("model_hash", Utf8),
            need("seed", Int64),
            need("inputs", Utf8),
            need("rows", Int64),
        ],
        _ => return None,
    };
    Some(Arc::new(Schema::new(fields)))
}

fn need(name: &str, kind: DataType) -> Field {
    Field::new(name, kind, false)
}

fn may(name: &str, kind: DataType) -> Field {
    Field::new(name, kind, true)
}
