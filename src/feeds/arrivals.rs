//! What each domain's feed delivered, day by day, read from the panel.

use std::collections::{HashMap, VecDeque};

use chrono::NaiveDate;
use datafusion::arrow::datatypes::Date32Type;

use super::deliveries::{Feed, usual_shares};
use crate::panel::{EVENTS, Places, Wanted, read};
use lake::schema::Domain;
use lake::{AsOf, Lake, Limits, Result};

/// Longest recording delay that is looked at, in days.
const LONGEST_DELAY: usize = 60;

/// What arrived of one domain.
pub struct Arrivals {
    /// Of each place its events by day since 1970; a day may come several times.
    by_place: Vec<Vec<(i32, f64)>>,
    /// Events of the year that ended sixty days ago, in all and by the days until they were
    /// recorded.
    events: f64,
    by_delay: VecDeque<f64>,
}

/// Adds up the panel's counts of events, domain by domain.
///
/// # Errors
/// [`lake::Error::Delta`], [`lake::Error::Query`].
pub fn read_arrivals(
    lake: &Lake,
    places: &Places,
    as_of: &AsOf,
    limits: &Limits,
) -> Result<HashMap<&'static str, Arrivals>> {
    let mut of_domain: HashMap<&'static str, Arrivals> = HashMap::new();
    let today = Date32Type::from_naive_date(as_of.day);
    let settled = today - LONGEST_DELAY as i32 - 365..=today - LONGEST_DELAY as i32;
    let events = Wanted { indicators: Some(vec![EVENTS.to_owned()]), days: None };
    read(lake, &events, &["area_code", "day", "recorded_day", "num"], as_of, limits, |rows| {
        let Some(domain) = Domain::find(&rows.domain) else { return Ok(()) };
        let arrived = of_domain.entry(domain.id).or_insert_with(|| Arrivals::none(places.count));
        let above = places.above(rows.texts("area_code")?);
        let (days, recorded, counts) =
            (rows.days("day")?, rows.days("recorded_day")?, rows.counts("num")?);
        for (row, (day, count)) in days.iter().zip(counts).enumerate() {
            let n = *count as f64;
            for place in above(row) {
                arrived.counted(*place, *day, n);
            }
            if settled.contains(day) {
                arrived.delayed(recorded[row] - day, n);
            }
        }
        Ok(())
    })?;
    Ok(of_domain)
}

impl Arrivals {
    fn none(places: usize) -> Arrivals {
        Arrivals {
            by_place: vec![Vec::new(); places],
            events: 0.0,
            by_delay: VecDeque::from(vec![0.0; LONGEST_DELAY + 1]),
        }
    }

    fn counted(&mut self, place: usize, day: i32, n: f64) {
        match self.by_place[place].last_mut() {
            Some((last, sum)) if *last == day => *sum += n,
            _ => self.by_place[place].push((day, n)),
        }
    }

    fn delayed(&mut self, days: i32, n: f64) {
        self.events += n;
        if let Some(counted) = self.by_delay.get_mut(days.max(0) as usize) {
            *counted += n;
        }
    }

    /// The counts of every day from the first with an event to the last; `None` where there is
    /// none.
    pub fn feed(&self, last: NaiveDate) -> Option<Feed> {
        let last = Date32Type::from_naive_date(last);
        let first =
            self.by_place.iter().flatten().map(|(day, _)| *day).filter(|day| *day <= last).min()?;
        let mut by_area = vec![vec![0.0; (last - first + 1) as usize]; self.by_place.len()];
        for (counts, rows) in by_area.iter_mut().zip(&self.by_place) {
            for (day, n) in rows.iter().filter(|(day, _)| *day <= last) {
                counts[(day - first) as usize] += n;
            }
        }
        let mut total: Vec<f64> = (0..by_area[0].len())
            .map(|day| by_area.iter().map(|counts| counts[day]).sum())
            .collect();
        // Events that were taken back leave rows that come to nothing, also before the first that
        // counts.
        let empty = total.iter().position(|n| *n > 0.0)?;
        total.drain(..empty);
        by_area.iter_mut().for_each(|counts| drop(counts.drain(..empty)));
        let first = Date32Type::to_naive_date_opt(first + empty as i32)?;
        Some(Feed { first, total, by_area, reported: usual_shares(&self.by_delay, self.events) })
    }
}
