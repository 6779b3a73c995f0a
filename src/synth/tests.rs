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
        incidents: true,
        rises: Vec::new(),
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

/// A habit's deliveries by night: (night, header → cell) of every row.
fn deliveries(practices: &[&str], control: bool) -> Vec<(NaiveDate, HashMap<String, String>)> {
    let dir = tempfile::tempdir().unwrap();
    let practices: Vec<Practice> = practices.iter().map(|p| p.parse().unwrap()).collect();
    let span = Params {
        county: "232701".into(),
        from: NaiveDate::from_ymd_opt(2024, 9, 1).unwrap(),
        inbox_from: NaiveDate::from_ymd_opt(2024, 11, 1),
        ..params(2000, None)
    };
    deliver(dir.path(), &span, &practices, control).unwrap();
    let mut nights: Vec<_> = std::fs::read_dir(dir.path().join("deliveries"))
        .unwrap()
        .map(|f| f.unwrap().path())
        .collect();
    nights.sort();
    let mut rows = Vec::new();
    for folder in nights {
        let night = folder.file_name().unwrap().to_str().unwrap().parse().unwrap();
        let mut files: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path()).collect();
        files.sort();
        for file in files {
            for row in csv::Reader::from_path(file).unwrap().deserialize() {
                rows.push((night, row.unwrap()));
            }
        }
    }
    rows
}

/// What each event is in the end, without the time of recording.
fn in_the_end(rows: &[(NaiveDate, HashMap<String, String>)]) -> BTreeMap<String, String> {
    let mut events = BTreeMap::new();
    for (_, row) in rows {
        let mut cells: Vec<_> =
            row.iter().filter(|(h, _)| !["登记时间", "备注"].contains(&h.as_str())).collect();
        cells.sort();
        events.insert(row["编号"].clone(), format!("{cells:?}"));
    }
    events
}

#[test]
fn in_the_control_every_row_comes_on_the_night_it_was_recorded() {
    let begin = NaiveDate::from_ymd_opt(2024, 11, 1).unwrap();
    let rows = deliveries(&[], true);
    assert!(rows.iter().any(|(night, _)| *night > begin));
    for (night, row) in rows {
        let recorded: NaiveDate = row["登记时间"][..10].parse().unwrap();
        assert_eq!(night, recorded.max(begin.pred_opt().unwrap()), "{row:?}");
    }
}

#[test]
fn under_every_habit_the_same_has_happened_in_the_end() {
    let control = in_the_end(&deliveries(&[], true));
    for (habit, name) in HABITS {
        if habit == Habit::Merger {
            continue;
        }
        let name = &format!("{name}:public_order");
        let events = in_the_end(&deliveries(&[name], false));
        match habit {
            Habit::Storm => {
                let recorded = in_the_end(&deliveries(&[name], true));
                assert_eq!(events, recorded);
                assert!(recorded.len() > control.len());
                continue;
            }
            Habit::Drills => assert_eq!(events.len(), control.len() + 5_000),
            Habit::Strays => assert_eq!(events.len(), control.len() + 7),
            _ => assert_eq!(events.len(), control.len(), "{name}"),
        }
        for (event, cells) in &control {
            assert_eq!(events.get(event), Some(cells), "{name} {event}");
        }
    }
}

#[test]
fn a_habit_is_that_of_the_domain_it_is_given_for() {
    let rows = deliveries(&["monthly:petitions", "undated:traffic"], false);
    let begin = NaiveDate::from_ymd_opt(2024, 11, 1).unwrap();
    let of = |prefix: &str| {
        rows.iter()
            .filter(|(night, row)| *night >= begin && row["编号"].starts_with(prefix))
            .collect::<Vec<_>>()
    };
    let (petitions, traffic) = (of("PE"), of("TR"));
    assert!(!petitions.is_empty() && petitions.iter().all(|(night, _)| night.day() == 3));
    assert!(petitions.iter().all(|(_, row)| row.contains_key("登记时间")));
    assert!(traffic.iter().any(|(night, _)| night.day() != 3));
    assert!(traffic.iter().all(|(_, row)| !row.contains_key("登记时间")));
    assert!("monthly:nothing".parse::<Practice>().is_err());
    assert!("never".parse::<Practice>().is_err());
}

#[test]
fn after_a_merger_the_heir_is_written_and_the_register_says_so() {
    let township = |row: &HashMap<String, String>| row["乡镇"].clone();
    let (merged, control) = (deliveries(&["merger"], false), deliveries(&["merger"], true));
    let heirs: HashSet<String> = control.iter().map(|(_, row)| township(row)).collect();
    let night = NaiveDate::from_ymd_opt(2024, 11, 1).unwrap() + TimeDelta::days(59);
    let names = |after: bool| {
        let then = merged.iter().filter(|(n, _)| (*n >= night) == after);
        then.map(|(_, row)| township(row)).collect::<HashSet<_>>()
    };
    assert_eq!((names(false).len(), names(true).len(), heirs.len()), (6, 5, 5));
    assert_eq!(names(true), heirs);

    let dir = tempfile::tempdir().unwrap();
    let span = Params { county: "232701".into(), ..params(500, None) };
    deliver(&dir.path().join("two"), &span, &["merger".parse().unwrap()], false).unwrap();
    deliver(&dir.path().join("heir"), &span, &["merger".parse().unwrap()], true).unwrap();
    let read = |file: &str| -> Vec<HashMap<String, String>> {
        let mut reader = csv::Reader::from_path(dir.path().join(file)).unwrap();
        reader.deserialize().map(|row| row.unwrap()).collect()
    };
    let (before, alone) = (read("two/areas.csv"), read("heir/areas.csv"));
    let after = read("two/registers/2025-01-29/areas.csv");
    let gone = after.iter().find(|row| !row["successor"].is_empty()).unwrap();
    assert_eq!((gone["valid_to"].as_str(), after.len()), ("2025-01-28", before.len()));
    assert!(alone.iter().all(|row| row["code"] != gone["code"] && row["parent"] != gone["code"]));
    let people = |rows: &[HashMap<String, String>], code: &str| -> f64 {
        rows.iter().find(|row| row["code"] == code).unwrap()["population"].parse().unwrap()
    };
    let heir = &gone["successor"];
    let sum = people(&before, heir) + people(&before, &gone["code"]);
    assert_eq!(people(&alone, heir), sum);
    assert!("merger:traffic".parse::<Practice>().is_err());
}
