//! Benefit of the doubt against scipy's linear programmes, TOPSIS against pymcdm, the exponential
//! transformation against scipy's ranks (`tests/parity/composite.py`).

use std::fs;
use std::path::PathBuf;

use methods::index::aggregate::aggregation;
use methods::index::normalise::{Context, normalisation};
use methods::index::ranks::ranks;
use ndarray::{Array1, Array2, ArrayView1, Axis, concatenate, s};
use serde_json::Value;

/// Scores of one case, and what the packages make of them.
struct Case {
    scores: Array2<f64>,
    weights: Array1<f64>,
    directions: Vec<f64>,
    references: Value,
}

fn cases() -> Vec<Case> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/parity/composite.json");
    let all: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let case = |case: &Value| {
        let rows: Vec<Vec<f64>> = list(&case["scores"]).iter().map(numbers).collect();
        let shape = (rows.len(), rows[0].len());
        Case {
            scores: Array2::from_shape_vec(shape, rows.concat()).unwrap(),
            weights: numbers(&case["weights"]).into(),
            directions: numbers(&case["directions"]),
            references: case.clone(),
        }
    };
    list(&all["cases"]).iter().map(case).collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

/// Figures, NaN where there is none.
fn numbers(value: &Value) -> Vec<f64> {
    list(value).iter().map(|v| v.as_f64().unwrap_or(f64::NAN)).collect()
}

impl Case {
    fn aggregate(&self, method: &str) -> Array1<f64> {
        parents(method, &self.scores, self.weights.view())
    }

    #[track_caller]
    fn same(&self, what: &str, ours: ArrayView1<f64>, theirs: &[f64], tolerance: f64) {
        let name = &self.references["name"];
        assert_eq!(ours.len(), theirs.len(), "{what} of {name}");
        for (unit, (a, b)) in ours.iter().zip(theirs).enumerate() {
            let met = (a - b).abs() <= tolerance || (a.is_nan() && b.is_nan());
            assert!(met, "{what} of {name}, unit {unit}: {a}, not {b}");
        }
    }
}

fn parents(method: &str, scores: &Array2<f64>, weights: ArrayView1<f64>) -> Array1<f64> {
    aggregation(method, &toml::Table::new()).unwrap().aggregate(scores.view(), weights)
}

fn normalised(method: &str, params: &str, x: ArrayView1<f64>, direction: f64) -> Array1<f64> {
    let method = normalisation(method, &toml::from_str(params).unwrap()).unwrap();
    method.normalise(x, direction, &Context::default()).unwrap().value
}

#[test]
fn benefit_of_the_doubt_is_the_linear_programme_of_scipy() {
    let (mut compared, mut first) = (0, 0);
    for case in cases() {
        let ours = case.aggregate("benefit_of_the_doubt");
        let theirs = numbers(&case.references["benefit_of_the_doubt"]);
        case.same("benefit of the doubt", ours.view(), &theirs, 1e-10);
        // Those whom nobody is ahead of share the first rank to the last digit.
        let ahead = theirs.iter().filter(|index| **index > 1.0 - 1e-9).count();
        assert_eq!(ranks(ours.view()).iter().filter(|rank| **rank == 1.0).count(), ahead);
        compared += ours.len();
        first += ahead;
    }
    assert!(compared > 250 && first > 50 && first < compared / 2, "{first} of {compared}");
}

#[test]
fn topsis_is_that_of_pymcdm() {
    let mut compared = 0;
    for case in cases().iter().filter(|case| case.references["topsis"].is_object()) {
        let theirs = |name: &str| numbers(&case.references["topsis"][name]);
        case.same("topsis", case.aggregate("topsis").view(), &theirs("plain"), 1e-12);
        let columns = case.scores.columns().into_iter().zip(&case.directions);
        let scaled: Vec<Array1<f64>> =
            columns.map(|(x, d)| normalised("min_max", "l = 0\nu = 1", x, *d)).collect();
        let views: Vec<ArrayView1<f64>> = scaled.iter().map(|x| x.view()).collect();
        let scaled = ndarray::stack(Axis(1), &views).unwrap();
        let ours = parents("topsis", &scaled, case.weights.view());
        case.same("topsis after min-max", ours.view(), &theirs("min_max"), 1e-12);
        compared += ours.len();
    }
    assert!(compared > 200, "{compared}");
}

#[test]
fn the_exponential_transformation_is_the_formula_over_ranks_of_scipy() {
    let mut compared = 0;
    for case in cases().iter().filter(|case| case.references["exponential_rank"].is_array()) {
        let theirs = list(&case.references["exponential_rank"]);
        assert_eq!(theirs.len(), case.scores.ncols());
        for (x, both) in case.scores.columns().into_iter().zip(theirs) {
            for (direction, theirs) in [1.0, -1.0].iter().zip(list(both)) {
                let ours = normalised("exponential_rank", "", x, *direction);
                case.same("exponential transformation", ours.view(), &numbers(theirs), 1e-11);
                compared += ours.len();
            }
        }
    }
    assert!(compared > 2000, "{compared}");
}

/// The methods that look at all units at once.
const COMPARING: [&str; 4] = ["copeland", "benefit_of_the_doubt", "topsis", "wroclaw"];

#[test]
fn the_order_of_units_and_of_children_does_not_count() {
    for case in cases() {
        let turned = case.scores.slice(s![..;-1, ..;-1]).to_owned();
        let weights = case.weights.slice(s![..;-1]);
        for method in COMPARING {
            let ours = case.aggregate(method);
            let other = parents(method, &turned, weights);
            case.same(method, ours.view(), &other.slice(s![..;-1]).to_vec(), 1e-12);
        }
    }
}

impl Case {
    /// The scores with one more unit.
    fn and(&self, unit: Array1<f64>) -> Array2<f64> {
        concatenate![Axis(0), self.scores.view(), unit.insert_axis(Axis(0)).view()]
    }
}

#[test]
fn a_unit_without_scores_changes_nothing() {
    for case in cases() {
        let units = case.scores.nrows();
        let more = case.and(Array1::from_elem(case.scores.ncols(), f64::NAN));
        for method in COMPARING {
            let ours = parents(method, &more, case.weights.view());
            assert!(ours[units].is_nan(), "{method}");
            case.same(method, case.aggregate(method).view(), &ours.to_vec()[..units], 0.0);
        }
    }
}

#[test]
fn a_unit_that_is_behind_another_moves_no_benefit_of_the_doubt_and_no_topsis() {
    for case in cases() {
        let units = case.scores.nrows();
        let more = case.and(case.scores.columns().into_iter().map(middle).collect());
        let ours = parents("topsis", &more, case.weights.view());
        case.same("topsis", case.aggregate("topsis").view(), &ours.to_vec()[..units], 1e-12);
        let more = case.and(case.scores.row(0).mapv(|s| s * 0.9));
        let ours = parents("benefit_of_the_doubt", &more, case.weights.view());
        let before = case.aggregate("benefit_of_the_doubt");
        case.same("benefit of the doubt", before.view(), &ours.to_vec()[..units], 1e-12);
        assert!((ours[units] - 0.9 * before[0]).abs() < 1e-12, "{}", ours[units]);
    }
}

/// Half way between the least and the greatest.
fn middle(x: ArrayView1<f64>) -> f64 {
    let known = || x.iter().copied().filter(|v| !v.is_nan());
    f64::midpoint(known().fold(f64::INFINITY, f64::min), known().fold(f64::NEG_INFINITY, f64::max))
}
