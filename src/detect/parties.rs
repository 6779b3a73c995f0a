//! The same party in two domains: how many of those who appear in one appear in another within 90
//! days, beside what chance would bring.
//!
//! A party is a keyed hash. By default each domain hashes in its own way, so that nobody can be
//! followed from table to table, and then nothing is told here; `link_parties` of pingan.toml gives
//! a party one hash in all domains. Only counts are told, and none of a few.

use std::collections::HashMap;

use chrono::{Days, NaiveDate};
use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::Date32Type;
use statrs::distribution::{DiscreteCDF, Poisson};

use super::detail::{Detail, SAME_PARTY, SharedParties, known};
use super::finding::Finding;
use super::watch::Key;
use crate::job::Job;
use lake::Result;
use lake::schema::DOMAINS;
use lake::{Session, text};
use methods::detect::fdr::benjamini_hochberg;

/// Days in which both appearances lie.
const DAYS: u64 = 90;
/// Of fewer parties nothing is told: they might be known by it.
const LEAST: usize = 10;

/// First day of a party in each domain, in the order of [`DOMAINS`].
type Appearance = [Option<i32>; DOMAINS.len()];

/// Two domains and the parties that appear in both, the one that mostly comes first before.
#[derive(Clone, Debug, PartialEq)]
struct Shared {
    first: usize,
    second: usize,
    /// Parties of each, and of both.
    of: [usize; 2],
    both: usize,
    /// How many of them appeared in `first` before.
    in_order: usize,
    /// Days between the two, at the median.
    days: i32,
}

/// A finding for every two domains that share more parties than chance would let them, one false
/// discovery rate over all pairs.
///
/// # Errors
/// [`lake::Error::Delta`], [`lake::Error::Query`].
pub(super) fn shared(job: &Job, last: NaiveDate, most: f64) -> Result<Vec<Finding>> {
    if !job.workspace.config.link_parties {
        return Ok(Vec::new());
    }
    let period = (last - Days::new(DAYS - 1), last);
    let root = job.register.root();
    let key = |domain: &str| Key {
        area: root.code.clone(),
        domain: domain.to_owned(),
        category: String::new(),
    };
    let population = root.exposure.get("population").unwrap_or_else(|| {
        let living = job.register.children(&root.code).filter(|a| a.lives_on(last));
        let with_merged =
            living.flat_map(|a| [vec![a], job.register.merged_into(&a.code)].concat());
        with_merged.filter_map(|a| a.exposure.get("population")).sum::<f64>()
    });
    if population <= 0.0 {
        let reason = format!(
            "population of {} is missing: how many parties domains share by chance is not known",
            root.name
        );
        return Ok(vec![Finding::not_assessable(&key(""), SAME_PARTY, period, reason)]);
    }
    let pairs = pairs(&appearances(job, period)?);
    let expected = |pair: &Shared| pair.of[0] as f64 * pair.of[1] as f64 / population;
    let p: Vec<f64> = pairs.iter().map(|pair| reaches(pair.both, expected(pair))).collect();
    let q = benjamini_hochberg(&p);
    let told = pairs.iter().zip(p).zip(q).filter(|((pair, _), q)| *q <= most && pair.both >= LEAST);
    Ok(told
        .map(|((pair, p), q)| {
            let (observed, expected) = (pair.both as f64, expected(pair));
            let detail = Detail::SharedParties(SharedParties {
                follows_domain: DOMAINS[pair.first].id.to_owned(),
                after_days: pair.days,
                in_this_order: pair.in_order,
                parties_of_each: pair.of,
                lift: known(observed / expected),
            });
            let blank = Finding::new(&key(DOMAINS[pair.second].id), detail, SAME_PARTY, period);
            Finding { observed, expected, p, q, ..blank }
        })
        .collect())
}

