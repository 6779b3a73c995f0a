//! Least squares on any small design, by Householder reflections with R's limited pivoting
//! (LINPACK's `dqrdc2`).

use ndarray::{Array2, ArrayView2};

use super::LeastSquares;

/// Share of its own length that a column must keep after the columns before it are taken out; R's
/// `glm.fit` takes a thousandth of 1e-8.
const NEGLIGIBLE: f64 = 1e-11;

/// A dense design of n × p, column by column, and the factorisation of its last solution.
#[derive(Clone, Debug)]
pub struct Dense {
    n: usize,
    p: usize,
    x: Vec<f64>,
    /// Columns in pivoted order: the triangle R on and above the diagonal, the reflections below
    /// it.
    qr: Vec<f64>,
    /// First elements of the reflections.
    head: Vec<f64>,
    /// Original position of each column of `qr`.
    pivot: Vec<usize>,
    rank: usize,
}

impl Dense {
    /// A design of that matrix, rows × columns.
    pub fn new(x: ArrayView2<f64>) -> Dense {
        let (n, p) = x.dim();
        let columns = x.columns().into_iter().flat_map(|c| c.to_vec()).collect();
        Dense {
            n,
            p,
            x: columns,
            qr: vec![0.0; n * p],
            head: vec![0.0; p],
            pivot: (0..p).collect(),
            rank: 0,
        }
    }

    /// (XᵀWX)⁻¹ at the last weights, p × p; times the dispersion it is the covariance of the
    /// coefficients. NaN for those left out.
    pub fn covariance(&self) -> Array2<f64> {
        let inverse = self.inverse();
        let mut c = Array2::from_elem((self.p, self.p), f64::NAN);
        for i in 0..self.rank {
            for j in 0..self.rank {
                c[[self.pivot[i], self.pivot[j]]] =
                    (i.max(j)..self.rank).map(|k| inverse[[i, k]] * inverse[[j, k]]).sum();
            }
        }
        c
    }

    /// xᵀ(XᵀWX)⁻¹x for a row of the design, without the columns left out.
    pub fn variance(&self, row: &[f64]) -> f64 {
        let inverse = self.inverse();
        (0..self.rank)
            .map(|k| (0..=k).map(|i| row[self.pivot[i]] * inverse[[i, k]]).sum::<f64>().powi(2))
            .sum()
    }

    /// Inverse of the triangle R.
    fn inverse(&self) -> Array2<f64> {
        let mut inverse = Array2::zeros((self.rank, self.rank));
        for j in 0..self.rank {
            inverse[[j, j]] = 1.0 / self.r(j, j);
            for i in (0..j).rev() {
                let sum: f64 = (i + 1..=j).map(|k| self.r(i, k) * inverse[[k, j]]).sum();
                inverse[[i, j]] = -sum / self.r(i, i);
            }
        }
        inverse
    }

    fn r(&self, i: usize, j: usize) -> f64 {
        self.qr[j * self.n + i]
    }

    fn factorise(&mut self, root: &[f64]) {
        let (n, p) = (self.n, self.p);
        self.pivot = (0..p).collect();
        for (scaled, column) in
            self.qr.chunks_exact_mut(n.max(1)).zip(self.x.chunks_exact(n.max(1)))
        {
            scaled.iter_mut().zip(column).zip(root).for_each(|((s, x), r)| *s = x * r);
        }
        let mut length: Vec<f64> = (0..p)
            .map(|j| norm(&self.qr[j * n..(j + 1) * n]))
            .map(|l| if l > 0.0 { l } else { 1.0 })
            .collect();
        let mut kept = p;
        let mut l = 0;
        while l < kept.min(n) {
            if norm(&self.qr[l * n + l..(l + 1) * n]) < length[l] * NEGLIGIBLE {
                self.qr[l * n..].rotate_left(n);
                self.pivot[l..].rotate_left(1);
                length[l..].rotate_left(1);
                kept -= 1;
            } else {
                self.reflect(l);
                l += 1;
            }
        }
        self.rank = kept.min(n);
    }

    /// Makes column `l` zero below the diagonal, and carries the reflection through the columns
    /// after it.
    fn reflect(&mut self, l: usize) {
        let n = self.n;
        let (done, rest) = self.qr.split_at_mut((l + 1) * n);
        let column = &mut done[l * n + l..];
        let length = norm(column).copysign(column[0]);
        if column.len() < 2 || length == 0.0 {
            self.head[l] = 0.0;
            return;
        }
        column.iter_mut().for_each(|v| *v /= length);
        column[0] += 1.0;
        for other in rest.chunks_exact_mut(n) {
            mirror(column, &mut other[l..]);
        }
        self.head[l] = column[0];
        column[0] = -length;
    }

