//! The tables `scores` and `contributions` of a model.

use std::path::Path;

use datafusion::arrow::array::RecordBatch;
use lake::{Derived, Lake, Limits, Result, Session, TableName};

use super::model::MODEL;
use crate::panel::Period;

/// The table that a model's rows go to: the night's own model has the plain one, any other model
/// one of its own, so that trying a model changes no other's scores.
pub fn table_of(table: Derived, model_file: &str) -> TableName {
    if model_file == MODEL {
        return table.into();
    }
    let stem = Path::new(model_file)
        .file_stem()
        .map_or(String::new(), |s| s.to_string_lossy().to_lowercase());
    let plain: String =
        stem.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    table.of_model(&plain)
}

/// The rows of `scores` of some periods, in order of period, area and node.
///
/// # Errors
/// [`lake::Error::Delta`], [`lake::Error::Query`].
pub fn read_scores(
    lake: &Lake,
    limits: &Limits,
    model_file: &str,
    periods: &[Period],
) -> Result<Vec<RecordBatch>> {
    let session = Session::new(lake, limits)?;
    session.register_table("scores", &lake.derived(table_of(Derived::Scores, model_file))?)?;
    let names: Vec<String> = periods.iter().map(|p| format!("'{}'", p.name)).collect();
    session.collect(&format!(
        "select * from scores where period in ({}) order by period_start, period, area_code, kind, node",
        names.join(", ")
    ))
}
