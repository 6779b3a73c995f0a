//! The whole simulation, small.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::path::Path;

use datafusion::arrow::array::{Array, StringArray, TimestampMicrosecondArray};
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::*;

fn params(events: usize, inbox_from: Option<NaiveDate>) -> Params {
    let date = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
    Params {
        county: "620981".into(),
        from: date(2024, 1, 1),
        to: date(2025, 1, 31),
        events,
        inbox_from,
        seed: 7,
    }
}

fn digests(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(here) = folders.pop() {
        for entry in std::fs::read_dir(here).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                found.insert(
                    name,
                    blake3::hash(&std::fs::read(&path).unwrap()).to_hex().to_string(),
                );
            }
        }
    }
    found
}

/// (event id, recorded_at) of every row of the Parquet files.
fn rows(inbox: &Path) -> Vec<(String, i64)> {
    let mut rows = Vec::new();
    for entry in std::fs::read_dir(inbox).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "parquet") {
            continue;
        }
        let mut last = i64::MIN;
        for batch in ParquetRecordBatchReaderBuilder::try_new(File::open(&path).unwrap())
            .unwrap()
            .build()
            .unwrap()
        {
            let batch = batch.unwrap();
            let ids = batch
                .column_by_name("event_id")
                .unwrap()
                .as_any()
                .downcast_ref::<StringArray>()
                .unwrap();
            let times = batch
                .column_by_name("recorded_at")
                .unwrap()
                .as_any()
                .downcast_ref::<TimestampMicrosecondArray>()
                .unwrap();
            for i in 0..batch.num_rows() {
                assert!(times.value(i) >= last, "{} is not in order of recording", path.display());
                last = times.value(i);
                rows.push((ids.value(i).to_owned(), last));
            }
        }
    }
    rows
}

#[test]
fn same_seed_same_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let (one, two, other) =
        (dir.path().join("one"), dir.path().join("two"), dir.path().join("other"));
    synth(&one, &params(3000, None)).unwrap();
    synth(&two, &params(3000, None)).unwrap();
    synth(&other, &Params { seed: 8, ..params(3000, None) }).unwrap();
    assert_eq!(digests(&one), digests(&two));
    assert_ne!(digests(&one), digests(&other));
}

#[test]
fn as_many_events_as_asked_for_and_the_truth_refers_to_them() {
    let dir = tempfile::tempdir().unwrap();
    // Everything in Parquet, so that it can be counted here.
    let all = params(4000, NaiveDate::from_ymd_opt(2025, 2, 1));
    let summary = synth(dir.path(), &all).unwrap();
    let rows = rows(&dir.path().join("inbox"));
    let ids: HashSet<&str> = rows.iter().map(|r| r.0.as_str()).collect();
    assert_eq!((ids.len(), summary.events), (4000, 4000));
    assert_eq!(
        rows.iter().collect::<HashSet<_>>().len(),
        rows.len(),
        "an event has two versions of the same minute"
    );
    assert_eq!(rows.len(), summary.versions);

    let truth = dir.path().join("truth");
    let mut counted: HashMap<String, usize> = HashMap::new();
    for row in csv::Reader::from_path(truth.join("events.csv")).unwrap().records() {
        let row = row.unwrap();
        assert!(ids.contains(&row[1]), "{} is not in the files", &row[1]);
        *counted.entry(row[0].to_owned()).or_default() += 1;
    }
    let mut kinds = HashSet::new();
    for row in csv::Reader::from_path(truth.join("incidents.csv")).unwrap().records() {
        let row = row.unwrap();
        assert_eq!(
            counted.get(&row[0]).copied().unwrap_or(0),
            row[8].parse::<usize>().unwrap(),
            "{row:?}"
        );
        kinds.insert(row[1].to_owned());
    }
    assert_eq!(kinds.len(), 6, "{kinds:?}");
}

#[test]
fn nothing_is_recorded_while_a_feed_is_silent() {
    let dir = tempfile::tempdir().unwrap();
    let all = params(4000, NaiveDate::from_ymd_opt(2025, 2, 1));
    synth(dir.path(), &all).unwrap();
    let span = Span::check(&all).unwrap();
    let rows = rows(&dir.path().join("inbox"));
    let silences = incidents::silences(&span);
    assert!(!silences.is_empty());
    for s in silences {
        let within = span.minute_of(s.first)..span.minute_of(s.last) + 1440;
        let prefix = RHYTHMS[s.domain].prefix;
        assert!(rows.iter().any(|r| r.0.starts_with(prefix)));
        assert!(
            !rows.iter().any(|r| r.0.starts_with(prefix) && within.contains(&(r.1 / 60_000_000)))
        );
    }
}

#[test]
fn rhythms_and_courses_are_those_of_the_domains() {
    let taxonomy: toml::Table = toml::from_str(include_str!("../../models/taxonomy.toml")).unwrap();
    for (rhythm, domain) in RHYTHMS.iter().zip(&lake::schema::DOMAINS) {
        assert_eq!(rhythm.id, domain.id);
        let shares: f64 = rhythm.categories.iter().map(|c| c.share).sum();
        assert!((shares - 1.0).abs() < 1e-9, "{}: {shares}", rhythm.id);
        let known = taxonomy["category"][rhythm.id].as_table().unwrap();
        let here: HashSet<&str> = rhythm.categories.iter().map(|c| c.code).collect();
        assert_eq!(here, known.keys().map(String::as_str).collect());
    }
    assert!((RHYTHMS.iter().map(|r| r.share).sum::<f64>() - 1.0).abs() < 1e-9);
}

#[test]
fn mappings_name_columns_of_the_domain() {
    for layout in &layouts::LAYOUTS {
        let domain = lake::schema::Domain::find(layout.domain).unwrap();
        let mapping: toml::Table = toml::from_str(&layout.mapping()).unwrap();
        for column in mapping["columns"].as_table().unwrap().keys() {
            assert!(domain.column(column).is_some(), "{} has no {column}", layout.domain);
        }
        for needed in
            ["event_id", "occurred_at", "recorded_at", "area_code", "category", "withdrawn"]
        {
            assert!(mapping["columns"].get(needed).is_some(), "{} lacks {needed}", layout.domain);
        }
    }
}
