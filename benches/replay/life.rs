//! What centre and townships do with a letter, by a rule that depends on the letter's name alone.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeZone, Utc};
use lake::{Lake, Limits};
use pingan::detect;
use pingan::warn::ledger::LetterState;
use pingan::warn::{Act, Actions, Documents, Effect, Ledger, Settings, Stamp, Vocabulary};
use pingan::workspace::Workspace;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use crate::Done;

/// Shares of letters answered in time, and late; the others never are.
const IN_TIME: f64 = 0.7;
const LATE: f64 = 0.15;

/// A centre and its townships.
pub struct Town<'a> {
    workspace: &'a Workspace,
    /// What is still to be done, by day.
    due: BTreeMap<(NaiveDate, usize), (String, Act)>,
    done: usize,
    steps: BTreeMap<&'static str, usize>,
    verdicts: BTreeMap<&'static str, usize>,
    refused: Vec<String>,
}

impl<'a> Town<'a> {
    pub fn new(workspace: &'a Workspace) -> Town<'a> {
        Town {
            workspace,
            due: BTreeMap::new(),
            done: 0,
            steps: BTreeMap::new(),
            verdicts: BTreeMap::new(),
            refused: Vec::new(),
        }
    }

    fn plan(&mut self, day: NaiveDate, id: &str, act: Act) {
        self.due.insert((day, self.done + self.due.len()), (id.to_owned(), act));
    }

    /// A letter was drafted: it goes out the day after, and is answered in time, late or never.
    pub fn hears(&mut self, letter: &LetterState, night: NaiveDate) {
        let id = &letter.letter_id;
        *self
            .steps
            .entry(
                ["drafted", "drafted as a further kind"]
                    [usize::from(letter.facts.earlier.is_some())],
            )
            .or_default() += 1;
        let mut rng = ChaCha8Rng::from_seed(*blake3::hash(id.as_bytes()).as_bytes());
        let after = |days: u64| night + Days::new(days);
        self.plan(after(1), id, Act::Approve { reply_by: None });
        self.plan(after(1), id, Act::Issue);
        self.plan(after(2), id, Act::Receive);
        let in_time = (letter.facts.reply_by - night).num_days().max(4) as u64;
        let fate: f64 = rng.random_range(0.0..1.0);
        let answered = match fate {
            f if f < IN_TIME => Some(rng.random_range(3..=in_time)),
            f if f < IN_TIME + LATE => Some(in_time + rng.random_range(8..25)),
            _ => None,
        };
        if let Some(days) = answered {
            let figures = BTreeMap::from([("排查".to_owned(), f64::from(rng.random_range(5..60)))]);
            let measures: BTreeMap<String, Option<u64>> =
                ["screening", "joint_mediation"].map(|code| (code.to_owned(), None)).into();
            let recipients = &letter.facts.recipients;
            let senders: Vec<Option<String>> = match recipients.is_empty() {
                true => vec![None],
                false => recipients.iter().cloned().map(Some).collect(),
            };
            for from in senders {
                let (measures, figures) = (measures.clone(), figures.clone());
                self.plan(after(days), id, Act::Feedback { measures, figures, from });
            }
        }
    }

    /// A letter's effect was judged: it is closed the day after.
    pub fn evaluated(&mut self, id: &str, effect: &Effect, night: NaiveDate) {
        *self.verdicts.entry(effect.verdict.name()).or_default() += 1;
        self.plan(night + Days::new(1), id, Act::Close);
    }

    /// Does all that is due by a day.
    pub fn live_until(&mut self, day: NaiveDate) -> Done<()> {
        let later = self.due.split_off(&(day + Days::new(1), 0));
        let due = std::mem::replace(&mut self.due, later);
        if due.is_empty() {
            return Ok(());
        }
        let limits = Limits::default();
        let lake = Lake::open(&self.workspace.lake(), &limits)?;
        let settings = Settings::read(self.workspace)?;
        let ledger = Ledger::open(self.workspace, &lake, &limits)?;
        let rate = detect::Settings::read(self.workspace)?.false_discovery_rate();
        let documents = Documents::new(self.workspace, &settings, rate)?;
        let (workspace, settings) = (self.workspace, &settings);
        let vocabulary = Vocabulary::read(workspace)?;
        let mut actions = Actions { workspace, settings, ledger, documents, vocabulary };
        for ((day, _), (id, act)) in due {
            let note = if matches!(act, Act::Feedback { .. }) { "已落实" } else { "" };
            let stamp = Stamp { by: None, note: note.to_owned(), at: noon(day), dated: true };
            self.done += 1;
            match actions.act(&id, &act, &stamp) {
                Ok(()) => *self.steps.entry(named(&act)).or_default() += 1,
                // An answer to a letter that was closed meanwhile.
                Err(refusal) => self.refused.push(format!("{day} {id}: {refusal}")),
            }
        }
        Ok(())
    }

    pub fn print(&self) {
        let list = |of: &BTreeMap<&str, usize>| {
            of.iter().map(|(what, n)| format!("{what} {n}")).collect::<Vec<_>>().join(", ")
        };
        println!("letters: {}", list(&self.steps));
        println!("effects: {}", list(&self.verdicts));
        println!("refused: {}", self.refused.len());
        self.refused.iter().take(5).for_each(|r| println!("  {r}"));
    }
}

fn noon(day: NaiveDate) -> DateTime<Utc> {
    Utc.from_utc_datetime(&day.and_time(NaiveTime::from_hms_opt(4, 0, 0).unwrap_or_default()))
}

fn named(act: &Act) -> &'static str {
    match act {
        Act::Approve { .. } => "approved",
        Act::Issue => "issued",
        Act::Receive => "received",
        Act::Feedback { .. } => "answered",
        Act::Close => "closed",
    }
}
