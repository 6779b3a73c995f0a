//! Counties in which it is known what a letter did.

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Gamma, Poisson};

use super::*;

const AREAS: usize = 12;
const WEEKS: usize = 121;
const NIGHT: usize = 110;
/// The area that rises, where one does.
const RISING: usize = 7;
const LEVEL: f64 = 0.9;

/// How counts come about.
#[derive(Clone, Copy)]
struct World {
    /// Cases a week in an area of middling size.
    rate: f64,
    /// Variance by mean of a week's count.
    dispersion: f64,
    /// Spread of each area's slow fluctuations, and what is left of one after a week.
    wave: f64,
    memory: f64,
    /// Times as many cases in the area with the letter: in the four weeks before it, and after it.
    rise: f64,
    after: f64,
}

const CHANCE: World =
    World { rate: 5.0, dispersion: 1.5, wave: 0.0, memory: 0.0, rise: 1.0, after: 1.0 };

fn poisson(rng: &mut ChaCha8Rng, mean: f64) -> f64 {
    if mean > 0.0 { Poisson::new(mean).unwrap().sample(rng) } else { 0.0 }
}

fn normal(rng: &mut ChaCha8Rng) -> f64 {
    (0..12).map(|_| rng.random_range(0.0..1.0)).sum::<f64>() - 6.0
}

/// Weekly counts; the area at `chosen` rises.
fn study(world: World, chosen: usize, rng: &mut ChaCha8Rng) -> Vec<Vec<f64>> {
    let county_wide: Vec<f64> =
        (0..WEEKS).map(|w| 1.0 + 0.4 * (w as f64 / 52.0 * std::f64::consts::TAU).sin()).collect();
    (0..AREAS)
        .map(|i| {
            let size = world.rate * (0.4 + 1.2 * i as f64 / AREAS as f64);
            let mut wave = 0.0;
            (0..WEEKS)
                .map(|w| {
                    if world.wave > 0.0 {
                        wave = world.memory * wave
                            + world.wave * (1.0 - world.memory.powi(2)).sqrt() * normal(rng);
                    }
                    let lift = match w {
                        _ if i != chosen || w < NIGHT - BEFORE => 1.0,
                        _ if w < NIGHT => world.rise,
                        _ => world.after,
                    };
                    let mean = size * county_wide[w] * f64::exp(wave) * lift;
                    let shape = mean / (world.dispersion - 1.0);
                    let mean =
                        Gamma::new(shape.max(1e-6), world.dispersion - 1.0).unwrap().sample(rng);
                    poisson(rng, mean)
                })
                .collect()
        })
        .collect()
}

/// The area that stands out most, and whether it stands out enough for a letter.
fn picked(counts: &[Vec<f64>]) -> Option<usize> {
    let all = |weeks: Range<usize>| counts.iter().flat_map(|c| &c[weeks.clone()]).sum::<f64>();
    let now = all(NIGHT - BEFORE..NIGHT) / all(0..NIGHT - BEFORE);
    let z = |c: &Vec<f64>| {
        let usual = now * c[..NIGHT - BEFORE].iter().sum::<f64>();
        (c[NIGHT - BEFORE..NIGHT].iter().sum::<f64>() - usual) / (1.5 * usual).sqrt()
    };
    let best = (0..counts.len()).max_by(|a, b| z(&counts[*a]).total_cmp(&z(&counts[*b])))?;
    (z(&counts[best]) > 2.0).then_some(best)
}

