//! Coverage: which days of each domain's feed count, and the table that says so.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{Datelike, Days, NaiveDate};
use chrono_tz::Tz;
use datafusion::arrow::array::{
    ArrayRef, AsArray, Date32Array, Float64Array, RecordBatch, StringArray,
};
use datafusion::arrow::datatypes::Date32Type;

use super::arrivals::{Arrivals, read_arrivals};
use super::deliveries::{Feed, Gap, State, assess};
use super::history::{Known, teaching};
use super::schedule::{Deliveries, Schedule};
use crate::panel::{CountedDays, Period, Places, Unit};
use lake::Result;
use lake::areas::{Area, Register};
use lake::schema::{Basis, DOMAINS, Domain};
use lake::{AsOf, Derived, Lake, Limits, Session, text};

/// Share of a domain's events of the last year from which a source's gaps are the domain's.
const PRINCIPAL: f64 = 0.1;
/// Share of a domain's events of the last year that sources must carry for the domain to have begun.
const BEGUN: f64 = 0.8;
/// Days after which a source that delivers nothing has ended, and no longer keeps its domain from
/// counting.
const ENDED: i64 = 180;
/// Share of a day's events in the domain that must teach delays for the day to teach them.
const TEACHING: f64 = 0.8;

/// Coverage of all domains as of a time.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// Of each domain that ever delivered.
    pub feeds: BTreeMap<&'static str, DomainFeed>,
}

/// What is known of a domain's deliveries.
#[derive(Clone, Debug, Default)]
pub struct DomainFeed {
    /// The day on which sources that carry most of it had begun.
    pub first: NaiveDate,
    /// The days that do not count, in order: those of any source that carries a good part of it.
    pub gaps: Vec<Gap>,
    /// The same of the sources that deliver events, not totals: detection looks at these alone.
    pub event_gaps: Vec<Gap>,
    pub sources: BTreeMap<String, SourceFeed>,
    /// The day on which each category's sources had begun, where that is after the domain.
    begins: BTreeMap<String, NaiveDate>,
    /// Days whose delays say nothing of how late the domain is reported.
    untaught: BTreeSet<NaiveDate>,
}

/// What is known of one source's deliveries.
#[derive(Clone, Debug)]
pub struct SourceFeed {
    pub first: NaiveDate,
    pub gaps: Vec<Gap>,
    /// `None` where it delivers day by day.
    pub schedule: Option<Schedule>,
    /// Whether it delivers the totals of months, not events.
    pub totals: bool,
    /// Whether it carries a good part of the domain.
    pub principal: bool,
    /// Events of the last year whose time of recording is assumed.
    pub assumed: f64,
    /// Days long before its first that have a few events.
    pub strays: usize,
}

impl DomainFeed {
    /// The feed of a domain whose only source delivers events day by day.
    pub fn daily(source: &str, first: NaiveDate, gaps: Vec<Gap>) -> DomainFeed {
        let feed = SourceFeed {
            first,
            gaps: gaps.clone(),
            schedule: None,
            totals: false,
            principal: true,
            assumed: 0.0,
            strays: 0,
        };
        DomainFeed {
            first,
            event_gaps: gaps.clone(),
            gaps,
            sources: BTreeMap::from([(source.to_owned(), feed)]),
            ..DomainFeed::default()
        }
    }

    /// Last day up to which detection can look: the last day that the batches of all sources reach,
    /// or the as-of day.
    pub fn through(&self, today: NaiveDate) -> NaiveDate {
        let schedules = self.of_events().filter_map(|source| source.schedule);
        schedules.map(|schedule| schedule.through).fold(today, NaiveDate::min)
    }

    /// Whether the domain is judged on this night: one that comes in batches is, on the day a batch
    /// came.
    pub fn is_judged(&self, today: NaiveDate) -> bool {
        let mut sources = self.of_events().peekable();
        let all_daily = self.of_events().all(|source| source.schedule.is_none());
        sources.peek().is_some()
            && (all_daily
                || sources.filter_map(|s| s.schedule).any(|schedule| schedule.delivered == today))
    }

    /// Whether a good part of it is known as totals of months.
    pub fn has_totals(&self) -> bool {
        self.sources.values().any(|source| source.principal && source.totals)
    }

    /// Whether nothing of it but totals is known.
    pub fn is_totals(&self) -> bool {
        self.of_events().next().is_none()
    }

    /// Names of the sources that deliver totals.
    pub fn totals(&self) -> impl Iterator<Item = &str> {
        self.sources.iter().filter(|(_, source)| source.totals).map(|(name, _)| name.as_str())
    }

    /// The sources that carry a good part of it and deliver events.
    fn of_events(&self) -> impl Iterator<Item = &SourceFeed> {
        self.sources.values().filter(|source| source.principal && !source.totals)
    }

