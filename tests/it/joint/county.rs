//! A county that is given events and asked for its June.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{ENTERPRISE_YEARS, RESIDENT_YEARS, VEHICLE_YEARS};
use crate::support::{run, stdout};

/// The first township, of which the village 101 is a part.
pub const TOWNSHIP: &str = "1";
pub const COUNTY: &str = "0";

const AREAS: &str = "\
code,name,level,parent,population,households,vehicles,enterprises
0,County,county,,40000,,16000,800
1,First,township,0,20000,,8000,400
101,Village,village,1,20000,,8000,400
2,Second,township,0,20000,,8000,400
";

/// The bundled model, whose kinds, categories, exposures and polarities are under test.
pub const MODEL: &str = include_str!("../../../models/index.toml");

/// The upper goalpost of each indicator; the lower one is 0.
const GOALPOSTS: [(&str, f64); 39] = [
    ("public_order.incidents", TEN_OF_RESIDENTS),
    ("public_order.assault", TEN_OF_RESIDENTS),
    ("public_order.theft", TEN_OF_RESIDENTS),
    ("public_order.domestic_violence", TEN_OF_RESIDENTS),
    ("public_order.detection_rate", 1.0),
    ("fraud_crime.serious_violent", TEN_OF_RESIDENTS),
    ("fraud_crime.telecom_fraud", TEN_OF_RESIDENTS),
    ("fraud_crime.loss", LN_100),
    ("traffic.crashes", TEN_OF_VEHICLES),
    ("traffic.injured", TEN_OF_VEHICLES),
    ("traffic.deaths", TEN_OF_VEHICLES),
    ("public_safety.fires", TEN_OF_RESIDENTS),
    ("public_safety.accidents", TEN_OF_ENTERPRISES),
    ("public_safety.deaths", TEN_OF_RESIDENTS),
    ("disputes.resolution_rate", 1.0),
    ("disputes.overdue", 1.0),
    ("disputes.civil_to_criminal", 1.0),
    ("disputes.mediation_success", 1.0),
    ("disputes.lowest_level", 1.0),
    ("petitions.first_visits", TEN_OF_RESIDENTS),
    ("petitions.repeated", 1.0),
    ("petitions.collective", TEN_OF_RESIDENTS),
    ("petitions.beyond_level", TEN_OF_RESIDENTS),
    ("petitions.closed_in_time", 1.0),
    ("petitions.satisfied", 1.0),
    ("litigation.filings", TEN_OF_RESIDENTS),
    ("litigation.settled_or_withdrawn", 1.0),
    ("litigation.diverted", 1.0),
    ("requests.repeated", 1.0),
    ("requests.closed_in_time", 1.0),
    ("requests.satisfied", 1.0),
    ("requests.closed_in_grid", 1.0),
    ("public_opinion.stories", TEN_OF_RESIDENTS),
    ("public_opinion.reach", LN_100),
    ("public_opinion.answered_in_time", 1.0),
    ("key_groups.coverage", 1.0),
    ("key_groups.incidents", 1.0),
    ("key_groups.minors", TEN_OF_RESIDENTS),
    // Of the models of `measures`.
    ("petitions.measured", TEN_OF_RESIDENTS),
];

const TEN_OF_RESIDENTS: f64 = 10.0 / RESIDENT_YEARS;
const TEN_OF_VEHICLES: f64 = 10.0 / VEHICLE_YEARS;
const TEN_OF_ENTERPRISES: f64 = 10.0 / ENTERPRISE_YEARS;
/// ln(1 + 99): of an amount of 9 per resident and year half the points are gone.
const LN_100: f64 = 4.605_170_185_988_092;

fn with_goalposts(model: &str) -> String {
    let frozen = GOALPOSTS.map(|(node, high)| {
        format!("\"{node}\" = {{ from = '2023-01', to = '2024-12', low = 0.0, high = {high:?} }}\n")
    });
    format!("{model}\n[frozen]\nas_of = '2025-01-01'\n[frozen.indicator]\n{}", frozen.concat())
}

/// A folder that a county works in.
pub struct County {
    folder: tempfile::TempDir,
}

impl County {
    /// With the bundled model.
    pub fn new() -> County {
        County::with(&[])
    }

