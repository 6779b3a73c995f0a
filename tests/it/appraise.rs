//! A model judged by what it scores: audit and sensitivity.

use lake::areas::Register;
use methods::index::veto::Caps;
use ndarray::Array2;
use pingan::index::audit::{Element, Flag, audit};
use pingan::index::sensitivity::sensitivity;
use pingan::index::{Grid, Model, Recipe, ScoredAreas, score};
use pingan::panel::Unit;
use serde_json::Value;

use crate::support::{area, query, run, stdout};

const AREAS: usize = 12;

/// Two domains; in the first, two indicators that say the same and a third that contradicts them.
fn model() -> Model {
    let mut text = "name = 'contradictory'\nlevel = 'township'\nreference = { months = 24, low = 0.05, high = 0.95 }\ncoverage = { indicator = 0.5, index = 0.5 }\n\
                    [[band]]\nname = 'A'\nfrom = 0\ncolour = '#000000'\n"
        .to_owned();
    let mut frozen = "[frozen]\nas_of = '2025-01-01'\n[frozen.indicator]\n".to_owned();
    for (domain, weight, indicators) in [
        ("disputes", 3, &[("one", 2), ("same", 2), ("against", 1)][..]),
        ("traffic", 1, &[("crashes", 1)]),
    ] {
        text += &format!("[[domain]]\nid = '{domain}'\nweight = {weight}\n");
        for (id, weight) in indicators {
            text += &format!(
                "[[domain.indicator]]\nid = '{id}'\nlabel = '{id}'\nmeasure = '{id}'\nkind = 'rate'\nexposure = ['population']\npolarity = '-'\n\
                 weight = {weight}\nshrink = 'none'\n"
            );
            frozen += &format!(
                "\"{domain}.{id}\" = {{ from = '2023-01', to = '2024-12', low = 0.0, high = 1.0 }}\n"
            );
        }
    }
    Model::parse(std::path::Path::new("contradictory.toml"), &(text + &frozen)).unwrap()
}

fn register() -> Register {
    let mut areas = vec![area("0", "county", None)];
    areas.extend((1..=AREAS).map(|i| area(&format!("{i:02}"), "township", Some("0"))));
    Register::new(areas).unwrap()
}

/// The areas in order by the first two indicators, the other way round by the third; crashes in no
/// order.
fn grid(units: &ScoredAreas) -> Grid {
    let shape = (units.areas.len(), 4);
    let num = Array2::from_shape_fn(shape, |(area, leaf)| {
        let x = area as f64;
        [10.0 + 5.0 * x, 12.0 + 5.0 * x, 90.0 - 5.0 * x, 10.0 + (x * 7.0) % 11.0][leaf]
    });
    let n = Array2::from_elem(shape, 100.0);
    let period = Unit::Month.period("2025-03-01".parse().unwrap(), chrono::NaiveDate::MAX);
    Grid { period, num, exposure: n.clone(), n, coverage: Array2::ones(shape), past: None }
}

fn find<'a>(elements: &'a [Element], node: &str) -> &'a Element {
    elements.iter().find(|e| e.node == node).unwrap()
}

#[test]
fn an_audit_finds_what_says_the_same_and_what_contradicts() {
    let (model, register) = (model(), register());
    let (recipe, units) = (Recipe::new(&model).unwrap(), ScoredAreas::new(&model, &register));
    let (grid, caps) = (grid(&units), Caps::new(AREAS + 1, 3));
    let mut scores = score(&recipe, &recipe.measure(&grid, &units), &caps);
    let found = audit(&recipe, &units, std::slice::from_ref(&scores)).unwrap();
    assert_eq!(
        found.iter().map(|e| e.node.as_str()).collect::<Vec<_>>()[..2],
        ["index", "disputes"]
    );
    let (one, same, against) = (
        find(&found, "disputes.one"),
        find(&found, "disputes.same"),
        find(&found, "disputes.against"),
    );
    assert_eq!(one.flags, [Flag::Colinear("disputes.same".into())]);
    assert_eq!(same.flags, [Flag::Colinear("disputes.one".into())]);
    assert_eq!(against.flags, [Flag::Negative]);
    assert!((one.with_parent - 1.0).abs() < 1e-9 && (against.with_parent + 1.0).abs() < 1e-9);
    assert!(
        (one.nominal - 0.3).abs() < 1e-12
            && (one.effective - 0.3).abs() < 1e-12
            && one.scored == 1.0
    );
    // Without what contradicts them the others say the same more loudly.
    assert!(against.score_change > 0.0, "{}", against.score_change);
    // Three quarters of the index: without disputes the townships stand as crashes would have them.
    assert!(find(&found, "disputes").rank_change > find(&found, "traffic").rank_change);

    // What is scored nowhere passes its weight on, and cannot be correlated.
    scores.leaf.column_mut(2).fill(f64::NAN);
    let found = audit(&recipe, &units, std::slice::from_ref(&scores)).unwrap();
    let (one, against) = (find(&found, "disputes.one"), find(&found, "disputes.against"));
    assert!((one.effective - 0.375).abs() < 1e-12 && (one.nominal - 0.3).abs() < 1e-12);
    assert!(
        against.effective == 0.0
            && against.scored == 0.0
            && against.with_parent.is_nan()
            && against.flags.is_empty()
    );
    scores.uncapped.fill(f64::NAN);
    assert!(audit(&recipe, &units, &[scores]).is_err());
}

