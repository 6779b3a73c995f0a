use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, NaiveDate};
use methods::calendar::spring_festival;
use pingan::detect::Kind;
use pingan::detect::watch::Key;
use pingan::feeds::State;
use pingan::synth::{Simulated, Truth};

use super::night::{Night, of_wages};
use super::truth::{Claim, Why};

/// The six weeks around the Spring Festival: nights from four weeks before New Year's Day of the
/// lunar calendar to the end of the second week.
const FESTIVAL: std::ops::RangeInclusive<i64> = -28..=13;
/// A finding told again within so many days is the same one.
const SAME: i64 = 28;
/// An incident that begins later before the last night could not have been found in time.
const ROOM: u64 = 28;

/// False alarms of a detector, and the series-weeks they were raised in; of ordinary weeks and of
/// the festival's.
#[derive(Clone, Copy, Debug, Default)]
pub struct Alarms {
    pub count: [f64; 2],
    pub weeks: [f64; 2],
}

/// A finding from its first telling to its last.
#[derive(Clone, Debug)]
pub struct Episode {
    pub claim: Claim,
    areas: BTreeSet<String>,
    pub first: NaiveDate,
    last: NaiveDate,
    pub why: Why,
    pub festive: bool,
}

/// An incident and when it was found.
#[derive(Clone, Debug)]
pub struct Sought {
    pub truth: Truth,
    /// Days from its first day to the night on which it was told (an outage: reported missing).
    pub days: Option<i64>,
    /// The kind of finding that told it first.
    pub by: Option<Kind>,
}

/// Adds up one county, or all.
#[derive(Clone, Debug, Default)]
pub struct Score {
    /// Of rises whose p is small enough to last; of what is told after the false discovery rate; of
    /// Farrington's method.
    pub rises: Alarms,
    pub told: Alarms,
    pub farrington: Alarms,
    /// All three on the series that rise towards the festival.
    pub wages: [Alarms; 3],
    pub episodes: Vec<Episode>,
    pub sought: Vec<Sought>,
    /// Spikes in a silent feed's domain and time that no incident explains.
    pub in_outage: usize,
}

/// Whether a night lies in the six weeks around the festival.
pub fn festive(night: NaiveDate) -> bool {
    spring_festival(night.year())
        .is_some_and(|first| FESTIVAL.contains(&(night - first).num_days()))
}

impl Alarms {
    fn add(&mut self, festive: bool, count: usize, weeks: usize) {
        self.count[usize::from(festive)] += count as f64;
        self.weeks[usize::from(festive)] += weeks as f64;
    }

    /// Alarms per series-week.
    pub fn rate(&self, festive: bool) -> f64 {
        self.count[usize::from(festive)] / self.weeks[usize::from(festive)]
    }

    /// The rate around the festival to that of other weeks, and the ratio's standard error if
    /// alarms came independently.
    pub fn ratio(&self) -> (f64, f64) {
        let ratio = self.rate(true) / self.rate(false);
        (ratio, ratio * (1.0 / self.count[0] + 1.0 / self.count[1]).sqrt())
    }
}

impl Score {
    /// Nothing seen of a county that is watched from the first night to the last.
    pub fn new(county: &Simulated, first: NaiveDate, last: NaiveDate) -> Score {
        let within = |t: &&Truth| t.start >= first && t.start + Days::new(ROOM) <= last;
        let sought = county
            .incidents
            .iter()
            .filter(within)
            .map(|t| Sought { truth: t.clone(), days: None, by: None })
            .collect();
        Score { sought, ..Score::default() }
    }

    /// Takes in one night.
    pub fn night(&mut self, county: &Simulated, night: &Night) {
        let festive = festive(night.day);
        let told: Vec<Claim> = night.told.iter().map(Claim::new).collect();
        let false_ones = |claims: Vec<Claim>| {
            claims.into_iter().filter(|c| c.why(county) == Why::Nothing).collect::<Vec<_>>()
        };
        let lasting = false_ones(night.alarms.iter().map(Claim::new).collect());
        let rises = false_ones(told.iter().filter(|c| c.kind != Kind::Cluster).cloned().collect());
        let farrington =
            false_ones(night.farrington.iter().map(|key| last_week(key, night.day)).collect());
        let wage_claims =
            |claims: &[Claim]| claims.iter().filter(|c| of_wages(&c.domain, &c.category)).count();
        let [all, wages] = night.judged;
        self.rises.add(festive, lasting.len(), all);
        self.told.add(festive, rises.len(), all);
        self.farrington.add(festive, farrington.len(), all);
        for (alarms, claims) in self.wages.iter_mut().zip([&lasting, &rises, &farrington]) {
            alarms.add(festive, wage_claims(claims), wages);
        }
        self.find(county, night, &told);
        for claim in told {
            self.tell(county, claim, night.day, festive);
        }
    }

    /// Takes in what the oracle sees on a night, as far as its q is within the rate.
    pub fn see(&mut self, county: &Simulated, night: &Night, rate: f64) {
        let claims: Vec<Claim> =
            night.seen.iter().filter(|s| s.q <= rate).map(|s| s.claim.clone()).collect();
        self.find(county, night, &claims);
        for claim in claims {
            self.tell(county, claim, night.day, false);
        }
    }

