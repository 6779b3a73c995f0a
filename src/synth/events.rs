//! One event: when exactly, who and what, how late it was known, and the versions it went through.

use rand::RngExt;
use rand::rngs::ChaCha8Rng;

use super::Span;
use super::county::Township;
use super::courses::{COURSES, Course, Ending};
use super::handling::handle;
use super::rates::{RHYTHMS, Rhythm, Silence};
use super::streams::{choose, lognormal, pick, poisson};
use super::version::{Handling, Minute, Version};

const DAY: f64 = 1440.0;
/// Share of events known only to the township.
const VAGUE: f64 = 0.05;
/// Share of events corrected once or twice, and withdrawn.
const CORRECTED: f64 = 0.04;
const WITHDRAWN: f64 = 0.005;

const OFFICE_HOURS: [f64; 24] = [
    0.2, 0.1, 0.1, 0.1, 0.1, 0.3, 0.8, 2.0, 6.0, 9.0, 9.5, 7.0, 3.0, 3.0, 6.5, 8.0, 7.5, 5.0, 2.5,
    1.8, 1.5, 1.0, 0.6, 0.4,
];
const ANY_HOURS: [f64; 24] = [
    2.5, 2.0, 1.5, 1.0, 0.8, 0.8, 1.2, 2.5, 3.5, 4.0, 4.2, 4.2, 4.0, 3.6, 4.0, 4.2, 4.6, 5.0, 5.2,
    5.5, 5.6, 5.2, 4.4, 3.4,
];

/// What a later version changes.
enum Change {
    Ended {
        at: Minute,
        outcome: Option<&'static str>,
        level: Option<&'static str>,
        satisfaction: Option<i64>,
    },
    Category(u8),
    Severity(i64),
    Outcome(&'static str),
    Persons(i64),
    Withdrawn,
}

/// Makes the events of one domain in one township.
pub struct Maker<'a> {
    pub domain: usize,
    pub place: usize,
    pub township: &'a Township,
    pub span: &'a Span,
    pub silences: &'a [Silence],
    /// How slow the township is in this domain: 1 ordinary, more is slower and less is settled.
    pub slowness: f64,
}

