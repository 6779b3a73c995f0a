//! Findings that belong together, one line each, with what they look like.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::told::{Names, Told};

/// What the findings were judged to be, by hand: `from,to,kind,category,verdict,what`, the first
/// that fits counts; `*` fits everything.
const JUDGED: &str = include_str!("judged.csv");
/// Nights apart by which a finding of one series is still the same.
const SAME: i64 = 10;
/// Days apart by which series of one category that begin to be told belong together.
const TOGETHER: i64 = 7;

/// A series told night after night.
struct Run<'a> {
    first: NaiveDate,
    last: NaiveDate,
    /// Where it was furthest from what was expected.
    peak: &'a Told,
}

/// Runs of one kind and category that began together.
struct Episode<'a> {
    kind: &'a str,
    domain: &'a str,
    category: &'a str,
    runs: Vec<Run<'a>>,
}

/// Prints all findings as a table.
pub fn print(found: &[Told], names: &Names) {
    let episodes = episodes(found);
    for (kind, title) in [
        ("spike", "Spikes"),
        ("cluster", "Clusters"),
        ("change", "New levels"),
        ("trend", "Rises over years"),
    ] {
        let of_kind: Vec<&Episode> = episodes.iter().filter(|e| e.kind == kind).collect();
        println!("### {title}\n\n{} of them.\n", of_kind.len());
        println!(
            "| nights | category | where, counted of expected | verdict | looks like |\n|---|---|---|---|---|"
        );
        for episode in of_kind {
            println!("{}", row(episode, names));
        }
        println!();
    }
}

fn row(episode: &Episode, names: &Names) -> String {
    let (first, last) = episode.span();
    let areas: Vec<String> = episode
        .runs
        .iter()
        .map(|r| {
            let areas: Vec<&str> = r.peak.areas.iter().map(|a| names.area(a)).collect();
            let more =
                if areas.len() > 4 { format!("等{}区", areas.len()) } else { String::new() };
            format!(
                "{}{more} {:.0}/{:.1}",
                areas[..areas.len().min(4)].join("+"),
                r.peak.observed,
                r.peak.expected
            )
        })
        .collect();
    let (verdict, what) = judged(episode);
    let nights = if first == last { first.to_string() } else { format!("{first} – {last}") };
    format!(
        "| {nights} | {} | {} | {verdict} | {what} |",
        names.series(episode.domain, episode.category),
        areas.join("、")
    )
}

impl Episode<'_> {
    fn span(&self) -> (NaiveDate, NaiveDate) {
        let first = self.runs.iter().map(|r| r.first).min().unwrap_or_default();
        (first, self.runs.iter().map(|r| r.last).max().unwrap_or(first))
    }
}

/// The episodes of all findings, by the night on which they were first told.
fn episodes(found: &[Told]) -> Vec<Episode<'_>> {
    let mut series: BTreeMap<[&str; 4], Vec<Run>> = BTreeMap::new();
    for told in found {
        let runs =
            series.entry([&told.kind, &told.domain, &told.category, &told.area]).or_default();
        match runs.last_mut() {
            Some(run) if (told.night - run.last).num_days() <= SAME => {
                run.last = told.night;
                if told.observed - told.expected > run.peak.observed - run.peak.expected {
                    run.peak = told;
                }
            }
            _ => runs.push(Run { first: told.night, last: told.night, peak: told }),
        }
    }
    let mut by_category: BTreeMap<[&str; 3], Vec<Run>> = BTreeMap::new();
    for ([kind, domain, category, _], runs) in series {
        by_category.entry([kind, domain, category]).or_default().extend(runs);
    }
    let mut episodes: Vec<Episode> = Vec::new();
    for ([kind, domain, category], mut runs) in by_category {
        runs.sort_by_key(|r| r.first);
        let mut open: Option<Episode> = None;
        for run in runs {
            match &mut open {
                Some(episode) if (run.first - episode.runs[0].first).num_days() <= TOGETHER => {
                    episode.runs.push(run)
                }
                _ => episodes.extend(open.replace(Episode {
                    kind,
                    domain,
                    category,
                    runs: vec![run],
                })),
            }
        }
        episodes.extend(open);
    }
    for episode in &mut episodes {
        episode.runs.sort_by(|a, b| {
            (b.peak.observed - b.peak.expected).total_cmp(&(a.peak.observed - a.peak.expected))
        });
    }
    episodes.sort_by_key(|e| e.span());
    episodes
}

/// The verdict that fits an episode, and what it looks like.
fn judged(episode: &Episode) -> (&'static str, &'static str) {
    let (first, last) = episode.span();
    let fits = |line: &&str| {
        let cells: Vec<&str> = line.splitn(6, ',').collect();
        let day = |text: &str| text.parse::<NaiveDate>().unwrap_or_default();
        let is = |cell: &str, value: &str| {
            cell == "*" || cell == value || cell == format!("{}/{value}", episode.domain)
        };
        cells.len() == 6
            && day(cells[0]) <= last
            && first <= day(cells[1])
            && is(cells[2], episode.kind)
            && is(cells[3], episode.category)
    };
    let line = JUDGED.lines().skip(1).find(fits);
    line.map_or(("not judged", ""), |line| {
        let cells: Vec<&str> = line.splitn(6, ',').collect();
        (cells[4], cells[5])
    })
}
