//! `pingan lab weights DATA.csv --method M`: units × indicators → weights with bootstrap intervals
//! (docs/method.md).

use std::collections::HashSet;

use ndarray::{Array1, Array2};
use serde::Serialize;

use methods::index::weigh::{Bootstrap, weighting};
use methods::{Flaw, Noted, Params};

/// One row of the table that is written.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WeightRow {
    pub indicator: String,
    pub weight: f64,
    /// Ends of the bootstrap interval; none where the weights do not come from the data, or where
    /// there are too few units.
    pub lo: Option<f64>,
    pub hi: Option<f64>,
    /// What was done to this indicator, empty where nothing.
    pub notice: String,
}

/// What a table of figures is weighed by.
#[derive(Clone, Debug)]
pub struct Weighing<'a> {
    /// A name of [`methods::index::weigh::METHODS`].
    pub method: &'a str,
    pub params: &'a Params,
    /// The indicators that are worse when high.
    pub worse_when_high: &'a [String],
    pub bootstrap: Bootstrap,
}

/// Weights of the indicators of a CSV: the first column names the unit, the others hold one
/// indicator each; an empty cell, `NA` or `NaN` is missing. What concerns one indicator stands in
/// its row; the notices beside the rows concern all.
///
/// # Errors
/// A [`Flaw`] where the table or a name is wrong, or the method refuses the data.
pub fn weights(csv: &[u8], by: &Weighing) -> Result<Noted<Vec<WeightRow>>, Flaw> {
    let (indicators, x) = read(csv)?;
    let directions = directions(&indicators, by.worse_when_high)?;
    let method = weighting(by.method, by.params)?;
    let weighed = method.weigh(x.view(), directions.view())?;
    let (own, mut notices): (Vec<String>, Vec<String>) =
        weighed.notices.into_iter().partition(|n| column_of(n).is_some());
    let mut rows: Vec<WeightRow> = indicators
        .into_iter()
        .zip(&weighed.value)
        .enumerate()
        .map(|(j, (indicator, weight))| {
            let of_this: Vec<&str> = own
                .iter()
                .filter_map(|n| column_of(n))
                .filter(|(n, _)| *n == j + 1)
                .map(|(_, what)| what)
                .collect();
            WeightRow { indicator, weight: *weight, lo: None, hi: None, notice: of_this.join("; ") }
        })
        .collect();
    if method.data_driven() {
        match by.bootstrap.intervals(method.as_ref(), x.view(), directions.view()) {
            Ok(found) => {
                notices.extend(found.notices);
                for (row, (lo, hi)) in
                    rows.iter_mut().zip(found.value.lo.iter().zip(&found.value.hi))
                {
                    (row.lo, row.hi) = (Some(*lo), Some(*hi));
                }
            }
            Err(flaw) => notices.push(format!("no intervals: {flaw}")),
        }
    }
    Ok(Noted { value: rows, notices })
}

/// N and the rest of `column N: rest`.
fn column_of(notice: &str) -> Option<(usize, &str)> {
    let (column, what) = notice.strip_prefix("column ")?.split_once(": ")?;
    Some((column.parse().ok()?, what))
}

fn directions(indicators: &[String], worse: &[String]) -> Result<Array1<f64>, Flaw> {
    if let Some(unknown) = worse.iter().find(|w| !indicators.contains(w)) {
        return Err(Flaw::new(
            format!("there is no column \"{unknown}\""),
            format!("take one of {}", indicators.join(", ")),
        ));
    }
    Ok(indicators.iter().map(|i| if worse.contains(i) { -1.0 } else { 1.0 }).collect())
}

fn read(csv: &[u8]) -> Result<(Vec<String>, Array2<f64>), Flaw> {
    let csv = csv.strip_prefix(b"\xef\xbb\xbf").unwrap_or(csv);
    let wrong = |e: csv::Error| {
        Flaw::new(
            format!("the table cannot be read ({e})"),
            "give a CSV in UTF-8, each row as long as the header",
        )
    };
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(csv);
    let names: Vec<String> =
        reader.headers().map_err(wrong)?.iter().skip(1).map(str::to_owned).collect();
    if let Some((_, twice)) =
        names.iter().enumerate().find(|(j, n)| names.iter().take(*j).any(|m| m == *n))
    {
        return Err(Flaw::new(
            format!("two columns are called \"{twice}\""),
            "give each indicator its own name",
        ));
    }
    let (mut cells, mut units, mut seen) = (Vec::new(), 0, HashSet::new());
    for record in reader.records() {
        let record = record.map_err(wrong)?;
        let unit = record.get(0).unwrap_or_default();
        if !unit.is_empty() && !seen.insert(unit.to_owned()) {
            return Err(Flaw::new(
                format!("unit \"{unit}\" comes twice, again in line {}", units + 2),
                "remove one",
            ));
        }
        for (name, cell) in names.iter().zip(record.iter().skip(1)) {
            let place = || {
                format!(
                    "\"{cell}\" in column \"{name}\" of unit \"{}\" is no number",
                    record.get(0).unwrap_or_default()
                )
            };
            cells.push(figure(cell).ok_or_else(|| {
                Flaw::new(place(), "give a number, or leave the cell empty where there is none")
            })?);
        }
        units += 1;
    }
    let matrix = Array2::from_shape_vec((units, names.len()), cells);
    Ok((names, matrix.map_err(|_| Flaw::new("the table is too large", "give fewer units"))?))
}

