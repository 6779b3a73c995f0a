//! Dates and times as people write them.

use std::borrow::Cow;

use chrono::{
    DateTime, Datelike, Duration, FixedOffset, LocalResult, NaiveDate, NaiveDateTime, NaiveTime,
    TimeZone, Utc,
};
use unicode_normalization::UnicodeNormalization;

use super::cell::{BadCell, Cell};
use super::numerals::in_digits;

/// What a cell says about when.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum WrittenTime {
    Instant(DateTime<Utc>),
    /// A time of the workspace's clocks.
    Local(NaiveDateTime),
    /// A day without time.
    Day(NaiveDate),
}

const FIX: &str = "write it as 2025-03-01 or 2025-03-01 08:05";
const MONTH_FIX: &str = "write the month as 2026-01 or 2026年1月, or year and month in two cells";

/// Excel's numbers for 1954-10-03 and 2119-01-10: numbers between them are days of the 1900 system.
const SERIALS: std::ops::Range<f64> = 20_000.0..80_000.0;

/// Reads a cell as a point in time.
pub(crate) fn when(cell: &Cell) -> Result<WrittenTime, BadCell> {
    match cell {
        Cell::Text(t) => parse(t),
        Cell::Int(_) | Cell::Decimal(..) => parse(&cell.to_text()),
        Cell::Float(x) if SERIALS.contains(x) => serial(*x),
        Cell::Float(_) => parse(&cell.to_text()),
        Cell::Instant(us) => DateTime::from_timestamp_micros(*us)
            .map(WrittenTime::Instant)
            .ok_or_else(|| BadCell::new("not a possible time", FIX)),
        Cell::Local(t) => Ok(WrittenTime::Local(*t)),
        Cell::Date(d) => Ok(WrittenTime::Day(*d)),
        Cell::Error(e) => Err(BadCell::new(e.clone(), "correct it in the source")),
        Cell::Empty | Cell::Bool(_) => Err(BadCell::new("not a date", FIX)),
    }
}

/// The first day of a month, written in one cell (`2026年1月`, `2026-01`, `202601`, or a date) or in
/// two: year, month.
pub(crate) fn month<'a>(
    cells: impl Iterator<Item = &'a Cell<'a>> + Clone,
) -> Result<WrittenTime, BadCell> {
    let text: String = cells.clone().map(|cell| cell.to_text() + " ").collect();
    let numbers: Vec<&str> =
        text.split(|c: char| !c.is_ascii_digit()).filter(|n| !n.is_empty()).collect();
    let (year, month) = match numbers.as_slice() {
        [one] if one.len() == 6 => one.split_at(4),
        [year, month] if year.len() == 4 => (*year, *month),
        _ => {
            let mut cells = cells;
            let day = match cells.next().map(when).transpose()? {
                Some(WrittenTime::Day(day)) => day,
                Some(WrittenTime::Local(time)) => time.date(),
                _ => return Err(BadCell::new("not a month", MONTH_FIX)),
            };
            return day
                .with_day(1)
                .map(WrittenTime::Day)
                .ok_or_else(|| BadCell::new("not a month", MONTH_FIX));
        }
    };
    let day = year.parse().ok().zip(month.parse().ok());
    day.and_then(|(year, month)| NaiveDate::from_ymd_opt(year, month, 1))
        .map(WrittenTime::Day)
        .ok_or_else(|| BadCell::new("not a month", MONTH_FIX))
}

/// Reads a cell as a point in time; a text in the format given, and in no other.
pub(crate) fn when_in(cell: &Cell, format: Option<&str>) -> Result<WrittenTime, BadCell> {
    match (cell, format) {
        (Cell::Text(text), Some(format)) => formatted(&normal(text), format),
        _ => when(cell),
    }
}

