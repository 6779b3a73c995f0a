//! Sensitivity indices against COINr 1.1.14, SALib 1.6.0 and the Ishigami function's own. Needs the
//! golden data beside the project.

use std::f64::consts::PI;

use super::golden::{Table, assert_met};
use crate::shared_data::shared;
use methods::index::ranks::{mean_abs_change, rank_statistics, ranks};
use methods::index::sensitivity::{
    Design, ESTIMATORS, Indices, Outputs, bootstrap, estimator, sobol,
};
use ndarray::{Array2, Axis, concatenate};

fn read(name: &str) -> Option<Table> {
    shared(&format!("golden/coinr/{name}.csv")).map(|file| Table::read(&file))
}

/// Columns r_1 … of a file of replications.
fn replications(table: &Table) -> Array2<f64> {
    let names: Vec<&String> = table.names().iter().filter(|n| n.starts_with("r_")).collect();
    table.matrix(&names)
}

fn indices(outputs: &Outputs, name: &str) -> Indices {
    let got = sobol(outputs, &estimator(name).unwrap()).unwrap();
    assert!(got.notices.is_empty());
    got.value
}

fn ishigami(x: &[f64]) -> f64 {
    x[0].sin() + 7.0 * x[1].sin().powi(2) + 0.1 * x[2].powi(4) * x[0].sin()
}

#[test]
fn three_choices_of_the_asem_index_as_in_coinr() {
    let (Some(scores), Some(want), Some(stats)) =
        (read("sa3_scores"), read("sa3_indices"), read("sa3_rankstats"))
    else {
        return;
    };
    let nominal = ranks(scores.column("Nominal").view());
    let mut places = replications(&scores);
    assert_eq!(places.ncols(), 24 * (3 + 2));
    for mut column in places.axis_iter_mut(Axis(1)) {
        let ranked = ranks(column.view());
        column.assign(&ranked);
    }
    let moved = mean_abs_change(nominal.view(), places.view()).unwrap();
    let got = indices(&Outputs::stacked(&moved.to_vec(), 3).unwrap(), "saltelli");
    assert_met("Si", &got.first, &want.column("Si"));
    assert_met("STi", &got.total, &want.column("STi"));

    // COINr's rank statistics are those of A and B.
    let sampled = places.select(Axis(1), &(0..48).collect::<Vec<usize>>());
    let statistics = rank_statistics(nominal.view(), sampled.view()).unwrap();
    let figures: Vec<f64> =
        statistics.iter().flat_map(|s| [s.nominal, s.mean, s.median, s.q5, s.q95]).collect();
    assert_met(
        "rank statistics",
        &figures,
        &stats.matrix(&["Nominal", "Mean", "Median", "Q5", "Q95"]),
    );
}

#[test]
fn the_design_is_coinrs() {
    let (Some(para), Some(sample)) = (read("sa3_para"), read("sobol_ishigami_N256_sample")) else {
        return;
    };
    let coded = |name: &str, one: &str| {
        para.text(name).iter().map(|t| f64::from(u8::from(*t == one))).collect::<Vec<f64>>()
    };
    let (norm, agg, winmax) =
        (coded("norm", "n_zscore"), coded("agg", "a_gmean"), para.column("winmax"));
    let chosen = Array2::from_shape_fn((120, 3), |(row, choice)| {
        [winmax[row] / 5.0, norm[row], agg[row]][choice]
    });
    for (runs, n) in [(chosen, 24), (sample.matrix(&["V1", "V2", "V3"]), 256)] {
        let block = |from: usize| runs.select(Axis(0), &(from..from + n).collect::<Vec<usize>>());
        let design =
            Design::from_uniform(concatenate![Axis(1), block(0), block(n)].view()).unwrap();
        assert_eq!(design.runs(), runs);
    }
}

#[test]
fn four_choices_of_the_published_vignette() {
    let (Some(places), Some(want), Some(stats)) =
        (read("vignette_SA_ranks"), read("vignette_SA_indices"), read("vignette_SA_rankstats"))
    else {
        return;
    };
    let (nominal, replicated) = (places.column("Nominal"), replications(&places));
    let moved = mean_abs_change(nominal.view(), replicated.view()).unwrap();
    let outputs = Outputs::stacked(&moved.to_vec(), 4).unwrap();
    let got = indices(&outputs, "saltelli");
    assert_met("Si", &got.first, &want.column("Si"));
    assert_met("STi", &got.total, &want.column("STi"));

    let sampled = replicated.select(Axis(1), &(0..200).collect::<Vec<usize>>());
    let statistics = rank_statistics(nominal.view(), sampled.view()).unwrap();
    let figures: Vec<f64> =
        statistics.iter().flat_map(|s| [s.nominal, s.mean, s.median, s.q5, s.q95]).collect();
    assert_met(
        "rank statistics",
        &figures,
        &stats.matrix(&["Nominal", "Mean", "Median", "Q5", "Q95"]),
    );

    assert_intervals_agree(&outputs, &want);
}

