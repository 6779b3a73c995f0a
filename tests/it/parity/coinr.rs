//! `lab index` against COINr 1.1.14 on its ASEM example: every stage, normalisation and
//! aggregation.

use ndarray::Array1;

use super::asem::{Golden, asem, assert_close, golden, stages, with};
use methods::index::aggregate::{aggregation, outranking};
use methods::index::treat::PointTreatment;
use methods::stats::descriptive::{
    extremes, kurtosis, mean, median, present, skewness, standard_deviation,
};
use pingan::lab::stages::{Stages, Treatment};
use pingan::lab::table::Stage;

const PILLARS: [&str; 8] =
    ["Physical", "ConEcFin", "Political", "Instit", "P2P", "Environ", "Social", "SusEcFin"];

fn whole() -> Option<Stages> {
    stages(&asem(), "ASEM_iData.csv")
}

#[test]
fn every_stage_is_coinrs() {
    let Some(ours) = whole() else { return };
    for (file, stage) in [
        ("stage_Raw.csv", &ours.raw),
        ("stage_Denominated.csv", &ours.denominated),
        ("stage_Imputed.csv", &ours.imputed),
        ("stage_Screened.csv", &ours.screened),
        ("stage_Treated.csv", &ours.treated),
        ("stage_Normalised.csv", &ours.normalised),
        ("stage_Aggregated.csv", &ours.aggregated),
    ] {
        golden(file).unwrap().is(stage);
    }
    assert_eq!(ours.notices, [""; 0]);
}

#[test]
fn the_published_scores() {
    let Some(ours) = whole() else { return };
    let index = ours.aggregated.column("Index").unwrap();
    for (unit, score) in
        [("CHE", 68.38372423834171), ("NLD", 64.8195161698175), ("DNK", 64.80407996060765)]
    {
        let at = ours.aggregated.units.iter().position(|u| u == unit).unwrap();
        assert_close(index[at], score, unit);
    }
}

#[test]
fn results_with_ranks() {
    let Some(ours) = whole() else { return };
    let results = golden("results_full.csv").unwrap();
    results.is_column_by_column(&ours.aggregated, |c| c != "Rank");
    let rank = results.column("Rank");
    let ranks = ours.ranks.column("Index").unwrap();
    for (unit, ours) in ours.ranks.units.iter().zip(&ranks) {
        assert_eq!(*ours, rank[unit], "{unit}");
    }
    assert_eq!(rank.len(), ranks.len());
}

#[test]
fn statistics_of_the_raw_columns() {
    let Some(ours) = whole() else { return };
    let reference = golden("stats_raw.csv").unwrap();
    assert_eq!(reference.table.rows.len(), ours.raw.columns.len());
    for id in &ours.raw.columns {
        let x = ours.raw.column(id).unwrap();
        let (min, max) = extremes(x.view());
        for (column, value) in [
            ("Min", min),
            ("Max", max),
            ("Mean", mean(x.view())),
            ("Median", median(x.view())),
            ("Std", standard_deviation(x.view())),
            ("Skew", skewness(x.view())),
            ("Kurt", kurtosis(x.view())),
            ("N.Avail", present(x.view()).len() as f64),
        ] {
            assert_close(value, reference.column(column)[id], &format!("{id} {column}"));
        }
    }
}

#[test]
fn what_the_treatment_did() {
    let Some(ours) = whole() else { return };
    let details = golden("treat_details.csv").unwrap();
    assert_eq!(ours.treatment.len(), details.table.rows.len());
    for Treatment { indicator: id, done, .. } in &ours.treatment {
        for round in 0..2 {
            let (pass, skew) =
                (format!("check_SkewKurt{round}.Pass"), format!("check_SkewKurt{round}.Skew"));
            let reference = details.text(id, &pass);
            let check = done.checks.get(round);
            assert_eq!(
                check.map_or("NA", |c| if c.pass { "TRUE" } else { "FALSE" }),
                reference,
                "{id}"
            );
            let kurtosis = details.column(&format!("check_SkewKurt{round}.Kurt"))[id];
            assert_close(check.map_or(f64::NAN, |c| c.skew), details.column(&skew)[id], id);
            assert_close(check.map_or(f64::NAN, |c| c.kurtosis), kurtosis, id);
        }
        assert_eq!(
            done.winsorised.map_or("NA".to_owned(), |n| n.to_string()),
            details.text(id, "winsorise.nwin"),
            "{id}"
        );
    }
}

#[test]
fn which_points_the_treatment_moved() {
    let Some(ours) = whole() else { return };
    let points = golden("treat_points.csv").unwrap();
    let mut moved = 0;
    for Treatment { indicator: id, done, .. } in &ours.treatment {
        let reference = points.table.texts(id).unwrap();
        let in_order: Vec<&str> =
            alphabetical(&ours.treated).into_iter().map(|u| done.points[u].name()).collect();
        assert_eq!(in_order, reference, "{id}");
        moved += done.points.iter().filter(|t| **t != PointTreatment::Untreated).count();
    }
    assert_eq!(moved, 35);
}

/// Rows in the order of the units' codes, in which COINr keeps them.
fn alphabetical(stage: &Stage) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..stage.units.len()).collect();
    rows.sort_by_key(|r| &stage.units[*r]);
    rows
}

