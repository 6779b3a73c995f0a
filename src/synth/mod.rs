//! A workspace with a simulated county whose truth is known: ten domains of events, departments'
//! untidy files, and `truth/`.

mod county;
mod county_rise;
mod courses;
mod deliveries;
mod events;
mod festival;
mod habits;
mod handling;
mod incidents;
mod layouts;
mod ledger;
mod merger;
mod parquet;
mod people;
mod rates;
mod simulate;
mod streams;
mod truth;
mod untidy;
mod usual;
mod version;
mod words;

use std::path::Path;

use chrono::{
    DateTime, Datelike, Months, NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc,
};

use crate::workspace::{Config, Workspace};
use lake::areas::{Register, divisions};
use lake::error::At;
use lake::schema::DOMAINS;
use lake::{Error, Result};

use county::County;
pub use county_rise::CountyRise;
use deliveries::Departments;
use habits::Habits;
pub use habits::{HABITS, Habit, Practice};
use incidents::Plan;
use ledger::Ledger;
pub use ledger::{Entry, Simulated};
use merger::Merger;
use rates::{RHYTHMS, Rates, Silence};
use simulate::{Feed, Outcome};
pub use truth::Truth;
pub use usual::Usual;
use version::{Minute, Version};
use words::Words;

/// Fewest events with which a county can be simulated.
const FEWEST: usize = 500;

/// What to simulate.
#[derive(Clone, Debug)]
pub struct Params {
    /// Six-digit code of the county.
    pub county: String,
    /// First and last day on which events occur.
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// Events in all, those of incidents included.
    pub events: usize,
    /// From this day of recording on, files are the departments' untidy ones; default the last two
    /// calendar months.
    pub inbox_from: Option<NaiveDate>,
    pub seed: u64,
    /// Whether single townships have bursts, rises and the like.
    pub incidents: bool,
    /// What rises in all townships.
    pub rises: Vec<CountyRise>,
}

/// What was written.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Summary {
    pub townships: usize,
    pub events: usize,
    /// Rows: events and their later versions.
    pub versions: usize,
    pub incidents: usize,
    /// Events that belong to incidents.
    pub injected: usize,
    pub files: usize,
    /// Rows that no ingest may accept.
    pub bad_rows: usize,
}

/// Makes a new workspace at `dir` and simulates a county into its inbox. The same parameters give
/// the same bytes.
///
/// # Errors
/// [`Error::Usage`] where the parameters contradict each other, the county is unknown or `dir` is a
/// workspace already; [`Error::Io`] where it cannot be written.
pub fn synth(dir: &Path, params: &Params) -> Result<Summary> {
    let planned = Planned::new(params)?;
    let Planned { span, county, .. } = &planned;
    let workspace = planned.workspace(dir, params, &county.register)?;
    let mut outcome = Outcome::default();
    for (rates, quota) in planned.rates.iter().zip(planned.quotas()) {
        let mut feed = Feed::new(&workspace, span, county, rates.domain);
        simulate::domain(&planned, rates, quota, &mut outcome, &mut |known| feed.take(known))?;
        feed.finish(&mut outcome)?;
    }
    untidy::write_mappings(&workspace)?;
    truth::write(&workspace.root.join("truth"), &planned.truth(), &outcome)?;
    Ok(planned.summary(&outcome))
}

