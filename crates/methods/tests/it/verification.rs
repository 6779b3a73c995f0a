//! Verification against scikit-learn, scipy, statsmodels (`tests/parity/verification.py`) and R's
//! forecast (`tests/parity/dm_test.R`).

use std::fs;
use std::path::PathBuf;

use methods::stats::spearman;
use methods::verification::{auc, diebold_mariano, holm, mean_poisson_deviance};
use serde_json::Value;

fn parity(file: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/parity");
    fs::read_to_string(folder.join(file)).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

#[track_caller]
fn same(ours: f64, theirs: &Value) {
    match theirs.as_f64() {
        Some(theirs) => assert!((ours - theirs).abs() < 1e-10, "{ours} {theirs}"),
        None => assert!(ours.is_nan(), "{ours}"),
    }
}

#[test]
fn rankings_are_judged_as_by_scikit_learn() {
    let all: Value = serde_json::from_str(&parity("verification.json")).unwrap();
    let mut discriminated = 0;
    for case in all["rankings"].as_array().unwrap() {
        let (scores, counts) = (numbers(&case["scores"]), numbers(&case["counts"]));
        same(spearman(&scores, &counts), &case["spearman"]);
        same(mean_poisson_deviance(&counts, &numbers(&case["means"])), &case["deviance"]);
        let positive: Vec<bool> = counts.iter().map(|n| *n > 0.0).collect();
        same(auc(&scores, &positive), &case["auc"]);
        discriminated += usize::from(case["auc"].is_number());
    }
    assert!(discriminated > 10);
    for case in all["holm"].as_array().unwrap() {
        for (ours, theirs) in holm(&numbers(&case["p"])).iter().zip(numbers(&case["holm"])) {
            assert!((ours - theirs).abs() < 1e-12);
        }
    }
}

#[test]
fn losses_are_compared_as_by_dm_test() {
    let text = parity("dm_test.csv");
    let mut rows = 0;
    for record in csv::Reader::from_reader(text.as_bytes()).records() {
        let record = record.unwrap();
        let losses = |at: usize| record[at].split(' ').map(|x| x.parse::<f64>().unwrap());
        let differences: Vec<f64> = losses(1).zip(losses(2)).map(|(a, b)| a - b).collect();
        let test = diebold_mariano(&differences, record[0].parse().unwrap()).unwrap();
        let theirs = |at: usize| record[at].parse::<f64>().unwrap();
        let scale = theirs(3).abs().max(1.0);
        assert!((test.statistic - theirs(3)).abs() < 1e-10 * scale, "{test:?} {record:?}");
        assert!((test.p - theirs(4)).abs() < 1e-10, "{test:?} {record:?}");
        rows += 1;
    }
    assert!(rows > 15, "{rows}");
}