/// Reads a text in a format of strftime; a time may follow a format of days alone.
fn formatted(text: &str, format: &str) -> Result<WrittenTime, BadCell> {
    if let Ok(time) = NaiveDateTime::parse_from_str(text, format) {
        return Ok(WrittenTime::Local(time));
    }
    let bad = || {
        BadCell::new(
            format!("not written as {format}"),
            "correct the date, or date_format in the mapping",
        )
    };
    let (day, rest) = NaiveDate::parse_and_remainder(text, format).map_err(|_| bad())?;
    // 2025 after a format of two digits would be the year 20 and a time.
    if rest.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(bad());
    }
    after_day(Scan::new(rest), day)
}

/// Puts the time in a cell to a day. An empty time leaves the day.
pub(crate) fn join(date: WrittenTime, time: &Cell) -> Result<WrittenTime, BadCell> {
    let day = match date {
        WrittenTime::Day(d) => d,
        WrittenTime::Local(t) => t.date(),
        instant => return Ok(instant),
    };
    let clock = match time {
        Cell::Empty => return Ok(WrittenTime::Day(day)),
        // A fraction of a day: Excel's time, and its cells formatted as one (the 1900 system's day
        // zero).
        Cell::Float(x) if (0.0..1.0).contains(x) => seconds((x * 86_400.0).round() as u32)?,
        Cell::Local(t) => t.time(),
        other => {
            let written = other.to_text();
            let text = normal(&written);
            let mut scan = Scan::new(&text);
            match scan.time()? {
                Some((time, next_day)) if scan.done() => {
                    return Ok(WrittenTime::Local(
                        (day + Duration::days(i64::from(next_day))).and_time(time),
                    ));
                }
                _ => match when(other) {
                    Ok(WrittenTime::Local(t)) => t.time(),
                    _ => return Err(BadCell::new("not a time of day", "write it as 08:05")),
                },
            }
        }
    };
    Ok(WrittenTime::Local(day.and_time(clock)))
}

/// The instant, in UTC microseconds. A local time that clocks jumped over is refused, one they
/// showed twice is its first.
pub(crate) fn instant(when: WrittenTime, zone: chrono_tz::Tz) -> Result<i64, BadCell> {
    let (local, is_day) = match when {
        WrittenTime::Instant(t) => return Ok(t.timestamp_micros()),
        WrittenTime::Local(t) => (t, false),
        WrittenTime::Day(d) => (d.and_time(NaiveTime::MIN), true),
    };
    match zone.from_local_datetime(&local) {
        LocalResult::Single(t) | LocalResult::Ambiguous(t, _) => Ok(t.timestamp_micros()),
        // A day whose midnight does not exist begins when its clocks do.
        LocalResult::None if is_day => {
            match zone.from_local_datetime(&(local + Duration::hours(1))) {
                LocalResult::Single(t) | LocalResult::Ambiguous(t, _) => Ok(t.timestamp_micros()),
                LocalResult::None => {
                    Err(BadCell::new(format!("{local} does not exist in {zone}"), FIX))
                }
            }
        }
        LocalResult::None => Err(BadCell::new(
            format!("{local} does not exist in {zone}: clocks were put forward over it"),
            "correct the time or write its zone, as in 2025-03-01T08:05:00+08:00",
        )),
    }
}

/// Reads a date or a time in one of the usual ways of writing; years come first and have four
/// digits.
pub(crate) fn parse(text: &str) -> Result<WrittenTime, BadCell> {
    let text = normal(text);
    if ["农历", "腊月", "正月", "農曆"].iter().any(|word| text.contains(word)) {
        return Err(BadCell::new("a day of the lunar calendar", "write the day of the solar one"));
    }
    if text.contains("民国") || text.contains("民國") {
        return Err(BadCell::new(
            "a year of the Republic (民國)",
            "write the year of the common era",
        ));
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return digits(&text);
    }
    if let Ok(x) = text.parse::<f64>()
        && SERIALS.contains(&x)
    {
        return serial(x);
    }
    let mut scan = Scan::new(&text);
    let day = scan.date()?;
    after_day(scan, day)
}

