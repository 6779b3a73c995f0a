//! The dengue outbreak of Tainan, 2015, as a ledger.

use std::io::Read;

use chrono::NaiveDate;
use methods::detect::delay::Increment;

use crate::shared_data::shared;

/// Largest delay that is modelled, in days.
pub const MAX_DELAY: usize = 21;

/// Day 0.
pub fn first() -> NaiveDate {
    NaiveDate::from_ymd_opt(2015, 1, 1).unwrap()
}

/// The ledger and the final count of each day of 2015.
pub fn dengue() -> Option<(Vec<Increment>, Vec<f64>)> {
    let mut text = String::new();
    flate2::read::GzDecoder::new(
        std::fs::File::open(shared("real/tainan/dengue_2015.csv.gz")?).unwrap(),
    )
    .read_to_string(&mut text)
    .unwrap();
    let day = |field: &str| {
        (NaiveDate::parse_from_str(field, "%Y/%m/%d").unwrap() - first()).num_days() as usize
    };
    let mut rows = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let entry = |row: csv::StringRecord| Increment {
        day: day(&row[0]),
        recorded: day(&row[2]),
        num: row[6].parse().unwrap(),
    };
    let ledger: Vec<Increment> = rows.records().map(|r| entry(r.unwrap())).collect();
    let mut counts = vec![0.0; 365];
    ledger.iter().for_each(|i| counts[i.day] += i.num);
    Some((ledger, counts))
}
