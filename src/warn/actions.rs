//! What people do with letters: approve, issue, receive, answer, close. Every step goes into the
//! ledger before any document follows it.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::Serialize;
use serde_json::Value;

use super::documents::{Documents, hash};
use super::ledger::{
    Approval, Begun, Entry, Feedback, Issue, Ledger, LetterState, NewStep, Remark, Step,
};
use super::offices;
use super::settings::Settings;
use crate::error::from_template;
use crate::notes::Vocabulary;
use crate::workspace::Workspace;
use lake::areas::short;
use lake::error::{At, Error, Result};
use lake::mask;
use methods::Flaw;
use render::docx_text;

/// What is done to a letter.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// Agrees with the text as it lies there; `reply_by` asks for the answer by another day.
    Approve {
        reply_by: Option<NaiveDate>,
    },
    Issue,
    Receive,
    /// What the recipient does, its answer and its figures; at least one of them.
    Feedback {
        /// Words for measures, and how often.
        measures: BTreeMap<String, Option<u64>>,
        figures: BTreeMap<String, f64>,
        /// Which of several recipients.
        from: Option<String>,
    },
    Close,
}

/// Who did it, when, and what they say.
#[derive(Clone, Debug, PartialEq)]
pub struct Stamp {
    /// An office or a role; empty: the township for what it does itself, else the centre.
    pub by: Option<String>,
    pub note: String,
    pub at: DateTime<Utc>,
    /// Whether the day was given: another day is then another step.
    pub dated: bool,
}

/// The ledger open for what people do with letters.
pub struct Actions<'a> {
    pub workspace: &'a Workspace,
    pub settings: &'a Settings,
    pub ledger: Ledger<'a>,
    pub documents: Documents<'a>,
    /// The words that may stand in the ledger.
    pub vocabulary: Vocabulary,
}

