//! One domain through the whole span: how many events when and where, month by month as they become
//! known.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use rand::rngs::ChaCha8Rng;
use rand_distr::{Binomial, Distribution};

use crate::workspace::Workspace;
use lake::Result;
use lake::schema::DOMAINS;

use super::county::County;
use super::events::Maker;
use super::incidents::Injected;
use super::parquet::EventFile;
use super::rates::{RHYTHMS, Rates};
use super::streams::{lognormal, pick, stream};
use super::untidy::{self, BadRow};
use super::version::Version;
use super::{Planned, Span};

/// What the simulation leaves beside the files.
#[derive(Default)]
pub struct Outcome {
    pub events: usize,
    pub versions: usize,
    pub files: usize,
    /// (number of the incident, event id)
    pub injected: Vec<(usize, String)>,
    pub bad_rows: Vec<BadRow>,
}

/// Simulates one domain and hands over what became known, month by month in order of recording.
///
/// # Errors
/// Those of `take`.
pub fn domain(
    planned: &Planned,
    rates: &Rates,
    quota: usize,
    outcome: &mut Outcome,
    take: &mut dyn FnMut(Vec<Version>) -> Result<()>,
) -> Result<()> {
    let mut places = places(planned, rates, quota);
    let mut pending = Vec::new();
    for month in months(&planned.span) {
        for place in &mut places {
            place.month(month.clone(), rates, &planned.plan.injected, &mut pending, outcome);
        }
        let end = planned.span.minute(month.end, 0);
        let (mut known, later): (Vec<Version>, Vec<Version>) =
            pending.into_iter().partition(|v| v.recorded < end);
        pending = later;
        known.sort_by_key(|v| (v.recorded, v.township, v.serial));
        outcome.versions += known.len();
        take(known)?;
    }
    Ok(())
}

/// A township's events of one domain, still to be made.
struct Place<'a> {
    maker: Maker<'a>,
    rng: ChaCha8Rng,
    /// Ordinary events of each day.
    counts: Vec<u64>,
    serial: u32,
}

impl Place<'_> {
    fn month(
        &mut self,
        days: std::ops::Range<usize>,
        rates: &Rates,
        injected: &Injected,
        out: &mut Vec<Version>,
        outcome: &mut Outcome,
    ) {
        let (domain, township) = (self.maker.domain, self.maker.place);
        let categories = RHYTHMS[domain].categories.len();
        for day in days {
            for _ in 0..self.counts[day] {
                let category =
                    pick(&mut self.rng, (0..categories).map(|c| rates.expected(c, township, day)));
                self.event(day, category, out);
            }
            for &(category, incident) in
                injected.get(&(domain, township, day)).into_iter().flatten()
            {
                let first = out.len();
                self.event(day, category, out);
                outcome.injected.push((incident, out[first].event_id()));
                outcome.events += 1;
            }
            outcome.events += self.counts[day] as usize;
        }
    }

    fn event(&mut self, day: usize, category: usize, out: &mut Vec<Version>) {
        self.serial += 1;
        self.maker.make(&mut self.rng, self.serial, day, category as u8, out);
    }
}

/// Shares the domain's events out among townships and days: exact in sum, gamma-overdispersed by
/// day.
fn places<'a>(planned: &'a Planned, rates: &Rates, quota: usize) -> Vec<Place<'a>> {
    let Planned { span, county, silences, .. } = planned;
    let id = RHYTHMS[rates.domain].id;
    let mut rngs: Vec<ChaCha8Rng> =
        county.townships.iter().map(|t| stream(span.seed, &["events", id, &t.code])).collect();
    let lively: Vec<Vec<f64>> =
        rngs.iter_mut().enumerate().map(|(t, rng)| rates.lively_days(t, rng)).collect();
    let weights: Vec<f64> = lively.iter().map(|days| days.iter().sum()).collect();
    let totals = share_out(quota as u64, &weights, &mut stream(span.seed, &["townships", id]));
    let mut places = Vec::new();
    for (place, ((mut rng, days), total)) in rngs.into_iter().zip(lively).zip(totals).enumerate() {
        let counts = share_out(total, &days, &mut rng);
        let township = &county.townships[place];
        let slowness =
            lognormal(&mut stream(span.seed, &["slowness", id, &township.code]), 1.0, 0.25);
        places.push(Place {
            maker: Maker { domain: rates.domain, place, township, span, silences, slowness },
            rng,
            counts,
            serial: 0,
        });
    }
    places
}

