//! The simulation in memory: what becomes known on which day, as increments of counts, and its
//! truth.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::Span;
use super::rates::RHYTHMS;
use super::truth::Truth;
use super::usual::Usual;
use super::version::Version;
use lake::areas::Register;

/// A county as its feeds would tell of it, and what was injected.
#[derive(Clone, Debug)]
pub struct Simulated {
    pub register: Register,
    /// Codes of the townships.
    pub townships: Vec<String>,
    pub incidents: Vec<Truth>,
    /// What ordinary events were drawn from.
    pub usual: Usual,
    /// In order of recording.
    pub entries: Vec<Entry>,
}

/// One increment of the number of events of a township, domain and category, as the panel holds it
/// (docs/design.md).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry {
    pub domain: &'static str,
    pub category: &'static str,
    /// Position in [`Simulated::townships`].
    pub township: usize,
    /// Local day of the event.
    pub day: NaiveDate,
    /// Local day on which it became known.
    pub recorded: NaiveDate,
    /// 1; −1 where a later version takes it back.
    pub num: f64,
}

/// The increments so far.
pub struct Ledger<'a> {
    span: &'a Span,
    entries: Vec<Entry>,
    /// Category under which each event (domain, township, serial) counts.
    standing: HashMap<(u8, u16, u32), u8>,
}

impl<'a> Ledger<'a> {
    /// Nothing is known.
    pub fn new(span: &'a Span) -> Self {
        Ledger { span, entries: Vec::new(), standing: HashMap::new() }
    }

    /// Takes versions in order of recording. One that changes neither category nor existence adds
    /// nothing.
    pub fn take(&mut self, known: &[Version]) {
        for v in known {
            let event = (v.domain, v.township, v.serial);
            let before = self.standing.get(&event).copied();
            let after = (!v.withdrawn).then_some(v.category);
            if before == after {
                continue;
            }
            self.entries.extend(before.map(|category| self.entry(v, category, -1.0)));
            self.entries.extend(after.map(|category| self.entry(v, category, 1.0)));
            match after {
                Some(category) => self.standing.insert(event, category),
                None => self.standing.remove(&event),
            };
        }
    }

    /// All increments, in order of recording.
    pub fn in_order(mut self) -> Vec<Entry> {
        self.entries.sort_by_key(|e| e.recorded);
        self.entries
    }

    fn entry(&self, v: &Version, category: u8, num: f64) -> Entry {
        let rhythm = &RHYTHMS[v.domain as usize];
        let [day, recorded] = [v.occurred, v.recorded].map(|minute| self.span.local(minute).date());
        let category = rhythm.categories[category as usize].code;
        Entry { domain: rhythm.id, category, township: v.township as usize, day, recorded, num }
    }
}
