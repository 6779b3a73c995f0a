//! What the expected count depends on: level, trend, season, and whatever columns the caller adds.
//! One design serves every series of a calendar.

use std::f64::consts::TAU;
use std::ops::Range;

use ndarray::Array2;

use crate::detect::calendar_regressors::Regressors;
use crate::method::Flaw;

/// Least number of time points a year from which on days of the week are told apart.
pub const DAILY: usize = 300;
/// Prior standard deviations on the log scale, where nothing has been pooled: of the trend a year,
const TREND_SD: f64 = 0.3;
/// of the first harmonic (the j-th: a j-th of it),
const SEASON_SD: f64 = 0.5;
/// of every other column.
const OTHER_SD: f64 = 0.5;
/// The level is left free.
const LEVEL_SD: f64 = 1e3;

/// Names of the columns of the Spring Festival begin so.
const FESTIVAL: &str = "festival";

/// The design matrix of a calendar, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Design {
    names: Vec<String>,
    sds: Vec<f64>,
    rows: Vec<f64>,
    /// Of each row, the products of its columns two by two: the lower triangle, row by row.
    products: Vec<f64>,
    length: usize,
    freq: usize,
}

impl Design {
    /// The columns `level`, `trend` (a year), `cos1`, `sin1` … up to `harmonics`, on daily
    /// calendars `day1` … `day6` (the day of the week against every seventh day from the first),
    /// and the extra ones. `freq` is the number of time points a year.
    ///
    /// # Errors
    /// A [`Flaw`] where there are no time points a year, extra columns have another length than the
    /// calendar, or hold what is not a number.
    pub fn new(
        length: usize,
        freq: usize,
        harmonics: usize,
        extra: &Regressors,
    ) -> Result<Design, Flaw> {
        check(length, freq, extra)?;
        // A harmonic that turns over faster than the calendar can show would repeat another one.
        let harmonics = harmonics.min(freq.saturating_sub(1) / 2);
        let days = if freq >= DAILY { 6 } else { 0 };
        let mut names = vec!["level".to_owned(), "trend".to_owned()];
        let mut sds = vec![LEVEL_SD, TREND_SD];
        for j in 1..=harmonics {
            names.extend([format!("cos{j}"), format!("sin{j}")]);
            sds.extend([SEASON_SD / j as f64; 2]);
        }
        names.extend((1..=days).map(|d| format!("day{d}")));
        names.extend(extra.names.iter().cloned());
        sds.resize(names.len(), OTHER_SD);
        let mut rows = Vec::with_capacity(length * names.len());
        for t in 0..length {
            let years = (t as f64 - length as f64) / freq as f64;
            rows.extend([1.0, years]);
            rows.extend(
                (1..=harmonics)
                    .flat_map(|j| [(TAU * j as f64 * years).cos(), (TAU * j as f64 * years).sin()]),
            );
            rows.extend((1..=days).map(|d| f64::from(u8::from(t % 7 == d))));
            rows.extend(extra.values.row_iter(t));
        }
        let products = rows.chunks_exact(names.len()).flat_map(two_by_two).collect();
        Ok(Design { names, sds, rows, products, length, freq })
    }

    /// Names of the columns.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Number of columns.
    pub fn width(&self) -> usize {
        self.names.len()
    }

    /// Number of time points.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Time points a year.
    pub fn freq(&self) -> usize {
        self.freq
    }

    /// The columns at one time point.
    pub fn row(&self, at: usize) -> &[f64] {
        self.rows(at..at + 1)
    }

    /// Share of a time point that lies around the Spring Festival, where the design has columns for
    /// it.
    pub fn festive(&self, at: usize) -> f64 {
        let of = |(name, x): (&String, &f64)| if name.starts_with(FESTIVAL) { *x } else { 0.0 };
        self.names.iter().zip(self.row(at)).map(of).sum()
    }

    /// The columns at successive time points, one after the other.
    pub fn rows(&self, span: Range<usize>) -> &[f64] {
        &self.rows[span.start * self.width()..span.end * self.width()]
    }

    /// The products of the columns two by two at successive time points, one lower triangle after
    /// the other.
    pub(super) fn products(&self, span: Range<usize>) -> &[f64] {
        let size = triangle(self.width());
        &self.products[span.start * size..span.end * size]
    }

    /// Standard deviations of the coefficients before anything is known.
    pub(super) fn sds(&self) -> &[f64] {
        &self.sds
    }
}

/// Numbers in the lower triangle of a square, its diagonal included.
pub(super) fn triangle(width: usize) -> usize {
    width * (width + 1) / 2
}

fn two_by_two(row: &[f64]) -> impl Iterator<Item = f64> {
    row.iter().enumerate().flat_map(|(i, x)| row[..=i].iter().map(move |y| x * y))
}

trait RowIter {
    fn row_iter(&self, at: usize) -> impl Iterator<Item = f64>;
}

impl RowIter for Array2<f64> {
    /// The values of a row; none where the matrix has no columns.
    fn row_iter(&self, at: usize) -> impl Iterator<Item = f64> {
        (0..self.ncols()).map(move |c| self[[at, c]])
    }
}

fn check(length: usize, freq: usize, extra: &Regressors) -> Result<(), Flaw> {
    if freq == 0 {
        return Err(Flaw::new(
            "a calendar has no time points a year",
            "give freq, as 52, 12 or 365",
        ));
    }
    let (rows, columns) = extra.values.dim();
    if columns != extra.names.len() || (columns > 0 && rows != length) {
        let what = format!(
            "extra columns are {rows} × {columns} for {length} time points and {} names",
            extra.names.len()
        );
        return Err(Flaw::new(what, "give one row a time point and one name a column"));
    }
    if extra.values.iter().any(|v| !v.is_finite()) {
        return Err(Flaw::new(
            "an extra column holds what is not a number",
            "fill it, or leave it out",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn columns_are_named_and_turn_with_the_year() {
        let design = Design::new(104, 52, 2, &Regressors::default()).unwrap();
        assert_eq!(design.names(), ["level", "trend", "cos1", "sin1", "cos2", "sin2"]);
        for (a, b) in design.row(3)[2..].iter().zip(&design.row(55)[2..]) {
            assert!((a - b).abs() < 1e-12);
        }
        assert!((design.row(55)[1] - design.row(3)[1] - 1.0).abs() < 1e-12);
    }

    #[test]
    fn days_have_days_of_the_week_and_months_few_harmonics() {
        let daily = Design::new(20, 365, 1, &Regressors::default()).unwrap();
        assert_eq!(daily.width(), 10);
        assert_eq!(&daily.row(9)[4..], [0.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!(Design::new(20, 4, 9, &Regressors::default()).unwrap().width(), 4);
    }

    #[test]
    fn extra_columns_that_do_not_fit_are_refused() {
        let extra = Regressors { names: vec!["before".into()], values: array![[0.0], [1.0]] };
        assert_eq!(Design::new(2, 52, 0, &extra).unwrap().row(1), [1.0, -1.0 / 52.0, 1.0]);
        assert!(Design::new(3, 52, 0, &extra).is_err());
        assert!(Design::new(2, 0, 0, &extra).is_err());
        assert!(
            Design::new(2, 52, 0, &Regressors { values: array![[0.0], [f64::NAN]], ..extra })
                .is_err()
        );
    }
}
