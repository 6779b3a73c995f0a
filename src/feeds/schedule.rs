//! When a source delivers: learned from the files that landed, or stated by its mapping.
//!
//! A source that delivers day by day is judged day by day. One that delivers once a week or a month
//! is complete up to the last day of its last delivery, and what happened since is not yet due:
//! neither late nor missing.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Days, NaiveDate};
use chrono_tz::Tz;
use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Int64Type, TimeUnit, TimestampMicrosecondType,
};

use crate::panel::Unit;
use lake::mapping::Rhythm;
use lake::{AsOf, Derived, Lake, Limits, Result, Session, text};

/// Deliveries that say how often a source delivers: the last ones.
const LOOKED_AT: usize = 12;
/// Days between deliveries from which a source delivers in batches; below, day by day but for
/// weekends and holidays.
const BATCHED_FROM: i64 = 5;
/// Days between deliveries from which they are of months.
const A_MONTH: i64 = 25;
/// Regular deliveries that say how many days before one its events end. Until then what comes early
/// in a month is taken to be the whole month before.
const LEARNED: usize = 3;
/// Day of the month up to which a delivery is of the month before.
const EARLY: u32 = 15;
/// Days within which the second delivery of a source is waited for.
const FIRST_WAIT: i64 = 45;

/// What a source delivered on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Local day of delivery.
    pub day: NaiveDate,
    /// Last day of its events.
    pub last: NaiveDate,
}

/// When a source delivers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Day of the last delivery that brought later events than all before.
    pub delivered: NaiveDate,
    /// Last day of which the source has delivered what it had.
    pub through: NaiveDate,
    /// Day from which the next delivery is overdue.
    pub overdue: NaiveDate,
}

/// The deliveries of a source, and the rhythm its mapping states.
#[derive(Clone, Debug, Default)]
pub struct Deliveries {
    /// Those that brought later events than all before, in order of time.
    pub advancing: Vec<Delivery>,
    pub stated: Option<Rhythm>,
    /// Whether it delivers the totals of months, not events.
    pub totals: bool,
}

impl Deliveries {
    /// The files that landed up to the as-of day, by domain and source.
    ///
    /// # Errors
    /// [`lake::Error::Delta`], [`lake::Error::Query`].
    pub fn read(
        lake: &Lake,
        as_of: &AsOf,
        zone: Tz,
        limits: &Limits,
    ) -> Result<BTreeMap<(String, String), Deliveries>> {
        let mut read: BTreeMap<(String, String), Deliveries> = BTreeMap::new();
        if !lake.has(Derived::Deliveries) {
            return Ok(read);
        }
        let session = Session::new(lake, limits)?;
        session.register_table("deliveries", &lake.derived(Derived::Deliveries)?)?;
        let query = "select domain, source, delivered_at, last_day, rhythm, rows, period from deliveries \
                     where last_day is not null order by delivered_at, last_day";
        for batch in session.collect(query)? {
            let (domains, sources) = (text(&batch, 0)?, text(&batch, 1)?);
            let (rhythms, periods) = (text(&batch, 4)?, text(&batch, 6)?);
            let instant = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
            let at = datafusion::arrow::compute::cast(batch.column(2), &instant)?;
            let at = at.as_primitive::<TimestampMicrosecondType>();
            let last = batch.column(3).as_primitive::<Date32Type>();
            let rows = batch.column(5).as_primitive::<Int64Type>();
            for row in 0..batch.num_rows() {
                let at = DateTime::from_timestamp_micros(at.value(row)).unwrap_or_default();
                let day = at.with_timezone(&zone).date_naive();
                let Some(last) = Date32Type::to_naive_date_opt(last.value(row)) else { continue };
                if day > as_of.day || rows.value(row) == 0 {
                    continue;
                }
                let rhythms = rhythms.as_string_view();
                let key = (
                    domains.as_string_view().value(row).to_owned(),
                    sources.as_string_view().value(row).to_owned(),
                );
                let rhythm = (!rhythms.value(row).is_empty()).then(|| rhythms.value(row));
                let totals = periods.as_string_view().value(row) == "month";
                let source = read.entry(key).or_default();
                source.totals |= totals;
                // The last of a month's totals is its last day, whatever day the month is filed on.
                let last = if totals { last_of_month(last) } else { last };
                source.add(Delivery { day, last }, rhythm);
            }
        }
        Ok(read)
    }

    /// Adds the next delivery in order of time.
    fn add(&mut self, delivery: Delivery, rhythm: Option<&str>) {
        self.stated = rhythm.and_then(Rhythm::find).or(self.stated);
        match self.advancing.last_mut() {
            Some(before) if delivery.last <= before.last => {}
            Some(before) if delivery.day == before.day => before.last = delivery.last,
            _ => self.advancing.push(delivery),
        }
    }

    /// The rhythm that the last deliveries show, where they are enough to show one.
    pub fn observed(&self) -> Option<Rhythm> {
        let between = self.days_between();
        let every = *between.get(between.len() / 2).filter(|_| between.len() >= LEARNED)?;
        Some(match every {
            ..BATCHED_FROM => Rhythm::Daily,
            BATCHED_FROM..A_MONTH => Rhythm::Weekly,
            _ => Rhythm::Monthly,
        })
    }

    /// The deliveries that say how often the source delivers.
    fn recent(&self) -> &[Delivery] {
        &self.advancing[self.advancing.len().saturating_sub(LOOKED_AT)..]
    }

    /// Days between each of these and the next, the fewest first.
    fn days_between(&self) -> Vec<i64> {
        let days = |pair: &[Delivery]| (pair[1].day - pair[0].day).num_days();
        let mut between: Vec<i64> = self.recent().windows(2).map(days).collect();
        between.sort_unstable();
        between
    }

