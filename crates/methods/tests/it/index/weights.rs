//! Weightings against the worked examples of their papers and pymcdm, scikit-criteria, pyDecision
//! and COINr.

use std::collections::HashMap;
use std::path::Path;

use methods::Params;
use methods::index::weigh::ahp::{ACCEPTABLE, Priority, ahp, consistency};
use methods::index::weigh::{METHODS, weighting};
use ndarray::{Array1, Array2, ArrayView2, Axis};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use serde_json::Value;

use crate::shared_data::shared;

fn golden() -> Option<Value> {
    let text = std::fs::read_to_string(shared("golden/mcdm/mcdm_golden.json")?).unwrap();
    // Python writes NaN, which is not JSON.
    Some(serde_json::from_str(&text.replace("NaN", "null")).unwrap())
}

fn vector(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn matrix(value: &Value) -> Array2<f64> {
    let rows: Vec<Vec<f64>> = value.as_array().unwrap().iter().map(vector).collect();
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
}

fn close(what: &str, found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (a, b) in found.iter().zip(expected) {
        assert!(
            (a - b).abs() <= tolerance * b.abs().max(1e-12) + if *b == 0.0 { 1e-12 } else { 0.0 },
            "{what}: {found:?}, not {expected:?}"
        );
    }
}

fn weigh(method: &str, params: &str, x: ArrayView2<f64>, directions: &[f64]) -> Vec<f64> {
    let method = weighting(method, &toml::from_str(params).unwrap()).unwrap();
    method.weigh(x, Array1::from(directions.to_vec()).view()).unwrap().value.to_vec()
}

#[test]
fn worked_examples_of_the_papers() {
    let Some(golden) = golden() else { return };
    let better = [1.0; 6];
    let case = |name: &str| matrix(&golden[name]["matrix"]);

    let x = case("entropy_Elsayed2017");
    for package in ["pymcdm", "skc"] {
        let expected = vector(&golden["entropy_Elsayed2017"][package]);
        close("entropy", &weigh("entropy", "", x.view(), &better[..5]), &expected, 1e-8);
    }
    let x = case("critic_Diakoulaki1995");
    for (package, correlation) in
        [("pymcdm", "pearson"), ("skc_pearson", "pearson"), ("skc_spearman", "spearman")]
    {
        let expected = vector(&golden["critic_Diakoulaki1995"][package]);
        let params = format!("correlation = \"{correlation}\"");
        close(package, &weigh("critic", &params, x.view(), &better[..3]), &expected, 1e-8);
    }
    let x = case("critic_Tus2019");
    // pyDecision adds 1e-10 to each range.
    for package in ["pymcdm", "pydecision"] {
        close(
            package,
            &weigh("critic", "", x.view(), &better),
            &vector(&golden["critic_Tus2019"][package]),
            1e-8,
        );
    }
    let example = &golden["merec_Keshavarz2021"];
    let found = weigh("merec", "", matrix(&example["matrix"]).view(), &vector(&example["types"]));
    close("merec", &found, &vector(&example["pymcdm"]), 1e-8);
    let example = &golden["cilos_idocriw_Zavadskas2016"];
    for method in ["cilos", "idocriw"] {
        let found =
            weigh(method, "", matrix(&example["matrix"]).view(), &vector(&example["types"]));
        close(method, &found, &vector(&example[method]), 1e-8);
    }
}

#[test]
fn zeros_and_constant_columns_where_packages_disagree() {
    let Some(golden) = golden() else { return };
    let example = &golden["entropy_with_zeros_DISAGREE"];
    let found = weigh("entropy", "", matrix(&example["matrix"]).view(), &[1.0; 3]);
    close("0 ln 0 = 0, as scikit-criteria", &found, &vector(&example["skc"]), 1e-8);
    // pyDecision adds 1e-9 under the logarithm and to each divergence: agreement to that.
    close("pyDecision", &found, &vector(&example["pydecision"]), 1e-5);

    let example = &golden["critic_const_col"];
    let (x, directions) = (matrix(&example["matrix"]), Array1::ones(2));
    let found =
        weighting("critic", &Params::new()).unwrap().weigh(x.view(), directions.view()).unwrap();
    close("constant", &found.value.to_vec(), &vector(&example["pydecision"]), 1e-8);
    assert_eq!(found.notices, ["column 2: constant, weight 0"]);
}

#[test]
fn the_pillars_of_asem() {
    let (Some(golden), Some(stage)) = (golden(), shared("golden/coinr/stage_Aggregated.csv"))
    else {
        return;
    };
    let golden = &golden["ASEM_pillars_objective_weights"];
    let pillars =
        ["Physical", "ConEcFin", "Political", "Instit", "P2P", "Environ", "Social", "SusEcFin"];
    let x = columns(&table(&stage), &pillars);
    let keys = [
        "entropy_pymcdm",
        "entropy_skc",
        "critic_pymcdm",
        "std",
        "gini",
        "merec",
        "variance",
        "lopcow",
    ];
    assert_eq!(golden.as_object().unwrap().len(), keys.len());
    for key in keys {
        let method = key.split('_').next().unwrap();
        close(key, &weigh(method, "", x.view(), &[1.0; 8]), &vector(&golden[key]), 1e-8);
    }
}

#[test]
fn pairwise_judgements() {
    let Some(golden) = golden() else { return };
    let example = &golden["ahp_WangChin2011_eigen"];
    let found = consistency(matrix(&example["matrix"]).view(), Priority::Eigenvector).unwrap();
    close("Wang and Chin", &found.priorities.to_vec(), &vector(&example["pymcdm"]), 1e-8);
    for case in ["pyDecision_README", "Saaty_school"] {
        for (name, by) in [
            ("mean", Priority::Mean),
            ("geometric", Priority::Geometric),
            ("max_eigen", Priority::Eigenvector),
        ] {
            let example = &golden[format!("ahp_{case}_{name}")];
            let judgements = matrix(&example["matrix"]);
            let found = consistency(judgements.view(), by).unwrap();
            close(case, &found.priorities.to_vec(), &vector(&example["w"]), 1e-8);
            close(case, &[found.ratio], &[example["CR"].as_f64().unwrap()], 1e-8);
            assert!(found.ratio > ACCEPTABLE && ahp(judgements.view(), &[], by).is_err());
        }
    }
}

#[test]
fn saatys_schools_are_refused_with_the_pair_that_contradicts() {
    let Some(golden) = golden() else { return };
    let judgements = matrix(&golden["ahp_Saaty_school_max_eigen"]["matrix"]);
    let names = [
        "learning",
        "friends",
        "school life",
        "vocational training",
        "college preparation",
        "music classes",
    ]
    .map(str::to_owned);
    let flaw = ahp(judgements.view(), &names, Priority::Eigenvector).unwrap_err();
    assert!(flaw.what.contains("0.229"), "{flaw}");
    // By the definition: the largest a_ij w_j / w_i.
    let w = vector(&golden["ahp_Saaty_school_max_eigen"]["w"]);
    let off = |i: usize, j: usize| judgements[[i, j]] * w[j] / w[i];
    let pairs = (0..6).flat_map(|i| (0..6).map(move |j| (i, j))).filter(|(i, j)| i != j);
    let (i, j) = pairs.max_by(|a, b| off(a.0, a.1).total_cmp(&off(b.0, b.1))).unwrap();
    assert!(flaw.fix.contains(&format!("\"{}\" against \"{}\"", names[i], names[j])), "{flaw}");
    let found = consistency(judgements.view(), Priority::Eigenvector).unwrap();
    let worst = found.worst.unwrap();
    assert_eq!(worst.pair, (i, j));
    let mut mended = judgements.clone();
    (mended[[i, j]], mended[[j, i]]) = (worst.implied, 1.0 / worst.implied);
    assert!(consistency(mended.view(), Priority::Eigenvector).unwrap().ratio < found.ratio);
}

#[test]
fn principal_components_of_coinr() {
    let names = [
        "ASEM_iMeta.csv",
        "stage_Treated.csv",
        "stage_Aggregated.csv",
        "pca_weights_level1_treated.csv",
        "pca_weights_level2.csv",
    ];
    let Some(folder) = shared("golden/coinr") else { return };
    let [meta, treated, aggregated, level1, level2] = names.map(|n| table(&folder.join(n)));
    let sdev = std::fs::read_to_string(folder.join("pca_sdev.txt")).unwrap();
    let mut groups = 0;
    for line in sdev.lines().filter(|l| !l.trim().is_empty()) {
        let group = line.split_whitespace().next().unwrap();
        let parent = &meta["Parent"];
        // COINr's tables are in the order of the metadata, and so are the weights.
        let children: Vec<&str> = meta["iCode"]
            .iter()
            .zip(parent)
            .filter(|(_, p)| *p == group)
            .map(|(c, _)| c.as_str())
            .collect();
        let (data, weights) = if matches!(group, "Conn" | "Sust") {
            (&aggregated, &level2)
        } else {
            (&treated, &level1)
        };
        let x = columns(data, &children);
        let expected: Vec<f64> = children
            .iter()
            .map(|c| number(&weights["Weight"][position(&weights["iCode"], c)]))
            .collect();
        // Loadings may be negative; weights are their sizes.
        let sum: f64 = expected.iter().map(|l| l.abs()).sum();
        let absolute: Vec<f64> = expected.iter().map(|l| l.abs() / sum).collect();
        let weights = weigh("pca", "loadings = \"absolute\"", x.view(), &vec![1.0; x.ncols()]);
        close(group, &weights, &absolute, 1e-8);
        let squared: Vec<f64> = expected.iter().map(|l| l * l).collect();
        close(group, &weigh("pca", "", x.view(), &vec![1.0; x.ncols()]), &squared, 1e-8);
        groups += 1;
    }
    assert_eq!(groups, 10);
}

#[test]
fn weights_are_weights_in_any_order_of_units_and_columns() {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    for round in 0..60 {
        let (units, columns) = (random.random_range(2..25), random.random_range(1..8));
        let x = random_matrix(&mut random, units, columns);
        let directions: Array1<f64> =
            (0..columns).map(|_| if random.random_bool(0.5) { 1.0 } else { -1.0 }).collect();
        let (rows, order) = (shuffled(&mut random, units), shuffled(&mut random, columns));
        for (name, _) in METHODS.iter().filter(|(n, _)| !["given", "ahp", "blend"].contains(n)) {
            let method = weighting(name, &Params::new()).unwrap();
            let weigh = |x: &Array2<f64>, d: &Array1<f64>| {
                method.weigh(x.view(), d.view()).map(|w| w.value)
            };
            let what = format!("{name}, round {round}");
            let Ok(weights) = weigh(&x, &directions) else {
                assert!(
                    !x.axis_iter(Axis(0)).any(|r| r.iter().all(|v| !v.is_nan()))
                        && *name != "equal",
                    "{what}"
                );
                continue;
            };
            assert!(
                weights.iter().all(|w| *w >= 0.0) && (weights.sum() - 1.0).abs() < 1e-12,
                "{what}: {weights}"
            );
            let turned = weigh(&x.select(Axis(0), &rows), &directions).unwrap();
            near(&what, &turned, &weights);
            let permuted =
                weigh(&x.select(Axis(1), &order), &directions.select(Axis(0), &order)).unwrap();
            near(&what, &permuted, &weights.select(Axis(0), &order));
        }
    }
}

#[test]
fn what_tells_nothing_is_defined_for_every_method() {
    for (name, _) in METHODS.iter().filter(|(n, _)| !["given", "ahp", "blend"].contains(n)) {
        let method = weighting(name, &Params::new()).unwrap();
        let data_driven = *name != "equal";
        assert_eq!(method.data_driven(), data_driven);
        let weigh =
            |rows: &[[f64; 3]]| method.weigh(ndarray::arr2(rows).view(), Array1::ones(3).view());
        for x in [&[[1.0, 2.0, 3.0]][..], &[[1.0, 0.0, -3.0]; 4][..]] {
            let weighed = weigh(x).unwrap();
            close(name, &weighed.value.to_vec(), &[1.0 / 3.0; 3], 1e-12);
            assert_eq!(
                weighed.notices.len(),
                usize::from(data_driven),
                "{name}: {:?}",
                weighed.notices
            );
        }
        assert_eq!(
            weigh(&[[f64::NAN, 1.0, 2.0], [1.0, f64::NAN, 3.0]]).is_err(),
            data_driven,
            "{name}"
        );
        assert!(weigh(&[[f64::INFINITY, 1.0, 2.0], [1.0, 2.0, 3.0]]).is_err(), "{name}");
        let constant =
            weigh(&[[1.0, 5.0, 2.0], [4.0, 5.0, 2.5], [2.0, 5.0, 9.0], [f64::NAN, 6.0, 1.0]])
                .unwrap();
        if data_driven {
            assert_eq!(constant.value[1], 0.0, "{name}");
            assert!(
                constant.notices.iter().any(|n| n.starts_with("1 of 4 units left out")),
                "{name}: {:?}",
                constant.notices
            );
            assert!(
                constant.notices.contains(&"column 2: constant, weight 0".to_owned()),
                "{name}: {:?}",
                constant.notices
            );
        }
        assert!(
            method.weigh(ndarray::arr2(&[[1.0, 2.0]]).view(), Array1::ones(3).view()).is_err(),
            "{name}"
        );
        assert!(
            method.weigh(Array2::zeros((3, 0)).view(), Array1::ones(0).view()).is_err(),
            "{name}"
        );
    }
}

/// Of every kind: signs, ties, zeros, constant columns, missing figures, great and small.
fn random_matrix(random: &mut ChaCha8Rng, units: usize, columns: usize) -> Array2<f64> {
    let mut x = Array2::zeros((units, columns));
    for mut column in x.axis_iter_mut(Axis(1)) {
        let kind = random.random_range(0..6);
        let scale = 10f64.powi(random.random_range(-3..4));
        for v in column.iter_mut() {
            let u: f64 = random.random();
            *v = match kind {
                0 => 5.0,
                1 => (u * 4.0).floor(),
                2 => (u - 0.5) * scale,
                _ => (u + 0.01) * scale,
            };
            if random.random_bool(0.02) {
                *v = f64::NAN;
            }
        }
    }
    x
}

fn shuffled(random: &mut ChaCha8Rng, n: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    for i in (1..n).rev() {
        order.swap(i, random.random_range(0..=i));
    }
    order
}

fn near(what: &str, a: &Array1<f64>, b: &Array1<f64>) {
    assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-8), "{what}: {a} and {b}");
}

fn table(file: &Path) -> HashMap<String, Vec<String>> {
    let mut reader = csv::Reader::from_path(file).unwrap();
    let names: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    names
        .into_iter()
        .enumerate()
        .map(|(j, n)| (n, rows.iter().map(|r| r[j].to_owned()).collect()))
        .collect()
}

fn columns(table: &HashMap<String, Vec<String>>, names: &[&str]) -> Array2<f64> {
    let rows = table[names[0]].len();
    Array2::from_shape_fn((rows, names.len()), |(i, j)| number(&table[names[j]][i]))
}

fn number(cell: &str) -> f64 {
    cell.parse().unwrap()
}

fn position(codes: &[String], code: &str) -> usize {
    codes.iter().position(|c| c == code).unwrap()
}
