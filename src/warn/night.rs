//! A night of warnings and letters: what is read, decided and written, in order.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray};

use super::compose::{Names, compose};
use super::documents::Documents;
use super::evaluate::{Due, Effect, due, evaluate};
use super::facts::{Circumstance, Facts, LastMonth, Rise};
use super::inputs;
use super::ledger::{Head, Ledger, LetterState, NewStep, Step};
use super::plan::{Plan, Planned, Waits, plan};
use super::settings::Settings;
use super::update::{Update, update};
use super::warning::{Level, Warning};
use crate::circumstances::{Circumstances, Days};
use crate::detect;
use crate::index::{DomainModel, Indicator, Model};
use crate::job::Job;
use lake::areas::Register;
use lake::taxonomy::Taxonomy;
use lake::{AsOf, Derived, Error, Result};

/// Who takes the engine's own steps.
const ENGINE: &str = "pingan";

/// By what a night is decided, as it was read by whoever opened the workspace.
#[derive(Clone, Copy)]
pub struct Rules<'a> {
    /// `models/warnings.toml`.
    pub settings: &'a Settings,
    /// `models/detectors.toml`.
    pub detection: &'a detect::Settings,
    pub taxonomy: &'a Taxonomy,
    /// The index model of the nights.
    pub model: &'a Model,
}

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
    /// Drafts written anew, because something else has risen since.
    pub redrafted: Vec<LetterState>,
    /// Letters that wait, and why.
    pub held_back: Vec<HeldBack>,
    pub overdue: Vec<Late>,
    /// Letters withdrawn before they were sent, their warning having ended.
    pub withdrawn: Vec<String>,
    /// Letters whose effect was judged.
    pub evaluated: Vec<(LetterState, Effect)>,
    /// Documents that cannot be written again.
    pub notices: Vec<String>,
    /// How far the ledger has come; `None` where it has no row.
    pub head: Option<Head>,
}

/// A letter that is not drafted yet.
#[derive(Clone, Debug)]
pub struct HeldBack {
    pub warning: Warning,
    /// Name of its kind.
    pub kind: String,
    /// Name of the department that it goes to, where it goes to one.
    pub department: Option<String>,
    pub why: Waits,
}

/// A letter whose answer has not come.
#[derive(Clone, Debug)]
pub struct Late {
    pub letter: LetterState,
    pub days: i64,
    /// Name of the kind that follows; `None` after the last.
    pub next: Option<String>,
}

/// Updates the warnings by what the night of `job.as_of` found, drafts the letters that are due and
/// judges those that are out. A night cut short is finished by running it again.
///
/// # Errors
/// [`Error::Config`] where templates are wrong, [`Error::Usage`] where the ledger does not hold,
/// [`Error::Input`] where a table's row cannot be read, [`Error::Delta`], [`Error::Query`].
pub fn night(job: &Job, rules: &Rules) -> Result<Tonight> {
    let (settings, day) = (rules.settings, job.as_of.day);
    let rate = rules.detection.false_discovery_rate();
    let documents = Documents::new(job.workspace, settings, rate)?;
    let mut ledger = Ledger::open(job.workspace, job.lake, job.limits)?;
    let before = inputs::before(job)?;
    if let Some(later) = before.night.filter(|night| *night > day) {
        let notices = write(job, None, &[], &mut ledger, &documents)?;
        let head = ledger.head();
        return Ok(Tonight { later: Some(later), notices, head, ..Tonight::default() });
    }
    let circumstances = Circumstances::read(job.workspace)?;
    let found = inputs::found(job, settings, rules.detection, rules.model, &circumstances)?;
    let (warnings, ended) = without_ended(job, before.without(day));
    let mut update = update(settings, day, warnings, &found, ledger.letters());
    update.closed.extend(ended);
    let root = &job.register.root().code;
    let mut plan = plan(settings, root, day, &update.warnings, ledger.letters());
    let edited = keep_edited(&mut plan, &ledger, &documents)?;
    let month = match plan.drafts.is_empty() && plan.redrafts.is_empty() {
        true => LastMonth::default(),
        false => inputs::last_month(job, rules.model)?,
    };
    let evaluated = evaluations(job, rules, &update.warnings, &ledger)?;
    let mut tonight = Tonight::new(&update, &plan);
    let steps = steps(job, rules, &plan, ledger.letters(), &month, &circumstances, &evaluated)?;
    tonight.evaluated = evaluated;
    let changed = update.warnings != before.warnings || before.night != Some(day);
    let warnings = changed.then_some(update.warnings.as_slice());
    let anew: BTreeSet<String> = plan.redrafts.iter().map(Planned::letter_id).collect();
    tonight.notices = write(job, warnings, &steps, &mut ledger, &documents)?;
    tonight.notices.extend(edited);
    tonight.head = ledger.head();
    let drafts = steps.iter().filter(|s| s.step == Step::Draft);
    let drafts = drafts.filter_map(|s| ledger.letters().get(&s.letter_id).cloned());
    (tonight.redrafted, tonight.drafted) = drafts.partition(|l| anew.contains(&l.letter_id));
    Ok(tonight)
}

