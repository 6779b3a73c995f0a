//! Warnings and letters → which letters are to be drafted now, to whom, which wait and why, which
//! are overdue.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use super::circular::is_covered;
use super::departments::{leading, leads_in_all};
use super::facts::Earlier;
use super::ledger::{LetterState, letter_id};
use super::settings::{Department, LetterKind, Receives, Recipient, Settings};
use super::severity::persists;
use super::warning::{Evidence, Level, Warning};

/// A letter to be drafted.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned<'a> {
    pub warning: &'a Warning,
    pub to: Recipient,
    /// The department that it goes to, where it goes to one.
    pub department: Option<&'a Department>,
    pub kind: &'a LetterKind,
    /// The letter that it follows.
    pub earlier: Option<Earlier>,
}

/// Why a letter waits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Waits {
    /// Its recipient has had as many in the month as `[cap]` allows.
    Cap,
    /// The centre follows as many in the month as `[attention]` says, and others are stronger.
    Attention,
    /// The circular letter of the county says it already.
    Circular,
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
    /// Drafts that nobody has approved yet, and that lack a series which has risen since.
    pub redrafts: Vec<Planned<'a>>,
    /// What waits; it is planned again on the nights to come.
    pub waiting: Vec<(Planned<'a>, Waits)>,
    pub overdue: Vec<Overdue<'a>>,
    /// Letters never sent whose warning has ended.
    pub withdrawn: Vec<&'a LetterState>,
}

/// Letters about each warning, to each department or to its area, in the order in which they
/// followed each other.
type Threads<'a> = BTreeMap<(&'a str, Option<&'a str>), Vec<&'a LetterState>>;

/// What is to be done on the night of `day`. Never a second letter of one kind about one warning to
/// one recipient. `root` is the area of the whole county.
pub fn plan<'a>(
    settings: &'a Settings,
    root: &str,
    day: NaiveDate,
    warnings: &'a [Warning],
    letters: &'a BTreeMap<String, LetterState>,
) -> Plan<'a> {
    let threads = threads(settings, letters);
    let (redrafts, mut wanted): (Vec<Planned>, Vec<Planned>) = warnings
        .iter()
        .filter(|w| w.closed.is_none() && w.level >= settings.levels.letters_from)
        .flat_map(|w| recipients(settings, root, w).into_iter().map(move |r| (w, r)))
        .filter_map(|(w, recipient)| next(settings, day, w, recipient, &threads))
        .partition(|p| letters.get(&p.letter_id()).is_some_and(LetterState::is_draft));
    wanted.retain(|p| !letters.contains_key(&p.letter_id()));
    wanted.sort_by(|a, b| {
        let order = |p: &Planned| (Reverse(p.is_red()), p.earlier.is_none());
        let excess = |p: &Planned| p.warning.excess();
        order(a)
            .cmp(&order(b))
            .then(excess(b).total_cmp(&excess(a)))
            .then_with(|| (a.warning.opened, a.letter_id()).cmp(&(b.warning.opened, b.letter_id())))
    });
    let county: Vec<&Warning> =
        warnings.iter().filter(|w| w.area_code == root && w.closed.is_none()).collect();
    let mut month = Month::new(settings, day, letters);
    let mut plan = Plan { redrafts, ..Plan::default() };
    for planned in wanted {
        let covered = planned.earlier.is_none() && is_covered(planned.warning, &county, settings);
        match month.waits(&planned, covered) {
            Some(why) => plan.waiting.push((planned, why)),
            None => plan.drafts.push(planned),
        }
    }
    plan.overdue = overdue(settings, day, warnings, &threads);
    plan.withdrawn = withdrawn(warnings, letters);
    plan
}

fn threads<'a>(settings: &Settings, letters: &'a BTreeMap<String, LetterState>) -> Threads<'a> {
    let mut threads = Threads::new();
    for letter in letters.values() {
        threads.entry((&letter.warning_id, department_of(letter))).or_default().push(letter);
    }
    for letters in threads.values_mut() {
        letters.sort_by_key(|l| {
            (l.facts.as_of, settings.kind.iter().position(|k| k.id == l.facts.kind))
        });
    }
    threads
}

fn department_of(letter: &LetterState) -> Option<&str> {
    letter.facts.department.as_ref().map(|d| d.id.as_str())
}

/// To whom letters about a warning go: to its area or all areas, unless a department that leads in
/// all of it answers alone; and to departments that get letters of their own.
fn recipients<'a>(
    settings: &'a Settings,
    root: &str,
    warning: &Warning,
) -> Vec<(Recipient, Option<&'a Department>)> {
    let leading: Vec<&Department> = leading(settings, warning).collect();
    let alone =
        leading.iter().any(|d| d.receives == Receives::LetterAlone && leads_in_all(d, warning));
    let own = match warning.area_code == root {
        true => Recipient::County,
        false => Recipient::Area,
    };
    let written = leading.into_iter().filter(|d| d.receives != Receives::Copy);
    let departments = written.map(|d| (Recipient::Department, Some(d)));
    (!alone).then_some((own, None)).into_iter().chain(departments).collect()
}

