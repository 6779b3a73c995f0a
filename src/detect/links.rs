//! What follows what in the county, and after how many weeks: every two categories of different
//! domains.

use rayon::prelude::*;

use super::detail::{Detail, LaggedCorrelation, known};
use super::finding::Finding;
use super::settings::Settings;
use super::slow::Settled;
use super::watch::{Key, Watched};
use methods::Flaw;
use methods::detect::association::{Association, Outcome, associate, innovations};
use methods::detect::fdr::benjamini_hochberg;

const METHOD: &str = "lagged_rank_correlation";
/// Weeks a year.
const A_YEAR: f64 = 52.0;

/// A series without its season, trend and memory.
struct Freed<'a> {
    key: &'a Key,
    rest: Vec<f64>,
}

/// A finding for each ordered pair of series of which the second rises after the first has, one
/// false discovery rate over all pairs.
///
/// # Errors
/// A [`Flaw`] where the settings make no test.
pub fn associations(
    settled: &[Settled],
    watched: &Watched,
    settings: &Settings,
    seed: u64,
) -> Result<Vec<Finding>, Flaw> {
    let freed = freed(settled, watched, settings);
    let pairs: Vec<(&Freed, &Freed)> = freed
        .iter()
        .flat_map(|a| freed.iter().map(move |b| (a, b)))
        .filter(|(a, b)| apart(a, b))
        .collect();
    if pairs.is_empty() {
        let root =
            Key { area: watched.root.clone(), domain: String::new(), category: String::new() };
        let reason = format!(
            "too little to compare: {} series have the history and the {} events a year needed",
            freed.len(),
            settings.associations.least
        );
        return Ok(vec![Finding::not_assessable(&root, METHOD, period(watched), reason)]);
    }
    let compared: Result<Vec<Outcome>, Flaw> = pairs
        .par_iter()
        .map(|(a, b)| {
            associate(&a.rest, &b.rest, &settings.associations.test, seed_of(a.key, b.key, seed))
        })
        .collect();
    let compared = compared?;
    let p = |outcome: &Outcome| {
        if let Outcome::Association(found) = outcome { found.p } else { f64::NAN }
    };
    let q = benjamini_hochberg(&compared.iter().map(p).collect::<Vec<f64>>());
    let told = |(((a, b), outcome), q): ((&(&Freed, &Freed), Outcome), f64)| match outcome {
        // Of two that rise together, once is enough.
        Outcome::Association(found)
            if q <= settings.q && found.best.rho > 0.0 && (found.best.lag > 0 || a.key < b.key) =>
        {
            Some(follows(a.key, b.key, &found, q, watched))
        }
        _ => None,
    };
    Ok(pairs.iter().zip(compared).zip(q).filter_map(told).collect())
}

/// The county's categories with enough events, each without what it shares with the calendar.
fn freed<'a>(settled: &[Settled<'a>], watched: &Watched, settings: &Settings) -> Vec<Freed<'a>> {
    let calendar = settings.spikes.regressors(&watched.weeks.starts()).values;
    let one = |(key, weeks): &Settled<'a>| {
        let key: &'a Key = key;
        let known = weeks.iter().filter(|n| !n.is_nan());
        let (events, weeks_known) =
            known.fold((0.0, 0.0), |(sum, count), n| (sum + n, count + 1.0));
        let enough = events >= settings.associations.least * weeks_known / A_YEAR;
        let rest =
            innovations(weeks, A_YEAR as usize, Some(calendar.view())).ok().filter(|_| enough)?;
        Some(Freed { key, rest })
    };
    settled
        .iter()
        .filter(|(key, _)| key.area == watched.root && !key.category.is_empty())
        .filter_map(one)
        .collect()
}

/// Whether two series are of different domains: within one, an event is often counted under either
/// of two categories.
fn apart(a: &Freed, b: &Freed) -> bool {
    a.key.domain != b.key.domain
}

/// A seed of the pair's own, the same whatever other pairs there are.
fn seed_of(a: &Key, b: &Key, seed: u64) -> u64 {
    let name = [&a.domain, &a.category, &b.domain, &b.category].map(String::as_str).join("\n");
    let hash = blake3::hash(name.as_bytes());
    hash.as_bytes().iter().take(8).fold(seed, |sum, byte| sum.rotate_left(8) ^ u64::from(*byte))
}

fn follows(first: &Key, second: &Key, found: &Association, q: f64, watched: &Watched) -> Finding {
    let detail = LaggedCorrelation {
        follows_domain: first.domain.clone(),
        follows_category: first.category.clone(),
        after_weeks: found.best.lag,
        rho: known(found.best.rho),
        weeks: found.best.pairs,
        permutations: found.permutations,
        rho_by_lag: found.lags.iter().map(|l| known(l.rho)).collect(),
    };
    let blank = Finding::new(second, Detail::LaggedCorrelation(detail), METHOD, period(watched));
    Finding { p: found.p, q, ..blank }
}

fn period(watched: &Watched) -> (chrono::NaiveDate, chrono::NaiveDate) {
    (watched.weeks.start(0), watched.weeks.last)
}