impl Maker<'_> {
    /// Appends the versions of one event on the day at a position of the span, in order of
    /// recording; the first always before the span's end.
    pub fn make(
        &self,
        rng: &mut ChaCha8Rng,
        serial: u32,
        day: usize,
        category: u8,
        out: &mut Vec<Version>,
    ) {
        let begin = out.len();
        let mut version = self.first(rng, serial, day, category);
        let mut changes = Vec::new();
        if let Some((known, ended)) = self.ending(rng, &version) {
            changes.push((known, ended));
        }
        self.corrections(rng, &version, &mut changes);
        changes.sort_by_key(|c| c.0);
        let first = version.recorded;
        let mut later = changes.into_iter().peekable();
        while let Some((_, change)) = later.next_if(|c| c.0 <= first) {
            version.apply(change);
        }
        let mut last = version.clone();
        out.push(version);
        for (known, change) in later {
            let recorded = self.heard(rng, known.max(last.recorded + 1));
            if recorded >= self.span.end_minute() {
                break;
            }
            last.recorded = recorded;
            last.apply(change);
            out.push(last.clone());
        }
        handle(self.rhythm().id, &mut out[begin..]);
    }

    fn rhythm(&self) -> &'static Rhythm {
        &RHYTHMS[self.domain]
    }

    fn course(&self) -> &'static Course {
        &COURSES[self.domain]
    }

    /// The event as first recorded.
    fn first(&self, rng: &mut ChaCha8Rng, serial: u32, day: usize, category: u8) -> Version {
        let course = self.course();
        let code = self.rhythm().categories[category as usize].code;
        let hours = if course.office { &OFFICE_HOURS } else { &ANY_HOURS };
        let clock = pick(rng, hours.iter().copied()) as i64 * 60 + rng.random_range(0..60);
        let occurred = self.span.minute(day, clock);
        let (recorded, accepted, triaged) = self.reception(rng, occurred);
        let village = (!self.township.villages.is_empty() && !rng.random_bool(VAGUE))
            .then(|| pick(rng, self.township.villages.iter().map(|v| v.population as f64)) as u16);
        let channel = choose(rng, course.channels);
        let visit = code == "visit";
        let mut version = Version {
            domain: self.domain as u8,
            township: self.place as u16,
            serial,
            village,
            grid: (village.is_some() && channel == Some("grid")).then(|| rng.random_range(1..=4)),
            category,
            occurred,
            recorded,
            severity: (!visit).then(|| severity(rng)),
            persons: Some(1 + poisson(rng, if visit { 0.0 } else { 0.7 }) as i64),
            cents: money(rng, course, code),
            channel,
            grade: choose(rng, course.grades),
            accepted,
            triaged,
            resolved: None,
            level: None,
            outcome: None,
            satisfaction: None,
            withdrawn: false,
            due: course.due_days.and_then(|d| accepted.map(|a| a + d * 1440)),
            deaths: 0,
            injured: 0,
            turned_criminal: false,
            repeated: false,
            collective: false,
            beyond_level: false,
            diverted: false,
            reach: 0,
            minors: 0,
            handling: Handling::default(),
        };
        self.particulars(rng, code, &mut version);
        version
    }

    /// When it was recorded, accepted and triaged: drawn again until it is known before the end of
    /// the span.
    fn reception(
        &self,
        rng: &mut ChaCha8Rng,
        occurred: Minute,
    ) -> (Minute, Option<Minute>, Option<Minute>) {
        let course = self.course();
        for _ in 0..100 {
            let mut recorded =
                occurred + 1 + (lognormal(rng, course.delay_hours, course.delay_sd) * 60.0) as i64;
            let (mut accepted, mut triaged) = (None, None);
            if course.taken_up {
                let taken = occurred + 1 + lognormal(rng, 24.0 * self.slowness, 0.8) as i64;
                let sorted = taken + 1 + lognormal(rng, 18.0 * self.slowness, 0.8) as i64;
                (accepted, triaged) = (Some(taken), Some(sorted));
                recorded = recorded.max(sorted);
            }
            let recorded = self.heard(rng, recorded);
            if recorded < self.span.end_minute() {
                return (recorded, accepted, triaged);
            }
        }
        (self.span.end_minute() - 1, None, None)
    }

    /// A silent feed delivers what it kept back on the day after.
    fn heard(&self, rng: &mut ChaCha8Rng, recorded: Minute) -> Minute {
        for s in self.silences.iter().filter(|s| s.domain == self.domain) {
            let (first, after) = (self.span.minute_of(s.first), self.span.minute_of(s.last) + 1440);
            if (first..after).contains(&recorded) {
                return after + 480 + rng.random_range(0..600) + (recorded - first) / 10;
            }
        }
        recorded
    }

    /// What only this domain, or this category, has.
    fn particulars(&self, rng: &mut ChaCha8Rng, code: &str, v: &mut Version) {
        match self.rhythm().id {
            "public_order" | "fraud_crime" => v.outcome = Some("unsolved"),
            "traffic" => {
                (v.deaths, v.injured) =
                    casualties(rng, code == "fatal_crash", if code == "crash" { 0.45 } else { 0.0 })
            }
            "public_safety" => {
                let deadly = code == "drowning"
                    || (matches!(code, "fire" | "workplace" | "disaster")
                        && rng.random_bool(0.015));
                (v.deaths, v.injured) = casualties(
                    rng,
                    deadly,
                    if matches!(code, "disaster" | "food" | "campus") { 0.5 } else { 0.15 },
                );
            }
            "disputes" => v.turned_criminal = rng.random_bool(0.004 * self.slowness.min(3.0)),
            "petitions" => {
                v.repeated = rng.random_bool(0.16);
                v.collective = rng.random_bool(if code == "wages" { 0.15 } else { 0.06 });
                v.beyond_level = rng.random_bool(0.07);
                if v.collective {
                    v.persons = Some(5 + poisson(rng, 7.0) as i64);
                }
            }
            "litigation" => v.diverted = rng.random_bool((0.34 / self.slowness).min(0.9)),
            "requests" => v.repeated = rng.random_bool((0.09 * self.slowness).min(0.5)),
            "public_opinion" => v.reach = lognormal(rng, 2500.0, 1.5) as i64,
            "key_groups" => {
                v.minors = i64::from(code == "minors")
                    + i64::from(code != "visit" && rng.random_bool(0.05));
                v.due = (code == "visit").then_some(v.occurred);
            }
            _ => {}
        }
    }

    /// How it ended and when that was known; `None` for what never ends.
    fn ending(&self, rng: &mut ChaCha8Rng, v: &Version) -> Option<(Minute, Change)> {
        if v.category_code() == "visit" {
            let at = v.occurred + (lognormal(rng, 4.0 * self.slowness, 0.8) * DAY) as i64;
            let made = rng.random_bool(0.93_f64.powf(self.slowness));
            return made.then(|| {
                (
                    at + 600,
                    Change::Ended { at, outcome: Some("visited"), level: None, satisfaction: None },
                )
            });
        }
        let ending: &Ending = self.course().ending.as_ref()?;
        if !rng.random_bool(ending.share.powf(self.slowness)) {
            return None;
        }
        let start = v.triaged.unwrap_or(v.recorded);
        let at = start
            + 10
            + (lognormal(rng, ending.median_days * self.slowness, ending.sd) * DAY) as i64;
        let outcome = choose(rng, ending.outcomes);
        let level = choose(rng, ending.levels);
        let satisfaction = rng.random_bool(ending.asked).then(|| content(rng, self.slowness));
        let known = at + 5 + lognormal(rng, 180.0, 1.0) as i64;
        Some((known, Change::Ended { at, outcome, level, satisfaction }))
    }

    /// Later corrections, and the rare withdrawal.
    fn corrections(&self, rng: &mut ChaCha8Rng, v: &Version, changes: &mut Vec<(Minute, Change)>) {
        if rng.random_bool(CORRECTED) {
            let mut known = v.recorded;
            for _ in 0..=i32::from(rng.random_bool(0.25)) {
                known += 30 + (lognormal(rng, 6.0, 0.8) * DAY) as i64;
                let change = self.correction(rng, v);
                changes.push((known, change));
            }
        }
        if rng.random_bool(WITHDRAWN) {
            let after = changes.iter().map(|c| c.0).max().unwrap_or(v.recorded).max(v.recorded);
            changes.push((after + 60 + (lognormal(rng, 8.0, 0.7) * DAY) as i64, Change::Withdrawn));
        }
    }

    fn correction(&self, rng: &mut ChaCha8Rng, v: &Version) -> Change {
        let outcomes = self.course().ending.as_ref().map_or(&[][..], |e| e.outcomes);
        let kind = rng.random::<f64>();
        if v.category_code() == "visit" || v.deaths > 0 {
            Change::Persons(v.persons.unwrap_or(1) + 1)
        } else if kind < 0.5 {
            let categories = self.rhythm().categories;
            let likely = |c: usize| {
                c != v.category as usize
                    && categories[c].share >= 0.03
                    && categories[c].code != "visit"
            };
            Change::Category(pick(
                rng,
                (0..categories.len()).map(|c| if likely(c) { categories[c].share } else { 0.0 }),
            ) as u8)
        } else if kind < 0.7 && outcomes.len() > 1 {
            choose(rng, outcomes).map_or(Change::Severity(3), Change::Outcome)
        } else {
            Change::Severity(if v.severity == Some(4) { 3 } else { 4 })
        }
    }
}

