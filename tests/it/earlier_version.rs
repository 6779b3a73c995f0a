//! A lake that an earlier version of pingan left, in which the panel does not say where events come
//! from: what is only read is read before a night makes the panel anew.

use std::fs::File;
use std::path::Path;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::compute::concat_batches;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;

use crate::support::{query, run, stdout};

const ADDED: [&str; 2] = ["source", "recorded_basis"];

#[test]
fn commands_that_only_read_say_the_same_before_the_panel_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let county = folder.path().join("county");
    let w = county.to_string_lossy().into_owned();
    let print = |args: &[&str]| {
        let output = run(&[&["-w", &w, "--as-of", "2026-01-31"], args].concat());
        let (out, error) = (output.stdout, String::from_utf8_lossy(&output.stderr).into_owned());
        // `index` writes its progress there.
        assert!(!error.contains("error"), "{args:?}: {error}");
        String::from_utf8(out).unwrap()
    };
    let commands: [&[&str]; 8] = [
        &["explain", "花海镇"],
        &["explain", "花海镇", "--against", "mean"],
        &["index", "--audit", "--from", "2025-11-01", "--to", "2026-01-31"],
        &["index", "--sensitivity", "10"],
        &["letters", "list", "--all"],
        &["letters", "verify"],
        &["query", "select domain, sum(num) from panel group by domain order by domain"],
        &["query", "select count(*) from findings"],
    ];
    stdout(&["-q", "demo", &w]);
    let expected: Vec<String> = commands.iter().map(|args| print(args)).collect();

    as_an_earlier_version_wrote_it(&county.join("lake/panel"));
    for (args, expected) in commands.iter().zip(&expected) {
        assert_eq!(print(args), *expected, "{args:?}");
    }
    // `check` says what a night mends, and nothing else is wrong.
    let check = print(&["--format", "csv", "check"]);
    let wrong: Vec<&str> = check.lines().filter(|line| line.starts_with("wrong")).collect();
    assert!(!wrong.is_empty(), "{check}");
    for line in wrong {
        assert!(
            line.contains("built with another SQL") && line.contains("pingan nightly"),
            "{line}"
        );
    }

    stdout(&["-w", &w, "nightly", "--date", "2026-01-31"]);
    assert_eq!(query(&county, "select count(*) from panel where source is null"), ["0"]);
    assert_eq!(run(&["-w", &w, "check"]).status.code(), Some(0));
}

/// Takes the columns out of the files of a panel and out of its log, and renames the transactions
/// under which it was made.
fn as_an_earlier_version_wrote_it(panel: &Path) {
    for entry in std::fs::read_dir(panel.join("_delta_log")).unwrap().flatten() {
        let path = entry.path();
        assert!(path.extension().is_some_and(|e| e == "json"), "no checkpoint yet: {path:?}");
        let text = std::fs::read_to_string(&path).unwrap();
        let lines = text.lines().map(|line| {
            let mut action: Value = serde_json::from_str(line).unwrap();
            if let Some(add) = action.get_mut("add") {
                let file = panel.join(add["path"].as_str().unwrap());
                add["size"] = without_columns(&file).into();
                add["tags"] = Value::Null;
            }
            if let Some(data) = action.get_mut("metaData") {
                let mut schema: Value =
                    serde_json::from_str(data["schemaString"].as_str().unwrap()).unwrap();
                let fields = schema["fields"].as_array_mut().unwrap();
                fields.retain(|field| !ADDED.contains(&field["name"].as_str().unwrap()));
                data["schemaString"] = schema.to_string().into();
            }
            if let Some(txn) = action.get_mut("txn") {
                let id = txn["appId"].as_str().unwrap().replacen("panel:", "panel:0:", 1);
                txn["appId"] = id.into();
            }
            format!("{action}\n")
        });
        std::fs::write(&path, lines.collect::<String>()).unwrap();
    }
}

/// Writes a Parquet file anew without the columns; returns its length.
fn without_columns(path: &Path) -> u64 {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let batches: Vec<RecordBatch> = reader.build().unwrap().map(|b| b.unwrap()).collect();
    let rows = concat_batches(&batches[0].schema(), &batches).unwrap();
    let kept: Vec<usize> = (0..rows.num_columns())
        .filter(|n| !ADDED.contains(&rows.schema().field(*n).name().as_str()))
        .collect();
    let rows = rows.project(&kept).unwrap();
    let file = File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, rows.schema(), None).unwrap();
    writer.write(&rows).unwrap();
    writer.close().unwrap();
    std::fs::metadata(path).unwrap().len()
}