impl Actions<'_> {
    /// Does one thing to one letter, unless it was done already; before it is done what an earlier
    /// command, cut short, did not come to, and after it documents and table follow.
    ///
    /// # Errors
    /// [`Error::Usage`] where there is no such letter, the step may not follow, or a text names a
    /// person; [`Error::Input`] where an edited draft cannot be filled in.
    pub fn act(&mut self, id: &str, act: &Act, stamp: &Stamp) -> Result<()> {
        let letter = self.ledger.letters().get(id).cloned();
        let letter = letter.ok_or_else(|| {
            Error::usage(
                format!("there is no letter {id}"),
                "`pingan letters list` shows those there are",
            )
        })?;
        free_of_persons(act, stamp)?;
        let (act, stamp) = &self.in_plain_words(act, stamp)?;
        self.follow(id)?;
        let steps = match act {
            Act::Approve { reply_by } => self.approval(&letter, *reply_by, stamp)?,
            Act::Issue => self.issue(&letter, stamp)?,
            Act::Receive => self.remark(&letter, Step::Receive, stamp)?,
            Act::Feedback { measures, figures, from } => {
                let from = self.sender(&letter, from.as_deref())?;
                let begun = Begun { measures: measures.clone(), from, ..Begun::default() };
                self.feedback(&letter, begun, figures, stamp)?
            }
            Act::Close => self.close(&letter, stamp)?,
        };
        self.ledger.append(&steps)?;
        self.follow(id)
    }

    /// Brings documents, table and head to where the ledger is.
    fn follow(&self, id: &str) -> Result<()> {
        for notice in self.documents.follow_ledger(self.ledger.letters().get(id).into_iter())? {
            tracing::warn!("{notice}");
        }
        self.ledger.follow()
    }

    fn approval(
        &self,
        letter: &LetterState,
        reply_by: Option<NaiveDate>,
        stamp: &Stamp,
    ) -> Result<Vec<NewStep>> {
        let id = &letter.letter_id;
        let same_day = |a: &Approval| reply_by.is_none() || a.reply_by == reply_by;
        let done = letter.approved.as_ref().filter(|a| same_day(a) && a.note == stamp.note);
        if letter.issued.is_some() && done.is_some() && self.is_done(letter, Step::Approve, stamp) {
            return Ok(Vec::new());
        }
        letter.may(Step::Approve).map_err(usage)?;
        self.check_signer(letter, stamp)?;
        let approval = self.approval_of(letter, reply_by, stamp)?;
        let same =
            |b: &Approval| (&b.document, b.reply_by) == (&approval.document, approval.reply_by);
        if !letter.approved.as_ref().is_some_and(same) {
            return Ok(vec![self.step(letter, stamp, Step::Approve, note(&approval)?)]);
        }
        if done.is_some() && self.is_done(letter, Step::Approve, stamp) {
            return Ok(Vec::new());
        }
        let fix = format!("`pingan letters issue {id}` comes next");
        Err(Error::usage(format!("{id} is approved already"), fix))
    }

    /// The approval of a letter as it lies there. A day that an earlier approval asked for stays.
    fn approval_of(
        &self,
        letter: &LetterState,
        reply_by: Option<NaiveDate>,
        stamp: &Stamp,
    ) -> Result<Approval> {
        let docx = self.approvable(letter)?;
        let before = letter.approved.as_ref();
        let approval = Approval {
            document: String::new(),
            edited: false,
            reply_by: reply_by.or(before.and_then(|b| b.reply_by)),
            note: stamp.note.clone(),
        };
        let approved = LetterState { approved: Some(approval.clone()), ..letter.clone() };
        let as_approved = self.documents.draft_docx(&approved)?;
        let edited = docx != as_approved && !self.documents.is_own_text(letter, &docx)?;
        let document = hash(if edited { &docx } else { &as_approved });
        Ok(Approval { document, edited, ..approval })
    }

    /// A letter's DOCX, in which no person's number stands.
    fn approvable(&self, letter: &LetterState) -> Result<Vec<u8>> {
        let file = self.documents.docx(&letter.letter_id);
        let docx = std::fs::read(&file).at(&file)?;
        let text = docx_text(&docx).map_err(from_template)?;
        if text.iter().any(|paragraph| mask::identifies(paragraph)) {
            let fix = "take identity numbers, mobile numbers and plates out of it";
            return Err(Error::input(&file, "it holds a person's number, and no letter may", fix));
        }
        Ok(docx)
    }

    /// Number, date and code, and in the same commit the hashes of the documents that bear them.
    fn issue(&self, letter: &LetterState, stamp: &Stamp) -> Result<Vec<NewStep>> {
        if letter.issued.is_some() && self.is_done(letter, Step::Issue, stamp) {
            return Ok(Vec::new());
        }
        letter.may(Step::Issue).map_err(usage)?;
        self.check_signer(letter, stamp)?;
        let (id, Some(approval)) = (&letter.letter_id, &letter.approved) else {
            return Ok(Vec::new());
        };
        let file = self.documents.docx(id);
        let docx = std::fs::read(&file).at(&file)?;
        if hash(&docx) != approval.document {
            let what = format!("{} was changed after it was approved", file.display());
            return Err(Error::usage(what, format!("`pingan letters approve {id}` again")));
        }
        let issue = self.step(letter, stamp, Step::Issue, note(&self.number(letter, stamp)?)?);
        let (_, mut letters) = self.ledger.with(std::slice::from_ref(&issue))?;
        let after = letters.remove(id).unwrap_or_else(|| letter.clone());
        let Some(issued) = &after.issued else { return Ok(Vec::new()) };
        // Fails before anything is recorded where a place was removed.
        let approved = approval.edited.then_some(docx.as_slice());
        let hashes = self.documents.issued(&after, issued, approved)?.hashes();
        let documents = NewStep { step: Step::Documents, note: note(&hashes)?, ..issue.clone() };
        Ok(vec![issue, documents])
    }

    /// The next number of the letter's kind and year, and its day.
    fn number(&self, letter: &LetterState, stamp: &Stamp) -> Result<Issue> {
        let id = &letter.letter_id;
        let date = self.day(stamp.at);
        if date > letter.reply_by() {
            let what = format!(
                "{id} asks for an answer by {}, which is before its issue on {date}",
                letter.reply_by()
            );
            return Err(Error::usage(
                what,
                format!("`pingan letters approve {id} --reply-by DATE` again, or close it"),
            ));
        }
        let kind = self.settings.kind_of(&letter.facts.kind).ok_or_else(|| {
            let what = format!(
                "{} no longer has a [[kind]] {}, so that there is no number",
                super::WARNINGS,
                letter.facts.kind
            );
            Error::usage(what, "put the kind back")
        })?;
        let of_series = |l: &&LetterState| l.facts.kind == kind.id;
        let issued =
            self.ledger.letters().values().filter(of_series).filter_map(|l| l.issued.as_ref());
        let n = issued.filter(|i| i.date.year() == date.year()).map(|i| i.n).max().unwrap_or(0) + 1;
        let number = kind.number_of(&short(&letter.facts.county_name), date.year(), n);
        Ok(Issue { number, n, date, note: stamp.note.clone() })
    }

    fn feedback(
        &self,
        letter: &LetterState,
        begun: Begun,
        figures: &BTreeMap<String, f64>,
        stamp: &Stamp,
    ) -> Result<Vec<NewStep>> {
        let mut steps = Vec::new();
        if !begun.measures.is_empty() {
            steps.push((Step::Measures, note(&begun)?));
        }
        if !stamp.note.is_empty() || !figures.is_empty() {
            let (text, from) = (stamp.note.clone(), begun.from);
            let answer = Feedback { note: text, figures: figures.clone(), from };
            steps.push((Step::Feedback, note(&answer)?));
        }
        if steps.is_empty() {
            return Err(Error::usage(
                "nothing was answered",
                "give --note, --figures or --measures",
            ));
        }
        // An answer may be given again, but not the same one twice in a row.
        let is_last = |step: Step, note: &String| {
            self.last(letter, step).is_some_and(|last| last.note == *note)
                && self.is_taken(letter, step, stamp)
        };
        let mut new = Vec::new();
        for (step, note) in steps.into_iter().filter(|(step, note)| !is_last(*step, note)) {
            letter.may(step).map_err(usage)?;
            new.push(self.step(letter, stamp, step, note));
        }
        Ok(new)
    }

    /// Which recipient of a letter answers: of a letter to several it must be said.
    fn sender(&self, letter: &LetterState, from: Option<&str>) -> Result<Option<String>> {
        let recipients = &letter.facts.recipients;
        let waited_for = || match letter.unanswered() {
            names if names.is_empty() => "everybody has answered".to_owned(),
            names => format!("waited for: {}", names.join(", ")),
        };
        match (from, recipients.is_empty()) {
            (None, true) => Ok(None),
            (Some(_), true) => Err(Error::usage(
                format!("{} has one recipient", letter.letter_id),
                "leave --from out",
            )),
            (None, false) => Err(Error::usage(
                format!("{} went to {} areas", letter.letter_id, recipients.len()),
                format!("say with --from whose answer it is; {}", waited_for()),
            )),
            (Some(name), false) => match recipients.iter().find(|r| *r == name) {
                Some(name) => Ok(Some(name.clone())),
                None => Err(Error::usage(
                    format!("{} did not go to the area of --from", letter.letter_id),
                    format!("give a name as in the register; {}", waited_for()),
                )),
            },
        }
    }

    /// Whether the office may approve and issue letters of the kind.
    fn check_signer(&self, letter: &LetterState, stamp: &Stamp) -> Result<()> {
        let kind = self.settings.kind_of(&letter.facts.kind);
        let signers = kind.map_or(&[][..], |kind| &kind.signers);
        let by = self.actor(letter, Step::Approve, stamp);
        match signers.is_empty() || signers.contains(&by) {
            true => Ok(()),
            false => Err(Error::usage(
                format!("{by} may not sign a {}", letter.facts.kind_name),
                format!("it is signed by {} (signers of its [[kind]])", signers.join(", ")),
            )),
        }
    }

    fn close(&self, letter: &LetterState, stamp: &Stamp) -> Result<Vec<NewStep>> {
        if letter.closed.is_none() && letter.effect.is_none() && stamp.note.is_empty() {
            let what = format!("{} is not evaluated yet", letter.letter_id);
            return Err(Error::usage(
                what,
                "wait until it is, or say with --note why it is closed",
            ));
        }
        self.remark(letter, Step::Close, stamp)
    }

    /// A step that is taken once and has nothing but a remark.
    fn remark(&self, letter: &LetterState, step: Step, stamp: &Stamp) -> Result<Vec<NewStep>> {
        if self.is_done(letter, step, stamp) {
            return Ok(Vec::new());
        }
        letter.may(step).map_err(usage)?;
        let note = note(&Remark { note: stamp.note.clone() })?;
        Ok(vec![self.step(letter, stamp, step, note)])
    }

    /// Whether a step was taken already by the same office, with the same remark.
    fn is_done(&self, letter: &LetterState, step: Step, stamp: &Stamp) -> bool {
        let remark = |last: &Entry| {
            let note: Value = serde_json::from_str(&last.note).unwrap_or_default();
            note["note"].as_str().unwrap_or_default().to_owned()
        };
        self.last(letter, step).is_some_and(|last| remark(last) == stamp.note)
            && self.is_taken(letter, step, stamp)
    }

    /// Whether the last step of a sort was taken by the same office, on the day that is given, if
    /// one is. Says that it was, since nothing will be added.
    fn is_taken(&self, letter: &LetterState, step: Step, stamp: &Stamp) -> bool {
        let Some(last) = self.last(letter, step) else { return false };
        let on = self.day(last.at);
        let taken = last.actor == self.actor(letter, step, stamp)
            && (!stamp.dated || on == self.day(stamp.at));
        if taken {
            tracing::warn!(
                "{} of {} was done already, on {on}; nothing is added",
                step.name(),
                letter.letter_id
            );
        }
        taken
    }

    fn last(&self, letter: &LetterState, step: Step) -> Option<&Entry> {
        let is = |e: &&Entry| e.letter_id == letter.letter_id && e.step == step.name();
        self.ledger.entries().iter().rev().find(is)
    }

    /// A step of a letter. One of the same day as the one it follows is not dated before it: a
    /// night's steps bear the night's end.
    fn step(&self, letter: &LetterState, stamp: &Stamp, step: Step, note: String) -> NewStep {
        let same_day = self.day(stamp.at) == self.day(letter.last);
        NewStep {
            letter_id: letter.letter_id.clone(),
            at: if same_day { stamp.at.max(letter.last) } else { stamp.at },
            actor: self.actor(letter, step, stamp),
            step,
            note,
        }
    }

    /// Who takes a step where nobody is named: the township what it does itself, else the centre.
    fn actor(&self, letter: &LetterState, step: Step, stamp: &Stamp) -> String {
        match (&stamp.by, step) {
            (Some(by), _) => by.clone(),
            (None, Step::Receive | Step::Measures | Step::Feedback) => {
                letter.facts.recipient_name().to_owned()
            }
            (None, _) => self.settings.issuer.we.clone(),
        }
    }

    fn day(&self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.workspace.time_zone()).date_naive()
    }
}