#[test]
fn what_does_not_matter_explains_nothing() {
    let (model, register) = (model(), register());
    let (recipe, units) = (Recipe::new(&model).unwrap(), ScoredAreas::new(&model, &register));
    let (mut grid, caps) = (grid(&units), Caps::new(AREAS + 1, 3));
    let found = sensitivity(&recipe, &units, &grid, &caps, 64, 3).unwrap();
    assert_eq!(
        (found.rows, found.runs, found.choices.len()),
        (64, 64 * 5, 3),
        "nothing is shrunk, so that is no choice"
    );
    assert!(found.moved > 0.0 && found.choices.iter().any(|c| c.total > 0.2));
    for choice in &found.choices {
        assert!(
            choice.total_interval.0 <= choice.total
                && choice.total <= choice.total_interval.1 + 0.2,
            "{choice:?}"
        );
    }
    let again = sensitivity(&recipe, &units, &grid, &caps, 64, 3).unwrap();
    assert_eq!(format!("{found:?}"), format!("{again:?}"));
    // The worst in everything is the last whatever is chosen.
    grid.num.fill(10.0);
    grid.num.row_mut(5).fill(90.0);
    let found = sensitivity(&recipe, &units, &grid, &caps, 64, 3).unwrap();
    let last = found.areas.last().unwrap();
    assert_eq!(
        (last.code.as_str(), last.ranks.nominal, last.ranks.q5, last.ranks.q95),
        (units.areas[5].code.as_str(), 12.0, 12.0, 12.0)
    );
    assert!(found.choices.iter().all(|c| c.total == 0.0) && !found.notices.is_empty());
    assert!(sensitivity(&recipe, &units, &grid, &caps, 1, 3).is_err());
    grid.n.fill(f64::NAN);
    assert!(
        sensitivity(&recipe, &units, &grid, &caps, 64, 3).unwrap_err().what.contains("2025-03")
    );
}

#[test]
fn the_commands_judge_the_workspaces_own_model_and_write_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let county = folder.path().join("county");
    let w = county.to_string_lossy().into_owned();
    stdout(&["-q", "demo", &w]);
    let written = "select 'scores' as of_table, count(*) as n, count(distinct run_id) as runs from scores \
               union all select 'runs' as of_table, count(*) as n, count(distinct run_id) as runs from runs order by of_table";
    let before = query(&county, written);
    let json = |args: &[&str]| -> Value {
        let text = stdout(
            &[&["-w", &w, "--as-of", "2026-01-31", "--format", "json", "index"][..], args].concat(),
        );
        serde_json::from_str(&text).unwrap()
    };

    let audit = json(&["--audit"]);
    let of_kind = |kind: &str, figure: &str| -> f64 {
        audit
            .as_array()
            .unwrap()
            .iter()
            .filter(|e| e["kind"] == kind)
            .map(|e| e[figure].as_f64().unwrap_or(0.0))
            .sum()
    };
    for kind in ["indicator", "domain", "index"] {
        assert!((of_kind(kind, "weight_in_index") - 1.0).abs() < 1e-9, "{kind}");
        assert!((of_kind(kind, "effective_weight") - 1.0).abs() < 1e-9, "{kind}");
    }
    // The correlations are those of the table of scores.
    let sql = "select d.node, corr(d.score, i.score) from scores d join scores i on i.area_code = d.area_code and i.period = d.period and i.node = 'index' \
               where d.period = '2026-01' and d.kind = 'domain' and i.rank is not null group by d.node";
    let correlated = query(&county, sql);
    assert_eq!(correlated.len(), 10);
    for line in &correlated {
        let (node, r) = line.split_once(',').unwrap();
        let element = audit.as_array().unwrap().iter().find(|e| e["node"] == node).unwrap();
        assert!(
            (element["r_index"].as_f64().unwrap() - r.parse::<f64>().unwrap()).abs() < 1e-9,
            "{node}"
        );
        assert_eq!(element["r_index"], element["r_parent"]);
    }
    // A year of months together.
    let year = json(&["--audit", "--from", "2025-02-01"]);
    assert_eq!(year.as_array().unwrap().len(), audit.as_array().unwrap().len());
    assert_ne!(year, audit);

    let varied = json(&["--sensitivity", "32"]);
    assert_eq!(
        (varied["rows"].as_u64(), varied["runs"].as_u64(), varied["seed"].as_u64()),
        (Some(32), Some(32 * 6), Some(1))
    );
    assert_eq!(varied, json(&["--threads", "1", "--sensitivity", "32"]));
    let ranks = query(
        &county,
        "select area_code, rank from scores where period = '2026-01' and node = 'index' and rank is not null order by rank",
    );
    let told: Vec<String> = varied["areas"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| format!("{},{}", a["area_code"].as_str().unwrap(), a["rank"].as_f64().unwrap()))
        .collect();
    assert_eq!(told, ranks);

    let table = stdout(&["-w", &w, "--as-of", "2026-01-31", "index", "--audit"]);
    assert!(table.contains("audited on 2026-01") && !table.contains("NaN"), "{table}");
    let table = stdout(&["-w", &w, "--as-of", "2026-01-31", "index", "--sensitivity", "32"]);
    assert!(table.contains("N = 32 rows, seed 1") && table.contains("花海镇"), "{table}");
    assert_eq!(run(&["-w", &w, "index", "--audit", "--sensitivity"]).status.code(), Some(2));
    assert_eq!(query(&county, written), before);
    assert_eq!(run(&["-w", &w, "check"]).status.code(), Some(0));
}
