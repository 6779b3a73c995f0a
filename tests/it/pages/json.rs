//! The keys of JSON within tables, as a night of the sample writes them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::page::{interface, names, rows, under};
use crate::support::stdout;

/// Objects that a query's only column holds.
fn objects(workspace: &str, sql: &str) -> Vec<Value> {
    let text = stdout(&["-w", workspace, "--format", "json", "query", sql]);
    let rows: Vec<BTreeMap<String, String>> = serde_json::from_str(&text).expect("rows");
    let one = |row: BTreeMap<String, String>| {
        serde_json::from_str(row.values().next().expect("a column")).expect("JSON")
    };
    rows.into_iter().map(one).collect()
}

fn keys<'a>(objects: impl Iterator<Item = &'a Value>) -> BTreeSet<String> {
    objects.flat_map(|o| o.as_object().expect("an object").keys().cloned()).collect()
}

/// Keys of `detail` that the page lists for a kind of finding, but those of what the sample has
/// none of, which begin with "Only of".
fn documented(page: &str, kind: &str) -> BTreeSet<String> {
    let (mut within, mut found) = (false, BTreeSet::new());
    for row in rows(&under(page, "`findings`"), &["kind", "key", "meaning"]) {
        if !row[0].is_empty() {
            within = names(&row[0]) == [kind];
        }
        if within && !row[2].starts_with("Only of ") {
            found.extend(names(&row[1]));
        }
    }
    found
}

#[test]
fn every_json_key_that_a_night_of_the_sample_writes_stands_on_the_page() {
    let folder = tempfile::tempdir().unwrap();
    let county = folder.path().join("county").to_string_lossy().into_owned();
    stdout(&["-q", "demo", &county]);
    let page = interface();
    let kinds = stdout(&[
        "-w",
        &county,
        "--format",
        "csv",
        "query",
        "select distinct kind from findings where kind <> 'association'",
    ]);
    let kinds: Vec<&str> = kinds.lines().skip(1).collect();
    assert!(kinds.len() > 2, "{kinds:?}");
    for kind in kinds {
        let details =
            objects(&county, &format!("select detail from findings where kind = '{kind}'"));
        assert_eq!(documented(&page, kind), keys(details.iter()), "detail of {kind}");
    }
    let evidence = objects(&county, "select findings from warnings");
    let told: Vec<String> = under(&page, "`warnings`").iter().flat_map(|l| names(l)).collect();
    let all = keys(evidence.iter().flat_map(|list| list.as_array().expect("a list")));
    let missing: Vec<&String> = all.iter().filter(|key| !told.contains(key)).collect();
    assert!(!all.is_empty() && missing.is_empty(), "evidence: {missing:?}");

    let drafts = objects(&county, "select note from ledger where step = 'draft'");
    let notes = rows(&under(&page, "`ledger`"), &["step", "its note"]);
    let note = notes.iter().find(|row| names(&row[0]) == ["draft"]).expect("a row");
    assert_eq!(names(&note[1]).into_iter().collect::<BTreeSet<_>>(), keys(drafts.iter()));
}
