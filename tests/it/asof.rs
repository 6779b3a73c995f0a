//! What was known then: the panel's running sum is the SQL over the view of that time, whatever the
//! history and the order of its files.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, TimeDelta, Utc};
use datafusion::arrow::array::RecordBatch;
use lake::schema::{DOMAINS, Domain};
use lake::{AsOf, Lake, Limits, Session};
use pingan::engine::{index, nightly, update_panel};
use pingan::index::read_scores;
use pingan::panel::{Pipeline, Unit};
use pingan::workspace::Workspace;
use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};

use crate::histories::{FIRST, Version, ZONE, append, history, options, workspace};

/// Cells of a query: the first columns as the key, the last two as the figures.
fn cells(session: &Session, sql: &str) -> BTreeMap<String, String> {
    let batches = session.collect(sql).unwrap();
    let text =
        datafusion::arrow::util::pretty::pretty_format_batches(&batches).unwrap().to_string();
    let rows = text.lines().filter(|l| l.starts_with("| ")).skip(1);
    rows.map(|l| {
        let cells: Vec<&str> = l.split('|').map(str::trim).collect();
        (cells[1..5].join(","), cells[5..7].join(","))
    })
    .collect()
}

#[test]
fn the_running_sum_is_the_sql_over_the_view_of_that_time() {
    for (seed, domain) in DOMAINS.iter().enumerate() {
        let mut rng = ChaCha8Rng::seed_from_u64(seed as u64);
        let folder = tempfile::tempdir().unwrap();
        let workspace = workspace(&folder.path().join("w"));
        let sql = Pipeline::read(&workspace, domain).unwrap().sql;
        let lake = Lake::open(&workspace.lake(), &Limits::default()).unwrap();
        let mut versions = history(&mut rng, 60, 60);
        versions.shuffle(&mut rng);
        // Files in any order; some nights take in two, some none.
        for (n, file) in versions.chunks(rng.random_range(5..60)).enumerate() {
            append(&lake, domain, file, &format!("b{n}"));
            if rng.random_bool(0.7) {
                update_panel(
                    &workspace,
                    &lake,
                    &options(AsOf::end_of(FIRST, ZONE)),
                    &mut |_, _| {},
                )
                .unwrap();
            }
        }
        update_panel(&workspace, &lake, &options(AsOf::end_of(FIRST, ZONE)), &mut |_, _| {})
            .unwrap();
        for _ in 0..5 {
            let day = FIRST + Days::new(rng.random_range(0..80));
            let session = Session::new(&lake, &Limits::default()).unwrap();
            session.register_lake(&lake, &AsOf::end_of(day, ZONE)).unwrap();
            let summed = cells(
                &session,
                "select day, area_code, indicator, category, sum(num)::bigint, sum(den)::bigint from panel group by 1, 2, 3, 4 having sum(num) <> 0 or sum(den) <> 0",
            );
            // The view has no recorded day of its own; any one will do, for it is summed over.
            session
                .register_view(
                    domain.id,
                    &format!("select *, day as recorded_day from {}", domain.id),
                )
                .unwrap();
            session.register_view("fresh", &sql).unwrap();
            let fresh = cells(
                &session,
                "select day, area_code, indicator, category, sum(num)::bigint, sum(den)::bigint from fresh group by 1, 2, 3, 4 having sum(num) <> 0 or sum(den) <> 0",
            );
            assert!(
                !summed.is_empty() || day < FIRST + Days::new(10),
                "{}: nothing counted",
                domain.id
            );
            assert_eq!(summed, fresh, "{}, as of {day}", domain.id);
        }
    }
}