/// The reference of a normalisation and ours, of the treated data unless the model is changed
/// before.
fn normalised(
    file: &str,
    model: toml::Table,
    method: &str,
) -> Option<(Golden, Stage, Vec<String>)> {
    let ours = stages(&with(model, "normalise", method), "ASEM_iData.csv")?;
    Some((golden(file)?, ours.normalised, ours.notices))
}

#[test]
fn normalisations_of_the_treated_data() {
    for (file, method) in [
        ("norm_minmax.csv", "method = 'min_max'"),
        ("norm_zscore.csv", "method = 'z_score'\nmean = 10\nsd = 2"),
        ("norm_rank.csv", "method = 'rank'"),
        ("norm_prank.csv", "method = 'percentile_rank'"),
        ("norm_borda.csv", "method = 'borda'"),
        ("norm_dist2max.csv", "method = 'distance_to_maximum'"),
    ] {
        let Some((reference, ours, _)) = normalised(file, asem(), method) else { return };
        reference.is(&ours);
    }
}

#[test]
fn distance_to_raw_targets() {
    let mut raw = asem();
    for step in ["denominate", "impute", "screen", "treat"] {
        raw.remove(step);
    }
    let Some(meta) = golden("ASEM_iMeta.csv") else { return };
    let (ids, targets) =
        (meta.table.texts("iCode").unwrap(), meta.table.numbers("Target").unwrap());
    for indicator in raw["indicator"].as_array_mut().unwrap() {
        let indicator = indicator.as_table_mut().unwrap();
        indicator.remove("denominator");
        let line = ids.iter().position(|id| indicator["id"].as_str() == Some(id)).unwrap();
        indicator.insert("target".to_owned(), targets[line].into());
    }
    let Some((reference, ours, _)) =
        normalised("norm_dist2targ_rawTarget.csv", raw, "method = 'distance_to_target'")
    else {
        return;
    };
    reference.is(&ours);
}

/// Where COINr has infinities and NaN, whole columns are as documented; the others are equal.
fn equal_but(reference: &Golden, ours: &Stage, notices: &[String], instead: f64) {
    let finite = |c: &str| reference.column(c).values().all(|v| v.is_finite());
    reference.is_column_by_column(ours, finite);
    let undefined: Vec<&String> = reference.columns().iter().filter(|c| !finite(c)).collect();
    assert!(!undefined.is_empty());
    for column in undefined {
        ours.column(column).unwrap().iter().for_each(|v| assert_close(*v, instead, column));
        assert!(notices.iter().any(|n| n.starts_with(&format!("{column}: "))), "{column}");
    }
}

#[test]
fn distance_to_the_first_unit() {
    let method = "method = 'distance_to_reference'\nreference = 'AUS'";
    let Some((reference, ours, notices)) = normalised("norm_dist2ref.csv", asem(), method) else {
        return;
    };
    equal_but(&reference, &ours, &notices, 1.0);
}

#[test]
fn fraction_of_the_maximum_as_coinr_has_it() {
    let method = "method = 'fraction_of_maximum'\ncompat = true";
    let Some((reference, ours, notices)) = normalised("norm_fracmax.csv", asem(), method) else {
        return;
    };
    equal_but(&reference, &ours, &notices, f64::NAN);
}

#[test]
fn aggregations_of_a_scale_from_1_to_100() {
    let model = with(asem(), "normalise", "method = 'min_max'\nl = 1\nu = 100");
    for (file, method) in [
        ("agg_a_amean.csv", "method = 'arithmetic'"),
        ("agg_a_gmean.csv", "method = 'geometric'"),
        ("agg_a_hmean.csv", "method = 'harmonic'"),
        ("agg_genmean_p-1.csv", "method = 'power'\np = -1"),
        ("agg_genmean_p0.5.csv", "method = 'power'\np = 0.5"),
        ("agg_genmean_p2.csv", "method = 'power'\np = 2"),
    ] {
        let Some(ours) = stages(&with(model.clone(), "aggregation", method), "ASEM_iData.csv")
        else {
            return;
        };
        golden(file).unwrap().is_column_by_column(&ours.aggregated, |_| true);
    }
}

#[test]
fn outranking_and_copeland_of_the_pillars() {
    let Some(ours) = whole() else { return };
    let pillars: Vec<Array1<f64>> =
        PILLARS.iter().map(|p| ours.aggregated.column(p).unwrap()).collect();
    let views: Vec<_> = pillars.iter().map(|p| p.view()).collect();
    let scores = ndarray::stack(ndarray::Axis(1), &views).unwrap();
    let weights = Array1::ones(PILLARS.len());

    let reference = golden("outrank_pillars.csv").unwrap();
    let share = outranking(scores.view(), weights.view());
    assert_eq!(reference.table.rows.len(), share.nrows());
    let rows = alphabetical(&ours.aggregated);
    for (a, cells) in rows.iter().zip(&reference.table.rows) {
        rows.iter()
            .zip(cells)
            .for_each(|(b, c)| assert_close(share[[*a, *b]], c.parse().unwrap(), "outranking"));
    }

    let copeland = golden("copeland_pillars.csv").unwrap().column("cop");
    let balance = aggregation("copeland", &toml::Table::new())
        .unwrap()
        .aggregate(scores.view(), weights.view());
    for (unit, balance) in ours.aggregated.units.iter().zip(balance) {
        assert_eq!(balance, copeland[unit], "{unit}");
    }
}
