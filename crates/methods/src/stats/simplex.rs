//! A small linear programme by the simplex method, with the whole tableau kept.
//!
//! Dantzig, G. B. (1963) Linear programming and extensions. Princeton. Harris, P. M. J. (1973)
//! Pivot selection methods of the Devex LP code. Mathematical Programming 5, 1–28. Bland, R. G.
//! (1977) New finite pivoting rules for the simplex method. Mathematics of Operations Research 2,
//! 103–107.

use std::cmp::Ordering;

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, s};

/// Entries this small are rounding: neither a gain nor a pivot; and how far beyond a limit a corner
/// may lie for the sake of a larger pivot.
const NEGLIGIBLE: f64 = 1e-11;

/// The x ≥ 0 of the largest Σ `gain` x for which no row of `limits` times x exceeds 1, but by
/// rounding; none where nothing limits the gain. Entries of `limits` should be of the size of one.
pub fn corner(gain: ArrayView1<f64>, limits: ArrayView2<f64>) -> Option<Array1<f64>> {
    let mut tableau = Tableau::new(gain, limits);
    let patience = limits.nrows() + limits.ncols();
    let mut stalled = 0;
    // Bland's rule ends every stall; the bound is for what rounding may do to it.
    while stalled <= 20 * patience {
        let careful = stalled > patience;
        let Some(column) = tableau.entering(careful) else { break };
        let row = tableau.leaving(column, careful)?;
        let before = tableau.gained();
        tableau.exchange(row, column);
        stalled = if tableau.gained() > before + NEGLIGIBLE { 0 } else { stalled + 1 };
    }
    Some(tableau.x())
}

/// Each row is a basic variable plus the row's cells times the free variables, which equals the
/// row's last cell. The last row is the gain, in shares of the greatest. Free variables are zero.
struct Tableau {
    cells: Array2<f64>,
    /// The variable of each row: x first, then what is left below each limit.
    basic: Vec<usize>,
    /// The variable of each column.
    free: Vec<usize>,
}

impl Tableau {
    fn new(gain: ArrayView1<f64>, limits: ArrayView2<f64>) -> Tableau {
        let (rows, columns) = limits.dim();
        let greatest = gain.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        let mut cells = Array2::ones((rows + 1, columns + 1));
        cells.slice_mut(s![..rows, ..columns]).assign(&limits);
        cells.slice_mut(s![rows, ..columns]).assign(&gain.mapv(|g| -g / greatest));
        cells[[rows, columns]] = 0.0;
        Tableau { cells, basic: (columns..columns + rows).collect(), free: (0..columns).collect() }
    }

    fn gained(&self) -> f64 {
        self.cells[[self.basic.len(), self.free.len()]]
    }

    fn x(&self) -> Array1<f64> {
        let (rows, columns) = (self.basic.len(), self.free.len());
        let mut x = Array1::zeros(columns);
        for row in (0..rows).filter(|row| self.basic[*row] < columns) {
            x[self.basic[row]] = self.cells[[row, columns]].max(0.0);
        }
        x
    }

    /// The column to raise from zero: that which gains most; where it is to be `careful`, that
    /// whose variable comes first, so that no set of basic variables comes twice (Bland).
    fn entering(&self, careful: bool) -> Option<usize> {
        let gain = self.cells.row(self.basic.len());
        (0..self.free.len()).filter(|c| gain[*c] < -NEGLIGIBLE).min_by(|a, b| {
            let most = if careful { Ordering::Equal } else { gain[*a].total_cmp(&gain[*b]) };
            most.then(self.free[*a].cmp(&self.free[*b]))
        })
    }

