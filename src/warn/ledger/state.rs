//! What the steps of letters add up to, which step may follow, and whether the rows are what was
//! written.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::entry::Entry;
use super::note::{Approval, Begun, Feedback, Hashes, Issue};
use super::step::Step;
use crate::warn::facts::Facts;
use crate::warn::warning::Warning;
use methods::Flaw;

/// A letter as its steps have left it.
#[derive(Clone, Debug, PartialEq)]
pub struct LetterState {
    pub letter_id: String,
    /// The warning it is about.
    pub warning_id: String,
    pub facts: Facts,
    pub approved: Option<Approval>,
    /// Approvals that another one followed.
    pub approved_before: Vec<Approval>,
    pub issued: Option<Issued>,
    /// What the documents were when it was issued; none of one that an earlier version issued.
    pub documents: Option<Hashes>,
    pub received: Option<DateTime<Utc>>,
    /// Measures that were begun, with the time they were told.
    pub measures: Vec<(DateTime<Utc>, Begun)>,
    /// Every answer with its time; the last one counts, the first one kept the limit.
    pub answers: Vec<(DateTime<Utc>, Feedback)>,
    /// The evaluation, as it was noted.
    pub effect: Option<Value>,
    pub closed: Option<DateTime<Utc>>,
    /// Time of the last step.
    pub last: DateTime<Utc>,
}

/// Number and day of an issued letter.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Issued {
    pub number: String,
    pub n: u32,
    pub date: NaiveDate,
    /// The verification code (核验码): the first 16 digits of the ledger's head at the issue, in
    /// groups of four.
    pub code: String,
}

/// A letter's id: its warning's, its kind's and its department's, where it goes to one, so that
/// nobody has two letters of a kind about one warning.
pub fn letter_id(warning_id: &str, kind: &str, department: Option<&str>) -> String {
    match department {
        Some(department) => format!("{warning_id}-{kind}-{department}"),
        None => format!("{warning_id}-{kind}"),
    }
}

impl LetterState {
    /// What the first step of a letter makes.
    ///
    /// # Errors
    /// A [`Flaw`] where it is no draft, or not of this letter.
    pub fn begin(entry: &Entry) -> Result<LetterState, Flaw> {
        if Step::find(&entry.step) != Some(Step::Draft) {
            return Err(Flaw::new(
                format!("letter {} was never drafted", entry.letter_id),
                "`pingan letters list` shows those there are",
            ));
        }
        let facts: Facts = read(&entry.note)?;
        let warning_id = Warning::id_of(&facts.area_code, &facts.topic, facts.since);
        let department = facts.department.as_ref().map(|d| d.id.as_str());
        let id = letter_id(&warning_id, &facts.kind, department);
        if id != entry.letter_id {
            return Err(Flaw::new(
                format!("the draft of {} tells of {id}", entry.letter_id),
                "restore the ledger",
            ));
        }
        Ok(LetterState {
            letter_id: id,
            warning_id,
            facts,
            approved: None,
            approved_before: Vec::new(),
            issued: None,
            documents: None,
            received: None,
            measures: Vec::new(),
            answers: Vec::new(),
            effect: None,
            closed: None,
            last: entry.at,
        })
    }

    /// Adds the next step.
    ///
    /// # Errors
    /// A [`Flaw`] where it may not follow, is earlier than the last, or its note cannot be read.
    pub fn apply(&mut self, entry: &Entry) -> Result<(), Flaw> {
        let step = Step::find(&entry.step).ok_or_else(|| {
            Flaw::new(format!("there is no step \"{}\"", entry.step), "restore the ledger")
        })?;
        self.may(step)?;
        if entry.at < self.last {
            let what = format!(
                "step {} of {} is dated before the step it follows",
                entry.step, self.letter_id
            );
            return Err(Flaw::new(what, format!("date it {} or later", self.last.to_rfc3339())));
        }
        match step {
            Step::Draft => {
                self.facts = LetterState::begin(entry)?.facts;
            }
            Step::Approve => {
                self.approved_before.extend(self.approved.replace(read(&entry.note)?));
            }
            Step::Issue => {
                let Issue { number, n, date, .. } = read(&entry.note)?;
                self.issued = Some(Issued { number, n, date, code: code(&entry.hash) });
            }
            Step::Documents => self.documents = Some(read(&entry.note)?),
            Step::Receive => self.received = Some(entry.at),
            Step::Measures => self.measures.push((entry.at, read(&entry.note)?)),
            Step::Feedback => self.answers.push((entry.at, read(&entry.note)?)),
            Step::Evaluate => self.effect = Some(read(&entry.note)?),
            Step::Close => self.closed = Some(entry.at),
        }
        self.last = entry.at;
        Ok(())
    }