    /// With files of its own in place of the bundled ones.
    pub fn with(files: &[(&str, &str)]) -> County {
        let county = County { folder: tempfile::tempdir().unwrap() };
        county.write("pingan.toml", "name = 'County'\ncounty = '0'\ntime_zone = 'Asia/Shanghai'\n");
        county.write("areas.csv", AREAS);
        county.write("models/index.toml", &with_goalposts(MODEL));
        for (file, text) in files {
            let is_model = file.starts_with("models/");
            let text = if is_model { with_goalposts(text) } else { (*text).to_owned() };
            county.write(file, &text);
        }
        county
    }

    /// A domain's events, a line an event and a column's name above its cells, `·` for a blank one.
    /// An event that does not say when it was recorded was recorded when it occurred.
    pub fn deliver(self, domain: &str, events: &str) -> County {
        let mut lines = events.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        let columns = lines.next().expect("a header");
        let occurred = columns.iter().position(|c| *c == "occurred_at").expect("occurred_at");
        let records = columns.contains(&"recorded_at");
        let mut csv = columns.join(",") + if records { "\n" } else { ",recorded_at\n" };
        for cells in lines {
            assert_eq!(cells.len(), columns.len(), "{cells:?}");
            let recorded = if records { None } else { Some(cells[occurred]) };
            let cells =
                cells.iter().copied().chain(recorded).map(|c| if c == "·" { "" } else { c });
            csv += &(cells.collect::<Vec<_>>().join(",") + "\n");
        }
        self.write(&format!("inbox/{domain}.csv"), &csv);
        self
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.folder.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// What June comes to as of its last day.
    pub fn june(&self) -> June {
        self.june_as_of("2025-06-30")
    }

    /// What June comes to as of a day.
    pub fn june_as_of(&self, day: &str) -> June {
        let w = self.folder.path().to_string_lossy().into_owned();
        assert!(run(&["-q", "-w", &w, "ingest"]).status.success());
        let read = std::fs::read_dir(self.folder.path().join("inbox/done")).unwrap().flatten();
        let reports: Vec<String> = read
            .filter(|file| file.file_name().to_string_lossy().ends_with(".report.txt"))
            .map(|file| std::fs::read_to_string(file.path()).unwrap())
            .collect();
        assert!(reports.is_empty(), "not all was understood: {reports:?}");
        let of_june = ["--as-of", day, "--from", "2025-06-01", "--to", day];
        let scores = stdout(&[&["-w", &w, "--format", "json", "index"], &of_june[..]].concat());
        let panel = stdout(&[
            "-w",
            &w,
            "--as-of",
            day,
            "--format",
            "json",
            "query",
            "select area_code, domain, indicator, category, sum(num) as num, sum(den) as den from panel \
             where day between date '2025-06-01' and date '2025-06-30' group by 1, 2, 3, 4",
        ]);
        June { scores: rows(&scores), panel: rows(&panel) }
    }
}

fn rows(json: &str) -> Vec<Value> {
    serde_json::from_str::<Value>(json).unwrap().as_array().unwrap().clone()
}

fn text<'a>(row: &'a Value, column: &str) -> &'a str {
    row[column].as_str().unwrap()
}

/// The panel and the scores of June.
pub struct June {
    scores: Vec<Value>,
    panel: Vec<Value>,
}

impl June {
    /// What the first township's events come to: a line for each indicator and category, with num
    /// and den.
    pub fn counts(&self) -> String {
        let mut sums: BTreeMap<(&str, &str), (i64, i64)> = BTreeMap::new();
        for row in self.panel.iter().filter(|r| text(r, "area_code").starts_with(TOWNSHIP)) {
            let sum = sums.entry((text(row, "indicator"), text(row, "category"))).or_default();
            sum.0 += row["num"].as_i64().unwrap();
            sum.1 += row["den"].as_i64().unwrap();
        }
        let line = |((indicator, category), (num, den)): (&(&str, &str), &(i64, i64))| {
            format!("{indicator} {category} {num} {den}\n")
        };
        sums.iter().map(line).collect()
    }

    /// Num and den of one indicator of the first township, all categories together.
    pub fn count(&self, indicator: &str) -> (i64, i64) {
        let of_township = |r: &&Value| {
            text(r, "area_code").starts_with(TOWNSHIP) && text(r, "indicator") == indicator
        };
        self.panel.iter().filter(of_township).fold((0, 0), |(num, den), row| {
            (num + row["num"].as_i64().unwrap(), den + row["den"].as_i64().unwrap())
        })
    }