/// Makes a new workspace at `dir` and simulates the same county into `deliveries/NIGHT/`, as
/// departments of these habits would deliver its events: what was recorded before
/// [`Params::inbox_from`] the day before it, the rest on the nights on which it comes. The control
/// is the county in which each event comes on the night it was recorded: under a habit that adds
/// rows which are no events, without them; under a merger of townships, one that always had the
/// heir. The register from a merger on lies in `registers/NIGHT/`.
///
/// # Errors
/// As [`synth`].
pub fn deliver(
    dir: &Path,
    params: &Params,
    practices: &[Practice],
    control: bool,
) -> Result<Summary> {
    let planned = Planned::new(params)?;
    let Planned { span, county, .. } = &planned;
    let merges = practices.iter().any(|p| p.habit == Habit::Merger);
    let day = span.inbox_from + TimeDelta::days(Habit::Merger.begins());
    let merger = merges.then(|| Merger::new(county, day)).transpose()?;
    let workspace = match &merger {
        Some(merger) if control => {
            planned.workspace(dir, params, &merger.register_of_heir(county)?)?
        }
        _ => planned.workspace(dir, params, &county.register)?,
    };
    if let Some(merger) = merger.as_ref().filter(|_| !control) {
        merger.write_register(county, &workspace.root)?;
    }
    let (words, mut outcome) = (Words::load(&workspace)?, Outcome::default());
    let (root, mappings) = (workspace.root.join("deliveries"), workspace.mappings());
    std::fs::create_dir_all(&mappings).at(&mappings)?;
    for (rates, quota) in planned.rates.iter().zip(planned.quotas()) {
        let mut versions: Vec<Version> = Vec::new();
        simulate::domain(&planned, rates, quota, &mut outcome, &mut |mut known| {
            versions.append(&mut known);
            Ok(())
        })?;
        let habits = Habits::of(practices, DOMAINS[rates.domain].id);
        let number = rates.domain;
        let departments =
            Departments::new(span, county, &words, number, habits, merger.as_ref(), control);
        outcome.files += departments.deliver(&root, &mappings, versions)?;
    }
    truth::write(&workspace.root.join("truth"), &planned.truth(), &outcome)?;
    Ok(planned.summary(&outcome))
}

/// The same county in memory: no workspace is made, and only what is counted is kept.
///
/// # Errors
/// As [`synth`], where the parameters are wrong.
pub fn simulated(params: &Params) -> Result<Simulated> {
    let planned = Planned::new(params)?;
    let (mut outcome, mut ledger) = (Outcome::default(), Ledger::new(&planned.span));
    for (rates, quota) in planned.rates.iter().zip(planned.quotas()) {
        simulate::domain(&planned, rates, quota, &mut outcome, &mut |known| {
            ledger.take(&known);
            Ok(())
        })?;
    }
    let (entries, incidents) = (ledger.in_order(), planned.truth());
    let townships = planned.county.townships.iter().map(|t| t.code.clone()).collect();
    let usual = planned.usual();
    Ok(Simulated { register: planned.county.register, townships, incidents, usual, entries })
}

/// What is decided before the first event is made.
struct Planned {
    span: Span,
    county: County,
    silences: Vec<Silence>,
    /// What is usual, by domain.
    rates: Vec<Rates>,
    plan: Plan,
}

impl Planned {
    fn new(params: &Params) -> Result<Planned> {
        let span = Span::check(params)?;
        let county = County::simulate(divisions::county(&params.county)?, params.seed)?;
        let silences = incidents::silences(&span);
        let rates: Vec<Rates> = (0..RHYTHMS.len())
            .map(|d| {
                Rates::new(d, span.events as f64 * RHYTHMS[d].share, &span, &county, &silences)
            })
            .collect();
        let plan = incidents::plan(&span, &county, &rates, &silences);
        Ok(Planned { span, county, silences, rates, plan })
    }

    /// A new workspace for the county.
    fn workspace(&self, dir: &Path, params: &Params, register: &Register) -> Result<Workspace> {
        let config = Config {
            name: self.county.name.clone(),
            county: params.county.clone(),
            time_zone: self.span.zone,
            link_parties: false,
            party_key: None,
            roles: Vec::new(),
        };
        Workspace::create(dir, &config, register)
    }

    fn summary(&self, outcome: &Outcome) -> Summary {
        Summary {
            townships: self.county.townships.len(),
            events: outcome.events,
            versions: outcome.versions,
            incidents: self.plan.incidents.len(),
            injected: outcome.injected.len(),
            files: outcome.files,
            bad_rows: outcome.bad_rows.len(),
        }
    }

    /// Ordinary events of each domain.
    fn quotas(&self) -> Vec<usize> {
        quotas(self.span.events - self.plan.counts.iter().sum::<usize>())
    }