    /// The schedule of a source that delivers in batches; `None` where it delivers day by day, or
    /// nothing is known of its deliveries.
    pub fn schedule(&self) -> Option<Schedule> {
        let last = *self.advancing.last()?;
        let (recent, between) = (self.recent(), self.days_between());
        let every = match (self.stated, between.get(between.len() / 2)) {
            (_, _) if self.totals => 31,
            (Some(Rhythm::Daily), _) => return None,
            (Some(Rhythm::Weekly), _) => 7,
            (Some(Rhythm::Monthly), _) => 31,
            (Some(Rhythm::Irregular), most) => {
                between.last().or(most).copied().unwrap_or(FIRST_WAIT).max(FIRST_WAIT)
            }
            (None, Some(every)) if *every < BATCHED_FROM => return None,
            (None, Some(every)) => *every,
            // One delivery says nothing of the next, but that it brought all there was.
            (None, None) => {
                let overdue = last.day + Days::new(FIRST_WAIT as u64);
                let through = last.day.max(last.last);
                return Some(Schedule { delivered: last.day, through, overdue });
            }
        };
        // The first delivery may be a history that ends well before it was handed in.
        let regular = if recent.len() > 1 { &recent[1..] } else { recent };
        let lag = regular.iter().map(|d| (d.day - d.last).num_days()).min().unwrap_or(0).max(0);
        let mut through = (last.day - Days::new(lag as u64)).max(last.last);
        if every >= A_MONTH && regular.len() < LEARNED {
            through = through.max(month_before(last.day));
        }
        let grace = (every / 4).max(3);
        let overdue = last.day + Days::new((every + grace) as u64);
        Some(Schedule { delivered: last.day, through, overdue })
    }
}

/// The last day of the month before a delivery that comes early in a month; else a day long ago.
fn month_before(delivered: NaiveDate) -> NaiveDate {
    let day = u64::from(delivered.day());
    if delivered.day() <= EARLY { delivered - Days::new(day) } else { NaiveDate::MIN }
}

/// The last day of a day's month.
fn last_of_month(day: NaiveDate) -> NaiveDate {
    Unit::Month.period(day, NaiveDate::MAX).end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deliveries(stated: Option<Rhythm>, days: &[(&str, &str)]) -> Deliveries {
        let mut all = Deliveries::default();
        for (day, last) in days {
            let delivery = Delivery { day: day.parse().unwrap(), last: last.parse().unwrap() };
            all.add(delivery, stated.map(Rhythm::name));
        }
        all
    }

    #[test]
    fn a_monthly_source_is_complete_up_to_its_last_months_end() {
        // Few events: the last of January happened on the 22nd, but January is what was handed in.
        let monthly = [
            ("2025-12-03", "2025-11-30"),
            ("2026-01-03", "2025-12-31"),
            ("2026-02-03", "2026-01-22"),
        ];
        let schedule = deliveries(None, &monthly).schedule().unwrap();
        assert_eq!(schedule.through.to_string(), "2026-01-31");
        assert_eq!(schedule.delivered.to_string(), "2026-02-03");
        assert_eq!(schedule.overdue.to_string(), "2026-03-13");
    }

    #[test]
    fn the_first_month_that_comes_is_whole() {
        let days = [("2025-12-31", "2025-12-31"), ("2026-02-03", "2026-01-27")];
        let schedule = deliveries(None, &days).schedule().unwrap();
        assert_eq!(schedule.through.to_string(), "2026-01-31");
        // One that learned otherwise ends where it always ends.
        let cut: Vec<(String, String)> = (1..=6)
            .map(|month| (format!("2025-{month:02}-28"), format!("2025-{month:02}-25")))
            .collect();
        let cut: Vec<(&str, &str)> = cut.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        assert_eq!(deliveries(None, &cut).schedule().unwrap().through.to_string(), "2025-06-25");
    }

    #[test]
    fn weekends_and_one_gap_make_no_batches() {
        let daily = [
            ("2026-01-02", "2026-01-02"),
            ("2026-01-05", "2026-01-05"),
            ("2026-01-06", "2026-01-06"),
            ("2026-02-15", "2026-02-15"),
            ("2026-02-16", "2026-02-16"),
        ];
        assert_eq!(deliveries(None, &daily).schedule(), None);
        assert_eq!(deliveries(Some(Rhythm::Daily), &daily[..1]).schedule(), None);
    }

    #[test]
    fn four_deliveries_show_a_rhythm() {
        let days = [
            ("2025-11-03", "2025-10-31"),
            ("2025-12-03", "2025-11-30"),
            ("2026-01-05", "2025-12-31"),
            ("2026-02-03", "2026-01-31"),
        ];
        let stated = Some(Rhythm::Daily);
        assert_eq!(deliveries(stated, &days).observed(), Some(Rhythm::Monthly));
        assert_eq!(deliveries(stated, &days[..3]).observed(), None);
        let day = |n: u32| format!("2026-01-{n:02}");
        for (every, rhythm) in [(1, Rhythm::Daily), (7, Rhythm::Weekly)] {
            let days: Vec<String> = (0..4).map(|n| day(1 + every * n)).collect();
            let days: Vec<(&str, &str)> = days.iter().map(|d| (d.as_str(), d.as_str())).collect();
            assert_eq!(deliveries(None, &days).observed(), Some(rhythm));
        }
    }

    #[test]
    fn corrections_are_no_deliveries_of_later_days() {
        let days = [("2026-01-03", "2025-12-31"), ("2026-01-20", "2025-11-15")];
        let schedule = deliveries(None, &days).schedule().unwrap();
        assert_eq!(schedule.delivered.to_string(), "2026-01-03");
    }
}