/// NaN where missing, none where no number.
fn figure(cell: &str) -> Option<f64> {
    if matches!(cell, "" | "NA" | "NaN") {
        return Some(f64::NAN);
    }
    cell.parse().ok().filter(|v: &f64| v.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weigh(csv: &str, method: &str, worse: &[&str]) -> Result<Noted<Vec<WeightRow>>, Flaw> {
        let worse: Vec<String> = worse.iter().map(|w| (*w).to_owned()).collect();
        let bootstrap = Bootstrap { replicates: 50, ..Bootstrap::default() };
        weights(
            csv.as_bytes(),
            &Weighing { method, params: &Params::new(), worse_when_high: &worse, bootstrap },
        )
    }

    const DATA: &str = "\u{feff}uCode,a,b,c\n1,1,4,2\n2,,1,2\n3,3,5,2\n4,5,2,2\n5,2,2,2\n";

    #[test]
    fn a_unit_given_twice_is_refused() {
        let flaw = weigh(&format!("{DATA}3,1,1,1\n"), "critic", &[]).unwrap_err().to_string();
        assert!(flaw.contains("unit \"3\" comes twice, again in line 7"), "{flaw}");
    }

    #[test]
    fn a_row_an_indicator_with_its_own_notice() {
        let found = weigh(DATA, "critic", &["b"]).unwrap();
        let (rows, notices) = (found.value, found.notices);
        assert_eq!(rows.iter().map(|r| r.indicator.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
        assert!((rows.iter().map(|r| r.weight).sum::<f64>() - 1.0).abs() < 1e-15);
        assert_eq!(
            (rows[2].weight, rows[2].notice.as_str(), rows[0].notice.as_str()),
            (0.0, "constant, weight 0", "")
        );
        assert!(rows.iter().all(|r| r.lo.unwrap() <= r.hi.unwrap()));
        assert!(notices.iter().any(|n| n.starts_with("1 of 5 units left out")), "{notices:?}");
        assert!(notices.iter().any(|n| n.contains("advice only")), "{notices:?}");
        assert_ne!(
            weigh(DATA, "merec", &["b"]).unwrap().value,
            weigh(DATA, "merec", &[]).unwrap().value
        );
    }

    #[test]
    fn equal_weights_have_no_interval() {
        let found = weigh(DATA, "equal", &[]).unwrap();
        assert!(
            found.notices.is_empty()
                && found
                    .value
                    .iter()
                    .all(|r| r.lo.is_none() && (r.weight - 1.0 / 3.0).abs() < 1e-15)
        );
    }

    #[test]
    fn one_unit_has_weights_and_no_interval() {
        let found = weigh("u,a,b\n1,2,3\n", "entropy", &[]).unwrap();
        assert!(found.value.iter().all(|r| r.weight == 0.5 && r.lo.is_none()));
        assert_eq!(found.notices.len(), 2, "{:?}", found.notices);
    }

    #[test]
    fn what_is_wrong_is_told_by_its_name() {
        let flaw = |csv: &str, method: &str, worse: &[&str]| {
            weigh(csv, method, worse).unwrap_err().to_string()
        };
        assert!(flaw(DATA, "entropy", &["z"]).contains("no column \"z\""));
        assert!(flaw(DATA, "magic", &[]).contains("no weighting \"magic\""));
        assert!(flaw("u,a,a\n1,2,3\n", "entropy", &[]).contains("two columns are called \"a\""));
        assert!(flaw("u,a\nx,?\n", "entropy", &[]).contains("\"?\" in column \"a\" of unit \"x\""));
        assert!(flaw("u,a\nx,\n", "entropy", &[]).contains("no unit"));
        assert!(flaw("u\nx\n", "entropy", &[]).contains("no column"));
        assert!(flaw("u,a\nx,1,2\n", "entropy", &[]).contains("cannot be read"));
    }
}