/// The current versions as of then, by the rule as docs/interface.md states it: of versions of one
/// time of recording the first to be delivered is known from that time, the others from their
/// delivery; the last by recording, delivery and file is the current one.
fn current(files: &[(String, Vec<Version>)], then: DateTime<Utc>) -> Vec<(&str, &Version)> {
    let mut all: Vec<(&str, &Version)> =
        files.iter().flat_map(|(b, file)| file.iter().map(|v| (b.as_str(), v))).collect();
    all.sort_by_key(|(batch, v)| (v.id, v.recorded, v.delivered(), *batch));
    let known = all.iter().enumerate().filter(|(n, (_, v))| {
        let first = n.checked_sub(1).map(|before| all[before].1);
        let is_first = first.is_none_or(|b| (b.id, b.recorded) != (v.id, v.recorded));
        v.recorded <= then && (is_first || v.delivered() <= then)
    });
    let last: BTreeMap<usize, (&str, &Version)> =
        known.map(|(_, (batch, v))| (v.id, (*batch, *v))).collect();
    last.into_values().filter(|(_, v)| !v.withdrawn).collect()
}

#[test]
fn what_is_current_is_the_last_version_known_then_whether_all_is_read_or_a_part_is_held() {
    let domain = Domain::find("disputes").unwrap();
    for seed in 200..206 {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let folder = tempfile::tempdir().unwrap();
        let workspace = workspace(&folder.path().join("w"));
        let lake = Lake::open(&workspace.lake(), &Limits::default()).unwrap();
        let mut versions = history(&mut rng, 80, 60);
        // Rows that changed under the same time of recording, at the same delivery or later.
        for n in 0..versions.len() {
            if rng.random_bool(0.4) {
                let mut again = versions[n].clone();
                again.delay += TimeDelta::days(rng.random_range(0..3) * 7);
                again.resolved = again.resolved.is_none().then(|| again.delivered());
                again.withdrawn = rng.random_bool(0.2);
                versions.push(again);
            }
        }
        versions.shuffle(&mut rng);
        // A file has no row twice.
        let mut files: Vec<(String, Vec<Version>)> = Vec::new();
        for version in versions {
            let free = files.iter().position(|(_, f)| {
                f.len() < 40
                    && !f.iter().any(|v| (v.id, v.recorded) == (version.id, version.recorded))
            });
            let at = free.unwrap_or_else(|| {
                files.push((format!("b{}", files.len()), Vec::new()));
                files.len() - 1
            });
            files[at].1.push(version);
        }
        for (batch, file) in &files {
            append(&lake, domain, file, batch);
        }
        let mut tied = 0;
        for back in [0, 5, 20, 40, 61] {
            let as_of = AsOf::end_of(FIRST + Days::new(back), ZONE);
            let rows = |session: &Session| {
                let batches = session
                    .collect("select event_id, batch_id, resolved_at from disputes order by 1")
                    .unwrap();
                let text = datafusion::arrow::util::pretty::pretty_format_batches(&batches);
                let text = text.unwrap().to_string();
                let cells = text.lines().filter(|l| l.starts_with("| E")).map(|l| {
                    let cells: Vec<&str> = l.split('|').map(str::trim).collect();
                    (cells[1].to_owned(), cells[2].to_owned())
                });
                cells.collect::<Vec<_>>()
            };
            let expected = |kept: &dyn Fn(&Version) -> bool| {
                let kept = current(&files, as_of.instant).into_iter().filter(|(_, v)| kept(v));
                kept.map(|(b, v)| (format!("E{:05}", v.id), b.to_owned())).collect::<Vec<_>>()
            };
            let session = Session::new(&lake, &Limits::default()).unwrap();
            session.register_lake(&lake, &as_of).unwrap();
            assert_eq!(rows(&session), expected(&|_| true), "seed {seed}, as of {}", as_of.day);
            let columns = ["event_id", "batch_id", "resolved_at"];
            session.hold_current(domain, &columns, "resolved_at is null").unwrap();
            let open = expected(&|v| v.resolved.is_none());
            assert_eq!(rows(&session), open, "seed {seed}, as of {}", as_of.day);
            tied += open.len();
        }
        assert!(tied > 20, "seed {seed}: nothing to find");
    }
}

