//! A night's findings and the warnings so far → the warnings now.
//!
//! One open warning per area and topic; what is found later joins it. A warning keeps the highest
//! level it has reached. The same night again changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::ledger::LetterState;
use super::settings::Settings;
use super::severity::{confirmed, level_of, qualifies};
use super::warning::{Evidence, Found, Level, Warning};
use crate::detect::{Detail, Kind};

/// The warnings after a night; each change names its warning.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Update {
    pub warnings: Vec<Warning>,
    pub opened: Vec<String>,
    /// With the level before.
    pub raised: Vec<(String, Level)>,
    pub closed: Vec<String>,
    /// Rises that were not confirmed, or that a quiet period holds down, and opened nothing.
    pub waiting: usize,
}

/// The warnings after the night of `day`.
pub fn update(
    settings: &Settings,
    day: NaiveDate,
    warnings: Vec<Warning>,
    found: &[Found],
    letters: &BTreeMap<String, LetterState>,
) -> Update {
    let before: BTreeMap<String, Level> =
        warnings.iter().map(|w| (w.id.clone(), w.level)).collect();
    let mut update = Update { warnings, ..Update::default() };
    for ((area, topic), evidence) in by_topic(settings, &update.warnings, found) {
        update.add(settings, day, area, topic, evidence, letters);
    }
    update.raise_several(settings, day);
    update.close_quiet(settings, day, letters);
    let higher = |w: &Warning| {
        before.get(&w.id).filter(|level| w.level > **level).map(|level| (w.id.clone(), *level))
    };
    update.raised = update.warnings.iter().filter_map(higher).collect();
    update.warnings.sort_by(|a, b| a.id.cmp(&b.id));
    update
}

/// The evidence that counts, by area and topic. A veto's events are news once.
fn by_topic<'a>(
    settings: &'a Settings,
    warnings: &[Warning],
    found: &'a [Found],
) -> BTreeMap<(&'a str, &'a str), Vec<Evidence>> {
    let mut by_topic: BTreeMap<(&str, &str), Vec<Evidence>> = BTreeMap::new();
    for Found { area_code, evidence } in found {
        // A veto is of its domain's topic, whatever categories that names.
        let topic = settings.topic_of(&evidence.domain, &evidence.category).or_else(|| {
            let of_domain = |t: &&super::settings::Topic| {
                evidence.kind() == Kind::Veto && t.domains.contains(&evidence.domain)
            };
            settings.topic.iter().find(of_domain)
        });
        let Some(topic) = topic.filter(|_| {
            qualifies(evidence, &settings.findings) && !is_known_veto(warnings, area_code, evidence)
        }) else {
            continue;
        };
        by_topic.entry((area_code, &topic.id)).or_default().push(evidence.clone());
    }
    by_topic
}

/// Whether every event of a veto was found in the area on an earlier night.
fn is_known_veto(warnings: &[Warning], area: &str, evidence: &Evidence) -> bool {
    fn events(e: &Evidence) -> Option<&[String]> {
        if let Detail::Veto(veto) = &e.detail { Some(&veto.events) } else { None }
    }
    let Some(now) = events(evidence) else { return false };
    let same = |e: &&Evidence| {
        e.domain == evidence.domain && e.category == evidence.category && e.night < evidence.night
    };
    let before: BTreeSet<&String> = warnings
        .iter()
        .filter(|w| w.area_code == area)
        .flat_map(|w| w.evidence.iter().filter(same))
        .filter_map(events)
        .flatten()
        .collect();
    !before.is_empty() && now.iter().all(|event| before.contains(event))
}

