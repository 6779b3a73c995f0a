//! Independent series are not linked, following ones are, and at the right lag.

use rand::RngExt;
use rand_distr::{Distribution, Poisson, StandardNormal};

use super::*;

/// A slow wave with memory 0.8, and weekly counts about a season that follow it `lag` weeks later.
fn counts(n: usize, lag: usize, wave: &[f64], weight: f64, random: &mut ChaCha8Rng) -> Vec<f64> {
    let season = |t: usize| 0.5 * (std::f64::consts::TAU * t as f64 / 52.0).cos();
    let mean = |t: usize| {
        (1.5 + season(t) + 0.002 * t as f64 + weight * if t >= lag { wave[t - lag] } else { 0.0 })
            .exp()
    };
    (0..n).map(|t| Poisson::new(mean(t)).unwrap().sample(random)).collect()
}

fn wave(n: usize, random: &mut ChaCha8Rng) -> Vec<f64> {
    let mut level = 0.0;
    let mut step = || {
        let shock: f64 = StandardNormal.sample(random);
        level = 0.8 * level + 0.6 * shock;
        level
    };
    (0..n).map(|_| step()).collect()
}

fn association(a: &[f64], b: &[f64], seed: u64) -> Association {
    let reduced = |y: &[f64]| innovations(y, 52, None).unwrap();
    match associate(&reduced(a), &reduced(b), &AssociationParams::default(), seed).unwrap() {
        Outcome::Association(found) => found,
        Outcome::NotAssessable(why) => panic!("{why}"),
    }
}

#[test]
fn independent_series_with_memory_have_p_not_below_uniform() {
    let mut random = ChaCha8Rng::seed_from_u64(11);
    let mut p: Vec<f64> = (0..400)
        .map(|i| {
            let (u, v) = (wave(156, &mut random), wave(156, &mut random));
            association(
                &counts(156, 0, &u, 0.6, &mut random),
                &counts(156, 0, &v, 0.6, &mut random),
                i,
            )
            .p
        })
        .collect();
    p.sort_by(f64::total_cmp);
    // One-sided Kolmogorov: by how much the share of p below x exceeds x; 1.52/√400 is its 1 %
    // point.
    let excess = p.iter().enumerate().map(|(i, p)| (i + 1) as f64 / 400.0 - p).fold(0.0, f64::max);
    assert!(excess < 0.076, "{excess}");
    let small = p.iter().filter(|p| **p <= 0.05).count();
    assert!(small <= 32, "{small} of 400 are at or below 0.05");
}

#[test]
fn a_long_gap_makes_no_association() {
    let mut random = ChaCha8Rng::seed_from_u64(14);
    let mut noise = |from: usize| {
        (0..261).map(|t| if t < from { f64::NAN } else { random.random() }).collect::<Vec<f64>>()
    };
    let p: Vec<f64> = (0..200)
        .map(|i| {
            match associate(&noise(200), &noise(190), &AssociationParams::default(), i).unwrap() {
                Outcome::Association(found) => found.p,
                Outcome::NotAssessable(why) => panic!("{why}"),
            }
        })
        .collect();
    let small = p.iter().filter(|p| **p <= 0.05).count();
    assert!(small <= 20, "{small} of 200 are at or below 0.05");
}

#[test]
fn a_series_that_follows_another_is_found_at_its_lag() {
    let mut random = ChaCha8Rng::seed_from_u64(12);
    let mut right = 0;
    for i in 0..40 {
        let u = wave(208, &mut random);
        let (a, b) = (counts(208, 0, &u, 0.8, &mut random), counts(208, 3, &u, 0.8, &mut random));
        let found = association(&a, &b, i);
        right += usize::from(found.best.lag == 3 && found.best.rho > 0.0 && found.p <= 0.01);
    }
    assert!(right >= 36, "{right} of 40");
}

#[test]
fn at_lag_zero_it_is_spearmans_correlation_and_gaps_are_left_out() {
    let (a, b) = ([1.0, 2.0, 3.0, 4.0, 5.0], [5.0, 6.0, 7.0, 8.0, 7.0]);
    // scipy.stats.spearmanr(a, b).
    assert!(
        (Ranked::new(&a).lagged(&Ranked::new(&b), 0, 2).rho - 0.820_782_681_668_123_3).abs()
            < 1e-15
    );
    let got = Ranked::new(&[1.0, f64::NAN, 3.0, 2.0]).lagged(
        &Ranked::new(&[9.0, 1.0, f64::NAN, 3.0]),
        1,
        1,
    );
    assert_eq!((got.lag, got.pairs), (1, 2));
    assert_eq!(Ranked::new(&a).lagged(&Ranked::new(&b), 9, 1).pairs, 0);
}

#[test]
fn the_seed_decides_and_a_permutation_stops_early_where_nothing_is_found() {
    let mut random = ChaCha8Rng::seed_from_u64(13);
    let noise: Vec<Vec<f64>> =
        (0..2).map(|_| (0..120).map(|_| random.random()).collect()).collect();
    let run = |seed| associate(&noise[0], &noise[1], &AssociationParams::default(), seed).unwrap();
    assert_eq!(run(1), run(1));
    let Outcome::Association(found) = run(1) else { panic!() };
    assert!(
        found.permutations < 999 && (found.p - 20.0 / found.permutations as f64).abs() < 1e-15,
        "{found:?}"
    );
    let Outcome::Association(same) =
        associate(&noise[0], &noise[0], &AssociationParams::default(), 1).unwrap()
    else {
        panic!()
    };
    assert_eq!((same.best.lag, same.permutations), (0, 999));
    assert!(same.p < 1e-20, "{}", same.p);
    assert!((same.best.rho - 1.0).abs() < 1e-12);
}

#[test]
fn too_few_or_constant_or_unequal_series_are_told_apart_from_no_association() {
    let run = |a: &[f64], b: &[f64]| associate(a, b, &AssociationParams::default(), 1);
    let line: Vec<f64> = (0..50).map(f64::from).collect();
    let why =
        |outcome| if let Ok(Outcome::NotAssessable(why)) = outcome { why } else { String::new() };
    assert_eq!(
        why(run(&line[..20], &line[..20])),
        "20 time points at which both are known, of 30 needed"
    );
    assert_eq!(
        why(run(&[f64::NAN; 50], &line)),
        "0 time points at which both are known, of 30 needed"
    );
    assert_eq!(why(run(&[1.0; 50], &line)), "one of the two does not vary");
    assert_eq!(why(run(&[], &[])), "0 time points at which both are known, of 30 needed");
    assert!(run(&line, &line[1..]).is_err());
    for text in ["permutations = 0", "exceedances = 0", "least = 1", "block = 0", "lag = 3"] {
        let flaw = AssociationParams::from_params(&toml::from_str(text).unwrap()).unwrap_err();
        assert!(flaw.what.contains(text.split(' ').next().unwrap()), "{flaw}");
    }
}
