//! Backtests from outside: nothing said at an origin rests on what came after it, and what cannot
//! be asked is refused.

use std::path::Path;

use chrono::{Days, TimeDelta};
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use lake::areas::Register;
use lake::schema::Domain;
use lake::{AsOf, Lake, Limits};
use pingan::engine::update_panel;
use pingan::index::Model;
use pingan::workspace::{Config, Workspace};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use crate::histories::{FIRST, Version, ZONE, append, history, options};
use crate::support::{area, blocks, run, script, shared, stdout};

/// Days of history.
const DAYS: u64 = 620;

const TOWNSHIPS: [&str; 6] = ["1", "2", "3", "4", "5", "6"];

/// Disputes in six townships.
fn disputes(seed: u64) -> Vec<Version> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut versions = history(&mut rng, 7750, DAYS as i64);
    // An event stays where it is.
    versions.iter_mut().for_each(|v| v.area = TOWNSHIPS[v.id % 6]);
    versions
}

/// A workspace with these disputes, its panel made.
fn fed(root: &Path, versions: &[Version]) {
    let mut areas = vec![area("0", "county", None)];
    areas.extend(TOWNSHIPS.map(|code| area(code, "township", Some("0"))));
    let config = Config {
        name: "test".into(),
        county: "0".into(),
        time_zone: ZONE,
        link_parties: false,
        party_key: None,
        roles: Vec::new(),
    };
    let workspace = Workspace::create(root, &config, &Register::new(areas).unwrap()).unwrap();
    let lake = Lake::open(&workspace.lake(), &Limits::default()).unwrap();
    append(&lake, Domain::find("disputes").unwrap(), versions, "b0");
    let last = AsOf::end_of(FIRST + Days::new(DAYS + 60), ZONE);
    update_panel(&workspace, &lake, &options(last), &mut |_, _| {}).unwrap();
    // Areas of the test's register have no residents.
    std::fs::create_dir_all(root.join("models")).unwrap();
    let target = "label = \"重大\"\n[[event]]\ndomain = \"disputes\"\nwhere = \"severity <= 2\"\n";
    std::fs::write(root.join("models/target.toml"), target).unwrap();
}

/// What was said, by origin: the first columns of a CSV, one of which is the origin.
fn lines(root: &Path, file: &str, origin: usize, up_to: &str, columns: usize) -> Vec<String> {
    let text = std::fs::read_to_string(root.join("out/backtests").join(file)).unwrap();
    let cells = |line: &str| line.split(',').take(columns).map(str::to_owned).collect();
    let rows = text.lines().skip(1).map(cells);
    rows.filter(|cells: &Vec<String>| cells[origin].as_str() <= up_to)
        .map(|cells| cells.join(","))
        .collect()
}

/// The same events, those that became known after then replaced by noise.
fn with_noise_after(versions: &[Version], then: &AsOf, seed: u64) -> Vec<Version> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let noise = |v: &Version| match v.recorded > then.instant {
        false => v.clone(),
        true => Version {
            area: TOWNSHIPS[rng.random_range(0..6)],
            category: "other",
            withdrawn: !v.withdrawn,
            recorded: v.recorded + TimeDelta::hours(rng.random_range(0..200)),
            ..v.clone()
        },
    };
    versions.iter().map(noise).collect()
}

#[test]
fn what_is_said_at_an_origin_is_the_same_whatever_comes_later() {
    let folder = tempfile::tempdir().unwrap();
    let versions = disputes(16);
    let then = AsOf::end_of("2026-01-31".parse().unwrap(), ZONE);
    let noisy = with_noise_after(&versions, &then, 16);
    let said: Vec<[Vec<String>; 2]> = [("as-it-was", &versions), ("noisy", &noisy)]
        .map(|(name, versions)| {
            let root = folder.path().join(name);
            fed(&root, versions);
            let root_text = root.to_str().unwrap();
            let months = ["--from", "2025-04", "--to", "2026-02"];
            let command = ["-w", root_text, "--as-of", "2026-04-30", "-q", "backtest", "weights"];
            let output = run(&[&command[..], &months].concat());
            assert_ne!(output.status.code(), Some(2), "{output:?}");
            ["weights/predictions.csv", "weights/weights.csv"]
                .map(|file| lines(&root, file, 1, "2026-01", usize::MAX))
        })
        .into();
    assert!(said[0][0].len() > 80, "{}", said[0][0].len());
    assert_eq!(said[0], said[1]);
    // The noise is there: what came differs.
    let figures = |name: &str| {
        std::fs::read_to_string(folder.path().join(name).join("out/backtests/weights/figures.csv"))
            .unwrap()
    };
    assert_ne!(figures("as-it-was"), figures("noisy"));
}