    /// When the next batch is overdue, of the source that is next.
    pub fn overdue(&self) -> Option<NaiveDate> {
        self.of_events().filter_map(|s| s.schedule).map(|schedule| schedule.overdue).min()
    }

    /// The day from which a category is known, where that is after the domain's first.
    pub fn begins(&self, category: &str) -> Option<NaiveDate> {
        self.begins.get(category).copied()
    }

    /// Whether the delays of a day's events say how late the domain is reported.
    pub fn teaches_delays(&self, day: NaiveDate) -> bool {
        !self.untaught.contains(&day)
    }
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
        let mut of_domain: BTreeMap<&'static str, Vec<Source>> = BTreeMap::new();
        for (domain, handed) in handed_over(arrivals) {
            let deliveries = deliveries.get(&(domain.to_owned(), handed.name.clone()));
            let source = Source::new(handed, deliveries, as_of.day);
            of_domain.entry(domain).or_default().extend(source);
        }
        let feeds = of_domain.into_iter().filter(|(_, sources)| !sources.is_empty());
        Ok(Coverage {
            feeds: feeds.map(|(domain, sources)| (domain, joined(sources, as_of.day))).collect(),
        })
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

/// A source of a domain, those that it took over from among its arrivals.
struct HandedOver {
    name: String,
    arrivals: Arrivals,
}

/// The sources of each domain. One that ends where another begins, which brings about as much, was
/// handed over to it: a history in one file, and what came since in a department's own.
fn handed_over(
    arrivals: BTreeMap<(&'static str, String), Arrivals>,
) -> Vec<(&'static str, HandedOver)> {
    let mut sources: Vec<(&'static str, HandedOver)> = arrivals
        .into_iter()
        .filter(|(_, arrivals)| arrivals.first().is_some())
        .map(|((domain, name), arrivals)| (domain, HandedOver { name, arrivals }))
        .collect();
    sources.sort_by_key(|(domain, source)| (*domain, source.arrivals.first()));
    let mut kept: Vec<(&'static str, HandedOver)> = Vec::new();
    for (domain, source) in sources {
        let before = kept.iter_mut().find(|(of, before)| {
            *of == domain && before.arrivals.is_handed_over_to(&source.arrivals)
        });
        match before {
            Some((_, before)) => {
                before.name = source.name;
                before.arrivals.extend(source.arrivals);
            }
            None => kept.push((domain, source)),
        }
    }
    kept
}

/// One source of a domain, assessed.
struct Source {
    name: String,
    arrivals: Arrivals,
    feed: SourceFeed,
}

impl Source {
    /// `None` where it has no event up to the last day of its deliveries.
    fn new(
        handed: HandedOver,
        deliveries: Option<&Deliveries>,
        today: NaiveDate,
    ) -> Option<Source> {
        let HandedOver { name, arrivals } = handed;
        let schedule = deliveries.and_then(Deliveries::schedule);
        let totals = deliveries.is_some_and(|deliveries| deliveries.totals);
        let through = schedule.map_or(today, |schedule| schedule.through.min(today));
        let feed = arrivals.feed(through, today)?;
        let mut gaps = if totals { months_without(&feed) } else { assess(&feed) };
        if let Some(schedule) = schedule {
            gaps.extend(since(&schedule, through, today));
        }
        let first = Date32Type::from_naive_date(feed.first);
        let assumed = |known: &Known| known.basis == Basis::Assumed;
        let feed = SourceFeed {
            first: feed.first,
            gaps,
            schedule,
            totals,
            principal: false,
            assumed: arrivals
                .known()
                .values()
                .flatten()
                .filter(|k| assumed(k))
                .map(|k| k.events)
                .sum(),
            strays: arrivals.known().range(..first).count(),
        };
        Some(Source { name, arrivals, feed })
    }

    /// Whether nothing has come of it for long.
    fn has_ended(&self, today: NaiveDate) -> bool {
        let missing = self.feed.gaps.iter().rev().take_while(|gap| gap.state == State::Missing);
        missing.last().is_some_and(|gap| (today - gap.day).num_days() >= ENDED)
    }
}

/// The days of the months of which a source of totals delivered none.
fn months_without(feed: &Feed) -> Vec<Gap> {
    let Some(last) = feed.total.len().checked_sub(1) else { return Vec::new() };
    let months = Unit::Month.periods(feed.first, feed.first + Days::new(last as u64));
    let at = |day: NaiveDate| usize::try_from((day - feed.first).num_days()).unwrap_or(0);
    let empty = |month: &&Period| {
        feed.total[at(month.start)..=at(month.end).min(last)].iter().all(|n| *n == 0.0)
    };
    let days = |month: &Period| {
        let reason = format!("{}: no totals of this month were delivered", month.name);
        month
            .start
            .iter_days()
            .take_while(|day| *day <= month.end)
            .map(|day| Gap {
                day,
                state: State::Missing,
                reason: reason.clone(),
                expected: 0.0,
                observed: 0.0,
            })
            .collect::<Vec<_>>()
    };
    months.iter().filter(empty).flat_map(days).collect()
}

/// The days after the last one that a source in batches has delivered.
fn since(schedule: &Schedule, through: NaiveDate, today: NaiveDate) -> Vec<Gap> {
    let (first, delivered) = (through + Days::new(1), schedule.delivered);
    let overdue = today >= schedule.overdue;
    let (state, reason) = match overdue {
        true => (
            State::Missing,
            format!(
                "{first} to {today}: the delivery after that of {delivered} is overdue since {}",
                schedule.overdue
            ),
        ),
        false => (
            State::NotDue,
            format!("{first} to {today}: not yet due; delivered up to {through} on {delivered}"),
        ),
    };
    first
        .iter_days()
        .take_while(|day| *day <= today)
        .map(|day| Gap { day, state, reason: reason.clone(), expected: 0.0, observed: 0.0 })
        .collect()
}

/// What the sources of a domain are together.
fn joined(mut sources: Vec<Source>, today: NaiveDate) -> DomainFeed {
    let live: f64 = sources.iter().map(|s| s.arrivals.events).sum();
    let all_ended = sources.iter().all(|s| s.has_ended(today));
    for source in &mut sources {
        let carries = source.arrivals.events >= PRINCIPAL * live;
        source.feed.principal = carries && (all_ended || !source.has_ended(today));
    }
    let mut firsts: Vec<(NaiveDate, f64)> =
        sources.iter().map(|s| (s.feed.first, s.arrivals.events)).collect();
    firsts.sort_by_key(|(first, _)| *first);
    let mut begun = 0.0;
    let first = firsts.iter().find(|(_, events)| {
        begun += events;
        begun >= BEGUN * live
    });
    let first = first.or(firsts.first()).map_or(today, |(first, _)| *first);
    DomainFeed {
        first,
        gaps: joined_gaps(&sources, first, |_| true),
        event_gaps: joined_gaps(&sources, first, |source| !source.feed.totals),
        begins: category_begins(&sources, first),
        untaught: untaught_days(&sources),
        sources: sources.into_iter().map(|s| (s.name, s.feed)).collect(),
    }
}

/// The gaps of the sources that carry a good part of the domain; of two on one day, that of the one
/// that is further from counting.
fn joined_gaps(sources: &[Source], first: NaiveDate, of: fn(&Source) -> bool) -> Vec<Gap> {
    let mut gaps: BTreeMap<NaiveDate, Gap> = BTreeMap::new();
    let several = sources.iter().filter(|s| s.feed.principal).count() > 1;
    for source in sources.iter().filter(|s| s.feed.principal && of(s)) {
        for gap in source.feed.gaps.iter().filter(|gap| gap.day >= first) {
            let mut gap = gap.clone();
            if several {
                gap.reason = format!("{}: {}", source.name, gap.reason);
            }
            // `Late` alone leaves a day to detection.
            let further = |known: &Gap| known.state == State::Late && gap.state != State::Late;
            if gaps.get(&gap.day).is_none_or(further) {
                gaps.insert(gap.day, gap);
            }
        }
    }
    gaps.into_values().collect()
}

/// Of each category the day on which the sources that carry most of it had begun, where that is
/// after the domain's first.
fn category_begins(sources: &[Source], first: NaiveDate) -> BTreeMap<String, NaiveDate> {
    let mut begins = BTreeMap::new();
    let categories: BTreeSet<&str> = sources.iter().flat_map(|s| s.arrivals.categories()).collect();
    for category in categories {
        let of = |s: &Source| s.arrivals.of_category(category);
        let all: f64 = sources.iter().map(of).sum();
        let carrying = sources.iter().filter(|s| of(s) >= (1.0 - BEGUN) * all);
        if let Some(begin) = carrying.map(|s| s.feed.first).max().filter(|day| *day > first) {
            begins.insert(category.to_owned(), begin);
        }
    }
    begins
}

/// Days of which most events came with a history, an export or a batch.
fn untaught_days(sources: &[Source]) -> BTreeSet<NaiveDate> {
    let mut of_day: BTreeMap<i32, (f64, f64)> = BTreeMap::new();
    for source in sources {
        let taught: BTreeSet<i32> =
            teaching(source.arrivals.known()).map(|(day, _)| *day).collect();
        for (day, known) in source.arrivals.known() {
            let events: f64 = known.iter().map(|k| k.events).sum();
            let (all, teaching) = of_day.entry(*day).or_default();
            *all += events;
            *teaching += if taught.contains(day) { events } else { 0.0 };
        }
    }
    let untaught = of_day.into_iter().filter(|(_, (all, taught))| *taught < TEACHING * all);
    untaught.filter_map(|(day, _)| Date32Type::to_naive_date_opt(day)).collect()
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
