//! What is injected on top of the ordinary: incidents of known place, time, kind and size.

use std::collections::HashMap;

use chrono::{Datelike, NaiveDate, TimeDelta};
use rand::RngExt;
use rand::rngs::ChaCha8Rng;

use super::Span;
use super::county::County;
use super::county_rise::CountyRise;
use super::rates::{RHYTHMS, Rates, Silence};
use super::streams::{pick, poisson, stream};

/// The kinds of incidents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// One or two weeks of several times the usual.
    Burst,
    /// A steady rise over weeks.
    Rise,
    /// From a day on, for good.
    Step,
    /// Two or three neighbouring townships at once.
    Cluster,
    /// After a burst in another domain, with a lag.
    Follow,
    /// A domain's feed is silent in the whole county.
    Outage,
}

/// One incident of the truth.
#[derive(Clone, Debug)]
pub struct Incident {
    pub kind: Kind,
    pub domain: usize,
    /// `None`: all categories.
    pub category: Option<usize>,
    /// Positions in the county's townships; empty for the whole county.
    pub townships: Vec<usize>,
    /// First and last day, as positions in the span.
    pub first: usize,
    pub last: usize,
    /// Times the usual at its height (outage: days).
    pub size: f64,
    pub note: String,
}

/// Events to be injected, by (domain, township, day): category and number of the incident.
pub type Injected = HashMap<(usize, usize, usize), Vec<(usize, usize)>>;

/// What was planned.
pub struct Plan {
    pub incidents: Vec<Incident>,
    pub injected: Injected,
    /// Injected events of each incident.
    pub counts: Vec<usize>,
}

/// What in one domain tends to follow what in another.
const FOLLOWS: [(&str, &str, &str, &str); 7] = [
    ("disputes", "marriage_family", "public_order", "domestic_violence"),
    ("disputes", "wage_arrears", "petitions", "wages"),
    ("disputes", "neighbour", "public_order", "assault"),
    ("requests", "noise", "disputes", "neighbour"),
    ("requests", "utilities", "public_opinion", "livelihood"),
    ("disputes", "land_forest", "petitions", "land"),
    ("disputes", "contract", "litigation", "contract"),
];

impl Kind {
    /// As written in `truth/incidents.csv`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Burst => "burst",
            Kind::Rise => "rise",
            Kind::Step => "step",
            Kind::Cluster => "cluster",
            Kind::Follow => "follow",
            Kind::Outage => "outage",
        }
    }

    /// Days the span must have for the kind to be worth injecting.
    fn needs(self) -> usize {
        match self {
            Kind::Burst | Kind::Cluster => 90,
            Kind::Follow => 120,
            Kind::Rise | Kind::Outage => 180,
            Kind::Step => 300,
        }
    }

    /// How large `days` days after the first of `of` days is, against the height.
    fn shape(self, days: usize, of: usize) -> f64 {
        match self {
            Kind::Rise => (days + 1) as f64 / of as f64,
            _ => 1.0,
        }
    }
}

/// Days on which feeds are silent: about one outage a year, of police, petitions or requests, never
/// near the inbox's months.
pub fn silences(span: &Span) -> Vec<Silence> {
    let mut rng = stream(span.seed, &["outages"]);
    let known = (span.inbox_from - span.from).num_days();
    if known < Kind::Outage.needs() as i64 {
        return Vec::new();
    }
    let count = ((span.days() as f64 / 365.25).round() as i64).max(1);
    let stretch = (known - 60) / count;
    let order = ["requests", "petitions", "public_order"];
    (0..count)
        .map(|i| {
            let length = rng.random_range(5..=12);
            let first = span.from
                + TimeDelta::days(
                    30 + i * stretch + rng.random_range(0..(stretch - length - 10).max(1)),
                );
            let id = order[i as usize % order.len()];
            let domain = RHYTHMS.iter().position(|r| r.id == id).unwrap_or(0);
            Silence { domain, first, last: first + TimeDelta::days(length - 1) }
        })
        .collect()
}

