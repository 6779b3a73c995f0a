//! `pingan letters`: the life of letters.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use clap::{Args, Subcommand};
use lake::Error;
use pingan::Result;
use pingan::engine::letters::{self, Action};
use pingan::warn::ledger::{Head, LetterState};
use pingan::warn::{Act, MeasureDone, Verification, folder};
use serde_json::{Value, json};

use super::context::Context;
use super::table::Rows;
use super::{Common, Format, Status, print};

/// Digits of a verification code, the shortest head that is taken.
const SHORTEST_HEAD: usize = 16;

/// The life of letters: list, approve, issue, follow, verify
#[derive(Args)]
pub struct LettersArgs {
    #[command(subcommand)]
    command: LettersCommand,
}

#[derive(Subcommand)]
enum LettersCommand {
    /// Every letter and how far it has come
    List {
        /// Also those that are closed
        #[arg(long)]
        all: bool,
    },
    /// One letter: its facts and its steps
    Show { id: String },
    /// Agree with a draft as it lies in out/letters; nothing is issued without
    Approve {
        id: String,
        #[command(flatten)]
        who: Signed,
        /// Ask for the answer by another day
        #[arg(long, value_name = "DATE")]
        reply_by: Option<NaiveDate>,
    },
    /// Give an approved letter its number, date and verification code
    Issue {
        id: String,
        #[command(flatten)]
        who: Signed,
    },
    /// The township has the letter
    Receive {
        id: String,
        #[command(flatten)]
        who: Noted,
    },
    /// What the township does, its answer, its figures
    Feedback {
        id: String,
        #[command(flatten)]
        who: Noted,
        /// What was set about, with how often, such as 大排查=120,法治宣讲; the answer may still be to come
        #[arg(long, value_name = "MEASURE[=NUMBER]", value_delimiter = ',')]
        measures: Vec<String>,
        /// The township's figures, such as 排查=120,化解=115
        #[arg(long, value_name = "NAME=NUMBER", value_delimiter = ',')]
        figures: Vec<String>,
        /// Which township answers, where the letter went to all
        #[arg(long, value_name = "AREA")]
        from: Option<String>,
    },
    /// What was done about letters, how often, and what became of the series
    Measures,
    /// The end of an evaluated letter, or, with the reason, of one that came to nothing
    Close {
        id: String,
        #[command(flatten)]
        who: Noted,
    },
    /// Whether ledger, table and documents still say what was written
    Verify {
        /// A letter's verification code (核验码), as printed on it: which letter bears it
        code: Option<String>,
        /// A head of the ledger, as a night printed it or a letter bears it: whether the ledger has
        /// passed through it
        #[arg(long, value_name = "HEAD")]
        head: Option<String>,
    },
}

#[derive(Args)]
struct Signed {
    /// The office or role that does it; never a person
    #[arg(long, value_name = "OFFICE")]
    by: String,
    #[arg(long, default_value = "", hide_default_value = true)]
    note: String,
    /// The day it was done; default now
    #[arg(long, value_name = "DATE")]
    on: Option<NaiveDate>,
}

#[derive(Args)]
struct Noted {
    /// The office or role that does it; never a person
    #[arg(long, value_name = "OFFICE")]
    by: Option<String>,
    #[arg(long, default_value = "", hide_default_value = true)]
    note: String,
    /// The day it was done; default now
    #[arg(long, value_name = "DATE")]
    on: Option<NaiveDate>,
}

impl From<Signed> for Action {
    fn from(who: Signed) -> Action {
        Action { by: Some(who.by), note: who.note, day: who.on }
    }
}

impl From<Noted> for Action {
    fn from(who: Noted) -> Action {
        Action { by: who.by, note: who.note, day: who.on }
    }
}

pub fn run(common: &Common, args: LettersArgs) -> Result<Status> {
    let context = common.open(None)?;
    match args.command {
        LettersCommand::List { all } => list(common, &context, all),
        LettersCommand::Show { id } => show(common, &context, &id),
        LettersCommand::Approve { id, who, reply_by } => {
            act(common, &context, &id, &Act::Approve { reply_by }, who.into())
        }
        LettersCommand::Issue { id, who } => act(common, &context, &id, &Act::Issue, who.into()),
        LettersCommand::Receive { id, who } => {
            act(common, &context, &id, &Act::Receive, who.into())
        }
        LettersCommand::Feedback { id, who, measures, figures, from } => {
            let (measures, figures) = (read_measures(&measures)?, read_figures(&figures)?);
            let feedback = Act::Feedback { measures, figures, from };
            act(common, &context, &id, &feedback, who.into())
        }
        LettersCommand::Measures => measures(common, &context),
        LettersCommand::Close { id, who } => act(common, &context, &id, &Act::Close, who.into()),
        LettersCommand::Verify { code, head } => {
            verify(common, &context, code.as_deref(), head.as_deref())
        }
    }
}