impl Update {
    /// Adds evidence to the open warning of its area and topic, or opens one where the rise is
    /// confirmed and no quiet period holds it down.
    fn add(
        &mut self,
        settings: &Settings,
        day: NaiveDate,
        area: &str,
        topic: &str,
        evidence: Vec<Evidence>,
        letters: &BTreeMap<String, LetterState>,
    ) {
        let of_this = |w: &&mut Warning| w.area_code == area && w.topic == topic;
        if let Some(open) = self.warnings.iter_mut().filter(of_this).find(|w| w.closed.is_none()) {
            add_evidence(open, evidence, settings.levels.period_days);
            open.level =
                open.level.max(level_of(&open.evidence, day, &issued(letters, &open.id), settings));
            return;
        }
        let level = level_of(&evidence, day, &[], settings);
        let quiet = |w: &Warning| {
            w.closed.is_some_and(|c| (day - c).num_days() < i64::from(settings.quiet.days))
                && level <= w.level
        };
        let held_down =
            self.warnings.iter().filter(|w| w.area_code == area && w.topic == topic).any(quiet);
        if held_down || !evidence.iter().any(|e| confirmed(e, settings)) {
            self.waiting += 1;
            return;
        }
        let id = Warning::id_of(area, topic, day);
        let mut warning = Warning {
            id: id.clone(),
            area_code: area.into(),
            topic: topic.into(),
            level,
            opened: day,
            closed: None,
            evidence: Vec::new(),
        };
        add_evidence(&mut warning, evidence, settings.levels.period_days);
        self.opened.push(id);
        self.warnings.push(warning);
    }

    /// Orange where several topics of one area are warned of at once: those that
    /// were found tonight.
    fn raise_several(&mut self, settings: &Settings, day: NaiveDate) {
        let recent = |w: &&Warning| {
            w.closed.is_none()
                && (day - w.last_night()).num_days() < i64::from(settings.levels.period_days)
        };
        let mut topics: BTreeMap<String, usize> = BTreeMap::new();
        for warning in self.warnings.iter().filter(recent) {
            *topics.entry(warning.area_code.clone()).or_default() += 1;
        }
        for warning in
            self.warnings.iter_mut().filter(|w| w.closed.is_none() && w.last_night() == day)
        {
            if topics.get(&warning.area_code).is_some_and(|n| *n >= settings.levels.orange_topics) {
                warning.level = warning.level.max(Level::Orange);
            }
        }
    }

    /// Ends what has been quiet, unless a letter about it is still on its way.
    fn close_quiet(
        &mut self,
        settings: &Settings,
        day: NaiveDate,
        letters: &BTreeMap<String, LetterState>,
    ) {
        for warning in self.warnings.iter_mut().filter(|w| w.closed.is_none()) {
            let quiet = (day - warning.last_night()).num_days()
                >= i64::from(settings.quiet.close_after_days);
            if quiet && !letters.values().any(|l| l.is_open() && l.warning_id == warning.id) {
                warning.closed = Some(day);
                self.closed.push(warning.id.clone());
            }
        }
    }
}

/// Days on which letters about a warning were issued.
pub(super) fn issued(letters: &BTreeMap<String, LetterState>, warning_id: &str) -> Vec<NaiveDate> {
    letters
        .values()
        .filter(|l| l.warning_id == warning_id)
        .filter_map(|l| l.issued.as_ref())
        .map(|i| i.date)
        .collect()
}

/// Adds evidence that is not there yet, and keeps of each series and kind the first and the last
/// night of every period: enough to tell in which stretches of a period's length it was found,
/// however many nights there are.
fn add_evidence(warning: &mut Warning, evidence: Vec<Evidence>, period_days: u32) {
    let key = |e: &Evidence| {
        (
            e.night,
            e.domain.clone(),
            e.category.clone(),
            e.kind().name(),
            e.method.clone(),
            e.period_start,
        )
    };
    for new in evidence {
        if !warning.evidence.iter().any(|e| key(e) == key(&new)) {
            warning.evidence.push(new);
        }
    }
    let opened = warning.opened;
    let group = |e: &Evidence| {
        let period = (e.night - opened).num_days() / i64::from(period_days.max(1));
        (e.domain.clone(), e.category.clone(), e.kind(), e.method.clone(), period)
    };
    let mut nights: BTreeMap<_, (NaiveDate, NaiveDate)> = BTreeMap::new();
    for e in &warning.evidence {
        let (first, last) = nights.entry(group(e)).or_insert((e.night, e.night));
        (*first, *last) = ((*first).min(e.night), (*last).max(e.night));
    }
    warning.evidence.retain(|e| {
        e.kind() == Kind::Veto
            || nights.get(&group(e)).is_some_and(|(first, last)| [first, last].contains(&&e.night))
    });
    warning.evidence.sort_by_key(key);
}