/// Plans all incidents: the outages, the rises of the last January, one of each kind, then about
/// one a township-year in all.
pub fn plan(span: &Span, county: &County, rates: &[Rates], silences: &[Silence]) -> Plan {
    let mut planner = Planner {
        span,
        county,
        rates,
        rng: stream(span.seed, &["incidents"]),
        budget: span.events / 5,
        least: (span.events as f64 / 5000.0).clamp(3.0, 8.0),
        plan: Plan { incidents: Vec::new(), injected: HashMap::new(), counts: Vec::new() },
    };
    planner.outages(silences);
    for rise in &span.rises {
        planner.county_rise(rise);
    }
    if !span.incidents {
        return planner.plan;
    }
    planner.last_january();
    for kind in [Kind::Burst, Kind::Rise, Kind::Cluster, Kind::Follow, Kind::Step] {
        planner.add(kind);
    }
    let wanted = (county.townships.len() as f64 * span.days() as f64 / 365.25).round() as usize;
    for _ in 0..wanted * 2 {
        if planner.plan.incidents.len() >= wanted {
            break;
        }
        let kinds = [
            (Kind::Burst, 0.4),
            (Kind::Rise, 0.18),
            (Kind::Cluster, 0.18),
            (Kind::Follow, 0.14),
            (Kind::Step, 0.1),
        ];
        let kind = kinds[pick(&mut planner.rng, kinds.iter().map(|k| k.1))].0;
        planner.add(kind);
    }
    planner.plan
}

struct Planner<'a> {
    span: &'a Span,
    county: &'a County,
    rates: &'a [Rates],
    rng: ChaCha8Rng,
    /// Events that may still be injected.
    budget: usize,
    /// Fewest events that make an incident.
    least: f64,
    plan: Plan,
}