/// `排查=120` as name and number.
fn read_figures(written: &[String]) -> Result<BTreeMap<String, f64>> {
    let one = |text: &String| {
        let (name, number) = text.split_once('=')?;
        let number = number.trim().parse::<f64>().ok().filter(|x| x.is_finite())?;
        Some((name.trim().to_owned(), number)).filter(|(name, _)| !name.is_empty())
    };
    let wrong = |text: &String| {
        Error::usage(
            format!("--figures {text} is no figure"),
            "write NAME=NUMBER, such as 排查=120",
        )
    };
    written.iter().map(|text| one(text).ok_or_else(|| wrong(text))).collect()
}

/// `大排查=120` as word and number, `法治宣讲` as word alone.
fn read_measures(written: &[String]) -> Result<BTreeMap<String, Option<u64>>> {
    let one = |text: &String| match text.split_once('=') {
        None => Ok((text.trim().to_owned(), None)),
        Some((word, number)) => match number.trim().parse() {
            Ok(number) => Ok((word.trim().to_owned(), Some(number))),
            Err(_) => Err(Error::usage(
                "--measures has a number that is no whole number",
                "write MEASURE=NUMBER, such as 大排查=120",
            )),
        },
    };
    written.iter().map(one).collect()
}

/// What was done about letters, a measure a row.
fn measures(common: &Common, context: &Context) -> Result<Status> {
    let done = letters::measures(&context.workspace, &context.options)?;
    let headers =
        ["measure", "letters", "number", "assessed", "fell", "no_sign", "rose", "median_ratio"];
    let row = |m: &MeasureDone| {
        vec![
            json!(m.name),
            json!(m.letters),
            json!(m.number),
            json!(m.assessed),
            json!(m.fell),
            json!(m.no_sign),
            json!(m.rose),
            json!(m.median_ratio),
        ]
    };
    let headers = headers.map(str::to_owned).to_vec();
    let rows: Vec<Vec<Value>> = done.iter().map(row).collect();
    let any = done.iter().any(|m| m.letters > 0);
    Rows { headers, rows }.print(common.format)?;
    Ok(if any { Status::Done } else { Status::Negative })
}

fn list(common: &Common, context: &Context, all: bool) -> Result<Status> {
    let letters = letters::list(&context.workspace, &context.options)?;
    let shown: Vec<&LetterState> = letters.iter().filter(|l| all || l.closed.is_none()).collect();
    if shown.is_empty() && common.format == Format::Table {
        print(if letters.is_empty() {
            "no letter has been drafted\n"
        } else {
            "every letter is closed; --all shows them\n"
        })?;
    } else {
        let headers = [
            "letter_id",
            "number",
            "kind",
            "area",
            "topic",
            "level",
            "deadline",
            "status",
            "overdue",
        ]
        .map(str::to_owned)
        .to_vec();
        let day = context.options.as_of.day;
        Rows { headers, rows: shown.iter().map(|l| row(l, day)).collect() }.print(common.format)?;
    }
    Ok(if letters.is_empty() { Status::Negative } else { Status::Done })
}

fn row(letter: &LetterState, day: NaiveDate) -> Vec<Value> {
    let facts = &letter.facts;
    let late = letter.overdue(day).then(|| (day - letter.reply_by()).num_days());
    vec![
        json!(letter.letter_id),
        json!(letter.issued.as_ref().map(|i| &i.number)),
        json!(facts.kind_name),
        json!(facts.area_name),
        json!(facts.topic_name),
        json!(facts.level.name()),
        json!(letter.reply_by().to_string()),
        json!(letter.status()),
        late.map_or(Value::Null, |days| json!(format!("{days} days"))),
    ]
}

fn show(common: &Common, context: &Context, id: &str) -> Result<Status> {
    let (letter, steps) = letters::show(&context.workspace, &context.options, id)?;
    if common.format == Format::Json {
        let step = |e: &pingan::warn::ledger::Entry| {
            let note: Value = serde_json::from_str(&e.note).unwrap_or_default();
            json!({
                "seq": e.seq, "at": e.at.to_rfc3339(), "actor": e.actor, "step": e.step,
                "note": note, "hash": e.hash,
            })
        };
        let steps: Vec<Value> = steps.iter().map(step).collect();
        let whole = json!({
            "letter_id": letter.letter_id, "warning_id": letter.warning_id,
            "status": letter.status(), "deadline": letter.reply_by().to_string(),
            "number": letter.issued.as_ref().map(|i| &i.number),
            "code": letter.issued.as_ref().map(|i| &i.code),
            "facts": letter.facts, "steps": steps,
        });
        print(&format!("{}\n", serde_json::to_string_pretty(&whole).unwrap_or_default()))?;
        return Ok(Status::Done);
    }
    if common.format == Format::Table {
        print(&headline(context, &letter))?;
    }
    let zone = context.workspace.time_zone();
    let headers = ["seq", "at", "actor", "step", "note"].map(str::to_owned).to_vec();
    // The note of a draft is all its facts: `--format json` shows them.
    let note = |e: &pingan::warn::ledger::Entry| {
        if e.step == "draft" { String::new() } else { e.note.clone() }
    };
    let row = |e: &pingan::warn::ledger::Entry| {
        let at = e.at.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string();
        vec![json!(e.seq), json!(at), json!(e.actor), json!(e.step), json!(note(e))]
    };
    Rows { headers, rows: steps.iter().map(row).collect() }.print(common.format)?;
    Ok(Status::Done)
}

