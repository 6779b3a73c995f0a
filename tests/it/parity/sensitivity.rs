//! The stored samples of COINr's sensitivity and uncertainty analyses, replayed: every replicate's
//! scores, and the statistics of the ranks.

use std::collections::BTreeMap;

use ndarray::{Array1, ArrayView1};

use super::asem::{asem, assert_close, golden, stages, with};
use methods::stats::descriptive::{mean, median, quantile};
use pingan::lab::stages::Stages;

/// Scores and ranks of the index by unit.
fn index_of(stages: &Stages) -> BTreeMap<String, (f64, f64)> {
    let (scores, ranks) =
        (stages.aggregated.column("Index").unwrap(), stages.ranks.column("Index").unwrap());
    stages.aggregated.units.iter().cloned().zip(scores.into_iter().zip(ranks)).collect()
}

/// The ASEM model with one replicate's choices.
fn replicate(winmax: &str, norm: &str, agg: &str) -> toml::Table {
    let norm = match norm {
        "n_minmax" => "method = 'min_max'\nl = 1\nu = 100",
        "n_zscore" => "method = 'z_score'\nmean = 50\nsd = 5",
        _ => panic!("normalisation {norm}"),
    };
    let agg = match agg {
        "a_amean" => "method = 'arithmetic'",
        "a_gmean" => "method = 'geometric'",
        _ => panic!("aggregation {agg}"),
    };
    let treated = with(asem(), "treat", &format!("method = 'winsorise'\nwinmax = {winmax}"));
    with(with(treated, "normalise", norm), "aggregation", agg)
}

/// Every replicate's index by unit; one choice is computed once.
fn sa3() -> Option<Vec<BTreeMap<String, (f64, f64)>>> {
    let parameters = golden("sa3_para.csv")?;
    let mut known: BTreeMap<Vec<String>, BTreeMap<String, (f64, f64)>> = BTreeMap::new();
    let mut replicates = Vec::new();
    for row in &parameters.table.rows {
        let choice = row[1..].to_vec();
        if !known.contains_key(&choice) {
            let model = replicate(&choice[0], &choice[1], &choice[2]);
            known.insert(choice.clone(), index_of(&stages(&model, "ASEM_iData.csv")?));
        }
        replicates.push(known[&choice].clone());
    }
    Some(replicates)
}

#[test]
fn scores_of_every_replicate_of_the_sensitivity_analysis() {
    let Some(ours) = sa3() else { return };
    let reference = golden("sa3_scores.csv").unwrap();
    let nominal = index_of(&stages(&asem(), "ASEM_iData.csv").unwrap());
    assert_eq!(reference.columns().len(), ours.len() + 1);
    for (r, ours) in [nominal].iter().chain(&ours).enumerate() {
        for (unit, score) in reference.column(&reference.columns()[r]) {
            assert_close(ours[&unit].0, score, &format!("{unit} r_{r}"));
        }
    }
}

#[test]
fn statistics_of_the_ranks_over_the_replicates() {
    let Some(ours) = sa3() else { return };
    let reference = golden("sa3_rankstats.csv").unwrap();
    let nominal = index_of(&stages(&asem(), "ASEM_iData.csv").unwrap());
    // Of Saltelli's N(d + 2) replicates only the 2N independent ones say something of the
    // distribution; here N = 24, d = 3.
    let independent = &ours[..48];
    for unit in nominal.keys() {
        let ranks: Array1<f64> = independent.iter().map(|r| r[unit].1).collect();
        assert_statistics(&reference.row(unit), nominal[unit].1, ranks.view(), unit);
    }
}

#[test]
fn scores_and_ranks_of_a_hundred_sets_of_weights() {
    let Some(sets) = golden("ua_weights100.csv") else { return };
    let (scores, ranks) = (golden("ua_scores100.csv").unwrap(), golden("ua_ranks100.csv").unwrap());
    let mut by_unit: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    assert_eq!(sets.table.rows.len(), 100);
    for (r, row) in sets.table.rows.iter().enumerate() {
        let ours = index_of(&stages(&weighted(&sets.table.header, row), "ASEM_iData.csv").unwrap());
        let (scores, ranks) =
            (scores.column(&format!("r_{}", r + 1)), ranks.column(&format!("r_{}", r + 1)));
        for (unit, (score, rank)) in ours {
            assert_close(score, scores[&unit], &format!("{unit} r_{}", r + 1));
            assert_eq!(rank, ranks[&unit], "{unit} r_{}", r + 1);
            by_unit.entry(unit).or_default().push(rank);
        }
    }
    let reference = golden("ua_rankstats100.csv").unwrap();
    let nominal = index_of(&stages(&asem(), "ASEM_iData.csv").unwrap());
    for (unit, ranks) in by_unit {
        assert_statistics(&reference.row(&unit), nominal[&unit].1, ArrayView1::from(&ranks), &unit);
    }
}

/// The ASEM model with the weights of one replicate.
fn weighted(ids: &[String], weights: &[String]) -> toml::Table {
    let weights: BTreeMap<&String, f64> =
        ids.iter().zip(weights.iter().map(|w| w.parse().unwrap())).collect();
    let mut model = asem();
    for list in ["indicator", "aggregate"] {
        for node in model[list].as_array_mut().unwrap() {
            let node = node.as_table_mut().unwrap();
            let weight = weights[&node["id"].as_str().unwrap().to_owned()];
            node.insert("weight".to_owned(), weight.into());
        }
    }
    model
}

fn assert_statistics(
    reference: &BTreeMap<String, f64>,
    nominal: f64,
    ranks: ArrayView1<f64>,
    unit: &str,
) {
    for (statistic, value) in [
        ("Nominal", nominal),
        ("Mean", mean(ranks)),
        ("Median", median(ranks)),
        ("Q5", quantile(ranks, 0.05)),
        ("Q95", quantile(ranks, 0.95)),
    ] {
        assert_close(value, reference[statistic], &format!("{unit} {statistic}"));
    }
}
