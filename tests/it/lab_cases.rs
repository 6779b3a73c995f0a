//! `pingan lab` on what other packages stumbled over, each input as small as it can be.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use crate::support::{query, run, stdout};

/// A folder with files in it.
struct Bench(tempfile::TempDir);

impl Bench {
    fn new(files: &[(&str, &str)]) -> Bench {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        Bench(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_string_lossy().into_owned()
    }

    /// A method over `x.csv`: its rows, each the cells after the series' name.
    fn series(&self, more: &[&str]) -> Vec<Vec<String>> {
        let (data, out) = (self.text("x.csv"), self.text("out.csv"));
        let args = [&["-q", "lab", "series", &data, "--out", &out], more].concat();
        run(&args);
        rows(&self.path("out.csv"))
    }

    /// A lab index of `x.csv` by a model: the rows of its last stage but one.
    fn index(&self, model: &str) -> Vec<Vec<String>> {
        std::fs::write(self.path("model.toml"), model).unwrap();
        let (data, model, out) = (self.text("x.csv"), self.text("model.toml"), self.text("out"));
        stdout(&["-q", "lab", "index", &data, "--model", &model, "--out", &out]);
        rows(&self.path("out/aggregated.csv"))
    }

    /// What a command that is refused says.
    fn refused(&self, args: &[&str]) -> String {
        let output = run(&[&["-q", "lab"], args, &["--out", &self.text("out.csv")]].concat());
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(!self.path("out.csv").exists(), "{args:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }
}

fn rows(file: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_path(file).unwrap();
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

const TREE: &str = "[[indicator]]\nid = 'a'\nparent = 'top'\nWEIGHT\n[[indicator]]\nid = 'b'\nparent = 'top'\n[[aggregate]]\nid = 'top'\n";

#[test]
fn a_geometric_mean_with_a_zero_is_zero_and_nobody_elses() {
    let bench = Bench::new(&[("x.csv", "u,a,b,c\nA,1,5,9\nB,2,6,8\nC,3,9,1\nD,4,5.5,3\n")]);
    let model = format!(
        "{TREE}[[indicator]]\nid = 'c'\nparent = 'top'\n[normalise]\nmethod = 'min_max'\nl = 0\nu = 100\n[aggregation]\nmethod = 'geometric'\n"
    );
    let found: Vec<f64> = bench
        .index(&model.replace("WEIGHT", ""))
        .iter()
        .map(|row| row.last().unwrap().parse().unwrap())
        .collect();
    let mean = |x: [f64; 3]| (x.iter().map(|x| x.ln()).sum::<f64>() / 3.0).exp();
    let right = [0.0, mean([100.0 / 3.0, 25.0, 87.5]), 0.0, mean([100.0, 12.5, 25.0])];
    assert!(found.iter().zip(right).all(|(f, r)| (f - r).abs() < 1e-9), "{found:?}, {right:?}");
}

#[test]
fn a_weight_of_zero_is_no_weight_and_of_nan_or_of_all_zero_is_refused() {
    let bench = Bench::new(&[("x.csv", "u,a,b\nA,1,5\nB,2,9\nC,3,6\n")]);
    let model = |weights: [&str; 2]| {
        let text = TREE.replace("WEIGHT", &format!("weight = {}", weights[0]));
        let text = text.replacen("'b'\n", &format!("'b'\nweight = {}\n", weights[1]), 1);
        text + "[normalise]\nmethod = 'min_max'\n[aggregation]\nmethod = 'arithmetic'\n"
    };
    let top = |found: Vec<Vec<String>>| -> Vec<f64> {
        found.iter().map(|row| row.last().unwrap().parse().unwrap()).collect()
    };
    assert_eq!(top(bench.index(&model(["1", "0"]))), [0.0, 50.0, 100.0]);
    // What weights sum to does not matter.
    let weighed = |weights| top(bench.index(&model(weights)));
    for (a, b) in weighed(["200", "50"]).iter().zip(weighed(["0.8", "0.2"])) {
        assert!((a - b).abs() < 1e-9, "{a}, {b}");
    }
    for (weights, told) in [(["nan", "1"], "weight of NaN"), (["0", "0"], "no child with a weight")]
    {
        std::fs::write(bench.path("model.toml"), model(weights)).unwrap();
        let args = ["index", &bench.text("x.csv"), "--model", &bench.text("model.toml")];
        assert!(bench.refused(&args).contains(told), "{weights:?}");
    }
}

#[test]
fn a_trend_of_too_few_or_equal_figures_is_not_made_up() {
    let month = |figures: &[u32]| {
        let mut csv = "time,value\n".to_owned();
        for (i, figure) in figures.iter().enumerate() {
            let _ = writeln!(csv, "{}-{:02},{figure}", 2015 + i / 12, i % 12 + 1);
        }
        csv
    };
    let last = |figures: &[u32]| {
        let bench = Bench::new(&[("x.csv", &month(figures))]);
        bench.series(&["--method", "mann_kendall"]).pop().unwrap()
    };
    for short in [&[5][..], &[5, 6], &[5, 6, 6]] {
        let row = last(short);
        assert!(row[6..8] == ["", "false"] && row.last().unwrap().contains("needed"), "{row:?}");
    }
    for constant in [0, 7] {
        let row = last(&[constant; 30]);
        assert_eq!(row[5..9], ["1", "false", "true", "0"], "{row:?}");
    }
}

#[test]
fn pelt_finds_the_cheapest_cuts_of_segments_of_two() {
    let params = "model = 'l2'\nmin_size = 2\njump = 1\npen = 0.1\n";
    let bench = Bench::new(&[
        ("x.csv", "time,value\n1,0\n2,1\n3,0\n4,0\n5,1\n"),
        ("own.toml", params),
        ("compat.toml", &format!("{params}compat = true\n")),
    ]);
    let segments = |params: &str| -> Vec<String> {
        let file = bench.text(params);
        let found = bench.series(&["--method", "pelt", "--params", &file]);
        found.iter().map(|row| row[8].clone()).collect()
    };
    // Whole: 1.2. Cut after two points: 0.5 + 0.667 + 0.1; after three: 0.667 + 0.5 + 0.1.
    assert_eq!(segments("own.toml"), ["1"; 5]);
    assert_eq!(segments("compat.toml"), ["1", "1", "2", "2", "2"]);
}

#[test]
fn a_leap_day_has_its_weekday_and_a_gap_is_not_judged() {
    let first: chrono::NaiveDate = "2023-11-06".parse().unwrap();
    let mut csv = "time,value\n".to_owned();
    for day in 0..210_u64 {
        let figure =
            if (100..104).contains(&day) { String::new() } else { (20 + day % 7 * 3).to_string() };
        let _ = writeln!(csv, "{},{figure}", first + chrono::Days::new(day));
    }
    let bench = Bench::new(&[("x.csv", &csv), ("p.toml", "period = 7\n")]);
    let found = bench.series(&["--method", "stl", "--params", &bench.text("p.toml")]);
    let leap = found.iter().find(|row| row[1] == "2024-02-29").unwrap();
    let season = |row: &[String]| -> f64 { row[9].parse().unwrap() };
    let week_before = found.iter().find(|row| row[1] == "2024-02-22").unwrap();
    assert!((season(leap) - season(week_before)).abs() < 1e-6, "{leap:?}, {week_before:?}");
    let not: Vec<usize> = (0..210).filter(|day| found[*day][7] == "false").collect();
    assert_eq!(not, [100, 101, 102, 103]);
}

#[test]
fn farrington_counts_months_as_it_counts_points_and_zeros_are_expected_to_stay() {
    let figures = |month: usize| 10 + [0, 3, 1, 4, 2, 5][month % 6];
    let (mut dated, mut plain, mut zeros) =
        ("time,value\n".to_owned(), "time,value\n".to_owned(), "time,value\n".to_owned());
    for month in 0..96 {
        let _ = writeln!(dated, "{}-{:02},{}", 2015 + month / 12, month % 12 + 1, figures(month));
        let _ = writeln!(plain, "{},{}", month + 1, figures(month));
        let _ = writeln!(zeros, "{},0", month + 1);
    }
    let params = "b = 5\nw = 1\nfreq = 12\npThresholdTrend = 0.0\nthresholdMethod = 'nbPlugin'\n";
    let judged = |csv: &str| {
        let bench = Bench::new(&[("x.csv", csv), ("p.toml", params)]);
        let file = bench.text("p.toml");
        bench.series(&["--method", "farrington", "--params", &file, "--from", "96", "--to", "96"])
            [0]
        .clone()
    };
    let (dated, plain, zeros) = (judged(&dated), judged(&plain), judged(&zeros));
    assert_eq!(dated[2..8], plain[2..8]);
    assert_eq!(dated[7], "true");
    assert_ne!(zeros[6], "true", "{zeros:?}");
}

#[test]
fn judgements_that_are_none_are_refused_by_their_place() {
    for (csv, told) in [
        (",a,b\na,1,2\nb,,1\n", "\"b\" against \"a\""),
        (",a,b\na,1,1/0\nb,0,1\n", "1/0"),
        (",a,b\na,1,NaN\nb,1,1\n", "NaN"),
        (",a,b\na,1,-2\nb,-1/2,1\n", "above zero"),
        (",a,b\na,2,2\nb,1/2,1\n", "as important as itself"),
        (",a,b,c\na,1,2,3\nb,1/2,1,2\nc,1/3,1/3,1\n", "not reciprocal"),
    ] {
        let bench = Bench::new(&[("x.csv", csv)]);
        let message = bench.refused(&["ahp", &bench.text("x.csv")]);
        assert!(message.contains(told), "{message}");
    }
}

#[test]
fn what_no_calendar_has_is_refused_from_outside() {
    for (labels, told) in [
        (["2021-W52", "2021-W53", "2022-W01"], "line 3: \"2021-W53\" is no date"),
        (["2020-W52", "2021-W01", "2021-W02"], "line 3: 2021-01-04 follows 2020-12-21"),
        (["2020-W52", "2020-W53", "2020-W53"], "line 4: 2020-12-28 comes after 2020-12-28"),
    ] {
        let csv = format!("time,value\n{},1\n{},2\n{},3\n", labels[0], labels[1], labels[2]);
        let bench = Bench::new(&[("x.csv", &csv)]);
        for method in ["house", "farrington", "ears_c1"] {
            let message = bench.refused(&["series", &bench.text("x.csv"), "--method", method]);
            assert!(message.contains(told), "{method}: {message}");
        }
    }
    let bench = Bench::new(&[("x.csv", "u,a,b\n1,1,4\n2,3,2\n1,2,3\n")]);
    let message = bench.refused(&["weights", &bench.text("x.csv"), "--method", "critic"]);
    assert!(message.contains("unit \"1\" comes twice, again in line 4"), "{message}");
}

#[test]
fn figures_below_zero_are_no_counts_and_may_be_a_balance() {
    let month = |i: usize| format!("{}-{:02},{}\n", 2020 + i / 12, i % 12 + 1, i as f64 - 20.5);
    let csv = format!("time,value\n{}", (0..40).map(month).collect::<String>());
    let bench = Bench::new(&[("x.csv", &csv), ("pelt.toml", "model = 'poisson'")]);
    let poisson = bench.text("pelt.toml");
    for more in [&["house"][..], &["farrington"], &["ears_c1"], &["pelt", "--params", &poisson]] {
        let message =
            bench.refused(&[&["series", &bench.text("x.csv"), "--method"], more].concat());
        assert!(message.contains("line 2, column \"value\": -20.5 is below zero"), "{message}");
    }
    for method in ["mann_kendall", "pelt", "stl"] {
        let rows = bench.series(&["--method", method]);
        assert!(rows.last().unwrap()[7] == "true", "{method}: {rows:?}");
    }
}

#[test]
fn instants_about_midnight_fall_on_their_local_day() {
    let folder = tempfile::tempdir().unwrap();
    let county = folder.path().join("county");
    let w = county.to_string_lossy().into_owned();
    stdout(&["-q", "init", &w, "--county", "620981"]);
    let events = [
        ("M1", "2025-12-31T15:59:59Z", "2025-12-31"),
        ("M2", "2025-12-31T16:00:00Z", "2026-01-01"),
        ("M3", "2026-01-01 00:00:00", "2026-01-01"),
        ("M4", "2025-12-31 24:00", "2026-01-01"),
        ("M5", "2024-02-29 12:00", "2024-02-29"),
        ("M7", "2021-01-03 23:59:59", "2021-01-03"),
        ("M8", "2021-01-04 00:00:00", "2021-01-04"),
    ];
    let mut csv = "event_id,occurred_at,area_code,category,recorded_at\n".to_owned();
    for (id, at, _) in events {
        let _ = writeln!(csv, "{id},{at},620981102,theft,2026-01-02 08:00");
    }
    std::fs::write(county.join("inbox/public_order_x.csv"), csv).unwrap();
    run(&["-q", "-w", &w, "ingest"]);
    let found =
        query(&county, "select event_id, cast(day as varchar) from public_order order by 1");
    assert_eq!(found, events.map(|(id, _, day)| format!("{id},{day}")));
}