/// Reads what follows a day: nothing, its name, a time and its zone.
fn after_day(mut scan: Scan, day: NaiveDate) -> Result<WrittenTime, BadCell> {
    scan.weekday();
    if scan.done() {
        return Ok(WrittenTime::Day(day));
    }
    scan.take(|c| c == 'T' || c == 't' || c == ' ' || c == ',');
    let Some((time, next_day)) = scan.time()? else {
        return Err(BadCell::new("something after the day that is not understood", FIX));
    };
    let local = (day + Duration::days(i64::from(next_day))).and_time(time);
    let zone = scan.zone()?;
    if !scan.done() {
        return Err(BadCell::new("something after the time that is not understood", FIX));
    }
    Ok(match zone {
        Some(offset) => WrittenTime::Instant(
            offset
                .from_local_datetime(&local)
                .single()
                .ok_or_else(|| BadCell::new("not a possible time", FIX))?
                .to_utc(),
        ),
        None => WrittenTime::Local(local),
    })
}

fn normal(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let plain: String = text.nfkc().map(|c| if DASHES.contains(&c) { '-' } else { c }).collect();
    Cow::Owned(in_digits(plain.trim()))
}

/// Dashes that are written for hyphens.
const DASHES: [char; 4] = ['—', '–', '‐', '−'];

fn digits(text: &str) -> Result<WrittenTime, BadCell> {
    let part = |a: usize, b: usize| text[a..b].parse::<u32>().unwrap_or(0);
    match text.len() {
        8 | 12 | 14 => {
            let day = ymd(part(0, 4), part(4, 6), part(6, 8))?;
            if text.len() == 8 {
                return Ok(WrittenTime::Day(day));
            }
            let time =
                hms(part(8, 10), part(10, 12), if text.len() == 14 { part(12, 14) } else { 0 }, 0)?;
            Ok(WrittenTime::Local(day.and_time(time)))
        }
        5 if SERIALS.contains(&f64::from(part(0, 5))) => serial(f64::from(part(0, 5))),
        7 => Err(BadCell::new(
            "seven digits: a year of the Republic (民國)?",
            "write the year of the common era, as in 20250301",
        )),
        n @ (10 | 13) => Err(BadCell::new(
            format!("a number of {n} digits is no date: seconds since 1970?"),
            FIX,
        )),
        n => Err(BadCell::new(format!("a number of {n} digits is no date"), FIX)),
    }
}

fn serial(x: f64) -> Result<WrittenTime, BadCell> {
    let zero =
        NaiveDate::from_ymd_opt(1899, 12, 30).ok_or_else(|| BadCell::new("not a date", FIX))?;
    let day = zero + Duration::days(x.floor() as i64);
    if x.fract() == 0.0 {
        return Ok(WrittenTime::Day(day));
    }
    // Excel's fractions are not exact; nobody writes below a second.
    Ok(WrittenTime::Local(
        day.and_time(NaiveTime::MIN) + Duration::seconds((x.fract() * 86_400.0).round() as i64),
    ))
}

fn seconds(n: u32) -> Result<NaiveTime, BadCell> {
    NaiveTime::from_num_seconds_from_midnight_opt(n.min(86_399), 0)
        .ok_or_else(|| BadCell::new("not a time of day", "write it as 08:05"))
}

fn ymd(year: u32, month: u32, day: u32) -> Result<NaiveDate, BadCell> {
    let no_such =
        || BadCell::new(format!("there is no {year:04}-{month:02}-{day:02}"), "correct the date");
    NaiveDate::from_ymd_opt(i32::try_from(year).map_err(|_| no_such())?, month, day)
        .ok_or_else(no_such)
}

fn hms(hour: u32, minute: u32, second: u32, micros: u32) -> Result<NaiveTime, BadCell> {
    NaiveTime::from_hms_micro_opt(hour, minute, second, micros).ok_or_else(|| {
        BadCell::new(
            format!("there is no time {hour:02}:{minute:02}:{second:02}"),
            "correct the time",
        )
    })
}

/// Reads a text from left to right.
struct Scan<'t> {
    rest: &'t str,
}

impl<'t> Scan<'t> {
    fn new(rest: &'t str) -> Self {
        Scan { rest }
    }

