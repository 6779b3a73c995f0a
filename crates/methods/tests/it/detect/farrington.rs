//! `farrington` against R surveillance 1.20.3: the files beside `tests/parity/surveillance.R` are
//! its output.

use std::path::{Path, PathBuf};
use std::process::Command;

use chrono::NaiveDate;
use methods::Params;
use methods::detect::method;
use methods::detect::series::{Answer, Row, Series};

use crate::shared_data::required;

/// A table of text, by column name.
struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    fn read(path: &Path) -> Table {
        let mut reader =
            csv::Reader::from_path(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let header = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let rows =
            reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect();
        Table { header, rows }
    }

    fn text<'a>(&self, row: &'a [String], column: &str) -> &'a str {
        &row[self
            .header
            .iter()
            .position(|c| c == column)
            .unwrap_or_else(|| panic!("no column {column}"))]
    }

    fn number(&self, row: &[String], column: &str) -> f64 {
        match self.text(row, column) {
            "" => f64::NAN,
            text => text.parse().unwrap_or_else(|_| panic!("{column}: {text}")),
        }
    }
}

fn committed() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parity/surveillance")
}

/// A series as the script wrote it.
fn series(name: &str, freq: usize) -> Series {
    let table = Table::read(&committed().join(format!("series_{name}.csv")));
    let column = |c: &str| table.rows.iter().map(|r| table.number(r, c)).collect();
    let times: Vec<String> = table.rows.iter().map(|r| table.text(r, "time").to_owned()).collect();
    let dates = times.iter().map(|t| t.parse::<NaiveDate>().ok()).collect();
    Series {
        name: name.to_owned(),
        times,
        dates,
        observed: column("observed"),
        offset: Some(column("offset")),
        freq,
    }
}

/// A call's parameters, those that R was given.
fn params(calls: &Table, row: &[String], compat: bool) -> Params {
    let mut text = format!("compat = {compat}\n");
    for name in calls.header.iter().filter(|c| !["call", "series", "freq"].contains(&c.as_str())) {
        match (name.as_str(), calls.text(row, name)) {
            // R's default; ours is to use an exposure that is there.
            ("populationOffset", "") => text += "populationOffset = false\n",
            (_, "") => {}
            ("limit54", value) => text += &format!("limit54 = [{}]\n", value.replace(' ', ", ")),
            ("thresholdMethod" | "powertrans", value) => text += &format!("{name} = '{value}'\n"),
            (_, value) => text += &format!("{name} = {value}\n"),
        }
    }
    toml::from_str(&text).unwrap()
}

/// What we answer of the 1-based time points `from..=to` of a call.
fn ours(call: &str, compat: bool, from: usize, to: usize) -> Vec<Row> {
    let calls = Table::read(&committed().join("calls.csv"));
    let row = calls.rows.iter().find(|r| r[0] == call).unwrap_or_else(|| panic!("no call {call}"));
    let series = series(calls.text(row, "series"), calls.text(row, "freq").parse().unwrap());
    let detector = method("farrington", &params(&calls, row, compat)).unwrap();
    detector.detect(&series, from - 1, to).unwrap().value
}

fn near(a: f64, b: f64) -> bool {
    a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-8 * b.abs()
}