    /// What its ordinary events are drawn from.
    fn usual(&self) -> Usual {
        let planned: Vec<f64> = RHYTHMS.iter().map(|r| self.span.events as f64 * r.share).collect();
        Usual::new(self.span.from, self.rates.clone(), &planned, &self.quotas())
    }

    fn truth(&self) -> Vec<Truth> {
        truth::incidents(&self.span, &self.county, &self.plan)
    }
}

/// Shares `events` out among the domains, exactly.
fn quotas(events: usize) -> Vec<usize> {
    let (mut left, mut share_left) = (events, 1.0);
    RHYTHMS
        .iter()
        .map(|r| {
            let here = ((left as f64 * r.share / share_left).round() as usize).min(left);
            left -= here;
            share_left -= r.share;
            here
        })
        .collect()
}

/// Checked parameters: the days simulated, and where their boundaries lie in time.
pub(crate) struct Span {
    from: NaiveDate,
    to: NaiveDate,
    inbox_from: NaiveDate,
    events: usize,
    seed: u64,
    zone: chrono_tz::Tz,
    incidents: bool,
    rises: Vec<CountyRise>,
}

impl Span {
    fn check(p: &Params) -> Result<Span> {
        if p.to < p.from {
            return Err(Error::usage(
                format!("--to {} lies before --from {}", p.to, p.from),
                "exchange them",
            ));
        }
        if p.events < FEWEST {
            return Err(Error::usage(
                format!("{} events do not make a county", p.events),
                format!("give --events at least {FEWEST}"),
            ));
        }
        let last_two =
            p.to.with_day(1).and_then(|d| d.checked_sub_months(Months::new(1))).unwrap_or(p.from);
        let inbox_from = p.inbox_from.unwrap_or(last_two.max(p.from));
        if inbox_from < p.from {
            return Err(Error::usage(
                format!("--inbox-from {inbox_from} lies before --from {}", p.from),
                "give a day within the span",
            ));
        }
        if let Some(late) = p.rises.iter().find(|r| !(p.from..=p.to).contains(&r.from)) {
            return Err(Error::usage(
                format!("the rise from {} on begins outside the span", late.from),
                "give a day within the span",
            ));
        }
        Ok(Span {
            incidents: p.incidents,
            rises: p.rises.clone(),
            from: p.from,
            to: p.to,
            inbox_from,
            events: p.events,
            seed: p.seed,
            zone: chrono_tz::Asia::Shanghai,
        })
    }

    fn days(&self) -> usize {
        (self.to - self.from).num_days() as usize + 1
    }

    fn dates(&self) -> impl Iterator<Item = NaiveDate> {
        self.from.iter_days().take(self.days())
    }

    fn years_before(&self, day: NaiveDate) -> f64 {
        (day - self.from).num_days() as f64 / 365.25
    }

    fn date_at(&self, day: usize) -> NaiveDate {
        self.from + TimeDelta::days(day as i64)
    }

    /// The minute in which a day begins in the county.
    fn minute_of(&self, day: NaiveDate) -> Minute {
        let noon = day.and_hms_opt(12, 0, 0).unwrap_or_default();
        let offset = self.zone.offset_from_utc_datetime(&noon).fix().local_minus_utc();
        day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp() / 60 - i64::from(offset) / 60
    }

    /// The minute `clock` minutes after midnight of the day at a position.
    fn minute(&self, day: usize, clock: i64) -> Minute {
        self.minute_of(self.date_at(day)) + clock
    }

    /// The minute at which the span is over: nothing is recorded at or after it.
    fn end_minute(&self) -> Minute {
        self.minute_of(self.to + TimeDelta::days(1))
    }

    /// The county's clock at a minute.
    fn local(&self, minute: Minute) -> NaiveDateTime {
        DateTime::<Utc>::from_timestamp(minute * 60, 0)
            .unwrap_or_default()
            .with_timezone(&self.zone)
            .naive_local()
    }
}

#[cfg(test)]
mod tests;
