//! The scan against every cylinder looked at one by one, under the null, and on what can go wrong.

use ndarray::Array2;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::*;
use crate::detect::neighbours::{Place, neighbours};

/// Areas scattered over a degree.
fn scattered(n: usize, random: &mut ChaCha8Rng) -> Neighbours {
    let mut place = |i| Place {
        code: format!("{i}"),
        parent: None,
        lon_lat: Some((120.0 + random.random::<f64>(), 23.0 + random.random::<f64>())),
    };
    neighbours(&(0..n).map(&mut place).collect::<Vec<_>>(), None, 0.0).unwrap().value
}

fn scatter(areas: usize, days: usize, cases: usize, random: &mut ChaCha8Rng) -> Array2<u32> {
    let mut table = Array2::zeros((areas, days));
    for _ in 0..cases {
        // Areas and days of very different weight.
        let (a, d) = (
            random.random::<f64>().powi(2) * areas as f64,
            random.random::<f64>().sqrt() * days as f64,
        );
        table[[a as usize, d as usize]] += 1;
    }
    table
}

fn clusters(
    params: ScanParams,
    cases: &Array2<u32>,
    usable: &[bool],
    near: &Neighbours,
) -> Vec<Cluster> {
    seeded(params, cases, usable, near, 7)
}

fn seeded(
    params: ScanParams,
    cases: &Array2<u32>,
    usable: &[bool],
    near: &Neighbours,
    seed: u64,
) -> Vec<Cluster> {
    match Scan::new(params).unwrap().scan(cases.view(), usable, near, seed).unwrap() {
        Outcome::Clusters(found) => found,
        Outcome::NotAssessable(why) => panic!("{why}"),
    }
}

/// The largest likelihood ratio, by its definition, over all circles and windows, found without
/// anything the scan uses.
fn brute_force(
    params: &ScanParams,
    cases: &Array2<u32>,
    usable: &[bool],
    near: &Neighbours,
) -> f64 {
    let days: Vec<usize> = (0..usable.len()).filter(|d| usable[*d]).collect();
    let sum = |areas: &[usize], from: usize, to: usize| -> f64 {
        days.iter()
            .filter(|d| (from..=to).contains(*d))
            .flat_map(|d| areas.iter().map(|a| f64::from(cases[[*a, *d]])))
            .sum()
    };
    let all: Vec<usize> = (0..cases.nrows()).collect();
    let end = usable.len() - 1;
    let n = sum(&all, 0, end);
    let mut best = 1.0_f64;
    for centre in 0..cases.nrows() {
        for edge in 0..cases.nrows() {
            let circle: Vec<usize> = all
                .iter()
                .copied()
                .filter(|a| near.km[[centre, *a]] <= near.km[[centre, edge]])
                .collect();
            if sum(&circle, 0, end) > params.max_share * n {
                continue;
            }
            for from in 0..=end {
                for to in from..=end.min(from + params.max_days - 1) {
                    if params.prospective && (to < end || from + params.max_days <= end) {
                        continue;
                    }
                    let (c, mu) =
                        (sum(&circle, from, to), sum(&circle, 0, end) * sum(&all, from, to) / n);
                    if c >= params.min_cases as f64 && c > mu {
                        best = best.max((c / mu).powf(c) * ((n - c) / (n - mu)).powf(n - c));
                    }
                }
            }
        }
    }
    best.ln()
}

#[test]
fn the_strongest_cluster_is_that_of_all_cylinders_looked_at_one_by_one() {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    for round in 0..40 {
        let (near, cases) = (scattered(6, &mut random), scatter(6, 14, 60, &mut random));
        let usable: Vec<bool> = (0..14).map(|d| d % 5 != round % 5 || round < 10).collect();
        let params = ScanParams {
            max_days: 5,
            prospective: round % 2 == 0,
            replicates: 9,
            ..ScanParams::default()
        };
        let got = clusters(params.clone(), &cases, &usable, &near);
        let expected = brute_force(&params, &cases, &usable, &near);
        let statistic = got.first().map_or(0.0, |c| c.log_likelihood_ratio);
        assert!(
            (statistic - expected).abs() <= 1e-9 * expected.max(1.0),
            "{round}: {statistic} {expected}"
        );
        for c in &got {
            let within = |a: &usize| {
                (c.days.0..=c.days.1)
                    .filter(|d| usable[*d])
                    .map(|d| cases[[*a, d]] as usize)
                    .sum::<usize>()
            };
            assert_eq!(c.observed, c.areas.iter().map(within).sum::<usize>());
            let again =
                log_likelihood_ratio(c.observed as f64, c.expected, cases_of(&cases, &usable));
            assert!((again - c.log_likelihood_ratio).abs() < 1e-12);
            assert!(usable[c.days.0] && usable[c.days.1] && c.days.1 - c.days.0 < 5);
        }
        let areas: Vec<usize> = got.iter().flat_map(|c| c.areas.clone()).collect();
        assert!(areas.iter().enumerate().all(|(i, a)| !areas[..i].contains(a)), "clusters overlap");
    }
}

