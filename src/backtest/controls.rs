//! Controls that run with every backtest: the future replaced by noise changes nothing, what came
//! shuffled among the units shows nothing.

use std::fmt::Debug;

use chrono::NaiveDate;
use methods::backtest::judge::rank_correlation;
use methods::stats::descriptive::mean;
use ndarray::Array1;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand::seq::{IndexedRandom, SliceRandom};

use super::detectors::{Alarm, Incident, Nights, first_night};

/// What a control says.
#[derive(Clone, Debug, PartialEq)]
pub struct Control {
    pub name: &'static str,
    pub passed: bool,
    pub says: String,
}

/// Nothing that was said rests on what came later: so many of all moved when it was noise.
pub fn noise(moved: usize, all: usize, what: &str) -> Control {
    Control {
        name: "future replaced by noise",
        passed: moved == 0,
        says: format!("{moved} of {all} {what} moved"),
    }
}

/// [`noise`] of what was said and what was said again, in their order. Compared as text, in which
/// what is not known equals itself.
pub fn compared<T: Debug>(said: &[&T], again: &[T], what: &str) -> Control {
    let same = |(a, b): &(&&T, &T)| format!("{a:?}") == format!("{b:?}");
    let most = said.len().max(again.len());
    noise(most - said.iter().zip(again).filter(same).count(), most, what)
}

/// The incidents once more, each in another township drawn by chance and at another time: few may
/// be found, and how many says what chance alone finds.
pub fn elsewhere(nights: &Nights, incidents: &[Incident], alarms: &[&Alarm], seed: u64) -> Control {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let sought = nights.sought(incidents);
    let found = |incident: &Incident| first_night(incident, alarms, &nights.whole).is_some();
    let begins: Vec<NaiveDate> = sought.iter().map(|incident| incident.from).collect();
    let elsewhere = |incident: &Incident| {
        let mut others: Vec<String> =
            nights.townships.iter().filter(|t| !incident.areas.contains(t)).cloned().collect();
        others.shuffle(&mut rng);
        others.truncate(1);
        let from = *begins.choose(&mut rng).unwrap_or(&incident.from);
        let to = from + (incident.to - incident.from);
        Incident { areas: others, from, to, ..incident.clone() }
    };
    let there: Vec<Incident> = sought.iter().copied().map(elsewhere).collect();
    let by_chance = there.iter().filter(|incident| found(incident)).count();
    let here = sought.iter().filter(|incident| found(incident)).count();
    Control {
        name: "incidents put elsewhere",
        passed: by_chance <= (here / 2).max(1),
        says: format!("{by_chance} of {} found by chance, {here} where they were", there.len()),
    }
}

/// What was said of one unit tells nothing of another's outcome. `origins` hold what was said, in
/// one way or several, and what came.
pub fn shuffled(origins: &[(Vec<Array1<f64>>, Array1<f64>)], seed: u64) -> Control {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut found = Vec::new();
    for (said, outcome) in origins {
        let mut outcome = outcome.to_vec();
        outcome.shuffle(&mut rng);
        let outcome = Array1::from(outcome);
        found.extend(said.iter().map(|said| rank_correlation(said.view(), outcome.view())));
    }
    let mean = mean(Array1::from(found).view());
    // What is said at one origin hangs together, so that origins are counted, not predictions.
    let units = origins.first().map_or(0, |(_, outcome)| outcome.len()) as f64;
    let error = 1.0 / (origins.len() as f64 * (units - 1.0)).sqrt();
    Control {
        name: "target shuffled",
        passed: mean.abs() <= 3.0 * error,
        says: format!(
            "mean rank correlation {mean:+.3}, three standard errors are {:.3}",
            3.0 * error
        ),
    }
}