/// Holds every figure of a file of R's answers against ours; the number of time points held.
fn assert_met(file: &str, compat: bool) -> usize {
    let expected = Table::read(&committed().join(file));
    let mut misses = Vec::new();
    for part in expected.rows.chunk_by(|a, b| a[0] == b[0]) {
        let at = |row: &[String]| expected.number(row, "at") as usize;
        let rows = ours(&part[0][0], compat, at(&part[0]), at(&part[part.len() - 1]));
        assert_eq!(rows.len(), part.len());
        for (row, want) in rows.iter().zip(part) {
            let [trend, mu0, phi, _, _, score] = row.own[..] else { panic!("{row:?}") };
            let mut figures =
                vec![("expected", row.expected), ("upper", row.upper), ("pvalue", row.p)];
            figures.extend([("phiVector", phi), ("trend", trend), ("score", score)]);
            // The package's own mu0 is an exponential of the expected count where the bound is by
            // the delta method.
            let mu0_is_a_mean = near(mu0, expected.number(want, "mu0Vector"));
            if !mu0_is_a_mean && ["nbPlugin", "muan"].iter().any(|m| part[0][0].contains(m)) {
                misses.push(format!("{} {}: mu0 {mu0}", want[0], want[1]));
            }
            for (name, figure) in figures {
                let want_figure = expected.number(want, name);
                // Without compat, the score is measured from the expected count whatever the
                // method. A score is a difference of like figures, and may cancel.
                let met = near(figure, want_figure)
                    || name == "score" && (!compat || (figure - want_figure).abs() < 1e-12);
                if !met {
                    misses.push(format!(
                        "{} {}: {name} {figure:e} against {want_figure:e}",
                        want[0], want[1]
                    ));
                }
            }
            let alarm = expected.text(want, "alarm") == "1";
            if alarm != (row.answer == Answer::Alarm)
                || (expected.text(want, "upper").is_empty() && !not_assessable(row))
            {
                misses.push(format!("{} {}: {:?}", want[0], want[1], row.answer));
            }
        }
    }
    assert!(misses.is_empty(), "{} misses:\n{}", misses.len(), misses.join("\n"));
    expected.rows.len()
}

fn not_assessable(row: &Row) -> bool {
    matches!(row.answer, Answer::NotAssessable(_))
}

#[test]
fn every_figure_of_the_package_is_met_with_compat() {
    assert!(assert_met("farrington.csv", true) > 1900);
}

#[test]
fn every_figure_of_the_mended_package_is_met_without() {
    assert!(assert_met("farrington_right.csv", false) > 850);
}

/// 1-based positions of alarms.
fn alarms(rows: &[Row]) -> Vec<usize> {
    rows.iter().enumerate().filter(|(_, r)| r.answer == Answer::Alarm).map(|(i, _)| i + 1).collect()
}

fn sum(rows: &[Row], figure: impl Fn(&Row) -> f64) -> f64 {
    rows.iter().map(figure).sum()
}

/// The first figures, to the digits given.
fn assert_given(figures: impl Iterator<Item = f64>, given: &[&str]) {
    for (figure, text) in figures.zip(given) {
        let decimals = text.split_once('.').map_or(0, |(_, d)| d.len());
        assert_eq!(format!("{figure:.decimals$}"), *text);
    }
}

#[test]
fn method_c1() {
    let rows = ours("c1", true, 282, 312);
    assert_given(
        rows.iter().map(|r| r.upper),
        &["3.02255573979", "2.93178413059", "3.26079915771"],
    );
    assert_given(
        [sum(&rows, |r| r.upper), sum(&rows, |r| r.expected)].into_iter(),
        &["151.646822726", "73.9985319512"],
    );
    assert_eq!(alarms(&rows), [2, 3, 4, 6, 7, 8, 10, 11, 13, 14, 23]);
    assert_eq!((sum(&rows, |r| r.own[0]), rows.len()), (21.0, 31));
}

#[test]
fn method_c2() {
    let rows = ours("c2", true, 282, 312);
    assert_given(
        rows.iter().map(|r| r.upper),
        &["3.65262915042", "3.69219841219", "4.12112974111"],
    );
    assert_given(
        [sum(&rows, |r| r.upper), sum(&rows, |r| r.expected)].into_iter(),
        &["199.971677261", "102.034029133"],
    );
    assert_given([rows[0].own[2], rows[0].p].into_iter(), &["1.54939574395", "0.34704217457777"]);
    assert_eq!(alarms(&rows), [2, 3, 4, 7, 13, 14]);
    let right = ours("c2", false, 282, 282);
    assert_given([rows[0].upper, right[0].upper].into_iter(), &["3.65263", "3.68032"]);
}