/// The published intervals come of an unseeded draw, with the variance held fixed: ours can agree
/// only within what such draws differ by. (Of 200 repetitions of that procedure with 100 draws
/// each, an end lay up to 0.35 of the width from theirs, and the ends of one 0.04 to 0.12 on
/// average.)
fn assert_intervals_agree(outputs: &Outputs, want: &Table) {
    let (low, high) = bootstrap(outputs, &estimator("saltelli").unwrap(), 2000, 0.05, 1).unwrap();
    let mut apart = Vec::new();
    for (which, low, high) in [("Si", low.first, high.first), ("STi", low.total, high.total)] {
        let (theirs_low, theirs_high) =
            (want.column(&format!("{which}_q5")), want.column(&format!("{which}_q95")));
        for choice in 0..4 {
            let width = theirs_high[choice] - theirs_low[choice];
            apart.push((low[choice] - theirs_low[choice]).abs() / width);
            apart.push((high[choice] - theirs_high[choice]).abs() / width);
        }
    }
    assert!(apart.iter().all(|a| *a < 0.35), "{apart:?}");
    assert!(apart.iter().sum::<f64>() / 16.0 < 0.12, "{apart:?}");
}

#[test]
fn the_ishigami_function_as_in_coinr() {
    let (Some(sample), Some(want)) =
        (read("sobol_ishigami_N256_sample"), read("sobol_ishigami_N256_indices"))
    else {
        return;
    };
    // The sample is uniform on 0 … 1, the function's arguments on −π … π.
    let runs = sample.matrix(&["V1", "V2", "V3"]).mapv(|u| PI * (2.0 * u - 1.0));
    let outputs: Vec<f64> = runs.outer_iter().map(|x| ishigami(&x.to_vec())).collect();
    assert_met("outputs", &outputs, &sample.column("y"));
    let got = indices(&Outputs::stacked(&outputs, 3).unwrap(), "saltelli");
    assert_met("Si", &got.first, &want.column("Si"));
    assert_met("STi", &got.total, &want.column("STi"));
    assert_met("variance", &vec![got.variance; 3], &want.column("Variance"));
}

#[test]
fn the_ishigami_function_as_in_salib_and_by_analysis() {
    let (Some(x), Some(y), Some(want)) = (
        shared("golden/sobol/ishigami_sobolseq_N1024_X.csv"),
        shared("golden/sobol/ishigami_sobolseq_N1024_Y.csv"),
        shared("golden/sobol/ishigami_indices.json"),
    ) else {
        return;
    };
    let numbers = |text: String| {
        text.split([',', '\n'])
            .filter(|t| !t.is_empty())
            .map(|t| t.parse().unwrap())
            .collect::<Vec<f64>>()
    };
    let (x, y) = (
        numbers(std::fs::read_to_string(x).unwrap()),
        numbers(std::fs::read_to_string(y).unwrap()),
    );
    let ours: Vec<f64> = x.chunks(3).map(ishigami).collect();
    // At multiples of π the sine's last digits differ between platforms.
    assert!(ours.len() == y.len() && ours.iter().zip(&y).all(|(a, b)| (a - b).abs() < 1e-12));

    // SALib's outputs are row by row of the sample, A, A_B^(1), A_B^(2), A_B^(3), B; ours block by
    // block, B second.
    let blocks = [0, 4, 1, 2, 3].map(|block| y.iter().skip(block).step_by(5).copied());
    let stacked: Vec<f64> = blocks.into_iter().flatten().collect();
    let outputs = Outputs::stacked(&stacked, 3).unwrap();
    let want: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(want).unwrap()).unwrap();
    let want = |name: &str| {
        want[name].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect::<Vec<f64>>()
    };
    let got = indices(&outputs, "saltelli_centred");
    assert_met("SALib's S1", &got.first, &want("salib_S1"));
    assert_met("SALib's ST", &got.total, &want("salib_ST"));

    for (name, _) in ESTIMATORS {
        let got = indices(&outputs, name);
        for (got, want) in got
            .first
            .iter()
            .chain(&got.total)
            .zip(want("analytic_S1").iter().chain(&want("analytic_ST")))
        {
            assert!((got - want).abs() < 0.03, "{name}: {got}, by analysis {want}");
        }
    }
}

#[test]
fn our_own_sample_reaches_the_analytic_indices() {
    let runs = Design::seeded(16_384, 3, 2026).unwrap().runs().mapv(|u| PI * (2.0 * u - 1.0));
    let outputs: Vec<f64> = runs.outer_iter().map(|x| ishigami(&x.to_vec())).collect();
    let got = indices(&Outputs::stacked(&outputs, 3).unwrap(), "jansen");
    // Variances by integration: a²/8 + bπ⁴/5 + b²π⁸/18 + 1/2 in all (Ishigami and Homma 1990), with
    // a = 7 and b = 0.1.
    let whole = 49.0 / 8.0 + 0.1 * PI.powi(4) / 5.0 + 0.01 * PI.powi(8) / 18.0 + 0.5;
    let (alone, second, with_third) = (
        0.5 * (1.0 + 0.1 * PI.powi(4) / 5.0).powi(2) / whole,
        49.0 / 8.0 / whole,
        8.0 * 0.01 * PI.powi(8) / 225.0 / whole,
    );
    for (got, want) in got.first.iter().chain(&got.total).zip([
        alone,
        second,
        0.0,
        alone + with_third,
        second,
        with_third,
    ]) {
        assert!((got - want).abs() < 0.025, "{got}, by analysis {want}");
    }
    assert!((got.variance / whole - 1.0).abs() < 0.03);
}