    fn done(&self) -> bool {
        self.rest.trim().is_empty()
    }

    fn take(&mut self, which: impl Fn(char) -> bool) -> Option<char> {
        let c = self.rest.chars().next().filter(|&c| which(c))?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    fn word<'w>(&mut self, words: &[&'w str]) -> Option<&'w str> {
        let rest = self.rest.trim_start();
        let word = words
            .iter()
            .find(|w| rest.get(..w.len()).is_some_and(|r| r.eq_ignore_ascii_case(w)))?;
        self.rest = &rest[word.len()..];
        Some(word)
    }

    /// A whole number and its count of digits.
    fn number(&mut self) -> Option<(u32, usize)> {
        let rest = self.rest.trim_start();
        let n = rest.bytes().take_while(u8::is_ascii_digit).count();
        let value = rest[..n].parse().ok()?;
        self.rest = &rest[n..];
        Some((value, n))
    }

    fn date(&mut self) -> Result<NaiveDate, BadCell> {
        let bad = || BadCell::new("not a date", FIX);
        let (year, width) = self.number().ok_or_else(bad)?;
        if self.word(&["月"]).is_some() {
            return Err(BadCell::new("a month and a day without the year", FIX));
        }
        self.word(&["-", "/", ".", "年"]).ok_or_else(bad)?;
        if width != 4 {
            return Err(match width {
                1..=3 => BadCell::new(
                    format!(
                        "the year has {width} digits: a year of the Republic (民國), or day and month first?"
                    ),
                    "write the year of the common era first, as in 2025-03-01, or say in the mapping \
                     how dates are written: date_format = \"%d/%m/%Y\" (or %m/%d/%Y)",
                ),
                _ => bad(),
            });
        }
        let (month, _) =
            self.number().ok_or_else(|| BadCell::new("a year without month and day", FIX))?;
        self.word(&["-", "/", ".", "月"])
            .ok_or_else(|| BadCell::new("a month without day", FIX))?;
        let (day, _) = self.number().ok_or_else(|| BadCell::new("a month without day", FIX))?;
        self.word(&["日", "号", "號"]);
        ymd(year, month, day)
    }

    fn weekday(&mut self) {
        self.word(&["(", "（"]);
        if self.word(&["星期", "周", "週", "礼拜"]).is_some() {
            self.take(|c| "一二三四五六日天".contains(c));
        }
        self.word(&[")", "）"]);
    }

    /// A time of day and whether it is 24:00; none where no time follows.
    fn time(&mut self) -> Result<Option<(NaiveTime, bool)>, BadCell> {
        let before = self
            .word(&["上午", "凌晨", "早上", "早晨", "下午", "晚上", "傍晚", "中午", "AM", "PM"]);
        let Some((hour, width)) = self.number() else { return Ok(None) };
        let (mut hour, mut minute, mut second, mut micros) = (hour, 0, 0, 0);
        match (width, self.word(&[":", "时", "時", "点", "點"])) {
            (1 | 2, Some(mark)) => {
                self.word(&["整", "钟"]);
                if self.word(&["半"]).is_some() {
                    minute = 30;
                } else if let Some((m, _)) = self.number() {
                    minute = m;
                } else if mark == ":" {
                    return Err(BadCell::new("a time that breaks off", "write it as 08:05"));
                }
                if self.word(&[":", "分"]).is_some()
                    && let Some((s, _)) = self.number()
                {
                    second = s;
                    micros = self.fraction();
                    self.word(&["秒"]);
                }
            }
            (4, None) => (hour, minute) = (hour / 100, hour % 100),
            (6, None) => (hour, minute, second) = (hour / 10_000, hour / 100 % 100, hour % 100),
            _ => return Ok(None),
        }
        let half = before.or_else(|| self.word(&["AM", "PM", "上午", "下午"]));
        match half {
            Some("下午" | "晚上" | "傍晚" | "PM") if hour < 12 => hour += 12,
            Some("中午") if hour < 3 => hour += 12,
            Some("AM" | "凌晨" | "上午") if hour == 12 => hour = 0,
            _ => {}
        }
        if (hour, minute, second) == (24, 0, 0) {
            return Ok(Some((NaiveTime::MIN, true)));
        }
        Ok(Some((hms(hour, minute, second, micros)?, false)))
    }

    fn fraction(&mut self) -> u32 {
        if !self.rest.starts_with(['.', ',']) {
            return 0;
        }
        let digits = self.rest[1..].bytes().take_while(u8::is_ascii_digit).count();
        let micros = self.rest[1..=digits]
            .bytes()
            .chain(std::iter::repeat(b'0'))
            .take(6)
            .fold(0, |n, b| n * 10 + u32::from(b - b'0'));
        self.rest = &self.rest[1 + digits..];
        micros
    }

    fn zone(&mut self) -> Result<Option<FixedOffset>, BadCell> {
        let bad = || BadCell::new("a time zone that is not understood", "write it as Z or +08:00");
        if self.word(&["Z", "UTC"]).is_some() {
            return Ok(FixedOffset::east_opt(0));
        }
        let Some(sign) = self.word(&["+", "-"]) else { return Ok(None) };
        let (hours, minutes) = match self.number().ok_or_else(bad)? {
            (h, 1 | 2) => {
                (h, if self.word(&[":"]).is_some() { self.number().ok_or_else(bad)?.0 } else { 0 })
            }
            (n, 4) => (n / 100, n % 100),
            _ => return Err(bad()),
        };
        if hours > 15 || minutes > 59 {
            return Err(bad());
        }
        let east = (hours * 3600 + minutes * 60) as i32;
        FixedOffset::east_opt(if sign == "-" { -east } else { east }).map(Some).ok_or_else(bad)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(text: &str) -> String {
        match parse(text) {
            Ok(WrittenTime::Local(t)) => t.format("%Y-%m-%d %H:%M:%S%.f").to_string(),
            Ok(WrittenTime::Day(d)) => d.to_string(),
            Ok(WrittenTime::Instant(t)) => t.to_rfc3339(),
            Err(e) => e.reason,
        }
    }

    #[test]
    fn as_people_write() {
        for (text, meant) in [
            ("2025-03-01", "2025-03-01"),
            ("2025/3/1 8:05", "2025-03-01 08:05:00"),
            ("2025.3.1", "2025-03-01"),
            ("2025年3月1日", "2025-03-01"),
            ("2025年3月1日 8时5分", "2025-03-01 08:05:00"),
            ("2025年3月1日8点半", "2025-03-01 08:30:00"),
            ("2025年3月1日上午8:05", "2025-03-01 08:05:00"),
            ("2025年3月1日 下午3时", "2025-03-01 15:00:00"),
            ("2025/3/1 12:05 AM", "2025-03-01 00:05:00"),
            ("2025-03-01 星期六 08:05", "2025-03-01 08:05:00"),
            ("2025-03-01（周六）", "2025-03-01"),
            ("20250301", "2025-03-01"),
            ("202503010805", "2025-03-01 08:05:00"),
            ("20250301080500", "2025-03-01 08:05:00"),
            ("２０２５－０３－０１　０８：０５", "2025-03-01 08:05:00"),
            ("2025-03-01T08:05:00.25", "2025-03-01 08:05:00.250"),
            ("2025-03-01T08:05:00+08:00", "2025-03-01T00:05:00+00:00"),
            ("2025-03-01T08:05:00Z", "2025-03-01T08:05:00+00:00"),
            ("2025-03-01 08:05:00 +0800", "2025-03-01T00:05:00+00:00"),
            ("2025-03-01 24:00", "2025-03-02 00:00:00"),
            ("二〇二五年三月一日", "2025-03-01"),
            ("二○二五年十二月二十一日", "2025-12-21"),
            ("二零二五年十月廿一日 上午8时", "2025-10-21 08:00:00"),
            ("2025年元月5日", "2025-01-05"),
            ("2025年03月03日星期一", "2025-03-03"),
            ("2025—03—01", "2025-03-01"),
            ("2025/3/1 3:05 下午", "2025-03-01 15:05:00"),
            ("2025年 3月 1日 8 : 05", "2025-03-01 08:05:00"),
            ("2025年3月1日中午12点", "2025-03-01 12:00:00"),
            ("2025年3月1日凌晨12:30", "2025-03-01 00:30:00"),
            ("45717", "2025-03-01"),
            ("45717.5", "2025-03-01 12:00:00"),
            ("2024-02-29", "2024-02-29"),
        ] {
            assert_eq!(local(text), meant, "{text}");
        }
    }

    #[test]
    fn not_guessed() {
        for (text, reason) in [
            ("2025-02-30", "there is no 2025-02-30"),
            ("2025-02-29", "there is no 2025-02-29"),
            ("20251301", "there is no 2025-13-01"),
            ("民國104年3月1日", "Republic"),
            ("104/3/1", "Republic"),
            ("1040301", "Republic"),
            ("3/1/2025", "day and month first"),
            ("2025-3", "a month without day"),
            ("1700000000", "10 digits"),
            ("12345", "5 digits"),
            ("2025-03-01 25:00", "no time 25:00"),
            ("2025-03-01 08:", "breaks off"),
            ("2025-03-01 08:05 左右", "not understood"),
            ("2025-03-01T08:05+99:00", "zone"),
            ("昨天", "not a date"),
            ("3月1日", "without the year"),
            ("25-3-1", "day and month first"),
            ("01-MAR-25", "day and month first"),
            ("2025年3月1日左右", "after the day that is not understood"),
            ("2025-03-01至2025-03-07", "after the day"),
            ("2025-03-01、2025-03-02", "after the day"),
            ("2025年3月1日晚12点", "after the day"),
            ("2025年3月1日8时许", "after the time"),
            ("农历腊月初八", "lunar"),
            ("0000-00-00 00:00:00", "there is no 0000-00-00"),
            ("1767571500000", "seconds since 1970"),
            ("2025-W02", "without month and day"),
            ("Mar 1, 2025", "not a date"),
            ("二〇二五年十三月一日", "there is no 2025-13-01"),
            ("2025-03-01\u{1F600}", "after the day"),
        ] {
            assert!(local(text).contains(reason), "{text}: {}", local(text));
        }
    }

    #[test]
    fn gaps_are_refused_and_overlaps_take_the_earlier() {
        let zone = chrono_tz::America::New_York;
        let at = |t: &str| instant(parse(t).unwrap(), zone);
        assert!(at("2025-03-09 02:30").unwrap_err().reason.contains("does not exist"));
        let overlap = at("2025-11-02 01:30").unwrap();
        assert_eq!(
            DateTime::from_timestamp_micros(overlap).unwrap().to_rfc3339(),
            "2025-11-02T05:30:00+00:00"
        );
        // The day began at one o'clock.
        let day = instant(parse("2018-11-04").unwrap(), chrono_tz::America::Sao_Paulo).unwrap();
        assert_eq!(
            DateTime::from_timestamp_micros(day).unwrap().to_rfc3339(),
            "2018-11-04T03:00:00+00:00"
        );
    }

    #[test]
    fn date_and_time_in_two_columns() {
        let text = |t: &'static str| Cell::Text(t.into());
        let joined = |date: &Cell, time: &Cell| join(when(date).unwrap(), time);
        let eight = WrittenTime::Local("2025-03-01T08:05:00".parse().unwrap());
        assert_eq!(joined(&text("2025-03-01"), &text("8:05")), Ok(eight));
        assert_eq!(joined(&text("2025年3月1日"), &text("上午8时5分")), Ok(eight));
        assert_eq!(joined(&text("2025-03-01 00:00:00"), &text("0805")), Ok(eight));
        assert_eq!(joined(&Cell::Float(45717.0), &Cell::Float(485.0 / 1440.0)), Ok(eight));
        assert_eq!(joined(&text("2025-03-01"), &Cell::Empty), parse("2025-03-01"));
        assert!(joined(&text("2025-03-01"), &text("早")).is_err());
    }
}