impl Version {
    fn apply(&mut self, change: Change) {
        match change {
            Change::Ended { at, outcome, level, satisfaction } => {
                self.resolved = Some(at);
                self.outcome = outcome;
                self.level = level;
                self.satisfaction = satisfaction;
            }
            Change::Category(category) => self.category = category,
            Change::Severity(severity) => self.severity = Some(severity),
            Change::Outcome(outcome) if self.resolved.is_some() => self.outcome = Some(outcome),
            Change::Outcome(_) => self.severity = Some(3),
            Change::Persons(persons) => self.persons = Some(persons),
            Change::Withdrawn => self.withdrawn = true,
        }
    }
}

fn severity(rng: &mut ChaCha8Rng) -> i64 {
    4 - pick(rng, [0.945, 0.047, 0.007, 0.001]) as i64
}

/// Satisfaction, 5 to 1; where things go slowly, less.
fn content(rng: &mut ChaCha8Rng, slowness: f64) -> i64 {
    5 - pick(rng, [0.46 / slowness, 0.34, 0.11, 0.05 * slowness, 0.03 * slowness]) as i64
}

/// CNY cents, to ten yuan; some categories are always about money.
fn money(rng: &mut ChaCha8Rng, course: &Course, code: &str) -> Option<i64> {
    let (share, median, sd) = course.money;
    let always = matches!(
        code,
        "telecom_fraud" | "fraud" | "illegal_fundraising" | "wage_arrears" | "private_lending"
    );
    let never = matches!(
        code,
        "serious_violent"
            | "domestic_violence"
            | "marriage_family"
            | "neighbour"
            | "violation"
            | "drunk_driving"
    );
    let some = share > 0.0 && !never && (always || rng.random_bool(share));
    some.then(|| ((lognormal(rng, median, sd) / 10.0).round() as i64).max(1) * 1000)
}

fn casualties(rng: &mut ChaCha8Rng, deadly: bool, injured: f64) -> (i64, i64) {
    let deaths = if deadly { 1 + poisson(rng, 0.12) as i64 } else { 0 };
    (deaths, poisson(rng, injured) as i64)
}