fn cases_of(cases: &Array2<u32>, usable: &[bool]) -> f64 {
    (0..usable.len()).filter(|d| usable[*d]).map(|d| f64::from(cases.column(d).sum())).sum()
}

#[test]
fn under_the_null_p_is_uniform() {
    let mut random = ChaCha8Rng::seed_from_u64(2);
    let params =
        ScanParams { max_days: 7, replicates: 99, most_clusters: 1, ..ScanParams::default() };
    let mut p: Vec<f64> = (0..400)
        .map(|seed| {
            let (near, cases) = (scattered(8, &mut random), scatter(8, 40, 300, &mut random));
            seeded(params.clone(), &cases, &[true; 40], &near, seed)
                .first()
                .map_or(1.0, |c| c.p_monte_carlo)
        })
        .collect();
    p.sort_by(f64::total_cmp);
    // Kolmogorov's distance; 1.63/√400 is its 1 % point.
    let distance =
        p.iter().enumerate().map(|(i, p)| (p - (i as f64 + 0.5) / 400.0).abs()).fold(0.0, f64::max);
    assert!(distance < 0.0815, "{distance}");
    assert!(p.iter().filter(|p| **p <= 0.05).count() <= 32, "more than 5 % + 2.7 standard errors");
}

#[test]
fn a_cluster_put_in_is_found_with_its_areas_and_days_and_threads_do_not_matter() {
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let (near, mut cases) = (scattered(20, &mut random), scatter(20, 120, 2000, &mut random));
    let two: Vec<usize> = near.rings(10).concat()[..2].to_vec();
    for (area, day) in two.iter().flat_map(|a| (114..120).map(move |d| (*a, d))) {
        cases[[area, day]] += 5;
    }
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| clusters(ScanParams::default(), &cases, &[true; 120], &near))
    };
    let got = run(1);
    assert_eq!((&got[0].areas, got[0].days), (&two, (114, 119)));
    assert_eq!(got[0].p_monte_carlo, 0.001);
    assert!(got[0].p < 1e-6 && got[0].recurrence_days > 1e6, "{:?}", got[0]);
    assert_eq!(got, run(2));
}

#[test]
fn a_busy_area_and_a_busy_day_are_no_cluster_and_a_missing_day_is_no_quiet_one() {
    let near = scattered(3, &mut ChaCha8Rng::seed_from_u64(4));
    // Rank one: every cell is the product of its margins.
    let cases =
        Array2::from_shape_fn((3, 20), |(a, d)| (a as u32 + 1) * if d == 19 { 9 } else { 2 });
    let params = ScanParams { max_days: 7, max_share: 0.9, ..ScanParams::default() };
    assert_eq!(clusters(params.clone(), &cases, &[true; 20], &near), []);
    // Nothing arrived on some days: leaving them out, the table is of rank one as before.
    let (mut holed, mut usable) = (cases.clone(), [true; 20]);
    for day in [3, 15, 18] {
        holed.column_mut(day).fill(0);
        holed[[0, day]] = 50;
        usable[day] = false;
    }
    assert_eq!(clusters(params.clone(), &holed, &usable, &near), []);
    assert!(!clusters(params, &holed, &[true; 20], &near).is_empty());
}

