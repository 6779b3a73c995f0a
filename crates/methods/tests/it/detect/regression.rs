//! Regression and distributions of counts against R: the files beside `tests/parity/surveillance.R`
//! are its output.

use std::path::Path;

use methods::detect::glm::{Data, poisson};
use methods::stats::{LeastSquares, NegativeBinomial};
use ndarray::Array2;

/// Columns of a file by name, what is missing as NaN.
struct Columns {
    header: Vec<String>,
    rows: Vec<Vec<f64>>,
}

impl Columns {
    fn read(file: &str) -> Columns {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parity/surveillance").join(file);
        let mut reader = csv::Reader::from_path(path).unwrap();
        let header = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let number = |t: &str| if t.is_empty() { f64::NAN } else { t.parse().unwrap() };
        Columns {
            header,
            rows: reader.records().map(|r| r.unwrap().iter().map(number).collect()).collect(),
        }
    }

    fn get(&self, name: &str) -> Vec<f64> {
        let at = self
            .header
            .iter()
            .position(|h| h == name)
            .unwrap_or_else(|| panic!("no column {name}"));
        self.rows.iter().map(|r| r[at]).collect()
    }
}

fn assert_near(name: &str, ours: &[f64], theirs: &[f64], tolerance: f64) {
    assert_eq!(ours.len(), theirs.len());
    for (i, (a, b)) in ours.iter().zip(theirs).enumerate() {
        assert!(
            a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= tolerance * b.abs(),
            "{name} {i}: {a:e} against {b:e}"
        );
    }
}

#[test]
fn a_regression_with_offset_weights_and_a_column_too_many() {
    let (data, fitted) = (Columns::read("glm.csv"), Columns::read("glm_coefficients.csv"));
    let columns: Vec<Vec<f64>> = (1..=6).map(|j| data.get(&format!("x{j}"))).collect();
    let x = Array2::from_shape_fn((150, 6), |(i, j)| columns[j][i]);
    let (y, offset, weights) = (data.get("y"), data.get("offset"), data.get("weights"));
    let (design, fit) =
        poisson(x.view(), &Data { y: &y, offset: Some(&offset), weights: Some(&weights) }).unwrap();
    assert_near("coefficient", &fit.coefficients, &fitted.get("coefficient"), 1e-9);
    assert_near("mu", &fit.mu, &data.get("mu"), 1e-9);
    assert_near("working weight", &fit.working, &data.get("working"), 1e-9);
    assert_near("hat", &design.hat(&fit.working), &data.get("hat"), 1e-9);
    let dispersion = fit.dispersion(&y);
    let se: Vec<f64> = design.covariance().diag().iter().map(|v| (dispersion * v).sqrt()).collect();
    assert_near("standard error", &se, &fitted.get("se"), 1e-9);
    assert_near(
        "dispersion",
        &[dispersion, fit.deviance],
        &[fitted.get("dispersion")[0], fitted.get("deviance")[0]],
        1e-9,
    );
    assert_eq!(
        (fit.rounds, fit.df_residual),
        (fitted.get("rounds")[0] as usize, fitted.get("df_residual")[0] as usize)
    );
    assert!(design.aliased(3) && fit.rank == 5);
}

#[test]
fn counts_from_nothing_to_a_million() {
    let grid = Columns::read("counts.csv");
    let of = |name: &str,
              figure: fn(&NegativeBinomial, f64) -> f64,
              at: &str|
     -> (Vec<f64>, Vec<f64>) {
        let ours = grid.get("mean").into_iter().zip(grid.get("phi")).zip(grid.get(at));
        (
            ours.map(|((mean, phi), y)| figure(&NegativeBinomial::with_dispersion(mean, phi), y))
                .collect(),
            grid.get(name),
        )
    };
    let (ours, theirs) = of("mass", NegativeBinomial::pmf, "y");
    assert_near("mass", &ours, &theirs, 1e-8);
    let (ours, theirs) = of("at_least", NegativeBinomial::at_least, "y");
    assert_near("at_least", &ours, &theirs, 1e-8);
    let (ours, theirs) = of("quantile", NegativeBinomial::quantile, "p");
    assert_near("quantile", &ours, &theirs, 0.0);
}
