//! Warnings and letters → which letters are to be drafted now, which are held back, which are
//! overdue.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use super::facts::Earlier;
use super::ledger::{LetterState, letter_id};
use super::settings::{LetterKind, Settings};
use super::severity::persists;
use super::warning::{Level, Warning};

/// A letter to be drafted.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned<'a> {
    pub warning: &'a Warning,
    pub kind: &'a LetterKind,
    /// The letter that it follows.
    pub earlier: Option<Earlier>,
}

/// A letter whose answer has not come.
#[derive(Clone, Debug, PartialEq)]
pub struct Overdue<'a> {
    pub letter: &'a LetterState,
    pub days: i64,
    /// The kind that follows; `None` after the last.
    pub next: Option<&'a LetterKind>,
}

/// What is to be done on a night.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan<'a> {
    pub drafts: Vec<Planned<'a>>,
    /// What the cap of letters per area and month holds back; it is planned again on the nights to
    /// come.
    pub held_back: Vec<Planned<'a>>,
    pub overdue: Vec<Overdue<'a>>,
    /// Letters never sent whose warning has ended.
    pub withdrawn: Vec<&'a LetterState>,
}

/// What is to be done on the night of `day`. Never a second letter of one kind about one warning.
pub fn plan<'a>(
    settings: &'a Settings,
    day: NaiveDate,
    warnings: &'a [Warning],
    letters: &'a BTreeMap<String, LetterState>,
) -> Plan<'a> {
    let mut about: BTreeMap<&str, Vec<&LetterState>> = BTreeMap::new();
    for letter in letters.values() {
        about.entry(&letter.warning_id).or_default().push(letter);
    }
    for letters in about.values_mut() {
        letters.sort_by_key(|l| {
            (l.facts.as_of, settings.kind.iter().position(|k| k.id == l.facts.kind))
        });
    }
    let of = |warning: &Warning| about.get(warning.id.as_str()).map_or(&[][..], Vec::as_slice);
    let open = || warnings.iter().filter(|w| w.closed.is_none());
    let mut wanted: Vec<Planned> = open()
        .filter(|w| w.level >= settings.levels.letters_from)
        .filter_map(|w| next(settings, day, w, of(w)))
        .filter(|p| !letters.contains_key(&letter_id(&p.warning.id, &p.kind.id)))
        .collect();
    wanted.sort_by_key(|p| {
        (
            std::cmp::Reverse(p.warning.level),
            p.earlier.is_none(),
            p.warning.opened,
            p.warning.id.clone(),
        )
    });
    let (drafts, held_back) = capped(settings, day, wanted, letters);
    let late = |letter: &&'a LetterState| letter.overdue(day);
    let overdue = |letter: &'a LetterState| Overdue {
        letter,
        days: (day - letter.reply_by()).num_days(),
        next: settings.next_kind(&letter.facts.kind),
    };
    // Once a further letter has gone out, its answer is what is waited for.
    let last_sent =
        |warning: &Warning| of(warning).iter().rev().copied().find(|l| l.issued.is_some());
    let ended = |w: &&Warning| w.closed.is_some();
    let unsent = |l: &&LetterState| l.issued.is_none() && l.closed.is_none();
    Plan {
        drafts,
        held_back,
        overdue: warnings.iter().filter_map(last_sent).filter(late).map(overdue).collect(),
        withdrawn: warnings
            .iter()
            .filter(ended)
            .flat_map(|w| of(w).iter().copied().filter(unsent))
            .collect(),
    }
}

/// The letter that a warning asks for: the first kind where there is none; the next one where the
/// last was not answered in time, or the rise goes on after it.
fn next<'a>(
    settings: &'a Settings,
    day: NaiveDate,
    warning: &'a Warning,
    letters: &[&LetterState],
) -> Option<Planned<'a>> {
    let Some(last) = letters.last() else {
        return settings.kind.first().map(|kind| Planned { warning, kind, earlier: None });
    };
    let issued = last.issued.as_ref()?;
    let persists = persists(&warning.evidence, day, issued.date, &settings.levels);
    let kind = settings.next_kind(&last.facts.kind).filter(|_| persists || last.overdue(day))?;
    let earlier = Earlier {
        letter_id: last.letter_id.clone(),
        number: issued.number.clone(),
        kind_name: last.facts.kind_name.clone(),
        issued: issued.date,
        reply_by: last.reply_by(),
        answered: !last.answers.is_empty(),
        persists,
    };
    Some(Planned { warning, kind, earlier: Some(earlier) })
}

/// Divides what is wanted by the cap per area and calendar month. Red is never held back; what was
/// withdrawn before it was sent does not count.
fn capped<'a>(
    settings: &Settings,
    day: NaiveDate,
    wanted: Vec<Planned<'a>>,
    letters: &BTreeMap<String, LetterState>,
) -> (Vec<Planned<'a>>, Vec<Planned<'a>>) {
    let month = |d: NaiveDate| (d.year(), d.month());
    let sent_or_waiting = |l: &&LetterState| l.issued.is_some() || l.closed.is_none();
    let mut had: BTreeMap<&str, usize> = BTreeMap::new();
    for letter in
        letters.values().filter(|l| month(l.facts.as_of) == month(day)).filter(sent_or_waiting)
    {
        *had.entry(&letter.facts.area_code).or_default() += 1;
    }
    wanted.into_iter().partition(|planned| {
        let count = had.entry(&planned.warning.area_code).or_default();
        let goes = planned.warning.level == Level::Red || *count < settings.cap.letters;
        *count += usize::from(goes);
        goes
    })
}
