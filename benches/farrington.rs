//! Time per evaluation of `farrington` against R's `farringtonFlexible`, on the same series and
//! parameters, in one run on one thread.
//!
//! Needs Rscript with surveillance; without it ours are printed alone.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use chrono::NaiveDate;
use methods::detect::series::Series;
use methods::detect::{Detector, method};

/// Calls of crates/methods/tests/parity/surveillance that are timed.
const CALLS: [&str; 7] = ["c1", "c2", "c2_nbPlugin", "c2_muan", "dates", "offset", "flu_zeros"];

type Rows = Vec<Vec<String>>;

/// A table of text, its header first.
fn table(file: &str) -> Rows {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("crates/methods/tests/parity/surveillance")
        .join(file);
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).from_path(path).expect("reference results");
    reader.records().map(|r| r.expect("row").iter().map(str::to_owned).collect()).collect()
}

/// The detector of a call, its series, and its first and last time point (1-based).
fn call(name: &str) -> (Box<dyn Detector>, Series, usize, usize) {
    let calls = table("calls.csv");
    let row = calls.iter().find(|r| r[0] == name).expect("call");
    let mut text = "compat = true\n".to_owned();
    for (column, value) in calls[0].iter().zip(row).skip(3) {
        text += &match column.as_str() {
            // R's default; ours is to use an exposure that is there.
            "populationOffset" if value.is_empty() => "populationOffset = false\n".to_owned(),
            _ if value.is_empty() => continue,
            "limit54" => format!("limit54 = [{}]\n", value.replace(' ', ", ")),
            "thresholdMethod" | "powertrans" => format!("{column} = '{value}'\n"),
            _ => format!("{column} = {value}\n"),
        };
    }
    let detector =
        method("farrington", &toml::from_str(&text).expect("parameters")).expect("method");
    let rows = table(&format!("series_{}.csv", row[1]));
    let column = |j: usize| rows[1..].iter().map(|r| r[j].parse().unwrap_or(f64::NAN)).collect();
    let dates = rows[1..].iter().map(|r| r[0].parse::<NaiveDate>().ok()).collect();
    let series = Series {
        dates,
        observed: column(1),
        offset: Some(column(2)),
        freq: row[2].parse().expect("freq"),
        ..Default::default()
    };
    let answers = table("farrington.csv");
    let at: Vec<usize> =
        answers.iter().filter(|r| r[0] == name).map(|r| r[1].parse().expect("at")).collect();
    (detector, series, at[0], at[at.len() - 1])
}

/// Seconds on the processor so far, or on the clock where the system does not tell.
fn seconds(start: Instant) -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|t| t.split(' ').next().and_then(|n| n.parse::<f64>().ok()));
    nanoseconds.map_or_else(|| start.elapsed().as_secs_f64(), |n| n * 1e-9)
}

/// Seconds per evaluation, over a second or so.
fn ours(name: &str) -> f64 {
    let (detector, series, from, to) = call(name);
    let clock = Instant::now();
    let (start, mut rounds) = (seconds(clock), 0.0);
    loop {
        std::hint::black_box(
            detector.detect(std::hint::black_box(&series), from - 1, to).expect("answer"),
        );
        rounds += 1.0;
        let spent = seconds(clock) - start;
        if spent > 1.0 {
            return spent / rounds / (to - from + 1) as f64;
        }
    }
}

/// R's seconds per evaluation, one a call; empty without R.
fn theirs() -> Vec<f64> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let out = Command::new("Rscript")
        .arg(root.join("benches/farrington.R"))
        .arg(root.join("crates/methods/tests/parity/surveillance"))
        .args(CALLS)
        .output();
    match out {
        Ok(out) if out.status.success() => String::from_utf8_lossy(&out.stdout)
            .lines()
            .skip(1)
            .filter_map(|l| l.rsplit(',').next()?.parse().ok())
            .collect(),
        Ok(out) => {
            eprintln!("skipped R: {}", String::from_utf8_lossy(&out.stderr));
            Vec::new()
        }
        Err(e) => {
            eprintln!("skipped R: Rscript: {e}");
            Vec::new()
        }
    }
}

fn main() {
    let theirs = theirs();
    println!("{:14} {:>12} {:>12} {:>8}", "call", "R µs", "ours µs", "ratio");
    for (i, name) in CALLS.iter().enumerate() {
        let (r, we) = (theirs.get(i).copied().unwrap_or(f64::NAN), ours(name));
        println!("{name:14} {:12.1} {:12.2} {:8.0}", r * 1e6, we * 1e6, r / we);
    }
}
