//! Trend tests, change points, decomposition, false discovery and scores against public Python
//! packages (`tests/parity/python_references.py`), and some figures by hand.

use std::collections::HashMap;
use std::fmt::Debug;
use std::fs;
use std::path::PathBuf;

use methods::detect::fdr::{benjamini_hochberg, benjamini_yekutieli};
use methods::detect::mann_kendall::slope::sen;
use methods::detect::mann_kendall::test::{Alternative, Modification, Settings, test};
use methods::detect::pelt::cost::{Cost, CostL2, CostNegativeBinomial, CostPoisson};
use methods::detect::pelt::partition::{Grid, pelt, total};
use methods::detect::stl::decompose::{self, decompose};
use methods::stats::{NegativeBinomial, crps};
use serde_json::Value;

fn parity(path: &str) -> String {
    fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/parity").join(path))
        .unwrap()
}

/// Values of a column of a CSV, by the name in another column.
fn columns(path: &str) -> HashMap<String, Vec<f64>> {
    let text = parity(path);
    let name = path.trim_start_matches("series/").trim_end_matches(".csv");
    let mut all: HashMap<String, Vec<f64>> = HashMap::new();
    for record in csv::Reader::from_reader(text.as_bytes()).records() {
        let record = record.unwrap();
        let series = if record.len() == 3 { &record[0] } else { name };
        all.entry(series.to_owned())
            .or_default()
            .push(record[record.len() - 1].parse().unwrap_or(f64::NAN));
    }
    all
}

fn series() -> HashMap<String, Vec<f64>> {
    ["series/nile.csv", "series/co2.csv", "series/further.csv"]
        .into_iter()
        .flat_map(columns)
        .collect()
}