/// Takes drafts that a person has worked on out of those to be written anew, and says what they
/// lack.
fn keep_edited(plan: &mut Plan, ledger: &Ledger, documents: &Documents) -> Result<Vec<String>> {
    let mut notices = Vec::new();
    for planned in std::mem::take(&mut plan.redrafts) {
        let id = planned.letter_id();
        let Some(letter) = ledger.letters().get(&id) else { continue };
        match documents.is_unedited(letter)? {
            true => plan.redrafts.push(planned),
            false => notices.push(format!(
                "{id} was edited by hand and is left so, but more has risen since: add it, or remove \
                 the DOCX, and the next night drafts it anew"
            )),
        }
    }
    Ok(notices)
}

/// The warnings, those of areas that do not live any more ended on this night; and which these are.
fn without_ended(job: &Job, mut warnings: Vec<Warning>) -> (Vec<Warning>, Vec<String>) {
    let mut ended = Vec::new();
    for warning in warnings.iter_mut().filter(|w| w.closed.is_none()) {
        if job.register.get(&warning.area_code).is_some() && !inputs::lives(job, &warning.area_code)
        {
            warning.closed = Some(job.as_of.day);
            ended.push(warning.id.clone());
        }
    }
    (warnings, ended)
}

/// The effect of every letter whose weeks are over and wholly reported. Counts are read letter by
/// letter, so that those of one are held at a time.
fn evaluations(
    job: &Job,
    rules: &Rules,
    warnings: &[Warning],
    ledger: &Ledger,
) -> Result<Vec<(LetterState, Effect)>> {
    let zone = job.workspace.time_zone();
    let weeks = rules.settings.evaluation.weeks;
    let mut evaluated = Vec::new();
    for letter in ledger.letters().values().filter(|l| l.is_open() && l.effect.is_none()) {
        let answered = letter.answers.first().map(|(at, _)| at.with_timezone(&zone).date_naive());
        let facts = letter.facts_approved();
        let Some(due) = due(facts, answered, weeks, job.coverage, job.as_of.day) else { continue };
        let counts = match &due {
            Due { series, .. } if series.is_empty() => None,
            due => Some(inputs::weekly_counts(job, rules.detection, due)?),
        };
        let level = rules.settings.evaluation.level;
        evaluated.push((letter.clone(), evaluate(&due, counts.as_ref(), warnings, level)));
    }
    Ok(evaluated)
}

/// The engine's own steps of a night: letters withdrawn, drafted and evaluated.
fn steps(
    job: &Job,
    rules: &Rules,
    plan: &Plan,
    letters: &BTreeMap<String, LetterState>,
    month: &LastMonth,
    circumstances: &Circumstances,
    evaluated: &[(LetterState, Effect)],
) -> Result<Vec<NewStep>> {
    let names = Names {
        county: &job.workspace.config.name,
        register: job.register,
        level: &rules.detection.level,
        taxonomy: rules.taxonomy,
    };
    let new = |letter_id: &str, after: DateTime<Utc>, step: Step, note: String| NewStep {
        letter_id: letter_id.to_owned(),
        at: job.as_of.instant.max(after),
        actor: ENGINE.to_owned(),
        step,
        note,
    };
    let mut steps = Vec::new();
    for letter in &plan.withdrawn {
        let note = r#"{"note":"预警已解除"}"#.to_owned();
        steps.push(new(&letter.letter_id, letter.last, Step::Close, note));
    }
    let compose = |p: &Planned| compose(p, rules.settings, &names, month, job.as_of.day);
    let planned: Vec<&Planned> = plan.drafts.iter().chain(&plan.redrafts).collect();
    let mut drafts: Vec<Facts> = planned.iter().map(|p| compose(p)).collect();
    inputs::add_timing(job, rules.detection, &mut drafts)?;
    for (planned, facts) in planned.iter().zip(&mut drafts) {
        let id = planned.letter_id();
        let before = letters.get(&id).map_or(job.as_of.instant, |letter| letter.last);
        facts.circumstances = around(facts, circumstances, job.register);
        facts.risen.iter_mut().for_each(|rise| rise.unscored = is_unscored(rise, rules));
        let facts = &*facts;
        steps.push(new(&id, before, Step::Draft, note(facts)?));
    }
    for (letter, effect) in evaluated {
        steps.push(new(&letter.letter_id, letter.last, Step::Evaluate, note(effect)?));
    }
    Ok(steps)
}

