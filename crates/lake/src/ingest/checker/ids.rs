//! What an event and its parties are known by.

use std::borrow::Cow;

use super::RowChecker;
use crate::ingest::bind::{Binding, Plan};
use crate::ingest::build::Value;
use crate::ingest::cell::{BadCell, Cell};
use crate::ingest::identity;

impl RowChecker<'_> {
    /// An event's id in its one spelling, or the hash that stands for it.
    pub(super) fn event_id<'r>(
        &mut self,
        cell: &'r Cell<'r>,
    ) -> std::result::Result<Value<'r>, BadCell> {
        let domain = self.mapping.domain.id;
        if self.lost_ids.has(cell) {
            return Err(identity::lost_digits());
        }
        Ok(Value::Text(identity::kept(identity::spelled_id(cell)?, domain, self.intake.hasher)))
    }

    /// The id that several columns make: each of them in its one spelling.
    pub(super) fn joined_id<'r>(
        &mut self,
        binding: &Binding,
        cells: &[Cell],
    ) -> std::result::Result<Value<'r>, BadCell> {
        let mut parts = Vec::with_capacity(binding.at.len());
        for &at in &binding.at {
            if self.lost_ids.has(&cells[at]) {
                return Err(identity::lost_digits());
            }
            identity::spelled_id(&cells[at])?;
            parts.push(identity::part(&cells[at], self.intake.time_zone));
        }
        let id = Cow::Owned(parts.join("/"));
        Ok(Value::Text(identity::kept(id, self.mapping.domain.id, self.intake.hasher)))
    }

    /// An id from the columns that tell events apart, each in its one spelling, and an ordinal
    /// among rows where they are the same. It goes through the key, as what was written there could
    /// be found again from a plain hash.
    pub(super) fn made_id(&mut self, plan: &Plan, cells: &[Cell]) -> String {
        let mut text = String::new();
        for &i in &plan.id {
            text.push_str(&identity::part(&cells[i], self.intake.time_zone));
            text.push('\u{1f}');
        }
        let hash = self.intake.hasher.keyed(&text);
        let times = self.made.entry(hash128(hash.as_bytes())).or_insert(0);
        *times += 1;
        let prefix = self.mapping.id.as_ref().map_or("", |i| i.prefix.as_str());
        let ordinal = if *times > 1 { format!("-{times}") } else { String::new() };
        format!("{prefix}-{}{ordinal}", &hash[..16])
    }

    /// The keyed hash of the parties: of what identifies them, less numbers that have lost digits.
    pub(super) fn party(&mut self, plan: &Plan, cells: &[Cell]) -> Value<'static> {
        let lost = &mut self.lost_parties;
        let texts: Vec<Cow<str>> = plan
            .persons
            .iter()
            .filter(|&&i| !matches!(cells[i], Cell::Error(_)) && !lost.has(&cells[i]))
            .map(|&i| cells[i].to_text())
            .collect();
        let others = self.persons.iter().map(String::as_str);
        let texts = texts.iter().map(|t| &**t).chain(others).map(identity::guarded);
        match self.intake.hasher.hash(self.mapping.domain.id, texts) {
            Some(hash) => Value::Text(hash.into()),
            None => Value::Null,
        }
    }

    /// Whether this version of the event is the file's first.
    pub(super) fn is_new(&mut self, slots: &[Value]) -> bool {
        let (Some(id), Some(Value::Instant(recorded))) = (slots[0].text(), slots.get(2)) else {
            return true;
        };
        let mut key = id.as_bytes().to_vec();
        key.extend(recorded.to_le_bytes());
        self.seen.insert(hash128(&key))
    }

    /// Says how many numbers a spreadsheet has spoilt.
    pub(super) fn note_lost_digits(&mut self) {
        let found = |n: u64, what: &str| {
            (n > 0).then(|| format!("{n} {what} have lost digits: a spreadsheet keeps fifteen"))
        };
        self.tally.notices.extend(found(self.lost_ids.found, "ids"));
        let parties = found(self.lost_parties.found, "numbers of persons");
        self.tally
            .notices
            .extend(parties.map(|p| p + "; parties are known by their other columns"));
    }
}

fn hash128(bytes: &[u8]) -> u128 {
    let hash = blake3::hash(bytes);
    u128::from_le_bytes(std::array::from_fn(|i| hash.as_bytes()[i]))
}
