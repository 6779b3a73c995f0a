//! A row of the ledger and its hash.

use chrono::{DateTime, Utc};

use super::step::Step;

/// One step as the ledger keeps it. Texts are as they were read: an edited row may hold anything.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    /// 1, 2, 3 … over all letters.
    pub seq: i64,
    pub letter_id: String,
    /// To the microsecond.
    pub at: DateTime<Utc>,
    /// An office or a role, never a person.
    pub actor: String,
    pub step: String,
    /// JSON: the facts of a draft, number and day of an issue, …
    pub note: String,
    /// Hash of the row before; empty for the first.
    pub prev_hash: String,
    /// 64 hexadecimal digits.
    pub hash: String,
}

/// A step that is to be appended.
#[derive(Clone, Debug, PartialEq)]
pub struct NewStep {
    pub letter_id: String,
    pub at: DateTime<Utc>,
    pub actor: String,
    pub step: Step,
    pub note: String,
}

impl Entry {
    /// The row that a step makes after the last one.
    pub fn after(last: Option<&Entry>, step: &NewStep) -> Entry {
        let mut entry = Entry {
            seq: last.map_or(0, |l| l.seq) + 1,
            letter_id: step.letter_id.clone(),
            at: DateTime::from_timestamp_micros(step.at.timestamp_micros()).unwrap_or(step.at),
            actor: step.actor.clone(),
            step: step.step.name().to_owned(),
            note: step.note.clone(),
            prev_hash: last.map_or(String::new(), |l| l.hash.clone()),
            hash: String::new(),
        };
        entry.hash = entry.computed_hash();
        entry
    }

    /// BLAKE3 over all fields but the hash, each after its length, so that no two rows have the
    /// same encoding.
    pub fn computed_hash(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        let (seq, at) = (self.seq.to_le_bytes(), self.at.timestamp_micros().to_le_bytes());
        let texts = [&self.letter_id, &self.actor, &self.step, &self.note, &self.prev_hash]
            .map(|t| t.as_bytes());
        for field in [&seq[..], &at[..]].into_iter().chain(texts) {
            hasher.update(&(field.len() as u64).to_le_bytes());
            hasher.update(field);
        }
        hasher.finalize().to_hex().to_string()
    }
}