#[test]
fn no_other_backtest_sees_what_comes_later() {
    let folder = tempfile::tempdir().unwrap();
    let mut versions = disputes(17);
    // Something to be found: neighbours of one township, in the first days of July.
    let noon = "2026-07-01T04:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap();
    versions.extend((0..90).map(|n| Version {
        id: 10_000 + n,
        occurred: noon + TimeDelta::hours(n as i64),
        recorded: noon + TimeDelta::hours(n as i64 + 1),
        delay: TimeDelta::zero(),
        area: TOWNSHIPS[2],
        category: "neighbour",
        resolved: None,
        mediated: false,
        withdrawn: false,
    }));
    let then = AsOf::end_of("2026-07-15".parse().unwrap(), ZONE);
    let noisy = with_noise_after(&versions, &then, 17);
    let truth = folder.path().join("incidents.csv");
    std::fs::write(
        &truth,
        "area_code,domain,category,from,to\n3,disputes,neighbour,2026-07-01,2026-07-05\n",
    )
    .unwrap();
    let truth = truth.to_str().unwrap();
    let nights = ["--truth", truth, "--from", "2026-06-20", "--every", "8"];
    let asked: [(&str, &[&str], &str, usize, usize); 3] = [
        // What came stands in the columns after the tenth.
        ("forecasts", &[], "forecasts/forecasts.csv", 0, 10),
        ("detectors", &nights, "detectors/alarms.csv", 1, usize::MAX),
        ("letters", &nights, "letters/letters.csv", 1, usize::MAX),
    ];
    let said: Vec<Vec<Vec<String>>> = [("as-it-was", &versions), ("noisy", &noisy)]
        .map(|(name, versions)| {
            let root = folder.path().join(name);
            fed(&root, versions);
            let command = ["-w", root.to_str().unwrap(), "--as-of", "2026-08-31", "-q", "backtest"];
            let ask = |(what, arguments, file, origin, columns): (&str, &[&str], &str, _, _)| {
                let output = run(&[&command[..], &[what], arguments].concat());
                assert_ne!(output.status.code(), Some(2), "{what}: {output:?}");
                let text = String::from_utf8_lossy(&output.stdout);
                assert!(text.contains("future replaced by noise: 0 of"), "{what}: {text}");
                lines(&root, file, origin, "2026-07-15", columns)
            };
            asked.map(ask).into()
        })
        .into();
    for (at, (what, ..)) in asked.iter().enumerate() {
        assert!(!said[0][at].is_empty(), "{what} said nothing");
        assert_eq!(said[0][at], said[1][at], "{what}");
    }
    // The noise is there: what came differs.
    let of = |name: &str| {
        std::fs::read_to_string(folder.path().join(name).join("out/backtests/detectors/alarms.csv"))
            .unwrap()
    };
    assert_ne!(of("as-it-was"), of("noisy"));
}

#[test]
fn incidents_that_cannot_be_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("w");
    fed(&root, &disputes(1));
    let truth = root.join("truth.csv");
    let refused = |rows: &str, says: &str| {
        std::fs::write(&truth, rows).unwrap();
        let arguments = ["-q", "backtest", "detectors", "--truth", truth.to_str().unwrap()];
        let as_of = ["-w", root.to_str().unwrap(), "--as-of", "2026-04-30"];
        let output = run(&[&as_of[..], &arguments].concat());
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{rows}: {text}");
        assert!(text.contains(says), "{rows}: {text}");
    };
    let header = "area_code,domain,category,from,to\n";
    let row = |row: &str| format!("{header}{row}\n");
    refused("area,domain,category,from,to\n", "there is no column area_code");
    refused(&row("3,dispute,,2026-03-01,2026-03-05"), "line 2: domain \"dispute\" is no domain");
    refused(&row("3,disputes,neighbor,2026-03-01,2026-03-05"), "is no category of its domain");
    refused(&row("7,disputes,,2026-03-01,2026-03-05"), "\"7\" is not in the register");
    refused(&row("3,disputes,,2026-03-41,2026-03-05"), "\"2026-03-41\" is no day");
    refused(&row("3,disputes,,2026-03-01,2026-02-05"), "is before its beginning");
    refused(&row("3,disputes,,2020-03-01,2020-03-05"), "none of 1 incidents begins between");
}