    /// Every indicator that the model has of a domain.
    pub fn figures(&self, area: &str, domain: &str) -> BTreeMap<String, Figure> {
        let of_domain = |row: &&Value| {
            text(row, "kind") == "indicator"
                && text(row, "area_code") == area
                && text(row, "node").starts_with(&format!("{domain}."))
        };
        let figure = |row: &Value| {
            let node = text(row, "node")[domain.len() + 1..].to_owned();
            let coverage = row["coverage"].as_f64().unwrap();
            (node, Figure { raw: row["raw"].as_f64(), score: row["score"].as_f64(), coverage })
        };
        self.scores.iter().filter(of_domain).map(figure).collect()
    }
}

/// Asserts that these are all the lines, in any order and spacing.
pub fn assert_counts(june: &June, expected: &str) {
    let lines = |text: &str| {
        let mut lines: Vec<String> = text
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .filter(|line| !line.is_empty())
            .collect();
        lines.sort();
        lines
    };
    assert_eq!(lines(&june.counts()), lines(expected));
}

/// Asserts that these are all the model's indicators of a domain in the first township, and what
/// they are.
pub fn assert_figures(june: &June, domain: &str, expected: &[(&str, Figure)]) {
    let found = june.figures(TOWNSHIP, domain);
    let names: BTreeMap<&str, Figure> = expected.iter().copied().collect();
    assert_eq!(found.keys().collect::<Vec<_>>(), names.keys().collect::<Vec<_>>());
    for (name, figure) in names {
        assert!(figure.agrees_with(&found[name]), "{name}: {:?}, not {figure:?}", found[name]);
    }
}

/// Asserts, for each column with the indicators that need it, that without it these are not known
/// and all others are as they were.
pub fn assert_needed(domain: &str, events: &str, columns: &[(&str, &[&str])]) {
    let whole = County::new().deliver(domain, events).june().figures(TOWNSHIP, domain);
    for (column, needing) in columns {
        let june = County::new().deliver(domain, &without(events, column)).june();
        let expected: Vec<(&str, Figure)> = whole
            .iter()
            .map(|(name, figure)| (name.as_str(), *figure))
            .map(|(name, figure)| (name, if needing.contains(&name) { UNKNOWN } else { figure }))
            .collect();
        println!("without {column}");
        assert_figures(&june, domain, &expected);
    }
}

/// The events without one of their columns.
pub fn without(events: &str, column: &str) -> String {
    let at = place(events, column);
    let line = |line: &str| {
        let cells = line.split_whitespace().enumerate().filter(|(i, _)| *i != at);
        cells.map(|(_, cell)| cell).collect::<Vec<_>>().join(" ") + "\n"
    };
    events.lines().map(line).collect()
}

/// The events with some cells, each by event and column, left blank.
pub fn blank(events: &str, cells: &[(&str, &str)]) -> String {
    let mut table: Vec<Vec<&str>> =
        events.lines().map(|line| line.split_whitespace().collect()).collect();
    for (event, column) in cells {
        let row = table.iter().position(|row| row[0] == *event).expect("an event of that name");
        let at = place(events, column);
        assert_ne!(table[row][at], "·", "{event} has no {column}");
        table[row][at] = "·";
    }
    table.iter().map(|row| row.join(" ") + "\n").collect()
}

fn place(events: &str, column: &str) -> usize {
    let header = events.lines().next().expect("a header");
    header.split_whitespace().position(|c| c == column).expect("a column of that name")
}

/// One indicator of an area.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figure {
    pub raw: Option<f64>,
    pub score: Option<f64>,
    /// Share of the month that is known.
    pub coverage: f64,
}

/// A figure that every event of the month adds to.
pub fn known(raw: f64, score: f64) -> Figure {
    Figure { raw: Some(raw), score: Some(score), coverage: 1.0 }
}

/// A figure that is not known; how much of the month is, is not looked at.
pub const UNKNOWN: Figure = Figure { raw: None, score: None, coverage: f64::NAN };

impl Figure {
    /// The same where only a share of the events says what it counts.
    pub fn covering(self, coverage: f64) -> Figure {
        Figure { coverage, ..self }
    }

    /// Whether the other is this but for the last digits.
    pub fn agrees_with(&self, other: &Figure) -> bool {
        let near = |a: f64, b: f64| (a - b).abs() < 1e-9 * a.abs().max(1.0);
        let both = |a: Option<f64>, b: Option<f64>| match (a, b) {
            (Some(a), Some(b)) => near(a, b),
            (a, b) => a == b,
        };
        both(self.raw, other.raw)
            && both(self.score, other.score)
            && (self.coverage.is_nan() || near(self.coverage, other.coverage))
    }
}
