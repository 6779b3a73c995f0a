//! Audit and weights' uncertainty against COINr 1.1.14 on its ASEM example. Needs the golden data
//! beside the project.

use super::golden::{Table, assert_met};
use crate::shared_data::shared;
use methods::index::audit::{
    across, correlation, cronbach_of_nodes, effective_weights, remove_elements,
};
use methods::index::random_weights::noisy_weights;
use methods::index::ranks::{rank_columns, rank_statistics, ranks};
use ndarray::{Array1, Array2, Axis};

/// The ASEM example: its tree from the leaves up, and its scores, units × nodes.
struct Asem {
    codes: Vec<String>,
    levels: Vec<String>,
    parents: Vec<Option<usize>>,
    weights: Vec<f64>,
    scores: Array2<f64>,
}

impl Asem {
    fn read() -> Option<Asem> {
        let meta = Table::read(&shared("golden/coinr/ASEM_iMeta.csv")?);
        // The file is ordered by level; groups and denominators, at its end, have none.
        let of_tree = |name: &str| -> Vec<String> {
            meta.text("Level")
                .iter()
                .zip(meta.text(name))
                .filter(|(level, _)| **level != "NA")
                .map(|(_, t)| t.to_owned())
                .collect()
        };
        let codes = of_tree("iCode");
        let parents = of_tree("Parent").iter().map(|p| codes.iter().position(|c| c == p)).collect();
        let weights = of_tree("Weight").iter().map(|w| w.parse().unwrap()).collect();
        let scores = Table::read(&shared("golden/coinr/stage_Aggregated.csv")?).matrix(&codes);
        Some(Asem { levels: of_tree("Level"), codes, parents, weights, scores })
    }

    fn node(&self, code: &str) -> usize {
        self.codes.iter().position(|c| c == code).unwrap_or_else(|| panic!("no node {code}"))
    }

    fn at_level(&self, level: &str) -> Vec<usize> {
        (0..self.codes.len()).filter(|n| self.levels[*n] == level).collect()
    }

    /// The index by weighted arithmetic means, from the normalised indicators up.
    fn index(&self, weights: &[f64]) -> Array1<f64> {
        let mut scores = self.scores.clone();
        for node in (0..self.codes.len()).filter(|n| self.levels[*n] != "1") {
            let (mut sum, mut of) = (Array1::<f64>::zeros(scores.nrows()), 0.0);
            for child in (0..node).filter(|c| self.parents[*c] == Some(node)) {
                sum.scaled_add(weights[child], &scores.column(child));
                of += weights[child];
            }
            scores.column_mut(node).assign(&(sum / of));
        }
        scores.column(self.codes.len() - 1).to_owned()
    }

    /// Holds a golden list of correlations, which names its columns, against ours.
    fn assert_correlations(&self, file: &str, measure: &str) {
        let Some(file) = shared(&format!("golden/coinr/{file}.csv")) else { return };
        let want = Table::read(&file);
        let pairs: Vec<(usize, usize)> = want
            .text("Var1")
            .iter()
            .zip(want.text("Var2"))
            .map(|(a, b)| (self.node(a), self.node(b)))
            .collect();
        let measure = correlation(measure).unwrap();
        let of = |(a, b): &(usize, usize)| {
            let got = across(self.scores.view(), &[*a], &[*b], measure).unwrap();
            assert!(got.notices.is_empty());
            got.value[0].correlation
        };
        let got: Vec<f64> = pairs.iter().map(of).collect();
        assert_met(&file.to_string_lossy(), &got, &want.column("Correlation"));
    }
}

#[test]
fn effective_weights_are_coinrs() {
    let Some(asem) = Asem::read() else { return };
    let Some(file) = shared("golden/coinr/eff_weights.csv") else { return };
    let want = Table::read(&file);
    let got = effective_weights(&asem.parents, &asem.weights).unwrap();
    assert!(got.notices.is_empty());
    assert_eq!(want.text("iCode").len(), got.value.len());
    let ordered: Vec<f64> = want.text("iCode").iter().map(|c| got.value[asem.node(c)]).collect();
    assert_met("effective weights", &ordered, &want.column("EffWeight"));
}

#[test]
fn cronbachs_alpha_is_coinrs() {
    let Some(asem) = Asem::read() else { return };
    let Some(file) = shared("golden/coinr/cronbach.txt") else { return };
    let alphas = cronbach_of_nodes(asem.scores.view(), &asem.parents).unwrap();
    let text = std::fs::read_to_string(file).unwrap();
    let lines: Vec<&str> = text.lines().filter(|l| !l.trim().is_empty()).collect();
    assert_eq!(lines.len(), 8);
    for line in lines {
        let (pillar, want) = line.trim().split_once(' ').unwrap();
        let (_, got) = alphas.iter().find(|(node, _)| *node == asem.node(pillar)).unwrap();
        assert_met(pillar, [&got.value], [&want.parse().unwrap()]);
    }
}

#[test]
fn correlations_are_coinrs() {
    let Some(asem) = Asem::read() else { return };
    asem.assert_correlations("corr_ind_index", "pearson");
    asem.assert_correlations("corr_pillar_sub", "pearson");
    asem.assert_correlations("corr_pillar_spearman", "spearman");
    asem.assert_correlations("corr_pillar_kendall", "kendall");
}