#[test]
fn what_cannot_be_asked_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("w");
    fed(&root, &disputes(1));
    let root_text = root.to_str().unwrap();
    let command = ["-w", root_text, "--as-of", "2026-04-30", "-q", "backtest", "weights"];
    let refused = |arguments: &[&str], says: &str| {
        let output = run(&[&command[..], arguments].concat());
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {text}");
        assert!(text.contains(says), "{arguments:?}: {text}");
    };
    refused(&["--from", "spring"], "spring is no month");
    refused(&["--from", "2026-04"], "horizon of 1 months that is over");
    refused(&["--horizon", "0"], "at least 1");
    refused(&["--from", "2025-06", "--to", "2025-07"], "none could be judged for every candidate");
    let weights = root.join("weights.csv");
    let given = ["--weights", weights.to_str().unwrap()];
    std::fs::write(&weights, "name,disputs\nmine,1\n").unwrap();
    refused(&given, "disputs is nothing that is weighed");
    std::fs::write(&weights, "name,disputes\nmine,1\n").unwrap();
    refused(&given, "there is no column");
    let ids = ["public_order", "fraud_crime", "traffic", "public_safety", "disputes", "petitions"];
    let ids = [&ids[..], &["litigation", "requests", "public_opinion", "key_groups"]].concat();
    let row =
        |weight: &str| format!("name,{}\nmine{}\n", ids.join(","), format!(",{weight}").repeat(10));
    std::fs::write(&weights, row("-1")).unwrap();
    refused(&given, "line 2: the weight of public_order is \"-1\"");
    std::fs::write(&weights, row("0")).unwrap();
    refused(&given, "line 2 has no name or no weight above zero");
    std::fs::write(&weights, row("1").replace("mine", "learned")).unwrap();
    refused(&given, "the name learned stands for two rows");
    refused(&["--horizon", &usize::MAX.to_string(), "--embargo", "2"], "that is over");
    std::fs::write(
        root.join("models/target.toml"),
        "label = \"x\"\n[[event]]\ndomain = \"disputes\"\nwhere = \"severty < 2\"\n",
    )
    .unwrap();
    refused(&[], "the condition of disputes is wrong");
    let checked = run(&["-w", root_text, "check"]);
    assert!(
        String::from_utf8_lossy(&checked.stdout).contains("the condition of disputes is wrong")
    );
    std::fs::write(
        root.join("models/target.toml"),
        "label = \"x\"\n[[event]]\ndomain = \"disputes\"\nwhere = \"severity < 2\"\n",
    )
    .unwrap();
    std::fs::write(&weights, row("1")).unwrap();
    let text = stdout(&[&command[..], &given].concat());
    assert!(
        ["equal", "mine", "learned", "persistence"].iter().all(|row| text.contains(row)),
        "{text}"
    );
}

#[test]
fn the_page_says_what_its_commands_print() {
    let folder = tempfile::tempdir().unwrap();
    let repository = format!("REPO='{}'\n", env!("CARGO_MANIFEST_DIR"));
    let said = script(folder.path(), &(repository + &blocks("backtests.md", "sh").join("\n")));
    let printed = blocks("backtests.md", "text");
    // The last one is of real data.
    assert_eq!(printed.len(), 5);
    printed[..4].iter().for_each(|block| all_printed(block, &said));
    // Results lie there as Parquet too, and what was learned is a model.
    let results = folder.path().join("county/out/backtests");
    for table in ["weights/summary", "forecasts/forecasts", "detectors/alarms", "letters/letters"] {
        let csv = std::fs::read_to_string(results.join(format!("{table}.csv"))).unwrap();
        let parquet = std::fs::File::open(results.join(format!("{table}.parquet"))).unwrap();
        let rows = ParquetRecordBatchReaderBuilder::try_new(parquet).unwrap();
        let rows = rows.metadata().file_metadata().num_rows();
        assert_eq!(rows as usize, csv.lines().count() - 1, "{table}");
    }
    let learned = results.join("weights/learned.toml");
    let text = std::fs::read_to_string(&learned).unwrap();
    assert!(Model::parse(&learned, &text).is_ok() && text.contains("backtest weights"), "{text}");
}

/// Every line of a block of a page is among what was printed.
fn all_printed(block: &str, said: &str) {
    assert!(block.lines().count() > 6);
    for line in block.lines() {
        assert!(
            said.lines().any(|l| l.trim_end() == line.trim_end()),
            "not printed: {line}\n{said}"
        );
    }
}

#[test]
fn the_page_says_what_came_of_rio() {
    let Some(data) = shared("real/rio") else { return };
    let folder = tempfile::tempdir().unwrap();
    let samples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data-samples");
    std::os::unix::fs::symlink(samples, folder.path().join("data-samples")).unwrap();
    let commands = format!("DATA='{}'\n{}", data.display(), blocks("backtests.md", "bash")[0]);
    let said = script(folder.path(), &commands);
    all_printed(&blocks("backtests.md", "text")[4], &said);
}