fn references(section: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(&parity("python_references.json")).unwrap();
    all[section].as_array().unwrap().clone()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

fn size(value: &Value) -> Option<usize> {
    value.as_u64().map(|n| n as usize)
}

/// 1e-8 relative; `slack` is what the reference itself rounds away.
#[track_caller]
fn same(found: f64, wanted: f64, slack: f64, what: &dyn Debug) {
    let close = (found - wanted).abs() <= 1e-8 * wanted.abs() + slack;
    assert!(close || (!found.is_finite() && wanted.is_nan()), "{found} is not {wanted}: {what:?}");
}

fn settings(modification: Modification) -> Settings {
    Settings {
        modification,
        alternative: Alternative::TwoSided,
        alpha: 0.05,
        lag: None,
        period: 12,
    }
}

#[test]
fn trends_in_figures_given_here() {
    let all = series();
    let nile = &all["nile"];
    let found = test(nile, &settings(Modification::None));
    assert_eq!((found.s, nile.len(), all["co2"].len()), (-1387.0, 100, 526));
    same(found.var, 338185.0 / 3.0, 0.0, &found);
    assert!((found.var - 112728.3333).abs() < 5e-5);
    same(found.z, -4.128066522844, 0.0, &found);
    same(found.p, 3.658262921657e-5, 0.0, &found);
    same(found.slope.slope, -2.6, 0.0, &found);
    same(test(nile, &settings(Modification::HamedRao)).var, 241565.3569166, 0.0, &"Hamed–Rao");
    same(
        test(nile, &settings(Modification::Tfpw)).z,
        -4.577026992253,
        0.0,
        &"trend-free pre-whitening",
    );
    let seasonal = test(&all["co2"], &settings(Modification::Seasonal));
    assert_eq!(seasonal.s, 11236.0);
    same(seasonal.z, 32.98510541079, 0.0, &seasonal);
    same(seasonal.slope.slope, 1.365927518428, 0.0, &seasonal);
}

#[test]
fn trends_as_pymannkendall_has_them() {
    let all = series();
    let cases = references("mann_kendall");
    assert!(cases.len() > 100);
    for case in cases {
        let modification: Modification =
            serde_json::from_value(case["modification"].clone()).unwrap();
        let period = size(&case["period"]).unwrap();
        let with = Settings {
            alpha: number(&case["alpha"]),
            lag: size(&case["lag"]),
            period,
            ..settings(modification)
        };
        let found = test(&all[case["series"].as_str().unwrap()], &with);
        for (name, figure, slack) in [
            ("s", found.s, 0.0),
            ("var", found.var, 0.0),
            ("z", found.z, 0.0),
            // The package takes 1 − Φ, which has an absolute error.
            ("p", found.p, 1e-15),
            ("tau", found.tau, 0.0),
            ("slope", found.slope.slope, 1e-15),
            ("intercept", found.slope.intercept, 1e-12),
        ] {
            same(figure, number(&case[name]), slack, &(name, &case));
        }
    }
}

#[test]
fn intervals_of_the_slope_as_scipy_has_them() {
    let all = series();
    for case in references("theil") {
        let found = sen(&all[case["series"].as_str().unwrap()], number(&case["alpha"]));
        for (name, figure) in [("slope", found.slope), ("lo", found.lo), ("hi", found.hi)] {
            same(figure, number(&case[name]), 1e-15, &(name, &case));
        }
    }
}

#[test]
fn change_points_as_ruptures_has_them() {
    let all = series();
    let (mut compared, mut cheaper) = (0, 0);
    for case in references("pelt") {
        let x: Vec<f64> =
            all[case["series"].as_str().unwrap()].iter().copied().filter(|v| !v.is_nan()).collect();
        let ones = vec![1.0; x.len()];
        let cost: Box<dyn Cost> = match case["model"].as_str().unwrap() {
            "l2" => Box::new(CostL2::new(&x)),
            "poisson" => Box::new(CostPoisson::new(&x, &ones)),
            _ => Box::new(CostNegativeBinomial::new(&x, &ones, number(&case["size"]))),
        };
        let pen = number(&case["pen"]);
        let grid = Grid {
            min_size: size(&case["min_size"]).unwrap(),
            jump: size(&case["jump"]).unwrap(),
            compat: true,
        };
        let wanted: Vec<usize> = case["ends"].as_array().unwrap().iter().filter_map(size).collect();
        let found = pelt(cost.as_ref(), x.len(), pen, grid);
        let (ours, theirs) =
            (total(cost.as_ref(), &found, pen), total(cost.as_ref(), &wanted, pen));
        // Two segmentations of one cost are told apart by the last digit of a sum.
        assert!(
            found == wanted || (ours - theirs).abs() <= 1e-11 * theirs.abs(),
            "{found:?} {ours} {theirs} {case}"
        );
        let least = total(
            cost.as_ref(),
            &pelt(cost.as_ref(), x.len(), pen, Grid { compat: false, ..grid }),
            pen,
        );
        assert!(least <= theirs + 1e-9 * theirs.abs(), "{case}");
        compared += 1;
        cheaper += usize::from(least < theirs - 1e-9 * theirs.abs());
    }
    // ruptures gives candidates up too early (see `Grid::compat`), in these series once or more.
    assert!(compared > 300 && cheaper > 0, "{compared} {cheaper}");
}

#[test]
fn decompositions_as_statsmodels_has_them() {
    let all = series();
    for case in references("stl") {
        let options = &case["options"];
        let degree = |name: &str| size(&options[name]).unwrap_or(1);
        let with = decompose::Settings {
            period: size(&case["period"]).unwrap(),
            seasonal: size(&options["seasonal"]).unwrap(),
            trend: size(&options["trend"]),
            low_pass: size(&options["low_pass"]),
            seasonal_deg: degree("seasonal_deg"),
            trend_deg: degree("trend_deg"),
            low_pass_deg: degree("low_pass_deg"),
            robust: options["robust"].as_bool().unwrap_or(false),
        };
        let x = &all[case["series"].as_str().unwrap()];
        let parts = decompose(x, &with).unwrap();
        let largest = x.iter().fold(0.0_f64, |most, v| most.max(v.abs()));
        for (name, part) in
            [("trend", parts.trend), ("season", parts.season), ("remainder", parts.remainder)]
        {
            for (at, wanted) in case["at"].as_array().unwrap().iter().zip(numbers(&case[name])) {
                // Season and remainder are small beside the series, from whose digits they are left
                // over.
                same(
                    part[size(at).unwrap()],
                    wanted,
                    1e-12 * largest,
                    &(name, at, &case["series"], options),
                );
            }
        }
    }
}

#[test]
fn a_decomposition_in_figures_given_here() {
    let with = decompose::Settings {
        period: 12,
        seasonal: 13,
        trend: None,
        low_pass: None,
        seasonal_deg: 1,
        trend_deg: 1,
        low_pass_deg: 1,
        robust: false,
    };
    let parts = decompose(&series()["co2"], &with).unwrap();
    for (found, wanted) in parts.trend.iter().zip([315.10025626, 315.17019419, 315.23818971]) {
        same(*found, wanted, 0.0, &"trend");
    }
}

#[test]
fn the_nile_changed_where_ruptures_says() {
    let nile = &series()["nile"];
    let cost = CostL2::new(nile);
    let mean = nile.iter().sum::<f64>() / 100.0;
    let variance = nile.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 100.0;
    for times in [3.0, 8.0] {
        let grid = Grid { min_size: 2, jump: 1, compat: true };
        assert_eq!(pelt(&cost, 100, times * 100_f64.ln() * variance, grid), [28, 100]);
    }
}

#[test]
fn discoveries_as_scipy_and_statsmodels_have_them() {
    for case in references("fdr") {
        let p = numbers(&case["p"]);
        let adjusted =
            if case["method"] == "bh" { benjamini_hochberg(&p) } else { benjamini_yekutieli(&p) };
        for (found, wanted) in adjusted.iter().zip(numbers(&case["adjusted"])) {
            same(*found, wanted, 0.0, &case["method"]);
        }
    }
    let scipy = numbers(&references("fdr")[0]["p"]);
    for (found, wanted) in
        benjamini_hochberg(&scipy).iter().zip([0.0015, 0.003, 0.0095, 0.035625, 0.0603])
    {
        same(*found, wanted, 0.0, &"method page");
    }
}

#[test]
fn scores_as_properscoring_and_scoringrules_have_them() {
    for case in references("crps") {
        let y = number(&case["y"]);
        let found = match case["of"].as_str().unwrap() {
            "sample" => {
                crps(&numbers(&case["sample"]).iter().map(|x| (*x, 1.0)).collect::<Vec<_>>(), y)
            }
            "poisson" => NegativeBinomial::poisson(number(&case["mean"])).crps(y),
            _ => NegativeBinomial::with_size(number(&case["mean"]), number(&case["size"])).crps(y),
        };
        same(found, number(&case["crps"]), 1e-12, &case);
    }
}
