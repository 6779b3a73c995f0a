//! What is known of each source of a domain, and what its sources are together.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use datafusion::arrow::datatypes::Date32Type;

use super::arrivals::Arrivals;
use super::deliveries::{Feed, Gap, State, assess};
use super::history::{Known, teaching_days};
use super::schedule::{Deliveries, Schedule};
use crate::panel::{Period, Unit};
use lake::schema::Basis;

/// Share of a domain's events of the last year from which a source's gaps are the domain's.
const PRINCIPAL: f64 = 0.1;
/// Share of a domain's events of the last year that sources must carry for the domain to have
/// begun.
const BEGUN: f64 = 0.8;
/// Days after which a source that delivers nothing has ended, and no longer keeps its domain from
/// counting.
const ENDED: i64 = 180;
/// Share of a day's events in the domain that must teach delays for the day to teach them.
const TEACHING: f64 = 0.8;

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
    pub deliveries: Deliveries,
}

impl SourceFeed {
    /// The first of the days up to the as-of day of which nothing came that was due; `None` where
    /// none of that day is missing.
    pub fn missing_since(&self, today: NaiveDate) -> Option<NaiveDate> {
        let days = std::iter::successors(Some(today), NaiveDate::pred_opt);
        let missing = self
            .gaps
            .iter()
            .rev()
            .zip(days)
            .take_while(|(gap, day)| gap.state == State::Missing && gap.day == *day);
        missing.last().map(|(gap, _)| gap.day)
    }

    /// Since when a delivery is overdue; `None` where none is.
    pub fn overdue_since(&self, today: NaiveDate) -> Option<NaiveDate> {
        match self.schedule {
            Some(schedule) => Some(schedule.overdue).filter(|day| *day <= today),
            None => self.missing_since(today),
        }
    }

    /// Whether nothing has come of it for long.
    pub fn has_ended(&self, today: NaiveDate) -> bool {
        self.missing_since(today).is_some_and(|day| (today - day).num_days() >= ENDED)
    }
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
            deliveries: Deliveries::default(),
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
        self.schedules().map(|schedule| schedule.through).fold(today, NaiveDate::min)
    }

    /// Whether the domain is judged on this night: one that comes in batches is, on the day a batch
    /// came.
    pub fn is_judged(&self, today: NaiveDate) -> bool {
        let all_daily = self.schedules().next().is_none();
        !self.is_totals()
            && (all_daily || self.schedules().any(|schedule| schedule.delivered == today))
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

    /// When those of them that deliver in batches do.
    fn schedules(&self) -> impl Iterator<Item = Schedule> {
        self.of_events().filter_map(|source| source.schedule)
    }

    /// When the next batch is overdue, of the source that is next.
    pub fn overdue(&self) -> Option<NaiveDate> {
        self.schedules().map(|schedule| schedule.overdue).min()
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

/// What the sources of each domain are together, as of a day; `deliveries` are those of domain and
/// source.
pub fn domain_feeds(
    arrivals: BTreeMap<(&'static str, String), Arrivals>,
    deliveries: &BTreeMap<(String, String), Deliveries>,
    today: NaiveDate,
) -> BTreeMap<&'static str, DomainFeed> {
    let mut of_domain: BTreeMap<&'static str, Vec<Source>> = BTreeMap::new();
    for (domain, handed) in handed_over(arrivals) {
        let deliveries = deliveries.get(&(domain.to_owned(), handed.name.clone()));
        of_domain.entry(domain).or_default().extend(Source::new(handed, deliveries, today));
    }
    of_domain.retain(|_, sources| !sources.is_empty());
    of_domain.into_iter().map(|(domain, sources)| (domain, joined(sources, today))).collect()
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
    // A feed's first day is looked for among all its days.
    sources.sort_by_cached_key(|(domain, source)| (*domain, source.arrivals.first()));
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
    /// Days whose delays say how late it reports.
    teaching: BTreeSet<i32>,
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
        let teaching = teaching_days(arrivals.known());
        let feed = arrivals.feed(through, today, &teaching)?;
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
            deliveries: deliveries.cloned().unwrap_or_default(),
        };
        Some(Source { name, arrivals, feed, teaching })
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
        gaps_between(month.start, month.end, State::Missing, &reason)
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
    gaps_between(first, today, state, &reason)
}

/// Days that do not count for one reason, of which nothing is expected.
fn gaps_between(first: NaiveDate, last: NaiveDate, state: State, reason: &str) -> Vec<Gap> {
    let gap = |day| Gap { day, state, reason: reason.to_owned(), expected: 0.0, observed: 0.0 };
    first.iter_days().take_while(|day| *day <= last).map(gap).collect()
}

/// What the sources of a domain are together.
fn joined(mut sources: Vec<Source>, today: NaiveDate) -> DomainFeed {
    let live: f64 = sources.iter().map(|s| s.arrivals.events).sum();
    let all_ended = sources.iter().all(|s| s.feed.has_ended(today));
    for source in &mut sources {
        let carries = source.arrivals.events >= PRINCIPAL * live;
        source.feed.principal = carries && (all_ended || !source.feed.has_ended(today));
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
        for (day, known) in source.arrivals.known() {
            let events: f64 = known.iter().map(|k| k.events).sum();
            let (all, teaching) = of_day.entry(*day).or_default();
            *all += events;
            *teaching += if source.teaching.contains(day) { events } else { 0.0 };
        }
    }
    let untaught = of_day.into_iter().filter(|(_, (all, taught))| *taught < TEACHING * all);
    untaught.filter_map(|(day, _)| Date32Type::to_naive_date_opt(day)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_that_was_silent_for_a_week_long_ago_has_not_ended() {
        let day = |text: &str| -> NaiveDate { text.parse().unwrap() };
        let source = |first: &str, last: &str| {
            let gaps = gaps_between(day(first), day(last), State::Missing, "nothing arrived");
            DomainFeed::daily("disputes", day("2024-01-01"), gaps).sources["disputes"].clone()
        };
        let today = day("2026-01-31");
        let long_ago = source("2025-03-01", "2025-03-07");
        assert_eq!(long_ago.missing_since(today), None);
        assert!(!long_ago.has_ended(today));
        let lately = source("2026-01-20", "2026-01-31");
        assert_eq!(lately.missing_since(today), Some(day("2026-01-20")));
        assert!(!lately.has_ended(today));
        assert!(source("2025-07-01", "2026-01-31").has_ended(today));
    }
}
