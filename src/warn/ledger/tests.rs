//! Histories of letters at random: what was appended verifies, and what was changed is found.

use std::collections::BTreeMap;

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::*;
use crate::warn::facts::sample;

/// A ledger made of tries: each try is a letter and a step, kept where the step may follow.
fn history(tries: &[(usize, usize)]) -> (Vec<Entry>, BTreeMap<String, LetterState>) {
    let (mut entries, mut letters) = (Vec::<Entry>::new(), BTreeMap::new());
    for (at, (which, step)) in tries.iter().enumerate() {
        let facts = sample(&format!("62098110{which}"));
        let id = letter_id(
            &crate::warn::Warning::id_of(&facts.area_code, &facts.topic, facts.since),
            &facts.kind,
            None,
        );
        let step = Step::ALL[*step];
        let note = match step {
            Step::Draft => serde_json::to_string(&facts).unwrap(),
            Step::Approve => r#"{"document":"ab","edited":false}"#.to_owned(),
            Step::Issue => {
                r#"{"number":"某综治提〔2026〕1号","n":1,"date":"2026-02-02"}"#.to_owned()
            }
            Step::Documents => r#"{"docx":"ab","html":"cd"}"#.to_owned(),
            Step::Feedback => r#"{"note":"已排查","figures":{"排查":12}}"#.to_owned(),
            _ => "{}".to_owned(),
        };
        let at =
            chrono::DateTime::from_timestamp_micros(1_770_000_000_000_000 + at as i64).unwrap();
        let entry = Entry::after(
            entries.last(),
            &NewStep { letter_id: id, at, actor: "综治中心".into(), step, note },
        );
        if apply(&mut letters, &entry).is_ok() {
            entries.push(entry);
        }
    }
    (entries, letters)
}

/// Histories of three letters at random, some of them long.
fn histories() -> impl Iterator<Item = (Vec<Entry>, BTreeMap<String, LetterState>, ChaCha8Rng)> {
    (0..300).map(|seed| {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let tries: Vec<(usize, usize)> = (0..rng.random_range(20..80))
            .map(|_| (rng.random_range(0..3), rng.random_range(0..Step::ALL.len())))
            .collect();
        let (entries, letters) = history(&tries);
        (entries, letters, rng)
    })
}

#[test]
fn what_was_appended_verifies_and_folds_to_the_same() {
    let mut reached = std::collections::BTreeSet::new();
    for (entries, letters, _) in histories() {
        assert_eq!(verify(&entries).unwrap(), letters);
        for letter in letters.values() {
            // Nothing is issued without an approval, nor answered without being issued and
            // received.
            assert!(letter.issued.is_none() || letter.approved.is_some());
            assert!(letter.documents.is_none() || letter.issued.is_some());
            assert!(letter.received.is_none() || letter.issued.is_some());
            assert!(letter.answers.is_empty() || letter.received.is_some());
            assert!(letter.effect.is_none() || letter.issued.is_some());
            reached.insert(letter.status());
        }
    }
    assert!(reached.len() >= 7, "the histories reach far enough: {reached:?}");
}

#[test]
fn one_changed_byte_is_found_at_its_row() {
    for (mut entries, _, mut rng) in histories().filter(|(e, ..)| !e.is_empty()) {
        for field in 0..8 {
            let row = rng.random_range(0..entries.len());
            let whole = entries[row].clone();
            let mut flip = |text: &mut String| {
                let mut bytes = std::mem::take(text).into_bytes();
                match bytes.len() {
                    0 => bytes.push(b'x'),
                    length => bytes[rng.random_range(0..length)] ^= 1,
                }
                *text = String::from_utf8_lossy(&bytes).into_owned();
            };
            let entry = &mut entries[row];
            match field {
                0 => entry.seq += 1,
                1 => flip(&mut entry.letter_id),
                2 => entry.at += chrono::TimeDelta::microseconds(1),
                3 => flip(&mut entry.actor),
                4 => flip(&mut entry.step),
                5 => flip(&mut entry.note),
                6 => flip(&mut entry.prev_hash),
                _ => flip(&mut entry.hash),
            }
            assert_eq!(verify(&entries).unwrap_err().seq, row as i64 + 1, "field {field}");
            entries[row] = whole;
        }
    }
}

#[test]
fn a_row_taken_out_or_put_elsewhere_is_found() {
    for (mut entries, _, mut rng) in histories().filter(|(e, ..)| e.len() > 1) {
        let row = rng.random_range(0..entries.len() - 1);
        let mut swapped = entries.clone();
        swapped.swap(row, row + 1);
        assert_eq!(verify(&swapped).unwrap_err().seq, row as i64 + 1);
        entries.remove(row);
        assert_eq!(verify(&entries).unwrap_err().seq, row as i64 + 1);
    }
}

#[test]
fn a_chain_written_anew_has_other_codes() {
    let steps = [(0, 0), (0, 1), (0, 2)];
    let (mut entries, letters) = history(&steps);
    let code = |letters: &BTreeMap<String, LetterState>| {
        letters.values().next().unwrap().issued.clone().unwrap().code
    };
    assert_eq!(code(&letters).len(), 19);
    // Someone changes the first row and computes every hash anew: the chain holds, the printed
    // code no longer fits.
    entries[0].actor = "别处".into();
    for i in 0..entries.len() {
        entries[i].prev_hash = if i == 0 { String::new() } else { entries[i - 1].hash.clone() };
        entries[i].hash = entries[i].computed_hash();
    }
    assert_ne!(code(&verify(&entries).unwrap()), code(&letters));
}

#[test]
fn a_step_out_of_order_says_what_comes_first() {
    let (_, letters) = history(&[(0, 0)]);
    let letter = letters.values().next().unwrap();
    let refusal = |step: Step| letter.may(step).unwrap_err().to_string();
    assert!(
        refusal(Step::Issue).contains("not approved")
            && refusal(Step::Issue).contains("letters approve"),
        "{}",
        refusal(Step::Issue)
    );
    assert!(refusal(Step::Feedback).contains("letters issue"), "{}", refusal(Step::Feedback));
    letter.may(Step::Draft).unwrap();
    let (_, letters) = history(&[(0, 0), (0, 1)]);
    let approved = letters.values().next().unwrap().may(Step::Draft).unwrap_err().to_string();
    assert!(approved.contains("what is approved is not drafted anew"), "{approved}");
}