/// When each party first appeared in each domain within a period, in no order.
fn appearances(job: &Job, period: (NaiveDate, NaiveDate)) -> Result<Vec<Appearance>> {
    let session = Session::new(job.lake, job.limits)?;
    session.register_lake(job.lake, &job.as_of)?;
    let of = |(at, domain): (usize, &lake::schema::Domain)| {
        format!(
            "select {at} as at, party_hash, min(day) as day from {} where party_hash is not null and day between date '{}' and date '{}' group by party_hash",
            domain.id, period.0, period.1
        )
    };
    let sql: Vec<String> = DOMAINS.iter().enumerate().map(of).collect();
    let mut parties: HashMap<String, Appearance> = HashMap::new();
    session.stream(session.sql(&sql.join(" union all "))?, |batch| {
        let party = text(&batch, 1)?;
        let (at, party) = (
            batch.column(0).as_primitive::<datafusion::arrow::datatypes::Int64Type>(),
            party.as_string_view(),
        );
        let day = batch.column(2).as_primitive::<Date32Type>();
        for row in 0..batch.num_rows() {
            parties.entry(party.value(row).to_owned()).or_insert([None; DOMAINS.len()])
                [at.value(row) as usize] = Some(day.value(row));
        }
        Ok(())
    })?;
    Ok(parties.into_values().collect())
}

/// Every two domains that have parties, with those in both.
fn pairs(appearances: &[Appearance]) -> Vec<Shared> {
    let parties = |domain: usize| appearances.iter().filter(|a| a[domain].is_some()).count();
    let of_each: Vec<usize> = (0..DOMAINS.len()).map(parties).collect();
    let mut pairs = Vec::new();
    for (a, b) in (0..DOMAINS.len()).flat_map(|a| (a + 1..DOMAINS.len()).map(move |b| (a, b))) {
        if of_each[a] == 0 || of_each[b] == 0 {
            continue;
        }
        let mut apart: Vec<i32> =
            appearances.iter().filter_map(|seen| Some(seen[b]? - seen[a]?)).collect();
        let (before, after) =
            (apart.iter().filter(|d| **d > 0).count(), apart.iter().filter(|d| **d < 0).count());
        let (first, second, in_order) =
            if before >= after { (a, b, before) } else { (b, a, after) };
        apart.iter_mut().for_each(|d| *d = d.abs());
        apart.sort_unstable();
        let days = apart.get(apart.len() / 2).copied().unwrap_or(0);
        pairs.push(Shared {
            first,
            second,
            of: [of_each[first], of_each[second]],
            both: apart.len(),
            in_order,
            days,
        });
    }
    pairs
}

/// Chance of so many or more where so many are expected; of few parties among many people the
/// hypergeometric law is Poisson's.
fn reaches(count: usize, expected: f64) -> f64 {
    match (count.checked_sub(1), Poisson::new(expected)) {
        (Some(below), Ok(law)) => law.sf(below as u64),
        _ => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(days: &[(usize, i32)]) -> Appearance {
        let mut appearance = [None; DOMAINS.len()];
        days.iter().for_each(|(domain, day)| appearance[*domain] = Some(*day));
        appearance
    }

    #[test]
    fn parties_of_two_domains_are_counted_in_the_order_they_mostly_come() {
        let all = [
            seen(&[(4, 10), (6, 30)]),
            seen(&[(4, 5), (6, 15)]),
            seen(&[(6, 1), (4, 40)]),
            seen(&[(4, 3)]),
            seen(&[(0, 3)]),
        ];
        let found = pairs(&all);
        let shared = found.iter().find(|p| p.both > 0).unwrap();
        assert_eq!(
            *shared,
            Shared { first: 4, second: 6, of: [4, 3], both: 3, in_order: 2, days: 20 }
        );
        // Domains of which nobody is known are no pair; those that share nobody are.
        assert_eq!(found.iter().map(|p| p.both).collect::<Vec<_>>(), [0, 0, 3]);
    }

    #[test]
    fn what_chance_brings_is_no_finding() {
        assert_eq!(reaches(0, 3.0), 1.0);
        assert!((reaches(1, 3.0) - (1.0 - (-3.0f64).exp())).abs() < 1e-12);
        assert!(reaches(40, 3.0) < 1e-20 && reaches(5, 0.0) == 1.0);
    }
}