#[test]
fn as_of_a_day_equals_a_lake_that_was_fed_no_further() {
    let domain = Domain::find("disputes").unwrap();
    for seed in 100..103 {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let folder = tempfile::tempdir().unwrap();
        let all = workspace(&folder.path().join("all"));
        let mut versions = history(&mut rng, 1500, 240);
        versions.shuffle(&mut rng);
        let lake = Lake::open(&all.lake(), &Limits::default()).unwrap();
        for (n, file) in versions.chunks(700).enumerate() {
            append(&lake, domain, file, &format!("b{n}"));
        }
        let last = FIRST + Days::new(250);
        // The first night freezes the goalposts; both lakes are scored by the same ones.
        nightly(&all, &options(AsOf::end_of(last, ZONE)), &mut |_, _, _| {}).unwrap();
        for back in [40, 100] {
            let as_of = AsOf::end_of(last - Days::new(back), ZONE);
            let fed = workspace(&folder.path().join(format!("fed-{back}")));
            if all.root.join("models").exists() {
                crate::support::copy(&all.root.join("models"), &fed.root.join("models"));
            }
            let known: Vec<Version> =
                versions.iter().filter(|v| v.recorded <= as_of.instant).cloned().collect();
            let known_lake = Lake::open(&fed.lake(), &Limits::default()).unwrap();
            append(&known_lake, domain, &known, "b0");
            let months = Unit::Month.periods(FIRST, as_of.day);
            let score = |w: &Workspace| {
                index(w, &options(as_of), pingan::engine::MODEL, &months).unwrap();
                let lake = Lake::open(&w.lake(), &Limits::default()).unwrap();
                let batches =
                    read_scores(&lake, &Limits::default(), pingan::engine::MODEL, &months).unwrap();
                let columns: Vec<usize> = (0..batches[0].num_columns() - 1).collect();
                let batches: Vec<RecordBatch> =
                    batches.iter().map(|b| b.project(&columns).unwrap()).collect();
                datafusion::arrow::util::pretty::pretty_format_batches(&batches)
                    .unwrap()
                    .to_string()
            };
            let (replayed, fresh) = (score(&all), score(&fed));
            assert!(replayed.lines().count() > 100);
            let other: Vec<(&str, &str)> =
                replayed.lines().zip(fresh.lines()).filter(|(a, b)| a != b).collect();
            assert!(replayed == fresh, "seed {seed}, as of {}: {other:#?}", as_of.day);
        }
    }
}

#[test]
fn a_new_month_never_moves_an_old_score() {
    let domain = Domain::find("disputes").unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let folder = tempfile::tempdir().unwrap();
    let workspace = workspace(&folder.path().join("w"));
    // Goalposts from January to March, so that they are final by the end of May.
    let model = include_str!("../../models/index.toml").replace("months = 24", "months = 3");
    std::fs::create_dir_all(workspace.root.join("models")).unwrap();
    std::fs::write(workspace.root.join("models/index.toml"), model).unwrap();
    let versions = history(&mut rng, 1500, 240);
    let (may, august) =
        (AsOf::end_of(FIRST + Days::new(150), ZONE), AsOf::end_of(FIRST + Days::new(240), ZONE));
    let lake = Lake::open(&workspace.lake(), &Limits::default()).unwrap();
    let old = Unit::Month.periods(FIRST, "2025-03-31".parse().unwrap());
    let mut scored = Vec::new();
    for (n, (after, as_of)) in
        [(AsOf::end_of(FIRST - Days::new(1), ZONE), may), (may, august)].into_iter().enumerate()
    {
        let came =
            versions.iter().filter(|v| v.recorded > after.instant && v.recorded <= as_of.instant);
        // What is corrected later may well move an old score; what happens later must not.
        let came: Vec<Version> =
            came.filter(|v| n == 0 || v.occurred > after.instant).cloned().collect();
        append(&lake, domain, &came, &format!("b{n}"));
        index(&workspace, &options(as_of), pingan::engine::MODEL, &old).unwrap();
        let batches = read_scores(&lake, &Limits::default(), pingan::engine::MODEL, &old).unwrap();
        let columns: Vec<usize> = (0..batches[0].num_columns() - 2).collect();
        let batches: Vec<RecordBatch> =
            batches.iter().map(|b| b.project(&columns).unwrap()).collect();
        scored.push(
            datafusion::arrow::util::pretty::pretty_format_batches(&batches).unwrap().to_string(),
        );
    }
    assert!(scored[0].lines().filter(|l| l.contains("| index ")).count() >= 9);
    assert_eq!(scored[0], scored[1]);
}
