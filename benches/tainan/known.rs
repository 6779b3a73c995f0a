//! What is known to have happened, held against what was found.

use lake::Derived;
use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use datafusion::arrow::array::{ArrayRef, AsArray};
use datafusion::arrow::datatypes::Int64Type;
use lake::{Lake, Limits, Session};
use pingan::Result;

use crate::told::{Names, Told, text};

/// An event of which it is known where to look for it.
pub struct Event {
    pub name: &'static str,
    pub domain: &'static str,
    pub categories: &'static [&'static str],
    /// First and last day on which it made people call, or fall ill.
    pub days: (&'static str, &'static str),
}

/// Events of Tainan whose days are known.
pub const EVENTS: [Event; 5] = [
    Event {
        name: "登革热 2015",
        domain: "public_safety",
        categories: &["epidemic"],
        days: ("2015-07-01", "2015-08-31"),
    },
    Event {
        name: "地震 2016-02-06",
        domain: "requests",
        categories: &["earthquake"],
        days: ("2016-02-06", "2016-02-12"),
    },
    Event {
        name: "莫兰蒂台风 2016-09-14",
        domain: "requests",
        categories: &["utilities"],
        days: ("2016-09-14", "2016-09-16"),
    },
    Event {
        name: "鲇鱼台风 2016-09-28",
        domain: "requests",
        categories: &["utilities"],
        days: ("2016-09-27", "2016-09-30"),
    },
    Event {
        name: "水灾 2018-08-23",
        domain: "requests",
        categories: &["natural_disaster", "street_lights", "roads"],
        days: ("2018-08-23", "2018-08-31"),
    },
];
/// A district was hit where it counted so many …
const LEAST: f64 = 5.0;
/// … and so many times what as many days of the eight weeks before brought.
const TIMES: f64 = 3.0;

/// Counts of a day as they were known in the end.
type Daily = BTreeMap<(String, String), BTreeMap<NaiveDate, f64>>;

/// Daily counts of every area and category of a domain.
fn daily(lake: &Lake, limits: &Limits, domain: &str) -> Result<Daily> {
    let session = Session::new(lake, limits)?;
    session.register_table("panel", &lake.derived(Derived::Panel)?)?;
    let sql = format!(
        "select area_code, category, cast(day as varchar), cast(sum(num) as bigint) from panel where domain = '{domain}' and indicator = 'events' \
         group by area_code, category, day"
    );
    let mut daily = Daily::new();
    for batch in session.collect(&sql)? {
        let [areas, categories, days] = [text(&batch, 0)?, text(&batch, 1)?, text(&batch, 2)?];
        let counts = batch.column(3).as_primitive::<Int64Type>();
        for row in 0..batch.num_rows() {
            let value = |column: &ArrayRef| column.as_string::<i32>().value(row).to_owned();
            let day = value(&days).parse().unwrap_or_default();
            *daily
                .entry((value(&areas), value(&categories)))
                .or_default()
                .entry(day)
                .or_default() += counts.value(row) as f64;
        }
    }
    Ok(daily)
}

/// What became of one area in an event.
struct Hit<'a> {
    area: &'a str,
    count: f64,
    /// First day by whose end it had counted enough.
    reached: NaiveDate,
    found: Option<NaiveDate>,
}

/// Prints a section an event, one line a category.
pub fn print(lake: &Lake, limits: &Limits, found: &[Told], names: &Names) -> Result<()> {
    println!("## The events\n");
    println!(
        "| event | category | districts hit | found | nights until found, median and longest | not found | found, not hit |"
    );
    println!("|---|---|---:|---:|---:|---|---|");
    for event in &EVENTS {
        let daily = daily(lake, limits, event.domain)?;
        for category in event.categories {
            line(event, category, &daily, found, names);
        }
    }
    println!();
    Ok(())
}

fn line(event: &Event, category: &str, daily: &Daily, found: &[Told], names: &Names) {
    let (from, to) = (day(event.days.0), day(event.days.1));
    let root = &names.register.root().code;
    let told = |area: &str| {
        let of = |t: &&Told| {
            t.kind == "spike"
                && t.domain == event.domain
                && t.category == category
                && t.area == area
        };
        found
            .iter()
            .filter(of)
            .find(|t| t.night >= from && t.night <= to + Days::new(14))
            .map(|t| t.night)
    };
    let hits: Vec<Hit> = daily
        .iter()
        .filter(|((area, of), _)| of == category && area != root)
        .filter_map(|((area, _), counts)| hit(area, counts, from, to))
        .map(|hit| Hit { found: told(hit.area), ..hit })
        .collect();
    let mut waits: Vec<i64> =
        hits.iter().filter_map(|h| Some((h.found? - h.reached).num_days())).collect();
    waits.sort_unstable();
    let (median, longest) =
        (waits.get(waits.len() / 2).copied().unwrap_or(-1), waits.last().copied().unwrap_or(-1));
    let missed: Vec<String> = hits
        .iter()
        .filter(|h| h.found.is_none())
        .map(|h| format!("{} {:.0}", names.area(h.area), h.count))
        .collect();
    let others = names
        .register
        .areas()
        .iter()
        .filter(|a| a.code != *root && !hits.iter().any(|h| h.area == a.code));
    let others: Vec<&str> =
        others.filter(|a| told(&a.code).is_some()).map(|a| a.name.as_str()).collect();
    println!(
        "| {} | {} | {} | {} | {median}, {longest} | {} | {} |",
        event.name,
        names.series(event.domain, category),
        hits.len(),
        waits.len(),
        missed.join("、"),
        others.join("、")
    );
}

/// Whether an area counted far more in the event's days than in as many of the eight weeks before.
fn hit<'a>(
    area: &'a str,
    counts: &BTreeMap<NaiveDate, f64>,
    from: NaiveDate,
    to: NaiveDate,
) -> Option<Hit<'a>> {
    let days = (to - from).num_days() as f64 + 1.0;
    let usual = counts.range(from - Days::new(56)..from).map(|(_, n)| n).sum::<f64>() / 56.0 * days;
    let count = counts.range(from..=to).map(|(_, n)| n).sum::<f64>();
    let mut sum = 0.0;
    let reached = counts.range(from..=to).find_map(|(day, n)| {
        sum += n;
        (sum >= LEAST && sum >= TIMES * usual).then_some(*day)
    });
    (count >= TIMES * usual).then_some(Hit { area, count, reached: reached?, found: None })
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap_or_default()
}