    /// The row that reaches zero first as `column` is raised. Of those that do so within rounding
    /// it is that of the largest pivot, which keeps rounding small (Harris).
    fn leaving(&self, column: usize, careful: bool) -> Option<usize> {
        let (pivot, left) = (self.cells.column(column), self.cells.column(self.free.len()));
        let falls = || (0..self.basic.len()).filter(|row| pivot[*row] > NEGLIGIBLE);
        let reach = |row: usize, beyond: f64| (left[row].max(0.0) + beyond) / pivot[row];
        let first = falls().map(|row| reach(row, NEGLIGIBLE)).min_by(f64::total_cmp)?;
        falls().filter(|row| reach(*row, 0.0) <= first).min_by(|a, b| {
            let largest = if careful { Ordering::Equal } else { pivot[*b].total_cmp(&pivot[*a]) };
            largest.then(self.basic[*a].cmp(&self.basic[*b]))
        })
    }

    /// Makes the column's variable basic and the row's free.
    fn exchange(&mut self, row: usize, column: usize) {
        let pivot = self.cells[[row, column]];
        let mut scaled = self.cells.row(row).mapv(|v| v / pivot);
        scaled[column] = 1.0 / pivot;
        for (other, mut cells) in self.cells.rows_mut().into_iter().enumerate() {
            if other != row {
                let factor = std::mem::take(&mut cells[column]);
                cells.scaled_add(-factor, &scaled);
            }
        }
        self.cells.row_mut(row).assign(&scaled);
        std::mem::swap(&mut self.basic[row], &mut self.free[column]);
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};

    use super::*;

    #[track_caller]
    fn lies(gain: &[f64], limits: &Array2<f64>, at: &[f64]) {
        let found = corner(ArrayView1::from(gain), limits.view()).unwrap();
        assert!(found.iter().zip(at).all(|(a, b)| (a - b).abs() < 1e-14), "{gain:?}: {found}");
        assert_eq!(found.len(), at.len());
    }

    #[test]
    fn corners_by_hand() {
        // Where 2x + y = 1 and x + 3y = 1 meet; with more gain of one the corner on its axis.
        let limits = array![[2.0, 1.0], [1.0, 3.0]];
        lies(&[1.0, 1.0], &limits, &[0.4, 0.2]);
        lies(&[1.0, 6.0], &limits, &[0.0, 1.0 / 3.0]);
        lies(&[5e-9, 1e-9], &limits, &[0.5, 0.0]);
        lies(&[0.0, -1.0], &limits, &[0.0, 0.0]);
    }

    #[test]
    fn what_nothing_limits_has_no_corner() {
        let gain = array![1.0, 1.0];
        assert_eq!(corner(gain.view(), array![[1.0, 0.0]].view()), None);
        assert_eq!(corner(gain.view(), Array2::zeros((0, 2)).view()), None);
        lies(&[1.0, 0.0], &array![[1.0, 0.0]], &[1.0, 0.0]);
        lies(&[], &Array2::zeros((2, 0)), &[]);
    }

    #[test]
    fn limits_that_meet_in_one_corner_end() {
        // Five lines through (1/2, 1/2), on which the method stands still, and one of them twice.
        let limits = array![[1.0, 1.0], [2.0, 0.0], [0.0, 2.0], [0.5, 1.5], [1.5, 0.5], [1.0, 1.0]];
        lies(&[3.0, 2.0], &limits, &[0.5, 0.5]);
        lies(&[2.0, 3.0], &limits, &[0.5, 0.5]);
    }

    #[test]
    fn a_circle_of_pivots_is_left() {
        // By the greatest gain alone the same bases come again and again, short of the best corner.
        let limits = array![
            [50.0, 51.0, 53.0, 50.0, 50.0, 50.0, 52.0],
            [51.0, 50.0, 53.0, 51.0, 50.0, 53.0, 53.0],
            [53.0, 53.0, 53.0, 53.0, 51.0, 53.0, 50.0],
            [50.0, 53.0, 53.0, 51.0, 53.0, 51.0, 51.0]
        ];
        let gain = array![52.0, 50.0, 53.0, 51.0, 52.0, 52.0, 52.0];
        let (gain, limits) = (gain / 53.0, limits / 53.0);
        let found = corner(gain.view(), limits.view()).unwrap();
        assert!((found.dot(&gain) - 78.0 / 77.0).abs() < 1e-12, "{found}");
    }
}
