//! What was known then: the second axis of time (docs/design.md, Two times).

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

use crate::error::{Error, Result};

/// A moment; what was recorded after it is not seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AsOf {
    /// Events are seen up to this instant.
    pub instant: DateTime<Utc>,
    /// The panel, whose grain is the day, is seen up to this recorded day: the last one that is
    /// over at the instant.
    pub day: NaiveDate,
}

impl AsOf {
    /// The end of a local day.
    pub fn end_of(day: NaiveDate, zone: Tz) -> AsOf {
        AsOf {
            instant: start_of(day + Days::new(1), zone) - chrono::TimeDelta::microseconds(1),
            day,
        }
    }

    /// Now: whatever the lake holds.
    pub fn now(now: DateTime<Utc>, zone: Tz) -> AsOf {
        AsOf { instant: now, day: now.with_timezone(&zone).date_naive() }
    }

    /// An instant: the panel shows whole days only, so the instant's own day is seen where the
    /// instant is its last moment.
    pub fn at(instant: DateTime<Utc>, zone: Tz) -> AsOf {
        let today = instant.with_timezone(&zone).date_naive();
        let day =
            if instant >= AsOf::end_of(today, zone).instant { today } else { today - Days::new(1) };
        AsOf { instant, day }
    }

    /// Reads `--as-of`: a date means its whole day, a timestamp (RFC 3339) that instant.
    ///
    /// # Errors
    /// [`Error::Usage`] where it is neither.
    pub fn parse(text: &str, zone: Tz) -> Result<AsOf> {
        if let Ok(day) = text.parse::<NaiveDate>() {
            return Ok(AsOf::end_of(day, zone));
        }
        match DateTime::parse_from_rfc3339(text) {
            Ok(instant) => Ok(AsOf::at(instant.to_utc(), zone)),
            Err(_) => Err(Error::usage(
                format!("--as-of {text} is neither a date nor a timestamp"),
                "write 2026-01-31, or 2026-01-31T18:00:00+08:00",
            )),
        }
    }
}

/// First instant of a local day; where a clock change skips midnight, the first instant after it.
fn start_of(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    (0..24)
        .find_map(|h| {
            zone.from_local_datetime(&day.and_time(NaiveTime::from_hms_opt(h, 0, 0)?)).earliest()
        })
        .map_or_else(|| day.and_time(NaiveTime::MIN).and_utc(), |t| t.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_its_whole_day_and_an_instant_hides_its_unfinished_day() {
        let zone = chrono_tz::Asia::Shanghai;
        let date = AsOf::parse("2026-01-31", zone).unwrap();
        assert_eq!(date.instant.to_rfc3339(), "2026-01-31T15:59:59.999999+00:00");
        assert_eq!(date.day.to_string(), "2026-01-31");
        let noon = AsOf::parse("2026-01-31T12:00:00+08:00", zone).unwrap();
        assert_eq!(noon.day.to_string(), "2026-01-30");
        assert_eq!(AsOf::at(date.instant, zone), date);
        assert!(AsOf::parse("yesterday", zone).is_err());
    }
}
