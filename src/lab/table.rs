//! A plain table of units × columns, and matrices of stages written back as one.

use std::io::{Read, Write};

use ndarray::{Array1, Array2};

use methods::Flaw;

/// A CSV file as it was read: every cell is text until somebody asks for numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// Reads a CSV file with a header.
    ///
    /// # Errors
    /// A [`Flaw`] where it is not CSV, a line is longer or shorter than the header, or two columns
    /// have one name.
    pub fn read(from: impl Read) -> Result<Table, Flaw> {
        let mut reader = csv::Reader::from_reader(from);
        let flaw = |e: csv::Error| {
            Flaw::new(
                format!("the table cannot be read: {e}"),
                "save it as CSV in UTF-8, as many cells in each line",
            )
        };
        let texts =
            |r: &csv::StringRecord| r.iter().map(|c| c.trim().to_owned()).collect::<Vec<String>>();
        let mut header = texts(reader.headers().map_err(flaw)?);
        if let Some(first) = header.first_mut() {
            *first = first.trim_start_matches('\u{feff}').to_owned();
        }
        if let Some((_, twice)) =
            header.iter().enumerate().find(|(i, name)| header[..*i].contains(name))
        {
            return Err(Flaw::new(
                format!("the table has two columns \"{twice}\""),
                "rename or remove one",
            ));
        }
        let rows = reader
            .records()
            .map(|r| r.map(|r| texts(&r)))
            .collect::<Result<_, _>>()
            .map_err(flaw)?;
        Ok(Table { header, rows })
    }

    /// A column's cells as text, missing ones empty.
    ///
    /// # Errors
    /// A [`Flaw`] where there is no such column.
    pub fn texts(&self, column: &str) -> Result<Vec<String>, Flaw> {
        let at = self.position(column)?;
        Ok(self
            .rows
            .iter()
            .map(|row| row.get(at).filter(|c| *c != "NA").cloned().unwrap_or_default())
            .collect())
    }

    /// A column's cells as numbers; empty and NA are missing, NaN.
    ///
    /// # Errors
    /// A [`Flaw`] where there is no such column, or that names the line and the cell that is no
    /// finite number.
    pub fn numbers(&self, column: &str) -> Result<Array1<f64>, Flaw> {
        let number = |(row, cell): (usize, String)| match cell.parse::<f64>() {
            _ if cell.is_empty() => Ok(f64::NAN),
            Ok(number) if number.is_finite() => Ok(number),
            _ => Err(Flaw::new(
                format!("line {}, column \"{column}\": \"{cell}\" is not a number", row + 2),
                "write a number, or NA where it is missing",
            )),
        };
        self.texts(column)?.into_iter().enumerate().map(number).collect()
    }

    /// A column's cells as numbers of zero or more; empty and NA are missing, NaN.
    ///
    /// # Errors
    /// As [`Table::numbers`], and a [`Flaw`] that names the line of a number below zero.
    pub fn not_negative(&self, column: &str) -> Result<Array1<f64>, Flaw> {
        let numbers = self.numbers(column)?;
        match numbers.iter().position(|number| *number < 0.0) {
            None => Ok(numbers),
            Some(row) => Err(Flaw::new(
                format!("line {}, column \"{column}\": {} is below zero", row + 2, numbers[row]),
                "correct it, or leave it empty where it is not known; to figures that may be \
                 negative add a number first",
            )),
        }
    }

    fn position(&self, column: &str) -> Result<usize, Flaw> {
        self.header.iter().position(|name| name == column).ok_or_else(|| {
            Flaw::new(
                format!("the table has no column \"{column}\""),
                format!("name one of its columns: {}", self.header.join(", ")),
            )
        })
    }
}

/// Rows that are units (in a panel, units at a time) × columns that are indicators or nodes; NaN is
/// missing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stage {
    pub units: Vec<String>,
    /// One a row in a panel, else none.
    pub periods: Vec<String>,
    pub columns: Vec<String>,
    pub values: Array2<f64>,
}

impl Stage {
    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<Array1<f64>> {
        self.columns.iter().position(|c| c == name).map(|at| self.values.column(at).to_owned())
    }

    /// The rows of each period, in order of first appearance; all of them under an empty name where
    /// there are no periods.
    pub fn by_period(&self) -> Vec<(String, Vec<usize>)> {
        let mut found: Vec<(String, Vec<usize>)> = Vec::new();
        for row in 0..self.units.len() {
            let period = self.periods.get(row).map_or("", String::as_str);
            match found.iter_mut().find(|(p, _)| p == period) {
                Some((_, rows)) => rows.push(row),
                None => found.push((period.to_owned(), vec![row])),
            }
        }
        found
    }

    /// Writes it as CSV: `unit`, `period` in a panel, and the columns. Numbers have as many digits
    /// as it takes to read back the same ones (17 at most); what is missing is empty.
    ///
    /// # Errors
    /// Those of writing.
    pub fn write(&self, to: impl Write) -> Result<(), csv::Error> {
        let mut writer = csv::Writer::from_writer(to);
        let keys = if self.periods.is_empty() { vec!["unit"] } else { vec!["unit", "period"] };
        writer.write_record(keys.into_iter().chain(self.columns.iter().map(String::as_str)))?;
        for (row, values) in self.values.rows().into_iter().enumerate() {
            let keys = self.units.get(row).into_iter().chain(self.periods.get(row));
            writer.write_record(keys.cloned().chain(values.iter().map(|v| digits(*v))))?;
        }
        writer.flush()?;
        Ok(())
    }
}

/// As many digits as it takes to read back the same number, and none where there is none.
pub(super) fn digits(value: f64) -> String {
    if value.is_nan() {
        String::new()
    } else {
        format!("{value:?}").trim_end_matches(".0").to_owned()
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn cells_are_numbers_missing_or_a_flaw() {
        let table =
            Table::read("\u{feff}unit,group,x\na,g1,1.5\nb,NA,NA\nc,,\nd,g2,1;5\n".as_bytes())
                .unwrap();
        assert_eq!(table.texts("group").unwrap(), ["g1", "", "", "g2"]);
        let flaw = table.numbers("x").unwrap_err();
        assert!(flaw.what.contains("line 5") && flaw.what.contains("1;5"), "{flaw}");
        assert!(table.numbers("y").unwrap_err().fix.contains("unit, group, x"));
        let short = Table { rows: table.rows[..3].to_vec(), ..table };
        assert!(
            short
                .numbers("x")
                .unwrap()
                .iter()
                .zip([1.5, f64::NAN, f64::NAN])
                .all(|(a, b)| *a == b || b.is_nan())
        );
        assert!(
            Table::read("a,a\n1,2\n".as_bytes()).is_err()
                && Table::read("a,b\n1\n".as_bytes()).is_err()
        );
    }

    #[test]
    fn what_is_written_reads_back_the_same() {
        let values = array![[0.1 + 0.2, f64::NAN], [1e-300, 51.0]];
        let stage = Stage {
            units: vec!["a".into(), "b".into()],
            columns: vec!["x".into(), "y".into()],
            values,
            ..Stage::default()
        };
        let mut out = Vec::new();
        stage.write(&mut out).unwrap();
        assert_eq!(
            String::from_utf8(out.clone()).unwrap(),
            "unit,x,y\na,0.30000000000000004,\nb,1e-300,51\n"
        );
        let back = Table::read(out.as_slice()).unwrap();
        assert_eq!(back.numbers("x").unwrap().to_vec(), stage.values.column(0).to_vec());
    }
}
