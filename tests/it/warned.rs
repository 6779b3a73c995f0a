//! The letters of a night against what was injected into the sample, and their facts against the
//! tables they were taken from.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::support::{query, stdout};

/// Kind of incident, domain, category, areas, first and last day.
struct Incident {
    domain: String,
    category: String,
    areas: Vec<String>,
    days: (String, String),
}

fn incidents(county: &Path) -> Vec<Incident> {
    let mut reader = csv::Reader::from_path(county.join("truth/incidents.csv")).unwrap();
    let rows = reader.records().map(Result::unwrap).filter(|row| &row[1] != "outage");
    rows.map(|row| Incident {
        domain: row[2].to_owned(),
        category: row[3].to_owned(),
        areas: row[4].split('|').map(str::to_owned).collect(),
        days: (row[5].to_owned(), row[6].to_owned()),
    })
    .collect()
}

/// The facts of every letter drafted, as the ledger keeps them.
fn drafts(dir: &str) -> Vec<Value> {
    let rows: Vec<Value> = serde_json::from_str(&stdout(&[
        "-w",
        dir,
        "--format",
        "json",
        "query",
        "select note from ledger where step = 'draft' order by seq",
    ]))
    .unwrap();
    rows.iter().map(|row| serde_json::from_str(row["note"].as_str().unwrap()).unwrap()).collect()
}

#[test]
fn letters_go_where_something_was_injected_and_state_what_the_tables_hold() {
    let folder = tempfile::tempdir().unwrap();
    let county = folder.path().join("county");
    let dir = county.to_string_lossy().into_owned();
    stdout(&["-q", "demo", &dir]);
    let (drafts, incidents) = (drafts(&dir), incidents(&county));

    let explained = |facts: &Value| {
        facts["risen"].as_array().unwrap().iter().map(|r| &r["evidence"]).any(|found| {
            incidents.iter().any(|i| {
                let place = i.areas.iter().any(|a| facts["area_code"] == *a);
                let series = found["domain"] == *i.domain
                    && (found["category"] == "" || found["category"] == *i.category);
                let (from, to) = (
                    found["period_start"].as_str().unwrap(),
                    found["period_end"].as_str().unwrap(),
                );
                place && series && *i.days.0 <= *to && *i.days.1 >= *from
            })
        })
    };
    let of = |topic: &str| -> BTreeSet<&str> {
        drafts
            .iter()
            .filter(|f| f["topic"] == topic)
            .map(|f| f["area_code"].as_str().unwrap())
            .collect()
    };
    // Wage and neighbours' disputes rise in the two largest townships, and in no other.
    assert_eq!(of("disputes"), BTreeSet::from(["620981103", "620981105"]));
    let wrong: Vec<&Value> = drafts.iter().filter(|f| !explained(f)).collect();
    // Of what is told, a tenth may be chance; of so few letters that is one.
    assert!(wrong.len() <= 1, "{wrong:#?}");

    for facts in &drafts {
        for found in facts["risen"].as_array().unwrap().iter().map(|r| &r["evidence"]) {
            let text = |key: &str| found[key].as_str().unwrap().to_owned();
            let sql = format!(
                "select observed, expected, lower, upper, q from findings where area_code = '{}' and domain = '{}' and category = '{}' \
                 and kind = '{}' and period_start = date '{}'",
                facts["area_code"].as_str().unwrap(),
                text("domain"),
                text("category"),
                text("kind"),
                text("period_start")
            );
            let rows: Vec<Value> =
                serde_json::from_str(&stdout(&["-w", &dir, "--format", "json", "query", &sql]))
                    .unwrap();
            assert_eq!(rows.len(), 1, "{sql}");
            for key in ["observed", "expected", "lower", "upper", "q"] {
                assert_eq!(
                    rows[0].get(key).and_then(Value::as_f64),
                    found[key].as_f64(),
                    "{key}: {found}"
                );
            }
        }
        let area = facts["area_code"].as_str().unwrap();
        let rows = query(
            &county,
            &format!(
                "select score, rank from scores where period = '2026-01' and node = 'index' and area_code = '{area}'"
            ),
        );
        let standing = &facts["standing"];
        let figures: Vec<f64> = rows[0].split(',').map(|cell| cell.parse().unwrap()).collect();
        assert_eq!(
            figures,
            [standing["score"].as_f64().unwrap(), standing["rank"].as_f64().unwrap()]
        );
    }
}
