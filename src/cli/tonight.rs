//! What a night did to warnings and letters, in a few lines.

use pingan::warn::ledger::LetterState;
use pingan::warn::{HeldBack, Tonight, Waits, Warning};

use pingan::engine::Names;

/// Lines on what happened, and on what to do next.
pub fn remarks(names: &Names, tonight: &Tonight, now: &mut Vec<String>, next: &mut Vec<String>) {
    now.push("\nWarnings".to_owned());
    if let Some(later) = tonight.later {
        now.push(format!(
            "  the night of {later} was there before: warnings and letters stay as they are"
        ));
        now.extend(ledger(tonight));
        return;
    }
    let (opened, raised, closed) =
        (tonight.opened.len(), tonight.raised.len(), tonight.closed.len());
    now.push(format!(
        "  {opened} opened, {raised} raised, {closed} closed; {} rises wait to be confirmed",
        tonight.waiting
    ));
    now.extend(
        tonight.opened.iter().map(|w| format!("  opened {} {}", title(names, w), w.level.label())),
    );
    now.extend(tonight.raised.iter().map(|(w, from)| {
        format!("  raised {} from {} to {}", title(names, w), from.label(), w.level.label())
    }));
    now.extend(tonight.closed.iter().map(|w| format!("  closed {}", title(names, w))));
    letters(names, tonight, now, next);
    now.extend(ledger(tonight));
}

/// The head of the ledger, which whoever keeps the night's output can hold against it later.
fn ledger(tonight: &Tonight) -> Option<String> {
    tonight.head.as_ref().map(|head| format!("\nLedger of letters: {head}"))
}

fn letters(names: &Names, tonight: &Tonight, now: &mut Vec<String>, next: &mut Vec<String>) {
    let about = |l: &LetterState| {
        let facts = &l.facts;
        let to = facts.department.as_ref().map_or(String::new(), |d| format!(" to {}", d.name));
        format!("{} {}{}{to}", facts.kind_name, facts.area_name, facts.topic_name)
    };
    let mut lines: Vec<String> =
        tonight.drafted.iter().map(|l| format!("  drafted {} {}", l.letter_id, about(l))).collect();
    lines.extend(
        tonight
            .redrafted
            .iter()
            .map(|l| format!("  drafted anew {} {}: more has risen", l.letter_id, about(l))),
    );
    lines.extend(
        tonight
            .held_back
            .iter()
            .map(|h| format!("  {}: {} {}", waits(h.why), title(names, &h.warning), to(h))),
    );
    lines.extend(
        tonight.withdrawn.iter().map(|id| format!("  withdrawn {id}: its warning has ended")),
    );
    for late in &tonight.overdue {
        let number = late.letter.issued.as_ref().map_or("", |i| i.number.as_str());
        let follows = late
            .next
            .as_ref()
            .map_or("nothing further follows".to_owned(), |kind| format!("{kind} follows"));
        let waited_for = match late.letter.unanswered() {
            names if names.is_empty() => String::new(),
            names => format!(", not answered by {}", names.join(", ")),
        };
        lines.push(format!(
            "  overdue by {} days {number} {}{waited_for}: {follows}",
            late.days,
            about(&late.letter)
        ));
    }
    lines.extend(tonight.evaluated.iter().map(|(l, effect)| {
        format!("  evaluated {} {}: {}", l.letter_id, about(l), effect.verdict.name())
    }));
    lines.extend(tonight.notices.iter().map(|n| format!("  {n}")));
    if !lines.is_empty() {
        now.push("\nLetters".to_owned());
        now.extend(lines);
    }
    if !tonight.drafted.is_empty() {
        next.push(format!(
            "  {} drafts lie in out/letters: read them, then `pingan letters approve ID --by OFFICE`",
            tonight.drafted.len()
        ));
    }
    if !tonight.overdue.is_empty() {
        next.push("  ask for the answers that are overdue: `pingan letters list`".to_owned());
    }
}

fn title(names: &Names, warning: &Warning) -> String {
    format!("{} {}", names.area(&warning.area_code), names.topic(&warning.topic))
}

/// The kind of a letter that waits, with the department it goes to.
fn to(held: &HeldBack) -> String {
    match &held.department {
        Some(department) => format!("{} to {department}", held.kind),
        None => held.kind.clone(),
    }
}

fn waits(why: Waits) -> &'static str {
    match why {
        Waits::Cap => "held back by the cap",
        Waits::Attention => "waits, stronger ones come first ([attention])",
        Waits::Circular => "waits, the county's circular letter says it",
    }
}
