//! Coverage: which days of each domain's feed count, and the table that says so.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};
use chrono_tz::Tz;
use datafusion::arrow::array::{
    ArrayRef, AsArray, Date32Array, Float64Array, RecordBatch, StringArray,
};
use datafusion::arrow::datatypes::Date32Type;

use super::arrivals::read_arrivals;
use super::deliveries::{Gap, State};
use super::schedule::Deliveries;
use super::sources::{DomainFeed, domain_feeds};
use crate::panel::{CountedDays, Period, Places, Unit};
use lake::Result;
use lake::areas::{Area, Register};
use lake::schema::{DOMAINS, Domain};
use lake::{AsOf, Derived, Lake, Limits, Session, text};

/// Coverage of all domains as of a time.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// Of each domain that ever delivered.
    pub feeds: BTreeMap<&'static str, DomainFeed>,
}

impl Coverage {
    /// Reads every source's feed from the panel as of a time and assesses its days. `level` is the
    /// level of areas that a feed must cover, `zone` the one in which days of delivery begin.
    ///
    /// # Errors
    /// [`lake::Error::Delta`], [`lake::Error::Query`].
    pub fn read(
        lake: &Lake,
        register: &Register,
        level: &str,
        as_of: &AsOf,
        zone: Tz,
        limits: &Limits,
    ) -> Result<Coverage> {
        let mut areas: Vec<&Area> = register.at_level(level).collect();
        areas.sort_by(|a, b| a.code.cmp(&b.code));
        let arrivals = read_arrivals(lake, &Places::new(register, &areas), as_of, limits)?;
        let deliveries = Deliveries::read(lake, as_of, zone, limits)?;
        Ok(Coverage { feeds: domain_feeds(arrivals, &deliveries, as_of.day) })
    }

    /// Of each domain, the days that count in each of the periods.
    pub fn counted_days(&self, periods: &[Period]) -> CountedDays {
        let of_periods = |domain: &&'static str| {
            let days = |period: &Period| self.days(domain, period.start, period.end);
            (*domain, periods.iter().map(days).collect())
        };
        self.feeds.keys().map(of_periods).collect()
    }

    /// Domains that never delivered an event.
    pub fn not_delivered(&self) -> Vec<&'static Domain> {
        DOMAINS.iter().filter(|d| !self.feeds.contains_key(d.id)).collect()
    }

    /// Domains of which anything is known.
    pub fn domains(&self) -> BTreeSet<&'static str> {
        self.feeds.keys().copied().collect()
    }

    /// Day of the first event of any domain.
    pub fn first_day(&self) -> Option<NaiveDate> {
        self.feeds.values().map(|feed| feed.first).min()
    }

    /// Rows of the `coverage` table.
    ///
    /// # Errors
    /// [`lake::Error::Arrow`].
    pub fn to_batch(&self) -> Result<RecordBatch> {
        let own = self
            .feeds
            .iter()
            .flat_map(|(domain, feed)| feed.gaps.iter().map(move |gap| (*domain, None, gap)));
        // A domain's only source says nothing that the domain does not.
        let several = self.feeds.iter().filter(|(_, feed)| feed.sources.len() > 1);
        let of_sources = several.flat_map(|(domain, feed)| {
            feed.sources.iter().flat_map(move |(name, source)| {
                source.gaps.iter().map(move |gap| (*domain, Some(name.as_str()), gap))
            })
        });
        let rows: Vec<(&str, Option<&str>, &Gap)> = own.chain(of_sources).collect();
        let texts = |of: fn(&Gap) -> &str| -> ArrayRef {
            Arc::new(StringArray::from_iter_values(rows.iter().map(|(_, _, gap)| of(gap))))
        };
        let counts = |of: fn(&Gap) -> f64| -> ArrayRef {
            Arc::new(Float64Array::from_iter_values(rows.iter().map(|(_, _, gap)| of(gap))))
        };
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from_iter_values(rows.iter().map(|(domain, _, _)| *domain))),
            Arc::new(Date32Array::from_iter_values(
                rows.iter().map(|(_, _, gap)| Date32Type::from_naive_date(gap.day)),
            )),
            Arc::new(StringArray::from_iter(rows.iter().map(|_| None::<&str>))),
            texts(|gap| gap.state.name()),
            texts(|gap| &gap.reason),
            counts(|gap| gap.expected),
            counts(|gap| gap.observed),
            Arc::new(StringArray::from_iter(rows.iter().map(|(_, source, _)| *source))),
        ];
        Ok(RecordBatch::try_new(Derived::Coverage.schema(), columns)?)
    }

    /// Compares this with the table `coverage` as it was last written.
    ///
    /// # Errors
    /// [`lake::Error::Delta`], [`lake::Error::Query`].
    pub fn compare(&self, lake: &Lake, limits: &Limits) -> Result<CoverageChange<'_>> {
        let written = written_gaps(lake, limits)?;
        let gaps = |(domain, feed): (&&str, &DomainFeed)| {
            feed.gaps.iter().map(|gap| (domain.to_string(), gap.day)).collect::<Vec<_>>()
        };
        let now: BTreeSet<(String, NaiveDate)> = self.feeds.iter().flat_map(gaps).collect();
        let differing = written.symmetric_difference(&now);
        let months = differing.filter_map(|(_, day)| day.with_day(1)).collect();
        Ok(CoverageChange { coverage: self, months })
    }

    /// Days of `[start, end]` on which a domain's feed counts.
    pub fn days(&self, domain: &str, start: NaiveDate, end: NaiveDate) -> Vec<NaiveDate> {
        let Some(feed) = self.feeds.get(domain) else { return Vec::new() };
        let days = days_but(feed.first, feed.gaps.iter(), start, end);
        match feed.has_totals() {
            // A month's total is known of the month alone.
            true => days.into_iter().filter(|day| lies_within(*day, start, end)).collect(),
            false => days,
        }
    }

    /// Days of `[start, end]` on which a domain's feed delivered: those that count, and the last
    /// ones, of which more is still to come.
    pub fn delivered(&self, domain: &str, start: NaiveDate, end: NaiveDate) -> Vec<NaiveDate> {
        let Some(feed) = self.feeds.get(domain) else { return Vec::new() };
        let gaps = feed.event_gaps.iter().filter(|gap| gap.state != State::Late);
        days_but(feed.first, gaps, start, end)
    }

    /// Why days of `[start, end]` do not count or are not whole, each reason once, in order.
    pub fn reasons(&self, domain: &str, start: NaiveDate, end: NaiveDate) -> Vec<&str> {
        let gaps = self.feeds.get(domain).map_or(&[][..], |feed| feed.gaps.as_slice());
        let mut reasons: Vec<&str> = gaps
            .iter()
            .filter(|g| (start..=end).contains(&g.day))
            .map(|g| g.reason.as_str())
            .collect();
        reasons.dedup();
        reasons
    }
}

