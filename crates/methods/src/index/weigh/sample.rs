//! What every data-driven weighting does before and after its formula: complete units, columns that
//! vary, weights with sum one.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};

use crate::method::{Flaw, Noted};

/// The part of the data a formula sees: complete units × the columns that vary, finite, at least
/// two of each.
pub(super) struct Sample {
    pub x: Array2<f64>,
    /// +1 or −1, one a column.
    pub directions: Array1<f64>,
    /// Columns of the whole matrix, with the constant ones.
    pub columns: usize,
    /// Position of each column in the whole matrix.
    varying: Vec<usize>,
    notices: Vec<String>,
}

impl Sample {
    /// A notice on one column of the sample, by its number in the whole matrix.
    pub fn note(&mut self, column: usize, what: &str) {
        let number = self.varying.get(column).map_or(column, |c| *c) + 1;
        self.notices.push(format!("column {number}: {what}"));
    }

    /// A notice on the whole.
    pub fn note_on_all(&mut self, what: &str) {
        self.notices.push(what.to_owned());
    }
}

/// Weights by a formula that gives each column of a [`Sample`] a non-negative figure: those figures
/// over their sum.
pub(super) fn weigh_with(
    x: ArrayView2<f64>,
    directions: ArrayView1<f64>,
    formula: impl FnOnce(&mut Sample) -> Result<Array1<f64>, Flaw>,
) -> Result<Noted<Array1<f64>>, Flaw> {
    let (complete, mut notices) = complete_units(x, directions)?;
    let columns = x.ncols();
    let varying: Vec<usize> = (0..columns).filter(|j| !is_constant(complete.column(*j))).collect();
    if columns > 1 && varying.is_empty() {
        let units = complete.nrows();
        notices.push(format!(
            "no column varies over {units} complete unit{}: equal weights",
            if units == 1 { "" } else { "s" }
        ));
    }
    if varying.is_empty() {
        return Ok(Noted { value: equal(columns), notices });
    }
    notices.extend(
        (0..columns)
            .filter(|j| !varying.contains(j))
            .map(|j| format!("column {}: constant, weight 0", j + 1)),
    );
    let mut sample = Sample {
        x: complete.select(Axis(1), &varying),
        directions: directions.select(Axis(0), &varying),
        columns,
        varying,
        notices,
    };
    let shares = if sample.varying.len() == 1 {
        equal(1)
    } else {
        shares(formula(&mut sample)?, &mut sample)?
    };
    let mut value = Array1::zeros(columns);
    for (j, share) in sample.varying.iter().zip(shares) {
        value[*j] = share;
    }
    Ok(Noted { value, notices: sample.notices })
}

/// The units without a missing figure, and a notice on how many were left out.
pub(super) fn complete_units(
    x: ArrayView2<f64>,
    directions: ArrayView1<f64>,
) -> Result<(Array2<f64>, Vec<String>), Flaw> {
    check(x, directions)?;
    let complete: Vec<usize> =
        (0..x.nrows()).filter(|i| !x.row(*i).iter().any(|v| v.is_nan())).collect();
    if complete.is_empty() {
        return Err(Flaw::new(
            "no unit has a figure in every column",
            "leave out the columns with the most missing figures, or impute",
        ));
    }
    let left_out = x.nrows() - complete.len();
    let notices = if left_out == 0 {
        vec![]
    } else {
        vec![format!("{left_out} of {} units left out: a figure is missing", x.nrows())]
    };
    Ok((x.select(Axis(0), &complete), notices))
}

/// Refuses data that no weighting is defined for.
pub(super) fn check(x: ArrayView2<f64>, directions: ArrayView1<f64>) -> Result<(), Flaw> {
    if x.ncols() == 0 {
        return Err(Flaw::new("there is no column to weigh", "give at least one"));
    }
    if directions.len() != x.ncols() || directions.iter().any(|d| d.abs() != 1.0) {
        return Err(Flaw::new(
            "the directions do not fit the columns",
            "give +1 or -1 for each column",
        ));
    }
    if let Some(((i, j), _)) = x.indexed_iter().find(|(_, v)| v.is_infinite()) {
        return Err(Flaw::new(
            format!("unit {} of column {} is infinite", i + 1, j + 1),
            "leave the cell empty where there is no figure",
        ));
    }
    Ok(())
}

/// The same weight for each.
pub(super) fn equal(columns: usize) -> Array1<f64> {
    Array1::from_elem(columns, 1.0 / columns as f64)
}

/// Differences at the level of rounding are none.
fn is_constant(column: ArrayView1<f64>) -> bool {
    let (low, high) =
        column.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
    high - low <= 1e-12 * high.abs().max(low.abs())
}

fn shares(figures: Array1<f64>, sample: &mut Sample) -> Result<Array1<f64>, Flaw> {
    let sum = figures.sum();
    if !sum.is_finite() || figures.iter().any(|f| *f < 0.0) {
        return Err(Flaw::new(
            "the figures are too large or too small to be weighed",
            "state them in other units, or normalise them first",
        ));
    }
    if sum == 0.0 {
        sample.note_on_all("the columns that vary are alike to this method: equal weights");
        return Ok(equal(figures.len()));
    }
    Ok(figures / sum)
}
