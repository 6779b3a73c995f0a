//! Reference results of COINr and the ASEM model that must reproduce them.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use pingan::lab::index::run;
use pingan::lab::model::LabModel;
use pingan::lab::stages::Stages;
use pingan::lab::table::{Stage, Table};

use crate::support::shared;

/// A reference table, its first column being the key.
pub struct Golden {
    pub table: Table,
}

/// A file of COINr's; None where the data are not beside the project.
pub fn golden(file: &str) -> Option<Golden> {
    let path = shared(&format!("golden/coinr/{file}"))?;
    Some(Golden { table: Table::read(File::open(path).expect("file")).expect("CSV") })
}

impl Golden {
    /// Cell of a row and a column, as text.
    #[allow(dead_code)]
    pub fn text(&self, key: &str, column: &str) -> &str {
        let row =
            self.table.rows.iter().find(|r| r[0] == key).unwrap_or_else(|| panic!("row {key}"));
        &row[self
            .table
            .header
            .iter()
            .position(|c| c == column)
            .unwrap_or_else(|| panic!("column {column}"))]
    }

    /// Whole column as numbers, R's Inf included, by key; what is missing is NaN.
    #[allow(dead_code)]
    pub fn column(&self, column: &str) -> BTreeMap<String, f64> {
        let at = self
            .table
            .header
            .iter()
            .position(|c| c == column)
            .unwrap_or_else(|| panic!("column {column}"));
        self.table.rows.iter().map(|r| (r[0].clone(), number(&r[at]))).collect()
    }

    /// The row of a key as numbers, by column.
    #[allow(dead_code)]
    pub fn row(&self, key: &str) -> BTreeMap<String, f64> {
        self.columns().iter().map(|c| (c.clone(), number(self.text(key, c)))).collect()
    }

    /// Columns but the key, in order.
    pub fn columns(&self) -> &[String] {
        &self.table.header[1..]
    }

    /// Every cell of a stage is the reference's, unit by unit, and the reference has no other
    /// columns or units.
    #[allow(dead_code)]
    pub fn is(&self, stage: &Stage) {
        assert_eq!(stage.units.len(), self.table.rows.len());
        assert_eq!(sorted(&stage.columns), sorted(self.columns()));
        self.is_column_by_column(stage, |_| true);
    }

    /// As [`Golden::is`], for the reference's columns of that sort alone.
    #[allow(dead_code)]
    pub fn is_column_by_column(&self, stage: &Stage, of: impl Fn(&str) -> bool) {
        let mut compared = 0;
        for column in self.columns().iter().filter(|c| of(c)) {
            let ours = stage.column(column).unwrap_or_else(|| panic!("no column {column}"));
            let reference = self.column(column);
            for (unit, value) in stage.units.iter().zip(ours) {
                assert_close(value, reference[unit], &format!("{unit} {column}"));
                compared += 1;
            }
        }
        assert!(compared > 0, "nothing was compared");
    }
}

fn number(cell: &str) -> f64 {
    match cell {
        "" | "NA" | "NaN" => f64::NAN,
        "Inf" => f64::INFINITY,
        "-Inf" => f64::NEG_INFINITY,
        _ => cell.parse().unwrap_or_else(|_| panic!("{cell} is no number")),
    }
}

fn sorted(names: &[String]) -> Vec<&String> {
    let mut names: Vec<&String> = names.iter().collect();
    names.sort();
    names
}

/// Equal to 1e-8 relative, or both missing.
pub fn assert_close(ours: f64, reference: f64, what: &str) {
    let tolerance = if reference == 0.0 { 1e-12 } else { 1e-8 * reference.abs().max(1e-12) };
    let same = (ours.is_nan() && reference.is_nan()) || (ours - reference).abs() <= tolerance;
    assert!(same, "{what}: {ours} and not {reference}");
}

/// The ASEM model as TOML, to be changed by a test.
pub fn asem() -> toml::Table {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parity/asem.toml");
    toml::from_str(&std::fs::read_to_string(path).expect("model")).expect("TOML")
}

/// The index of a golden data file by a model; None where the data are not beside the project.
pub fn stages(model: &toml::Table, data: &str) -> Option<Stages> {
    let model = LabModel::parse(&toml::to_string(model).expect("TOML")).expect("model");
    Some(run(&golden(data)?.table, &model).expect("stages"))
}

/// A model with one step's method and parameters replaced.
#[allow(dead_code)]
pub fn with(mut model: toml::Table, step: &str, method: &str) -> toml::Table {
    model.insert(step.to_owned(), toml::Value::Table(toml::from_str(method).expect("TOML")));
    model
}