impl Planner<'_> {
    fn outages(&mut self, silences: &[Silence]) {
        for s in silences {
            let first = (s.first - self.span.from).num_days() as usize;
            let last = (s.last - self.span.from).num_days() as usize;
            let note = "nothing occurs in the files on these days and nothing was recorded on them: missing, not zero".to_owned();
            let size = (last - first + 1) as f64;
            self.plan.incidents.push(Incident {
                kind: Kind::Outage,
                domain: s.domain,
                category: None,
                townships: Vec::new(),
                first,
                last,
                size,
                note,
            });
            self.plan.counts.push(0);
        }
    }

    /// Wage arrears and neighbours' disputes rise from mid-December to the end of the span's last
    /// January in the two largest townships.
    fn last_january(&mut self) {
        let Some(end) = last_january(self.span) else { return };
        let Some(begin) = NaiveDate::from_ymd_opt(end.year() - 1, 12, 14) else { return };
        let Some(domain) = RHYTHMS.iter().position(|r| r.id == "disputes") else { return };
        if begin < self.span.from {
            return;
        }
        let mut largest: Vec<usize> = (0..self.county.townships.len()).collect();
        largest.sort_by_key(|&t| std::cmp::Reverse(self.county.townships[t].population));
        largest.truncate(2);
        let (first, last) = (self.position(begin), self.position(end));
        for code in ["wage_arrears", "neighbour"] {
            let Some(category) = RHYTHMS[domain].category(code) else { continue };
            for &t in &largest {
                let note = "rise of the last January".to_owned();
                let incident = Incident {
                    kind: Kind::Rise,
                    domain,
                    category: Some(category),
                    townships: vec![t],
                    first,
                    last,
                    size: 5.0,
                    note,
                };
                self.inject(incident, self.least * 2.5);
            }
        }
    }

    /// What all townships have more of, from a day to the end of the span.
    fn county_rise(&mut self, rise: &CountyRise) {
        let Some(domain) = RHYTHMS.iter().position(|r| r.id == rise.domain.id) else { return };
        let incident = Incident {
            kind: Kind::Step,
            domain,
            category: RHYTHMS[domain].category(&rise.category),
            townships: (0..self.county.townships.len()).collect(),
            first: self.position(rise.from),
            last: self.span.days() - 1,
            size: rise.ratio,
            note: "rise of all townships".to_owned(),
        };
        self.inject(incident, 0.0);
    }

    /// Adds one incident of a kind at a free place and time, if the span allows and one is found.
    fn add(&mut self, kind: Kind) {
        if self.span.days() < kind.needs() || self.budget == 0 {
            return;
        }
        if kind == Kind::Follow {
            return self.add_follow();
        }
        for _ in 0..40 {
            let domain = pick(&mut self.rng, RHYTHMS.iter().map(|r| r.share.sqrt()));
            let Some((category, township)) = self.cell(domain) else { continue };
            let townships =
                if kind == Kind::Cluster { self.neighbours(township) } else { vec![township] };
            let (first, last) = self.window(kind);
            if townships.iter().all(|&t| self.free(domain, category, t, first, last)) {
                let size = if kind == Kind::Step { 1.8 } else { self.rng.random_range(3.0..6.0) };
                let incident = Incident {
                    kind,
                    domain,
                    category: Some(category),
                    townships,
                    first,
                    last,
                    size,
                    note: String::new(),
                };
                self.inject(incident, self.least);
                return;
            }
        }
    }

    /// A burst, and what follows it elsewhere after 10 to 20 days.
    fn add_follow(&mut self) {
        for _ in 0..40 {
            let (a, what, b, then) = FOLLOWS[self.rng.random_range(0..FOLLOWS.len())];
            let find = |id: &str, code: &str| {
                let domain = RHYTHMS.iter().position(|r| r.id == id)?;
                Some((domain, RHYTHMS[domain].category(code)?))
            };
            let (Some((da, ca)), Some((db, cb))) = (find(a, what), find(b, then)) else { continue };
            let township = pick(
                &mut self.rng,
                (0..self.county.townships.len()).map(|t| self.rates[da].expected_total(ca, t)),
            );
            let (first, last) = self.window(Kind::Burst);
            let lag = self.rng.random_range(10..=20);
            if last + lag >= self.span.days()
                || !self.free(da, ca, township, first, last)
                || !self.free(db, cb, township, first + lag, last + lag)
            {
                continue;
            }
            let size = self.rng.random_range(3.0..6.0);
            let leader = self.plan.incidents.len();
            let burst = Incident {
                kind: Kind::Burst,
                domain: da,
                category: Some(ca),
                townships: vec![township],
                first,
                last,
                size,
                note: String::new(),
            };
            if !self.inject(burst, self.least) {
                return;
            }
            let note = format!("follows {} after {lag} days", id(leader));
            let follow = Incident {
                kind: Kind::Follow,
                domain: db,
                category: Some(cb),
                townships: vec![township],
                first: first + lag,
                last: last + lag,
                size,
                note,
            };
            self.inject(follow, self.least);
            return;
        }
    }

    /// A category and township of a domain, likelier the more happens there; rare categories are
    /// left alone.
    fn cell(&mut self, domain: usize) -> Option<(usize, usize)> {
        let (rhythm, rates) = (&RHYTHMS[domain], &self.rates[domain]);
        let common: Vec<usize> = (0..rhythm.categories.len())
            .filter(|&c| {
                rhythm.categories[c].share >= 0.04
                    && !matches!(rhythm.categories[c].code, "other" | "visit")
            })
            .collect();
        let cells: Vec<(usize, usize)> = common
            .iter()
            .flat_map(|&c| (0..self.county.townships.len()).map(move |t| (c, t)))
            .collect();
        let weights: Vec<f64> =
            cells.iter().map(|&(c, t)| rates.expected_total(c, t).powf(1.5)).collect();
        (!cells.is_empty()).then(|| cells[pick(&mut self.rng, weights)])
    }

    /// First and last day of an incident of a kind, after the first tenth of the span.
    fn window(&mut self, kind: Kind) -> (usize, usize) {
        let days = self.span.days();
        let early = days / 10;
        let length = match kind {
            Kind::Burst | Kind::Follow => self.rng.random_range(7..=14),
            Kind::Cluster | Kind::Outage => 14,
            Kind::Rise => self.rng.random_range(8..=12) * 7,
            Kind::Step => {
                let first = self.rng.random_range(days * 3 / 10..days * 7 / 10);
                return (first, days - 1);
            }
        };
        let first = self.rng.random_range(early..(days - length).max(early + 1));
        (first, (first + length - 1).min(days - 1))
    }

    /// The township and its one or two nearest.
    fn neighbours(&mut self, township: usize) -> Vec<usize> {
        let here = &self.county.townships[township];
        let mut near: Vec<(f64, usize)> =
            self.county.townships.iter().enumerate().map(|(i, t)| (t.distance(here), i)).collect();
        near.sort_by(|a, b| a.0.total_cmp(&b.0));
        let count = self.rng.random_range(2..=3);
        near.into_iter().take(count).map(|n| n.1).collect()
    }

    /// Whether no other incident is there within four weeks.
    fn free(
        &self,
        domain: usize,
        category: usize,
        township: usize,
        first: usize,
        last: usize,
    ) -> bool {
        self.plan.incidents.iter().all(|i| {
            let elsewhere = i.domain != domain
                || i.category != Some(category)
                || !i.townships.contains(&township);
            elsewhere || i.last + 28 < first || last + 28 < i.first
        })
    }

    /// Draws the events of an incident: its size times what is usual there, and at least about
    /// `least` in each township. Says whether there was room for it.
    fn inject(&mut self, mut incident: Incident, least: f64) -> bool {
        let Some(category) = incident.category else { return false };
        let (number, rates) = (self.plan.incidents.len(), &self.rates[incident.domain]);
        let length = incident.last - incident.first + 1;
        let (mut drawn, mut usual) = (Vec::new(), 0.0);
        let mut height = incident.size;
        for &t in &incident.townships {
            let days: Vec<f64> = (incident.first..=incident.last)
                .map(|d| {
                    rates.expected(category, t, d) * incident.kind.shape(d - incident.first, length)
                })
                .collect();
            let shaped: f64 = days.iter().sum();
            if shaped <= 0.0 {
                continue;
            }
            let mean = ((incident.size - 1.0) * shaped).max(least);
            height = height.max(1.0 + mean / shaped);
            usual += shaped;
            let count = poisson(&mut self.rng, mean).max((least * 0.75) as u64);
            drawn.extend(
                (0..count).map(|_| (t, incident.first + pick(&mut self.rng, days.iter().copied()))),
            );
        }
        if drawn.is_empty() || drawn.len() > self.budget {
            return false;
        }
        if height > incident.size {
            incident.size = 1.0 + drawn.len() as f64 / usual;
        }
        self.budget -= drawn.len();
        self.plan.counts.push(drawn.len());
        for (t, day) in drawn {
            self.plan
                .injected
                .entry((incident.domain, t, day))
                .or_default()
                .push((category, number));
        }
        self.plan.incidents.push(incident);
        true
    }

    fn position(&self, day: NaiveDate) -> usize {
        (day - self.span.from).num_days().max(0) as usize
    }
}

/// Identifier of the incident at a position of the plan.
pub fn id(position: usize) -> String {
    format!("I{:03}", position + 1)
}

/// The last 31 January within the span.
fn last_january(span: &Span) -> Option<NaiveDate> {
    let end = NaiveDate::from_ymd_opt(span.to.year(), 1, 31)?;
    let end =
        if end <= span.to { end } else { NaiveDate::from_ymd_opt(span.to.year() - 1, 1, 31)? };
    (end >= span.from).then_some(end)
}
