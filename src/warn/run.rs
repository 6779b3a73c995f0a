//! The stage's edge: a night's findings into warnings, warnings into drafts, and what became of the
//! letters that are out.

use chrono::{DateTime, NaiveDate, Utc};

use super::book::Book;
use super::evaluate::{Effect, evaluate};
use super::gather::{Sources, Subject};
use super::ledger::{LetterState, NewStep, Step, letter_id};
use super::papers::Papers;
use super::plan::{Plan, plan};
use super::rules::{Turned, turn};
use super::settings::Settings;
use super::warning::{Level, Warning};
use super::{tables, told};
use crate::detect;
use crate::job::Job;
use lake::{Error, Result};

/// Who takes the engine's own steps.
const ENGINE: &str = "pingan";

/// What a night did to warnings and letters.
#[derive(Debug, Default)]
pub struct Tonight {
    /// A later night that was there before, where there was one: then nothing was done.
    pub later: Option<NaiveDate>,
    pub opened: Vec<Warning>,
    /// With the level before.
    pub raised: Vec<(Warning, Level)>,
    pub closed: Vec<Warning>,
    /// Rises that are not confirmed yet, or come too soon after a warning's end.
    pub waiting: usize,
    /// Letters drafted.
    pub drafted: Vec<LetterState>,
    /// Warning and kind of the letters that the cap holds back.
    pub held_back: Vec<(Warning, String)>,
    pub overdue: Vec<Late>,
    /// Letters withdrawn before they were sent, their warning having ended.
    pub withdrawn: Vec<String>,
    /// Letters whose effect was judged.
    pub evaluated: Vec<(LetterState, Effect)>,
    /// Documents that cannot be written again.
    pub notices: Vec<String>,
}

/// A letter whose answer has not come.
#[derive(Clone, Debug)]
pub struct Late {
    pub letter: LetterState,
    pub days: i64,
    /// Name of the kind that follows; `None` after the last.
    pub next: Option<String>,
}

/// Turns the warnings by what the night of `job.as_of` found, drafts the letters that are due,
/// judges those that are out, and writes warnings, then the ledger, then documents, then `letters`.
/// A night cut short is finished by running it again.
///
/// # Errors
/// [`Error::Config`] where rules or templates are wrong, [`Error::Usage`] where the ledger does not
/// hold, [`Error::Delta`], [`Error::Query`].
pub fn night(job: &Job) -> Result<Tonight> {
    let settings = Settings::read(job.workspace)?;
    let rate = detect::Settings::read(job.workspace)?.false_discovery_rate();
    let papers = Papers::of(job.workspace, &settings, rate)?;
    let mut book = Book::open(job.lake, job.limits)?;
    let (before, last) = tables::read(job)?;
    let day = job.as_of.day;
    let mut tonight = Tonight { later: last.filter(|l| *l > day), ..Tonight::default() };
    if tonight.later.is_none() {
        let so_far = if last == Some(day) { without(&before, day) } else { before.clone() };
        let turned = turn(&settings, day, so_far, &told::tonight(job, &settings)?, book.letters());
        if turned.warnings != before || last != Some(day) {
            tables::write(job, &turned.warnings, day)?;
        }
        let steps = letters(job, &settings, &turned, &book, &mut tonight)?;
        book.append(&steps)?;
        let drafts = steps.iter().filter(|s| s.step == Step::Draft);
        tonight.drafted =
            drafts.filter_map(|s| book.letters().get(&s.letter_id).cloned()).collect();
        tonight.tell(turned);
    }
    tonight.notices = papers.mend(book.letters().values())?;
    book.write_letters()?;
    Ok(tonight)
}

/// The warnings without what the night of `day` told already. A night that is run again takes it
/// from `findings` anew: figures that went through the text of the table may differ in their last
/// digit, and a letter drafted after a kill would not be the same.
fn without(warnings: &[Warning], day: NaiveDate) -> Vec<Warning> {
    let earlier = warnings.iter().filter(|w| w.opened != day).cloned();
    let trimmed = earlier.map(|mut w| {
        w.evidence.retain(|e| e.told != day);
        w.closed = w.closed.filter(|closed| *closed != day);
        w
    });
    trimmed.collect()
}

/// The engine's own steps of a night, and what is to be told of the others.
fn letters(
    job: &Job,
    settings: &Settings,
    turned: &Turned,
    book: &Book,
    tonight: &mut Tonight,
) -> Result<Vec<NewStep>> {
    let day = job.as_of.day;
    let Plan { drafts, held_back, overdue, withdrawn } =
        plan(settings, day, &turned.warnings, book.letters());
    let new = |letter_id: String, after: DateTime<Utc>, step: Step, note: String| NewStep {
        letter_id,
        at: job.as_of.instant.max(after),
        actor: ENGINE.to_owned(),
        step,
        note,
    };
    let mut steps = Vec::new();
    for letter in withdrawn {
        let note = r#"{"note":"预警已解除"}"#.to_owned();
        steps.push(new(letter.letter_id.clone(), letter.last, Step::Close, note));
        tonight.withdrawn.push(letter.letter_id.clone());
    }
    let sources = if drafts.is_empty() { None } else { Some(Sources::read(job)?) };
    for (planned, sources) in drafts.into_iter().zip(sources.iter().cycle()) {
        let id = letter_id(&planned.warning.id, &planned.kind.id);
        let facts = sources.facts(
            job,
            settings,
            &Subject { warning: planned.warning, kind: planned.kind, earlier: planned.earlier },
        );
        steps.push(new(id, job.as_of.instant, Step::Draft, noted(&facts)?));
    }
    for letter in book.letters().values().filter(|l| l.is_open() && l.effect.is_none()) {
        let answered = letter
            .answers
            .first()
            .map(|(at, _)| at.with_timezone(&job.workspace.time_zone()).date_naive());
        if let Some(effect) = evaluate(job, settings, &letter.facts_approved(), answered)? {
            steps.push(new(letter.letter_id.clone(), letter.last, Step::Evaluate, noted(&effect)?));
            tonight.evaluated.push((letter.clone(), effect));
        }
    }
    tonight.held_back =
        held_back.iter().map(|p| (p.warning.clone(), p.kind.name.clone())).collect();
    let late = overdue.iter().map(|o| Late {
        letter: o.letter.clone(),
        days: o.days,
        next: o.next.map(|k| k.name.clone()),
    });
    tonight.overdue = late.collect();
    Ok(steps)
}

fn noted(of: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(of).map_err(|e| {
        Error::usage(format!("a letter's facts cannot be written: {e}"), "report this")
    })
}

impl Tonight {
    fn tell(&mut self, turned: Turned) {
        let of = |id: &String| turned.warnings.iter().find(|w| w.id == *id).cloned();
        self.opened = turned.opened.iter().filter_map(of).collect();
        self.raised =
            turned.raised.iter().filter_map(|(id, level)| Some((of(id)?, *level))).collect();
        self.closed = turned.closed.iter().filter_map(of).collect();
        self.waiting = turned.waiting;
    }
}