/// What lay on the days of what rose, each once.
fn around(facts: &Facts, all: &Circumstances, register: &Register) -> Vec<Circumstance> {
    let mut around: Vec<Circumstance> = Vec::new();
    for Rise { evidence: e, .. } in &facts.risen {
        let (from, to) = detect::days_told(e.kind(), (e.period_start, e.period_end));
        let days = Days { area: &facts.area_code, domain: &e.domain, from, to };
        let known = all.of(register, days).into_iter();
        around.extend(known.map(|c| Circumstance { from: c.from, to: c.to, what: c.what.clone() }));
    }
    around.sort_by(|a, b| (a.from, a.to, &a.what).cmp(&(b.from, b.to, &b.what)));
    around.dedup();
    around
}

/// Whether no indicator of the index counts what detection watches of the rise's domain.
fn is_unscored(rise: &Rise, rules: &Rules) -> bool {
    let domain = rise.evidence.domain.as_str();
    let watched = rules.detection.watch.get(domain);
    let scores = |(of, indicator, _): (&DomainModel, &Indicator, String)| {
        of.id == domain && Some(&indicator.measure) == watched
    };
    !rules.model.indicators().any(scores)
}

fn note(of: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(of).map_err(|e| {
        Error::usage(format!("a letter's facts cannot be written: {e}"), "report this")
    })
}

/// Writes what a night came to: its warnings, `None` where they are as they were, then its steps,
/// then documents, then what follows from the ledger; in this order, so that a night cut short is
/// finished by running it again. Comes back with what is to be said of documents that cannot be
/// written again.
///
/// # Errors
/// [`Error::Usage`] where a step may not follow, [`Error::Delta`], [`Error::Io`].
fn write(
    job: &Job,
    warnings: Option<&[Warning]>,
    steps: &[NewStep],
    ledger: &mut Ledger,
    documents: &Documents,
) -> Result<Vec<String>> {
    if let Some(warnings) = warnings {
        write_warnings(job, warnings, job.as_of.day)?;
    }
    for step in steps.iter().filter(|s| s.step == Step::Draft) {
        documents.remove_draft(&step.letter_id)?;
    }
    ledger.append(steps)?;
    let notices = documents.follow_ledger(ledger.letters().values())?;
    ledger.follow()?;
    Ok(notices)
}

/// Replaces the table `warnings`, and notes the night.
fn write_warnings(job: &Job, warnings: &[Warning], night: NaiveDate) -> Result<()> {
    let zone = job.workspace.time_zone();
    let text = |of: &dyn Fn(&Warning) -> String| {
        Arc::new(StringArray::from_iter_values(warnings.iter().map(of))) as ArrayRef
    };
    let end = |day: NaiveDate| AsOf::end_of(day, zone).instant.timestamp_micros();
    let at = |of: fn(&Warning) -> Option<NaiveDate>| {
        Arc::new(
            TimestampMicrosecondArray::from_iter(warnings.iter().map(|w| of(w).map(end)))
                .with_timezone("UTC"),
        ) as ArrayRef
    };
    let evidence: Vec<String> = warnings
        .iter()
        .map(|w| serde_json::to_string(&w.evidence))
        .collect::<std::result::Result<_, _>>()
        .map_err(|e| {
            Error::usage(format!("a warning's evidence cannot be written: {e}"), "report this")
        })?;
    let columns = vec![
        text(&|w| w.id.clone()),
        text(&|w| w.area_code.clone()),
        text(&|w| w.topic.clone()),
        text(&|w| w.level.name().to_owned()),
        at(|w| Some(w.opened)),
        at(|w| w.closed),
        Arc::new(StringArray::from(evidence)),
    ];
    let days = (night - NaiveDate::default()).num_days();
    job.lake.derived(Derived::Warnings)?.replace(
        &RecordBatch::try_new(Derived::Warnings.schema(), columns)?,
        |_| true,
        &[(inputs::NIGHT.to_owned(), days)],
    )?;
    Ok(())
}

impl Tonight {
    /// What is to be said of warnings and letters before anything is written.
    fn new(update: &Update, plan: &Plan) -> Tonight {
        let warning = |id: &String| update.warnings.iter().find(|w| w.id == *id).cloned();
        let raised = |(id, level): &(String, Level)| Some((warning(id)?, *level));
        let late = |overdue: &super::plan::Overdue| Late {
            letter: overdue.letter.clone(),
            days: overdue.days,
            next: overdue.next.map(|kind| kind.name.clone()),
        };
        let held = |(planned, why): &(Planned, Waits)| HeldBack {
            warning: planned.warning.clone(),
            kind: planned.kind.name.clone(),
            department: planned.department.map(|d| d.name.clone()),
            why: *why,
        };
        Tonight {
            opened: update.opened.iter().filter_map(warning).collect(),
            raised: update.raised.iter().filter_map(raised).collect(),
            closed: update.closed.iter().filter_map(warning).collect(),
            waiting: update.waiting,
            held_back: plan.waiting.iter().map(held).collect(),
            overdue: plan.overdue.iter().map(late).collect(),
            withdrawn: plan.withdrawn.iter().map(|l| l.letter_id.clone()).collect(),
            ..Tonight::default()
        }
    }
}
