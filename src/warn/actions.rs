//! What people do with letters: approve, issue, receive, answer, close. Every step goes into the
//! ledger before any document follows it.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::Serialize;

use super::documents::Documents;
use super::ledger::{
    Approval, Entry, Feedback, Issue, Issued, Ledger, LetterState, NewStep, Remark, Step,
};
use super::notes::Vocabulary;
use super::settings::Settings;
use crate::error::from_template;
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
    /// What the township does, its answer and its figures; at least one of them.
    Feedback {
        measures: Option<String>,
        figures: BTreeMap<String, f64>,
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
    /// Does one thing to one letter; documents and the table `letters` follow.
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
        match act {
            Act::Approve { reply_by } => self.approve(letter, *reply_by, stamp)?,
            Act::Issue => self.issue(&letter, stamp)?,
            Act::Receive => self.append(
                &letter,
                stamp,
                &[(Step::Receive, note(&Remark { note: stamp.note.clone() })?)],
            )?,
            Act::Feedback { measures, figures } => {
                self.feedback(&letter, measures.as_deref(), figures, stamp)?
            }
            Act::Close => self.close(&letter, stamp)?,
        }
        for notice in self.documents.restore(self.ledger.letters().get(id).into_iter())? {
            tracing::warn!("{notice}");
        }
        self.ledger.write_letters()
    }

    fn approve(
        &mut self,
        mut letter: LetterState,
        reply_by: Option<NaiveDate>,
        stamp: &Stamp,
    ) -> Result<()> {
        letter.may(Step::Approve).map_err(usage)?;
        let file = self.documents.docx(&letter.letter_id);
        let docx = std::fs::read(&file).at(&file)?;
        if docx_text(&docx)
            .map_err(from_template)?
            .iter()
            .any(|paragraph| mask::identifies(paragraph))
        {
            let fix = "take identity numbers, mobile numbers and plates out of it";
            return Err(Error::input(&file, "it holds a person's number, and no letter may", fix));
        }
        let before = letter.approved.take();
        let as_drafted = self.documents.draft(&letter)?.docx;
        let mut approval =
            Approval { document: String::new(), edited: false, reply_by, note: stamp.note.clone() };
        let again = before
            .as_ref()
            .map(|b| Approval { reply_by: reply_by.or(b.reply_by), ..approval.clone() });
        approval = again.unwrap_or(approval);
        letter.approved = Some(approval.clone());
        let as_approved = self.documents.draft(&letter)?;
        approval.edited = docx != as_drafted && docx != as_approved.docx;
        approval.document = hash(if approval.edited { &docx } else { &as_approved.docx });
        if before.is_some_and(|b| b.document == approval.document) {
            let fix = format!("`pingan letters issue {}` comes next", letter.letter_id);
            return Err(Error::usage(format!("{} is approved already", letter.letter_id), fix));
        }
        self.append(&letter, stamp, &[(Step::Approve, note(&approval)?)])?;
        if approval.edited || docx == as_approved.docx {
            Ok(())
        } else {
            self.documents.replace_all(&letter, &as_approved)
        }
    }

    fn issue(&mut self, letter: &LetterState, stamp: &Stamp) -> Result<()> {
        letter.may(Step::Issue).map_err(usage)?;
        let (id, Some(approval)) = (&letter.letter_id, &letter.approved) else { return Ok(()) };
        let file = self.documents.docx(id);
        let docx = std::fs::read(&file).at(&file)?;
        if hash(&docx) != approval.document {
            let what = format!("{} was changed after it was approved", file.display());
            return Err(Error::usage(what, format!("`pingan letters approve {id}` again")));
        }
        let date = stamp.at.with_timezone(&self.workspace.time_zone()).date_naive();
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
        if approval.edited {
            // Fails before anything is recorded where a place was removed.
            self.documents.filled(
                letter,
                &docx,
                &Issued { number: number.clone(), n, date, code: "0".into() },
            )?;
        }
        self.append(
            letter,
            stamp,
            &[(Step::Issue, note(&Issue { number, n, date, note: stamp.note.clone() })?)],
        )
    }

    fn feedback(
        &mut self,
        letter: &LetterState,
        measures: Option<&str>,
        figures: &BTreeMap<String, f64>,
        stamp: &Stamp,
    ) -> Result<()> {
        let mut steps = Vec::new();
        if let Some(measures) = measures {
            steps.push((Step::Measures, note(&Remark { note: measures.to_owned() })?));
        }
        if !stamp.note.is_empty() || !figures.is_empty() {
            steps.push((
                Step::Feedback,
                note(&Feedback { note: stamp.note.clone(), figures: figures.clone() })?,
            ));
        }
        if steps.is_empty() {
            return Err(Error::usage(
                "nothing was answered",
                "give --note, --figures or --measures",
            ));
        }
        self.append(letter, stamp, &steps)
    }

    fn close(&mut self, letter: &LetterState, stamp: &Stamp) -> Result<()> {
        letter.may(Step::Close).map_err(usage)?;
        if letter.effect.is_none() && stamp.note.is_empty() {
            let what = format!("{} is not evaluated yet", letter.letter_id);
            return Err(Error::usage(
                what,
                "wait until it is, or say with --note why it is closed",
            ));
        }
        self.append(letter, stamp, &[(Step::Close, note(&Remark { note: stamp.note.clone() })?)])
    }

    /// Appends steps of one letter. A step of the same day as the one it follows is not dated
    /// before it: a night's steps bear the night's end.
    fn append(
        &mut self,
        letter: &LetterState,
        stamp: &Stamp,
        steps: &[(Step, String)],
    ) -> Result<()> {
        let day = |at: DateTime<Utc>| at.with_timezone(&self.workspace.time_zone()).date_naive();
        let at =
            if day(stamp.at) == day(letter.last) { stamp.at.max(letter.last) } else { stamp.at };
        let by = |step: Step| match (&stamp.by, step) {
            (Some(by), _) => by.clone(),
            (None, Step::Receive | Step::Measures | Step::Feedback) => {
                letter.facts.area_name.clone()
            }
            (None, _) => self.settings.issuer.we.clone(),
        };
        let new = |(step, note): &(Step, String)| NewStep {
            letter_id: letter.letter_id.clone(),
            at,
            actor: by(*step),
            step: *step,
            note: note.clone(),
        };
        let steps: Vec<NewStep> = steps.iter().map(new).collect();
        for step in &steps {
            letter.may(step.step).map_err(usage)?;
        }
        self.ledger.append(&steps)
    }

    /// Steps of a letter.
    pub fn steps(&self, id: &str) -> Vec<Entry> {
        self.ledger.entries().iter().filter(|e| e.letter_id == id).cloned().collect()
    }
}