/// The letter that a warning asks for: the first kind where there is none; the same anew where it
/// is a draft that lacks what has risen since; the next one where the last was not answered in time,
/// or the rise goes on after it.
fn next<'a>(
    settings: &'a Settings,
    day: NaiveDate,
    warning: &'a Warning,
    (to, department): (Recipient, Option<&'a Department>),
    threads: &Threads,
) -> Option<Planned<'a>> {
    let thread = threads.get(&(warning.id.as_str(), department.map(|d| d.id.as_str())));
    let Some(last) = thread.and_then(|letters| letters.last()) else {
        let kind = settings.first_kind(to)?;
        return Some(Planned { warning, to, department, kind, earlier: None });
    };
    if last.is_draft() {
        let kind = settings.kind_of(&last.facts.kind).filter(|_| lacks(last, warning))?;
        let earlier = last.facts.earlier.clone();
        return Some(Planned { warning, to, department, kind, earlier });
    }
    let issued = last.issued.as_ref()?;
    let persists = persists(&warning.evidence, day, issued.date, &settings.levels);
    let kind =
        settings.next_kind(&last.facts.kind, to).filter(|_| persists || last.overdue(day))?;
    let earlier = Earlier {
        letter_id: last.letter_id.clone(),
        number: issued.number.clone(),
        kind_name: last.facts.kind_name.clone(),
        issued: issued.date,
        reply_by: last.reply_by(),
        answered: last.is_answered(),
        persists,
    };
    Some(Planned { warning, to, department, kind, earlier: Some(earlier) })
}

/// Whether a series has risen of which a letter says nothing.
fn lacks(letter: &LetterState, warning: &Warning) -> bool {
    let states = |new: &Evidence| {
        let mut stated = letter.facts.risen.iter().map(|rise| &rise.evidence);
        stated.any(|e| e.domain == new.domain && e.category == new.category)
    };
    warning.latest().any(|e| !states(e))
}

/// Letters sent last whose answer has not come: once a further letter has gone out, its answer is
/// what is waited for.
fn overdue<'a>(
    settings: &'a Settings,
    day: NaiveDate,
    warnings: &[Warning],
    threads: &Threads<'a>,
) -> Vec<Overdue<'a>> {
    let late = |letters: &Vec<&'a LetterState>| {
        let last = letters.iter().rev().copied().find(|l| l.issued.is_some())?;
        last.overdue(day).then(|| Overdue {
            letter: last,
            days: (day - last.reply_by()).num_days(),
            next: settings.next_kind(&last.facts.kind, last.facts.recipient()),
        })
    };
    let of_warning = |w: &Warning| {
        let id = w.id.clone();
        threads.iter().filter(move |((warning, _), _)| *warning == id).map(|(_, letters)| letters)
    };
    warnings.iter().flat_map(of_warning).filter_map(late).collect()
}

fn withdrawn<'a>(
    warnings: &[Warning],
    letters: &'a BTreeMap<String, LetterState>,
) -> Vec<&'a LetterState> {
    let unsent = |l: &&LetterState| l.issued.is_none() && l.closed.is_none();
    let ended = warnings.iter().filter(|w| w.closed.is_some());
    ended.flat_map(|w| letters.values().filter(unsent).filter(|l| l.warning_id == w.id)).collect()
}

/// The letters of a calendar month, as they are divided.
struct Month<'a> {
    settings: &'a Settings,
    /// By area or department.
    had: BTreeMap<String, usize>,
    all: usize,
}

impl<'a> Month<'a> {
    /// The letters that the month of a day has had. What was withdrawn before it was sent does not
    /// count.
    fn new(
        settings: &'a Settings,
        day: NaiveDate,
        letters: &BTreeMap<String, LetterState>,
    ) -> Month<'a> {
        let month = |d: NaiveDate| (d.year(), d.month());
        let counts = |l: &&LetterState| {
            month(l.facts.as_of) == month(day) && (l.issued.is_some() || l.closed.is_none())
        };
        let mut divided = Month { settings, had: BTreeMap::new(), all: 0 };
        for letter in letters.values().filter(counts) {
            divided.count(department_of(letter).unwrap_or(&letter.facts.area_code));
        }
        divided
    }

    fn count(&mut self, recipient: &str) {
        *self.had.entry(recipient.to_owned()).or_default() += 1;
        self.all += 1;
    }

    /// Why a letter waits; one that does not is counted. Nothing red waits.
    fn waits(&mut self, planned: &Planned, covered: bool) -> Option<Waits> {
        let recipient = planned.department.map_or(&planned.warning.area_code, |d| &d.id);
        let had = self.had.get(recipient).copied().unwrap_or(0);
        let attention = self.settings.attention.as_ref();
        let why = match () {
            () if planned.is_red() => None,
            () if covered => Some(Waits::Circular),
            () if had >= self.settings.cap.letters => Some(Waits::Cap),
            () if attention.is_some_and(|a| self.all >= a.letters) => Some(Waits::Attention),
            () => None,
        };
        if why.is_none() {
            self.count(recipient);
        }
        why
    }
}

impl Planned<'_> {
    /// The id of the letter.
    pub fn letter_id(&self) -> String {
        letter_id(&self.warning.id, &self.kind.id, self.department.map(|d| d.id.as_str()))
    }

    fn is_red(&self) -> bool {
        self.warning.level == Level::Red
    }
}