fn headline(context: &Context, letter: &LetterState) -> String {
    let facts = &letter.facts;
    let mut text = format!(
        "{} {} {} {}",
        facts.kind_name,
        facts.area_name,
        facts.topic_name,
        facts.level.label()
    );
    if let Some(issued) = &letter.issued {
        text += &format!(" {} of {}, 核验码 {}", issued.number, issued.date, issued.code);
    }
    let waited_for = letter.unanswered();
    if letter.issued.is_some() && !waited_for.is_empty() {
        text += &format!("\nnot answered by {}", waited_for.join(", "));
    }
    let document = folder(&context.workspace).join(format!("{}.docx", letter.letter_id));
    text + &format!(
        "\n{}; answer by {}; {}\n\n",
        letter.status(),
        letter.reply_by(),
        document.display()
    )
}

fn act(common: &Common, context: &Context, id: &str, act: &Act, doing: Action) -> Result<Status> {
    let letter = letters::act(&context.workspace, &context.options, id, act, &doing)?;
    if common.format == Format::Table {
        print(&headline(context, &letter))?;
    } else {
        let headers = [
            "letter_id",
            "number",
            "kind",
            "area",
            "topic",
            "level",
            "deadline",
            "status",
            "overdue",
        ]
        .map(str::to_owned)
        .to_vec();
        Rows { headers, rows: vec![row(&letter, context.options.as_of.day)] }
            .print(common.format)?;
    }
    Ok(Status::Done)
}

fn verify(
    common: &Common,
    context: &Context,
    code: Option<&str>,
    head: Option<&str>,
) -> Result<Status> {
    let head = head.map(read_head).transpose()?;
    let verdict = letters::verify(&context.workspace, &context.options)?;
    let mut rows: Vec<(&str, String)> =
        verdict.wrong.iter().map(|what| ("wrong", what.clone())).collect();
    rows.extend(code.map(|code| bearer(&verdict, code)));
    rows.extend(head.map(|head| passage(&verdict, &head)));
    let wrong = rows.iter().any(|(state, _)| *state == "wrong");
    if !wrong {
        let of = verdict.letters.len();
        let holds = match Head::of(&verdict.entries) {
            Some(head) => format!("ledger of {of} letters: {head}"),
            None => "no letter was ever drafted".to_owned(),
        };
        rows.push(("holds", holds));
    }
    let rows = rows.into_iter().map(|(state, what)| vec![json!(state), json!(what)]).collect();
    Rows { headers: ["state", "what"].map(str::to_owned).to_vec(), rows }.print(common.format)?;
    Ok(if wrong { Status::Negative } else { Status::Done })
}

/// Which letter bears a verification code.
fn bearer(verdict: &Verification, code: &str) -> (&'static str, String) {
    let plain = |text: &str| {
        text.chars().filter(char::is_ascii_hexdigit).collect::<String>().to_ascii_uppercase()
    };
    let bears = |l: &&LetterState| l.issued.as_ref().is_some_and(|i| plain(&i.code) == plain(code));
    match verdict.letters.values().find(bears).and_then(|l| Some((l, l.issued.as_ref()?))) {
        Some((letter, issued)) => {
            let facts = &letter.facts;
            let letter = format!(
                "{} {} {} to {}, {}",
                code, issued.number, facts.kind_name, facts.area_name, issued.date
            );
            ("genuine", letter)
        }
        None => ("wrong", format!("no letter of this ledger bears the code {code}")),
    }
}

/// The digits of a head: all 64, or the first, as a code has them.
fn read_head(written: &str) -> Result<String> {
    let digits: String =
        written.chars().filter(|c| !c.is_whitespace() && *c != '-').collect::<String>();
    let is_head = (SHORTEST_HEAD..=64).contains(&digits.len())
        && digits.chars().all(|c| c.is_ascii_hexdigit());
    match is_head {
        true => Ok(digits.to_ascii_lowercase()),
        false => Err(Error::usage(
            format!("--head {written} is no head of a ledger"),
            "give the 64 digits that a night prints, or the 16 of a letter's code",
        )),
    }
}

/// Whether the ledger has passed through a head.
fn passage(verdict: &Verification, head: &str) -> (&'static str, String) {
    let of = verdict.entries.len();
    match verdict.entries.iter().find(|e| e.hash.starts_with(head)) {
        Some(entry) => ("passed", format!("{head} is the head after row {} of {of}", entry.seq)),
        None => (
            "wrong",
            format!(
                "the ledger has never passed through {head}: rows were cut off or written anew, or \
                 it is another workspace's"
            ),
        ),
    }
}
