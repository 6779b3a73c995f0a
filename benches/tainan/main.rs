//! Tainan night by night: what `detect` finds of events that are known, at feeds that failed, and
//! all else it finds.
//!
//! `cargo bench --bench tainan -- WORKSPACE [--until DATE] [--list]`, where WORKSPACE was made by
//! `data-samples/tainan/run WORKSPACE DATA --at-once`. Nights whose findings the lake has already
//! are not run again; with `--list` none is run. Prints the Markdown of docs/tainan-findings.md.

mod episodes;
mod gaps;
mod known;
mod told;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use chrono::{NaiveDate, Utc};
use lake::areas::Register;
use lake::error::Error;
use lake::{AsOf, Lake, Limits};
use pingan::Result;
use pingan::detect::Settings;
use pingan::engine::{Options, detect};
use pingan::feeds::Coverage;
use pingan::workspace::Workspace;

/// Every week of these years is looked at.
const YEARS: (&str, &str) = ("2015-05-01", "2018-12-28");
/// Stretches that are looked at every night: each event from three nights before, and the feeds
/// that failed until two weeks after.
const DAILY: &[(&str, &str)] = &[
    ("2015-06-15", "2015-07-10"),
    ("2016-02-03", "2016-02-16"),
    ("2016-09-11", "2016-10-07"),
    ("2018-02-01", "2018-03-15"),
    ("2018-03-29", "2018-04-14"),
    ("2018-08-20", "2018-09-05"),
    ("2018-09-13", "2018-10-12"),
    ("2018-11-05", "2018-12-03"),
];

fn main() -> ExitCode {
    // `cargo bench` adds an argument of its own.
    let args: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let Some(folder) = args.first() else {
        eprintln!(
            "error: name a workspace made by `data-samples/tainan/run WORKSPACE DATA --at-once`"
        );
        return ExitCode::from(2);
    };
    let until = args
        .iter()
        .position(|a| a == "--until")
        .and_then(|at| args.get(at + 1))
        .map_or(YEARS.1, String::as_str);
    match replay(Path::new(folder), until, args.iter().any(|a| a == "--list")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn replay(folder: &Path, until: &str, list: bool) -> Result<()> {
    let workspace = Workspace::open(folder)?;
    let limits = Limits::default();
    let done: BTreeSet<NaiveDate> =
        told::nights(&Lake::open(&workspace.lake(), &limits)?, &limits)?;
    let mut nights = nights(until)?;
    if list {
        nights.retain(|night| done.contains(night));
    }
    let start = Instant::now();
    for (n, night) in nights.iter().enumerate().filter(|(_, night)| !done.contains(night)) {
        let options = Options {
            as_of: AsOf::end_of(*night, workspace.time_zone()),
            clock: Utc::now(),
            limits: limits.clone(),
            seed: 1,
        };
        let (found, _) = detect(&workspace, &options)?;
        let news = found.findings.iter().filter(|f| told::NEWS.contains(&f.kind().name())).count();
        eprintln!(
            "{night} ({} of {}): {} series, {news} findings, {:.0} s",
            n + 1,
            nights.len(),
            found.series,
            start.elapsed().as_secs_f64()
        );
    }
    let lake = Lake::open(&workspace.lake(), &limits)?;
    let found: Vec<told::Told> = told::once(
        told::read(&lake, &limits)?.into_iter().filter(|t| nights.contains(&t.night)).collect(),
    );
    let names = told::Names {
        register: Register::read(&workspace.areas_file())?,
        taxonomy: workspace.taxonomy()?,
    };
    println!(
        "{} nights from {} to {until}, {} findings told.\n",
        nights.len(),
        YEARS.0,
        found.len()
    );
    known::print(&lake, &limits, &found, &names)?;
    if let Some(last) = nights.last() {
        let as_of = AsOf::end_of(*last, workspace.time_zone());
        let coverage = Coverage::read(
            &lake,
            &names.register,
            &Settings::read(&workspace)?.level,
            &as_of,
            workspace.time_zone(),
            &limits,
        )?;
        gaps::print(&coverage, &nights, &found, &names);
    }
    episodes::print(&found, &names);
    Ok(())
}

/// The nights that are looked at, in order.
fn nights(until: &str) -> Result<BTreeSet<NaiveDate>> {
    let day = |text: &str| {
        text.parse::<NaiveDate>()
            .map_err(|_| Error::usage(format!("--until {text} is no date"), "write 2018-12-28"))
    };
    let (first, until) = (day(YEARS.0)?, day(until)?);
    let mut nights: BTreeSet<NaiveDate> = first.iter_weeks().take_while(|d| *d <= until).collect();
    for (from, to) in DAILY {
        let last = day(to)?.min(until);
        nights.extend(day(from)?.iter_days().take_while(|d| *d <= last));
    }
    Ok(nights)
}