/// Shares of letters judged to have fallen and to have risen, and those of a plain comparison of
/// before and after.
fn verdicts(world: World, rounds: u64, seed: u64) -> [f64; 3] {
    let (mut fell, mut rose, mut plainly, mut letters) = (0.0, 0.0, 0.0, 0.0);
    for round in 0..rounds {
        let mut rng = ChaCha8Rng::seed_from_u64(1000 * seed + round);
        let counts = study(world, RISING, &mut rng);
        let Some(treated) = picked(&counts).filter(|i| world.rise == 1.0 || *i == RISING) else {
            continue;
        };
        let eligible = vec![true; AREAS];
        let data = BeforeAfterData {
            counts: &counts,
            treated,
            eligible: &eligible,
            night: NIGHT,
            after: NIGHT + 3..NIGHT + 11,
            level: LEVEL,
        };
        let Ok(found) = before_after(&data) else { continue };
        assert!(
            found.lower <= found.ratio.max(found.lower) && found.lower <= found.upper,
            "{found:?}"
        );
        let sum = |i: usize, weeks: Range<usize>| counts[i][weeks].iter().sum::<f64>();
        let others = |weeks: Range<usize>| {
            found.comparators.iter().map(|i| sum(*i, weeks.clone())).sum::<f64>()
        };
        let change = others(NIGHT + 3..NIGHT + 11) / others(NIGHT - BEFORE..NIGHT);
        let plain =
            Interval::new(found.observed, found.before * change, 1.5, 1.5 / found.before, LEVEL);
        letters += 1.0;
        fell += f64::from(found.upper < 1.0);
        rose += f64::from(found.lower > 1.0);
        plainly += f64::from(plain.upper < 1.0);
    }
    assert!(letters > 0.1 * rounds as f64, "{letters} letters");
    println!("{letters} letters: fell {fell}, rose {rose}, fell plainly {plainly}");
    [fell, rose, plainly].map(|n| n / letters)
}

#[test]
fn what_stands_out_by_chance_is_not_called_a_success() {
    let [fell, rose, plainly] = verdicts(CHANCE, 1200, 1);
    assert!((0.015..0.075).contains(&fell), "fell {fell}: one in twenty is the level");
    assert!(rose < 0.05, "rose {rose}");
    assert!(plainly > 2.0 * fell, "without drawing in, {plainly}");
}

#[test]
fn nor_is_a_slow_wave_that_ebbs() {
    for (memory, wave) in [(0.9, 0.3), (0.98, 0.3)] {
        let [fell, rose, _] = verdicts(World { wave, memory, ..CHANCE }, 300, 2);
        assert!(fell < 0.08 && rose < 0.06, "memory {memory}: fell {fell}, rose {rose}");
    }
}

#[test]
fn a_rise_that_stays_is_no_sign() {
    let [fell, rose, _] = verdicts(World { rise: 2.5, after: 2.5, ..CHANCE }, 250, 3);
    assert!(fell < 0.05 && rose < 0.08, "fell {fell}, rose {rose}");
}

#[test]
fn a_fall_below_the_usual_is_seen_and_so_is_a_rise_beyond_the_rise() {
    let busy = World { rate: 20.0, ..CHANCE };
    let [fell, ..] = verdicts(World { rise: 1.6, after: 0.6, ..busy }, 100, 4);
    let [_, rose, _] = verdicts(World { rise: 1.6, after: 3.2, ..busy }, 100, 5);
    assert!(fell > 0.8 && rose > 0.8, "fell {fell}, rose {rose}");
}

#[test]
fn too_little_to_judge_by_is_said() {
    let mut rng = ChaCha8Rng::seed_from_u64(6);
    let mut counts = study(CHANCE, RISING, &mut rng);
    let eligible = vec![true; AREAS];
    let ask = |counts: &[Vec<f64>], eligible: &[bool], night: usize| {
        before_after(&BeforeAfterData {
            counts,
            treated: RISING,
            eligible,
            night,
            after: night + 2..night + 10,
            level: LEVEL,
        })
        .map(|e| e.comparators.len())
    };
    assert_eq!(ask(&counts, &eligible, NIGHT), Ok(MOST));
    assert!(ask(&counts, &eligible, 40).unwrap_err().contains("不足52周"));
    assert!(ask(&counts, &[false; AREAS], NIGHT).is_err());
    let rare: Vec<Vec<f64>> = counts
        .iter()
        .map(|c| c.iter().enumerate().map(|(w, _)| f64::from(w % 50 == 0)).collect())
        .collect();
    assert!(ask(&rare, &eligible, NIGHT).unwrap_err().contains("过少"));
    for course in &mut counts {
        course[NIGHT + 2..NIGHT + 7].fill(f64::NAN);
    }
    assert_eq!(ask(&counts, &eligible, NIGHT), Err("评估期8周中仅3周数据完整".to_owned()));
}
