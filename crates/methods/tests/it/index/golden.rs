//! Reference results as tables, and what it means to meet them.
#![allow(dead_code)]

use std::path::Path;

use ndarray::{Array1, Array2};

/// A CSV file as text, with its header.
pub struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub fn read(file: &Path) -> Table {
        let mut reader = csv::ReaderBuilder::new().from_path(file).unwrap();
        let header = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let rows =
            reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect();
        Table { header, rows }
    }

    pub fn names(&self) -> &[String] {
        &self.header
    }

    pub fn text(&self, name: &str) -> Vec<&str> {
        let column = self
            .header
            .iter()
            .position(|h| h == name)
            .unwrap_or_else(|| panic!("no column {name}"));
        self.rows.iter().map(|r| r[column].as_str()).collect()
    }

    /// A column of figures; NA is NaN.
    pub fn column(&self, name: &str) -> Array1<f64> {
        self.text(name)
            .iter()
            .map(|t| if *t == "NA" { f64::NAN } else { t.parse().unwrap() })
            .collect()
    }

    /// Some columns of figures, rows × columns.
    pub fn matrix<S: AsRef<str>>(&self, names: &[S]) -> Array2<f64> {
        let columns: Vec<Array1<f64>> = names.iter().map(|n| self.column(n.as_ref())).collect();
        Array2::from_shape_fn((self.rows.len(), columns.len()), |(row, column)| {
            columns[column][row]
        })
    }
}

/// Panics unless every figure is met at 1e-8 relative.
pub fn assert_met<'a>(
    what: &str,
    got: impl IntoIterator<Item = &'a f64>,
    want: impl IntoIterator<Item = &'a f64>,
) {
    let (got, want): (Vec<&f64>, Vec<&f64>) =
        (got.into_iter().collect(), want.into_iter().collect());
    assert_eq!(got.len(), want.len(), "{what}");
    assert!(!want.is_empty(), "{what}: nothing to compare");
    for (i, (got, want)) in got.iter().zip(&want).enumerate() {
        let met = (**got - **want).abs()
            <= 1e-8 * want.abs().max(1e-12) + if **want == 0.0 { 1e-12 } else { 0.0 };
        assert!(met || (got.is_nan() && want.is_nan()), "{what}, place {i}: {got}, wanted {want}");
    }
}