    /// Share of nothing among distinct rises, clusters left out.
    pub fn share_of_nothing(&self) -> f64 {
        let rises = || self.episodes.iter().filter(|e| e.claim.kind != Kind::Cluster);
        rises().filter(|e| e.why == Why::Nothing).count() as f64 / rises().count() as f64
    }

    /// Takes in another county's.
    pub fn join(&mut self, other: Score) {
        let mine = [&mut self.rises, &mut self.told, &mut self.farrington]
            .into_iter()
            .chain(&mut self.wages);
        let others = [other.rises, other.told, other.farrington].into_iter().chain(other.wages);
        for (mine, others) in mine.zip(others) {
            for at in [0, 1] {
                mine.count[at] += others.count[at];
                mine.weeks[at] += others.weeks[at];
            }
        }
        self.episodes.extend(other.episodes);
        self.sought.extend(other.sought);
        self.in_outage += other.in_outage;
    }

    /// A finding of the same kind, domain and category in an area of an earlier one, told within
    /// four weeks, is that one.
    fn tell(&mut self, county: &Simulated, claim: Claim, night: NaiveDate, festive: bool) {
        let same = |e: &&mut Episode| {
            let alike = (e.claim.kind, &e.claim.domain, &e.claim.category)
                == (claim.kind, &claim.domain, &claim.category);
            alike
                && (night - e.last).num_days() <= SAME
                && claim.areas.iter().any(|a| e.areas.contains(a))
        };
        if let Some(episode) = self.episodes.iter_mut().find(same) {
            episode.last = night;
            episode.areas.extend(claim.areas);
            return;
        }
        let why = claim.why(county);
        let silent = |t: &&Truth| {
            t.kind == "outage"
                && t.domain == claim.domain
                && t.start <= claim.period.1
                && claim.period.0 <= t.end
        };
        if why == Why::Nothing && county.incidents.iter().any(|t| silent(&t)) {
            self.in_outage += 1;
        }
        let areas = claim.areas.iter().cloned().collect();
        self.episodes.push(Episode { claim, areas, first: night, last: night, why, festive });
    }

    /// Notes which incidents are told for the first time.
    fn find(&mut self, county: &Simulated, night: &Night, told: &[Claim]) {
        let root = &county.register.root().code;
        for sought in
            self.sought.iter_mut().filter(|s| s.days.is_none() && s.truth.start <= night.day)
        {
            let truth = &sought.truth;
            if truth.kind == "outage" {
                let gaps = night
                    .coverage
                    .feeds
                    .get(truth.domain)
                    .map_or(&[][..], |feed| feed.gaps.as_slice());
                let missing = |gap: &pingan::feeds::Gap| {
                    gap.state != State::Late && (truth.start..=truth.end).contains(&gap.day)
                };
                sought.days =
                    gaps.iter().any(missing).then(|| (night.day - truth.start).num_days());
            } else if let Some(claim) = told.iter().find(|c| c.points_at(truth, root)) {
                (sought.days, sought.by) =
                    (Some((night.day - truth.start).num_days()), Some(claim.kind));
            }
        }
    }

    /// Distinct findings of a kind (all where there is none): explained, unexplained.
    pub fn distinct(&self, kind: Option<Kind>) -> [usize; 2] {
        let of = |why: Why| {
            self.episodes
                .iter()
                .filter(|e| kind.is_none_or(|k| e.claim.kind == k) && e.why == why)
                .count()
        };
        [of(Why::Incident), of(Why::Nothing)]
    }

    /// Incidents by kind and size: how many, how many found, median days.
    pub fn recall(&self) -> BTreeMap<(&'static str, &'static str), (usize, usize, Option<f64>)> {
        let mut groups: BTreeMap<(&'static str, &'static str), Vec<Option<i64>>> = BTreeMap::new();
        for sought in &self.sought {
            for size in [size(&sought.truth), "all"] {
                groups.entry((sought.truth.kind, size)).or_default().push(sought.days);
            }
        }
        let summed = |days: Vec<Option<i64>>| {
            let mut found: Vec<i64> = days.iter().flatten().copied().collect();
            found.sort_unstable();
            let middle = |at: usize| found.get(at).map(|d| *d as f64);
            let median = middle(found.len() / 2)
                .zip(middle(found.len().saturating_sub(1) / 2))
                .map(|(a, b)| 0.5 * (a + b));
            (days.len(), found.len(), median)
        };
        groups.into_iter().map(|(group, days)| (group, summed(days))).collect()
    }
}

/// Times the usual at the height; an outage by its days.
fn size(truth: &Truth) -> &'static str {
    match (truth.kind, truth.size) {
        ("outage", days) if days < 8.0 => "5-7 days",
        ("outage", _) => "8-12 days",
        (_, times) if times < 4.0 => "below 4 x",
        (_, times) if times < 8.0 => "4 to 8 x",
        _ => "8 x and more",
    }
}

fn last_week(key: &Key, night: NaiveDate) -> Claim {
    Claim::of_series(key, Kind::Spike, (night - Days::new(6), night))
}
