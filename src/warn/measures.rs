//! What was done about letters, and what became of the series they were about.

use super::ledger::LetterState;
use super::settings::MeasureCode;
use methods::stats::descriptive::median;
use ndarray::ArrayView1;

/// Letters whose effect was judged from which on a measure's ratio is told: of fewer it says nothing.
const ENOUGH: usize = 10;

/// One measure over all letters. It was chosen where it seemed fit, so that letters with it and
/// without are no experiment.
#[derive(Clone, Debug, PartialEq)]
pub struct MeasureDone {
    pub name: String,
    /// Letters about which it was done.
    pub letters: usize,
    /// How often, over those that say.
    pub number: u64,
    /// Letters of these whose effect could be judged, by its verdict.
    pub assessed: usize,
    pub fell: usize,
    pub no_sign: usize,
    pub rose: usize,
    /// Median over those of observed by what townships without a letter let one expect; `None` of
    /// fewer than ten.
    pub median_ratio: Option<f64>,
}

/// What was done, in the order of the list.
pub fn measures_done(measures: &[MeasureCode], letters: &[LetterState]) -> Vec<MeasureDone> {
    measures.iter().map(|measure| done(measure, letters)).collect()
}

fn done(measure: &MeasureCode, letters: &[LetterState]) -> MeasureDone {
    let has =
        |l: &&LetterState| l.measures.iter().any(|(_, b)| b.measures.contains_key(&measure.id));
    let with: Vec<&LetterState> = letters.iter().filter(has).collect();
    let told = with.iter().flat_map(|l| &l.measures);
    let number = told.filter_map(|(_, b)| b.measures.get(&measure.id).copied().flatten()).sum();
    let effects: Vec<&serde_json::Value> = with.iter().filter_map(|l| l.effect.as_ref()).collect();
    let verdicts = |name: &str| effects.iter().filter(|e| e["verdict"] == name).count();
    let ratios: Vec<f64> = effects.iter().filter_map(|e| e["ratio"].as_f64()).collect();
    MeasureDone {
        name: measure.name.clone(),
        letters: with.len(),
        number,
        assessed: ratios.len(),
        fell: verdicts("fell"),
        no_sign: verdicts("no_sign"),
        rose: verdicts("rose"),
        median_ratio: (ratios.len() >= ENOUGH).then(|| median(ArrayView1::from(&ratios))),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::super::facts::sample;
    use super::super::ledger::{Begun, Entry, NewStep, Step, letter_id};
    use super::super::warning::Warning;
    use super::*;

    fn measure(id: &str) -> MeasureCode {
        MeasureCode { id: id.into(), name: id.to_uppercase(), also: Vec::new() }
    }

    /// A letter about which some measures were begun, and whose effect was judged.
    fn letter(n: usize, begun: &[(&str, Option<u64>)], effect: Option<(&str, f64)>) -> LetterState {
        let facts = sample(&format!("6209811{n:02}"));
        let warning = Warning::id_of(&facts.area_code, &facts.topic, facts.since);
        let step = NewStep {
            letter_id: letter_id(&warning, &facts.kind, None),
            at: Default::default(),
            actor: "x".into(),
            step: Step::Draft,
            note: serde_json::to_string(&facts).unwrap(),
        };
        let mut letter = LetterState::begin(&Entry::after(None, &step)).unwrap();
        let measures: BTreeMap<String, Option<u64>> =
            begun.iter().map(|(id, n)| ((*id).to_owned(), *n)).collect();
        letter.measures = vec![(letter.last, Begun { measures, ..Begun::default() })];
        letter.effect = effect.map(|(verdict, ratio)| json!({"verdict": verdict, "ratio": ratio}));
        letter
    }

    #[test]
    fn measures_are_counted_and_their_effect_is_told_from_ten_letters_on() {
        let list = [measure("screening"), measure("talks"), measure("patrols")];
        let mut letters: Vec<LetterState> = (0..9)
            .map(|n| letter(n, &[("screening", Some(10)), ("talks", None)], Some(("fell", 0.5))))
            .collect();
        letters.push(letter(9, &[("screening", None)], Some(("rose", 1.5))));
        letters.push(letter(10, &[("screening", Some(2))], None));
        let done = measures_done(&list, &letters);
        let [screening, talks, patrols] = &done[..] else { panic!("{done:?}") };
        assert_eq!((screening.letters, screening.number, screening.assessed), (11, 92, 10));
        assert_eq!((screening.fell, screening.no_sign, screening.rose), (9, 0, 1));
        assert_eq!(screening.median_ratio, Some(0.5));
        assert_eq!((talks.letters, talks.assessed, talks.median_ratio), (9, 9, None));
        assert_eq!((patrols.letters, patrols.number), (0, 0));
    }
}