/// Refuses texts in which a person's number stands: the ledger holds none.
fn free_of_persons(act: &Act, stamp: &Stamp) -> Result<()> {
    let mut texts: Vec<(&str, &str)> = vec![("--note", &stamp.note)];
    texts.extend(stamp.by.as_deref().map(|by| ("--by", by)));
    if let Act::Feedback { measures, figures } = act {
        texts.extend(measures.as_deref().map(|m| ("--measures", m)));
        texts.extend(figures.keys().map(|name| ("--figures", name.as_str())));
    }
    if stamp.by.as_deref().is_some_and(|by| by.trim().is_empty()) {
        return Err(Error::usage("--by is empty", "name an office or a role"));
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
            plain("--by", by)?;
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
            Act::Feedback { measures, figures } => {
                figures.keys().try_for_each(|name| plain("--figures", name))?;
                let measures = measures.as_deref().map(|text| kept("--measures", text));
                Act::Feedback { measures, figures: figures.clone() }
            }
            other => other.clone(),
        };
        Ok((act, Stamp { note: kept("--note", &stamp.note), ..stamp.clone() }))
    }
}

fn note(of: &impl Serialize) -> Result<String> {
    serde_json::to_string(of)
        .map_err(|e| Error::usage(format!("a step's note cannot be written: {e}"), "report this"))
}

fn hash(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

fn usage(flaw: Flaw) -> Error {
    Error::usage(flaw.what, flaw.fix)
}