/// A multinomial draw: `total` among the weights.
fn share_out(total: u64, weights: &[f64], rng: &mut ChaCha8Rng) -> Vec<u64> {
    let last = weights.iter().rposition(|w| *w > 0.0).unwrap_or(0);
    let (mut left, mut weight_left) = (total, weights.iter().sum::<f64>());
    let mut shares = vec![0; weights.len()];
    for (i, w) in weights.iter().enumerate() {
        shares[i] = if i == last {
            left
        } else {
            Binomial::new(left, (w / weight_left).clamp(0.0, 1.0)).map_or(0, |b| b.sample(rng))
        };
        left -= shares[i];
        weight_left = (weight_left - w).max(f64::MIN_POSITIVE);
    }
    shares
}

/// The calendar months of the span as ranges of days.
fn months(span: &Span) -> Vec<std::ops::Range<usize>> {
    let mut starts: Vec<usize> =
        span.dates().enumerate().filter(|(i, d)| *i == 0 || d.day() == 1).map(|(i, _)| i).collect();
    starts.push(span.days());
    starts.windows(2).map(|w| w[0]..w[1]).collect()
}

/// Takes the rows in order of recording: first into the Parquet file, then into the departments'
/// monthly files.
pub struct Feed<'a> {
    workspace: &'a Workspace,
    span: &'a Span,
    county: &'a County,
    domain: usize,
    early: Option<EventFile>,
    monthly: BTreeMap<NaiveDate, Vec<Version>>,
}

impl<'a> Feed<'a> {
    /// A feed that has delivered nothing.
    pub fn new(
        workspace: &'a Workspace,
        span: &'a Span,
        county: &'a County,
        domain: usize,
    ) -> Self {
        Feed { workspace, span, county, domain, early: None, monthly: BTreeMap::new() }
    }

    /// Takes the next rows.
    ///
    /// # Errors
    /// Where a file cannot be written.
    pub fn take(&mut self, known: Vec<Version>) -> Result<()> {
        let inbox_from = self.span.minute_of(self.span.inbox_from);
        let split = known.partition_point(|v| v.recorded < inbox_from);
        let (early, late) = known.split_at(split);
        if !early.is_empty() {
            let last = self.span.to.min(self.span.inbox_from.pred_opt().unwrap_or(self.span.from));
            let name = format!("{}-{}_{last}.parquet", DOMAINS[self.domain].id, self.span.from);
            if self.early.is_none() {
                self.early = Some(EventFile::create(
                    &self.workspace.inbox().join(name),
                    &DOMAINS[self.domain],
                )?);
            }
            if let Some(file) = &mut self.early {
                file.write(early, self.county)?;
            }
        }
        for v in late {
            let day = self.span.local(v.recorded).date();
            self.monthly.entry(day.with_day(1).unwrap_or(day)).or_default().push(v.clone());
        }
        Ok(())
    }

    /// Closes its files.
    ///
    /// # Errors
    /// Where a file cannot be written.
    pub fn finish(self, outcome: &mut Outcome) -> Result<()> {
        if let Some(file) = self.early {
            file.close()?;
            outcome.files += 1;
        }
        for (month, rows) in self.monthly {
            outcome.bad_rows.extend(untidy::write_month(
                self.workspace,
                self.span,
                self.county,
                self.domain,
                month,
                &rows,
            )?);
            outcome.files += 1;
        }
        Ok(())
    }
}
