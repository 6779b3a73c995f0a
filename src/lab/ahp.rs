//! `pingan lab ahp JUDGEMENTS.csv`: pairwise judgements as a square table → priorities
//! (docs/method.md).

use ndarray::Array2;
use serde::Serialize;

use methods::index::weigh::ahp::{self, Priority, judgement};
use methods::{Flaw, Noted};

/// One row of the table that is written.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PriorityRow {
    pub element: String,
    pub weight: f64,
}

/// What is written, and what is told beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    pub rows: Vec<PriorityRow>,
    /// Consistency ratio, at most 0.10.
    pub ratio: f64,
}

/// Priorities of a CSV whose header names the elements and whose rows, in the same order, say how
/// many times as important each is as the one above: a number or a fraction. The first column names
/// the row's element.
///
/// # Errors
/// A [`Flaw`] where the table is not square or a cell is no judgement, by its place; and those of
/// [`ahp::ahp`].
pub fn ahp(csv: &[u8], by: Priority) -> Result<Noted<Judged>, Flaw> {
    let (names, matrix) = read(csv)?;
    let found = ahp::ahp(matrix.view(), &names, by)?;
    let rows = names
        .into_iter()
        .zip(&found.value.priorities)
        .map(|(element, weight)| PriorityRow { element, weight: *weight })
        .collect();
    Ok(Noted { value: Judged { rows, ratio: found.value.ratio }, notices: found.notices })
}

fn read(csv: &[u8]) -> Result<(Vec<String>, Array2<f64>), Flaw> {
    let csv = csv.strip_prefix(b"\xef\xbb\xbf").unwrap_or(csv);
    let wrong = |e: csv::Error| {
        Flaw::new(
            format!("the judgements cannot be read ({e})"),
            "give a CSV in UTF-8, each row as long as the header",
        )
    };
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(csv);
    let names: Vec<String> =
        reader.headers().map_err(wrong)?.iter().skip(1).map(str::to_owned).collect();
    let (mut cells, mut rows) = (Vec::new(), 0);
    for record in reader.records() {
        let record = record.map_err(wrong)?;
        let element = record.get(0).unwrap_or_default();
        if names.get(rows).map(String::as_str) != Some(element) {
            let expected =
                names.get(rows).map_or("the end of the table".to_owned(), |n| format!("\"{n}\""));
            return Err(Flaw::new(
                format!("row {} is of \"{element}\"", rows + 1),
                format!("the header says {expected}"),
            ));
        }
        for (name, cell) in names.iter().zip(record.iter().skip(1)) {
            let place = || format!("\"{element}\" against \"{name}\" is \"{cell}\"");
            cells
                .push(judgement(cell).ok_or_else(|| {
                    Flaw::new(place(), "give a number or a fraction such as 1/3")
                })?);
        }
        rows += 1;
    }
    let told = format!("{rows} rows stand under {} elements", names.len());
    let matrix = Array2::from_shape_vec((rows, names.len()), cells);
    Ok((names, matrix.map_err(|_| Flaw::new(told, "give one row for each element"))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flaw(csv: &str) -> String {
        ahp(csv.as_bytes(), Priority::Eigenvector).unwrap_err().to_string()
    }

    #[test]
    fn numbers_and_fractions_make_priorities() {
        let csv = "\u{feff},治安,交通,信访\n治安,1,2,6\n交通,1/2,1,3\n信访,1/6,1/3,1\n";
        let judged = ahp(csv.as_bytes(), Priority::Eigenvector).unwrap().value;
        assert_eq!(judged.rows[1].element, "交通");
        assert!((judged.rows[0].weight - 0.6).abs() < 1e-14 && judged.ratio < 1e-12, "{judged:?}");
    }

    #[test]
    fn a_wrong_table_is_told_by_its_place() {
        assert!(flaw(",a,b\na,1,x\nb,1,1\n").contains("\"a\" against \"b\" is \"x\""));
        assert!(flaw(",a,b\nb,1,2\na,1/2,1\n").contains("row 1 is of \"b\""));
        assert!(flaw(",a,b\na,1,2\n").contains("1 rows of 2"));
        assert!(flaw(",a,b\na,1,2\nb,1/2,1\nc,1,1\n").contains("end of the table"));
        assert!(flaw(",a,b\na,1,2\nb,1/3,1\n").contains("give 1/2 for \"b\" against \"a\""));
        assert!(flaw(",a,b\na,1\n").contains("cannot be read"));
        assert!(flaw("").contains("square"));
    }

    #[test]
    fn contradiction_is_refused_by_name() {
        let told = flaw(",a,b,c\na,1,5,1/5\nb,1/5,1,5\nc,5,1/5,1\n");
        assert!(told.contains("consistency ratio") && told.contains("against"), "{told}");
    }
}
