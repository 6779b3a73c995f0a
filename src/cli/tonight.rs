//! What a night did to warnings and letters, in a few lines.

use pingan::areas::Register;
use pingan::warn::ledger::LetterState;
use pingan::warn::{Settings, Tonight, Warning};

use super::context::Context;

/// Lines on what happened, and on what to do next.
pub fn remarks(context: &Context, tonight: &Tonight, now: &mut Vec<String>, next: &mut Vec<String>) {
    now.push("\nWarnings".to_owned());
    if let Some(later) = tonight.later {
        now.push(format!("  the night of {later} was there before: warnings and letters stay as they are"));
        return;
    }
    let names = Names::of(context);
    let (opened, raised, closed) = (tonight.opened.len(), tonight.raised.len(), tonight.closed.len());
    now.push(format!("  {opened} opened, {raised} raised, {closed} closed; {} rises wait to be confirmed", tonight.waiting));
    now.extend(tonight.opened.iter().map(|w| format!("  opened {} {}", names.matter(w), w.level.label())));
    now.extend(tonight.raised.iter().map(|(w, from)| format!("  raised {} from {} to {}", names.matter(w), from.label(), w.level.label())));
    now.extend(tonight.closed.iter().map(|w| format!("  closed {}", names.matter(w))));
    letters(tonight, &names, now, next);
}

fn letters(tonight: &Tonight, names: &Names, now: &mut Vec<String>, next: &mut Vec<String>) {
    let told = |l: &LetterState| format!("{} {}{}", l.facts.kind_name, l.facts.area_name, l.facts.topic_name);
    let mut lines: Vec<String> = tonight.drafted.iter().map(|l| format!("  drafted {} {}", l.letter_id, told(l))).collect();
    lines.extend(tonight.held_back.iter().map(|(w, kind)| format!("  held back by the cap: {} {kind}", names.matter(w))));
    lines.extend(tonight.withdrawn.iter().map(|id| format!("  withdrawn {id}: its warning has ended")));
    for late in &tonight.overdue {
        let number = late.letter.issued.as_ref().map_or("", |i| i.number.as_str());
        let follows = late.next.as_ref().map_or("nothing further follows".to_owned(), |kind| format!("{kind} follows"));
        lines.push(format!("  overdue by {} days {number} {}: {follows}", late.days, told(&late.letter)));
    }
    lines.extend(tonight.evaluated.iter().map(|(l, effect)| format!("  evaluated {} {}: {}", l.letter_id, told(l), effect.verdict.name())));
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

/// What codes and ids are called.
struct Names {
    register: Option<Register>,
    settings: Option<Settings>,
}

impl Names {
    fn of(context: &Context) -> Names {
        let register = Register::read(&context.workspace.areas_file()).ok();
        Names { register, settings: Settings::read(&context.workspace).ok() }
    }

    fn matter(&self, warning: &Warning) -> String {
        let area = self.register.as_ref().and_then(|r| r.get(&warning.area_code)).map_or(warning.area_code.as_str(), |a| a.name.as_str());
        let topics = self.settings.iter().flat_map(|s| &s.topic);
        let topic = topics.into_iter().find(|t| t.id == warning.topic).map_or(warning.topic.as_str(), |t| t.name.as_str());
        format!("{area} {topic}")
    }
}