    /// Whether a step may come now.
    ///
    /// # Errors
    /// A [`Flaw`] that says what stands in the way and which step comes first.
    pub fn may(&self, step: Step) -> Result<(), Flaw> {
        let id = &self.letter_id;
        let refuse = |why: &str, fix: String| {
            Err(Flaw::new(format!("{} of {id} is not possible: {why}", step.name()), fix))
        };
        let first = |command: &str| format!("`pingan letters {command} {id}` comes first");
        let nothing = || format!("`pingan letters show {id}` tells its steps");
        if self.closed.is_some() {
            return refuse("it is closed", nothing());
        }
        let (issued, received) = (self.issued.is_some(), self.received.is_some());
        match step {
            Step::Draft if !self.is_draft() => {
                refuse("what is approved is not drafted anew", nothing())
            }
            Step::Approve if issued => refuse("it is issued already", nothing()),
            Step::Issue if issued => refuse("it is issued already", nothing()),
            Step::Issue if self.approved.is_none() => {
                refuse("it is not approved", first("approve"))
            }
            Step::Documents | Step::Receive | Step::Measures | Step::Feedback | Step::Evaluate
                if !issued =>
            {
                refuse("it is not issued", first("issue"))
            }
            Step::Documents if self.documents.is_some() => {
                refuse("its documents are noted already", nothing())
            }
            Step::Receive if received => refuse("it is received already", nothing()),
            Step::Measures | Step::Feedback if !received => {
                refuse("it is not received", first("receive"))
            }
            Step::Evaluate if self.effect.is_some() => refuse("it is evaluated already", nothing()),
            _ => Ok(()),
        }
    }

    /// How far it has come: draft, approved, issued, received, measures, feedback, evaluated,
    /// closed.
    pub fn status(&self) -> &'static str {
        let reached = [
            (self.closed.is_some(), "closed"),
            (self.effect.is_some(), "evaluated"),
            (!self.answers.is_empty(), "feedback"),
            (!self.measures.is_empty(), "measures"),
            (self.received.is_some(), "received"),
            (self.issued.is_some(), "issued"),
            (self.approved.is_some(), "approved"),
        ];
        reached.iter().find(|(is, _)| *is).map_or("draft", |(_, name)| name)
    }

    /// The day by which an answer is asked for.
    pub fn reply_by(&self) -> NaiveDate {
        self.approved.as_ref().and_then(|a| a.reply_by).unwrap_or(self.facts.reply_by)
    }

    /// The facts as they were approved: where the answer is asked for by another day, measures are
    /// to be done as many days later.
    pub fn facts_approved(&self) -> Facts {
        let (reply_by, moved) = (self.reply_by(), self.reply_by() - self.facts.reply_by);
        Facts { reply_by, limit_by: self.facts.limit_by + moved, ..self.facts.clone() }
    }

    /// Recipients of a letter to several that have not answered.
    pub fn unanswered(&self) -> Vec<&str> {
        let has_answered = |name: &str| {
            self.answers.iter().any(|(_, answer)| answer.from.as_deref() == Some(name))
        };
        let names = self.facts.recipients.iter().map(String::as_str);
        names.filter(|name| !has_answered(name)).collect()
    }

    /// Whether everybody has answered to whom it went.
    pub fn is_answered(&self) -> bool {
        !self.answers.is_empty() && self.unanswered().is_empty()
    }

    /// Issued, and neither answered nor closed when the day by which an answer was asked for was
    /// over.
    pub fn overdue(&self, day: NaiveDate) -> bool {
        self.issued.is_some()
            && !self.is_answered()
            && self.closed.is_none()
            && day > self.reply_by()
    }

    /// Drafted, and neither approved nor sent nor closed.
    pub fn is_draft(&self) -> bool {
        self.approved.is_none() && self.issued.is_none() && self.closed.is_none()
    }

    /// Sent and not yet at its end.
    pub fn is_open(&self) -> bool {
        self.issued.is_some() && self.closed.is_none()
    }
}

/// The first row that is not what was written.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("row {seq} of the ledger: {what}")]
pub struct Broken {
    pub seq: i64,
    pub what: String,
}

/// Goes through the rows in order: numbers without gap, each hash over its row and the hash before,
/// each step one that may follow. What the steps add up to comes back, by letter.
///
/// # Errors
/// [`Broken`] names the first row that does not hold.
pub fn verify(entries: &[Entry]) -> Result<BTreeMap<String, LetterState>, Broken> {
    let mut letters = BTreeMap::new();
    let mut before = "";
    for (entry, seq) in entries.iter().zip(1..) {
        let broken = |what: String| Broken { seq, what };
        if entry.seq != seq {
            return Err(broken(format!("it is missing, {} stands in its place", entry.seq)));
        }
        if entry.prev_hash != before {
            return Err(broken("it does not follow the row before it".into()));
        }
        if entry.hash != entry.computed_hash() {
            return Err(broken(format!(
                "it was edited after it was written ({} of letter {})",
                entry.step, entry.letter_id
            )));
        }
        apply(&mut letters, entry).map_err(|flaw| broken(flaw.what))?;
        before = &entry.hash;
    }
    Ok(letters)
}

/// Adds one row's step to the letters.
pub(in crate::warn) fn apply(
    letters: &mut BTreeMap<String, LetterState>,
    entry: &Entry,
) -> Result<(), Flaw> {
    match letters.get_mut(&entry.letter_id) {
        Some(letter) => letter.apply(entry),
        None => LetterState::begin(entry).map(|letter| {
            letters.insert(letter.letter_id.clone(), letter);
        }),
    }
}

fn read<T: DeserializeOwned>(note: &str) -> Result<T, Flaw> {
    serde_json::from_str(note)
        .map_err(|e| Flaw::new(format!("the note cannot be read: {e}"), "restore the ledger"))
}

/// `3F2A-…`: the first 16 digits of a hash in groups of four.
fn code(hash: &str) -> String {
    let digits: Vec<char> = hash.chars().take(16).map(|c| c.to_ascii_uppercase()).collect();
    digits
        .chunks(4)
        .map(|group| group.iter().collect::<String>())
        .collect::<Vec<String>>()
        .join("-")
}