/// Refuses texts in which a person's number stands: the ledger holds none.
fn free_of_persons(act: &Act, stamp: &Stamp) -> Result<()> {
    let mut texts: Vec<(&str, &str)> = vec![("--note", &stamp.note)];
    texts.extend(stamp.by.as_deref().map(|by| ("--by", by)));
    if let Act::Feedback { measures, figures, .. } = act {
        texts.extend(measures.keys().map(|word| ("--measures", word.as_str())));
        texts.extend(figures.keys().map(|name| ("--figures", name.as_str())));
    }
    match texts.iter().find(|(_, text)| mask::identifies(text)) {
        Some((option, text)) => {
            let what = format!(
                "{option} holds a person's number ({}), and the ledger keeps none",
                mask::mask(text)
            );
            Err(Error::usage(what, "leave identity numbers, mobile numbers and plates out"))
        }
        None => Ok(()),
    }
}

impl Actions<'_> {
    /// What the ledger keeps of an act: offices in known words, and texts in which all that could
    /// name a person is masked.
    fn in_plain_words(&self, act: &Act, stamp: &Stamp) -> Result<(Act, Stamp)> {
        let plain = |option: &str, text: &str| match self.vocabulary.is_plain(text) {
            true => Ok(()),
            false => Err(Error::usage(
                format!(
                    "{option} holds words that could name a person: {}",
                    self.vocabulary.masked(text)
                ),
                "name an office or a role, or take its words into models/notes.toml",
            )),
        };
        if let Some(by) = &stamp.by {
            offices::check(by, &offices::offices(self.workspace, self.settings), &self.vocabulary)?;
        }
        let kept = |option: &str, text: &str| {
            let masked = self.vocabulary.masked(text);
            if masked != text {
                tracing::warn!(
                    "{option} is kept as {masked:?}: words that are not in models/notes.toml could name a person"
                );
            }
            masked
        };
        let act = match act {
            Act::Feedback { measures, figures, from } => {
                figures.keys().try_for_each(|name| plain("--figures", name))?;
                let measures = self.codes(measures)?;
                Act::Feedback { measures, figures: figures.clone(), from: from.clone() }
            }
            other => other.clone(),
        };
        Ok((act, Stamp { note: kept("--note", &stamp.note), ..stamp.clone() }))
    }
}

impl Actions<'_> {
    /// Measures by their ids; what is no measure is not shown, as it could name a person.
    fn codes(
        &self,
        words: &BTreeMap<String, Option<u64>>,
    ) -> Result<BTreeMap<String, Option<u64>>> {
        let code = |(word, number): (&String, &Option<u64>)| {
            let measure = self.settings.measure_of(word).ok_or_else(|| {
                let names: Vec<&str> =
                    self.settings.measure.iter().map(|m| m.name.as_str()).collect();
                let what = format!(
                    "--measures has {}, which is no measure",
                    self.vocabulary.masked(word)
                );
                let fix = format!(
                    "give some of {}; others go into models/warnings.toml as [[measure]], words into --note",
                    names.join(", ")
                );
                Error::usage(what, fix)
            })?;
            Ok((measure.id.clone(), *number))
        };
        words.iter().map(code).collect()
    }
}

fn note(of: &impl Serialize) -> Result<String> {
    serde_json::to_string(of)
        .map_err(|e| Error::usage(format!("a step's note cannot be written: {e}"), "report this"))
}

fn usage(flaw: Flaw) -> Error {
    Error::usage(flaw.what, flaw.fix)
}