#[test]
fn what_cannot_be_assessed_says_why_and_nothing_is_nothing() {
    let near = scattered(2, &mut ChaCha8Rng::seed_from_u64(5));
    let scan = Scan::new(ScanParams { max_days: 3, ..ScanParams::default() }).unwrap();
    let answer = |days: usize, usable: &[bool]| {
        scan.scan(Array2::zeros((2, days)).view(), usable, &near, 1).unwrap()
    };
    assert_eq!(
        answer(5, &[true; 5]),
        Outcome::NotAssessable("5 usable days of 6 needed (0 days of the feed are missing)".into())
    );
    let ended: Vec<bool> = (0..10).map(|d| d < 7).collect();
    assert_eq!(
        answer(10, &ended),
        Outcome::NotAssessable("the feed is missing on all of the last 3 days".into())
    );
    assert_eq!(answer(10, &[true; 10]), Outcome::Clusters(vec![]));
    assert!(scan.scan(Array2::zeros((2, 9)).view(), &[true; 10], &near, 1).is_err());
    assert_eq!(
        scan.scan(Array2::from_elem((2, 10), u32::MAX).view(), &[true; 10], &near, 1)
            .unwrap_or_else(|e| panic!("{e}")),
        { Outcome::NotAssessable("85899345900 cases are more than a scan can permute".into()) }
    );
}

#[test]
fn parameters_without_sense_are_named() {
    let flaw = |text: &str| Scan::from_params(&toml::from_str(text).unwrap()).unwrap_err().what;
    for (text, name) in [
        ("max_days = 0", "max_days"),
        ("max_share = nan", "max_share"),
        ("max_km = -1.0", "max_km"),
        ("min_cases = 0", "min_cases"),
        ("replicates = 0", "replicates"),
        ("every_days = 0.0", "every_days"),
        ("maxdays = 2", "maxdays"),
    ] {
        assert!(flaw(text).contains(name), "{text}");
    }
    let scan =
        Scan::from_params(&toml::from_str("MonteCarloReps = 99\nMaxTemporalSize = 7").unwrap())
            .unwrap();
    assert_eq!(
        scan,
        Scan::new(ScanParams { replicates: 99, max_days: 7, ..ScanParams::default() }).unwrap()
    );
}

#[test]
fn rare_clusters_are_those_of_the_whole_scan_to_the_last_digit() {
    let mut random = ChaCha8Rng::seed_from_u64(21);
    let (mut told, mut untold) = (0, 0);
    for round in 0..30 {
        let (near, mut cases) = (scattered(8, &mut random), scatter(8, 60, 300, &mut random));
        cases[[3, 59]] += round / 2;
        let scan = Scan::new(ScanParams { max_days: 14, replicates: 199, ..ScanParams::default() })
            .unwrap();
        let Outcome::Clusters(all) = scan.scan(cases.view(), &[true; 60], &near, 3).unwrap() else {
            panic!()
        };
        for most in [0.02, 0.06, 0.3] {
            let Outcome::Clusters(rare) =
                scan.scan_up_to(cases.view(), &[true; 60], &near, 3, most).unwrap()
            else {
                panic!()
            };
            let expected: Vec<Cluster> = all.iter().filter(|c| c.p <= most).cloned().collect();
            assert_eq!(format!("{rare:?}"), format!("{expected:?}"));
            told += rare.len();
            untold += usize::from(rare.is_empty());
        }
    }
    assert!(told > 5 && untold > 5, "{told} {untold}");
}

#[test]
fn where_cases_are_few_rare_clusters_are_as_rare_as_they_say() {
    const TABLES: u64 = 10_000;
    // In most permuted tables no cylinder has five cases: their largest statistic is zero.
    let params = ScanParams {
        max_days: 14,
        min_cases: 5,
        most_clusters: 1,
        replicates: 199,
        ..ScanParams::default()
    };
    let (mut random, scan) = (ChaCha8Rng::seed_from_u64(31), Scan::new(params).unwrap());
    let near = scattered(6, &mut random);
    let mut told = 0;
    for seed in 0..TABLES {
        let mut cases = Array2::zeros((6, 150));
        (0..50).for_each(|_| cases[[random.random_range(0..6), random.random_range(0..150)]] += 1);
        let found = scan.scan_up_to(cases.view(), &[true; 150], &near, seed, 0.0003).unwrap();
        let Outcome::Clusters(found) = found else { panic!("{found:?}") };
        told += found.len();
    }
    // Three are to be expected.
    assert!(told <= 8, "{told} of {TABLES}");
}