    /// Applies reflection `l` to a vector of n.
    fn apply(&self, l: usize, to: &mut [f64]) {
        if self.head[l] == 0.0 {
            return;
        }
        let tail = &self.qr[l * self.n + l + 1..(l + 1) * self.n];
        let t = -(self.head[l] * to[l] + dot(tail, &to[l + 1..])) / self.head[l];
        to[l] += t * self.head[l];
        to[l + 1..].iter_mut().zip(tail).for_each(|(v, q)| *v += t * q);
    }
}

/// Residuals of `y` on `columns` by least squares over the steps at which `y` is known; NaN
/// elsewhere. A column that is a combination of those before it takes nothing away.
pub fn residuals(y: &[f64], columns: &[Vec<f64>]) -> Vec<f64> {
    let known: Vec<usize> = (0..y.len()).filter(|t| y[*t].is_finite()).collect();
    let x = Array2::from_shape_fn((known.len(), columns.len()), |(i, j)| columns[j][known[i]]);
    let mut design = Dense::new(x.view());
    design.factorise(&vec![1.0; known.len()]);
    let mut rest: Vec<f64> = known.iter().map(|t| y[*t]).collect();
    (0..design.rank).for_each(|l| design.apply(l, &mut rest));
    rest[..design.rank].fill(0.0);
    (0..design.rank).rev().for_each(|l| design.apply(l, &mut rest));
    let mut all = vec![f64::NAN; y.len()];
    known.iter().zip(rest).for_each(|(t, r)| all[*t] = r);
    all
}

impl LeastSquares for Dense {
    fn rows(&self) -> usize {
        self.n
    }

    fn columns(&self) -> usize {
        self.p
    }

    fn solve(&mut self, weights: &[f64], z: &[f64], coefficients: &mut [f64]) {
        let root: Vec<f64> = weights.iter().map(|w| w.sqrt()).collect();
        self.factorise(&root);
        let mut q: Vec<f64> =
            root.iter().zip(z).map(|(r, z)| if *r > 0.0 { r * z } else { 0.0 }).collect();
        (0..self.rank).for_each(|l| self.apply(l, &mut q));
        coefficients.fill(0.0);
        for i in (0..self.rank).rev() {
            let above: f64 =
                (i + 1..self.rank).map(|k| self.r(i, k) * coefficients[self.pivot[k]]).sum();
            coefficients[self.pivot[i]] = (q[i] - above) / self.r(i, i);
        }
    }

    fn linear(&self, coefficients: &[f64], eta: &mut [f64]) {
        eta.fill(0.0);
        for (column, c) in self.x.chunks_exact(self.n.max(1)).zip(coefficients) {
            eta.iter_mut().zip(column).for_each(|(eta, x)| *eta += c * x);
        }
    }

    fn rank(&self) -> usize {
        self.rank
    }

    fn aliased(&self, column: usize) -> bool {
        self.pivot[self.rank..].contains(&column)
    }

    fn hat(&self, _: &[f64]) -> Vec<f64> {
        let mut hat = vec![0.0; self.n];
        for k in 0..self.rank {
            let mut q = vec![0.0; self.n];
            q[k] = 1.0;
            (0..self.rank).rev().for_each(|l| self.apply(l, &mut q));
            hat.iter_mut().zip(&q).for_each(|(h, q)| *h += q * q);
        }
        hat
    }
}

/// The reflection of `other` by a vector whose first element is one plus its share of the length.
fn mirror(column: &[f64], other: &mut [f64]) {
    let t = -dot(column, other) / column[0];
    other.iter_mut().zip(column).for_each(|(o, c)| *o += t * c);
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn norm(v: &[f64]) -> f64 {
    dot(v, v).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn residuals_are_those_of_least_squares() {
        // R: residuals(lm(c(1, 3, 2, 5) ~ c(0, 1, 2, 3))): line 1.1 + 1.1 x.
        let x = [vec![1.0; 5], vec![0.0, 1.0, 9.0, 2.0, 3.0]];
        let got = residuals(&[1.0, 3.0, f64::NAN, 2.0, 5.0], &x);
        for (g, e) in got.iter().zip([-0.1, 0.8, f64::NAN, -1.3, 0.6]) {
            assert!((g - e).abs() < 1e-12 || (g.is_nan() && e.is_nan()), "{got:?}");
        }
    }

    #[test]
    fn a_column_given_twice_or_of_zeros_changes_nothing() {
        let (one, line) = (vec![1.0; 4], vec![0.0, 1.0, 2.0, 3.0]);
        let y = [1.0, 3.0, 2.0, 5.0];
        let twice = [one.clone(), line.clone(), line.clone(), vec![0.0; 4], vec![2.0; 4]];
        let (a, b) = (residuals(&y, &twice), residuals(&y, &[one, line]));
        assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-12));
        assert!(residuals(&[], &[vec![]]).is_empty());
    }
}