#[test]
fn method_c2_plug_in_and_muan() {
    let rows = ours("c2_nbPlugin", true, 282, 312);
    let bounds: Vec<f64> = rows.iter().map(|r| r.upper).collect();
    let given = "3 3 4 4 5 5 5 5 6 7 7 7 8 8 8 8 8 8 8 8 7 7 7 6 6 5 5 5 5 5 6";
    assert_eq!(bounds, given.split(' ').map(|b| b.parse().unwrap()).collect::<Vec<f64>>());
    assert_given([rows[0].p].into_iter(), &["0.3708265682689"]);
    assert_eq!(alarms(&rows), [2, 3, 4, 7, 13]);
    let rows = ours("c2_muan", true, 282, 312);
    assert_given(rows.iter().map(|r| r.own[1]), &["1.64727152604"]);
    assert_given(rows.iter().map(|r| r.upper), &["4", "4", "4", "5", "5", "5", "6", "6", "7", "8"]);
    assert_eq!(alarms(&rows), [3, 4]);
}

#[test]
fn method_dates_offset_and_months() {
    let rows = ours("dates", true, 400, 420);
    assert_given(
        rows.iter().map(|r| r.upper),
        &["4.91539078459", "4.74010881285", "4.77384381882", "4.75242881619"],
    );
    assert_given(rows.iter().map(|r| r.expected), &["1.93647381898"]);
    assert_eq!(alarms(&rows), [1, 10, 11, 12, 13, 16, 17, 18, 19, 20]);
    let rows = ours("offset", true, 730, 733);
    assert_given(
        rows.iter().map(|r| r.upper),
        &["416.958951196", "422.611620835", "424.913385563", "421.644241180"],
    );
    assert_given(rows.iter().map(|r| r.own[2]), &["1.47816749278"]);
    let rows = ours("monthly", true, 121, 144);
    assert_given(
        [rows[0].expected, rows[0].own[2]].into_iter(),
        &["161.747032991", "190.0747649977"],
    );
    assert_given(rows.iter().map(|r| r.upper), &["513", "654", "587", "506"]);
}

/// Runs R where it is; elsewhere it is said that the test was left out, or it fails if tests are
/// required.
#[test]
fn the_script_writes_what_is_committed() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parity/surveillance.R");
    let fresh = std::env::temp_dir().join(format!("surveillance-parity-{}", std::process::id()));
    let there = Command::new("Rscript")
        .args(["-e", "stopifnot(packageVersion('surveillance') == '1.20.3')"])
        .output();
    if !there.is_ok_and(|o| o.status.success()) {
        assert!(!required(), "Rscript with surveillance 1.20.3 is required");
        eprintln!("skipped: Rscript with surveillance 1.20.3 is not here");
        return;
    }
    let done = Command::new("Rscript").arg(script).arg(&fresh).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let names = |dir: &Path| -> Vec<String> {
        let mut names: Vec<String> = dir
            .read_dir()
            .unwrap()
            .map(|f| f.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    // The charts have a script of their own.
    let farrington: Vec<String> =
        names(&committed()).into_iter().filter(|name| !name.starts_with("charts_")).collect();
    assert_eq!(names(&fresh), farrington);
    for name in names(&fresh) {
        assert_same(
            &Table::read(&fresh.join(&name)),
            &Table::read(&committed().join(&name)),
            &name,
        );
    }
    std::fs::remove_dir_all(fresh).unwrap();
}

/// Equal text, or numbers equal to 1e-10: another BLAS may round otherwise.
fn assert_same(fresh: &Table, committed: &Table, name: &str) {
    assert_eq!(
        (&fresh.header, fresh.rows.len()),
        (&committed.header, committed.rows.len()),
        "{name}"
    );
    for (a, b) in fresh.rows.iter().flatten().zip(committed.rows.iter().flatten()) {
        let close = |a: &str, b: &str| {
            Some(
                (a.parse::<f64>().ok()? - b.parse::<f64>().ok()?).abs()
                    <= 1e-10 * b.parse::<f64>().ok()?.abs(),
            )
        };
        assert!(a == b || close(a, b) == Some(true), "{name}: {a} against {b}");
    }
}
