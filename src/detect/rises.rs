//! What rose in any series watched: spikes, trends and new levels, under one false discovery
//! rate a night.

use std::collections::BTreeMap;

use super::finding::Finding;
use super::learned::Learned;
use super::settings::Settings;
use super::slow::Settled;
use super::tested::Tested;
use super::watch::Watched;
use super::{changes, slow, spikes};
use methods::Flaw;
use methods::detect::fdr::benjamini_hochberg;
use methods::detect::house::Reported;

/// The findings of a night, and the series that cannot be judged. `settled` are the series without
/// weeks of which more is to come; `reported` is what share of each domain's last weeks is known.
///
/// # Errors
/// A [`Flaw`] where the settings make no model.
pub fn rises(
    watched: &Watched,
    settled: &[Settled],
    settings: &Settings,
    reported: &BTreeMap<String, Vec<Reported>>,
) -> Result<Vec<Finding>, Flaw> {
    let learned = Learned::new(watched, settings)?;
    let (mut tested, silent) = spikes::spikes(&learned, settings, reported);
    tested.extend(slow::trends(watched, settled, settings));
    tested.extend(changes::changes(&learned, settled, settings));
    Ok(within_rate(tested, settings.q).chain(silent).collect())
}

/// Those whose q, adjusted for all tests of the night, is at most `most`.
fn within_rate(tested: Vec<Tested>, most: f64) -> impl Iterator<Item = Finding> {
    let q = benjamini_hochberg(&tested.iter().map(|t| t.p).collect::<Vec<f64>>());
    tested
        .into_iter()
        .zip(q)
        .filter(move |(_, q)| *q <= most)
        .filter_map(|(t, q)| t.finding.map(|finding| Finding { q, ..finding }))
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::super::detail::{Detail, change};
    use super::super::watch::Key;
    use super::*;

    fn tested(method: &'static str, p: f64) -> Tested {
        let (day, code) = (NaiveDate::default(), String::new());
        let finding = Finding::new(
            &Key { area: code.clone(), domain: code.clone(), category: code },
            Detail::Change(change()),
            method,
            (day, day),
        );
        Tested { p, finding: Some(finding) }
    }

    #[test]
    fn what_is_found_hangs_on_all_tests_of_the_night_whatever_their_kind() {
        let found_beside = |others: usize| {
            let spike = [tested("house", 0.001)];
            let quiet = (0..others).map(|i| tested(["seasonal_mann_kendall", "pelt"][i % 2], 0.5));
            within_rate(spike.into_iter().chain(quiet).collect(), 0.1).collect::<Vec<_>>()
        };
        assert_eq!(found_beside(99).len(), 1);
        assert!((found_beside(99)[0].q - 0.1).abs() < 1e-12);
        assert!(found_beside(100).is_empty());
        let silent = Tested { p: 0.001, finding: None };
        assert_eq!(within_rate(vec![silent, tested("pelt", 0.001)], 0.1).count(), 1);
    }
}