/// Coverage beside the table `coverage` as it was last written, and the months in which they
/// differ.
///
/// A month is scored again where its covered days have changed since it was last scored, and the
/// table says what they were then. So scoring borrows this, and writing the table, which is
/// possible in no other way, consumes it: a table written before the scores does not compile.
///
/// ```compile_fail,E0382
/// use lake::{Lake, Result};
/// use pingan::feeds::CoverageChange;
///
/// fn written_too_early(change: CoverageChange, lake: &Lake) -> Result<usize> {
///     change.write(lake)?;
///     Ok(change.months().len())
/// }
/// ```
#[derive(Debug)]
pub struct CoverageChange<'a> {
    coverage: &'a Coverage,
    months: BTreeSet<NaiveDate>,
}

impl CoverageChange<'_> {
    /// First days of the months with a day that counts now and did not before, or the reverse.
    pub fn months(&self) -> &BTreeSet<NaiveDate> {
        &self.months
    }

    /// Replaces the table `coverage`.
    ///
    /// # Errors
    /// [`lake::Error::Delta`].
    pub fn write(self, lake: &Lake) -> Result<()> {
        lake.derived(Derived::Coverage)?.replace(&self.coverage.to_batch()?, |_| true, &[])?;
        Ok(())
    }
}

/// Domains and days of the table `coverage`.
fn written_gaps(lake: &Lake, limits: &Limits) -> Result<BTreeSet<(String, NaiveDate)>> {
    let session = Session::new(lake, limits)?;
    session.register_table("written", &lake.derived(Derived::Coverage)?)?;
    let mut written = BTreeSet::new();
    session.stream(
        session.sql("select domain, day from written where source is null")?,
        |batch| {
            let (domains, days) = (text(&batch, 0)?, batch.column(1).as_primitive::<Date32Type>());
            let rows = domains.as_string_view().iter().zip(days.iter());
            written.extend(rows.filter_map(|(domain, day)| {
                Some((domain?.to_owned(), Date32Type::to_naive_date_opt(day?)?))
            }));
            Ok(())
        },
    )?;
    Ok(written)
}

/// Whether the month of a day lies within these days.
fn lies_within(day: NaiveDate, start: NaiveDate, end: NaiveDate) -> bool {
    let month = Unit::Month.period(day, NaiveDate::MAX);
    month.start >= start && month.end <= end
}

fn days_but<'a>(
    first: NaiveDate,
    gaps: impl Iterator<Item = &'a Gap>,
    start: NaiveDate,
    end: NaiveDate,
) -> Vec<NaiveDate> {
    let gone: BTreeSet<NaiveDate> = gaps.map(|g| g.day).collect();
    start.max(first).iter_days().take_while(|d| *d <= end).filter(|d| !gone.contains(d)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(s: &str) -> NaiveDate {
        s.parse().unwrap()
    }

    fn without(days: &[&str]) -> Coverage {
        let gap = |d: &&str| Gap {
            day: day(d),
            state: State::Missing,
            reason: "nothing arrived".to_owned(),
            expected: 3.0,
            observed: 0.0,
        };
        let gaps = days.iter().map(gap).collect();
        let feed = DomainFeed::daily("disputes", day("2025-01-01"), gaps);
        Coverage { feeds: BTreeMap::from([("disputes", feed)]) }
    }

    #[test]
    fn months_are_due_until_the_table_says_what_they_were_scored_by() {
        let (folder, limits) = (tempfile::tempdir().unwrap(), Limits::default());
        let lake = Lake::open(folder.path(), &limits).unwrap();
        let (old, new) = (without(&["2025-02-03", "2025-04-05"]), without(&["2025-02-03"]));
        old.compare(&lake, &limits).unwrap().write(&lake).unwrap();

        let april = BTreeSet::from([day("2025-04-01")]);
        // A night that stops before it writes the table leaves the month due for the next.
        assert_eq!(*new.compare(&lake, &limits).unwrap().months(), april);
        let change = new.compare(&lake, &limits).unwrap();
        assert_eq!(*change.months(), april);
        change.write(&lake).unwrap();
        assert!(new.compare(&lake, &limits).unwrap().months().is_empty());
    }
}