#[test]
fn removing_an_indicator_moves_the_ranks_as_in_coinr() {
    let Some(asem) = Asem::read() else { return };
    let Some(file) = shared("golden/coinr/remove_lvl1_meanabsdiff.csv") else { return };
    assert_removal_changes(&asem, &Table::read(&file), "1");
}

#[test]
fn removing_a_pillar_moves_scores_and_ranks_as_in_coinr() {
    let Some(asem) = Asem::read() else { return };
    let Some(file) = shared("golden/coinr/remove_lvl2_meanabsdiff.csv") else { return };
    assert_removal_changes(&asem, &Table::read(&file), "2");
    let pillars = asem.at_level("2");
    let got =
        remove_elements(&asem.parents, &asem.weights, &pillars, |w| asem.index(w)).unwrap().value;
    let names: Vec<&str> = pillars.iter().map(|p| asem.codes[*p].as_str()).collect();
    let read =
        |what: &str| Table::read(&shared(&format!("golden/coinr/remove_lvl2_{what}.csv")).unwrap());
    for (what, nominal, without) in
        [("scores", got.nominal_scores, got.scores), ("ranks", got.nominal_ranks, got.ranks)]
    {
        assert_met(what, &without, &read(what).matrix(&names));
        assert_met(what, &nominal, &read(what).column("Nominal"));
    }
}

/// The golden list begins with the whole model, which differs from itself by nothing.
fn assert_removal_changes(asem: &Asem, want: &Table, level: &str) {
    let elements: Vec<usize> = want.text("el").iter().skip(1).map(|c| asem.node(c)).collect();
    let mut sorted = elements.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, asem.at_level(level));
    let got = remove_elements(&asem.parents, &asem.weights, &elements, |w| asem.index(w)).unwrap();
    assert!(got.notices.is_empty());
    assert_met(
        "mean absolute rank change",
        &got.value.rank_change,
        want.column("mad").iter().skip(1),
    );
}

#[test]
fn a_hundred_stored_weight_sets_give_coinrs_scores_ranks_and_statistics() {
    let Some(asem) = Asem::read() else { return };
    let read = |what: &str| {
        shared(&format!("golden/coinr/ua_{what}100.csv")).map(|file| Table::read(&file))
    };
    let (Some(sets), Some(scores), Some(places), Some(stats)) =
        (read("weights"), read("scores"), read("ranks"), read("rankstats"))
    else {
        return;
    };
    let sets = sets.matrix(&asem.codes);
    let columns: Vec<Array1<f64>> =
        sets.outer_iter().map(|weights| asem.index(&weights.to_vec())).collect();
    let got = Array2::from_shape_fn((columns[0].len(), columns.len()), |(u, set)| columns[set][u]);
    let got_ranks = rank_columns(got.view());
    let replications: Vec<String> = (1..=100).map(|r| format!("r_{r}")).collect();
    assert_met("scores", &got, &scores.matrix(&replications));
    assert_met("ranks", &got_ranks, &places.matrix(&replications));

    let nominal = ranks(asem.index(&asem.weights).view());
    let statistics = rank_statistics(nominal.view(), got_ranks.view()).unwrap();
    let figures: Vec<f64> =
        statistics.iter().flat_map(|s| [s.nominal, s.mean, s.median, s.q5, s.q95]).collect();
    assert_met(
        "rank statistics",
        &figures,
        &stats.matrix(&["Nominal", "Mean", "Median", "Q5", "Q95"]),
    );
}

#[test]
fn our_noise_scatters_as_coinrs() {
    let Some(asem) = Asem::read() else { return };
    let Some(file) = shared("golden/coinr/ua_weights100.csv") else { return };
    // The stored sets vary every weight but the index's by ± 25 %.
    let noise: Vec<f64> = asem.levels.iter().map(|l| if l == "4" { 0.0 } else { 0.25 }).collect();
    let ours = noisy_weights(&asem.weights, &noise, 100, 1).unwrap();
    let theirs = Table::read(&file).matrix(&asem.codes);
    for sets in [&ours, &theirs] {
        let (index, varied) = (
            sets.column(asem.codes.len() - 1),
            sets.select(Axis(1), &(0..59).collect::<Vec<usize>>()),
        );
        assert!(index.iter().all(|w| *w == 1.0));
        assert!(varied.iter().all(|w| (0.75..=1.25).contains(w)));
        // Uniform on ± 25 %: mean 1, standard deviation 0.25/√3.
        assert!((varied.mean().unwrap() - 1.0).abs() < 0.01, "{:?}", varied.mean());
        assert!((varied.std(0.0) - 0.25 / 3.0_f64.sqrt()).abs() < 0.003, "{}", varied.std(0.0));
    }
}

#[test]
fn published_ranks_follow_from_published_scores() {
    for run in ["vignette_UA", "vignette_SA"] {
        let (Some(scores), Some(places)) = (
            shared(&format!("golden/coinr/{run}_scores.csv")),
            shared(&format!("golden/coinr/{run}_ranks.csv")),
        ) else {
            return;
        };
        let (scores, places) = (Table::read(&scores), Table::read(&places));
        for name in &scores.names()[1..] {
            assert_met(
                &format!("{run} {name}"),
                &ranks(scores.column(name).view()),
                &places.column(name),
            );
        }
    }
}
